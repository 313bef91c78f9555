"""Stems of known making and mixes of them at known faders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ama_analysis.audio import Audio, DerivedSound, as_stereo
from ama_analysis.session import Session, Track
from tests.signals import noise


def stem(seed, *, channels=2, rate=44_100, duration_s=6.0):
    """Return pink noise with a loudness that changes, so that time shows."""
    audio = noise(
        seed=seed, channels=channels, sample_rate_hz=rate, duration_s=duration_s, pink=True
    )
    slow = np.random.default_rng(seed + 100).uniform(0.1, 1.0, 24)
    envelope = np.interp(np.linspace(0, 23, audio.frames), np.arange(24), slow)
    return Audio((audio.samples * envelope).astype(np.float32), rate)


def mix_of(stems, gains_db, pans):
    """Return the sum of stems at these faders and pans."""
    frames = max(one.frames for one in stems)
    total = np.zeros((2, frames))
    for one, gain_db, pan in zip(stems, gains_db, pans, strict=True):
        sides = 10 ** (gain_db / 20) * np.array([[1 - max(pan, 0.0)], [1 + min(pan, 0.0)]])
        total[:, : one.frames] += sides * as_stereo(one.samples)
    return Audio(total.astype(np.float32), stems[0].sample_rate_hz)


def session_of(stems):
    """Return a session of stems in memory, and what opens them."""
    tracks = tuple(
        Track(id=f"t{i}", name=f"t{i}", path=Path(f"t{i}.wav"), fader_db=-1.5, pan=0.25)
        for i in range(len(stems))
    )
    session = Session(
        name="made",
        tracks=tracks,
        sample_rate_hz=stems[0].sample_rate_hz,
        duration_s=max(one.frames / one.sample_rate_hz for one in stems),
    )
    return session, lambda track: stems[int(track.id[1:])]


@dataclass(frozen=True, slots=True)
class Crumbs(DerivedSound):
    """The same sound in small blocks of its own."""

    size: int

    def blocks(self, block_frames: int = 0) -> Iterator[np.ndarray]:
        """Yield blocks of `size` whatever was asked for."""
        yield from self.sound.blocks(self.size)
