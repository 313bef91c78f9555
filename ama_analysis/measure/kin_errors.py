"""How sure the faders of a fit are: standard errors that hold where the model does not.

The covariance of the factors is the sandwich of the inverse normal equations around the scatter of the scores, clustered two ways (Cameron,
Gelbach & Miller 2011): over stretches of half a second and over bands, so that what a codec, a limiter or an unknown effect does alike
within a band or a moment is not counted as independent evidence. What the gains of the slots could as well explain is taken out of the scores.

What remains unexplained where and when one stem plays may be that stem itself, heard incoherently: played anew, or partly taken away by a
codec. The powers of what remains are shared out among the stems' own (non-negative least squares, each cell
with the weight that it has in the fit), and a share q means that the stem may be
louder by up to sqrt(1 + q).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ama_analysis.bands import Floats
from ama_analysis.measure.kin_cells import Cells
from ama_analysis.measure.kin_fit import Fit
from ama_analysis.measure.nonnegative import nonnegative_least_squares

STRETCH_S: Final = 0.5
_RIDGE: Final = 1e-9


def standard_errors(cells: Cells, fit: Fit) -> tuple[Floats, Floats]:
    """Return the factors' standard errors (2, n), and how much of each factor's evidence is its own (2, n), 1 where no other stem sounds alike."""
    equations, count = fit.equations, fit.factors.shape[1]
    scores = _scores(fit)
    slots = max(round(STRETCH_S / cells.slot_s), 1)
    cells_of_time = np.add.reduceat(scores, np.arange(0, scores.shape[0], slots), axis=0)
    diagonal = np.diagonal(equations.matrix)
    scale = np.sqrt(np.maximum(diagonal, 1e-18 * float(diagonal.max()) + 1e-300))
    unit = equations.matrix / np.outer(scale, scale) + _RIDGE * np.eye(scale.size)
    inverse = np.linalg.inv(unit)
    cover = inverse / np.outer(scale, scale)
    times = _spread(cover, cells_of_time.sum(axis=1))
    bands = _spread(cover, cells_of_time.sum(axis=0))
    both = _spread(cover, cells_of_time.reshape(-1, scale.size))
    variance = np.maximum(times + bands - both, np.maximum(times, bands))
    stretches, tones = cells_of_time.shape[:2]
    few = max(stretches / max(stretches - 1, 1), tones / max(tones - 1, 1))
    own = 1.0 / np.maximum(np.diagonal(inverse), 1.0)
    return (
        np.sqrt(few * variance)[: 2 * count].reshape(2, count),
        own[: 2 * count].reshape(2, count),
    )


def incoherent_shares(cells: Cells, fit: Fit) -> Floats:
    """Return for each stem (n,) the power that remains unexplained where it plays, over its own power in the mix."""
    own = np.diagonal(cells.gram, axis1=3, axis2=4).astype(np.float64)
    gains = fit.master.side_gains[:, :, None] ** 2 * np.exp(2.0 * fit.master.tone)
    held = own * np.square(fit.factors)[:, None, None, :] * gains[..., None]
    level = cells.energy + held.sum(axis=-1)
    says = (level > 0.0) & fit.master.says
    counts = np.sqrt(fit.weights[says] / level[says])
    shares = held[says] * counts[:, None]
    products = shares.T @ shares
    scale = np.sqrt(np.maximum(np.diagonal(products), 1e-300))
    unit = products / np.outer(scale, scale) + _RIDGE * np.eye(scale.size)
    right = shares.T @ (fit.residual[says] * counts) / scale
    return nonnegative_least_squares(unit, right) / scale


def _scores(fit: Fit) -> Floats:
    """Return the scores (t, b, d) of factors and tone, less what the slots' gains take up."""
    equations = fit.equations
    _, slots, bands, count = equations.factor_scores.shape
    size = 2 * count + bands
    scores = np.zeros((slots, bands, size))
    scores[:, :, : 2 * count] = equations.factor_scores.transpose(1, 2, 0, 3).reshape(
        slots, bands, -1
    )
    both = equations.cell_scores
    band = np.arange(bands)
    scores[:, band, 2 * count + band] = both.sum(axis=0)
    gains = np.stack((both[0] + both[1], both[0] - both[1]), axis=2)
    scores -= gains @ (equations.inverse @ equations.onto)
    return scores


def _spread(cover: Floats, clusters: Floats) -> Floats:
    """Return the diagonal of the sandwich of clusters' scores (m, d)."""
    spread: Floats = np.square(clusters @ cover).sum(axis=0)
    return spread
