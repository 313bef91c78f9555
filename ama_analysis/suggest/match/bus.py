"""The master equaliser: at most eight bands for what the tracks leave, chosen greedily, then solved together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from ama_analysis.bands import THIRD_OCTAVE_HZ, TONAL_BANDS, Floats
from ama_analysis.distance import tonal_difference_db, tonal_error_db
from ama_analysis.measurements import MixProfile
from ama_analysis.plan import FilterShape, MasterEq, Suggestion
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.match.figures import Judged, Setting
from ama_analysis.suggest.match.layout import Band, Layout
from ama_analysis.suggest.match.model import MixModel
from ama_analysis.suggest.response import band_response_db
from ama_analysis.suggest.rule import speak
from ama_analysis.target import Target

BANDS_MOST: Final = 8
BAND_LEAST_DB: Final = 0.5
CUT_MOST_DB: Final = 9.0
BOOST_MOST_DB: Final = 6.0
"""More is not a matter of the bus, of one band or of all together. What a reference does not have at all (sub bass, air) is taken away further than anything
is raised."""
CURVE_COST: Final = 4e-3
"""Of a squared decibel by which the sum of the bands leaves these bounds in one of the model's bands (half third-octaves): next to never worth it."""
Q_RANGE: Final = (0.5, 3.0)
BELL_QS: Final = (0.7, 1.4, 2.5)
SHELF_Q: Final = 0.7
COST: Final = 8e-5
"""Of a squared decibel, in units of AF*. On 24 pairs of session and reference: 2e-5 leaves 2.15 dB of tonal error with 5.2 dB a band,
6e-5 2.30 with 4.4, 1.2e-4 2.52 with 3.3, 2.5e-4 2.80 with 2.5."""
TONAL_WEIGHT: Final = 0.002
"""The bus is for tone: here a squared decibel of tonal error counts more than in the solver of the tracks."""
SEEN_DB: Final = 0.05
"""What all bands together must take off the mean error, which is told to a tenth of a decibel."""
HARM_AF: Final = 1e-3
"""A band without which AF* would be lower by this much is left out, and the others solved anew."""
WORTH_DB: Final = 0.04
"""A further band must lower the tonal error by this much."""
APART_OCT: Final = 0.6
"""Bands nearer than this would work against each other, or be one band twice."""
_FREQ_REACH_OCT: Final = 0.36
"""So far may a band's frequency move from its candidate, if it comes no nearer to the next band than they may be."""
_ITERATIONS: Final = 100

_SPREAD: Final[tuple[tuple[FilterShape, float, float], ...]] = (
    ("low_shelf", 60.0, SHELF_Q),
    *(("bell", freq_hz, 1.0) for freq_hz in (110.0, 220.0, 440.0, 900.0, 1900.0, 4000.0)),
    ("high_shelf", 9000.0, SHELF_Q),
)
"""The other start: bands spread evenly. Which of the two ends lower differs from mix to mix."""
_CANDIDATES: Final[tuple[tuple[FilterShape, float, float], ...]] = (
    *(("low_shelf", f, SHELF_Q) for f in (60.0, 90.0, 140.0)),
    *(("bell", float(f), q) for f in THIRD_OCTAVE_HZ[3:29] for q in BELL_QS),
    *(("high_shelf", f, SHELF_Q) for f in (4500.0, 7000.0, 10_000.0)),
)


def matched_bus(
    model: MixModel, setting: Setting, mix: MixProfile, target: Target
) -> tuple[Suggestion, ...]:
    """Return the bands of the master equaliser for a mix that `model` was calibrated on at `setting`."""
    error = tonal_difference_db(mix.third_octave_db, target)
    spread = [Band(track=None, shape=s, freq_hz=f, q=q) for s, f, q in _SPREAD]
    ends = [_harmless(model, setting, start) for start in (_chosen(error), spread)]
    bands = [
        b.by_hand() for b in min(ends, key=lambda end: end[0])[1] if abs(b.gain_db) >= BAND_LEAST_DB
    ]
    bands.sort(key=lambda band: band.freq_hz)
    before = tonal_error_db(mix.third_octave_db, target)
    after = _judged(model, setting, bands).tonal_db
    if before - after < SEEN_DB:
        return ()
    said = "this band leaves" if len(bands) == 1 else f"the {len(bands)} bands together leave"
    return tuple(
        speak(
            "match_master_eq",
            None,
            MasterEq(type=band.shape, freq_hz=band.freq_hz, gain_db=band.gain_db, q=band.q),
            f"Around {by_hand.spoken_hz(band.freq_hz)} the mix lies {_asked_db(model, setting, bands, band, target):+.1f} dB from"
            f" {target.title} with {_all_else(bands)} set; {said} {after:.1f} of {before:.1f} dB mean error.",
            confidence=min(0.5 + abs(band.gain_db) / 20.0, 0.8),
            nth=nth,
        )
        for nth, band in enumerate(bands, start=1)
    )


def _chosen(error_db: Floats) -> list[Band]:
    """Return up to eight bands, each next one where the joint least-squares fit of the error gains most."""
    at_hz = THIRD_OCTAVE_HZ[TONAL_BANDS]
    unit = np.stack([band_response_db(s, f, 1.0, q, at_hz) for s, f, q in _CANDIDATES])
    chosen: list[int] = []
    left_db = _size_db(error_db)
    while len(chosen) < BANDS_MOST:
        free = [index for index in range(len(unit)) if not any(_near(index, c) for c in chosen)]
        if not free:
            break
        fits = [_fit(unit[[*chosen, index]], error_db) for index in free]
        errors = [
            _size_db(error_db + fit @ unit[[*chosen, index]])
            for index, fit in zip(free, fits, strict=True)
        ]
        best = int(np.argmin(errors))
        if errors[best] > left_db - WORTH_DB:
            break
        chosen.append(free[best])
        left_db = errors[best]
    if not chosen:
        return []
    gains = _fit(unit[chosen], error_db)
    return [
        Band(track=None, shape=s, freq_hz=f, q=q, gain_db=float(gain))
        for (s, f, q), gain in zip((_CANDIDATES[i] for i in chosen), gains, strict=True)
    ]


