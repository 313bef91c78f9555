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
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Sound
from ama_analysis.envelope import Envelope
from ama_analysis.plan import Compressor, Sidechain
from ama_analysis.progress import OnProgress, silent
from ama_analysis.suggest.envelope_figures import figures_of
from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.a_comp import SILENCE_DB, AComp, followed, speed, static_db
from ama_bridge.daw.ardour.audition import Audition, auditioned
from ama_bridge.daw.ardour.pieces import HIGHEST, Pieces, Point, Tried, pieces_of

Floats: TypeAlias = NDArray[np.float32]

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
_NO_REDUCTION_DB: Final = 0.02
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


def _best(audition: Audition, action: Compressor | Sidechain) -> AComp:
    """Return the settings that follow best on the pieces."""
    pieces = pieces_of(audition, action)
    starts = [
        Point(
            math.log(attack * action.attack_ms),
            math.log(release * action.release_ms),
            0.1,
            action.threshold_db + offset_db,
        ).within_ranges()
        for attack, release, offset_db in product(_ATTACKS, _RELEASES, _OFFSETS_DB)
    ]
    point, now = _cheapest(pieces, starts)
    for _ in range(_ROUNDS):
        trials = _moves(point, now, _slopes(pieces, point, now))
        best, found = _cheapest(pieces, trials)
        done = found.cost > _ENOUGH * now.cost
        if found.cost < now.cost:
            point, now = best, found
        if done:
            break
    return _within(point.setting(now.scale))


def _cheapest(pieces: Pieces, points: Sequence[Point]) -> tuple[Point, Tried]:
    tried = pieces.tried(points)
    return min(zip(points, tried, strict=True), key=lambda one: one[1].cost)


def _slopes(pieces: Pieces, point: Point, now: Tried) -> Floats:
    """Return by how much each difference changes with each coordinate, (differences, 4)."""
    steps = [
        step if value + step <= high else -step
        for value, step, high in zip(point, _STEPS, HIGHEST, strict=True)
    ]
    tried = pieces.tried([point.moved(nth, step) for nth, step in enumerate(steps)])
    columns = [
        (one.apart - now.apart) / np.float32(step) for one, step in zip(tried, steps, strict=True)
    ]
    return np.stack(columns, axis=1)


def _moves(point: Point, now: Tried, slopes: Floats) -> list[Point]:
    """Return where Levenberg and Marquardt's method would go, with several dampings."""
    normal = (slopes.T @ slopes).astype(np.float64)
    down = (slopes.T @ now.apart).astype(np.float64)
    scale = np.diag(normal) + 1e-9 * max(float(np.trace(normal)), 1e-9)
    moved = []
    for damping in _DAMPINGS:
        away = np.linalg.solve(normal + np.diag(damping * scale), -down)
        values = (float(value + by) for value, by in zip(point, away, strict=True))
        moved.append(Point(*values).within_ranges())
    return moved


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
