"""The compressor that brings crest, PLR and loudness range to where the references have them, or none.

Candidates are run through the model of `compressed` on an excerpt of the envelope; what changes there is taken to change in the whole. They
start from the times that follow from the crest factor (Giannoulis, Massberg, Reiss, "Parameter Automation in a Dynamic Range Compressor",
JAES 61(10), 2013: 2 x 80 ms and 2 x 1 s over the squared crest) and from a few ratios and depths, and the best of them is refined. "No
compressor" is one of them and wins unless another one is clearly nearer: compression is paid for by its depth.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np

from ama_analysis.bands import Floats
from ama_analysis.envelope import Envelope, Steps
from ama_analysis.plan import Compressor
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.compressed import (
    Followed,
    followed,
    static_gain_db,
    turned_down,
)
from ama_analysis.suggest.dynamics_goal import DynamicsGoal
from ama_analysis.suggest.envelope_figures import (
    MeterReadings,
    Reduction,
    figures_of,
    playing_steps,
    reduction_of,
)

GENTLE: Final = 0.0003
"""Per dB^2 of mean reduction: what a compressor costs (AMA's choice)."""
WORTH: Final = 0.002
"""A compressor must bring the mix nearer by this at least, a suggestion's `DROP_ABOVE` in `advise.effects`."""
SEARCHED_S: Final = 60.0
HEARD_S: Final = 240.0
"""So much of a sound is searched, and so much looked at for the figures at the end."""
_STRETCH_S: Final = 10.0
_TIME_CONSTANTS: Final = 2.0 * math.pi
GIANNOULIS_MS: Final = (160.0, 2000.0)
"""Attack and release as time constants, times the squared crest."""
_COARSE: Final = (0.5, 1.0, 2.0)
_FINE: Final = (0.7, 1.0, 1.4)
"""Times around those to start from, and around the best of those."""
_DEPTHS: Final = (0.2, 0.5, 0.9)
"""Of the mean reduction that is allowed."""
_FINE_DEPTHS: Final = (0.75, 1.0, 1.3)
_THRESHOLDS_DB: Final = np.arange(-60.0, 0.25, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How far a compressor may go. The times are those of the audition's compressor (to 99.8 % of a step).

    A quicker attack than 10 ms dulls transients, and steps of 2.5 ms are too coarse to foretell what it does to peaks.
    """

    mean_db: float
    most_db: float
    ratios: Sequence[float]
    attack_ms: tuple[float, float] = (10.0, 120.0)
    release_ms: tuple[float, float] = (80.0, 1000.0)
    knee_db: float = 0.0


BUS_LIMITS: Final = Limits(mean_db=3.0, most_db=7.0, ratios=(1.5, 2.0, 3.0, 4.0))
"""1 to 3 dB at 1.5 to 4:1 is usual on the bus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedCompressor:
    """A compressor as an engineer sets it, and the figures that the model foretells: before and behind it (make-up included)."""

    setting: Compressor
    before: MeterReadings
    after: MeterReadings
    reduction: Reduction
    cost_before: float
    cost_after: float


def fitted_compressor(
    envelope: Envelope, goal: DynamicsGoal, limits: Limits
) -> FittedCompressor | None:
    """Return the gentlest compressor that brings a sound clearly nearer to the goal; None where there is none or nothing to take away."""
    heard = excerpt(envelope, HEARD_S)
    whole, before = figures_of(heard), figures_of(envelope)
    if not goal.asks_for_less(before) or not playing_steps(heard).any():
        return None
    searched = excerpt(heard, SEARCHED_S)
    search = _Search(
        envelope=searched, goal=goal, limits=limits, whole=figures_of(searched), before=before
    )
    best = search.best()
    if best is None:
        return None
    level = followed(heard, [(best.attack_ms, best.release_ms)])[0]
    plain = turned_down(heard, level, best)
    lost_lu = whole.loudness_lufs - figures_of(plain).loudness_lufs
    setting = replace(best, makeup_db=by_hand.decibel(lost_lu))
    foretold = before.moved(whole, figures_of(turned_down(heard, level, setting)))
    reduction = reduction_of(heard, plain)
    cost = goal.cost(before, before), goal.cost(foretold, before) + _price(reduction)
    if cost[0] - cost[1] < WORTH:
        return None
    return FittedCompressor(
        setting=setting,
        before=before,
        after=foretold,
        reduction=reduction,
        cost_before=cost[0],
        cost_after=cost[1],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCompressor:
    """A compressor whose threshold and make-up were set by the model, and how far it turns down loud moments in the mean."""

    setting: Compressor
    loud_db: float


def set_to_reduction(envelope: Envelope, setting: Compressor, loud_db: float) -> SetCompressor:
    """Return a compressor with the threshold that takes `loud_db` off loud moments, and the make-up that keeps the loudness.

    Loud moments are the tenth of what is played at which the detector stands highest. Ratio, times and knee stay as they are.
    """
    heard = excerpt(envelope, SEARCHED_S)
    level = followed(heard, [(setting.attack_ms, setting.release_ms)])[0]
    played = np.sort(level.mean_db[:, playing_steps(heard)], axis=None)
    loud = played[-max(played.size // 10, 1) :]
    off_db = [
        -float(static_gain_db(loud, replace(setting, threshold_db=float(t))).mean())
        for t in _THRESHOLDS_DB
    ]
    best = int(np.argmin(np.abs(np.array(off_db) - loud_db)))
    plain = replace(setting, threshold_db=float(_THRESHOLDS_DB[best]), makeup_db=0.0)
    lost_lu = (
        figures_of(heard).loudness_lufs - figures_of(turned_down(heard, level, plain)).loudness_lufs
    )
    return SetCompressor(
        setting=replace(plain, makeup_db=by_hand.decibel(lost_lu)), loud_db=off_db[best]
    )


def excerpt(envelope: Envelope, most_s: float) -> Envelope:
    """Return an envelope as it is, or stretches of 10 s that make up `most_s`: evenly spread, and those with the highest peaks."""
    each = round(_STRETCH_S / envelope.step_s)
    wanted, there = round(most_s / _STRETCH_S), envelope.steps // each
    if there <= wanted:
        return envelope
    peaks = envelope.peak[:, : there * each].max(axis=0).reshape(there, each).max(axis=1)
    chosen = {int(nth) for nth in np.argsort(-peaks, kind="stable")[: max(wanted // 4, 1)]}
    spread = np.linspace(0, there - 1, wanted).round().astype(int)
    chosen |= {int(nth) for nth in spread[: wanted - len(chosen)]}
    index = np.concatenate([np.arange(nth * each, (nth + 1) * each) for nth in sorted(chosen)])
    return envelope.taken(index)


def _price(reduction: Reduction) -> float:
    return GENTLE * reduction.mean_db**2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """Candidates on one excerpt of a sound; `whole` are its figures in the model, `before` those to start from."""

    envelope: Envelope
    goal: DynamicsGoal
    limits: Limits
    whole: MeterReadings
    before: MeterReadings

    def best(self) -> Compressor | None:
        """Return the cheapest candidate (without make-up): from a coarse grid, then from a finer one around the best of that."""
        limits = self.limits
        attack, release = self._starting_times()
        depths = [limits.mean_db * share for share in _DEPTHS]
        coarse = self._cheapest(
            (
                _times(attack, _COARSE, limits.attack_ms),
                _times(release, _COARSE, limits.release_ms),
            ),
            limits.ratios,
            depths,
        )
        if coarse is None:
            return None
        found = coarse.setting
        around = (
            _times(found.attack_ms, _FINE, limits.attack_ms),
            _times(found.release_ms, _FINE, limits.release_ms),
        )
        depths = [min(coarse.depth_db * share, limits.mean_db) for share in _FINE_DEPTHS]
        fine = self._cheapest(around, [found.ratio], depths)
        return found if fine is None or fine.cost > coarse.cost else fine.setting

    def _starting_times(self) -> tuple[float, float]:
        squared = 10.0 ** (self.before.crest_db / 10.0)
        attack, release = (_TIME_CONSTANTS * ms / squared for ms in GIANNOULIS_MS)
        return attack, release - attack

    def _cheapest(
        self,
        times_ms: tuple[Sequence[float], Sequence[float]],
        ratios: Sequence[float],
        depths_db: Sequence[float],
    ) -> _Candidate | None:
        pairs = list(product(*times_ms))
        playing = playing_steps(self.envelope)
        best: _Candidate | None = None
        for pair, level in zip(pairs, followed(self.envelope, pairs), strict=True):
            over_db = _mean_over_db(level.mean_db[:, playing])
            for ratio, depth_db in product(ratios, depths_db):
                setting = self._setting(pair, ratio, _threshold_db(over_db, depth_db, ratio))
                cost = self._cost(level, setting)
                if cost is not None and (best is None or cost < best.cost):
                    best = _Candidate(setting=setting, depth_db=depth_db, cost=cost)
        return best

    def _setting(self, pair: tuple[float, float], ratio: float, threshold_db: float) -> Compressor:
        return Compressor(
            threshold_db=threshold_db,
            ratio=ratio,
            attack_ms=pair[0],
            release_ms=pair[1],
            knee_db=self.limits.knee_db,
        )

    def _cost(self, level: Followed, setting: Compressor) -> float | None:
        """Return what a candidate is charged; None where it goes too deep."""
        after = turned_down(self.envelope, level, setting)
        reduction = reduction_of(self.envelope, after)
        if reduction.mean_db > self.limits.mean_db or reduction.most_db > self.limits.most_db:
            return None
        foretold = self.before.moved(self.whole, figures_of(after))
        return self.goal.cost(foretold, self.before) + _price(reduction)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    setting: Compressor
    depth_db: float
    cost: float


def _times(around_ms: float, steps: Sequence[float], limits_ms: tuple[float, float]) -> list[float]:
    """Return times around one, within limits, as they are set by hand."""
    low, high = limits_ms
    return sorted({by_hand.time_ms(min(max(around_ms * step, low), high)) for step in steps})


def _mean_over_db(level_db: Steps) -> Floats:
    """Return by how much levels exceed each of `_THRESHOLDS_DB`, in the mean over all of them."""
    ordered = np.sort(level_db, axis=None).astype(np.float64)
    above = np.concatenate((np.cumsum(ordered[::-1])[::-1], [0.0]))
    first = np.searchsorted(ordered, _THRESHOLDS_DB)
    over: Floats = (above[first] - (ordered.size - first) * _THRESHOLDS_DB) / ordered.size
    return over


def _threshold_db(over_db: Floats, depth_db: float, ratio: float) -> float:
    """Return the threshold (by 0.5 dB) at which a ratio takes a depth off in the mean."""
    wanted_db = depth_db / (1.0 - 1.0 / ratio)
    return float(_THRESHOLDS_DB[int(np.argmin(np.abs(over_db - wanted_db)))])
