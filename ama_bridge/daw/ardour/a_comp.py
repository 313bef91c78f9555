"""Ardour's a-comp as formulas: what it does to a sound, sample by sample, for many settings and many pieces of sound side by side.

    x = 20 log10 |in|          the louder channel where two are linked; no look-ahead, no averaging
    u = x - y(x)               y the static curve: ratio R above the threshold T, a quadratic knee of width W = 6 knee + 0.01 dB
    g += k (u - g)             k = 1 - exp(-1 / (t fs)), t the attack while u > g and the release else
    out = in 10^(-g / 20) makeup

(Ardour, libs/plugins/a-comp.lv2/a-comp.c; the knee is that of Giannoulis, Massberg, Reiss, JAES 60(6), 2012, eq. 4.) Against the plugin
itself: tests/daw/ardour/test_a_comp.py.

As the attack is not slower than the release, the follower is g += max(k_attack (u - g), k_release (u - g)): one line for all, no branches.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.request import Setting

Floats: TypeAlias = NDArray[np.float32]

KNEE_DB: Final = 6.0
"""Decibels of width that one step of the knee control has."""
_LEAST_KNEE_DB: Final = 0.01
SILENCE_DB: Final = -160.0
"""What the plugin takes silence for."""
_FLOOR: Final = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class AComp:
    """Settings of a-comp, in its own units: the knee is 0..8, times in ms are time constants."""

    attack_ms: float
    release_ms: float
    knee: float
    ratio: float
    threshold_db: float
    makeup_db: float = 0.0

    def settings(self) -> tuple[Setting, ...]:
        """Return the settings of its control ports."""
        values = (
            *(self.attack_ms, self.release_ms, self.knee),
            *(self.ratio, self.threshold_db, self.makeup_db),
        )
        return tuple(
            Setting(which=which, value=ace.in_range(ace.COMPRESSOR, which, value))
            for which, value in enumerate(values)
        )

    @property
    def knee_width_db(self) -> float:
        """The width of the knee, dB."""
        return KNEE_DB * self.knee + _LEAST_KNEE_DB


def level_db(magnitude: Floats) -> Floats:
    """Return magnitudes in dB as the plugin reads them."""
    levels: Floats = np.log10(np.maximum(magnitude, np.float32(_FLOOR)))
    levels *= np.float32(20.0)
    return levels


def static_db(level: Floats, setting: AComp) -> Floats:
    """Return the gain reduction (0 or more, dB) that levels (dB) ask for."""
    width = np.float32(setting.knee_width_db)
    over = level - np.float32(setting.threshold_db)
    into = np.clip(over + width / 2, np.float32(0.0), width)
    reduction = into * into
    reduction /= 2 * width
    over -= width / 2
    reduction += np.maximum(over, np.float32(0.0), out=over)
    reduction *= np.float32(1.0 - 1.0 / setting.ratio)
    return reduction


def speed(time_ms: float, rate_hz: float) -> float:
    """Return the follower's k for a time constant."""
    return -math.expm1(-1000.0 / (time_ms * rate_hz))


def follow(
    wanted: Floats,
    attack: Floats | np.float32,
    release: Floats | np.float32,
    begin: Floats,
    *,
    weights: Floats,
    step: int,
) -> Floats:
    """Return the gain reduction that follows `wanted`, summed by `weights` over each `step` samples.

    `wanted` is (samples, ...), time first, `weights` broadcasts against it; `attack` and `release` are speeds that broadcast against one
    sample, `begin` is the reduction before the first.
    """
    state = np.array(np.broadcast_to(begin, wanted.shape[1:]), np.float32)
    found = np.empty((wanted.shape[0] // step, *wanted.shape[1:]), np.float32)
    away, fast, total = np.empty_like(state), np.empty_like(state), np.empty_like(state)
    for row in range(found.shape[0]):
        total.fill(0.0)
        for sample in range(row * step, (row + 1) * step):
            np.subtract(wanted[sample], state, out=away)
            np.multiply(away, attack, out=fast)
            np.multiply(away, release, out=away)
            np.maximum(away, fast, out=away)
            np.add(state, away, out=state)
            np.multiply(state, weights[sample], out=fast)
            np.add(total, fast, out=total)
        found[row] = total
    return found


def followed(
    wanted: Floats, attack: Floats | np.float32, release: Floats | np.float32, begin: Floats
) -> Floats:
    """Return the gain reduction that follows `wanted`, sample by sample; shapes as in `follow`."""
    state = np.array(np.broadcast_to(begin, wanted.shape[1:]), np.float32)
    found = np.empty_like(wanted)
    away, fast = np.empty_like(state), np.empty_like(state)
    for sample in range(wanted.shape[0]):
        np.subtract(wanted[sample], state, out=away)
        np.multiply(away, attack, out=fast)
        np.multiply(away, release, out=away)
        np.maximum(away, fast, out=away)
        state = np.add(state, away, out=found[sample])
    return found
