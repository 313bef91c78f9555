"""Which folders of a folder are sessions: those that hold a DAW's session or sound files."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from ama_analysis.audio import SUFFIXES
from ama_analysis.errors import AudioFileError, SessionError
from ama_analysis.reference import Reference
from ama_bridge.daw.session_files import may_be_session


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Folders of sessions, and what was passed over, in words."""

    sessions: tuple[Path, ...]
    passed_over: tuple[str, ...]


def sessions_in(folder: Path, *, out: Path, references: Iterable[Reference] = ()) -> Found:
    """Return the sessions in a folder, or the one that it is itself (a session.json beside sound files says so too); folders of references and the one for results are none.

    `SessionError` (AMA-201) where there is none, `AudioFileError` (AMA-101) where the folder cannot be read.
    """
    from ama_analysis.advise.session_document import FILE_NAME

    if not folder.is_dir():
        message = f"{folder} is not a folder."
        raise AudioFileError(message, hint="Name a folder of sessions.", code="AMA-101")
    aims = {reference.path.resolve() for reference in references}
    beside = _sounds(folder, aims)
    if may_be_session(folder) or (beside and (folder / FILE_NAME).is_file()):
        return Found(sessions=(folder,), passed_over=())
    inside = [path for path in _folders(folder) if path.resolve() != out.resolve()]
    sessions = [path for path in inside if _is_session(path, aims)]
    if sessions:
        passed = [path.name for path in inside if path not in sessions]
        passed += [path.name for path in beside]
        return Found(sessions=tuple(sessions), passed_over=tuple(passed))
    if beside:
        return Found(sessions=(folder,), passed_over=())
    message = f"{folder} holds no session."
    hint = "Name a folder of folders with stems, or of sessions of Ardour or REAPER."
    raise SessionError(message, hint=hint)


def name_of(session: Path) -> str:
    """Return what a session in a folder is called in the results; a link by its own name."""
    name = session.name if session.name != ".." else session.resolve().name
    return name or "session"


def _is_session(folder: Path, aims: Collection[Path]) -> bool:
    try:
        return may_be_session(folder) or bool(_sounds(folder, aims))
    except AudioFileError:  # whoever opens it says what is wrong
        return True


def _folders(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.is_dir()]


def _sounds(folder: Path, aims: Collection[Path]) -> list[Path]:
    if folder.resolve() in aims:
        return []
    sounds = [path for path in _entries(folder) if path.suffix.lower() in SUFFIXES]
    return [path for path in sounds if path.is_file() and path.resolve() not in aims]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        message = f"The folder {folder} cannot be read ({error.strerror})."
        raise AudioFileError(message, hint="Name one that may be read.", code="AMA-101") from error
