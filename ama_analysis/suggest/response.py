"""Magnitude responses, dB: the bilinear biquads of Bristow-Johnson's Audio EQ Cookbook (shelves with Q), and Butterworth filters."""

from __future__ import annotations

import math
from typing import Final, assert_never

import numpy as np

from ama_analysis.bands import Floats
from ama_analysis.plan import FilterShape

RATE_HZ: Final = 48_000.0
"""The rate at which responses are computed; below 16 kHz another rate changes gentle bands by tenths of a decibel."""


def band_response_db(
    shape: FilterShape, freq_hz: float, gain_db: float, q: float, at_hz: Floats
) -> Floats:
    """Return the gain of one band at the frequencies `at_hz`, dB."""
    b, a = _biquad(shape, 2.0 * math.pi * freq_hz / RATE_HZ, 10.0 ** (gain_db / 40.0), q)
    z = np.exp(-2j * np.pi * np.asarray(at_hz) / RATE_HZ)
    above = b[0] + b[1] * z + b[2] * z**2
    below = a[0] + a[1] * z + a[2] * z**2
    return 20.0 * np.log10(np.abs(above / below))


def butterworth_db(
    cutoff_hz: float, slope_db_per_oct: int, at_hz: Floats, *, high_pass: bool
) -> Floats:
    """Return the gain of a Butterworth high-pass or low-pass (bilinear transform) at the frequencies `at_hz`, dB."""
    order = slope_db_per_oct // 6
    highest = 0.499 * RATE_HZ
    warped = np.tan(np.pi * np.minimum(np.asarray(at_hz), highest) / RATE_HZ)
    corner = math.tan(math.pi * min(cutoff_hz, highest) / RATE_HZ)
    ratio = corner / warped if high_pass else warped / corner
    return -10.0 * np.log10(1.0 + ratio ** (2 * order))


def _biquad(
    shape: FilterShape, omega: float, amplitude: float, q: float
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    cosine, alpha = math.cos(omega), math.sin(omega) / (2.0 * q)
    match shape:
        case "bell":
            up, down = alpha * amplitude, alpha / amplitude
            return (1 + up, -2 * cosine, 1 - up), (1 + down, -2 * cosine, 1 - down)
        case "low_shelf":
            return _shelf(amplitude, cosine, alpha)
        case "high_shelf":
            mirrored = _shelf(amplitude, -cosine, alpha)
            (b0, b1, b2), (a0, a1, a2) = mirrored
            return (b0, -b1, b2), (a0, -a1, a2)
        case _:
            assert_never(shape)


def _shelf(
    amplitude: float, cosine: float, alpha: float
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return the low shelf; with -cosine and b1, a1 negated it is the high shelf."""
    more, less, root = amplitude + 1.0, amplitude - 1.0, 2.0 * math.sqrt(amplitude) * alpha
    b = (
        amplitude * (more - less * cosine + root),
        2.0 * amplitude * (less - more * cosine),
        amplitude * (more - less * cosine - root),
    )
    a = (
        more + less * cosine + root,
        -2.0 * (less + more * cosine),
        more + less * cosine - root,
    )
    return b, a
