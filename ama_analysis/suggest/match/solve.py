"""The faders, pans and equaliser bands that bring a mix nearest to its target with few and gentle moves.

Minimised is the predicted distance (`model`) plus what moves cost (`Costs`), under bounds, by L-BFGS-B (Byrd, Lu, Nocedal & Zhu 1995) with
written-out derivatives. First all candidate bands of all tracks stand side by side, and broad bands of the bus take what all tracks have in common.
Then the few that earn their keep stay, and are solved again with free frequencies and widths. Deterministic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ama_analysis.bands import Floats, Indices
from ama_analysis.plan import FilterShape
from ama_analysis.suggest.match.figures import Setting
from ama_analysis.suggest.match.layout import Band, Layout
from ama_analysis.suggest.match.model import MixModel

_BELL_Q: Final = 1.0
_SHELF_Q: Final = 0.7
CANDIDATES: Final[tuple[tuple[FilterShape, float, float], ...]] = (
    ("low_shelf", 100.0, _SHELF_Q),
    *(
        ("bell", freq_hz, _BELL_Q)
        for freq_hz in (90.0, 160.0, 280.0, 500.0, 900.0, 1600.0, 2800.0, 5000.0)
    ),
    ("high_shelf", 7000.0, _SHELF_Q),
)
BUS_CANDIDATES: Final[tuple[tuple[FilterShape, float, float], ...]] = (
    ("low_shelf", 80.0, _SHELF_Q),
    *(("bell", freq_hz, _BELL_Q) for freq_hz in (125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0)),
    ("high_shelf", 8000.0, _SHELF_Q),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What moves cost, in units of AF*."""

    gain: float = 0.006
    """Of all gains one sigma away from what is expected, as a mean over the tracks."""
    pan: float = 0.006
    pair_gain: float = 0.02
    """Of a squared decibel by which left and right of one recording are moved apart: next to never worth it."""
    pair_pan: float = 0.5
    """Of the squared difference by which they sit further out on one side."""
    track_eq: float = 1.2e-4
    """Of a squared decibel in one band of one track."""
    bus_eq: float = 8e-5
    band_worth: float = 4e-4
    """A band must bring this much, or it is left out."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Start:
    """What is known of the tracks, (n) each: what is expected of gain and pan, how surely, and between what they may lie.

    `fixed_db` (n, bands) are filters that are there anyhow, `boost_db` (n, bands) how much a band may be raised, `room` (n) for how many
    bands there is room on a track. `pairs` (k, 2) are tracks that are left and right of one another, `pairs_apart_db` (k) how far apart their faders are.
    """

    gain_db: Floats
    gain_sigma_db: Floats
    gain_low_db: Floats
    gain_high_db: Floats
    pan: Floats
    pan_sigma: Floats
    pan_low: Floats
    pan_high: Floats
    fixed_db: Floats
    boost_db: Floats
    room: Indices
    pairs: Indices = field(default_factory=lambda: np.zeros((0, 2), dtype=int))
    pairs_apart_db: Floats = field(default_factory=lambda: np.zeros(0))


TRACK_EQ_DB: Final = 6.0
BUS_CUT_DB: Final = 9.0
BUS_BOOST_DB: Final = 6.0
FREQ_REACH: Final = 0.35
"""ln: a band's frequency may move by half an octave from its candidate."""
Q_RANGE: Final = (0.5, 2.0)
APART_OCT: Final = 1.2
BAND_LEAST_DB: Final = 0.5
_ROUNDS: Final = 2
_ITERATIONS: Final = 120


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Solution:
    """Gains and pans (n), the tracks' bands, and the bus's broad bands that were thought of along with them."""

    gain_db: Floats
    pan: Floats
    bands: tuple[Band, ...]
    bus: tuple[Band, ...]
    cost: float

    def setting(self, fixed_db: Floats) -> Setting:
        """Return the mixer setting, bus included, over filters that are there anyhow (n, bands)."""
        curves = fixed_db + self.gain_db[:, None]
        for band in (*self.bands, *self.bus):
            curves[_places(band) or slice(None)] += band.response_db()
        return Setting(curve_db=curves, pan=self.pan)


