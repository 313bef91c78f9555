"""Pieces of a sound side by side, on which many settings are tried at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_bridge.daw.ardour.dynamics.audition import Audition
from ama_bridge.daw.ardour.dynamics.devices import SILENCE_DB, AceDynamics, speed

Floats: TypeAlias = NDArray[np.float32]

_PIECE_S, _WARM_S = 0.35, 0.15
_PIECES: Final = 64
_USUAL_RELEASE_MS, _MOST_TIMES = 300.0, 4.0
"""Slower releases get longer pieces, up to so many times as long, and fewer of them: else a follower that stays where it begins would win."""
_USUAL_RATE_HZ: Final = 14_000.0
"""Where quick attacks need a higher rate, pieces are as many samples long as at this one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """Pieces of a sound side by side, each behind a little of what lies before it.

    `level_db` and `weights` are (samples, lanes), the latter with a sum of 1 over each step; `begin_db` (lanes,) is the audition's reduction at
    the very beginning. `places` says where the pieces lie, `there` (steps, lanes) what of them is within the sound.
    """

    rate_hz: float
    step: int
    level_db: Floats
    weights: Floats
    begin_db: Floats
    places: tuple[NDArray[np.int64], NDArray[np.int64]]
    there: NDArray[np.bool_]

    def of(self, steps: NDArray[Any]) -> NDArray[Any]:
        """Return what pieces have of a figure (detectors, steps), without what lies before them: (steps, lanes), zero beyond the sound."""
        taken: NDArray[Any] = np.where(self.there, steps[self.places], steps.dtype.type(0))
        return taken

    def speeds(self, settings: Sequence[AceDynamics]) -> tuple[Floats, Floats]:
        """Return the speeds of attack and release, (settings, 1) each."""
        attacks, releases = ([s.attack_ms for s in settings], [s.release_ms for s in settings])
        return self._speeds(attacks), self._speeds(releases)

    def _speeds(self, times_ms: Sequence[float]) -> Floats:
        return np.array([[speed(ms, self.rate_hz)] for ms in times_ms], np.float32)


def pieces_of(audition: Audition, score: Floats, release_ms: float) -> Pieces:
    """Return pieces to search on: those of the highest score (detectors, steps), and as many that are evenly spread where there is any."""
    per_s = audition.rate_hz / audition.step * min(_USUAL_RATE_HZ / audition.rate_hz, 1.0)
    times = min(max(release_ms / _USUAL_RELEASE_MS, 1.0), _MOST_TIMES)
    size, warm = round(_PIECE_S * times * per_s), round(_WARM_S * times * per_s)
    detectors, steps = score.shape
    count = max(-(-steps // size), 1)
    scores = np.pad(score, ((0, 0), (0, count * size - steps))).reshape(detectors, count, size)
    lanes = _chosen(scores.sum(axis=2), round(_PIECES / times))
    tops = np.array([detector for detector, _ in lanes], np.int64)
    starts = np.array([nth * size for _, nth in lanes], np.int64)
    at = starts[None, :] + np.arange(-warm, size)[:, None]
    there = (at >= 0) & (at < steps)
    at = np.where(there, at, 0)
    level = audition.stepped(audition.level_db)[tops, at]
    level[~there] = SILENCE_DB
    begin_db = np.where(there[0], audition.reduction_db[tops, at[0]], np.float32(0.0))
    return Pieces(
        rate_hz=audition.rate_hz,
        step=audition.step,
        level_db=_unrolled(level),
        weights=_unrolled(audition.weights[tops, at]),
        begin_db=begin_db,
        places=(np.broadcast_to(tops, at[warm:].shape), at[warm:]),
        there=there[warm:],
    )


def _chosen(score: Floats, most: int) -> list[tuple[int, int]]:
    """Return pieces (detector, nth): half of them those that score highest, half evenly spread among the others."""
    there = [(int(d), int(n)) for d, n in np.argwhere(score > 0.0)]
    if len(there) <= most:
        return there
    ranked = sorted(there, key=lambda one: (-float(score[one]), one))
    best, others = ranked[: most // 2], sorted(ranked[most // 2 :], key=lambda one: one[::-1])
    spread = np.linspace(0, len(others) - 1, most - len(best)).round().astype(int)
    return sorted({*best, *(others[int(nth)] for nth in spread)})


def _unrolled(stepped: Floats) -> Floats:
    """Return (steps, lanes, samples a step) as (samples, lanes)."""
    steps, lanes, step = stepped.shape
    return np.ascontiguousarray(stepped.transpose(0, 2, 1)).reshape(steps * step, lanes)
