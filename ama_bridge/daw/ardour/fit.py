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
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Sound
from ama_analysis.envelope import Envelope
from ama_analysis.plan import Compressor, Sidechain
from ama_analysis.progress import OnProgress, silent
from ama_analysis.suggest.envelope_figures import figures_of
from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.a_comp import SILENCE_DB, AComp, follow, followed, speed, static_db
from ama_bridge.daw.ardour.audition import Audition, auditioned

Floats: TypeAlias = NDArray[np.float32]

_PIECE_S, _WARM_S = 0.35, 0.15
_PIECES: Final = 64
_USUAL_RATE_HZ: Final = 14_000.0
"""Where quick attacks need a higher rate, pieces are as many samples long as at this one."""
_LANE_S: Final = 1.0
"""The whole sound is followed in pieces of so much side by side."""
_ATTACKS: Final = (0.16, 0.35)
_RELEASES: Final = (0.05, 0.1)
_OFFSETS_DB: Final = (0.0, -2.0)
"""Starts: shares of the audition's times (to 99.8 %), thresholds beside its own; so fits of typical settings end."""
_STEPS: Final = (0.05, 0.05, 0.1, 0.3)
"""How far a parameter is moved to see what it does: log times, knee, dB."""
_DAMPINGS: Final = (0.003, 0.1, 1.0, 10.0)
_ROUNDS: Final = 6
_ENOUGH: Final = 0.997
"""A round that leaves more than that of the error is the last."""
_RATIO_WEIGHT: Final = 0.4
"""dB^2 a squared unit of 1 - 1/ratio away from what was asked for."""
_NO_REDUCTION_DB: Final = 0.02
_FLOOR_POWER: Final = np.float32(1e-20)


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
    task = _Task(audition, action)
    if task.deepest_db < _NO_REDUCTION_DB:
        return task.judged(_idle(action, float(audition.level_db.max(initial=SILENCE_DB))))
    return task.judged(task.best())


def _idle(action: Compressor | Sidechain, highest_db: float) -> AComp:
    """Return settings for a sound that stays below the threshold: they leave it alone up to its highest level."""
    return _within(
        AComp(
            attack_ms=action.attack_ms * _ATTACKS[0],
            release_ms=action.release_ms * _RELEASES[1],
            knee=0.0,
            ratio=action.ratio if highest_db <= 0.0 else 1.0,
            threshold_db=max(action.threshold_db, math.ceil(highest_db)),
        )
    )


def _within(setting: AComp) -> AComp:
    """Return settings as they are dialled: rounded, and within a-comp's ranges."""
    attack, release, knee, ratio, threshold = (
        ace.in_range(ace.COMPRESSOR, which, value)
        for which, value in enumerate(
            (
                _three_digits(setting.attack_ms),
                _three_digits(setting.release_ms),
                round(setting.knee, 2),
                round(setting.ratio, 2),
                round(setting.threshold_db, 1),
            )
        )
    )
    return AComp(
        attack_ms=min(attack, release),
        release_ms=release,
        knee=knee,
        ratio=ratio,
        threshold_db=threshold,
    )


def _three_digits(value: float) -> float:
    return float(f"{value:.3g}")


class _Tried(NamedTuple):
    """What a point of the search gives: 1 - 1/ratio, and the differences to the audition (those that count), and what they cost."""

    scale: float
    apart: Floats
    cost: float


_Point: TypeAlias = tuple[float, float, float, float]
"""log attack, log release, knee, threshold."""


