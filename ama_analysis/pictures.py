"""Pictures of measurements: where people would rather look than read.

Drawn with matplotlib's object interface (no global state, no display). Colours are those of Okabe and Ito (2008), told apart by people
with any colour vision; lines differ in shape too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ama_analysis.bands import OCTAVE_HZ, THIRD_OCTAVE_HZ, TONAL_BANDS
from ama_analysis.plan import Verification
from ama_analysis.target import ANYTHING_DB
from ama_analysis.whole_file import whole_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BEFORE: Final = "#999999"
AFTER: Final = "#0072B2"
AIM: Final = "#D55E00"
_TICKS_HZ: Final = (31.5, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)
_SIZE_INCHES: Final = (10.0, 8.5)
_DPI: Final = 130
_HEAD_INCHES: Final = 1.2
_ROW_INCHES: Final = 0.3
_LONGEST_NAME: Final = 40


def tonal_balance_png(path: Path, verified: Verification, *, title: str, aim: str) -> None:
    """Draw the mix before and after against its aim: third-octave levels, their difference from the aim, and the width by octave."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE_INCHES, dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    levels, difference, width = figure.subplots(3, 1, sharex=True, height_ratios=(3, 2, 1.6))
    _levels(levels, verified, aim)
    _difference(difference, verified, aim)
    _width(width, verified, aim)
    levels.set_title(title, loc="left", fontweight="bold")
    summary = f"{verified.metric} {verified.before:.3f} before, {verified.after:.3f} after"
    levels.set_title(summary, loc="right", fontsize=10)
    with whole_file(path) as part:
        figure.savefig(part, format="png")


def _levels(axes: Axes, verified: Verification, aim: str) -> None:
    freq_hz = THIRD_OCTAVE_HZ[TONAL_BANDS]
    goal, spread = np.array(verified.aim.third_octave_db), np.array(verified.aim_spread_db)
    axes.fill_between(freq_hz, goal - spread, goal + spread, color=AIM, alpha=0.18, lw=0)
    axes.plot(freq_hz, goal, color=AIM, lw=2, ls="--", label=aim)
    axes.plot(
        freq_hz, verified.mix_before.third_octave_db, color=BEFORE, lw=2, ls=":", label="before"
    )
    axes.plot(freq_hz, verified.mix_after.third_octave_db, color=AFTER, lw=2, label="after")
    axes.set_ylabel("third-octave level\n(dB re the whole)")
    profiles = (verified.aim, verified.mix_before, verified.mix_after)
    drawn = np.array([profile.third_octave_db for profile in profiles])
    axes.set_ylim(max(float(drawn.min()) - 3.0, -60.0), float(drawn.max()) + 3.0)
    axes.legend(loc="lower left", frameon=False)
    _by_frequency(axes)


def _difference(axes: Axes, verified: Verification, aim: str) -> None:
    freq_hz = THIRD_OCTAVE_HZ[TONAL_BANDS]
    goal, spread = np.array(verified.aim.third_octave_db), np.array(verified.aim_spread_db)
    axes.fill_between(freq_hz, -spread, spread, color=AIM, alpha=0.18, lw=0)
    axes.axhline(0.0, color=AIM, lw=1.5, ls="--")
    compared, limit = spread < ANYTHING_DB, 6.0
    for profile, colour, style, name in (
        (verified.mix_before, BEFORE, ":", "before"),
        (verified.mix_after, AFTER, "-", "after"),
    ):
        apart = np.array(profile.third_octave_db) - goal
        apart -= np.median(apart[compared])
        mean = verified.parts["tonal_db"][0 if name == "before" else 1]
        axes.plot(
            freq_hz, apart, color=colour, ls=style, lw=2, label=f"{name}: {mean:.1f} dB in the mean"
        )
        limit = max(limit, float(np.max(np.abs(apart[compared]), initial=0.0)) + 1.0)
    axes.set_ylim(-min(limit, 24.0), min(limit, 24.0))
    axes.set_ylabel(f"apart from the\n{aim.split()[0]} (dB)")
    axes.legend(loc="upper right", frameon=False, ncols=2)
    _by_frequency(axes)


def _width(axes: Axes, verified: Verification, aim: str) -> None:
    for profile, colour, style, name in (
        (verified.aim, AIM, "--", aim),
        (verified.mix_before, BEFORE, ":", "before"),
        (verified.mix_after, AFTER, "-", "after"),
    ):
        axes.plot(OCTAVE_HZ, profile.width_by_octave_db, color=colour, ls=style, lw=2, label=name)
    axes.set_ylim(max(axes.get_ylim()[0], -45.0), min(max(axes.get_ylim()[1], 0.0), 15.0))
    axes.set_ylabel("width: side re mid\nby octave (dB)")
    axes.set_xlabel("frequency (Hz)")
    _by_frequency(axes)


def distances_png(path: Path, rows: Sequence[tuple[str, float, float]], *, metric: str) -> None:
    """Draw how far mixes are from their target, a line each: its name, the distance before and after."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    height = _HEAD_INCHES + _ROW_INCHES * len(rows)
    figure = Figure(figsize=(_SIZE_INCHES[0], height), dpi=_DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    names, before, after = zip(*rows, strict=True)
    at = range(len(rows))
    axes.hlines(at, before, after, color=BEFORE, lw=2)
    axes.plot(before, at, "o", color=BEFORE, label="before", ms=7)
    axes.plot(after, at, "D", color=AFTER, label="after", ms=7)
    axes.set_yticks(at, [_shortened(name) for name in names], parse_math=False)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(left=0.0)
    axes.set_xlabel(f"distance to the target ({metric}), 0 is there")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), frameon=False, ncols=2)
    axes.grid(visible=True, axis="x", color="#dddddd", lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)
    with whole_file(path) as part:
        figure.savefig(part, format="png")


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..."


def _by_frequency(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.set_xlim(28.0, 18_000.0)
    labels = [f"{hz:g}" if hz < 1000 else f"{hz / 1000:g}k" for hz in _TICKS_HZ]
    axes.set_xticks(_TICKS_HZ, labels)
    axes.minorticks_off()
    axes.grid(visible=True, color="#dddddd", lw=0.8)
    axes.spines[["top", "right"]].set_visible(False)
