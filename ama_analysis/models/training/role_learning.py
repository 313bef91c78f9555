"""The classifier of roles from examples: small networks, each by Adam on windows drawn evenly from the roles. Pure numpy, one thread, seeded.

Sounds differ most in tone and level of the ends of the spectrum, so each window is bent by a random smooth curve each time that it is drawn, and some
of its figures are left out. Weights decay (Loshchilov and Hutter, ICLR 2019), the step size falls as half a cosine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.models.role_classes import CLASS_AT, CLASSES
from ama_analysis.models.role_net import CUT, LEAK, Array, RoleNet, softmax
from ama_analysis.models.training.role_examples import RoleExamples
from ama_analysis.progress import OnProgress, silent
from ama_analysis.roles import ROLES

_CURVES: Final = 6
_BANDS: Final = 56
_BETAS: Final = (0.9, 0.999)
_LEAST_SPREAD: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRecipe:
    """How the networks are learned.

    `real_weight` is how much more a track of `real_sources` counts than a made one of its role, `other_weight` how much less effects and mixes count than
    another class: they are rarer in sessions than the instruments, and sound like anything. `second_weight` is that of second hearings.
    """

    hidden: tuple[int, ...] = (160, 64)
    networks: int = 3
    steps: int = 2500
    batch: int = 256
    rate: float = 2e-3
    decay: float = 0.02
    left_out: float = 0.2
    noise: float = 0.15
    bend_db: float = 4.0
    smoothing: float = 0.05
    real_weight: float = 3.0
    other_weight: float = 0.4
    second_weight: float = 0.5
    real_sources: tuple[str, ...] = ("sessions",)
    seed: int = 1


def learned(
    examples: RoleExamples,
    recipe: RoleRecipe,
    *,
    use: NDArray[np.bool_] | None = None,
    on_progress: OnProgress = silent,
) -> RoleNet:
    """Return networks that learned from these windows (those of `use`); the same examples and recipe give the same networks."""
    chosen = np.ones(examples.role.size, bool) if use is None else use
    figures, role = examples.figures[chosen], examples.role[chosen]
    sources = np.array(examples.sources)[examples.track[chosen]]
    chance = _draws(role, examples.track[chosen], sources, examples.second[chosen], recipe)
    mean = (chance[:, None] * figures).sum(axis=0)
    spread = np.sqrt((chance[:, None] * np.square(figures - mean)).sum(axis=0)) + _LEAST_SPREAD
    blank = RoleNet(mean=mean.astype(np.float32), spread=spread.astype(np.float32), networks=())
    networks = []
    for at in range(recipe.networks):
        rng = np.random.default_rng([recipe.seed, at])

        def report(done: float, at: int = at) -> None:
            on_progress((at + done) / recipe.networks, f"learning, network {at + 1}")

        networks.append(_network(blank, figures, role, chance, recipe, rng, report))
    return RoleNet(mean=blank.mean, spread=blank.spread, networks=networks)


def _draws(
    role: NDArray[np.int64],
    track: NDArray[np.int64],
    sources: NDArray[Any],
    second: NDArray[np.bool_],
    recipe: RoleRecipe,
) -> NDArray[np.float64]:
    """Return how likely each window is drawn: classes alike, roles of a class by the root of their number, tracks of a role alike but for real ones."""
    weight = 1.0 / np.bincount(track)[track]
    weight *= np.where(second, recipe.second_weight, 1.0)
    weight *= np.where(np.isin(sources, recipe.real_sources), recipe.real_weight, 1.0)
    roles = np.bincount(role, weights=weight, minlength=len(ROLES))
    weight /= np.sqrt(roles)[role]
    classes = np.array(CLASS_AT)[role]
    weight /= np.bincount(classes, weights=weight)[classes]
    weight *= np.where(classes == CLASSES.index("other/fx"), recipe.other_weight, 1.0)
    return np.asarray(weight / weight.sum())


def _network(
    blank: RoleNet,
    figures: Array,
    role: NDArray[np.int64],
    chance: NDArray[np.float64],
    recipe: RoleRecipe,
    rng: np.random.Generator,
    report: Any,  # noqa: ANN401  # a function of one number
) -> list[tuple[Array, Array]]:
    sizes = (figures.shape[1], *recipe.hidden, len(ROLES))
    params: list[Array] = []
    for a, b in pairwise(sizes):
        params += [(rng.standard_normal((a, b)) * math.sqrt(2.0 / a)).astype(np.float32)]
        params += [np.zeros(b, np.float32)]
    moments = [(np.zeros_like(p), np.zeros_like(p)) for p in params]
    running = np.cumsum(chance)
    for step in range(1, recipe.steps + 1):
        drawn = np.minimum(np.searchsorted(running, rng.random(recipe.batch)), role.size - 1)
        values = _varied(figures[drawn], blank, recipe, rng)
        slopes = _slopes(params, values, role[drawn], recipe, rng)
        rate = recipe.rate * 0.5 * (1.0 + math.cos(math.pi * step / recipe.steps))
        for p, (first, second), slope in zip(params, moments, slopes, strict=True):
            first += (1.0 - _BETAS[0]) * (slope - first)
            second += (1.0 - _BETAS[1]) * (slope * slope - second)
            up = first / (1.0 - _BETAS[0] ** step)
            down = np.sqrt(second / (1.0 - _BETAS[1] ** step)) + 1e-8
            p -= np.float32(rate) * (up / down + (recipe.decay if p.ndim == 2 else 0.0) * p)
        if step % 100 == 0:
            report(step / recipe.steps)
    return [(params[k], params[k + 1]) for k in range(0, len(params), 2)]


def _varied(figures: Array, blank: RoleNet, recipe: RoleRecipe, rng: np.random.Generator) -> Array:
    """Return scaled figures as if an equalizer had bent the tone; with noise, and cut as they are where the networks are asked."""
    place = np.linspace(0.0, np.pi, _BANDS)
    cosines = np.cos(np.arange(1, _CURVES + 1)[:, None] * place)
    size = recipe.bend_db / np.arange(1, _CURVES + 1)
    bend = (rng.standard_normal((figures.shape[0], _CURVES)) * size) @ cosines
    bent = figures.copy()
    bent[:, :_BANDS] += bend
    bent[:, _BANDS : 2 * _BANDS] += bend
    noise = recipe.noise * rng.standard_normal(figures.shape, dtype=np.float32)
    return np.clip(blank.scaled(bent) + noise, -CUT, CUT).astype(np.float32)


def _slopes(
    params: Sequence[Array],
    values: Array,
    role: NDArray[np.int64],
    recipe: RoleRecipe,
    rng: np.random.Generator,
) -> list[Array]:
    """Return the gradient of the cross-entropy (labels smoothed, units left out at random) for each parameter."""
    inputs, masks = [values], []
    for k in range(0, len(params), 2):
        values = inputs[-1] @ params[k] + params[k + 1]
        if k < len(params) - 2:
            kept = (rng.random(values.shape) >= recipe.left_out) / (1.0 - recipe.left_out)
            mask = (np.where(values > 0.0, 1.0, LEAK) * kept).astype(np.float32)
            masks.append(mask)
            values = values * mask
        inputs.append(values)
    wanted = np.full(values.shape, recipe.smoothing / len(ROLES))
    wanted[np.arange(role.size), role] += 1.0 - recipe.smoothing
    back = ((softmax(values) - wanted) / role.size).astype(np.float32)
    slopes: list[Array] = []
    for k in range(len(params) - 2, -1, -2):
        slopes = [inputs[k // 2].T @ back, back.sum(axis=0), *slopes]
        if k:
            back = (back @ params[k].T) * masks[k // 2 - 1]
    return slopes
