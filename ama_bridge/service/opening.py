"""A session from a folder of this machine: whatever `ama suggest` takes, which is also what the file chooser marks.

A folder may hold stems, a session.json, an Ardour session or a REAPER project; a project's own file may be named in its place.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal, TypeAlias

from ama_analysis.errors import AudioFileError, OptionError, SessionError
from ama_analysis.reference import Reference
from ama_analysis.session import Session
from ama_bridge.daw.port import Daw
from ama_bridge.daw.session_files import exported_as_told, session_in
from ama_bridge.service.session_book import with_tracks
from ama_bridge.store import Draft

Holds: TypeAlias = Literal["ardour", "reaper", "session", "stems", ""]
DOCUMENT: Final = "session.json"
INTERCHANGE: Final = "interchange"
"""The folder beside every Ardour session's own file."""


def opened_session(
    path: Path, *, stems_dir: Path, references: Sequence[Reference] = (), mix: Path | None = None
) -> Session:
    """Return the session in a folder or in a DAW's own file.

    `SessionError` where nothing in it can be used, `OptionError` for a file that is no project, `AudioFileError` (AMA-101) where it cannot be read.
    """
    from ama_analysis.advise import session_from_paths

    try:
        found = session_in(path, stems_dir=stems_dir, references=references, mix=mix)
        if found is not None:
            return found
        if path.is_dir():
            return session_from_paths([path], references=references, mix=mix)
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror})."
        raise AudioFileError(message, hint="Check the folder.", code="AMA-101") from error
    message = f"{path} is no session."
    hint = "Name a folder of stems, or an .ardour or .rpp file."
    raise OptionError(message, hint=hint)


def draft_of(path: Path, session: Session, name: str) -> Draft:
    """Return what a service keeps of a session that was opened."""
    draft = Draft(
        name=name or session.name,
        daw=_daw(path, session),
        sample_rate_hz=session.sample_rate_hz,
        track_count=0,
        mix=session.mix,
        committed=True,
        folder=path,
    )
    return with_tracks(draft, session)


def exported_draft(daw: Daw, folder: Path) -> Draft:
    """Return what a DAW has written into a folder as a committed session; `SessionError` (AMA-204) where it is none."""
    told = exported_as_told(folder)
    if told is None:
        message = f"What {daw.name} exported is no session."
        raise SessionError(message, hint="Export it again.", code="AMA-204")
    session, with_faders = told
    draft = Draft(
        name=session.name,
        daw=daw.name,
        sample_rate_hz=session.sample_rate_hz,
        track_count=0,
        mix=session.mix,
        committed=True,
        with_faders=with_faders,
    )
    return with_tracks(draft, session)


def read_again(draft: Draft, path: Path, *, stems_dir: Path) -> Session:
    """Return an opened session as it lies on the disk now, with the references and the mix that were named since."""
    session = opened_session(path, stems_dir=stems_dir, references=draft.references, mix=draft.mix)
    return replace(session, name=draft.name, mix=draft.mix)


def _daw(path: Path, session: Session) -> str:
    if session.project is not None:
        return project_kind(session.project.name)
    from ama_analysis.advise import session_document_in

    document = session_document_in(path) if path.is_dir() else None
    return document.daw if document else ""


def held(names: Collection[str]) -> Holds:
    """Return what a folder with files and folders of these names is to AMA: what `opened_session` would make of it."""
    if DOCUMENT in names:
        return "session"
    kinds = {project_kind(name) for name in names}
    if "ardour" in kinds and INTERCHANGE in names:
        return "ardour"
    if "reaper" in kinds:
        return "reaper"
    return "stems" if any(map(is_sound, names)) else ""


def is_sound(name: str) -> bool:
    """Return whether a file of this name is a sound file, and none of the hidden ones that macOS leaves beside them."""
    from ama_analysis.audio import SUFFIXES

    return Path(name).suffix.lower() in SUFFIXES and not name.startswith(".")


def project_kind(name: str) -> Holds:
    """Return whose project a file of this name is."""
    kinds: dict[str, Holds] = {".ardour": "ardour", ".rpp": "reaper"}
    return kinds.get(Path(name).suffix.lower(), "")
