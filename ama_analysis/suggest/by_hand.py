"""Values as an engineer would set them by hand: few digits, no negative zero.

Rounding also makes a plan the same byte for byte where arithmetic differs in the last bit.
"""

from __future__ import annotations

import math
from typing import Final

PAN_STEP: Final = 0.05
LEAST_DB: Final = 0.1


def decibel(value_db: float) -> float:
    """Return a level to 0.1 dB."""
    return round(float(value_db), 1) + 0.0


def whole_decibel(value_db: float) -> float:
    """Return a level to 0.5 dB, as thresholds are set."""
    return round(float(value_db) * 2.0) / 2.0 + 0.0


def pan(value: float) -> float:
    """Return a pan position to 0.05, -1 to +1."""
    return round(round(min(max(value, -1.0), 1.0) / PAN_STEP) * PAN_STEP, 2) + 0.0


def digits(value: float, count: int) -> float:
    """Return a positive value to so many significant digits."""
    places = count - 1 - math.floor(math.log10(value))
    return round(float(value), places)


def frequency(freq_hz: float) -> float:
    """Return a frequency to two significant digits, or to a 5 as the third one below 2 of a decade (125, 1250, 1600 Hz)."""
    decade = 10.0 ** math.floor(math.log10(freq_hz))
    step = 0.05 if freq_hz / decade < 2.0 else 0.1
    return round(round(float(freq_hz) / decade / step) * step * decade, 1)


def quality(q: float) -> float:
    """Return a Q to 0.1."""
    return round(float(q), 1)


def time_ms(value_ms: float) -> float:
    """Return an attack or release to two significant digits."""
    return digits(value_ms, 2)


def sure(value: float) -> float:
    """Return a confidence to 0.01, 0 to 1."""
    return round(float(min(max(value, 0.0), 1.0)), 2)


def spoken_hz(freq_hz: float) -> str:
    """Return a frequency in words: "38 Hz", "2.5 kHz"."""
    rounded = frequency(freq_hz)
    return f"{rounded / 1000.0:g} kHz" if rounded >= 1000.0 else f"{rounded:g} Hz"
