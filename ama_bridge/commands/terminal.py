"""What people see: a progress bar, the table of suggestions, figures, and errors as one sentence. Rich is imported when it is needed."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, assert_never

from ama_analysis.errors import AmaError
from ama_analysis.measurements import TrackMeasurements
from ama_analysis.plan import (
    MASTER,
    Action,
    Compressor,
    Effect,
    MixPlan,
    Sidechain,
    Suggestion,
)
from ama_analysis.progress import OnProgress
from ama_bridge.daw.port import Receipt, Reverted

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from ama_analysis.advise import Rendered, Written

PATIENCE_S: Final = 1.0
"""Work that is done sooner shows no bar."""


def out(text: str = "") -> None:
    """Print a line on stdout."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def note(text: str) -> None:
    """Print a line on stderr."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def complain(error: AmaError) -> None:
    """Print an error as one line on stderr."""
    note(f"ama: {error.sentence()} [{error.code}]".replace("\n", " "))


@contextmanager
def progress_bar(what: str) -> Iterator[OnProgress]:
    """Give a callable that draws a bar on stderr, if that is a terminal and the work takes longer than `PATIENCE_S`."""
    bar = _Bar(what)
    try:
        yield bar
    finally:
        bar.close()


class _Bar:
    def __init__(self, what: str) -> None:
        self._what = what
        self._start_s = time.monotonic()
        self._drawn: tuple[Progress, TaskID] | None = None
        self._wanted = sys.stderr.isatty()

    def __call__(self, fraction: float, stage: str) -> None:
        if not self._wanted or time.monotonic() - self._start_s < PATIENCE_S:
            return
        if self._drawn is None:
            self._drawn = self._draw()
        progress, task = self._drawn
        progress.update(task, completed=fraction, description=f"{self._what}: {stage}")

    def _draw(self) -> tuple[Progress, TaskID]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
        progress = Progress(*columns, console=Console(stderr=True), transient=True)
        progress.start()
        return progress, progress.add_task(self._what, total=1.0)

    def close(self) -> None:
        if self._drawn is not None:
            self._drawn[0].stop()


def print_plan(plan: MixPlan) -> None:
    """Print the suggestions with their reasons, track by track, and what they bring."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    narrow = console.width < _NARROW
    for title, options in _COLUMNS.items():
        if not (narrow and title == "because"):
            table.add_column(title, **(options | {"min_width": None} if narrow else options))
    for name, suggestions in _by_track(plan):
        table.add_row(Text(name, style="bold"))
        for suggestion in suggestions:
            because = Text(suggestion.because)
            action = suggestion.action
            table.add_row(
                Text(f"  {in_words(action, trigger=_trigger(action, plan))}", style="cyan"),
                f"{suggestion.confidence:.0%}",
                _nearer(suggestion.effect),
                *(() if narrow else (because,)),
            )
            if narrow:
                table.add_row(because)
    if plan.suggestions:
        console.print(table)
    for line in summary_lines(plan):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


_NARROW: Final = 60
"""A terminal of fewer columns has no room for reasons beside the suggestions: they stand below."""
_COLUMNS: Final[dict[str, dict[str, Any]]] = {
    "suggestion": {"min_width": 30, "overflow": "fold"},
    "sure": {"justify": "right"},
    "distance": {"justify": "right"},
    "because": {"ratio": 1},
}


def _nearer(effect: Effect | None) -> str:
    """Return by how much a suggestion changes the distance; in brackets where it serves its role and not the distance."""
    if effect is None or abs(effect.distance_delta) < 5e-5:
        return "."
    change = f"{effect.distance_delta:+.4f}"
    return f"({change})" if effect.marked else change


def _by_track(plan: MixPlan) -> Iterator[tuple[str, list[Suggestion]]]:
    names = {track.id: track.name for track in plan.session.tracks} | {MASTER: MASTER}
    for track_id, name in names.items():
        suggestions = [s for s in plan.suggestions if s.track == track_id]
        if suggestions:
            yield name, suggestions


def summary_lines(plan: MixPlan) -> list[str]:
    """Return the plan's warnings, its target, and the distances before and after."""
    lines = [f"Note: {warning}" for warning in plan.warnings]
    aim = ", ".join(plan.target.references) if plan.target.kind == "reference" else plan.target.name
    lines.append(
        f"Target: {aim}; {plan.target.loudness_lufs:.1f} LUFS, {plan.target.ceiling_dbtp:.1f} dBTP."
    )
    verified = plan.verification
    if verified is not None:
        lines.append(
            f"Distance to the target ({verified.metric}): {verified.before:.3f} before, "
            f"{verified.after:.3f} after {len(plan.suggestions)} suggestions."
        )
        tonal = verified.parts.get("tonal_db")
        if tonal:
            lines.append(f"Tonal balance: {tonal[0]:.2f} dB apart before, {tonal[1]:.2f} dB after.")
    return lines


