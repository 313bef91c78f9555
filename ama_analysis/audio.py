"""Sound in and out: the one place that decodes, resamples and writes audio files.

Audio is float32 of shape (channels, frames), one or two channels, with its rate. Everything that is long is read and written in blocks.
WAV, AIFF, FLAC, OGG and MP3 are decoded by libsndfile, what it does not know (AAC in .m4a, for one) by PyAV; rates change through soxr.
Decoded files may go over full scale and are left as they are. A file with more than two channels is refused.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, Protocol, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.errors import AudioFileError

if TYPE_CHECKING:
    from soundfile import SoundFile

Block: TypeAlias = NDArray[np.float32]
"""Samples of shape (channels, frames)."""
Subtype: TypeAlias = Literal["PCM_16", "PCM_24", "FLOAT"]

BLOCK_FRAMES: Final = 1 << 16
MIN_RATE_HZ: Final = 8_000
MAX_RATE_HZ: Final = 192_000
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
_SHORT_DATA: Final = re.compile(r"^data : (\d+) \(should be (\d+)\)", re.MULTILINE)
_STREAMED_BYTES: Final = 0xFFFF_FF00
"""Programs that stream a WAV file write a length like this, since they do not know it yet."""
_MISSING_TAIL_S: Final = 0.2
"""A decoder that stops this much before the length in the header has met damage (MP3 lengths are a frame or two off)."""


class Sound(Protocol):
    """Anything that gives its samples in blocks; each call of `blocks` starts anew."""

    @property
    def sample_rate_hz(self) -> int:
        """The rate of the blocks."""

    @property
    def channels(self) -> int:
        """1 or 2."""

    @property
    def frames(self) -> int:
        """The length; a compressed file may turn out a few hundred frames shorter or longer."""

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Yield (channels, n) float32 with 0 < n <= block_frames until the end; only the last may be shorter."""


@dataclass(frozen=True, slots=True, eq=False)
class Audio:
    """Samples in memory, (channels, frames) float32; itself a `Sound`."""

    samples: Block
    sample_rate_hz: int

    def __post_init__(self) -> None:
        if self.samples.ndim != 2 or self.samples.dtype != np.float32:
            message = f"samples are {self.samples.dtype} {self.samples.shape}, not float32 (channels, frames)"
            raise ValueError(message)

    @property
    def channels(self) -> int:
        """The number of channels."""
        return int(self.samples.shape[0])

    @property
    def frames(self) -> int:
        """The length in frames."""
        return int(self.samples.shape[1])

    @property
    def duration_s(self) -> float:
        """The length in seconds."""
        return self.frames / self.sample_rate_hz

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Yield views of the samples."""
        for start in range(0, self.frames, block_frames):
            yield self.samples[:, start : start + block_frames]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFile:
    """A sound file that was looked into and found usable; its samples are decoded by `blocks`, each time anew.

    `frames` and the blocks are at `sample_rate_hz`, which differs from `file_rate_hz` where a rate was asked for.
    """

    path: Path
    file_rate_hz: int
    file_frames: int
    channels: int
    sample_rate_hz: int
    start_frame: int
    by_av: bool = False

    @property
    def frames(self) -> int:
        """The length in frames at `sample_rate_hz`."""
        return math.ceil(self.file_frames * self.sample_rate_hz / self.file_rate_hz)

    @property
    def duration_s(self) -> float:
        """The length in seconds."""
        return self.file_frames / self.file_rate_hz

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Decode the file; `AudioFileError` on damage, NaN or infinity."""
        decoded = self._decode_by_av() if self.by_av else self._decode(block_frames)
        checked = self._checked(decoded)
        if self.sample_rate_hz != self.file_rate_hz:
            checked = self._resampled(checked)
        return _rechunked(checked, block_frames)

    def section(self, start_s: float, stop_s: float) -> AudioFile:
        """Return the part of the file from `start_s` to `stop_s` (seconds from its start, cut to what is there)."""
        start = min(max(round(start_s * self.file_rate_hz), 0), self.file_frames)
        stop = min(max(round(stop_s * self.file_rate_hz), start), self.file_frames)
        if stop == start:
            message = f"{self.path} has nothing between {start_s:g} s and {stop_s:g} s."
            raise AudioFileError(
                message, hint=f"It is {self.duration_s:.1f} s long.", code="AMA-103"
            )
        return AudioFile(
            path=self.path,
            file_rate_hz=self.file_rate_hz,
            file_frames=stop - start,
            channels=self.channels,
            sample_rate_hz=self.sample_rate_hz,
            start_frame=self.start_frame + start,
            by_av=self.by_av,
        )

    def _decode(self, block_frames: int) -> Iterator[Block]:
        import soundfile

        left = self.file_frames
        try:
            with soundfile.SoundFile(_file_name(self.path)) as file:
                if self.start_frame:
                    file.seek(self.start_frame)
                while left > 0:
                    part = file.read(min(block_frames, left), dtype="float32", always_2d=True)
                    if part.shape[0] == 0:
                        break
                    left -= part.shape[0]
                    yield np.ascontiguousarray(part.T)
        except soundfile.LibsndfileError as error:
            raise _damaged(self.path, str(error)) from error
        if left > _MISSING_TAIL_S * self.file_rate_hz:
            raise _cut_short(self.path, self.duration_s, self.duration_s - left / self.file_rate_hz)

    def _decode_by_av(self) -> Iterator[Block]:
        import av

        skip, left = self.start_frame, self.file_frames
        try:
            with av.open(str(self.path)) as container:
                to_float = av.AudioResampler(format="fltp")
                for frame in container.decode(audio=0):
                    for converted in to_float.resample(frame):
                        part = converted.to_ndarray()
                        dropped = min(skip, part.shape[1])
                        skip -= dropped
                        part = part[:, dropped : dropped + left]
                        left -= part.shape[1]
                        if part.shape[1]:
                            yield np.ascontiguousarray(part, dtype=np.float32)
                    if left <= 0:
                        return
        except av.error.FFmpegError as error:
            raise _damaged(self.path, str(error)) from error
        if left > _MISSING_TAIL_S * self.file_rate_hz:
            raise _cut_short(self.path, self.duration_s, self.duration_s - left / self.file_rate_hz)

    def _checked(self, decoded: Iterator[Block]) -> Iterator[Block]:
        at = 0
        for block in decoded:
            if not np.isfinite(block).all():
                message = f"{self.path} holds values that are not numbers near {at / self.file_rate_hz:.2f} s."
                raise AudioFileError(message, hint="Export the stem again.", code="AMA-106")
            at += block.shape[1]
            yield block

    def _resampled(self, decoded: Iterator[Block]) -> Iterator[Block]:
        import soxr

        stream = soxr.ResampleStream(
            self.file_rate_hz, self.sample_rate_hz, self.channels, dtype="float32", quality="HQ"
        )
        for block in decoded:
            part = stream.resample_chunk(block.T)
            if part.shape[0]:
                yield np.ascontiguousarray(part.T)
        tail = stream.resample_chunk(np.zeros((0, self.channels), np.float32), last=True)
        if tail.shape[0]:
            yield np.ascontiguousarray(tail.T)


