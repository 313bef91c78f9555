"""JSON documents to bytes and back: one layout for all files, and errors that name the line.

Written in UTF-8, two spaces deep, with what is short and every array of plain values on one line. The same document always gives the
same bytes. Read without NaN, without infinity and without a depth that would exhaust the stack.
"""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

from ama_analysis.codec import Json

LINE_CHARS: Final = 120
"""An array or object that fits into so many characters stands on one line."""


def to_text(document: Json) -> str:
    """Return the text of a document, with a newline at its end."""
    return _laid_out(document, 0) + "\n"


def to_bytes(document: Json) -> bytes:
    """Return the UTF-8 bytes of a document; what is not Unicode text (bytes in file names) stays escaped."""
    try:
        return to_text(document).encode("utf-8")
    except UnicodeEncodeError:
        return (json.dumps(document, indent=2, allow_nan=False) + "\n").encode("ascii")


def from_bytes(data: bytes) -> Json:
    """Return the document in `data`; `ValueError` with a short reason where there is none."""
    try:
        document: Json = json.loads(data.decode("utf-8-sig"), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        message = f"it is not UTF-8 text (byte {error.start})"
        raise ValueError(message) from error
    except RecursionError as error:
        message = "it is nested too deep"
        raise ValueError(message) from error
    except json.JSONDecodeError as error:
        message = f"it is not JSON (line {error.lineno}, column {error.colno}: {error.msg})"
        raise ValueError(message) from error
    return document


def _refuse(constant: str) -> NoReturn:
    message = f"it holds {constant}, which is not JSON"
    raise ValueError(message)


def _laid_out(value: Json, depth: int) -> str:
    line = _dumped(value)
    plain = isinstance(value, list) and not any(isinstance(v, list | dict) for v in value)
    if not isinstance(value, list | dict) or plain or len(line) + 2 * depth <= LINE_CHARS:
        return line
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        items = [f"{inner}{_dumped(k)}: {_laid_out(v, depth + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(items) + f"\n{outer}}}"
    return "[\n" + ",\n".join(inner + _laid_out(v, depth + 1) for v in value) + f"\n{outer}]"


def _dumped(value: Any) -> str:  # noqa: ANN401  # any JSON value
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
