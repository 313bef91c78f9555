"""What both learning and answering give the network: figures with the rules' levels, pictures as small numbers, sides of a stereo stem. Pure numpy."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ama_analysis.models.gain_figures import NAMES, SHAPE_BANDS
from ama_analysis.models.gain_pictures import LOWEST_DB, STEP_DB

Array = NDArray[np.float32]

BALANCE: int = NAMES.index("balance_db")
LOUDER_SIDE: int = NAMES.index("louder_side_db")
SHAPE: int = NAMES.index("shape_0")
_DB: float = 40.0
_SHAPE_DB: float = 10.0


def small(levels: NDArray[np.uint8]) -> Array:
    """Return pictures kept as bytes as numbers around 0: dB / 40 + 1."""
    decibels = levels.astype(np.float32) * np.float32(STEP_DB) + np.float32(LOWEST_DB)
    return decibels / np.float32(_DB) + np.float32(1.0)


def inputs_of(figures: Array, rules_lu: Array) -> Array:
    """Return figures (n, len(NAMES)) and the rules' levels (n,), their mean taken out, as the network's (n, INPUTS)."""
    column = (rules_lu - rules_lu.mean())[:, None]
    return np.concatenate((figures, column), axis=1, dtype=np.float32)


def position(balance_db: float, pan: float) -> float:
    """Return where a stem sits, -1 left to +1 right, of its own balance (right less left) and a pan: what its softer side lacks."""
    left = 1.0 - max(pan, 0.0)
    right = 10.0 ** (balance_db / 20.0) * (1.0 + min(pan, 0.0))
    largest = max(left, right, 1e-9)
    return (right - left) / largest


def louder_by(balance_db: float, pan: float) -> float:
    """Return by how many dB a pan changes the louder side of a stem of that balance."""
    left, right = 1.0 - max(pan, 0.0), 10.0 ** (balance_db / 20.0) * (1.0 + min(pan, 0.0))
    before = max(1.0, 10.0 ** (balance_db / 20.0))
    return 20.0 * math.log10(max(left, right, 1e-9) / before)


def shape_of_mix(figures: Array, levels_lu: Array) -> Array:
    """Return the spectral shape (SHAPE_BANDS,) of stems together at these levels, as `gain_figures` counts shapes."""
    shapes = 10.0 ** (figures[:, SHAPE : SHAPE + SHAPE_BANDS])
    powers = 10.0 ** (levels_lu / 10.0)
    total = (shapes * powers[:, None]).sum(0)
    return shape_of(total)


def shape_of(band_powers: NDArray[np.floating]) -> Array:
    """Return the shape of the powers of the groups of bands, relative to their sum, in tens of dB."""
    relative = band_powers / max(float(band_powers.sum()), 1e-20)
    shape: Array = (10.0 * np.log10(relative + 1e-6) / _SHAPE_DB).astype(np.float32)
    return shape
