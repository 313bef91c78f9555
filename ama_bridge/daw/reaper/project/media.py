"""The sound files that a project's items play: found, opened, and said no to in words where they are no plain sound.

REAPER writes names from the project's folder, or whole ones. A project that came from another machine has whole names that are not there; then
the end of the name is looked for under the project's folder, as REAPER does when it is told to look there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath
from typing import Final

from ama_analysis.audio import AudioFile, open_audio
from ama_analysis.errors import AudioFileError
from ama_bridge.daw.reaper.project.rpp import Chunk, Word

_LONGEST_SHOWN: Final = 200
_REVERSED: Final = 2
"""The bit of a section's MODE that plays it backwards."""
_NOT_SOUND: Final = {
    "MIDI": "it is MIDI: its sound is made by a plugin when REAPER plays it",
    "MIDIPOOL": "it is MIDI: its sound is made by a plugin when REAPER plays it",
    "CLICK": "it is a click that REAPER makes",
    "LTC": "it is time code that REAPER makes",
    "RPP_PROJECT": "it is a project inside this one",
}


class NotPlainError(Exception):
    """A track's items cannot be read; the text is the reason, as a part of a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A sound file, and which frames of it an item may play: from `start` on, `frames` long."""

    path: Path
    file: AudioFile
    start: int
    frames: int
    bytes: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class MediaFiles:
    """The files of one project; `folders` are where names without a folder of their own are looked for."""

    folders: tuple[Path, ...]
    _whole: dict[bytes, Media] = field(default_factory=dict)

    def of(self, source: Chunk) -> Media | None:
        """Return what a <SOURCE> plays, None for an empty one; `NotPlainError` where it is no sound that AMA can read."""
        kind = source.head.text(1)
        if kind == "SECTION":
            return self._section(source)
        if kind in {"EMPTY", ""}:
            return None
        if kind in _NOT_SOUND:
            raise NotPlainError(_NOT_SOUND[kind])
        line = source.line("FILE")
        if line is None or len(line.words) < 2:
            message = f"it has a source of the kind {kind[:40]!r}, which AMA does not read"
            raise NotPlainError(message)
        name = line.words[1]
        if name.raw not in self._whole:
            self._whole[name.raw] = _media_of(self._found(name))
        return self._whole[name.raw]

    def _section(self, source: Chunk) -> Media | None:
        inner = next(source.of_kind("SOURCE"), None)
        if source.whole("MODE", 1) & _REVERSED:
            message = "it is played backwards"
            raise NotPlainError(message)
        whole = self.of(inner) if inner is not None else None
        if whole is None:
            return None
        rate = whole.file.file_rate_hz
        start = round(max(source.number("STARTPOS", 1, 0.0), 0.0) * rate)
        left = max(whole.frames - start, 0)
        length = source.number("LENGTH", 1, 0.0)
        return Media(
            path=whole.path,
            file=whole.file,
            start=whole.start + start,
            frames=min(round(length * rate), left) if length > 0 else left,
            bytes=whole.bytes,
            changed_ns=whole.changed_ns,
        )

    def _found(self, name: Word) -> Path:
        for path in self._candidates(name):
            with suppress(OSError, ValueError):  # a name that no file can have
                if path.is_file():
                    return path
        message = f"its file {name.text[:_LONGEST_SHOWN]} is missing"
        raise NotPlainError(message)

    def _candidates(self, name: Word) -> Iterator[Path]:
        for text in dict.fromkeys((os.fsdecode(name.raw), name.raw.decode("cp1252", "replace"))):
            with suppress(ValueError):
                given = Path(text)
                yield from (
                    [given] if given.is_absolute() else [folder / given for folder in self.folders]
                )
            parts = PureWindowsPath(text)  # knows both signs
            names = [part for part in parts.parts if part != parts.anchor and part != ".."]
            for first in range(len(names)):
                yield from (folder.joinpath(*names[first:]) for folder in self.folders)


def _media_of(path: Path) -> Media:
    """Return a whole sound file; `NotPlainError` where it is none that can be read from any place."""
    try:
        file = open_audio(path)
    except AudioFileError as error:
        raise NotPlainError(error.message.rstrip(".")) from error
    if file.by_av or file.edits is not None:
        message = f"its file {path.name} is of a kind that cannot be read from any place"
        raise NotPlainError(message)
    state = path.stat()
    return Media(
        path=path,
        file=file,
        start=0,
        frames=file.file_frames,
        bytes=state.st_size,
        changed_ns=state.st_mtime_ns,
    )
