"""Drums for a gate, and how two gates on them compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ama_analysis.audio import Audio
from ama_bridge.daw.ardour.dynamics.gate_fit import HEARD_DB
from tests.daw.ardour.behind import loudness_lufs, step_powers


@dataclass(frozen=True)
class Apart:
    """How far Ardour's gate is from the audition's, and how far down each is between the hits."""

    level_db: float
    loudness_lu: float
    closed_db: float
    our_closed_db: float


def _windows(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return powers over 5 ms that begin at any millisecond and a quarter, (channels, windows)."""
    shifts = [round(nth * 0.00125 * rate) for nth in range(4)]
    return np.concatenate([step_powers(samples[:, by:], rate) for by in shifts], axis=1)


def compared(dry: np.ndarray, audition: np.ndarray, ardour: np.ndarray, rate: int) -> Apart:
    """Compare behind the first third of a second, in which the plugin's make-up glides."""
    begin = rate // 3
    before, theirs, ours = (_windows(x[:, begin:], rate) for x in (dry, audition, ardour))
    hits = np.square(theirs).sum() / theirs.sum()
    floor, deep = hits * 10.0 ** (HEARD_DB / 10.0), hits * 1e-6
    apart = 10.0 * np.log10((ours + floor) / (theirs + floor))
    heard = np.maximum(ours, theirs) > floor
    down = [10.0 * np.log10((before + deep) / (one + deep)) for one in (theirs, ours)]
    closed = down[0] > 6.0
    lu = loudness_lufs(ardour[:, begin:], rate) - loudness_lufs(audition[:, begin:], rate)
    means = [float(one[closed].mean()) if closed.any() else 0.0 for one in down]
    return Apart(float(np.sqrt(np.mean(apart[heard] ** 2))), lu, *means)


def toms(rate: int = 48_000) -> Audio:
    """Return ten seconds of six struck toms over the hi-hat that their microphones hear, 30 dB below, (1, frames)."""
    rng = np.random.default_rng(2)
    at = np.arange(10 * rate) / rate
    samples = rng.standard_normal(at.size) * np.exp(-(at % 0.25) / 0.06) * 0.03
    tail = np.arange(rate) / rate
    for struck_s, freq_hz, level in ((1.0, 90, 0.7), (1.3, 110, 0.6), (1.6, 75, 0.8), (5.0, 90, 0.7), (5.25, 90, 0.5), (8.1, 75, 0.9)):  # fmt: skip
        wave = np.sin(2 * np.pi * freq_hz * tail * (1.0 + 0.1 * np.exp(-20.0 * tail)))
        begin = round(struck_s * rate)
        samples[begin : begin + rate] += level * wave * np.exp(-tail / 0.18)
    return Audio(samples.astype(np.float32)[None], rate)
