"""What a session is read from, which nothing may be written over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from ama_analysis.advise.session_document import FILE_NAME
from ama_analysis.audio.edit_list import is_edit_list, read_edit_list
from ama_analysis.errors import AudioFileError, OptionError
from ama_analysis.models import separation_document
from ama_analysis.session import Session, Track
from ama_analysis.whole_file import obstacle

_DOCUMENTS: Final = (FILE_NAME, separation_document.FILE_NAME)
"""What says beside stems how they belong together."""
_BEGINNING_BYTES: Final = 64


def inputs_of(session: Session) -> frozenset[Path]:
    """Return the files of a session, and folders of which every file is one: stems, the documents beside them and the recordings of which they are made, references, mix, the DAW's project."""
    return frozenset(_inputs(session))


def _inputs(session: Session) -> Iterator[Path]:
    for track in session.tracks:
        yield from stem_files(track)
        yield from (track.path.parent / name for name in _DOCUMENTS)
    yield from (reference.path for reference in session.references)
    for path in (session.mix, session.project, session.separated_from):
        if path is not None:
            yield path


def stem_files(track: Track) -> Iterator[Path]:
    """Yield the file of a track's stem, and where that is an edit list the recordings of which it is made."""
    yield track.path
    if is_edit_list(track.path):
        with suppress(AudioFileError):  # what is gone is nobody's input
            parts = read_edit_list(track.path).parts
            yield from (source.path for part in parts for source in part.sources)


def refuse_to_overwrite(
    outputs: Iterable[Path | None], inputs: Iterable[Path], *, schema: str | None = None
) -> None:
    """Raise `OptionError` where a file to be written is one of the inputs or lies in a folder among them, is named twice, or cannot be one (a folder, a read-only file).

    What is to hold a document of a `schema` takes the place of such documents alone, of any version, never of a sound or a project.
    """
    inputs = tuple(inputs)
    seen: set[Path] = set()
    for path in outputs:
        if path is None:
            continue
        if why := obstacle(path):
            message = f"{path} {why}."
            raise OptionError(message, hint="Choose another name.")
        if path.exists() and any(_is_part_of(path, each) for each in inputs):
            message = f"{path} is an input."
            raise OptionError(
                message, hint="AMA never writes over its inputs: choose another name."
            )
        if schema is not None and not _may_hold(path, schema):
            message = f"{path} is there already and holds something else."
            raise OptionError(message, hint="Choose another name.")
        if path.resolve() in seen:
            message = f"{path} is named twice."
            raise OptionError(message, hint="Give the mix before another name.")
        seen.add(path.resolve())


def _may_hold(path: Path, schema: str) -> bool:
    """Return whether a file is not there, is empty, or begins as AMA's documents of this kind do."""
    if not path.is_file():
        return True
    with path.open("rb") as file:
        begins = file.read(_BEGINNING_BYTES)
    return not begins or f'"{schema.partition("/")[0]}/'.encode() in begins


def _is_part_of(path: Path, given: Path) -> bool:
    """Return whether an existing file is this one, under any name, or lies below this folder."""
    with suppress(OSError):
        return path.samefile(given) or (
            given.is_dir() and given.resolve() in path.resolve().parents
        )
    return False
