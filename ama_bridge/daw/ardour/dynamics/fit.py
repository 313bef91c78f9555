"""Settings of a-comp under which its gain reduction on this very sound follows that of the audition's compressor.

The two are different devices (`a_comp`, `render.strip`), so nothing is copied but the aim. What is compared is the gain reduction in dB, in steps
of 5 ms, wherever the sound plays (`Audition.played`: within 20 dB of its mean level), every step alike. Attack, release, knee and threshold are
searched by Levenberg and Marquardt's method from the best of a few starts; the ratio follows in closed form, since the follower's output is
proportional to 1 - 1/ratio; it is drawn a little to the ratio that was asked for, since on many sounds several do as well. The make-up
brings the programme loudness to the audition's. No chance is involved: the same sound gives the same settings.

The search runs on pieces of 0.35 s: those with the most reduction and as many evenly spread; the figures in the result are of the whole sound,
by the model of `a_comp`. The error against the real plugin: tests/daw/ardour/test_fit.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Sound
from ama_analysis.envelope import Envelope
from ama_analysis.plan import Compressor, Sidechain
from ama_analysis.progress import OnProgress, silent
from ama_analysis.suggest.envelope_figures import figures_of
from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.dynamics.a_comp import AComp, static_db
from ama_bridge.daw.ardour.dynamics.audition import Audition, auditioned
from ama_bridge.daw.ardour.dynamics.devices import SILENCE_DB, follow
from ama_bridge.daw.ardour.dynamics.lanes import followed_whole
from ama_bridge.daw.ardour.dynamics.pieces import Pieces, pieces_of
from ama_bridge.daw.ardour.dynamics.search import Point, searched

Floats: TypeAlias = NDArray[np.float32]

_ATTACKS: Final = (0.16, 0.35)
_RELEASES: Final = (0.05, 0.1)
_OFFSETS_DB: Final = (0.0, -2.0)
"""Starts: shares of the audition's times (to 99.8 %), thresholds beside its own; so fits of typical settings end."""
_NO_REDUCTION_DB: Final = 0.02
_LEAST_DB: Final = 0.01
"""Counted for a step without reduction, so that pieces without any have a score."""
_RATIO_WEIGHT: Final = 0.4
"""dB^2 a squared unit of 1 - 1/ratio away from what was asked for."""
_STEPS_A_TENTH: Final = 20
_LEAST_POWER: Final = np.float32(1e-16)


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedCompressor:
    """a-comp in the place of an audition's compressor, and how near it comes.

    `error_rms_db` is the RMS difference of the gain reductions where the sound plays, `deepest_db` the audition's deepest reduction there.
    `rest_db` is the gain that is missing because a-comp's make-up has the range 0..30 dB.
    """

    settings: AComp
    error_rms_db: float
    deepest_db: float
    rest_db: float = 0.0

    @property
    def note(self) -> str:
        """Say in words how near it comes."""
        return (
            f"gain reduction within {self.error_rms_db:.2f} dB RMS of the audition's"
            f" (up to {self.deepest_db:.1f} dB)"
        )


def fitted(
    sound: Sound,
    action: Compressor | Sidechain,
    *,
    key: Sound | None = None,
    on_progress: OnProgress = silent,
) -> FittedCompressor:
    """Return the fit for a sound as it arrives at the compressor (behind filters and EQ, before the fader).

    `key` is what a side-chain listens to. The channels of a stereo sound have detectors of their own, as in the audition: so they have in Ardour
    where the mono plugin sits on a stereo track (it runs one for each channel). Lets through what the sounds' blocks or `on_progress` raise.
    """
    return fitted_to(auditioned(sound, action, key=key, on_progress=on_progress), action)


def fitted_to(audition: Audition, action: Compressor | Sidechain) -> FittedCompressor:
    """Return the fit for a sound whose audition is known."""
    deepest_db = float(audition.reduction_db[audition.played].max(initial=0.0))
    if deepest_db < _NO_REDUCTION_DB:
        setting = _idle(action, float(audition.level_db.max(initial=SILENCE_DB)))
    else:
        setting = _best(audition, action)
    return _judged(audition, action, setting, deepest_db)


def _idle(action: Compressor | Sidechain, highest_db: float) -> AComp:
    """Return settings for a sound that stays below the threshold: they leave it alone up to its highest level."""
    return AComp(
        attack_ms=action.attack_ms * _ATTACKS[0],
        release_ms=action.release_ms * _RELEASES[1],
        knee=0.0,
        ratio=action.ratio if highest_db <= 0.0 else 1.0,
        threshold_db=max(action.threshold_db, math.ceil(highest_db)),
    ).dialled()


class _Place(NamedTuple):
    """Where the search stands."""

    log_attack: float
    log_release: float
    knee: float
    threshold_db: float

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
_LOWEST: Final = _Place(
    math.log(_PORTS[0].low), math.log(_PORTS[1].low), _PORTS[2].low, _PORTS[4].low
)
_HIGHEST: Final = _Place(
    math.log(_PORTS[0].high), math.log(_PORTS[1].high), _PORTS[2].high, _PORTS[4].high
)
_HIGHEST_SCALE: Final = 1.0 - 1.0 / _PORTS[3].high


