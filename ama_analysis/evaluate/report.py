"""The result of a comparison as a document and as Markdown tables (for a README, a page, a terminal)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from ama_analysis.evaluate.runs import Run, run_to_json
from ama_analysis.evaluate.summary import (
    Cells,
    FaderRow,
    cells,
    fader_summary,
    match_summary,
)
from ama_analysis.evaluate.systems import System
from ama_analysis.evaluate.units import KINDS

SCHEMA: Final = "ama.evaluation/1"
_NONE: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """When, on what and how a comparison was made, in words."""

    date: str
    machine: str
    command: str
    versions: dict[str, str]


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
        """Return the two tables of the whole, each with its heading, of the tasks that were done."""
        tables = []
        if any(run.task == "match" for run in self.runs):
            tables.append("### Another song as reference\n\n" + self._match_table())
        if any(run.task == "faders" for run in self.runs):
            rows = fader_summary(self.runs, self.systems)
            tables.append("### Scrambled faders\n\n" + fader_table(rows))
        return tables

    def markdown(self) -> str:
        """Return the page: circumstances, tables of the whole, what was left out, tables by reference and session."""
        how = self.circumstances
        head = f"{how.date}, {how.machine}\n\n    {how.command}\n"
        parts = [head, *self.tables(), *(f"* {note}" for note in self.notes)]
        match = [run for run in self.runs if run.task == "match"]
        for title, row in (("by reference", "reference"), ("by session", "session")):
            for figure, name in (("af_star", "AF*"), ("tonal_db", "1/3-octave error, dB")):
                table = cells(
                    f"{name} {title} (mean)",
                    match,
                    self.systems,
                    row=lambda run, by=row: str(getattr(run, by)),  # type: ignore[misc]  # bound at once
                    figure=figure,
                )
                parts += [cell_table(table)] if table.rows else []
        for kind in KINDS:
            mine = [run for run in self.runs if run.task == "faders" and run.kind == kind]
            table = cells(
                f"Fader error by session, dB: {kind} (mean)",
                mine,
                self.systems,
                row=lambda run: run.session,
                figure="fader_db",
            )
            parts += [cell_table(table)] if table.rows else []
        return "\n\n".join(parts) + "\n"

    def _match_table(self) -> str:
        head = (
            "system",
            "cases",
            "AF* median",
            "AF* mean",
            "of the sum's",
            "not worse",
            "AF",
            "1/3-oct. dB",
            "width dB",
            "crest dB",
            "PLR dB",
            "LRA LU",
            "moves",
            "gain dB",
            "EQ dB (bands)",
            "wall s",
            "MB",
        )
        rows = [
            (
                row.title,
                str(row.cases),
                number(row.af_star, 3),
                number(row.af_star_mean, 3),
                number(row.ratio, 2),
                f"{row.not_worse} of {row.cases}",
                number(row.af, 3),
                number(row.tonal_db, 2),
                number(row.width_db, 2),
                number(row.crest_db, 2),
                number(row.plr_db, 2),
                number(row.lra_lu, 2),
                number(row.moves, 0),
                number(row.gain_db, 1),
                f"{number(row.eq_db, 1)} ({number(row.eq_bands, 0)})",
                number(row.wall_s, 1),
                number(row.peak_mb, 0),
            )
            for row in match_summary(self.runs, self.systems)
        ]
        return table(head, rows)


def fader_table(rows: Sequence[FaderRow]) -> str:
    """Return errors by system, two columns a kind of reference: dB of faders (worst session in brackets), pan."""
    kinds = [kind for kind in KINDS if any(row.kind == kind for row in rows)]
    head = ["system"]
    for kind in kinds:
        head += [f"{kind}: dB (worst session)", "pan"]
    lines = []
    for title in dict.fromkeys(row.title for row in rows):
        line = [title]
        for kind in kinds:
            found = [row for row in rows if row.title == title and row.kind == kind]
            one = found[0] if found else None
            line.append(f"{one.fader_db:.2f} ({one.worst_session_db:.2f})" if one else _NONE)
            line.append(number(one.pan if one else None, 3))
        mine = [row for row in rows if row.title == title]
        walls = [row.wall_s for row in mine if row.wall_s is not None]
        peaks = [row.peak_mb for row in mine if row.peak_mb is not None]
        line += [number(max(walls, default=None), 1), number(max(peaks, default=None), 0)]
        lines.append(line)
    return table([*head, "wall s", "MB"], lines)


def cell_table(one: Cells) -> str:
    """Return a table of one figure under its title."""
    lines = [
        [row, *(number(one.values.get((row, column)), 3) for column in one.columns)]
        for row in one.rows
    ]
    return f"#### {one.title}\n\n" + table(["", *one.columns], lines)


def number(value: float | None, digits: int) -> str:
    """Return a figure with so many digits; a dash where there is none."""
    return _NONE if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose columns line up as plain text too."""
    safe = [[cell.replace("|", "/") for cell in line] for line in (head, *rows)]
    widths = [max(len(line[at]) for line in safe) for at in range(len(head))]
    lines = ["| " + " | ".join(_padded(line, widths)) + " |" for line in safe]
    rule = "|" + "|".join(
        "-" * (width + 1) + (":" if at else "-") for at, width in enumerate(widths)
    )
    return "\n".join([lines[0], rule + "|", *lines[1:]])


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.rjust(width) if at else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]
