"""The two ways to say how wide a bell is: its quality, or octaves (Bristow-Johnson, Audio EQ Cookbook; between the points of half its gain in dB)."""

from __future__ import annotations

import math


def bandwidth_of(q: float) -> float:
    """Return a quality in octaves, by the relation for the analogue bell."""
    return 2.0 * math.asinh(1.0 / (2.0 * q)) / math.log(2.0)


def q_of(bandwidth_oct: float) -> float:
    """Return the quality of a bandwidth in octaves."""
    return 2.0 ** (bandwidth_oct / 2.0) / (2.0**bandwidth_oct - 1.0)
