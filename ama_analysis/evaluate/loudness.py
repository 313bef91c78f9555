"""Loudness and peaks of whole arrays: ITU-R BS.1770 and EBU Tech 3342, the plain way.

This is the benchmark's own meter, written for arrays in memory and kept apart from the streamed one in `measure`, so that the two can
contradict each other. Samples are (2, frames); a mono sound is told as two equal channels, as it is heard from two loudspeakers.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ama_analysis.bands import Floats

_OFFSET_LU: Final = -0.691
_ABSOLUTE_LUFS: Final = -70.0
_BLOCK_S: Final = 0.4
_OVERLAPS: Final = 4
_SHORT_TERM_S: Final = 3.0
_OVERSAMPLING: Final = 4
_CHUNK: Final = 1 << 18
_MARGIN: Final = 64
"""Samples around a chunk: three times what the interpolator (20 samples) reaches."""


def k_weighted(samples: Floats, sample_rate_hz: int) -> Floats:
    """Return (2, frames) through both filters of BS.1770, designed for any rate from their analogue prototypes (as libebur128 does)."""
    from scipy.signal import lfilter

    shelf = math.tan(math.pi * 1681.974450955533 / sample_rate_hz)
    high = 10.0 ** (3.999843853973347 / 20.0)
    band = high**0.4996667741545416
    q = 0.7071752369554196
    a0 = 1.0 + shelf / q + shelf**2
    numerator = np.array(
        [
            (high + band * shelf / q + shelf**2) / a0,
            2.0 * (shelf**2 - high) / a0,
            (high - band * shelf / q + shelf**2) / a0,
        ]
    )
    denominator = np.array([1.0, 2.0 * (shelf**2 - 1.0) / a0, (1.0 - shelf / q + shelf**2) / a0])
    bright = lfilter(numerator, denominator, samples, axis=1)
    low = math.tan(math.pi * 38.13547087602444 / sample_rate_hz)
    q = 0.5003270373238773
    a0 = 1.0 + low / q + low**2
    denominator = np.array([1.0, 2.0 * (low**2 - 1.0) / a0, (1.0 - low / q + low**2) / a0])
    weighted: Floats = lfilter(np.array([1.0, -2.0, 1.0]), denominator, bright, axis=1)
    return weighted


def _window_powers(weighted: Floats, length: int, hop: int) -> Floats:
    """Return the sum over channels of the mean squares of windows."""
    sums = np.concatenate(([0.0], np.cumsum(np.sum(np.square(weighted), axis=0))))
    starts = np.arange(0, max(weighted.shape[1] - length, 0) + 1, hop)
    stops = np.minimum(starts + length, weighted.shape[1])
    return (sums[stops] - sums[starts]) / length


def _lufs(power: float) -> float:
    return _OFFSET_LU + 10.0 * math.log10(power) if power > 0.0 else -math.inf


def _gated(powers: Floats, relative_lu: float) -> Floats:
    """Return the powers above -70 LUFS and above the gate `relative_lu` below the mean of those."""
    absolute = 10.0 ** ((_ABSOLUTE_LUFS - _OFFSET_LU) / 10.0)
    loud = powers[powers > absolute]
    if not loud.size:
        return loud
    return loud[loud > float(np.mean(loud)) * 10.0 ** (relative_lu / 10.0)]


def integrated_lufs(weighted: Floats, sample_rate_hz: int) -> float:
    """Return the gated loudness of K-weighted samples, -inf for silence."""
    length = round(_BLOCK_S * sample_rate_hz)
    powers = _gated(_window_powers(weighted, length, length // _OVERLAPS), -10.0)
    return _lufs(float(np.mean(powers))) if powers.size else -math.inf


def loudness_range_lu(weighted: Floats, sample_rate_hz: int) -> float:
    """Return the loudness range (windows of 3 s, one a second), 0 where nothing passes the gate."""
    length = round(_SHORT_TERM_S * sample_rate_hz)
    if weighted.shape[1] < length:
        return 0.0
    powers = np.sort(_gated(_window_powers(weighted, length, sample_rate_hz), -20.0))
    if not powers.size:
        return 0.0
    low, high = (powers[int((powers.size - 1) * share + 0.5)] for share in (0.10, 0.95))
    return _lufs(float(high)) - _lufs(float(low))


def true_peak(samples: Floats) -> float:
    """Return the largest magnitude after fourfold oversampling by SciPy's polyphase filter (linear)."""
    from scipy.signal import resample_poly

    largest = float(np.max(np.abs(samples), initial=0.0))
    for start in range(0, samples.shape[1], _CHUNK):
        first = max(start - _MARGIN, 0)
        part = samples[:, first : start + _CHUNK + _MARGIN]
        finer = np.abs(resample_poly(part, _OVERSAMPLING, 1, axis=1))
        inner = finer[:, (start - first) * _OVERSAMPLING : (start - first + _CHUNK) * _OVERSAMPLING]
        largest = max(largest, float(inner.max()))
    return largest
