"""Sounds to put behind dynamics, and how levels behind them compare."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ama_analysis.audio import Audio, read_audio
from ama_analysis.measure.loudness import LoudnessMeter

SECONDS = 10
EXAMPLES = Path(__file__).parents[3] / "examples"


def step_powers(samples: np.ndarray, rate: int) -> np.ndarray:
    """Return the power in steps of 5 ms, (channels, steps)."""
    step = round(0.005 * rate)
    steps = samples.shape[1] // step
    squares = np.square(samples[:, : steps * step], dtype=np.float64)
    powers: np.ndarray = squares.reshape(samples.shape[0], steps, step).mean(axis=2)
    return powers


def loudness_lufs(samples: np.ndarray, rate: int) -> float:
    meter = LoudnessMeter(sample_rate_hz=rate, channels=samples.shape[0])
    meter.add(np.ascontiguousarray(samples, np.float32))
    loudness = meter.result().integrated_lufs
    assert loudness is not None
    return loudness


def excerpt(path: Path) -> Audio:
    """Return the loudest seconds of a stem that follow each other."""
    audio = read_audio(path)
    start = _loudest(audio)
    frames = SECONDS * audio.sample_rate_hz
    return Audio(np.ascontiguousarray(audio.samples[:, start : start + frames]), audio.sample_rate_hz)  # fmt: skip


def _loudest(audio: Audio) -> int:
    rate, frames = audio.sample_rate_hz, SECONDS * audio.sample_rate_hz
    energy = np.cumsum(np.square(audio.samples, dtype=np.float64).sum(axis=0))
    starts = np.arange(0, max(audio.frames - frames, 0) + 1, rate)
    ends = np.minimum(starts + frames, audio.frames) - 1
    start: int = starts[np.argmax(energy[ends] - energy[starts])]
    return start


def with_bleed(path: Path, others: list[tuple[Path, float]]) -> Audio:
    """Return the loudest seconds of a stem, (1, frames), as its microphone would hear it: with other stems so far (dB RMS) below it."""
    audio = read_audio(path)
    rate, start = audio.sample_rate_hz, _loudest(audio)
    taken = slice(start, start + SECONDS * rate)
    heard = audio.samples[:1, taken].copy()
    level = np.sqrt(np.mean(np.square(heard, dtype=np.float64)))
    for other, gain_db in others:
        bleed = read_audio(other, sample_rate_hz=rate).samples[:1, taken]
        factor = level * 10.0 ** (gain_db / 20.0) / np.sqrt(np.mean(np.square(bleed)) + 1e-12)
        heard[:, : bleed.shape[1]] += bleed * np.float32(factor)
    return Audio(heard, rate)
