"""Sessions of samples in memory, and short ways to say what is suggested for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ama_analysis.audio import Audio, Block, Sound, in_memory
from ama_analysis.plan import Action, Suggestion
from ama_analysis.render import Mixdown
from ama_analysis.session import Session, Track

SILENT_DB = -200.0


def says(track: str, action: Action, *, number: int = 1) -> Suggestion:
    """Return a suggestion."""
    return Suggestion(
        id=f"{action.kind}:{track}:{number}",
        track=track,
        action=action,
        because="A test asks for it.",
        confidence=1.0,
    )


def mix_of(
    stems: Mapping[str, Sound], *suggestions: Suggestion, **tracks: Mapping[str, object]
) -> Mixdown:
    """Return a mixdown of sounds by track id; `kick={"pan": 0.5}` sets a field of track kick."""
    first = next(iter(stems.values()))
    session = Session(
        name="test",
        tracks=tuple(
            replace(Track(id=name, name=name, path=Path(name)), **tracks.get(name, {}))  # type: ignore[arg-type]  # fields by name
            for name in stems
        ),
        sample_rate_hz=first.sample_rate_hz,
        duration_s=max(sound.frames for sound in stems.values()) / first.sample_rate_hz,
    )
    return Mixdown(session=session, suggestions=suggestions, sound_of=lambda track: stems[track.id])


def rendered(sound: Sound, block_frames: int | None = None) -> Block:
    """Return a sound's samples, walked in blocks of a length."""
    if block_frames is None:
        return in_memory(sound).samples
    return np.concatenate(list(sound.blocks(block_frames)), axis=1)


def level_db(samples: Block) -> float:
    """Return the RMS level, dBFS."""
    power = float(np.mean(np.square(samples, dtype=np.float64)))
    return 10.0 * np.log10(power) if power > 0.0 else SILENT_DB


def difference_db(a: Block, b: Block) -> float:
    """Return the peak of a difference re full scale, dB."""
    peak = float(np.max(np.abs(a.astype(np.float64) - b), initial=0.0))
    return 20.0 * np.log10(peak) if peak > 0.0 else SILENT_DB


def impulse(*, frames: int, at: int = 0, rate: int = 48_000, channels: int = 1) -> Audio:
    """Return one sample of 0.5 in silence."""
    samples: Block = np.zeros((channels, frames), np.float32)
    samples[:, at] = 0.5
    return Audio(samples, rate)


def steady(level_dbfs: float, *, frames: int = 24_000, channels: int = 1) -> Audio:
    """Return a constant, which is its own peak, at 48 kHz."""
    value = 10.0 ** (level_dbfs / 20.0)
    return Audio(np.full((channels, frames), value, np.float32), 48_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class LongNoise:
    """Noise of any length that takes no memory: one block, over and over."""

    frames: int
    seed: int = 1
    channels: int = 2
    sample_rate_hz: int = 48_000

    def blocks(self, block_frames: int = 1 << 16) -> Iterator[Block]:
        """Yield the block."""
        random = np.random.default_rng(self.seed)
        block = random.standard_normal((self.channels, block_frames), np.float32) * np.float32(0.1)
        for start in range(0, self.frames, block_frames):
            yield block[:, : self.frames - start]
