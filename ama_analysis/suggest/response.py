"""Magnitude responses, dB: the bilinear biquads of Bristow-Johnson's Audio EQ Cookbook (shelves with Q), and Butterworth filters."""

from __future__ import annotations

import math
from collections.abc import Sequence
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
    one = np.array([freq_hz]), np.array([gain_db]), np.array([q])
    response: Floats = responses_db([shape], *one, at_hz)[0]
    return response


def responses_db(
    shapes: Sequence[FilterShape], freq_hz: Floats, gain_db: Floats, q: Floats, at_hz: Floats
) -> Floats:
    """Return the gains of bands (each of these is as long) at the frequencies `at_hz`, dB, (bands, frequencies)."""
    omega = 2.0 * math.pi * np.asarray(freq_hz) / RATE_HZ
    amplitude = 10.0 ** (np.asarray(gain_db) / 40.0)
    cosine, alpha = np.cos(omega), np.sin(omega) / (2.0 * np.asarray(q))
    b, a = np.zeros((2, 3, len(shapes)))
    for shape in sorted(set(shapes)):
        which = np.array([one == shape for one in shapes])
        b[:, which], a[:, which] = _biquad(shape, cosine[which], alpha[which], amplitude[which])
    z = np.exp(-2j * np.pi * np.asarray(at_hz) / RATE_HZ)
    above, below = (c[0][:, None] + c[1][:, None] * z + c[2][:, None] * z**2 for c in (b, a))
    gains: Floats = 20.0 * np.log10(np.abs(above / below))
    return gains


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
    shape: FilterShape, cosine: Floats, alpha: Floats, amplitude: Floats
) -> tuple[Floats, Floats]:
    """Return numerators and denominators, (3, bands) each."""
    match shape:
        case "bell":
            up, down = alpha * amplitude, alpha / amplitude
            return (
                np.stack((1.0 + up, -2.0 * cosine, 1.0 - up)),
                np.stack((1.0 + down, -2.0 * cosine, 1.0 - down)),
            )
        case "low_shelf":
            return _shelf(amplitude, cosine, alpha)
        case "high_shelf":
            mirror = np.array([1.0, -1.0, 1.0])[:, None]
            b, a = _shelf(amplitude, -cosine, alpha)
            return b * mirror, a * mirror
        case _:
            assert_never(shape)


def _shelf(amplitude: Floats, cosine: Floats, alpha: Floats) -> tuple[Floats, Floats]:
    """Return the low shelf; with -cosine and b1, a1 negated it is the high shelf."""
    more, less, root = amplitude + 1.0, amplitude - 1.0, 2.0 * np.sqrt(amplitude) * alpha
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
    return np.stack(b), np.stack(a)
