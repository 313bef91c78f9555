"""separation.json: what says of a folder that its files are parts of one mix, and which.

    {"schema": "ama.separation/1", "mix": "/music/song.flac", "content": "...", "weights": {"vocals": "<sha256>", ...}, "model": "...",
     "parts": {"vocals": "vocals.wav", ..., "residual": "residual.wav"}, "residual_db": -31.2, "sum_error_db": -139.0}

`content` and `model` are hashes of the mix's file and of the weights with their settings: parts are made anew where one of them is another.
Needs no torch.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.codec import CodecError, from_json, to_json
from ama_analysis.errors import DeliveryError, SessionError
from ama_analysis.whole_file import whole_file

FILE_NAME: Final = "separation.json"
SCHEMA: Final = "ama.separation/1"
_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SeparationDocument:
    """Of which mix, by which weights; the parts by name as file names in the same folder; residual and error of the sum against the mix, dB."""

    mix: Path
    content: str
    weights: Mapping[str, str]
    model: str
    parts: Mapping[str, str]
    residual_db: float
    sum_error_db: float
    schema: str = SCHEMA


def separation_in(folder: Path) -> SeparationDocument | None:
    """Return what a folder's separation.json says, None where it has none; `SessionError` (AMA-204) where it is not valid."""
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _invalid(path, "it is too large")
        told = json.loads(path.read_text(encoding="utf-8"))
        document: SeparationDocument = from_json(told, SeparationDocument)
    except (OSError, ValueError, CodecError) as error:
        raise _invalid(path, str(error)) from error
    if document.schema != SCHEMA:
        raise _invalid(path, f"schema is {document.schema!r}, this version reads {SCHEMA!r}")
    if any(Path(name).name != name for name in document.parts.values()):
        raise _invalid(path, "a part lies outside the folder")
    return document


def write_separation(folder: Path, document: SeparationDocument) -> None:
    """Write a folder's separation.json, whole or not at all; `DeliveryError` (AMA-701) where it cannot be written."""
    path = folder / FILE_NAME
    text = json.dumps(to_json(document, SeparationDocument), indent=1)
    try:
        with whole_file(path) as part:
            part.write_text(f"{text}\n", encoding="ascii")
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror})."
        hint = "Check the folder and the space on the disk."
        raise DeliveryError(message, hint=hint) from error


def _invalid(path: Path, why: str) -> SessionError:
    message = f"{path} is not valid: {why}."
    return SessionError(message, hint="Separate the mix again.", code="AMA-204")
