"""From stems to a session: which files belong to it, at which rate, how long, and what is wrong with the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from ama_analysis.advise.folders import by_song, stems_in
from ama_analysis.advise.references import open_reference
from ama_analysis.advise.separated import parts_in
from ama_analysis.advise.session_document import (
    FILE_NAME,
    SCHEMA,
    SessionDocument,
    session_document_in,
)
from ama_analysis.audio import Audio, AudioFile, in_memory, open_audio
from ama_analysis.errors import AudioFileError, PlanError, SessionError
from ama_analysis.models.separation_document import separation_in
from ama_analysis.plan import MASTER, MixPlan
from ama_analysis.reference import Reference
from ama_analysis.roles import title_of
from ama_analysis.session import Session, Track, track_of


def session_from_paths(
    paths: Sequence[Path],
    *,
    name: str | None = None,
    references: Sequence[Reference] = (),
    mix: Path | None = None,
) -> Session:
    """Return the session of these stems, or of the one folder named.

    A folder means what its session.json says (see `session_document`), else the parts that its separation.json names, else every sound file in it whose name is not `mix.*`; a file named
    `master.*` is left out with a warning, since "master" is the bus. Ids and names are the files' stems; a second file of the same stem
    gets "-2". Stems that cannot be read become warnings; `SessionError` (AMA-201) when none is left, (AMA-204) for a bad session.json.
    """
    warnings: list[str] = []
    folder = paths[0] if len(paths) == 1 and paths[0].is_dir() else None
    document = session_document_in(folder) if folder else None
    if document:
        return session_from_document(document, name=name, references=references, mix=mix)
    if folder and (folder / FILE_NAME).is_file():
        warnings.append(f"{FILE_NAME} is not {SCHEMA} and was passed over.")
    separation = separation_in(folder) if folder else None
    if folder and separation:
        files = parts_in(folder, separation, warnings)
    else:
        files = stems_in(folder, warnings) if folder else _each_once(paths)
    title = title_of([path.stem for path in files])
    taken: Counter[str] = Counter()
    tracks = []
    for path in files:
        stem = "master_track" if path.stem == MASTER else path.stem
        taken[stem] += 1
        nth = "" if taken[stem] == 1 else f"-{taken[stem]}"
        tracks.append(
            track_of(path, track_id=f"{stem}{nth}", name=f"{path.stem}{nth}", title=title)
        )
    default_name = folder.resolve().name if folder else files[0].resolve().parent.name
    session = complete_session(name or default_name, tracks, references=references, mix=mix)
    return replace(
        session,
        warnings=(*warnings, *session.warnings),
        separated_from=separation.mix if separation else None,
    )


def _each_once(paths: Sequence[Path]) -> list[Path]:
    """Return paths without those that are another way to write one before."""
    once: dict[Path, Path] = {}
    for path in paths:
        once.setdefault(path.resolve(), path)
    return list(once.values())


def session_from_document(
    document: SessionDocument,
    *,
    name: str | None = None,
    references: Sequence[Reference] = (),
    mix: Path | None = None,
) -> Session:
    """Return the session that a DAW exported; the mix is the one given, else the one that was exported along. Errors as `session_from_paths`."""
    try:
        tracks = document.core_tracks()
    except SessionError as error:
        message = f"{document.folder / FILE_NAME}: {error.message}"
        raise SessionError(message, hint=error.hint, code=error.code) from error
    session = complete_session(
        name or document.name or document.folder.resolve().name,
        tracks,
        sample_rate_hz=document.sample_rate_hz,
        references=references,
        mix=mix or document.mix_path(),
    )
    return replace(session, warnings=(*document.warnings(), *session.warnings))


def complete_session(
    name: str,
    tracks: Sequence[Track],
    *,
    sample_rate_hz: int | None = None,
    references: Sequence[Reference] = (),
    mix: Path | None = None,
) -> Session:
    """Look into each track's stem and return the session of those that can be read.

    A reference that is a folder of songs becomes those songs (`folders.by_song`). The session's rate is the one given, else the one that
    most stems have (the higher where two are as common). Each stem that
    cannot be read, and each that will be resampled, becomes a warning. Raises `SessionError` (AMA-201) when no stem is left and
    `AudioFileError` for a reference or mix that cannot be read, or a section that the reference does not have.
    """
    if not tracks:
        message = f"Session {name!r} has no tracks."
        raise SessionError(message, hint="Name at least one stem.")
    warnings: list[str] = []
    references = by_song(references, warnings)
    tracks = _not_named_otherwise(tracks, references, mix, warnings)
    opened = _opened(tracks, warnings)
    rate = sample_rate_hz or _common_rate(opened.values())
    resampled = sorted(t for t, file in opened.items() if file.file_rate_hz != rate)
    if resampled:
        warnings.append(f"Resampled to {rate} Hz: {', '.join(resampled)}.")
    _open_references(references, warnings)
    if mix:
        open_audio(mix)
    return Session(
        name=name,
        tracks=tuple(track for track in tracks if track.id in opened),
        sample_rate_hz=rate,
        duration_s=max(file.duration_s for file in opened.values()),
        references=references,
        mix=mix,
        warnings=tuple(warnings),
    )


def check_references(references: Sequence[Reference]) -> None:
    """Raise what `complete_session` would for references that cannot be used."""
    warnings: list[str] = []
    _open_references(by_song(references, warnings), warnings)


def _open_references(references: Sequence[Reference], warnings: list[str]) -> None:
    for reference in references:
        if reference.path.is_dir():
            stems_in(reference.path, warnings)
        else:
            open_reference(reference)


def _opened(tracks: Sequence[Track], warnings: list[str]) -> dict[str, AudioFile]:
    """Return the stems that can be read, by track id; `SessionError` (AMA-201) where there is none."""
    opened: dict[str, AudioFile] = {}
    for track in tracks:
        try:
            opened[track.id] = open_audio(track.path)
        except AudioFileError as error:
            warnings.append(f"Track {track.name} was left out: {error.sentence()}")
    if not opened:
        stems = f"None of the {len(tracks)} stems" if len(tracks) > 1 else "No stem"
        message = f"{stems} can be used: {warnings[0]}"
        raise SessionError(message)
    return opened


def _not_named_otherwise(
    tracks: Sequence[Track],
    references: Sequence[Reference],
    mix: Path | None,
    warnings: list[str],
) -> Sequence[Track]:
    """Return the tracks without those whose file is given as the mix or a reference too, as it happens to who names all files of a folder."""
    named = {reference.path.absolute(): "a reference" for reference in references}
    if mix:
        named[mix.absolute()] = "the mix"
    left = [track for track in tracks if track.path.absolute() not in named]
    if not left or len(left) == len(tracks):
        return tracks
    for track in tracks:
        if what := named.get(track.path.absolute()):
            warnings.append(f"{track.path.name} is {what}, so it does not count as a stem.")
    return left


def _common_rate(files: Iterable[AudioFile]) -> int:
    counted = Counter(file.file_rate_hz for file in files)
    return max(counted, key=lambda rate: (counted[rate], rate))


def stems_of(session: Session) -> Callable[[Track], AudioFile]:
    """Return what opens a track's stem at the session's rate; it can be pickled."""
    return partial(_stem, session.sample_rate_hz)


def _stem(sample_rate_hz: int, track: Track) -> AudioFile:
    return open_audio(track.path, sample_rate_hz=sample_rate_hz)


def section_of(session: Session, track: Track, start_s: float, stop_s: float) -> Audio:
    """Return a part of a track's stem at the session's rate, in memory; one frame of silence where the stem has ended before."""
    stem = stems_of(session)(track)
    if start_s >= stem.duration_s:
        return Audio(np.zeros((stem.channels, 1), np.float32), stem.sample_rate_hz)
    return in_memory(stem.section(start_s, stop_s))


def relocated(plan: MixPlan, folder: Path) -> MixPlan:
    """Return the plan with its stems taken from `folder` by file name; `PlanError` (AMA-403) names the first that is not there."""
    tracks = []
    for track in plan.session.tracks:
        path = folder / track.path.name
        if not path.is_file():
            message = (
                f"{folder} has no {track.path.name}, which the plan needs for track {track.name!r}."
            )
            raise PlanError(message, hint="Name the folder that holds the stems.", code="AMA-403")
        tracks.append(replace(track, path=path))
    return replace(plan, session=replace(plan.session, tracks=tuple(tracks)))
