"""A sound on which dynamics can be told apart, and how far two results are apart."""

from __future__ import annotations

import numpy as np

RATE = 48_000


def hits(seconds: float = 3.0, channels: int = 1) -> np.ndarray:
    """Return noise that is struck four times a second and dies away, at several levels."""
    rng = np.random.default_rng(4)
    at = np.arange(round(seconds * RATE)) / RATE
    level = 10.0 ** (-np.floor(4.0 * at) % 5 / 4.0) * np.exp(-12.0 * (at % 0.25))
    samples: np.ndarray = (rng.standard_normal((channels, at.size)) * 0.3 * level).astype(
        np.float32
    )
    return samples


def apart_db(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return how far two signals are apart where there is one, behind the first half second (make-up glides)."""
    heard = (np.abs(one) > 1e-4) & (np.arange(one.size) > RATE // 2)
    return np.asarray(20.0 * np.log10(np.abs(other[heard] / one[heard])))
