"""Looking into a sound file: whether it can be used, at which rate, how long; each problem in one sentence."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ama_analysis.audio.edit_list import EditList, is_edit_list, read_edit_list
from ama_analysis.audio.file import AudioFile, cut_short, damaged
from ama_analysis.audio.names import file_name
from ama_analysis.audio.sound import Audio, in_memory
from ama_analysis.errors import AudioFileError
from ama_analysis.rates import is_rate

if TYPE_CHECKING:
    from soundfile import SoundFile

MAX_CHANNELS: Final = 2
SUFFIXES: Final = frozenset(
    {
        ".wav",
        ".wave",
        ".bwf",
        ".rf64",
        ".w64",
        ".aif",
        ".aiff",
        ".aifc",
        ".caf",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
    }
    | {".mp3", ".m4a", ".mp4", ".aac", ".wma"}
)
"""The endings by which a folder's sound files are known."""
_LONGEST_SHOWN: Final = 300
_SHORT_DATA: Final = re.compile(r"^data : (\d+) \(should be (\d+)\)", re.MULTILINE)
_PAGE_BYTES: Final = 65_307
_LAST_PAGE: Final = 4
"""A page of an OGG file is no longer; the flag of the last one."""
_STREAMED_BYTES: Final = 0xFFFF_FF00
"""Programs that stream a WAV file write a length like this, since they do not know it yet."""


def open_audio(path: Path, *, sample_rate_hz: int | None = None) -> AudioFile:
    """Look into a sound file (or an edit list) and return it as a `Sound` at `sample_rate_hz` (its own rate unless given).

    Raises `AudioFileError` in one sentence for a file that is missing, damaged, empty, of a rate outside 8-192 kHz, or that has more
    than two channels. Nothing but the header is read.
    """
    if what := _unusable(path):
        shown = (
            str(path) if len(str(path)) <= _LONGEST_SHOWN else f"{str(path)[:_LONGEST_SHOWN]}..."
        )
        message = f"{shown} {what}."
        raise AudioFileError(message, hint="Name a sound file that may be read.", code="AMA-101")
    if path.stat().st_size == 0:
        message = f"{path} is empty (0 bytes)."
        raise AudioFileError(message, hint="Export it again.", code="AMA-103")
    edits: EditList | None = None
    if is_edit_list(path):
        edits = read_edit_list(path)
        rate, frames, channels, by_av = edits.sample_rate_hz, edits.frames, edits.channels, False
    else:
        rate, frames, channels, by_av = _header(path)
    if frames <= 0:
        message = f"{path} holds no samples."
        raise AudioFileError(message, hint="Export it again.", code="AMA-103")
    if not is_rate(rate):
        message = f"{path} has a sample rate of {rate} Hz."
        raise AudioFileError(message, hint="AMA reads 8 kHz to 192 kHz.", code="AMA-104")
    if channels > MAX_CHANNELS:
        message = f"{path} has {channels} channels."
        raise AudioFileError(
            message, hint="AMA mixes mono and stereo: export a stereo version.", code="AMA-105"
        )
    return AudioFile(
        path=path,
        file_rate_hz=rate,
        file_frames=frames,
        channels=channels,
        sample_rate_hz=sample_rate_hz or rate,
        start_frame=0,
        by_av=by_av,
        edits=edits,
    )


def _unusable(path: Path) -> str:
    """Return why nothing can be read under a name, empty where a file can."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return "does not exist"
    except PermissionError:
        return "may not be read"
    except (OSError, ValueError):
        return "cannot be the name of a file"
    if stat.S_ISDIR(mode):
        return "is a folder"
    if not stat.S_ISREG(mode):
        return "is a device or a pipe"
    return "" if os.access(path, os.R_OK) else "may not be read"


def read_audio(path: Path, *, sample_rate_hz: int | None = None) -> Audio:
    """Read a whole file into memory, at `sample_rate_hz` (its own rate unless given); errors as `open_audio`."""
    file = open_audio(path, sample_rate_hz=sample_rate_hz)
    return in_memory(file)


def _header(path: Path) -> tuple[int, int, int, bool]:
    import soundfile

    try:
        with soundfile.SoundFile(file_name(path)) as file:
            promised_s = _promised_s(file)
            if promised_s is not None:
                raise cut_short(path, promised_s, file.frames / file.samplerate)
            if file.format == "OGG" and not _ends(path):
                message = f"{path} is cut short: what ends an OGG file is missing."
                raise AudioFileError(message, hint="Export it again.", code="AMA-102")
            return file.samplerate, file.frames, file.channels, False
    except TypeError as error:  # it is named .raw, and could be anything
        raise damaged(path, "it has no header") from error
    except soundfile.LibsndfileError as error:
        by_av = _header_by_av(path)
        if by_av is None:
            raise damaged(path, str(error)) from error
        return by_av


def _promised_s(file: SoundFile) -> float | None:
    """Return the length that a WAV header promises where libsndfile's log says that the file holds less, else None."""
    for line in _SHORT_DATA.finditer(file.extra_info):
        promised, found = int(line[1]), int(line[2])
        if 0 < found < promised < _STREAMED_BYTES:
            return float(file.frames / file.samplerate * promised / found)
    return None


def _ends(path: Path) -> bool:
    """Return whether the last page of an OGG file says that it is the last (RFC 3533, 6: header type flag 4); its length stands nowhere else."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - 2 * _PAGE_BYTES, 0))
        tail = file.read()
    page = tail.rfind(b"OggS")
    return page >= 0 and bool(tail[page + 5 : page + 6] and tail[page + 5] & _LAST_PAGE)


def _header_by_av(path: Path) -> tuple[int, int, int, bool] | None:
    try:
        import av
    except ImportError:
        return None
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                return None
            stream = container.streams.audio[0]
            if not hasattr(stream, "rate"):  # no decoder knows it
                return None
            if stream.duration is None or stream.time_base is None:
                duration_s = (container.duration or 0) / 1e6
            else:
                duration_s = float(stream.duration * stream.time_base)
            return stream.rate, round(duration_s * stream.rate), stream.channels, True
    except (av.error.FFmpegError, OSError):
        return None
