"""What a JSFX effect is held against: plugins of the audition, and how near two sounds are."""

from __future__ import annotations

import numpy as np


def null_db(expected, got):
    """Return the power of the difference re the expected, dB."""
    left = np.sum((expected - got) ** 2) / np.sum(expected**2)
    return 10.0 * np.log10(max(left, 1e-40))


def bends(samples):
    """Return the sharpest bend: the largest second difference."""
    return float(np.max(np.abs(np.diff(samples, 2))))
