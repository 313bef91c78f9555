"""Levels counted in fine bins, so that gates and percentiles over hours need a fixed amount of memory.

Each bin keeps how many powers fell into it and their sum: means above a gate are exact but for the one bin that the gate cuts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ama_analysis.bands import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """Levels in two groups: where they part, the mean level of each, and the share 0..1 of the lower one."""

    split_db: float
    below_db: float
    above_db: float
    below_share: float


class LevelHistogram:
    """Counts powers by their level in dB; what lies below the lowest bin is counted in `below`, what lies above in the top bin."""

    def __init__(self, *, low_db: float, high_db: float, step_db: float) -> None:
        """Span `low_db` to `high_db` in steps of `step_db`."""
        self._low_db, self._step_db = low_db, step_db
        bins = round((high_db - low_db) / step_db)
        self._count = np.zeros(bins, np.int64)
        self._sum = np.zeros(bins)
        self.below = 0

    def add(self, powers: Floats) -> None:
        """Take powers (any shape)."""
        flat = np.asarray(powers, dtype=np.float64).ravel()
        loud = flat[flat >= 10.0 ** (self._low_db / 10.0)]
        self.below += flat.size - loud.size
        place = (10.0 * np.log10(loud) - self._low_db) / self._step_db
        index = np.clip(place.astype(np.int64), 0, self._count.size - 1)
        np.add.at(self._count, index, 1)
        np.add.at(self._sum, index, loud)

    @property
    def total(self) -> int:
        """How many powers were added."""
        return self.below + int(self._count.sum())

    def _first(self, gate_db: float) -> int:
        """Return the first bin whose centre lies above the gate."""
        return max(0, math.ceil((gate_db - self._low_db) / self._step_db - 0.5))

    def count_above(self, gate_db: float = -math.inf) -> int:
        """Return how many powers lie above the gate (and above the lowest bin's edge)."""
        first = 0 if gate_db == -math.inf else self._first(gate_db)
        return int(self._count[first:].sum())

    def mean_above(self, gate_db: float = -math.inf) -> float | None:
        """Return the mean of the powers above the gate; None where there are none."""
        first = 0 if gate_db == -math.inf else self._first(gate_db)
        count = int(self._count[first:].sum())
        return float(self._sum[first:].sum()) / count if count else None

    def mean_of_quietest(self, share: float) -> float | None:
        """Return the mean of the quietest `share` (0..1, at least one) of the powers in the bins; None where there are none."""
        taken = self._quietest(share)
        filled = taken > 0
        if not filled.any():
            return None
        means = self._sum[filled] / self._count[filled]
        return float(np.sum(means * taken[filled])) / int(taken.sum())

    def spread_of_quietest_db(self, share: float) -> float:
        """Return the standard deviation of the levels of the quietest `share`, to the bin; 0 where there are none."""
        taken = self._quietest(share)
        count = max(int(taken.sum()), 1)
        levels = self._step_db * np.arange(taken.size)
        mean = float(taken @ levels) / count
        return math.sqrt(float(taken @ (levels - mean) ** 2) / count)

    def _quietest(self, share: float) -> NDArray[np.int64]:
        """Return how many of the quietest `share` (at least one) of the powers in the bins lie in each."""
        wanted = max(1, round(share * int(self._count.sum())))
        return np.diff(np.minimum(np.cumsum(self._count), wanted), prepend=0)

    def percentile_db(self, share: float, gate_db: float = -math.inf) -> float | None:
        """Return the level of the power of nearest rank `share` (0..1) among those above the gate; None where there are none."""
        first = 0 if gate_db == -math.inf else self._first(gate_db)
        counts = self._count[first:]
        total = int(counts.sum())
        if not total:
            return None
        rank = int((total - 1) * share + 0.5)
        index = first + int(np.searchsorted(np.cumsum(counts), rank, side="right"))
        return 10.0 * math.log10(self._sum[index] / self._count[index])

    def parted(self, gate_db: float) -> Parted | None:
        """Return the levels above the gate in the two groups with the largest variance between them (Otsu 1979); None for a single level."""
        first = self._first(gate_db)
        counts = self._count[first:]
        centres = self._low_db + self._step_db * (first + 0.5 + np.arange(counts.size))
        below, sums = np.cumsum(counts), np.cumsum(counts * centres)
        above = below[-1] - below
        places = np.flatnonzero(below * above)
        if not places.size:
            return None
        lower = sums[places] / below[places]
        upper = (sums[-1] - sums[places]) / above[places]
        best = int(np.argmax(below[places] * above[places] * (upper - lower) ** 2))
        return Parted(
            split_db=float(centres[places[best]] + self._step_db / 2.0),
            below_db=float(lower[best]),
            above_db=float(upper[best]),
            below_share=float(below[places[best]] / below[-1]),
        )
