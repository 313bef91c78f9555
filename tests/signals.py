"""Made signals for tests: sines, noise, clicks, silence; float32 of shape (channels, frames), always the same for the same arguments."""

from __future__ import annotations

import numpy as np

from ama_analysis.audio import Audio, Block


def sine(
    freq_hz: float,
    *,
    level_dbfs: float = -20.0,
    duration_s: float = 1.0,
    sample_rate_hz: int = 48_000,
    channels: int = 2,
    phase: float = 0.0,
) -> Audio:
    """Return a sine whose peak is `level_dbfs`."""
    t = np.arange(round(duration_s * sample_rate_hz)) / sample_rate_hz
    one = 10.0 ** (level_dbfs / 20.0) * np.sin(2.0 * np.pi * freq_hz * t + phase)
    return Audio(np.tile(one.astype(np.float32), (channels, 1)), sample_rate_hz)


def noise(
    *,
    rms_dbfs: float = -20.0,
    duration_s: float = 1.0,
    sample_rate_hz: int = 48_000,
    channels: int = 2,
    pink: bool = False,
    seed: int = 1,
) -> Audio:
    """Return Gaussian noise, white or pink (20 Hz upwards), independent in each channel."""
    frames = round(duration_s * sample_rate_hz)
    samples = np.random.default_rng(seed).standard_normal((channels, frames))
    if pink:
        spectrum = np.fft.rfft(samples)
        freq_hz = np.fft.rfftfreq(frames, 1.0 / sample_rate_hz)
        spectrum *= np.where(freq_hz >= 20.0, 1.0 / np.sqrt(np.maximum(freq_hz, 20.0)), 0.0)
        samples = np.fft.irfft(spectrum, frames)
    samples *= 10.0 ** (rms_dbfs / 20.0) / np.sqrt(np.mean(samples**2))
    return Audio(samples.astype(np.float32), sample_rate_hz)


def silence(*, duration_s: float = 1.0, sample_rate_hz: int = 48_000, channels: int = 2) -> Audio:
    """Return digital silence."""
    frames = round(duration_s * sample_rate_hz)
    return Audio(np.zeros((channels, frames), np.float32), sample_rate_hz)


def clicks(
    every_s: float, *, duration_s: float = 1.0, sample_rate_hz: int = 48_000, channels: int = 2
) -> Audio:
    """Return single-sample clicks of 0.5, the first at 0 s."""
    samples: Block = np.zeros((channels, round(duration_s * sample_rate_hz)), np.float32)
    samples[:, :: round(every_s * sample_rate_hz)] = 0.5
    return Audio(samples, sample_rate_hz)


PERIOD = 1 << 16
"""Frames of a period of `pink`."""


def pink(sample_rate_hz: int, periods: int) -> tuple[Block, np.ndarray]:
    """Return pink noise with a period, so many of them, (1, n), and the spectrum of one.

    An impulse would do for exact filters; in 32-bit arithmetic its few bits in the deep bass drown in what is rounded.
    """
    freq = np.fft.rfftfreq(PERIOD, 1.0 / sample_rate_hz)
    phases = np.random.default_rng(0).uniform(0.0, 2.0 * np.pi, freq.size)
    spectrum = np.exp(1j * phases) / np.sqrt(np.maximum(freq, 20.0))
    spectrum[0] = 0.0
    period = np.fft.irfft(spectrum)
    period = (0.25 * period / np.abs(period).max()).astype(np.float32)
    return np.tile(period, periods)[None], np.fft.rfft(period)