class _Task:
    """One sound and what is to be followed."""

    def __init__(self, audition: Audition, action: Compressor | Sidechain) -> None:
        self._audition, self._action = audition, action
        self._played = audition.played
        weights = audition.stepped(audition.power + _FLOOR_POWER)
        self._weights = weights / weights.sum(axis=2, keepdims=True)
        self._wanted = (self._weights * audition.stepped(audition.wanted_db)).sum(axis=2)
        self.deepest_db = float(self._wanted[self._played].max(initial=0.0))
        self._prior = 1.0 - 1.0 / action.ratio

    def best(self) -> AComp:
        """Return the settings that follow best on the pieces."""
        pieces = self._pieces()
        bounds = _bounds()
        starts = [
            _clipped((math.log(a * self._action.attack_ms), math.log(r * self._action.release_ms), 0.1, t + self._action.threshold_db), bounds)
            for a in _ATTACKS
            for r in _RELEASES
            for t in _OFFSETS_DB
        ]  # fmt: skip
        point, now = min(
            zip(starts, pieces.tried(starts), strict=True), key=lambda one: one[1].cost
        )
        for _ in range(_ROUNDS):
            trials = [
                _clipped(one, bounds)
                for one in _moves(point, now, self._slopes(pieces, point, now))
            ]
            best, found = min(
                zip(trials, pieces.tried(trials), strict=True),
                key=lambda one: one[1].cost,
            )
            better = found.cost < now.cost
            done = found.cost > _ENOUGH * now.cost
            if better:
                point, now = best, found
            if done:
                break
        return _within(_setting(point, now.scale))

    def _slopes(self, pieces: _Pieces, point: _Point, now: _Tried) -> Floats:
        """Return by how much each difference changes with each parameter, (differences, 4)."""
        high = _bounds()[1]
        signs = [1.0 if p + s <= h else -1.0 for p, s, h in zip(point, _STEPS, high, strict=True)]
        moved = [
            _nth_moved(point, nth, sign * step)
            for nth, (sign, step) in enumerate(zip(signs, _STEPS, strict=True))
        ]
        tried = pieces.tried(moved)
        columns = [
            (one.apart - now.apart) / np.float32(sign * step)
            for one, sign, step in zip(tried, signs, _STEPS, strict=True)
        ]
        return np.stack(columns, axis=1)

    def _pieces(self) -> _Pieces:
        audition = self._audition
        per_s = audition.rate_hz / audition.step * min(_USUAL_RATE_HZ / audition.rate_hz, 1.0)
        size, warm = round(_PIECE_S * per_s), round(_WARM_S * per_s)
        detectors, steps = self._wanted.shape
        count = max(-(-steps // size), 1)
        score = np.pad(
            np.where(self._played, self._wanted + np.float32(0.01), np.float32(0.0)),
            ((0, 0), (0, count * size - steps)),
        )
        lanes = _chosen(score.reshape(detectors, count, size).sum(axis=2), _PIECES)
        tops = np.array([detector for detector, _ in lanes], np.int64)
        starts = np.array([nth * size for _, nth in lanes], np.int64)
        at = starts[None, :] + np.arange(-warm, size)[:, None]
        there = (at >= 0) & (at < steps)
        at = np.where(there, at, 0)
        level = audition.stepped(audition.level_db)[tops, at]
        level[~there] = SILENCE_DB
        wanted = np.where(there, self._wanted[tops, at], np.float32(0.0))
        return _Pieces(
            rate_hz=audition.rate_hz,
            step=audition.step,
            level_db=_unrolled(level),
            weights=_unrolled(self._weights[tops, at]),
            begin_db=wanted[0],
            wanted_db=wanted[warm:],
            counts=(self._played[tops, at] & there)[warm:],
            prior=self._prior,
        )

    def judged(self, setting: AComp) -> FittedCompressor:
        """Return settings with their make-up, and how near they come on the whole sound."""
        audition = self._audition
        found = reduction_db(audition, setting)
        left, wanted = 10.0 ** (found / -10.0), 10.0 ** (audition.wanted_db / -10.0)
        ours, theirs = (
            (self._weights * audition.stepped(one)).sum(axis=2)[self._played]
            for one in (left, wanted)
        )
        apart = 10.0 * np.log10(ours / theirs)
        rms = math.sqrt(float(np.mean(np.square(apart, dtype=np.float64)))) if apart.size else 0.0
        asked = self._action.makeup_db + self._loudness_lu(wanted) - self._loudness_lu(left)
        makeup = round(ace.in_range(ace.COMPRESSOR, 5, asked), 2)
        return FittedCompressor(
            settings=replace(setting, makeup_db=makeup),
            error_rms_db=rms,
            deepest_db=self.deepest_db,
            rest_db=round(asked - makeup, 2),
        )

    def _loudness_lu(self, factors: Floats) -> float:
        """Return the sound's loudness behind squared gains (detectors, samples): gated as BS.1770 has it, on steps of 5 ms."""
        power = self._audition.stepped(self._audition.k_power * factors).mean(axis=2)
        if not power.size:
            return 0.0
        return figures_of(
            Envelope(
                step_s=self._audition.step / self._audition.rate_hz,
                peak=power,
                peak_at=power,
                power=power,
                k_power=power,
            )
        ).loudness_lufs


def _unrolled(stepped: Floats) -> Floats:
    """Return (steps, lanes, samples a step) as (samples, lanes)."""
    steps, lanes, step = stepped.shape
    return np.ascontiguousarray(stepped.transpose(0, 2, 1)).reshape(steps * step, lanes)


def _bounds() -> tuple[_Point, _Point]:
    ports = ace.PORTS[ace.COMPRESSOR]
    low = (math.log(ports[0].low), math.log(ports[1].low), ports[2].low, ports[4].low)
    high = (math.log(ports[0].high), math.log(ports[1].high), ports[2].high, ports[4].high)
    return low, high


def _clipped(point: Sequence[float], bounds: tuple[_Point, _Point]) -> _Point:
    attack, release, knee, threshold = (
        min(max(float(p), low), high) for p, low, high in zip(point, *bounds, strict=True)
    )
    return min(attack, release), release, knee, threshold


def _nth_moved(point: _Point, nth: int, by: float) -> _Point:
    moved = list(point)
    moved[nth] += by
    return moved[0], moved[1], moved[2], moved[3]


def _moves(point: _Point, now: _Tried, slopes: Floats) -> list[tuple[float, ...]]:
    """Return where Levenberg and Marquardt's method would go, with several dampings."""
    normal = (slopes.T @ slopes).astype(np.float64)
    down = (slopes.T @ now.apart).astype(np.float64)
    scale = np.diag(normal) + 1e-9 * max(float(np.trace(normal)), 1e-9)
    moved = []
    for damping in _DAMPINGS:
        away = np.linalg.solve(normal + np.diag(damping * scale), -down)
        moved.append(tuple(float(p + a) for p, a in zip(point, away, strict=True)))
    return moved


def _setting(point: _Point, scale: float) -> AComp:
    return AComp(
        attack_ms=math.exp(point[0]),
        release_ms=math.exp(point[1]),
        knee=point[2],
        ratio=1.0 / (1.0 - scale),
        threshold_db=point[3],
    )


def _chosen(score: NDArray[np.float64], most: int) -> list[tuple[int, int]]:
    """Return the pieces (detector, nth) to search on: half of them those that score highest, half evenly spread among the others."""
    there = [(int(d), int(n)) for d, n in np.argwhere(score > 0.0)]
    if len(there) <= most:
        return there
    ranked = sorted(there, key=lambda one: (-score[one], one))
    best, others = ranked[: most // 2], sorted(ranked[most // 2 :], key=lambda one: one[::-1])
    spread = np.linspace(0, len(others) - 1, most - len(best)).round().astype(int)
    return sorted({*best, *(others[int(nth)] for nth in spread)})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pieces:
    """Pieces of a sound side by side, each behind a little of what lies before it.

    `level_db` and `weights` are (samples, lanes), the latter with a sum of 1 over each step; `wanted_db` and `counts` are (steps, lanes) without
    what lies before.
    """

    rate_hz: float
    step: int
    level_db: Floats
    weights: Floats
    begin_db: Floats
    wanted_db: Floats
    counts: NDArray[np.bool_]
    prior: float

    def tried(self, points: Sequence[_Point]) -> list[_Tried]:
        """Return what each point gives."""
        samples, lanes = self.level_db.shape
        units = np.empty((samples, len(points), lanes), np.float32)
        known: dict[tuple[float, float], int] = {}
        for nth, (_, _, knee, threshold) in enumerate(points):
            same = known.setdefault((knee, threshold), nth)
            endless = _setting(points[nth], 1.0 - 1e-9)
            units[:, nth] = static_db(self.level_db, endless) if same == nth else units[:, same]
        attack, release = (
            np.array([[speed(math.exp(p[which]), self.rate_hz)] for p in points], np.float32)
            for which in (0, 1)
        )
        begin = np.broadcast_to(self.begin_db / np.float32(max(self.prior, 0.1)), units.shape[1:])
        found = follow(units, attack, release, begin, weights=self.weights, step=self.step)[
            -self.wanted_db.shape[0] :
        ]
        return [self._judged(found[:, nth]) for nth in range(len(points))]

    def _judged(self, unit: Floats) -> _Tried:
        """Return the best scale of a reduction by an endless ratio, and what it leaves."""
        model, wanted = unit[self.counts], self.wanted_db[self.counts]
        pull = _RATIO_WEIGHT * wanted.size
        scale = (float(model @ wanted) + pull * self.prior) / (float(model @ model) + pull)
        scale = min(max(scale, 0.0), 1.0 - 1.0 / ace.PORTS[ace.COMPRESSOR][3].high)
        apart = np.float32(scale) * model - wanted
        cost = float(apart @ apart) + pull * (scale - self.prior) ** 2
        return _Tried(scale, apart, cost)


def reduction_db(audition: Audition, setting: AComp) -> Floats:
    """Return a-comp's gain reduction on a sound, (detectors, samples).

    The sound is followed in lanes of a second side by side; each begins 0.3 s or three release times before, where the audition stands there.
    """
    rate_hz, level = audition.rate_hz, audition.level_db
    detectors, samples = level.shape
    lane = max(round(_LANE_S * rate_hz), 1)
    warm = round(min(max(0.3, 0.003 * setting.release_ms), 3.0) * rate_hz)
    lanes = max(-(-samples // lane), 1)
    around = ((warm, lanes * lane - samples),)
    index = np.arange(lanes)[None, :] * lane + np.arange(warm + lane)[:, None]
    speeds = [np.float32(speed(ms, rate_hz)) for ms in (setting.attack_ms, setting.release_ms)]
    found = np.empty((detectors, lanes, lane), np.float32)
    for detector in range(detectors):
        asked = np.pad(static_db(level[detector], setting), around)
        begin = np.pad(audition.wanted_db[detector], around)[index[0]]
        found[detector] = followed(asked[index], speeds[0], speeds[1], begin)[warm:].T
    return np.ascontiguousarray(found.reshape(detectors, -1)[:, :samples])
