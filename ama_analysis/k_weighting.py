"""The K-weighting of ITU-R BS.1770: the head's high shelf and the high-pass (RLB) before it, at any rate.

The recommendation prints coefficients for 48 kHz. The analogue prototype behind them (a shelf at 1682 Hz with 4 dB, a high-pass at
38.1 Hz) was worked out by B. De Man, "Evaluation of implementations of the EBU R128 loudness measurement" (AES 145, 2018); the
bilinear transform of it gives the printed figures at 48 kHz and the same curve elsewhere.
"""

from __future__ import annotations

import math
from typing import Final, TypeAlias

import numpy as np

from ama_analysis.bands import Floats

OFFSET_LU: Final = -0.691
"""BS.1770: loudness is this plus 10 log10 of the weighted power, so that a 997 Hz sine at 0 dBFS in one channel reads -3.01 LKFS."""
REFERENCE_LUFS: Final = -16.0
"""The loudness at which mixes are compared (`distance`)."""

_SHELF_HZ: Final = 1681.974450955533
_SHELF_DB: Final = 3.999843853973347
_SHELF_Q: Final = 0.7071752369554196
_HIGH_PASS_HZ: Final = 38.13547087602444
_HIGH_PASS_Q: Final = 0.5003270373238773
_SHELF_BEND: Final = 0.4996667741545416
"""The exponent by which the shelf's middle gain follows from its whole gain."""

Biquad: TypeAlias = tuple[tuple[float, float, float], tuple[float, float, float]]
"""Numerator and denominator, the latter beginning with 1."""


def k_weighting_biquads(sample_rate_hz: int) -> tuple[Biquad, Biquad]:
    """Return the shelf and the high-pass as digital biquads."""
    k = math.tan(math.pi * _SHELF_HZ / sample_rate_hz)
    whole = 10.0 ** (_SHELF_DB / 20.0)
    middle = whole**_SHELF_BEND
    norm = 1.0 + k / _SHELF_Q + k * k
    shelf = (
        (
            (whole + middle * k / _SHELF_Q + k * k) / norm,
            2.0 * (k * k - whole) / norm,
            (whole - middle * k / _SHELF_Q + k * k) / norm,
        ),
        (1.0, 2.0 * (k * k - 1.0) / norm, (1.0 - k / _SHELF_Q + k * k) / norm),
    )
    k = math.tan(math.pi * _HIGH_PASS_HZ / sample_rate_hz)
    norm = 1.0 + k / _HIGH_PASS_Q + k * k
    high_pass = (
        (1.0, -2.0, 1.0),
        (1.0, 2.0 * (k * k - 1.0) / norm, (1.0 - k / _HIGH_PASS_Q + k * k) / norm),
    )
    return shelf, high_pass


def k_weighting_response(freq_hz: Floats, sample_rate_hz: int) -> Floats:
    """Return the complex response at frequencies up to the Nyquist frequency."""
    delay = np.exp(-2j * np.pi * np.asarray(freq_hz) / sample_rate_hz)
    response = np.ones_like(delay)
    for numerator, denominator in k_weighting_biquads(sample_rate_hz):
        response *= np.polyval(numerator[::-1], delay) / np.polyval(denominator[::-1], delay)
    return response


def k_weighting_power(freq_hz: Floats, sample_rate_hz: int = 48_000) -> Floats:
    """Return the power gain at frequencies, linear."""
    return np.abs(k_weighting_response(freq_hz, sample_rate_hz)) ** 2