def _size_db(error_db: Floats) -> float:
    """Return how large an error is: between its mean and its root mean square, so that neither many small nor a few large ones go unseen."""
    return float(np.mean(np.abs(error_db)) + np.sqrt(np.mean(error_db**2))) / 2.0


def _near(one: int, other: int) -> bool:
    apart_oct = abs(math.log2(_CANDIDATES[one][1] / _CANDIDATES[other][1]))
    return apart_oct < APART_OCT


def _fit(unit: Floats, error_db: Floats) -> Floats:
    normal = unit @ unit.T + 0.3 * np.eye(len(unit))
    gains: Floats = np.linalg.solve(normal, -(unit @ error_db))
    return np.clip(gains, -CUT_MOST_DB, BOOST_MOST_DB)


def _harmless(model: MixModel, setting: Setting, start: list[Band]) -> tuple[float, list[Band]]:
    """Return the least cost and the bands for it, none of which takes the mix away from the target for the sake of the tonal error."""
    bands = start
    while True:
        cost, bands = _solved(model, setting, bands)
        whole = _judged(model, setting, bands).af
        harms = [
            whole - _judged(model, setting, [b for b in bands if b is not band]).af
            for band in bands
        ]
        worst = int(np.argmax(harms)) if harms else 0
        if not harms or harms[worst] < HARM_AF:
            return cost, bands
        bands = [band for place, band in enumerate(bands) if place != worst]


def _judged(model: MixModel, setting: Setting, bands: Sequence[Band]) -> Judged:
    """Return how far the mix lies from the target behind these bands."""
    return model.judged(_behind(setting, bands, model))


def _behind(setting: Setting, bands: Sequence[Band], model: MixModel) -> Setting:
    """Return a setting behind bands of the bus."""
    curve = setting.curve_db + sum((band.response_db() for band in bands), np.zeros(model.bands))
    return Setting(curve_db=curve, pan=setting.pan)


def _solved(model: MixModel, setting: Setting, bands: list[Band]) -> tuple[float, list[Band]]:
    """Return the least cost, and the bands with gains, frequencies and widths solved together, the tracks standing still."""
    from scipy.optimize import minimize

    if not bands:
        return model.cost(setting, tonal_weight=TONAL_WEIGHT)[0], []
    layout = Layout.of(setting.curve_db, bands, free_shapes=True)
    n = layout.tracks
    still = layout.vector(np.zeros(n), setting.pan)

    def cost(free: Floats) -> tuple[float, Floats]:
        vector = np.concatenate((still[: 2 * n], free))
        set_so = layout.setting(vector)
        value, by_curve, by_pan = model.cost(set_so, tonal_weight=TONAL_WEIGHT)
        curve = set_so.curve_db[0] - setting.curve_db[0]
        beyond_db = curve - np.clip(curve, -CUT_MOST_DB, BOOST_MOST_DB)
        value += CURVE_COST * float(beyond_db @ beyond_db)
        by_curve[0] += 2.0 * CURVE_COST * beyond_db
        slope = layout.derivative(vector, by_curve, by_pan)[2 * n :]
        gains = free[: len(bands)]
        slope[: len(bands)] += 2.0 * COST * gains
        return value + COST * float(gains @ gains), slope

    found = minimize(
        cost,
        still[2 * n :],
        jac=True,
        method="L-BFGS-B",
        bounds=_bounds(bands),
        options={"maxiter": _ITERATIONS, "ftol": 1e-9, "gtol": 1e-8},
    )
    return float(found.fun), list(layout.bands_of(np.concatenate((still[: 2 * n], found.x))))


def _bounds(bands: list[Band]) -> list[tuple[float, float]]:
    low, high = (math.log(q) for q in Q_RANGE)
    centres = [math.log(band.freq_hz) for band in bands]
    qualities = [math.log(band.q) for band in bands]
    reaches = [
        min(
            [_FREQ_REACH_OCT * math.log(2.0), *(_room(c, other) for other in centres if other != c)]
        )
        for c in centres
    ]
    return [
        *((-CUT_MOST_DB, BOOST_MOST_DB) for _ in bands),
        *((c - reach, c + reach) for c, reach in zip(centres, reaches, strict=True)),
        *(
            (low, high) if b.shape == "bell" else (q, q)
            for b, q in zip(bands, qualities, strict=True)
        ),
    ]


def _room(centre_ln: float, other_ln: float) -> float:
    """Return how far both of two bands may move towards each other without coming too near, ln."""
    return max(abs(centre_ln - other_ln) - APART_OCT * math.log(2.0), 0.0) / 2.0


def _all_else(bands: Sequence[Band]) -> str:
    return "the tracks" if len(bands) == 1 else "the tracks and the other bands"


def _asked_db(
    model: MixModel, setting: Setting, bands: Sequence[Band], band: Band, target: Target
) -> float:
    """Return the error where the band works (weighted by its response) when all but it is set, dB."""
    others = _behind(setting, [other for other in bands if other is not band], model)
    error_db = tonal_difference_db(model.predicted(others).tonal_db, target)
    at_hz = THIRD_OCTAVE_HZ[TONAL_BANDS]
    weight = np.abs(band_response_db(band.shape, band.freq_hz, 1.0, band.q, at_hz))
    return float(np.sum(weight * error_db) / np.sum(weight))
