"""Sums of many spectra over mel filters, without a product with a large matrix of mostly zeros.

Spectra are measured in several threads, and a BLAS that starts threads of its own in each of them would only get in the way.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ama_analysis.bands import Floats, Rows

MELS: Final = 128
_MELS_AT_ONCE: Final = 8
"""Fewer would be more calls, more would be more zeros; so small a product is made by one thread."""
_LINEAR_HZ: Final = 1000.0
_HZ_PER_MEL: Final = 200.0 / 3.0
_LOG_STEP: Final = np.log(6.4) / 27.0


def mel_frequencies(count: int, high_hz: float) -> Floats:
    """Return `count` frequencies from 0 Hz to `high_hz`, equally spaced on Slaney's mel scale (Auditory Toolbox, 1998)."""
    top = high_hz / _HZ_PER_MEL
    if high_hz > _LINEAR_HZ:
        top = _LINEAR_HZ / _HZ_PER_MEL + np.log(high_hz / _LINEAR_HZ) / _LOG_STEP
    mel = np.linspace(0.0, top, count)
    bent = _LINEAR_HZ * np.exp(_LOG_STEP * (mel - _LINEAR_HZ / _HZ_PER_MEL))
    return np.where(mel >= _LINEAR_HZ / _HZ_PER_MEL, bent, mel * _HZ_PER_MEL)


class MelSums:
    """128 triangular mel filters of equal area from 0 Hz to half the rate, as librosa's `filters.mel` makes them.

    Neighbouring filters share their bins, so each group of them is one small matrix product over just these.
    """

    def __init__(self, *, sample_rate_hz: int, fft_size: int) -> None:
        """Work out the filters."""
        points = mel_frequencies(MELS + 2, sample_rate_hz / 2.0)
        bin_hz = np.arange(fft_size // 2 + 1) * (sample_rate_hz / fft_size)
        rising = (bin_hz[:, None] - points[:-1]) / np.diff(points)
        filters = np.maximum(np.minimum(rising[:, :-1], 1.0 - rising[:, 1:]), 0.0)
        filters *= 2.0 / (points[2:] - points[:-2])
        self._groups: list[tuple[slice, slice, Rows]] = []
        for first in range(0, MELS, _MELS_AT_ONCE):
            mels = slice(first, first + _MELS_AT_ONCE)
            within = np.flatnonzero(filters[:, mels].any(axis=1))
            bins = slice(int(within[0]), int(within[-1]) + 1) if within.size else slice(0)
            weights = np.ascontiguousarray(filters[bins, mels], dtype=np.float32)
            self._groups.append((bins, mels, weights))

    def __call__(self, powers: Rows) -> Rows:
        """Return (n, 128) of (n, bins)."""
        mel = np.empty((powers.shape[0], MELS), np.float32)
        for bins, mels, weights in self._groups:
            np.matmul(powers[:, bins], weights, out=mel[:, mels])
        return mel