class Solver:
    """One session on its way to a setting."""

    def __init__(self, model: MixModel, start: Start, costs: Costs) -> None:
        """Take what is known."""
        self.model, self._start, self._costs = model, start, costs

    def solve(self, found: Solution | None = None) -> Solution:
        """Return the setting that costs least; `found` under other bounds says with which bands, so that they need not be chosen again."""
        start = self._start
        n = start.gain_db.size
        if found is None:
            bands, vector = self._chosen()
        else:
            bands = [*found.bus, *found.bands]
            vector = np.concatenate((start.gain_db, start.pan))
        layout = Layout.of(start.fixed_db, bands, free_shapes=True)
        vector = self._minimised(layout, layout.vector(vector[:n], vector[n : 2 * n]))
        solved = layout.bands_of(vector)
        return Solution(
            gain_db=vector[:n],
            pan=vector[n : 2 * n],
            bands=tuple(b for b in solved if b.track is not None),
            bus=tuple(b for b in solved if b.track is None),
            cost=self._cost(layout, vector)[0],
        )

    def _chosen(self) -> tuple[list[Band], Floats]:
        """Return the bands that are worth having among all candidates, those of the bus first, and the gains and pans beside them."""
        start = self._start
        bus = [Band(track=None, shape=s, freq_hz=f, q=q) for s, f, q in BUS_CANDIDATES]
        right_of = dict(start.pairs.tolist())
        tracks = [
            Band(track=i, beside=right_of.get(i), shape=s, freq_hz=f, q=q)
            for i in range(start.gain_db.size)
            if i not in right_of.values() and start.room[i]
            for s, f, q in CANDIDATES
        ]
        layout = Layout.of(start.fixed_db, [*bus, *tracks])
        vector = self._minimised(layout, layout.vector(start.gain_db, start.pan))
        kept = self._worthwhile(layout, vector)
        return [*layout.bands_of(vector)[: len(bus)], *kept], vector

    def _minimised(self, layout: Layout, vector: Floats) -> Floats:
        from scipy.optimize import minimize

        bounds = self._bounds(layout)
        for _ in range(_ROUNDS):
            self.model.look_closer(layout.setting(vector))
            found = minimize(
                lambda x: self._cost(layout, x),
                vector,
                jac=True,
                method="L-BFGS-B",
                bounds=bounds,
                options={"maxiter": _ITERATIONS, "ftol": 1e-8, "gtol": 1e-7},
            )
            vector = found.x
        return vector

    def _cost(self, layout: Layout, vector: Floats) -> tuple[float, Floats]:
        cost, by_curve, by_pan = self.model.cost(layout.setting(vector))
        slope = layout.derivative(vector, by_curve, by_pan)
        start, costs = self._start, self._costs
        n, k = layout.tracks, len(layout.bands)
        off = (vector[:n] - start.gain_db) / start.gain_sigma_db
        astray = (vector[n : 2 * n] - start.pan) / start.pan_sigma
        per_band = np.where(layout.owners == n, costs.bus_eq, costs.track_eq)
        gains = vector[2 * n : 2 * n + k]
        slope[:n] += 2.0 * costs.gain / n * off / start.gain_sigma_db
        slope[n : 2 * n] += 2.0 * costs.pan / n * astray / start.pan_sigma
        slope[2 * n : 2 * n + k] += 2.0 * per_band * gains
        moves = costs.gain / n * float(off @ off) + costs.pan / n * float(astray @ astray)
        moves += self._pairs_apart(vector, slope, n)
        return cost + moves + float(per_band @ gains**2), slope

    def _pairs_apart(self, vector: Floats, slope: Floats, n: int) -> float:
        """Return what it costs to move left and right of one recording differently, and add its derivative to `slope`."""
        start, costs = self._start, self._costs
        left, right = start.pairs.T
        apart_db = vector[left] - vector[right] - start.pairs_apart_db
        lopsided = (vector[n + left] + vector[n + right]) - (start.pan[left] + start.pan[right])
        slope[left] += 2.0 * costs.pair_gain * apart_db
        slope[right] -= 2.0 * costs.pair_gain * apart_db
        slope[n + left] += 2.0 * costs.pair_pan * lopsided
        slope[n + right] += 2.0 * costs.pair_pan * lopsided
        return costs.pair_gain * float(apart_db @ apart_db) + costs.pair_pan * float(
            lopsided @ lopsided
        )

    def _bounds(self, layout: Layout) -> list[tuple[float, float]]:
        start = self._start
        gains = list(zip(start.gain_low_db, start.gain_high_db, strict=True))
        pans = list(zip(start.pan_low, start.pan_high, strict=True))
        limits = [self._band_limits(layout, place) for place in range(len(layout.bands))]
        bounds = [*gains, *pans, *limits]
        if layout.free_shapes:
            bounds += [
                (np.log(b.freq_hz) - FREQ_REACH, np.log(b.freq_hz) + FREQ_REACH)
                for b in layout.bands
            ]
            low, high = np.log(Q_RANGE)
            bounds += [
                (np.log(b.q), np.log(b.q)) if b.shape != "bell" else (low, high)
                for b in layout.bands
            ]
        return bounds

    def _band_limits(self, layout: Layout, place: int) -> tuple[float, float]:
        band = layout.bands[place]
        if band.track is None:
            return -BUS_CUT_DB, BUS_BOOST_DB
        weight, both = np.abs(layout.unit_db[place]), _places(band)
        most = float((self._start.boost_db[both] @ weight).min() / weight.sum())
        return -TRACK_EQ_DB, min(most, TRACK_EQ_DB)

    def _worthwhile(self, layout: Layout, vector: Floats) -> list[Band]:
        """Return the track bands that bring enough by themselves, at most three a track and none beside its like."""
        start, n = self._start, layout.tracks
        whole, *_ = self.model.cost(layout.setting(vector))
        found: list[tuple[float, Band]] = []
        for place, band in enumerate(layout.bands_of(vector)):
            if band.track is None or abs(band.gain_db) < BAND_LEAST_DB:
                continue
            without = vector.copy()
            without[2 * n + place] = 0.0
            found.append((self.model.cost(layout.setting(without))[0] - whole, band))
        chosen: list[Band] = []
        for worth, band in sorted(found, key=lambda pair: -pair[0]):
            mine = [b for b in chosen if b.track == band.track]
            near = any(_alike(band, other) for other in mine)
            full = len(mine) >= int(start.room[_places(band)].min())
            if worth >= self._costs.band_worth and not near and not full:
                chosen.append(band)
        return chosen


def _places(band: Band) -> list[int]:
    """Return the tracks that have a band."""
    return [place for place in (band.track, band.beside) if place is not None]


def _alike(one: Band, other: Band) -> bool:
    """Return whether two bands of a track pull at the same thing."""
    apart_oct = abs(math.log2(one.freq_hz / other.freq_hz))
    return apart_oct < APART_OCT and one.gain_db * other.gain_db > 0.0
