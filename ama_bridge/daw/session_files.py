"""Sessions that a DAW left on disk: an Ardour session or a REAPER project itself, or the stems and session.json that "AMA Export" wrote.

Faders and pans come out as AMA's own (Ardour's panner for mono tracks has another law), and stems as they are before both. The stems of a session on disk are its own sound files:
what is written is one small file a track that says which pieces of them play when (`ama_analysis.audio.edit_list`), in `stems_dir`, in a folder
of its own for each state of the session, so that older plans keep their stems.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ama_analysis.errors import AmaError, SessionError
from ama_analysis.reference import Reference
from ama_analysis.session import CONTROLS, Session, Track, track_of
from ama_bridge import stem_folders
from ama_bridge.atomic import write_atomically
from ama_bridge.store import file_name

if TYPE_CHECKING:
    from ama_analysis.advise import ExportedTrack, SessionDocument
    from ama_bridge.daw.ardour.disk.file import ArdourSession, ArdourTrack
    from ama_bridge.daw.reaper.project.file import ReaperProject, ReaperTrack

ARDOUR: Final = "ardour"
REAPER: Final = "reaper"


def session_in(
    path: Path,
    *,
    stems_dir: Path,
    references: Sequence[Reference] = (),
    mix: Path | None = None,
) -> Session | None:
    """Return the session in an .ardour or .rpp file, in the folder of one, or in a folder with AMA's session.json; None for anything else.

    `SessionError` (AMA-201, AMA-204) in one sentence where it cannot be used, `AudioFileError` for a reference or a mix, `DeliveryError`
    (AMA-701) where `stems_dir` cannot be written.
    """
    if path.is_dir():
        from ama_analysis.advise import session_document_in

        document = session_document_in(path)
        if document is not None:
            return _exported(document, stems_dir=stems_dir, references=references, mix=mix)
    if (ardour_file := _ardour_file(path)) is not None:
        from ama_bridge.daw.ardour import pan_law
        from ama_bridge.daw.ardour.disk.file import read_session_file

        saved = read_session_file(ardour_file)
        return pan_law.heard(
            _saved_session(ardour_file, saved, stems_dir, references=references, mix=mix)
        )
    if (project_file := _project_file(path)) is not None:
        from ama_bridge.daw.reaper.project.file import read_project

        project = read_project(project_file)
        return _saved_session(project_file, project, stems_dir, references=references, mix=mix)
    return None


def may_be_session(folder: Path) -> bool:
    """Return whether a folder holds what `session_in` reads, or would if nothing were wrong with it."""
    from ama_analysis.advise import session_document_in

    try:
        return bool(session_document_in(folder) or _ardour_file(folder) or _project_file(folder))
    except SessionError:
        return True


def _ardour_file(path: Path) -> Path | None:
    from ama_bridge.daw.ardour.disk.file import is_session_file, session_file_in

    if path.is_dir():
        return session_file_in(path)
    return path if is_session_file(path) else None


def _project_file(path: Path) -> Path | None:
    from ama_bridge.daw.reaper.project.file import is_project_file, project_file_in

    if path.is_dir():
        return project_file_in(path)
    return path if is_project_file(path) else None


def session_beside(
    tracks: Sequence[Track],
    stems_dir: Path,
    *,
    references: Sequence[Reference] = (),
    mix: Path | None = None,
) -> Session | None:
    """Return what the session.json beside the stems of tracks says of these tracks; None where there is none, or one of others."""
    from ama_analysis.advise import session_document_in

    document = session_document_in(tracks[0].path.parent)
    if document is None or {t.id for t in document.tracks} != {t.id for t in tracks}:
        return None
    return _exported(document, stems_dir=stems_dir, references=references, mix=mix)


def exported_as_told(folder: Path) -> tuple[Session, bool] | None:
    """Return a DAW's export as its script would tell it: faders and pans as they show there, and whether the stems hold these already; None for none."""
    from ama_analysis.advise import session_document_in, session_from_document

    document = session_document_in(folder)
    if document is None:
        return None
    return session_from_document(document), document.bounced == "post_fader"


