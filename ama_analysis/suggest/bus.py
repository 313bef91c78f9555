"""The master bus: a few gentle bands towards the target, a compressor if the mix is too dynamic, loudness and ceiling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis.bands import THIRD_OCTAVE_HZ, TONAL_BANDS, Floats
from ama_analysis.distance import tonal_difference_db, tonal_error_db
from ama_analysis.plan import FilterShape, Limiter, MasterEq, Suggestion
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.master_dynamics import compressor_because, limiter_because
from ama_analysis.suggest.response import band_response_db
from ama_analysis.suggest.rule import Bus, speak

BANDS_MOST: Final = 4
"""More than 3 to 4 bands suggest going back to the tracks (Senior, Sound on Sound)."""
CUT_DB: Final = 3.0
BOOST_DB: Final = 2.0
"""The most that a band of the master may do; boosts less than cuts, as in practice."""
ABSENT_DB: Final = -8.0
"""A band that lies this far below the range holds no instrument: boosting it brings up rumble or hiss (AMA's choice)."""
WORTH_IT: Final = 0.95
"""A further band must lower the squared error by 5 % (AMA's choice)."""
BAND_LEAST_DB: Final = 0.7
"""A smaller band is left out (AMA's choice)."""
BELL_Q: Final = 1.0
SHELF_Q: Final = 0.7
"""Musical widths: 1.4 octaves, and shelves without overshoot."""
RIDGE: Final = 2.0
"""How much a decibel of gain costs against a decibel of error, over 28 bands (AMA's choice)."""
STRENGTH: Final = 0.8
"""The part of the difference that is corrected: a target is a direction (AMA's choice)."""

CANDIDATES: Final[tuple[tuple[FilterShape, float, float], ...]] = (
    ("low_shelf", 80.0, SHELF_Q),
    ("low_shelf", 120.0, SHELF_Q),
    *(("bell", float(freq), BELL_Q) for freq in THIRD_OCTAVE_HZ[4:28]),
    ("high_shelf", 6000.0, SHELF_Q),
    ("high_shelf", 9000.0, SHELF_Q),
)


def master_eq(bus: Bus) -> tuple[Suggestion, ...]:
    """Bring the tonal balance nearer to the target.

    Hears: third-octave levels of the mix against the target, beyond the target's spread.
    Does: up to four bells or shelves, -3 to +2 dB, where there is something to correct; chosen one after the other and fitted together by least squares.
    Source: parametric fit of the residual closes most of the gap to a matched FIR; at most 3 to 4 bands (Senior, Sound on Sound).
    """
    levels = np.array(bus.mix.third_octave_db)
    bands = sorted(
        fitted_bands(tonal_difference_db(levels, bus.target)), key=lambda band: band.freq_hz
    )
    before = tonal_error_db(levels, bus.target)
    after = tonal_error_db(levels + _sum_db(bands), bus.target)
    if not bands or after > before * WORTH_IT:
        return ()
    together = "this band leaves" if len(bands) == 1 else f"the {len(bands)} bands together leave"
    others = "" if len(bands) == 1 else " with the other bands set"
    return tuple(
        speak(
            "master_eq",
            None,
            MasterEq(
                type=band.shape,
                freq_hz=by_hand.frequency(band.freq_hz),
                gain_db=band.gain_db,
                q=band.q,
            ),
            f"Around {by_hand.spoken_hz(band.freq_hz)} the mix lies {_asked_db(bus, bands, band):+.1f} dB outside"
            f" the range of {bus.target.title}{others}; {together} {after:.1f} of {before:.1f} dB mean error.",
            confidence=min(0.45 + abs(band.gain_db) / 10.0, 0.8),
            nth=nth,
        )
        for nth, band in enumerate(bands, start=1)
    )


def master_compressor(bus: Bus) -> tuple[Suggestion, ...]:
    """Hold the mix together.

    Hears: crest, peak to loudness ratio and loudness range of the mix behind its equaliser, against the target's.
    Does: a compressor where one of them is beyond the target's spread: threshold, ratio and times are fitted so that all three come near the
    target's, no more than 3 dB off in the mean.
    Source: usual bus compression, 1.1 to 2:1, 1 to 3 dB, 20 to 30 ms and 250 ms; times from Giannoulis, Massberg & Reiss 2013; margins are
    AMA's choice.
    """
    found = None if bus.dynamics is None else bus.dynamics.compressor
    if found is None:
        return ()
    gained = 1.0 - found.cost_after / found.cost_before
    because = compressor_because(found, bus.target)
    confidence = 0.4 + 0.4 * gained
    return (speak("master_compressor", None, found.setting, because, confidence=confidence),)


def limiter(bus: Bus) -> tuple[Suggestion, ...]:
    """Set loudness and ceiling.

    Hears: integrated loudness and true peak of the mix, and what the limiter will take off them.
    Does: the gain that reaches the target's loudness, held below the ceiling, with the loudness that limiting costs made up for; not more
    than 6 dB of limiting, and less where it harms crest and ratio of peak to loudness more than loudness is worth. Says so where that stops short.
    Source: the target's levels (Spotify, AES TD1008, EBU R128); 1 to 3 dB of limiting are transparent, the stop is AMA's choice.
    """
    fitted = bus.dynamics
    if fitted is None:
        return ()
    action = Limiter(ceiling_dbtp=fitted.ceiling_dbtp, gain_db=fitted.gain_db)
    because = limiter_because(fitted, bus.target)
    confidence = 0.9 if fitted.short_lu < 1.0 else 0.6
    return (speak("limiter", None, action, because, confidence=confidence),)


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedBand:
    """One band of the fit."""

    shape: FilterShape
    freq_hz: float
    q: float
    gain_db: float


def fitted_bands(error_db: Floats) -> list[FittedBand]:
    """Return the few bands that bring an error (28 third-octave bands, mix less target) down most."""
    chosen: list[int] = []
    unit = np.stack([_unit_response(*candidate) for candidate in CANDIDATES])
    for _ in range(BANDS_MOST):
        best = _next_candidate(unit, error_db, chosen)
        if best is None:
            break
        chosen.append(best)
    gains = _gains(unit[chosen], error_db) if chosen else np.zeros(0)
    bands = [
        FittedBand(shape=shape, freq_hz=freq, q=q, gain_db=by_hand.decibel(float(gain)))
        for (shape, freq, q), gain in zip((CANDIDATES[i] for i in chosen), gains, strict=True)
    ]
    return [band for band in bands if abs(band.gain_db) >= BAND_LEAST_DB]


def _next_candidate(unit: Floats, error_db: Floats, chosen: list[int]) -> int | None:
    """Return the candidate with which the joint fit gets lowest, if its own gain is worth having and no chosen band works there."""
    best, least = None, _cost(unit, error_db, chosen) * WORTH_IT
    for index in range(len(CANDIDATES)):
        if any(_near(index, other) for other in chosen):
            continue
        cost = _cost(unit, error_db, [*chosen, index])
        if cost < least and abs(_gains(unit[[*chosen, index]], error_db)[-1]) >= BAND_LEAST_DB:
            best, least = index, cost
    return best


def _near(one: int, other: int) -> bool:
    """Return whether two candidates work on the same octave; a shelf works on everything beyond its corner."""
    low, high = sorted((_reach_hz(one), _reach_hz(other)))
    return low[1] > high[0]


def _reach_hz(index: int) -> tuple[float, float]:
    shape, freq, _ = CANDIDATES[index]
    low, high = freq / 2.0**0.5, freq * 2.0**0.5
    return (0.0 if shape == "low_shelf" else low, 1e6 if shape == "high_shelf" else high)


def _cost(unit: Floats, error_db: Floats, chosen: list[int]) -> float:
    weight = _weights(error_db)
    if not chosen:
        return float(np.sum(weight * error_db**2))
    gains = _gains(unit[chosen], error_db)
    left = error_db + gains @ unit[chosen]
    return float(np.sum(weight * left**2) + RIDGE * np.sum(gains**2))


def _gains(unit: Floats, error_db: Floats) -> Floats:
    """Return the ridge solution of the gains (dB), held to -3..+2 dB; responses are nearly linear in dB."""
    weighted = unit * _weights(error_db)
    normal = weighted @ unit.T + RIDGE * np.eye(len(unit))
    gains: Floats = np.linalg.solve(normal, -STRENGTH * (weighted @ error_db))
    return np.clip(gains, -CUT_DB, BOOST_DB)


def _weights(error_db: Floats) -> Floats:
    """Return 1 for bands with content, 0 for those where there is nothing to bring up."""
    return np.where(error_db < ABSENT_DB, 0.0, 1.0)


def _unit_response(shape: FilterShape, freq_hz: float, q: float) -> Floats:
    return band_response_db(shape, freq_hz, 1.0, q, THIRD_OCTAVE_HZ[TONAL_BANDS])


def _sum_db(bands: list[FittedBand]) -> Floats:
    at_hz = THIRD_OCTAVE_HZ[TONAL_BANDS]
    total: Floats = np.zeros(len(at_hz))
    for band in bands:
        total = total + band_response_db(band.shape, band.freq_hz, band.gain_db, band.q, at_hz)
    return total


def _asked_db(bus: Bus, bands: list[FittedBand], band: FittedBand) -> float:
    """Return the error where the band works (weighted by its response) when the others are set, dB."""
    others = _sum_db([other for other in bands if other is not band])
    error_db = tonal_difference_db(np.array(bus.mix.third_octave_db) + others, bus.target)
    weight = np.abs(_unit_response(band.shape, band.freq_hz, band.q))
    return float(np.sum(weight * error_db) / np.sum(weight))
