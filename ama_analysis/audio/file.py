"""A sound file that was found usable, decoded block by block: by libsndfile, or by PyAV what that does not know; resampled by soxr."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from ama_analysis.audio.edit_list import EditList
from ama_analysis.audio.names import file_name
from ama_analysis.audio.pcm import plain_pcm
from ama_analysis.audio.sound import BLOCK_FRAMES, Block
from ama_analysis.errors import AudioFileError

if TYPE_CHECKING:
    from soundfile import SoundFile

_MISSING_TAIL_S: Final = 0.2
"""A decoder that stops this much before the length in the header has met damage (MP3 lengths are a frame or two off)."""


_HIGHEST: Final = 1e4
"""80 dB above full scale: no mixer goes there, whole numbers of 16 bits and more that were written as floats do."""


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
    edits: EditList | None = None
    """The parts of other files that it is made of, where it is no sound file itself."""

    @property
    def frames(self) -> int:
        """The length in frames at `sample_rate_hz`."""
        return math.ceil(self.file_frames * self.sample_rate_hz / self.file_rate_hz)

    @property
    def duration_s(self) -> float:
        """The length in seconds."""
        return self.file_frames / self.file_rate_hz

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Decode the file; `AudioFileError` on damage, NaN, infinity and what goes 80 dB above full scale."""
        if self.edits is not None:
            decoded = self.edits.blocks(self.start_frame, self.file_frames, block_frames)
        else:
            decoded = self._decode_by_av() if self.by_av else self._decode(block_frames)
        checked = self._checked(decoded)
        if self.sample_rate_hz != self.file_rate_hz:
            checked = self._resampled(checked)
        return rechunked(checked, block_frames)

    def section(self, start_s: float, stop_s: float) -> AudioFile:
        """Return the part of the file from `start_s` to `stop_s` (seconds from its start, cut to what is there)."""
        start = min(max(round(start_s * self.file_rate_hz), 0), self.file_frames)
        stop = min(max(round(stop_s * self.file_rate_hz), start), self.file_frames)
        if stop == start:
            message = f"{self.path} has nothing between {start_s:g} s and {stop_s:g} s."
            raise AudioFileError(
                message, hint=f"It is {self.duration_s:.1f} s long.", code="AMA-103"
            )
        return replace(self, file_frames=stop - start, start_frame=self.start_frame + start)

    def _decode(self, block_frames: int) -> Iterator[Block]:
        import soundfile

        left = self.file_frames
        try:
            with soundfile.SoundFile(file_name(self.path)) as file:
                for part in self._parts(file, block_frames):
                    left -= part.shape[1]
                    yield part
        except soundfile.LibsndfileError as error:
            raise damaged(self.path, str(error)) from error
        if left > _MISSING_TAIL_S * self.file_rate_hz:
            raise cut_short(self.path, self.duration_s, self.duration_s - left / self.file_rate_hz)

    def _parts(self, file: SoundFile, block_frames: int) -> Iterator[Block]:
        start, left = self.start_frame, self.file_frames
        plain = plain_pcm(self.path, frames=file.frames, channels=file.channels)
        if plain is not None:
            yield from plain.blocks(start, left, block_frames)
            return
        if start:
            file.seek(start)
        room = np.empty((block_frames, file.channels), np.float32)
        while left > 0:
            part = file.read(out=room[: min(block_frames, left)])
            if not part.shape[0]:
                return
            left -= part.shape[0]
            yield np.array(part.T, order="C")

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
            raise damaged(self.path, error.strerror or str(error)) from error
        if left > _MISSING_TAIL_S * self.file_rate_hz:
            raise cut_short(self.path, self.duration_s, self.duration_s - left / self.file_rate_hz)

    def _checked(self, decoded: Iterator[Block]) -> Iterator[Block]:
        at = 0
        for block in decoded:
            highest = max(block.max(initial=0.0), -block.min(initial=0.0))  # NaN where one is
            if not highest <= _HIGHEST:
                raise self._beyond(float(highest), at / self.file_rate_hz)
            at += block.shape[1]
            yield block

    def _beyond(self, value: float, at_s: float) -> AudioFileError:
        hint = "Export it again."
        if math.isnan(value):
            what = "holds values that are not numbers"
        elif math.isinf(value):
            what = "goes to infinity"
        else:
            what = f"goes {20.0 * math.log10(value):.0f} dB above full scale"
            hint = "Export it again; full scale is 1.0 in floats."
        message = f"{self.path} {what} near {at_s:.2f} s."
        return AudioFileError(message, hint=hint, code="AMA-106")

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


def rechunked(parts: Iterator[Block], block_frames: int) -> Iterator[Block]:
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


def damaged(path: Path, why: str) -> AudioFileError:
    """Return the error for a file that a decoder gave up on."""
    reason = why.rsplit(":", 1)[-1].strip().rstrip(".")
    message = f"{path} cannot be decoded ({reason})."
    return AudioFileError(
        message, hint="Export it again as WAV, AIFF, FLAC, OGG or MP3.", code="AMA-102"
    )


def cut_short(path: Path, promised_s: float, found_s: float) -> AudioFileError:
    """Return the error for a file that holds less than its header promises."""
    message = f"{path} is cut short: it promises {promised_s:.2f} s and holds {found_s:.2f} s."
    return AudioFileError(message, hint="Export it again.", code="AMA-102")
