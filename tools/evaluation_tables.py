"""Put a comparison's tables into documents: `python tools/evaluation_tables.py ama-evaluation/results.json README.md ...`.

What lies between the lines `<!-- evaluation -->` and `<!-- end of evaluation -->` of a document is replaced.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ama_analysis.evaluate.report import rows_of
from ama_analysis.evaluate.tables import BRIEF, fader_table, match_table

BEGIN, END = "<!-- evaluation -->", "<!-- end of evaluation -->"


def tables(document: Mapping[str, Any]) -> str:
    """Return what stands between the marks: tables, then date, machine and command."""
    match, faders = rows_of(document)
    parts = []
    if match:
        cases = max(row.cases for row in match)
        parts += [f"Another song as reference ({cases} cases):", match_table(match, BRIEF)]
    if faders:
        parts += ["Scrambled faders:", fader_table(faders)]
    parts += [f"{document['date']}, {document['machine']}:", f"    {document['command']}"]
    return "\n\n".join(parts)


def filled(text: str, document: Mapping[str, Any]) -> str:
    """Return a document's text with the tables between its marks; `ValueError` where it has no marks."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        message = f"there is no {BEGIN} with an {END} behind it"
        raise ValueError(message)
    return f"{before}{begin}\n{tables(document)}\n\n{end}{after}"


def main(results: Path, documents: list[Path]) -> None:
    """Fill the documents."""
    document = json.loads(results.read_text(encoding="utf-8"))
    for path in documents:
        path.write_text(filled(path.read_text(encoding="utf-8"), document), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