def in_words(action: Action, *, trigger: str = "") -> str:  # noqa: PLR0911  # one line a kind
    """Return an action's values as people say them; `trigger` is the name of the track that a side-chain listens to."""
    match action.kind:
        case "gain":
            return _fader(action.delta_db)
        case "pan":
            return f"pan {position(action.pan)}"
        case "high_pass" | "low_pass":
            what = action.kind.replace("_", "-")
            return f"{what} {action.cutoff_hz:.0f} Hz, {action.slope_db_per_oct} dB/oct"
        case "eq_band" | "master_eq":
            shape = action.type.replace("_", " ")
            return (
                f"EQ {shape} {action.gain_db:+.1f} dB at {action.freq_hz:.0f} Hz, Q {action.q:.2f}"
            )
        case "compressor":
            return f"compressor {_dynamics(action)}"
        case "gate":
            return (
                f"gate {action.threshold_db:.1f} dB, {action.ratio:.1f}:1 below,"
                f" {action.attack_ms:g}/{action.release_ms:g} ms"
            )
        case "sidechain":
            return f"side-chain from {trigger or action.trigger}, {_dynamics(action)}"
        case "polarity":
            turned = "polarity inverted" if action.invert else "polarity as it is"
            return f"{turned}, delay {action.delay_ms:.2f} ms"
        case "limiter":
            return f"gain {action.gain_db:+.1f} dB, limiter at {action.ceiling_dbtp:.1f} dBTP"
        case _:
            assert_never(action)


def _fader(delta_db: float) -> str:
    """Return the step alone: what the fader shows in a DAW depends on its pan law."""
    return "fader stays" if round(delta_db, 1) == 0.0 else f"fader {delta_db:+.1f} dB"


def _trigger(action: Action, plan: MixPlan) -> str:
    names = {track.id: track.name for track in plan.session.tracks}
    return names.get(action.trigger, "") if isinstance(action, Sidechain) else ""


def _dynamics(action: Compressor | Sidechain) -> str:
    return (
        f"{action.threshold_db:.1f} dB, {action.ratio:.1f}:1, {action.attack_ms:g}/{action.release_ms:g} ms,"
        f" knee {action.knee_db:g}, make-up {action.makeup_db:+.1f} dB"
    )


def position(pan: float) -> str:
    """Return a pan as L40, C or R40."""
    percent = round(abs(pan) * 100)
    return "C" if percent == 0 else f"{'L' if pan < 0 else 'R'}{percent}"


def rendered_lines(rendered: Rendered) -> list[str]:
    """Return what was written, with its levels."""
    return [written_line(one) for one in (rendered.after, rendered.before) if one is not None]


def receipt_lines(receipt: Receipt) -> list[str]:
    """Return what became of a plan that was handed over."""
    counts = [f"{len(receipt.applied)} applied"]
    counts += [f"{len(receipt.skipped)} left out"] if receipt.skipped else []
    counts += [f"{len(receipt.conflicting)} in conflict"] if receipt.conflicting else []
    if receipt.read_back:
        counts.append(f"{len(receipt.read_back)} values read back")
    lines = [f"{receipt.daw}: {', '.join(counts)}."]
    lines += [f"Note: {note}" for note in receipt.notes]
    lines += [f"  left out    {one.suggestion}: {one.reason}" for one in receipt.skipped]
    lines += [f"  in conflict {one.suggestion}: {one.reason}" for one in receipt.conflicting]
    return lines


def reverted_lines(reverted: Reverted) -> list[str]:
    """Return what was taken back."""
    head = f"{reverted.daw}: {len(reverted.restored)} taken back"
    lines = [f"{head}; {reverted.note}." if reverted.note else f"{head}."]
    lines += [f"  left        {line}" for line in reverted.conflicting]
    lines += [f"  not there   {line}" for line in reverted.gone]
    return lines


def written_line(written: Written) -> str:
    """Return a file that was written, with its levels."""
    lufs, peak = level(written.integrated_lufs, "LUFS"), level(written.true_peak_dbtp, "dBTP")
    return f"{written.path}: {lufs}, true peak {peak}"


def level(value: float | None, unit: str) -> str:
    """Return a level with its unit, or "none"."""
    return "none" if value is None else f"{value:.1f} {unit}"


_FIGURES: Final = (" LUFS", "LU range", " dBTP", "RMS dBFS", "crest dB", "width", "correlation")


def print_figures(files: Sequence[tuple[str, TrackMeasurements]]) -> None:
    """Print the main figures of files, one a line, the name at its end (a long one would break a table)."""
    out("  ".join((*_FIGURES, "file")))
    for name, figures in files:
        loudness, dynamics, stereo = figures.loudness, figures.dynamics, figures.stereo
        numbers = (
            loudness.integrated_lufs,
            loudness.loudness_range_lu,
            loudness.true_peak_dbtp,
            dynamics.rms_dbfs,
            dynamics.crest_factor_db,
        )
        shown = ["-" if n is None else f"{n:.1f}" for n in numbers]
        shown += [f"{stereo.width:.2f}", f"{stereo.correlation:.2f}"]
        padded = (text.rjust(len(title)) for text, title in zip(shown, _FIGURES, strict=True))
        clipped = f"  clipped at {dynamics.clips} places" if dynamics.clips else ""
        out("  ".join((*padded, name)) + clipped)
