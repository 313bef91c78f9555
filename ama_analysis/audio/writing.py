"""Writing sound files, so that nobody ever sees half of one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ama_analysis.audio.names import file_name
from ama_analysis.audio.sound import Block, Sound
from ama_analysis.errors import AudioFileError
from ama_analysis.whole_file import whole_file

if TYPE_CHECKING:
    from soundfile import SoundFile

Subtype: TypeAlias = Literal["PCM_16", "PCM_24", "FLOAT"]
WRITABLE: Final = frozenset({".wav", ".w64", ".flac", ".aiff", ".aif", ".ogg", ".oga"})
_WRITABLE_HINT: Final = "Name a .wav, .flac, .aiff or .ogg file in a folder that exists."


_FORMATS: Final = {".aif": "AIFF", ".oga": "OGG"}
"""Where libsndfile has another word than the ending."""


class AudioWriter:
    """Takes the blocks of a file that `audio_writer` opened."""

    def __init__(self, path: Path, file: SoundFile) -> None:
        """Take the name for messages, and the file."""
        self._path = path
        self._file = file

    def write(self, block: Block) -> None:
        """Append (channels, frames); `AudioFileError` (AMA-107) where that fails."""
        import soundfile

        try:
            self._file.write(block.T)
        except (soundfile.LibsndfileError, OSError) as error:
            message = f"{self._path} cannot be written ({error})."
            raise AudioFileError(message, hint="Is the disk full?", code="AMA-107") from error


@contextmanager
def audio_writer(
    path: Path, *, sample_rate_hz: int, channels: int = 2, subtype: Subtype = "PCM_24"
) -> Iterator[AudioWriter]:
    """Open a file to write block by block, which gets its name at the end, so that nobody sees half of it; the ending tells the format (.wav, .flac, .aiff, .ogg).

    `AudioFileError` (AMA-107) where it cannot be written.
    """
    if path.suffix.lower() not in WRITABLE:
        message = f"{path} has an ending that AMA does not write."
        raise AudioFileError(message, hint=_WRITABLE_HINT, code="AMA-107")
    if not path.parent.is_dir():
        message = f"{path} cannot be written: there is no folder {path.parent}."
        raise AudioFileError(message, hint="Make it, or name another.", code="AMA-107")
    with (
        whole_file(path) as part,
        _opened(path, part, sample_rate_hz, channels, subtype) as file,
    ):
        yield AudioWriter(path, file)


def _opened(
    path: Path, part: Path, sample_rate_hz: int, channels: int, subtype: Subtype
) -> SoundFile:
    import soundfile

    ending = path.suffix.lower()
    lossy = ending in {".ogg", ".oga"}
    integers_only = ending == ".flac" and subtype == "FLOAT"
    try:
        return soundfile.SoundFile(
            file_name(part),
            "w",
            samplerate=sample_rate_hz,
            channels=channels,
            subtype=None if lossy else "PCM_24" if integers_only else subtype,
            format=_FORMATS.get(ending, ending[1:].upper()),
        )
    except (soundfile.LibsndfileError, OSError, TypeError, ValueError) as error:
        message = f"{path} cannot be written ({type(error).__name__})."
        raise AudioFileError(message, hint=_WRITABLE_HINT, code="AMA-107") from error


def write_audio(path: Path, sound: Sound, *, subtype: Subtype = "PCM_24") -> None:
    """Write a sound to a file."""
    with audio_writer(
        path, sample_rate_hz=sound.sample_rate_hz, channels=sound.channels, subtype=subtype
    ) as writer:
        for block in sound.blocks():
            writer.write(block)
