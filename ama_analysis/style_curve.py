"""A style's tonal curve: a `curve` table to third-octave levels.

A curve is a list of points (interpolated over the logarithm of frequency) or is built from shape parameters, in dB of third-octave band
level, o octaves above 633 Hz (the middle of Elowsson & Friberg's range):

    89 Hz to 4.5 kHz   (tilt + 3.01) o - bend o^2 / 2     tilt and bend are of power density; a band grows by 3.01 dB/oct
    below 89 Hz        on along the tangent, less sub x octaves below 45 Hz
    above 4.5 kHz      air a octave, from 11 kHz on top a octave
    everywhere         plus low_shelf / (1 + (f / 110 Hz)^2)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ama_analysis.bands import THIRD_OCTAVE_HZ, TONAL_BANDS, Floats
from ama_analysis.measurements import Levels

FITTED_HZ: Final = (89.0, 4500.0)
"""Where Elowsson & Friberg 2017 fitted their curve."""
MIDDLE_HZ: Final = math.sqrt(FITTED_HZ[0] * FITTED_HZ[1])
SHELF_HZ: Final = 110.0
SUB_HZ: Final = 45.0
TOP_HZ: Final = 11_000.0
BAND_DB_PER_OCT: Final = 10.0 * math.log10(2.0)
"""A third-octave band doubles its width with its centre."""
SHAPE: Final = (
    "tilt_db_per_oct",
    "bend_db_per_oct2",
    "low_shelf_db",
    "sub_db_per_oct",
    "air_db_per_oct",
    "top_db_per_oct",
)
"""The keys of a curve that is not given by points."""


def curve_db(table: Mapping[str, Any]) -> Levels:
    """Return the third-octave levels (28, dB) that a `curve` table describes; not normalised."""
    freq = THIRD_OCTAVE_HZ[TONAL_BANDS]
    if "points" in table:
        return rounded(interpolated(table["points"], freq))
    tilt, bend, shelf, sub, air, top = (float(table[key]) for key in SHAPE)
    inside = np.log2(np.clip(freq, *FITTED_HZ) / MIDDLE_HZ)
    level = (tilt + BAND_DB_PER_OCT) * inside - bend * inside**2 / 2.0
    lowest = math.log2(FITTED_HZ[0] / MIDDLE_HZ)
    tangent = tilt + BAND_DB_PER_OCT - bend * lowest
    level += tangent * np.minimum(np.log2(freq / FITTED_HZ[0]), 0.0)
    level -= sub * np.maximum(np.log2(SUB_HZ / freq), 0.0)
    level += air * np.maximum(np.log2(np.minimum(freq, TOP_HZ) / FITTED_HZ[1]), 0.0)
    level += top * np.maximum(np.log2(freq / TOP_HZ), 0.0)
    return rounded(level + shelf / (1.0 + (freq / SHELF_HZ) ** 2))


def interpolated(points: Sequence[tuple[float, float]], freq_hz: Floats) -> Floats:
    """Return a curve through points (Hz, dB), straight over the logarithm of frequency."""
    hz, db = np.array(points, dtype=np.float64).T
    return np.interp(np.log(freq_hz), np.log(hz), db)


def rounded(values: Floats) -> Levels:
    """Return levels to three decimals."""
    return tuple(round(float(value), 3) for value in values)
