"""Ardour's a-exp as formulas: its gain (`devices` says what it shares with a-comp).

    u = -min((R - 1) b(T - x), 160 dB)     b: how far x is below the threshold T, with a quadratic knee

It looks at single samples, so in every wave it turns down near the zeros and opens again at the crests: a quick attack and a slower
release hold it open. Against the plugin itself: tests/daw/ardour/test_a_exp.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.dynamics.devices import AceDynamics, Floats, bent_db

MOST_DB: Final = 160.0
"""How far it turns down at most; there it begins, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AExp(AceDynamics):
    """Settings of a-exp, in its own units."""

    uri: ClassVar[str] = ace.EXPANDER


def static_db(level: Floats, setting: AExp) -> Floats:
    """Return the gain (0 or less, dB) that levels (dB) ask for."""
    gain = bent_db(np.float32(setting.threshold_db) - level, setting.knee_width_db)
    gain *= np.float32(1.0 - setting.ratio)
    return np.maximum(gain, np.float32(-MOST_DB), out=gain)
