"""Writing sound files, so that nobody ever sees half of one."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias

from ama_analysis.audio.names import file_name
from ama_analysis.audio.sound import Block, Sound
from ama_analysis.errors import AudioFileError

Subtype: TypeAlias = Literal["PCM_16", "PCM_24", "FLOAT"]
WRITABLE: Final = frozenset({".wav", ".w64", ".flac", ".aiff", ".aif", ".ogg", ".oga"})
_WRITABLE_HINT: Final = "Name a .wav, .flac, .aiff or .ogg file in a folder that exists."


class AudioWriter:
    """Writes a file block by block under a name of its own and gives it its name at the end, so that nobody sees half a file."""

    def __init__(
        self, path: Path, *, sample_rate_hz: int, channels: int = 2, subtype: Subtype = "PCM_24"
    ) -> None:
        """Open the file; the ending of `path` tells the format (.wav, .flac, .aiff, .ogg)."""
        import soundfile

        if path.suffix.lower() not in WRITABLE:
            message = f"{path} has an ending that AMA does not write."
            raise AudioFileError(message, hint=_WRITABLE_HINT, code="AMA-107")
        if not path.parent.is_dir():
            message = f"{path} cannot be written: there is no folder {path.parent}."
            raise AudioFileError(message, hint="Make it, or name another.", code="AMA-107")
        self._path = path
        self._part = path.with_name(f".{path.stem}.part{path.suffix}")
        formats = {".aif": "AIFF", ".oga": "OGG"}
        lossy = path.suffix.lower() in {".ogg", ".oga"}
        integers_only = path.suffix.lower() == ".flac" and subtype == "FLOAT"
        try:
            self._file = soundfile.SoundFile(
                file_name(self._part),
                "w",
                samplerate=sample_rate_hz,
                channels=channels,
                subtype=None if lossy else "PCM_24" if integers_only else subtype,
                format=formats.get(path.suffix.lower()),
            )
        except (soundfile.LibsndfileError, OSError, TypeError, ValueError) as error:
            self._part.unlink(missing_ok=True)
            message = f"{path} cannot be written ({type(error).__name__})."
            raise AudioFileError(message, hint=_WRITABLE_HINT, code="AMA-107") from error

    def write(self, block: Block) -> None:
        """Append (channels, frames)."""
        import soundfile

        try:
            self._file.write(block.T)
        except (soundfile.LibsndfileError, OSError) as error:
            message = f"{self._path} cannot be written ({error})."
            raise AudioFileError(message, hint="Is the disk full?", code="AMA-107") from error

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the file its name, or remove what was written if the work failed."""
        self._file.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)


def write_audio(path: Path, sound: Sound, *, subtype: Subtype = "PCM_24") -> None:
    """Write a sound to a file."""
    with AudioWriter(
        path, sample_rate_hz=sound.sample_rate_hz, channels=sound.channels, subtype=subtype
    ) as writer:
        for block in sound.blocks():
            writer.write(block)
