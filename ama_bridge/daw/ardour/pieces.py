"""Pieces of a sound side by side, on which settings of a-comp are tried: many settings at once, the ratio in closed form."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.plan import Compressor, Sidechain
from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.a_comp import SILENCE_DB, AComp, follow, speed, static_db
from ama_bridge.daw.ardour.audition import Audition

Floats: TypeAlias = NDArray[np.float32]

_PIECE_S, _WARM_S = 0.35, 0.15
_PIECES: Final = 64
_USUAL_RELEASE_MS, _MOST_TIMES = 300.0, 4.0
"""Slower releases get longer pieces, up to so many times as long, and fewer of them: else a follower that stays where it begins would win."""
_USUAL_RATE_HZ: Final = 14_000.0
"""Where quick attacks need a higher rate, pieces are as many samples long as at this one."""
_RATIO_WEIGHT: Final = 0.4
"""dB^2 a squared unit of 1 - 1/ratio away from what was asked for."""
_LEAST_DB: Final = 0.01
"""Counted for a step without reduction, so that pieces without any have a score."""


class Point(NamedTuple):
    """Where a search stands."""

    log_attack: float
    log_release: float
    knee: float
    threshold_db: float

    def moved(self, nth: int, by: float) -> Point:
        """Return the point with one of its coordinates moved."""
        values = list(self)
        values[nth] += by
        return Point(*values)

    def within_ranges(self) -> Point:
        """Return the nearest point that a-comp can be set to, its attack not slower than its release."""
        ends = zip(self, LOWEST, HIGHEST, strict=True)
        values = Point(*(min(max(value, low), high) for value, low, high in ends))
        return values._replace(log_attack=min(values.log_attack, values.log_release))

    def setting(self, scale: float) -> AComp:
        """Return the settings for it and 1 - 1/ratio."""
        return AComp(
            attack_ms=math.exp(self.log_attack),
            release_ms=math.exp(self.log_release),
            knee=self.knee,
            ratio=1.0 / (1.0 - scale) if scale < 1.0 else math.inf,
            threshold_db=self.threshold_db,
        )


_PORTS: Final = ace.PORTS[ace.COMPRESSOR]
LOWEST: Final = Point(
    math.log(_PORTS[0].low), math.log(_PORTS[1].low), _PORTS[2].low, _PORTS[4].low
)
HIGHEST: Final = Point(
    math.log(_PORTS[0].high), math.log(_PORTS[1].high), _PORTS[2].high, _PORTS[4].high
)
_HIGHEST_SCALE: Final = 1.0 - 1.0 / _PORTS[3].high


class Tried(NamedTuple):
    """What a point gives: the best 1 - 1/ratio, the differences to the audition in the steps that count (dB), and what they cost."""

    scale: float
    apart: Floats
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """Pieces of a sound side by side, each behind a little of what lies before it.

    `level_db` and `weights` are (samples, lanes), the latter with a sum of 1 over each step; `wanted_db` and `counts` are (steps, lanes) without
    what lies before; `begin_db` (lanes,) is the audition's reduction at the very beginning; `prior` is the 1 - 1/ratio that was asked for.
    """

    rate_hz: float
    step: int
    level_db: Floats
    weights: Floats
    begin_db: Floats
    wanted_db: Floats
    counts: NDArray[np.bool_]
    prior: float

    def tried(self, points: Sequence[Point]) -> list[Tried]:
        """Return what each point gives."""
        samples, lanes = self.level_db.shape
        units = np.empty((samples, len(points), lanes), np.float32)
        known: dict[tuple[float, float], int] = {}
        for nth, point in enumerate(points):
            same = known.setdefault((point.knee, point.threshold_db), nth)
            units[:, nth] = (
                units[:, same] if same != nth else static_db(self.level_db, point.setting(1.0))
            )
        attack, release = (
            np.array([[speed(math.exp(log), self.rate_hz)] for log in logs], np.float32)
            for logs in ([p.log_attack for p in points], [p.log_release for p in points])
        )
        begin = np.broadcast_to(self.begin_db / np.float32(max(self.prior, 0.1)), units.shape[1:])
        found = follow(units, attack, release, begin, weights=self.weights, step=self.step)
        found = found[-self.wanted_db.shape[0] :]
        return [self._judged(found[:, nth]) for nth in range(len(points))]

    def _judged(self, unit: Floats) -> Tried:
        """Return the best scale of the reduction by an endless ratio, and what it leaves: the follower is proportional to what it follows."""
        model, wanted = unit[self.counts], self.wanted_db[self.counts]
        pull = _RATIO_WEIGHT * wanted.size
        scale = (float(model @ wanted) + pull * self.prior) / (float(model @ model) + pull)
        scale = min(max(scale, 0.0), _HIGHEST_SCALE)
        apart = np.float32(scale) * model - wanted
        cost = float(apart @ apart) + pull * (scale - self.prior) ** 2
        return Tried(scale, apart, cost)


def pieces_of(audition: Audition, action: Compressor | Sidechain) -> Pieces:
    """Return pieces to search on: those with the most reduction, and as many that are evenly spread."""
    weights, wanted, played = audition.weights, audition.reduction_db, audition.played
    per_s = audition.rate_hz / audition.step * min(_USUAL_RATE_HZ / audition.rate_hz, 1.0)
    times = min(max(action.release_ms / _USUAL_RELEASE_MS, 1.0), _MOST_TIMES)
    size, warm = round(_PIECE_S * times * per_s), round(_WARM_S * times * per_s)
    detectors, steps = wanted.shape
    count = max(-(-steps // size), 1)
    score = np.pad(
        np.where(played, wanted + np.float32(_LEAST_DB), np.float32(0.0)),
        ((0, 0), (0, count * size - steps)),
    )
    lanes = _chosen(score.reshape(detectors, count, size).sum(axis=2), round(_PIECES / times))
    tops = np.array([detector for detector, _ in lanes], np.int64)
    starts = np.array([nth * size for _, nth in lanes], np.int64)
    at = starts[None, :] + np.arange(-warm, size)[:, None]
    there = (at >= 0) & (at < steps)
    at = np.where(there, at, 0)
    level = audition.stepped(audition.level_db)[tops, at]
    level[~there] = SILENCE_DB
    asked = np.where(there, wanted[tops, at], np.float32(0.0))
    return Pieces(
        rate_hz=audition.rate_hz,
        step=audition.step,
        level_db=_unrolled(level),
        weights=_unrolled(weights[tops, at]),
        begin_db=asked[0],
        wanted_db=asked[warm:],
        counts=(played[tops, at] & there)[warm:],
        prior=1.0 - 1.0 / action.ratio,
    )


def _chosen(score: Floats, most: int) -> list[tuple[int, int]]:
    """Return pieces (detector, nth): half of them those that score highest, half evenly spread among the others."""
    there = [(int(d), int(n)) for d, n in np.argwhere(score > 0.0)]
    if len(there) <= most:
        return there
    ranked = sorted(there, key=lambda one: (-float(score[one]), one))
    best, others = ranked[: most // 2], sorted(ranked[most // 2 :], key=lambda one: one[::-1])
    spread = np.linspace(0, len(others) - 1, most - len(best)).round().astype(int)
    return sorted({*best, *(others[int(nth)] for nth in spread)})


def _unrolled(stepped: Floats) -> Floats:
    """Return (steps, lanes, samples a step) as (samples, lanes)."""
    steps, lanes, step = stepped.shape
    return np.ascontiguousarray(stepped.transpose(0, 2, 1)).reshape(steps * step, lanes)
