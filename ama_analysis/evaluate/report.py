"""The result of a comparison as a document and as a page of Markdown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from ama_analysis.evaluate.runs import Run, run_to_json
from ama_analysis.evaluate.summary import (
    Cells,
    FaderRow,
    MatchRow,
    cells,
    fader_summary,
    match_summary,
)
from ama_analysis.evaluate.systems import System
from ama_analysis.evaluate.tables import cell_table, fader_table, match_table
from ama_analysis.evaluate.units import KINDS

SCHEMA: Final = "ama.evaluation/1"
_BY: Final[Mapping[str, Literal["reference", "session"]]] = {
    "by reference": "reference",
    "by session": "session",
}
_FIGURES: Final = {"af_star": "AF*", "tonal_db": "1/3-octave error, dB"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """When, on what and how a comparison was made, in words; versions by name of what is not told by the runs."""

    date: str
    machine: str
    command: str
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """All runs of a comparison, the systems in their order, and what was left out, in words."""

    runs: tuple[Run, ...]
    systems: tuple[System, ...]
    notes: tuple[str, ...]
    circumstances: Circumstances

    def to_json(self) -> dict[str, Any]:
        """Return the document `ama.evaluation/1`."""
        return {
            "schema": SCHEMA,
            **asdict(self.circumstances),
            "notes": list(self.notes),
            "match": [asdict(row) for row in match_summary(self.runs, self.systems)],
            "faders": [asdict(row) for row in fader_summary(self.runs, self.systems)],
            "runs": [run_to_json(run) for run in self.runs],
        }

    def tables(self) -> list[str]:
        """Return the tables of the whole, each with its heading, of the tasks that were done."""
        match = match_summary(self.runs, self.systems)
        faders = fader_summary(self.runs, self.systems)
        tables = [f"### Another song as reference\n\n{match_table(match)}"] if match else []
        return tables + ([f"### Scrambled faders\n\n{fader_table(faders)}"] if faders else [])

    def markdown(self) -> str:
        """Return the page: circumstances, tables of the whole, what was left out, tables by reference and session."""
        how = self.circumstances
        head = f"{how.date}, {how.machine}\n\n    {how.command}\n"
        details = [cell_table(one) for one in (*self._match_cells(), *self._fader_cells())]
        notes = [f"* {note}" for note in self.notes]
        return "\n\n".join([head, *self.tables(), *notes, *details]) + "\n"

    def _match_cells(self) -> list[Cells]:
        mine = [run for run in self.runs if run.task == "match"]
        return [
            cells(f"{name} {title} (mean)", mine, self.systems, by=by, figure=figure)
            for title, by in _BY.items()
            for figure, name in _FIGURES.items()
            if mine
        ]

    def _fader_cells(self) -> list[Cells]:
        tables = []
        for kind in KINDS:
            mine = [run for run in self.runs if run.task == "faders" and run.kind == kind]
            title = f"Fader error by session, dB: {kind} (mean)"
            if mine:
                tables.append(cells(title, mine, self.systems, by="session", figure="fader_db"))
        return tables


def rows_of(document: Mapping[str, Any]) -> tuple[tuple[MatchRow, ...], tuple[FaderRow, ...]]:
    """Return the summaries that a document of `to_json` holds."""
    return (
        tuple(MatchRow(**row) for row in document["match"]),
        tuple(FaderRow(**row) for row in document["faders"]),
    )
