"""Put a comparison's tables into documents: `python tools/evaluation_tables.py ama-evaluation/results.json [MORE.json ...] README.md ...`.

What lies between the lines `<!-- evaluation -->` and `<!-- end of evaluation -->` of a document is replaced. Of several results (of other systems on the same
cases) the rows stand in one table, a system's from the last that has it; each says when and how it was made.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ama_analysis.evaluate.report import rows_of
from ama_analysis.evaluate.summary import FaderRow, MatchRow
from ama_analysis.evaluate.systems import BASELINE, SYSTEMS
from ama_analysis.evaluate.tables import BRIEF, fader_table, match_table

BEGIN, END = "<!-- evaluation -->", "<!-- end of evaluation -->"


def merged(
    documents: Sequence[Mapping[str, Any]],
) -> tuple[tuple[MatchRow, ...], tuple[FaderRow, ...]]:
    """Return the rows of all documents in the order of the systems; `ValueError` where the unprocessed sum, which all have, tells that they are of other cases."""
    tables = zip(*map(_baseline, documents), strict=True)
    if any(len({told for told in table if told}) > 1 for table in tables):
        message = (
            "the results are of other sessions, references or seeds: ask every system the same"
        )
        raise ValueError(message)
    match: dict[str, MatchRow] = {}
    faders: dict[tuple[str, str], FaderRow] = {}
    for rows, more in map(rows_of, documents):
        match |= {row.system: row for row in rows}
        faders |= {(row.system, row.kind): row for row in more}
    order = [system.name for system in SYSTEMS]
    return (
        tuple(sorted(match.values(), key=lambda row: order.index(row.system))),
        tuple(sorted(faders.values(), key=lambda row: order.index(row.system))),
    )


def _baseline(document: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return for both tables how many cases the unprocessed sum has and what it scores; nothing where it is not in one."""
    match, faders = rows_of(document)
    scored = [f"{row.cases} {row.af_star:.3f}" for row in match if row.system == BASELINE]
    ends = [f"{row.cases} {row.fader_db:.2f}" for row in faders if row.system == BASELINE]
    return tuple(scored), tuple(sorted(ends))


def tables(documents: Sequence[Mapping[str, Any]]) -> str:
    """Return what stands between the marks: tables, then date, machine and command of each document."""
    match, faders = merged(documents)
    parts = []
    if match:
        cases = max(row.cases for row in match)
        parts += [f"Another song as reference ({cases} cases):", match_table(match, BRIEF)]
    if faders:
        parts += ["Scrambled faders:", fader_table(faders)]
    for document in documents:
        parts += [f"{document['date']}, {document['machine']}:", f"    {document['command']}"]
    return "\n\n".join(parts)


def filled(text: str, *documents: Mapping[str, Any]) -> str:
    """Return a text with the tables of the documents between its marks; `ValueError` where it has no marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        message = f"there is no {BEGIN} with an {END} behind it"
        raise ValueError(message)
    return f"{before}{begin}\n{tables(documents)}\n\n{end}{after}"


def main(paths: Sequence[Path]) -> None:
    """Fill the documents, which are what is not JSON."""
    results = [json.loads(p.read_text(encoding="utf-8")) for p in paths if p.suffix == ".json"]
    for path in paths:
        if path.suffix != ".json":
            path.write_text(filled(path.read_text(encoding="utf-8"), *results), encoding="utf-8")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
