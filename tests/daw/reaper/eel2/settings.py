"""A plan's actions as values of the sliders of AMA EQ, AMA Compressor and AMA Gate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ama_analysis.plan import (
    SLOPES_DB_PER_OCT,
    Compressor,
    EqBand,
    FilterShape,
    Gate,
    HighPass,
    LowPass,
    Sidechain,
)

Band = EqBand | HighPass | LowPass
SHAPES: Final[dict[FilterShape, int]] = {"bell": 1, "low_shelf": 2, "high_shelf": 3}
BANDS: Final = 8


def eq_sliders(bands: Sequence[Band]) -> dict[int, float]:
    """Return the sliders for up to eight bands."""
    values: dict[int, float] = {}
    for nth, band in enumerate(bands):
        first = 2 + 5 * nth
        if isinstance(band, EqBand):
            values |= {first: SHAPES[band.type], first + 1: band.freq_hz}
            values |= {first + 2: band.gain_db, first + 3: band.q}
        else:
            values |= {first: 4 if isinstance(band, HighPass) else 5, first + 1: band.cutoff_hz}
            values[first + 4] = SLOPES_DB_PER_OCT.index(band.slope_db_per_oct)
    return values


def compressor_sliders(action: Compressor | Sidechain) -> dict[int, float]:
    """Return the sliders for a compressor."""
    return {
        1: action.threshold_db,
        2: action.ratio,
        3: action.attack_ms,
        4: action.release_ms,
        5: action.knee_db,
        6: action.makeup_db,
        7: 1.0 if isinstance(action, Sidechain) else 0.0,
    }


def gate_sliders(action: Gate) -> dict[int, float]:
    """Return the sliders for a gate."""
    return {1: action.threshold_db, 2: action.ratio, 3: action.attack_ms, 4: action.release_ms}


def at_equal_ratios(random: np.random.Generator, low: float, high: float, digits: int) -> float:
    """Return a random number, as likely in each octave."""
    return round(float(np.exp(random.uniform(np.log(low), np.log(high)))), digits)


def any_eq(random: np.random.Generator) -> list[Band]:
    """Return any equaliser that sliders can set below 20 kHz."""
    bands: list[Band] = []
    for _ in range(random.integers(1, BANDS + 1)):
        freq_hz = at_equal_ratios(random, 10.0, 20_000.0, 2)
        kind = random.integers(5)
        if kind < len(SHAPES):
            gain_db = round(float(random.uniform(-24.0, 24.0)), 2)
            q = at_equal_ratios(random, 0.1, 20.0, 3)
            shape = list(SHAPES)[kind]
            bands.append(EqBand(type=shape, freq_hz=freq_hz, gain_db=gain_db, q=q))
        else:
            slope = int(random.choice(SLOPES_DB_PER_OCT))
            if kind == len(SHAPES):
                bands.append(HighPass(cutoff_hz=freq_hz, slope_db_per_oct=slope))
            else:
                cutoff_hz = max(freq_hz, 20.0)
                bands.append(LowPass(cutoff_hz=cutoff_hz, slope_db_per_oct=slope))
    return bands


LOWEST_HIGH_PASS_HZ: Final = 28.0
LOWEST_BELL_HZ: Final = 40.0


def suggested_eq(
    random: np.random.Generator,
    high_pass_from_hz: float = LOWEST_HIGH_PASS_HZ,
    bell_from_hz: float = LOWEST_BELL_HZ,
) -> list[Band]:
    """Return an equaliser such as AMA's plans hold.

    High-pass 28 to 200 Hz with 12 or 24 dB/oct, low-pass 6 to 12 kHz, up to six bells and shelves of at most 9 dB (ama_analysis/suggest).
    """
    bands: list[Band] = []
    if random.random() < 0.7:
        cutoff_hz = at_equal_ratios(random, high_pass_from_hz, 200.0, 0)
        slope = int(random.choice([12, 24]))
        bands.append(HighPass(cutoff_hz=cutoff_hz, slope_db_per_oct=slope))
    if random.random() < 0.3:
        cutoff_hz = at_equal_ratios(random, 6000.0, 12_000.0, 0)
        bands.append(LowPass(cutoff_hz=cutoff_hz, slope_db_per_oct=12))
    if random.random() < 0.3:
        freq_hz = at_equal_ratios(random, 80.0, 400.0, 0)
        bands.append(EqBand(type="low_shelf", freq_hz=freq_hz, gain_db=_gain_db(random), q=0.7))
    if random.random() < 0.3:
        freq_hz = at_equal_ratios(random, 2000.0, 12_000.0, 0)
        bands.append(EqBand(type="high_shelf", freq_hz=freq_hz, gain_db=_gain_db(random), q=0.7))
    for _ in range(random.integers(1, 5)):
        freq_hz = at_equal_ratios(random, bell_from_hz, 16_000.0, 1)
        q = at_equal_ratios(random, 0.5, 2.0, 2)
        bands.append(EqBand(type="bell", freq_hz=freq_hz, gain_db=_gain_db(random), q=q))
    return bands


def _gain_db(random: np.random.Generator) -> float:
    return round(float(random.uniform(-9.0, 9.0)), 1)
