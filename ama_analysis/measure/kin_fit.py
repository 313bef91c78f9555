"""Faders from cells: what stems at which factors, through one tone and one gain over time, come nearest to a mix.

In a cell of side c, slot t and band b the mix is taken as  g[t,c] h[b] sum_i a[c,i] s_i  and noise: a the factors, h a complex tone common to
both sides (the master's EQ), g a real gain (compressor, limiter), each side's its own where that explains more. All of it is found together
by Gauss-Newton on the least squares of the cells; the slots' gains are eliminated (Schur complement), so a step costs little more than one
pass over the cells. Tone and gain, in natural logarithms, are drawn towards none with the variance that they are found to have (empirical
Bayes): in a mix without a master both vanish. Noise is taken as a share of the power of its cell, the share being that of its band, and of
the cell itself in equal parts, so what a codec or a limiter left incoherent counts little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ama_analysis.bands import Floats
from ama_analysis.measure.kin_cells import Cells
from ama_analysis.measure.kin_master import SIDES, Master, centred, learned

MOST_STEPS: Final = 20
SETTLED: Final = 1e-3
"""Relative change of every factor (0.01 dB) at which the fit is settled."""
UNSURE: Final = 0.05
"""So small a part of its error may a factor still change."""
FIRST_SPREAD: Final = 0.25
"""Standard deviation of tone and gain at first: 2.2 dB."""
DEPENDENCE: Final = 0.5
"""Independent values a real value: Hann windows half overlapped."""
QUIET: Final = 1e-3
"""Cells 30 dB below their band's mean count as if they were so loud."""
COHERENT: Final = 0.1
"""Bands of which the stems explain less, at factors of their own, say nothing of the faders: what a codec cut off or made up."""
MOST_COHERENT: Final = 0.95
_LEAST_SHARE: Final = 1e-7
_LONGEST_STEP: Final = 0.5
_GAUGE: Final = 10.0
"""Holds the mean tone at none, which would else be one with the factors."""
_RIDGE: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Fit:
    """Factors of the stems (2, n); the master; what remains of each cell (2, t, b) and its weight; the normal equations at the end."""

    factors: Floats
    master: Master
    residual: Floats
    weights: Floats
    equations: Equations
    explained: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Equations:
    """Normal equations for factors (both sides) and tone after the slots' gains are eliminated, and what eliminates them.

    matrix (d, d), right (d,); onto (t, 2, d) how gains meet the others, inverse (t, 2, 2), gain_right (t, 2); scores of the cells for
    factors (2, t, b, n) and, summed over the stems, for tone and gain (2, t, b).
    """

    matrix: Floats
    right: Floats
    onto: Floats
    inverse: Floats
    gain_right: Floats
    factor_scores: Floats
    cell_scores: Floats


def fitted(cells: Cells, *, on_step: Callable[[int], None]) -> Fit:
    """Return the fit; `on_step` hears the number of each step before it."""
    _, slots, bands = cells.energy.shape
    coherence = _coherence(cells)
    sure = np.minimum(coherence, MOST_COHERENT)
    master = Master(
        evidence=np.where(coherence > COHERENT, sure / (1.0 - sure), 0.0),
        tone=np.zeros(bands),
        phase=np.zeros(bands),
        gains=np.zeros((slots, 2)),
        tone_spread=FIRST_SPREAD,
        gain_spread=np.array([FIRST_SPREAD, FIRST_SPREAD / 2.0]),
    )
    factors = _first(cells, master.evidence * _evened(cells))
    for step in range(MOST_STEPS):
        on_step(step)
        weights, residual, explained = _weighed(cells, factors, master)
        equations = _equations(cells, factors, master, weights)
        moved, master = _moved(factors, master, equations)
        unsure = np.diagonal(equations.inverse, axis1=1, axis2=2)
        master = learned(cells, moved, master, weights, unsure)
        moved, master = centred(cells, moved, master, weights)
        change = np.abs(moved - factors)
        factors = moved
        if step > 2 and (change <= _settled(factors, equations)).all():
            break
    weights, residual, explained = _weighed(cells, factors, master)
    return Fit(
        factors=factors,
        master=master,
        residual=residual,
        weights=weights,
        equations=_equations(cells, factors, master, weights),
        explained=explained,
    )


