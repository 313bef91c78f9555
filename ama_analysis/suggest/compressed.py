"""What Pedalboard's compressor does to a sound, told from its envelope: no audio, a second of work for hours of settings.

The detector is y += (1 - c)(|x| - y) sample by sample, c by attack while |x| > y and by release else (see `render.strip`). Within a step
only the peak p and the mean square of |x| are known; |x| is taken to be spread like p U^(1/a), U uniform on 0..1, with the a that has this
mean square: P(|x| < y) = (y/p)^a. For a sine it is nearly that, for noise nearly too. So the detector is, in the mean over a step,

    dy/dt = A E[|x| - y; |x| > y] + R E[|x| - y; |x| < y]        A, R = 2 pi / attack, release

and neither the step's peak (3 dB too much reduction) nor its RMS (1 dB too little) is what it rests at. A peak is turned
down as far as the detector has come where in its step it lies: hits begin with their peak, before the gain has fallen. Measured against Pedalboard on real stems and mixes: tests/suggest/test_compressed.py.

Sounds are cut into lanes of two seconds that are followed side by side, each with so much of what lies before it that the detector has
forgotten how it began.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.envelope import Envelope, Steps
from ama_analysis.plan import Compressor

_LANE_S: Final = 2.0
_HALF_KNEE: Final = 1.0 - math.sqrt(0.5)
"""How the audition makes a knee of two compressors, see `render.plugins.compressor_settings`."""
_LEAST: Final = np.float32(1e-9)
"""-180 dBFS: a step with no more than that is silence."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Followed:
    """Where the detector stands, dB (channels, steps): in the mean over a step, and when its peak comes."""

    mean_db: Steps
    at_peak_db: Steps


def compressed(envelope: Envelope, setting: Compressor) -> Envelope:
    """Return the envelope behind a compressor (make-up included)."""
    times = [(setting.attack_ms, setting.release_ms)]
    return turned_down(envelope, followed(envelope, times)[0], setting)


def turned_down(envelope: Envelope, level: Followed, setting: Compressor) -> Envelope:
    """Return the envelope behind a compressor whose detector has been `followed` (its times are not looked at again)."""
    factor = _factor(level.mean_db, setting)
    square = factor * factor
    return Envelope(
        step_s=envelope.step_s,
        between_db=envelope.between_db,
        peak=envelope.peak * _factor(level.at_peak_db, setting),
        peak_at=envelope.peak_at,
        power=envelope.power * square,
        k_power=envelope.k_power * square,
    )


def _factor(level_db: Steps, setting: Compressor) -> Steps:
    gain_db = static_gain_db(level_db, setting) + np.float32(setting.makeup_db)
    factors: Steps = np.exp(gain_db * np.float32(math.log(10.0) / 20.0))
    return factors


def static_gain_db(level_db: Steps, setting: Compressor) -> Steps:
    """Return the gain (0 or less) for levels at the detector, with the knee as it is rendered: three straight lines."""
    if setting.knee_db <= 0.0:
        return _hard_gain_db(level_db, setting.threshold_db, setting.ratio)
    half_db = _HALF_KNEE * setting.knee_db
    slope = (1.0 + 1.0 / setting.ratio) / 2.0
    first_db = setting.threshold_db - half_db
    gain = _hard_gain_db(level_db, first_db, 1.0 / slope)
    second_db = first_db + 2.0 * half_db * slope
    return gain + _hard_gain_db(level_db + gain, second_db, setting.ratio * slope)


def _hard_gain_db(level_db: Steps, threshold_db: float, ratio: float) -> Steps:
    over: Steps = np.maximum(level_db - np.float32(threshold_db), np.float32(0.0))
    return over * np.float32(1.0 / ratio - 1.0)


def followed(envelope: Envelope, times_ms: Sequence[tuple[float, float]]) -> list[Followed]:
    """Return where the detector stands for each pair of attack and release (ms)."""
    if not envelope.steps:
        nothing = np.zeros_like(envelope.peak)
        return [Followed(mean_db=nothing, at_peak_db=nothing) for _ in times_ms]
    per_ms = envelope.step_s * 1000.0
    warm = math.ceil(max(max(pair) for pair in times_ms) / per_ms)
    lane = round(_LANE_S / envelope.step_s)
    peak, peak_at, power = (
        _lanes(one, warm, lane) for one in (envelope.peak, envelope.peak_at, envelope.power)
    )
    mean, at_peak = _follow(peak, peak_at, power, np.array(times_ms) / per_ms, warm)
    return [
        Followed(
            mean_db=_db(_joined(mean[:, nth], envelope)),
            at_peak_db=_db(_joined(at_peak[:, nth], envelope)),
        )
        for nth in range(len(times_ms))
    ]


def _db(level: Steps) -> Steps:
    levels: Steps = np.log(np.maximum(level, _LEAST)) * np.float32(20.0 / math.log(10.0))
    return levels


def _lanes(steps: Steps, warm: int, lane: int) -> Steps:
    """Return steps (channels, n) as (warm + lane, channels x lanes), silence before the begin and behind the end."""
    channels, count = steps.shape
    lanes = -(-count // lane)
    padded = np.pad(steps, ((0, 0), (warm, lanes * lane - count)))
    index = np.arange(warm + lane)[:, None] + np.arange(lanes)[None, :] * lane
    return padded[:, index].transpose(1, 0, 2).reshape(warm + lane, channels * lanes)


def _joined(lanes: Steps, envelope: Envelope) -> Steps:
    """Return (lane, channels x lanes) as (channels, steps) again."""
    lane = lanes.shape[0]
    apart = lanes.reshape(lane, envelope.channels, -1).transpose(1, 2, 0)
    return np.ascontiguousarray(apart.reshape(envelope.channels, -1)[:, : envelope.steps])


def _follow(
    peak: Steps, peak_at: Steps, power: Steps, times: NDArray[np.float64], warm: int
) -> tuple[Steps, Steps]:
    """Return the detector's level in the mean over each step and at its peak, (steps, times, lanes); `times` are in steps."""
    rates = (2.0 * np.pi / times).astype(np.float32)
    attack, release = rates[:, :1], rates[:, 1:]
    peak = np.maximum(peak, _LEAST)
    share = np.clip(power / (peak * peak), np.float32(1e-5), np.float32(0.998))
    exponent = 2.0 * share / (1.0 - share)
    middle = peak * exponent / (exponent + 1.0)
    over = 1.0 / peak
    level = np.full((len(times), peak.shape[1]), _LEAST, np.float32)
    kept = (peak.shape[0] - warm, *level.shape)
    mean, at_peak = np.empty(kept, np.float32), np.empty(kept, np.float32)
    for step in range(peak.shape[0]):
        height = np.minimum(level * over[step], np.float32(1.0))
        below = np.exp(exponent[step] * np.log(height))
        rate = attack + (release - attack) * below
        below *= height
        rest = middle[step] * (attack + (release - attack) * below) / rate
        away = level - rest
        left = np.exp(-rate)
        level = np.maximum(rest + away * left, _LEAST)
        if step >= warm:
            mean[step - warm] = rest + away * (1.0 - left) / rate
            at_peak[step - warm] = rest + away * np.exp(-rate * peak_at[step])
    return mean, at_peak
