"""What a sound is: anything that gives its samples in blocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Block: TypeAlias = NDArray[np.float32]
"""Samples of shape (channels, frames)."""

BLOCK_FRAMES: Final = 1 << 16


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


@dataclass(frozen=True, slots=True)
class DerivedSound:
    """A sound made of another, with its rate, channels and length; what it does to the samples is its own `blocks`."""

    sound: Sound

    @property
    def sample_rate_hz(self) -> int:
        """The rate of the sound it is made of."""
        return self.sound.sample_rate_hz

    @property
    def channels(self) -> int:
        """The channels of that sound."""
        return self.sound.channels

    @property
    def frames(self) -> int:
        """The length of that sound."""
        return self.sound.frames


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


def as_stereo(block: Block) -> Block:
    """Return (2, frames); mono goes to both channels at full level (a view, not a copy)."""
    return np.broadcast_to(block, (2, block.shape[1])) if block.shape[0] == 1 else block
