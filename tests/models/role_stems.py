"""Sounds whose role is plain, made of arithmetic."""

from __future__ import annotations

import numpy as np

from ama_analysis.audio import Audio

RATE_HZ = 44_100


def kick(duration_s: float = 12.0) -> Audio:
    """Return a drum of 50 Hz that falls from 180 Hz, on every beat of 120 a minute."""
    t = np.arange(int(0.5 * RATE_HZ)) / RATE_HZ
    phase = 2.0 * np.pi * (50.0 * t + 130.0 * 0.03 * (1.0 - np.exp(-t / 0.03)))
    beat = np.sin(phase) * np.exp(-t / 0.12) + 0.2 * _noise(t.size, 1) * np.exp(-t / 0.003)
    return _stereo(np.tile(beat, int(duration_s / 0.5)))


def hats(duration_s: float = 12.0) -> Audio:
    """Return short bursts of high noise, eight in two seconds."""
    t = np.arange(int(0.25 * RATE_HZ)) / RATE_HZ
    burst = np.diff(_noise(t.size + 2, 2), 2) * np.exp(-t / 0.03)
    return _stereo(np.tile(burst, int(duration_s / 0.25)))


def bass(duration_s: float = 12.0) -> Audio:
    """Return plucked notes between 41 and 73 Hz with falling overtones."""
    notes = [41.2, 41.2, 55.0, 49.0, 61.7, 41.2, 73.4, 55.0]
    t = np.arange(int(0.5 * RATE_HZ)) / RATE_HZ
    parts = [
        sum(
            np.sin(2.0 * np.pi * f * n * t) / n**1.5 * np.exp(-t * (1.0 + 1.5 * n))
            for n in range(1, 16)
        )
        for f in notes
    ]
    return _stereo(np.tile(np.concatenate(parts), int(duration_s / 4.0)))


def _noise(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(count)


def _stereo(mono: np.ndarray) -> Audio:
    samples = (0.5 * mono / np.abs(mono).max()).astype(np.float32)
    return Audio(np.tile(samples, (2, 1)), RATE_HZ)
