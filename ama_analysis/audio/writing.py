"""Writing sound files, so that nobody ever sees half of one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ama_analysis.audio.names import file_name
from ama_analysis.audio.sound import Block, Sound
from ama_analysis.errors import AudioFileError, DeliveryError
from ama_analysis.whole_file import obstacle, whole_file

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
        """Append (channels, frames); `DeliveryError` (AMA-701) where that fails."""
        import soundfile

        try:
            self._file.write(block.T)
        except (soundfile.LibsndfileError, OSError) as error:
            raise _failed(self._path, error) from error


@contextmanager
def audio_writer(
    path: Path, *, sample_rate_hz: int, channels: int = 2, subtype: Subtype = "PCM_24"
) -> Iterator[AudioWriter]:
    """Open a file to write block by block, which gets its name at the end, so that nobody sees half of it; the ending tells the format (.wav, .flac, .aiff, .ogg).

    `AudioFileError` (AMA-107) where it cannot have that name, `DeliveryError` (AMA-701) where writing fails.
    """
    refuse_audio_name(path)
    with whole_file(path) as part:
        file = _opened(path, part, sample_rate_hz, channels, subtype)
        with _closed(path, file):
            yield AudioWriter(path, file)


def refuse_audio_name(path: Path) -> None:
    """Raise `AudioFileError` (AMA-107) where no sound file can be written under this name."""
    why = obstacle(path)
    if path.suffix.lower() not in WRITABLE:
        message = f"{path} has an ending that AMA does not write."
        raise AudioFileError(message, hint=_WRITABLE_HINT, code="AMA-107")
    if not why and not path.parent.is_dir():
        message = f"{path} cannot be written: there is no folder {path.parent}."
        raise AudioFileError(message, hint="Make it, or name another.", code="AMA-107")
    if not why and path.exists() and not path.is_file():
        why = "is a device or a pipe"
    if why:
        message = f"{path} {why}."
        raise AudioFileError(message, hint="Choose another name.", code="AMA-107")


def _opened(
    path: Path, part: Path, sample_rate_hz: int, channels: int, subtype: Subtype
) -> SoundFile:
    import soundfile

    ending = path.suffix.lower()
    lossy = ending in {".ogg", ".oga"}
    integers_only = ending == ".flac" and subtype == "FLOAT"
    try:
        part.touch()  # says why not, which libsndfile does not
        return soundfile.SoundFile(
            file_name(part),
            "w",
            samplerate=sample_rate_hz,
            channels=channels,
            subtype=None if lossy else "PCM_24" if integers_only else subtype,
            format=_FORMATS.get(ending, ending[1:].upper()),
        )
    except (soundfile.LibsndfileError, OSError, TypeError, ValueError) as error:
        raise _failed(path, error) from error


@contextmanager
def _closed(path: Path, file: SoundFile) -> Iterator[None]:
    """Close the file in the end, which writes what libsndfile still holds."""
    import soundfile

    try:
        with file:
            yield
    except soundfile.LibsndfileError as error:
        raise _failed(path, error) from error


def _failed(path: Path, error: Exception) -> DeliveryError:
    """Return the error for a file that could not be written; of a full disk libsndfile says no more than "System error"."""
    why = getattr(error, "strerror", None) or str(error).rsplit(":", 1)[-1].strip().rstrip(".")
    message = f"{path} cannot be written ({why})."
    hint = "Check the folder and the space on the disk."
    if Path(tempfile.gettempdir()) in path.parents:
        hint += " TMPDIR names another folder for what is temporary."
    return DeliveryError(message, hint=hint)


def write_audio(path: Path, sound: Sound, *, subtype: Subtype = "PCM_24") -> None:
    """Write a sound to a file."""
    with audio_writer(
        path, sample_rate_hz=sound.sample_rate_hz, channels=sound.channels, subtype=subtype
    ) as writer:
        for block in sound.blocks():
            writer.write(block)