def _rechunked(parts: Iterator[Block], block_frames: int) -> Iterator[Block]:
    """Yield blocks of just `block_frames` (the last shorter) from parts of any length."""
    waiting: list[Block] = []
    count = 0
    for part in parts:
        if not waiting and part.shape[1] == block_frames:
            yield part
            continue
        waiting.append(part)
        count += part.shape[1]
        if count >= block_frames:
            joined = np.concatenate(waiting, axis=1)
            whole = count - count % block_frames
            for start in range(0, whole, block_frames):
                yield joined[:, start : start + block_frames]
            waiting = [joined[:, whole:]] if whole < count else []
            count -= whole
    if count:
        yield np.concatenate(waiting, axis=1)


def _file_name(path: Path) -> str | bytes:
    """Return a path as soundfile can open it: as bytes where names are bytes, since not every name is Unicode."""
    return os.fsencode(path) if os.name == "posix" else str(path)


def _damaged(path: Path, why: str) -> AudioFileError:
    reason = why.rsplit(":", 1)[-1].strip().rstrip(".")
    message = f"{path} cannot be decoded ({reason})."
    return AudioFileError(
        message, hint="Export it again as WAV, AIFF, FLAC, OGG or MP3.", code="AMA-102"
    )


def _cut_short(path: Path, promised_s: float, found_s: float) -> AudioFileError:
    message = f"{path} is cut short: it promises {promised_s:.2f} s and holds {found_s:.2f} s."
    return AudioFileError(message, hint="Export it again.", code="AMA-102")


def open_audio(path: Path, *, sample_rate_hz: int | None = None) -> AudioFile:
    """Look into a sound file and return it as a `Sound` at `sample_rate_hz` (its own rate unless given).

    Raises `AudioFileError` in one sentence for a file that is missing, damaged, empty, of a rate outside 8-192 kHz, or that has more
    than two channels. Nothing but the header is read.
    """
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        message = f"{path} {what}."
        raise AudioFileError(message, hint="Name a sound file.", code="AMA-101")
    if path.stat().st_size == 0:
        message = f"{path} is empty (0 bytes)."
        raise AudioFileError(message, hint="Export it again.", code="AMA-103")
    rate, frames, channels, by_av = _header(path)
    if frames <= 0:
        message = f"{path} holds no samples."
        raise AudioFileError(message, hint="Export it again.", code="AMA-103")
    if not MIN_RATE_HZ <= rate <= MAX_RATE_HZ:
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
    )


