"""What Ardour's a-comp and a-exp have in common, as formulas: their controls, their level, their knee and their follower.

    x = 20 log10 |in|          the louder channel where two are linked; no look-ahead, no averaging
    y += k (u - y)             u what the static curve asks for at x, k = 1 - exp(-1 / (t fs)), t the attack while u > y and the release else
    out = in 10^(y / 20) makeup, y the gain of an expander; a compressor follows its reduction, -y

So a compressor attacks when it turns down and an expander when it opens, and one follower does for both. All works for many settings and many
pieces of sound side by side. (Ardour, libs/plugins/a-comp.lv2/a-comp.c and a-exp.lv2/a-exp.c; the knee is that of Giannoulis, Massberg, Reiss,
JAES 60(6), 2012, eq. 4.) Against the plugins themselves: tests/daw/ardour/test_a_comp.py, test_a_exp.py.

As the attack is not slower than the release, the follower is y += max(k_attack (u - y), k_release (u - y)): one line for all, no branches.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.request import Setting

Floats: TypeAlias = NDArray[np.float32]

KNEE_DB: Final = 6.0
"""Decibels of width that one step of the knee control has."""
_LEAST_KNEE_DB: Final = 0.01
SILENCE_DB: Final = -160.0
"""What the plugins take silence for."""
_FLOOR: Final = 1e-8


@dataclass(frozen=True, slots=True, kw_only=True)
class AceDynamics:
    """Settings of a-comp or a-exp, in their own units: the knee is 0..8, times in ms are time constants."""

    uri: ClassVar[str]
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
            Setting(which=which, value=ace.in_range(self.uri, which, value))
            for which, value in enumerate(values)
        )

    def dialled(self) -> Self:
        """Return these settings as they are dialled: rounded, within the plugin's ranges, the attack not slower than the release."""
        attack, release, knee, ratio, threshold = (
            ace.in_range(self.uri, which, value)
            for which, value in enumerate(
                (
                    _three_digits(self.attack_ms),
                    _three_digits(self.release_ms),
                    round(self.knee, 2),
                    round(self.ratio, 2),
                    round(self.threshold_db, 1),
                )
            )
        )
        return type(self)(
            attack_ms=min(attack, release),
            release_ms=release,
            knee=knee,
            ratio=ratio,
            threshold_db=threshold,
        )

    @property
    def knee_width_db(self) -> float:
        """The width of the knee, dB."""
        return KNEE_DB * self.knee + _LEAST_KNEE_DB


def _three_digits(value: float) -> float:
    return float(f"{value:.3g}")


def level_db(magnitude: Floats) -> Floats:
    """Return magnitudes in dB as the plugins read them."""
    levels: Floats = np.log10(np.maximum(magnitude, np.float32(_FLOOR)))
    levels *= np.float32(20.0)
    return levels


def bent_db(beyond: Floats, width_db: float) -> Floats:
    """Return how far levels count as beyond a threshold, 0 or more, with a knee of that width around it; `beyond` is written over."""
    width = np.float32(width_db)
    into = np.clip(beyond + width / 2, np.float32(0.0), width)
    counted = into * into
    counted /= 2 * width
    beyond -= width / 2
    counted += np.maximum(beyond, np.float32(0.0), out=beyond)
    return counted


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
    """Return what follows `wanted`, summed by `weights` over each `step` samples.

    `wanted` is (samples, ...), time first, `weights` broadcasts against it; `attack` and `release` are speeds that broadcast against one
    sample, `begin` is where it stands before the first.
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
    """Return what follows `wanted`, sample by sample; shapes as in `follow`."""
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