def _settled(factors: Floats, equations: Equations) -> Floats:
    """Return the changes of factors that are small against themselves, or against what is known of them."""
    known = np.maximum(np.diagonal(equations.matrix)[: factors.size], 1e-300).reshape(factors.shape)
    settled: Floats = np.maximum(SETTLED * np.abs(factors), UNSURE / np.sqrt(known))
    return settled


def _mean_of_bands(cells: Cells) -> Floats:
    mean: Floats = cells.energy.mean(axis=(0, 1), dtype=np.float64)
    return mean


def _evened(cells: Cells) -> Floats:
    """Return weights under which every cell counts alike but for the quietest."""
    scale = cells.energy + QUIET * _mean_of_bands(cells)
    even: Floats = np.divide(cells.bins, scale, out=np.zeros_like(scale), where=scale > 0.0)
    return even


def _coherence(cells: Cells) -> Floats:
    """Return the share of each band (b,) that the stems explain at factors of its own."""
    weights = _evened(cells)
    found = np.zeros(cells.bins.size)
    for band in range(cells.bins.size):
        now = weights[:, :, band].astype(np.float32)
        gram = np.einsum("st,stij->sij", now, cells.gram[:, :, band]).astype(np.float64)
        cross = np.einsum("st,sti->si", now, cells.cross[:, :, band]).astype(np.complex128)
        whole = float(np.sum(now * cells.energy[:, :, band], dtype=np.float64))
        both = [_solve(gram[s], cross[s], 1e-6) @ np.conj(cross[s]) for s in (0, 1)]
        found[band] = float(sum(both).real) / whole if whole > 0.0 else 0.0
    return np.clip(found, 0.0, 1.0)


def _gram(cells: Cells, weights: Floats) -> Floats:
    """Return the weighted sum of the products of stems, (2, n, n)."""
    count = cells.gram.shape[-1]
    sums = [
        weights[side].reshape(1, -1).astype(np.float32)
        @ cells.gram[side].reshape(-1, count * count)
        for side in (0, 1)
    ]
    return np.stack(sums).reshape(2, count, count).astype(np.float64)


def _first(cells: Cells, weights: Floats) -> Floats:
    """Return plain weighted least squares."""
    gram = _gram(cells, weights)
    cross = np.einsum("stb,stbi->si", weights, cells.cross.real, optimize=True)
    return np.stack([_solve(gram[side], cross[side], 1e-6) for side in (0, 1)])


def _solve(matrix: Floats, right: Floats, ridge: float) -> Floats:
    diagonal = np.diagonal(matrix)
    scale = np.sqrt(np.maximum(diagonal, 1e-18 * float(diagonal.max()) + 1e-300))
    unit = matrix / np.outer(scale, scale) + ridge * np.eye(scale.size)
    solved: Floats = np.linalg.solve(unit, right / scale) / scale
    return solved


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Model:
    """The model in each cell: products of each stem with the sum (2, t, b, n), power of the sum, its product with the mix, squared gain."""

    each: Floats
    power: Floats
    product: Floats
    each_product: Floats
    squared: Floats


def _model_of(cells: Cells, factors: Floats, master: Master) -> _Model:
    sides, slots, bands, count = cells.cross.shape
    each = np.stack(
        [
            (cells.gram[side].reshape(-1, count) @ factors[side].astype(np.float32)).reshape(
                slots, bands, count
            )
            for side in range(sides)
        ]
    )
    gains = master.side_gains[:, :, None]
    turned = np.exp(master.tone - 1j * master.phase).astype(np.complex64)
    each_product = (cells.cross * turned[:, None]).real * gains[..., None]
    power = (each * factors[:, None, None, :]).sum(axis=-1)
    product = (each_product * factors[:, None, None, :]).sum(axis=-1)
    squared = gains**2 * np.exp(2.0 * master.tone)
    return _Model(
        each=each, power=power, product=product, each_product=each_product, squared=squared
    )


