"""The settings under which differences are least: Levenberg and Marquardt's method from the best of a few starts, many points at once.

A problem says what points give; what that is (a sound followed, for one) is its own matter. No chance is involved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Point: TypeAlias = tuple[float, ...]

_DAMPINGS: Final = (0.003, 0.1, 1.0, 10.0)
_ROUNDS: Final = 6
_ENOUGH: Final = 0.997
"""A round that leaves more than that of the error is the last."""


class Tried(Protocol):
    """What a point gives: differences, and what they cost."""

    @property
    def apart(self) -> Floats:
        """The differences, (any number,)."""
        ...

    @property
    def cost(self) -> float:
        """Their squares, summed, and what else counts."""
        ...


TriedT = TypeVar("TriedT", bound=Tried)


class Problem(Protocol[TriedT]):
    """Where to search, and for what."""

    @property
    def steps(self) -> Point:
        """How far each coordinate is moved to see what it does."""
        ...

    @property
    def highest(self) -> Point:
        """The highest value of each coordinate."""
        ...

    def within(self, point: Point) -> Point:
        """Return the nearest point that can be set."""
        ...

    def tried(self, points: Sequence[Point]) -> list[TriedT]:
        """Return what each point gives."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found(Generic[TriedT]):
    """Where a search ended, and what that point gives."""

    point: Point
    tried: TriedT


def searched(problem: Problem[TriedT], starts: Sequence[Point]) -> Found[TriedT]:
    """Return the best point found from the best of some starts."""
    now = _cheapest(problem, [problem.within(start) for start in starts])
    for _ in range(_ROUNDS):
        best = _cheapest(problem, _moves(problem, now, _slopes(problem, now)))
        done = best.tried.cost > _ENOUGH * now.tried.cost
        if best.tried.cost < now.tried.cost:
            now = best
        if done:
            break
    return now


def _cheapest(problem: Problem[TriedT], points: Sequence[Point]) -> Found[TriedT]:
    tried = problem.tried(points)
    nth = min(range(len(points)), key=lambda at: tried[at].cost)
    return Found(point=points[nth], tried=tried[nth])


def _slopes(problem: Problem[TriedT], now: Found[TriedT]) -> Floats:
    """Return by how much each difference changes with each coordinate, (differences, coordinates)."""
    steps = [
        step if value + step <= high else -step
        for value, step, high in zip(now.point, problem.steps, problem.highest, strict=True)
    ]
    tried = problem.tried([_moved(now.point, nth, step) for nth, step in enumerate(steps)])
    columns = [
        (one.apart - now.tried.apart) / np.float32(step)
        for one, step in zip(tried, steps, strict=True)
    ]
    return np.stack(columns, axis=1)


def _moved(point: Point, nth: int, by: float) -> Point:
    return (*point[:nth], point[nth] + by, *point[nth + 1 :])


def _moves(problem: Problem[TriedT], now: Found[TriedT], slopes: Floats) -> list[Point]:
    """Return where Levenberg and Marquardt's method would go, with several dampings."""
    normal = (slopes.T @ slopes).astype(np.float64)
    down = (slopes.T @ now.tried.apart).astype(np.float64)
    scale = np.diag(normal) + 1e-9 * max(float(np.trace(normal)), 1e-9)
    moved = []
    for damping in _DAMPINGS:
        away = np.linalg.solve(normal + np.diag(damping * scale), -down)
        moved.append(problem.within(tuple(v + float(by) for v, by in zip(now.point, away, strict=True))))  # fmt: skip
    return moved
