"""The fades of REAPER's items as curves.

REAPER has seven shapes (C_FADEINSHAPE 0 to 6; a project file writes 5.1 for the last). 0 is a straight line. Of the others only the pictures are
published; the formulas here give these pictures and were not checked against REAPER's sound. A fade out is the mirror of the fade in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from ama_analysis.audio import Curve

STRAIGHT: Final = 0
_STEPS: Final = 32
"""Straight pieces by which a curved fade is drawn: they lie within 0.2 % of full scale of the curve."""


def _s_curve(x: float, power: int) -> float:
    return 0.5 * (2 * x) ** power if x < 0.5 else 1 - 0.5 * (2 - 2 * x) ** power


_SHAPES: Final[tuple[Callable[[float], float], ...]] = (
    lambda x: x,
    lambda x: 1 - (1 - x) ** 2,
    lambda x: x**2,
    lambda x: 1 - (1 - x) ** 4,
    lambda x: x**4,
    lambda x: 0.5 - 0.5 * math.cos(math.pi * x),
    lambda x: _s_curve(x, 4),
)


def shape_of(number: float) -> int:
    """Return which shape a project file's number means (5.1 is the seventh, 1.1 the second for crossfades)."""
    if abs(number - 5.1) < 1e-6:
        return 6
    return min(max(int(number), 0), len(_SHAPES) - 1)


def fade_in(shape: int, frames: int) -> Curve | None:
    """Return the gain over the first frames of an item, None where there is no fade."""
    if frames <= 0:
        return None
    steps = 1 if shape == STRAIGHT else min(_STEPS, frames)
    ways = [step / steps for step in range(steps + 1)]
    return Curve(
        frames=tuple(way * frames for way in ways),
        gains=tuple(min(max(_SHAPES[shape](way), 0.0), 1.0) for way in ways),
    )


def fade_out(shape: int, frames: int) -> Curve | None:
    """Return the gain over the last frames of an item, None where there is no fade."""
    rising = fade_in(shape, frames)
    if rising is None:
        return None
    return Curve(frames=rising.frames, gains=rising.gains[::-1])
