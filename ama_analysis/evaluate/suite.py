"""A suite: a folder of sessions, each a folder with stems, a human's mix and a `session.json` that says how the one became the other.

`session.json` (docs/evaluate.md): `name`; `tracks`, each with `file`, `name`, `gain_db` and `pan`; `mix` with `file` (or null) and
`mix_gain_db`. mix = 10^(mix_gain_db/20) * sum of 10^(gain_db/20) * balance(pan) * track, balance linear: L *= 1 - max(pan, 0),
R *= 1 + min(pan, 0). Fields that are not named here are ignored.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ama_analysis.audio import SUFFIXES
from ama_analysis.codec import CodecError
from ama_analysis.errors import AudioFileError, SessionError
from ama_analysis.session import FADER_RANGE_DB

DOCUMENT: Final = "session.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteTrack:
    """One stem, and where the human's fader and pan left it."""

    id: str
    name: str
    path: Path
    gain_db: float
    pan: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteSession:
    """Stems with a human's balance; `mix` is the file of the human's mix, None where only the balance is known."""

    name: str
    folder: Path
    tracks: tuple[SuiteTrack, ...]
    mix: Path | None


def load_suite(folder: Path, only: Sequence[str] = ()) -> tuple[SuiteSession, ...]:
    """Return the sessions of a folder by name, or those named in `only`; `SessionError` where there is none or one cannot be read."""
    if (folder / DOCUMENT).is_file():
        sessions = [read_session(folder)]
    else:
        documents = sorted(folder.glob(f"*/{DOCUMENT}")) if folder.is_dir() else []
        sessions = [read_session(document.parent) for document in documents]
    if not sessions:
        message = f"{folder} holds no session with a {DOCUMENT}."
        raise SessionError(message, hint="docs/evaluate.md describes the format.")
    known = {session.name: session for session in sessions}
    for name in only:
        if name not in known:
            message = f"The suite {folder} has no session {name!r}."
            raise SessionError(message, hint=f"It has: {', '.join(known)}.")
    return tuple(known[name] for name in (only or known))


def read_session(folder: Path) -> SuiteSession:
    """Return the session of one folder; `SessionError` (AMA-204) where its document does not say what is needed."""
    path = folder / DOCUMENT
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise _not_a_session(path, why or "it cannot be read") from error
    try:
        rows = _given(document, "tracks", list, "a list")
        tracks = tuple(_track(folder, row, f"tracks[{at}].") for at, row in enumerate(rows))
        mix = document.get("mix") and _given(document["mix"], "file", str | None, "text", "mix.")
    except CodecError as error:
        raise _not_a_session(path, str(error)) from error
    if not tracks:
        message = f"{path} has no tracks."
        raise SessionError(message, hint="Name at least one.", code="AMA-204")
    for file in (*(track.path for track in tracks), *((folder / mix,) if mix else ())):
        if not file.is_file():
            message = f"{path} names {file.name}, which is not there."
            raise AudioFileError(message, hint="Put it beside the document.", code="AMA-101")
    return SuiteSession(
        name=folder.resolve().name, folder=folder, tracks=tracks, mix=folder / mix if mix else None
    )


def _not_a_session(path: Path, why: str) -> SessionError:
    message = f"{path} does not describe a session: {why}."
    return SessionError(message, hint="docs/evaluate.md describes the format.", code="AMA-204")


def _track(folder: Path, row: object, where: str) -> SuiteTrack:
    path = folder / _given(row, "file", str, "text", where)
    return SuiteTrack(
        id=path.stem,
        name=_given(row, "name", str | None, "text", where) or path.stem,
        path=path,
        gain_db=_number(row, "gain_db", FADER_RANGE_DB, where),
        pan=_number(row, "pan", (-1.0, 1.0), where),
    )


def _given(row: object, key: str, kind: Any, what: str, where: str = "") -> Any:  # noqa: ANN401  # any JSON
    """Return what stands under a key; `CodecError` where something is missing or of another kind."""
    if not isinstance(row, dict):
        raise CodecError(where.rstrip("."), "is not an object")
    found = row.get(key)
    if isinstance(found, bool) or not isinstance(found, kind):
        raise CodecError(f"{where}{key}", "is missing" if found is None else f"is not {what}")
    return found


def _number(row: object, key: str, between: tuple[float, float], where: str) -> float:
    number = _given(row, key, int | float, "a number", where)
    low, high = between
    if not low <= number <= high:
        raise CodecError(
            f"{where}{key}", f"is {number!r}, it must lie between {low:g} and {high:g}"
        )
    return float(number)


def references_of(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the sound files named and those in the folders named; `AudioFileError` where one is not there or a folder has none."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES)
            if not inside:
                message = f"{path} holds no sound files."
                raise AudioFileError(message, hint="Name finished tracks.", code="AMA-103")
            found += inside
        elif path.is_file():
            found.append(path)
        else:
            message = f"{path} is not there."
            raise AudioFileError(message, hint="Check the name.", code="AMA-101")
    return tuple(dict.fromkeys(path.absolute() for path in found))
