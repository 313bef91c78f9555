"""Ardour's a-comp as formulas: how far it turns down (`devices` says what it shares with a-exp).

    u = (1 - 1/R) b(x - T)     b: how far x is beyond the threshold T, with a quadratic knee

Against the plugin itself: tests/daw/ardour/test_a_comp.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.dynamics.devices import AceDynamics, Floats, bent_db


@dataclass(frozen=True, slots=True, kw_only=True)
class AComp(AceDynamics):
    """Settings of a-comp, in its own units."""

    uri: ClassVar[str] = ace.COMPRESSOR


def static_db(level: Floats, setting: AComp) -> Floats:
    """Return the gain reduction (0 or more, dB) that levels (dB) ask for."""
    reduction = bent_db(level - np.float32(setting.threshold_db), setting.knee_width_db)
    reduction *= np.float32(1.0 - 1.0 / setting.ratio)
    return reduction
