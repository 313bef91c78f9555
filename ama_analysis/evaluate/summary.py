"""Runs to rows: what each system reached over all cases, by reference and by session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from ama_analysis.evaluate.runs import Run
from ama_analysis.evaluate.systems import BASELINE, System

AS_IT_IS: Final = "the scramble as it is"
"""The baseline where faders count."""
_SAME: Final = 1.0 + 1e-4
"""A ratio up to this counts as not worse: rounding of the files that are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRow:
    """One system over all sessions and references; medians, but for `af_star_mean`. None: not told by this system."""

    system: str
    title: str
    cases: int
    af_star: float
    af_star_mean: float
    ratio: float
    not_worse: int
    af: float
    tonal_db: float
    width_db: float
    crest_db: float
    plr_db: float
    lra_lu: float
    moves: float | None
    gain_db: float | None
    eq_db: float | None
    eq_bands: float | None
    wall_s: float | None
    cpu_s: float | None
    peak_mb: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaderRow:
    """One system on one kind of reference: means over sessions and seeds of the fader error (dB; `there_db` of the tracks that the reference lets hear) and the pan error; the worst session's."""

    system: str
    title: str
    kind: str
    cases: int
    fader_db: float
    there_db: float
    pan: float
    worst_session_db: float
    wall_s: float | None
    cpu_s: float | None
    peak_mb: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A table of one figure: `values` by (row, column)."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: dict[tuple[str, str], float] = field(default_factory=dict)


def match_summary(runs: Iterable[Run], systems: Sequence[System]) -> tuple[MatchRow, ...]:
    """Return a row a system that has runs of the task `match`."""
    scored = [run for run in runs if run.task == "match" and run.rows]
    base = {(r.session, r.reference): r for r in scored if r.system == BASELINE}
    rows = []
    for system in systems:
        mine = [run for run in scored if run.system == system.name]
        if mine:
            rows.append(_match_row(system, mine, base))
    return tuple(rows)


def _match_row(system: System, runs: Sequence[Run], base: dict[tuple[str, str], Run]) -> MatchRow:
    def median(name: str) -> float:
        return float(np.median([run.rows[name] for run in runs]))

    ratios = [
        run.rows["af_star"] / max(base[run.session, run.reference].rows["af_star"], 1e-9)
        for run in runs
        if (run.session, run.reference) in base
    ]
    stars = [run.rows["af_star"] for run in runs]
    moves = [run.moves for run in runs if run.moves is not None]
    return MatchRow(
        system=system.name,
        title=system.title,
        cases=len(runs),
        af_star=median("af_star"),
        af_star_mean=float(np.mean(stars)),
        ratio=float(np.median(ratios)) if ratios else float("nan"),
        not_worse=sum(ratio <= _SAME for ratio in ratios),
        af=median("af"),
        tonal_db=median("tonal_db"),
        width_db=median("width_db"),
        crest_db=median("crest_db"),
        plr_db=median("plr_db"),
        lra_lu=median("lra_lu"),
        moves=_median(m.count for m in moves),
        gain_db=_median(m.mean_gain_db for m in moves),
        eq_db=_median(m.mean_eq_db for m in moves),
        eq_bands=_median(m.eq_bands for m in moves),
        wall_s=_median(run.wall_s for run in runs),
        cpu_s=_median(run.cpu_s for run in runs),
        peak_mb=_median(run.peak_mb for run in runs),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None


def fader_summary(runs: Iterable[Run], systems: Sequence[System]) -> tuple[FaderRow, ...]:
    """Return a row for each system and kind of reference that has runs of the task `faders`."""
    scored = [run for run in runs if run.task == "faders" and run.rows]
    rows = []
    for system in systems:
        for kind in dict.fromkeys(run.kind for run in scored):
            mine = [run for run in scored if run.system == system.name and run.kind == kind]
            if mine:
                rows.append(_fader_row(system, kind, mine))
    return tuple(rows)


def _fader_row(system: System, kind: str, runs: Sequence[Run]) -> FaderRow:
    sessions = dict.fromkeys(run.session for run in runs)
    by_session = [
        float(np.mean([run.rows["fader_db"] for run in runs if run.session == name]))
        for name in sessions
    ]
    return FaderRow(
        system=system.name,
        title=AS_IT_IS if system.name == BASELINE else system.title,
        kind=kind,
        cases=len(runs),
        fader_db=float(np.mean([run.rows["fader_db"] for run in runs])),
        there_db=float(np.mean([run.rows["fader_there_db"] for run in runs])),
        pan=float(np.mean([run.rows["pan"] for run in runs])),
        worst_session_db=max(by_session),
        wall_s=_median(run.wall_s for run in runs),
        cpu_s=_median(run.cpu_s for run in runs),
        peak_mb=_median(run.peak_mb for run in runs),
    )


def cells(
    title: str,
    runs: Iterable[Run],
    systems: Sequence[System],
    *,
    by: Literal["session", "reference"],
    figure: str,
) -> Cells:
    """Return the mean of a figure by session or reference and system."""
    found: dict[tuple[str, str], list[float]] = {}
    for run in runs:
        row = run.session if by == "session" else run.reference
        if figure in run.rows:
            found.setdefault((row, run.system), []).append(run.rows[figure])
    shown = [system for system in systems if any(name == system.name for _, name in found)]
    titles = {system.name: system.title for system in shown}
    return Cells(
        title=title,
        rows=tuple(dict.fromkeys(row for row, _ in found)),
        columns=tuple(titles.values()),
        values={(row, titles[name]): float(np.mean(v)) for (row, name), v in found.items()},
    )