def told_beside(tracks: Sequence[Track]) -> tuple[str, ...]:
    """Return what the session.json beside the stems of tracks says that a reader of their plan should know."""
    from ama_analysis.advise import session_document_in

    document = session_document_in(tracks[0].path.parent)
    known = document is not None and {t.id for t in tracks} <= {t.id for t in document.tracks}
    return tuple(document.warnings()) if document is not None and known else ()


def _exported(
    document: SessionDocument,
    *,
    stems_dir: Path,
    references: Sequence[Reference],
    mix: Path | None,
) -> Session:
    from ama_analysis.advise import session_from_document

    if document.daw not in {ARDOUR, REAPER}:
        return session_from_document(document, references=references, mix=mix)
    from ama_bridge.daw.ardour import pan_law, post_fader

    told: tuple[str, ...] = ()
    if document.bounced == "post_fader":
        document = _before_faders(document, stems_dir)
        told = (post_fader.TAKEN_OFF,)
    session = session_from_document(document, references=references, mix=mix)
    session = replace(session, warnings=(*told, *session.warnings))
    return pan_law.heard(session) if document.daw == ARDOUR else session


def _before_faders(document: SessionDocument, stems_dir: Path) -> SessionDocument:
    from ama_analysis.audio import EditList, edit_list_bytes
    from ama_bridge.daw.ardour.post_fader import before_faders

    where = hashlib.blake2b(str(document.folder.resolve()).encode(), digest_size=6).hexdigest()
    folder = stems_dir / f"{file_name(document.name)}-{where}"
    stem_folders.used(folder)

    def write_stem(track: ExportedTrack, edits: EditList) -> Path:
        return _written(folder, track, edit_list_bytes(edits))

    if document.daw == REAPER:
        from ama_bridge.daw.reaper.exported import keep_beside

        keep_beside(document.folder, folder)
    found = before_faders(document, write_stem)
    stem_folders.used(folder)
    return found


def _saved_session(
    file: Path,
    found: ArdourSession | ReaperProject,
    stems_dir: Path,
    *,
    references: Sequence[Reference],
    mix: Path | None,
) -> Session:
    from ama_analysis.advise import complete_session

    tracks = _with_stems(found, stems_dir)
    session = complete_session(
        found.name, tracks, sample_rate_hz=found.sample_rate_hz, references=references, mix=mix
    )
    left_out = [f"{name} was left out: {reason}." for name, reason in found.left_out]
    told = (*left_out, *found.warnings, *session.warnings)
    return replace(session, warnings=told, project=file.absolute())


def _with_stems(found: ArdourSession | ReaperProject, stems_dir: Path) -> list[Track]:
    """Write what says of which pieces the stems are made, and return the tracks with them."""
    from ama_analysis.audio import EditList, edit_list_bytes

    described = {
        track.id: edit_list_bytes(track.stem)
        for track in found.tracks
        if isinstance(track.stem, EditList)
    }
    state = hashlib.blake2b(digest_size=6)
    for track_id, data in described.items():
        state.update(track_id.encode())
        state.update(data)
    folder = stems_dir / f"{file_name(found.name)}-{state.hexdigest()}"
    stem_folders.used(folder)
    tracks = []
    for track in found.tracks:
        if isinstance(track.stem, Path):
            path = track.stem
        else:
            path = _written(folder, track, described[track.id])
        tracks.append(_core_track(track, path))
    stem_folders.used(folder)
    return tracks


def _written(folder: Path, track: ArdourTrack | ReaperTrack | ExportedTrack, data: bytes) -> Path:
    from ama_analysis.audio.edit_list import SUFFIX

    path = folder / f"{file_name(track.name)}-{file_name(track.id)}{SUFFIX}"
    if not path.is_file() or path.read_bytes() != data:
        write_atomically(path, data)
    return path


def _core_track(track: ArdourTrack | ReaperTrack, path: Path) -> Track:
    try:
        return replace(
            track_of(path, track_id=track.id, name=track.name or track.id),
            fader_db=track.fader_db,
            pan=track.pan,
            muted=track.muted,
            plugins=track.plugins,
            automated=tuple(one for one in CONTROLS if one in track.automated),
        )
    except AmaError as error:
        message = f"The session's track {track.name!r} cannot be used: {error.message}"
        raise SessionError(message, code="AMA-204") from error