def _weighed(cells: Cells, factors: Floats, master: Master) -> tuple[Floats, Floats, float]:
    """Return the cells' weights, what remains of them, and the explained share of the mix."""
    model = _model_of(cells, factors, master)
    modelled = model.squared * model.power
    residual = np.maximum(
        cells.energy - 2.0 * model.product + modelled, _LEAST_SHARE * cells.energy
    )
    mean = _mean_of_bands(cells)
    scale = cells.energy + modelled + QUIET * mean
    total = scale.sum(axis=(0, 1))
    share = np.maximum(
        np.divide(residual.sum(axis=(0, 1)), total, out=np.ones_like(total), where=total > 0.0),
        _LEAST_SHARE,
    )
    noise = (share * scale + residual) / (4.0 * cells.bins)
    weights = np.divide(DEPENDENCE, noise, out=np.zeros_like(noise), where=noise > 0.0)
    weights[:, :, (mean <= 1e-12 * float(mean.max())) | ~master.says] = 0.0
    whole = float(cells.energy.sum(dtype=np.float64))
    explained = 1.0 - float(residual.sum()) / whole if whole > 0.0 else 0.0
    return weights, residual, explained


def _equations(cells: Cells, factors: Floats, master: Master, weights: Floats) -> Equations:
    model = _model_of(cells, factors, master)
    count, bands = factors.shape[1], cells.bins.size
    size = 2 * count + bands
    power_weights = weights * model.squared
    each = power_weights[..., None] * model.each
    power = power_weights * model.power
    factor_scores = weights[..., None] * model.each_product - each
    cell_scores = weights * model.product - power
    matrix, right = np.zeros((size, size)), np.zeros(size)
    gram = _gram(cells, power_weights)
    tone = slice(2 * count, size)
    for side in (0, 1):
        part = slice(side * count, (side + 1) * count)
        matrix[part, part] = gram[side]
        matrix[tone, part] = each[side].sum(axis=0)
        matrix[part, tone] = matrix[tone, part].T
        right[part] = factor_scores[side].sum(axis=(0, 1))
    own = power.sum(axis=(0, 1)) + master.tone_spread**-2
    share = master.evidence / max(float(master.evidence.sum()), 1e-30)
    matrix[tone, tone] = np.diag(own) + _GAUGE * float(own.sum()) * np.outer(share, share)
    right[tone] = cell_scores.sum(axis=(0, 1)) - master.tone * master.tone_spread**-2
    onto, inverse, gain_right = _gain_blocks(master, each, power, cell_scores)
    through = inverse @ onto
    flat = onto.reshape(-1, size)
    return Equations(
        matrix=matrix - flat.T @ through.reshape(-1, size),
        right=right - flat.T @ (inverse @ gain_right[..., None]).reshape(-1),
        onto=onto,
        inverse=inverse,
        gain_right=gain_right,
        factor_scores=factor_scores,
        cell_scores=cell_scores,
    )


def _gain_blocks(
    master: Master, each: Floats, power: Floats, cell_scores: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return how each slot's two gains meet factors and tone (t, 2, d), the inverse of their own block, and their right side."""
    _, slots, bands, count = each.shape
    onto = np.zeros((slots, 2, 2 * count + bands))
    own = each.sum(axis=2).transpose(1, 0, 2)
    onto[:, 0, : 2 * count] = own.reshape(slots, -1)
    onto[:, 1, : 2 * count] = (own * SIDES[:, None]).reshape(slots, -1)
    onto[:, 0, 2 * count :] = power.sum(axis=0)
    onto[:, 1, 2 * count :] = power[0] - power[1]
    a_side = power.sum(axis=2)
    block = np.zeros((slots, 2, 2))
    block[:, 0, 0] = block[:, 1, 1] = a_side.sum(axis=0)
    block[:, 0, 1] = block[:, 1, 0] = a_side[0] - a_side[1]
    block += np.diag(master.gain_spread**-2)
    scores = cell_scores.sum(axis=2)
    right = np.stack((scores[0] + scores[1], scores[0] - scores[1]), axis=1)
    return onto, np.linalg.inv(block), right - master.gains * master.gain_spread**-2


def _moved(factors: Floats, master: Master, equations: Equations) -> tuple[Floats, Master]:
    """Take one step."""
    count = factors.shape[1]
    step = _solve(equations.matrix, equations.right, _RIDGE)
    left = equations.gain_right - equations.onto @ step
    gains = (equations.inverse @ left[..., None])[..., 0]
    tone = step[2 * count :]
    return factors + step[: 2 * count].reshape(2, count), replace(
        master,
        tone=master.tone + np.clip(tone, -_LONGEST_STEP, _LONGEST_STEP),
        gains=master.gains + np.clip(gains, -_LONGEST_STEP, _LONGEST_STEP),
    )