class _Tried(NamedTuple):
    """What a place gives: the best 1 - 1/ratio, the differences to the audition in the steps that count (dB), and what they cost."""

    scale: float
    apart: Floats
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Problem:
    """To follow pieces of the audition: `wanted_db` is its reduction in the steps that count, `prior` the 1 - 1/ratio that was asked for."""

    pieces: Pieces
    counts: NDArray[np.bool_]
    wanted_db: Floats
    prior: float
    steps: Point = (0.05, 0.05, 0.1, 0.3)
    highest: Point = _HIGHEST

    def within(self, point: Point) -> Point:
        ends = zip(point, _LOWEST, _HIGHEST, strict=True)
        place = _Place(*(min(max(value, low), high) for value, low, high in ends))
        return place._replace(log_attack=min(place.log_attack, place.log_release))

    def tried(self, points: Sequence[Point]) -> list[_Tried]:
        level, wholes = self.pieces.level_db, [_Place(*point).setting(1.0) for point in points]
        units = np.empty((level.shape[0], len(points), level.shape[1]), np.float32)
        known: dict[tuple[float, float], int] = {}
        for nth, whole in enumerate(wholes):
            same = known.setdefault((whole.knee, whole.threshold_db), nth)
            units[:, nth] = units[:, same] if same != nth else static_db(level, whole)
        attack, release = self.pieces.speeds(wholes)
        begin = self.pieces.begin_db / np.float32(max(self.prior, 0.1))
        found = follow(
            units, attack, release, begin, weights=self.pieces.weights, step=self.pieces.step
        )
        found = found[-self.counts.shape[0] :]
        return [self._judged(found[:, nth][self.counts]) for nth in range(len(points))]

    def _judged(self, model: Floats) -> _Tried:
        """Return the best scale of the reduction by an endless ratio, and what it leaves: the follower is proportional to what it follows."""
        wanted = self.wanted_db
        pull = _RATIO_WEIGHT * wanted.size
        scale = (float(model @ wanted) + pull * self.prior) / (float(model @ model) + pull)
        scale = min(max(scale, 0.0), _HIGHEST_SCALE)
        apart = np.float32(scale) * model - wanted
        cost = float(apart @ apart) + pull * (scale - self.prior) ** 2
        return _Tried(scale, apart, cost)


def _best(audition: Audition, action: Compressor | Sidechain) -> AComp:
    """Return the settings that follow best on the pieces."""
    wanted, played = audition.reduction_db, audition.played
    score = np.where(played, wanted + np.float32(_LEAST_DB), np.float32(0.0))
    pieces = pieces_of(audition, score, action.release_ms)
    counts = pieces.of(played)
    problem = _Problem(
        pieces=pieces,
        counts=counts,
        wanted_db=pieces.of(wanted)[counts],
        prior=1.0 - 1.0 / action.ratio,
    )
    starts = [
        _Place(
            math.log(attack * action.attack_ms),
            math.log(release * action.release_ms),
            0.1,
            action.threshold_db + offset_db,
        )
        for attack, release, offset_db in product(_ATTACKS, _RELEASES, _OFFSETS_DB)
    ]
    found = searched(problem, starts)
    return _Place(*found.point).setting(found.tried.scale).dialled()


def _judged(
    audition: Audition, action: Compressor | Sidechain, setting: AComp, deepest_db: float
) -> FittedCompressor:
    """Return settings with their make-up, and how near they come on the whole sound."""
    left = 10.0 ** (reduction_db(audition, setting) / -10.0)
    wanted = 10.0 ** (audition.wanted_db / -10.0)
    weights, played = audition.weights, audition.played
    ours, theirs = ((weights * audition.stepped(one)).sum(axis=2)[played] for one in (left, wanted))
    apart = 10.0 * np.log10(ours / theirs)
    rms = math.sqrt(float(np.mean(np.square(apart, dtype=np.float64)))) if apart.size else 0.0
    asked = action.makeup_db + _loudness_lu(audition, wanted) - _loudness_lu(audition, left)
    makeup = round(ace.in_range(ace.COMPRESSOR, 5, asked), 2)
    return FittedCompressor(
        settings=replace(setting, makeup_db=makeup),
        error_rms_db=rms,
        deepest_db=deepest_db,
        rest_db=round(asked - makeup, 2),
    )


def _loudness_lu(audition: Audition, factors: Floats) -> float:
    """Return the sound's loudness behind squared gains (detectors, samples): gated as BS.1770 has it, on steps of 5 ms.

    Gains that ripple within a period of the bass meet the samples before the K-weighting, which would shift them; the weighting is taken as it is
    in the mean over a tenth of a second.
    """
    power = audition.stepped(audition.power * factors).mean(axis=2)
    if not power.size:
        return 0.0
    plain, weighted = (
        _tenths(audition.stepped(one).mean(axis=2)) for one in (audition.power, audition.k_power)
    )
    share = weighted / np.maximum(plain, _LEAST_POWER)
    power *= np.repeat(share, _STEPS_A_TENTH, axis=1)[:, : power.shape[1]]
    step_s = audition.step / audition.rate_hz
    envelope = Envelope(step_s=step_s, peak=power, peak_at=power, power=power, k_power=power)
    return figures_of(envelope).loudness_lufs


def _tenths(steps: Floats) -> Floats:
    """Return sums over 0.1 s each, the last one over what is left."""
    sums: Floats = np.add.reduceat(steps, np.arange(0, steps.shape[1], _STEPS_A_TENTH), axis=1)
    return sums


def reduction_db(audition: Audition, setting: AComp) -> Floats:
    """Return a-comp's gain reduction on a sound, (detectors, samples)."""
    return followed_whole(
        audition, setting, lambda level: static_db(level, setting), audition.wanted_db
    )
