"""Parts of a sound, read in the order of time: by seeking where a file allows that, by decoding onwards where it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from ama_analysis.audio import Audio, AudioFile, Block, Sound, resampled

_SEEKS: Final = frozenset({".wav", ".w64", ".aif", ".aiff", ".flac", ".ogg", ".oga", ".caf"})
"""Formats in which libsndfile finds a frame exactly (MP3 it may miss by the state of its decoder)."""
_MARGIN_S: Final = 1
"""A resampled part begins this much earlier, so that the filter has settled where it counts."""


class Pieces:
    """Reads parts of one sound; asking for an earlier part than before begins anew where the sound cannot seek."""

    def __init__(self, sound: Sound) -> None:
        """Open nothing yet."""
        self._sound = sound
        self._stream: Iterator[Block] | None = None
        self._kept: Block = np.zeros((sound.channels, 0), np.float32)
        self._at = 0

    def read(self, start: int, frames: int) -> Block:
        """Return (channels, frames) from frame `start` on, silence where the sound is not."""
        out = np.zeros((self._sound.channels, frames), np.float32)
        first, last = max(start, 0), min(start + frames, self._sound.frames)
        if last > first:
            part = self._part(first, last)[:, : last - first]
            out[:, first - start : first - start + part.shape[1]] = part
        return out

    def _part(self, first: int, last: int) -> Block:
        sound = self._sound
        if isinstance(sound, Audio):
            return sound.samples[:, first:last]
        if isinstance(sound, AudioFile) and not sound.by_av and sound.path.suffix.lower() in _SEEKS:
            return _sought(sound, first, last)
        return self._streamed(first, last)

    def _streamed(self, first: int, last: int) -> Block:
        if self._stream is None or first < self._at:
            self._stream, self._at = self._sound.blocks(), 0
            self._kept = self._kept[:, :0]
        while self._at + self._kept.shape[1] < last:
            block = next(self._stream, None)
            if block is None:
                break
            kept = self._kept[:, max(first - self._at, 0) :]
            self._at += self._kept.shape[1] - kept.shape[1]
            self._kept = np.concatenate((kept, block), axis=1)
        return self._kept[:, max(first - self._at, 0) : max(last - self._at, 0)]


def _sought(sound: AudioFile, first: int, last: int) -> Block:
    """Return frames of a file: from whole seconds on, where resampled frames lie as in the whole."""
    rate = sound.sample_rate_hz
    start_s = max(first // rate - _MARGIN_S, 0) if rate != sound.file_rate_hz else first / rate
    stop_s = -(-last // rate) + _MARGIN_S if rate != sound.file_rate_hz else last / rate
    if start_s >= sound.duration_s:
        return np.zeros((sound.channels, 0), np.float32)
    part = sound.section(start_s, min(stop_s, sound.duration_s))
    blocks = list(part.blocks())
    begin = first - round(start_s * rate)
    return np.concatenate(blocks, axis=1)[:, begin : begin + last - first]


def at_rate(sound: Sound, rate_hz: int) -> Sound:
    """Return a sound at another rate (itself where it is its own); `ValueError` for a made sound, which has no other."""
    if sound.sample_rate_hz == rate_hz:
        return sound
    if isinstance(sound, AudioFile):
        return replace(sound, sample_rate_hz=rate_hz)
    if isinstance(sound, Audio):
        return resampled(sound, rate_hz)
    message = f"a {type(sound).__name__} at {sound.sample_rate_hz} Hz cannot be resampled"
    raise ValueError(message)