def _header(path: Path) -> tuple[int, int, int, bool]:
    import soundfile

    try:
        with soundfile.SoundFile(_file_name(path)) as file:
            promised_s = _promised_s(file)
            if promised_s is not None:
                raise _cut_short(path, promised_s, file.frames / file.samplerate)
            return file.samplerate, file.frames, file.channels, False
    except soundfile.LibsndfileError as error:
        by_av = _header_by_av(path)
        if by_av is None:
            raise _damaged(path, str(error)) from error
        return by_av
    except PermissionError as error:
        message = f"{path} may not be read."
        raise AudioFileError(message, hint="Check its permissions.", code="AMA-101") from error


def _promised_s(file: SoundFile) -> float | None:
    """Return the length that a WAV header promises where libsndfile's log says that the file holds less, else None."""
    for line in _SHORT_DATA.finditer(file.extra_info):
        promised, found = int(line[1]), int(line[2])
        if 0 < found < promised < _STREAMED_BYTES:
            return float(file.frames / file.samplerate * promised / found)
    return None


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
            if stream.duration is None or stream.time_base is None:
                duration_s = (container.duration or 0) / 1e6
            else:
                duration_s = float(stream.duration * stream.time_base)
            return stream.rate, round(duration_s * stream.rate), stream.channels, True
    except (av.error.FFmpegError, OSError):
        return None


def read_audio(path: Path, *, sample_rate_hz: int | None = None) -> Audio:
    """Read a whole file into memory, at `sample_rate_hz` (its own rate unless given); errors as `open_audio`."""
    file = open_audio(path, sample_rate_hz=sample_rate_hz)
    return in_memory(file)


def in_memory(sound: Sound) -> Audio:
    """Return a sound's samples in memory."""
    parts = list(sound.blocks())
    samples = np.concatenate(parts, axis=1) if parts else np.zeros((sound.channels, 0), np.float32)
    return Audio(samples, sound.sample_rate_hz)


def resampled(audio: Audio, sample_rate_hz: int) -> Audio:
    """Return samples at another rate (themselves where it is their own)."""
    if audio.sample_rate_hz == sample_rate_hz or audio.frames == 0:
        return Audio(audio.samples, sample_rate_hz)
    import soxr

    samples = soxr.resample(audio.samples.T, audio.sample_rate_hz, sample_rate_hz, quality="HQ")
    return Audio(np.ascontiguousarray(samples.T, dtype=np.float32), sample_rate_hz)


class AudioWriter:
    """Writes a file block by block under a name of its own and gives it its name at the end, so that nobody sees half a file."""

    def __init__(
        self, path: Path, *, sample_rate_hz: int, channels: int = 2, subtype: Subtype = "PCM_24"
    ) -> None:
        """Open the file; the ending of `path` tells the format (.wav, .flac, .aiff, .ogg)."""
        import soundfile

        self._path = path
        self._part = path.with_name(f".{path.stem}.part{path.suffix}")
        formats = {".aif": "AIFF", ".oga": "OGG"}
        lossy = path.suffix.lower() in {".ogg", ".oga", ".mp3"}
        integers_only = path.suffix.lower() == ".flac" and subtype == "FLOAT"
        try:
            self._file = soundfile.SoundFile(
                _file_name(self._part),
                "w",
                samplerate=sample_rate_hz,
                channels=channels,
                subtype=None if lossy else "PCM_24" if integers_only else subtype,
                format=formats.get(path.suffix.lower()),
            )
        except (soundfile.LibsndfileError, OSError, TypeError, ValueError) as error:
            self._part.unlink(missing_ok=True)
            message = f"{path} cannot be written ({error})."
            hint = "Name a .wav, .flac, .aiff or .ogg file in a folder that exists."
            raise AudioFileError(message, hint=hint, code="AMA-107") from error

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


def as_stereo(block: Block) -> Block:
    """Return (2, frames); mono goes to both channels at full level (a view, not a copy)."""
    return np.broadcast_to(block, (2, block.shape[1])) if block.shape[0] == 1 else block


def padded(sound: Sound, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
    """Yield a sound's blocks as stereo, then silence without end, so that sounds of different lengths walk side by side."""
    for block in sound.blocks(block_frames):
        missing = block_frames - block.shape[1]
        stereo = as_stereo(block)
        yield np.pad(stereo, ((0, 0), (0, missing))) if missing else stereo
    while True:
        yield np.zeros((2, block_frames), np.float32)
