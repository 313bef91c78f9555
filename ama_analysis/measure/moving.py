"""The mean over a window that moves along."""

from __future__ import annotations

import numpy as np

from ama_analysis.bands import Floats


def moving_mean(values: Floats, width: int) -> Floats:
    """Return the mean of `width` values around each of (n,), which are mirrored at both ends; in double precision."""
    before = width // 2
    mirrored = np.pad(values, (before, width - before - 1), mode="symmetric")
    sums = np.concatenate(([0.0], np.cumsum(mirrored, dtype=np.float64)))
    means: Floats = np.maximum(sums[width:] - sums[:-width], 0.0) / width
    return means
