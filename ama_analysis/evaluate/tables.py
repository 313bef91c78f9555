"""Rows to Markdown tables whose columns line up as plain text too."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ama_analysis.evaluate.summary import Cells, FaderRow, MatchRow
from ama_analysis.evaluate.units import KINDS

_NONE: Final = "-"


def number(value: float | None, digits: int) -> str:
    """Return a figure with so many digits; a dash where there is none."""
    return _NONE if value is None or not math.isfinite(value) else f"{value:.{digits}f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    safe = [[cell.replace("|", "/") for cell in line] for line in (head, *rows)]
    widths = [max(len(line[at]) for line in safe) for at in range(len(head))]
    lines = ["| " + " | ".join(_padded(line, widths)) + " |" for line in safe]
    rules = ["-" * (width + 1) + (":" if at else "-") for at, width in enumerate(widths)]
    return "\n".join([lines[0], "|" + "|".join(rules) + "|", *lines[1:]])


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.rjust(width) if at else cell.ljust(width)
        for at, (cell, width) in enumerate(zip(line, widths, strict=True))
    ]


_MATCH: Final[Mapping[str, Callable[[MatchRow], str]]] = {
    "system": lambda row: row.title,
    "cases": lambda row: str(row.cases),
    "AF* median": lambda row: number(row.af_star, 3),
    "AF* mean": lambda row: number(row.af_star_mean, 3),
    "of the sum's": lambda row: number(row.ratio, 2),
    "not worse": lambda row: f"{row.not_worse} of {row.cases}",
    "AF": lambda row: number(row.af, 3),
    "1/3-oct. dB": lambda row: number(row.tonal_db, 2),
    "width dB": lambda row: number(row.width_db, 2),
    "crest dB": lambda row: number(row.crest_db, 2),
    "PLR dB": lambda row: number(row.plr_db, 2),
    "LRA LU": lambda row: number(row.lra_lu, 2),
    "moves": lambda row: number(row.moves, 0),
    "gain dB": lambda row: number(row.gain_db, 1),
    "EQ dB (bands)": lambda row: f"{number(row.eq_db, 1)} ({number(row.eq_bands, 0)})",
    "wall s": lambda row: number(row.wall_s, 1),
    "CPU s": lambda row: number(row.cpu_s, 1),
    "MB": lambda row: number(row.peak_mb, 0),
}
BRIEF: Final = (
    "system",
    "AF* median",
    "of the sum's",
    "not worse",
    "1/3-oct. dB",
    "width dB",
    "PLR dB",
    "moves",
    "wall s",
    "CPU s",
    "MB",
)
"""The columns that a README has room for."""


def match_table(rows: Sequence[MatchRow], columns: Sequence[str] = tuple(_MATCH)) -> str:
    """Return a line a system with these columns."""
    return table(columns, [[_MATCH[name](row) for name in columns] for row in rows])


def fader_table(rows: Sequence[FaderRow]) -> str:
    """Return errors by system: for each kind of reference dB of faders (worst session in brackets; where it is other bars, of the tracks that can be heard there too) and pan."""
    kinds = [kind for kind in KINDS if any(row.kind == kind for row in rows)]
    head = ["system"]
    for kind in kinds:
        head += [f"{kind}: dB (worst session)", *_there(kind), "pan"]
    titles = dict.fromkeys(row.title for row in rows)
    lines = [_fader_line(title, kinds, rows) for title in titles]
    return table([*head, "wall s", "CPU s", "MB"], lines)


def _fader_line(title: str, kinds: Sequence[str], rows: Sequence[FaderRow]) -> list[str]:
    mine = {row.kind: row for row in rows if row.title == title}
    line = [title]
    for kind in kinds:
        one = mine.get(kind)
        line.append(f"{one.fader_db:.2f} ({one.worst_session_db:.2f})" if one else _NONE)
        line += [number(one.there_db if one else None, 2) for _ in _there(kind)]
        line.append(number(one.pan if one else None, 3))
    for digits, figure in ((1, "wall_s"), (1, "cpu_s"), (0, "peak_mb")):
        told = [getattr(row, figure) for row in mine.values()]
        line.append(number(max((v for v in told if v is not None), default=None), digits))
    return line


def _there(kind: str) -> tuple[str, ...]:
    """Return the head of the column of the tracks that can be heard in other bars, where a reference is such."""
    return ("of tracks heard there",) if kind == "another section" else ()


def cell_table(one: Cells) -> str:
    """Return a table of one figure under its title."""
    lines = [
        [row, *(number(one.values.get((row, column)), 3) for column in one.columns)]
        for row in one.rows
    ]
    return f"#### {one.title}\n\n" + table(["", *one.columns], lines)
