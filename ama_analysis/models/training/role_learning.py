"""The classifier of roles from examples: small networks, each by Adam on windows drawn evenly from the roles. Pure numpy, one thread, seeded.

As many networks learn from the figures of the tone as from YAMNet's. Sounds differ most in tone and level of the ends of the spectrum, so the tone of each window is
bent by a random smooth curve each time that it is drawn, and some of its figures are left out. Weights decay (Loshchilov and Hutter, ICLR 2019), the step size falls as half a cosine.
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
from ama_analysis.models.role_figures import PARTS
from ama_analysis.models.role_net import CUT, LEAK, Array, Layers, RoleNet, softmax
from ama_analysis.models.training.role_examples import RoleExamples
from ama_analysis.progress import OnProgress, part_of, silent
from ama_analysis.roles import ROLES

_CURVES: Final = 6
_BANDS: Final = 56
_BETAS: Final = (0.9, 0.999)
_LEAST_SPREAD: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRecipe:
    """How the networks are learned.

    `real_weight` is how much more a track of `real_sources` counts than a made one of its role, `other_weight` how much less effects and mixes count than
    another class: they are rarer in sessions than the instruments, and sound like anything. `second_weight` is that of second hearings, from which the networks that
    hear YAMNet's figures do not learn; these take fewer steps (`yamnet_steps`). There are so many `networks` of both kinds.
    """

    hidden: tuple[int, ...] = (160, 64)
    networks: int = 3
    steps: int = 2500
    yamnet_steps: int = 800
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
    lessons = [
        _lessons(examples, recipe, PARTS[0], chosen),
        _lessons(examples, recipe, PARTS[1], chosen & ~examples.second),
    ]
    networks: list[Layers] = []
    count = len(lessons) * recipe.networks
    for at in range(count):
        lesson = lessons[at // recipe.networks]
        rng = np.random.default_rng([recipe.seed, at])
        report = part_of(on_progress, at / count, (at + 1) / count)
        networks.append(_network(lesson, recipe, rng, report))
    mean = np.concatenate([lesson.mean for lesson in lessons])
    spread = np.concatenate([lesson.spread for lesson in lessons])
    return RoleNet(mean=mean, spread=spread, networks=networks)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Lessons:
    """Figures of one kind (windows, figures) with their mean and spread, the role of each window and how likely it is drawn."""

    figures: Array
    mean: Array
    spread: Array
    role: NDArray[np.int64]
    chance: NDArray[np.float64]
    steps: int
    bent: bool


def _lessons(
    examples: RoleExamples, recipe: RoleRecipe, part: slice, use: NDArray[np.bool_]
) -> _Lessons:
    figures, role, track = examples.figures[use, part], examples.role[use], examples.track[use]
    sources = np.array(examples.sources)[track]
    chance = _draws(role, track, sources, examples.second[use], recipe)
    mean = (chance[:, None] * figures).sum(axis=0)
    spread = np.sqrt((chance[:, None] * np.square(figures - mean)).sum(axis=0)) + _LEAST_SPREAD
    tone = part == PARTS[0]
    return _Lessons(
        figures=figures,
        mean=mean.astype(np.float32),
        spread=spread.astype(np.float32),
        role=role,
        chance=chance,
        steps=recipe.steps if tone else recipe.yamnet_steps,
        bent=tone,
    )


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
    lessons: _Lessons, recipe: RoleRecipe, rng: np.random.Generator, report: OnProgress
) -> list[tuple[Array, Array]]:
    sizes = (lessons.figures.shape[1], *recipe.hidden, len(ROLES))
    params: list[Array] = []
    for a, b in pairwise(sizes):
        params += [(rng.standard_normal((a, b)) * math.sqrt(2.0 / a)).astype(np.float32)]
        params += [np.zeros(b, np.float32)]
    moments = [(np.zeros_like(p), np.zeros_like(p)) for p in params]
    running = np.cumsum(lessons.chance)
    for step in range(1, lessons.steps + 1):
        place = np.searchsorted(running, rng.random(recipe.batch))
        drawn = np.minimum(place, lessons.role.size - 1)
        values = _varied(lessons, drawn, recipe, rng)
        slopes = _slopes(params, values, lessons.role[drawn], recipe, rng)
        rate = recipe.rate * 0.5 * (1.0 + math.cos(math.pi * step / lessons.steps))
        for p, (first, second), slope in zip(params, moments, slopes, strict=True):
            first += (1.0 - _BETAS[0]) * (slope - first)
            second += (1.0 - _BETAS[1]) * (slope * slope - second)
            up = first / (1.0 - _BETAS[0] ** step)
            down = np.sqrt(second / (1.0 - _BETAS[1] ** step)) + 1e-8
            p -= np.float32(rate) * (up / down + (recipe.decay if p.ndim == 2 else 0.0) * p)
        if step % 100 == 0:
            report(step / lessons.steps, "learning")
    return [(params[k], params[k + 1]) for k in range(0, len(params), 2)]


def _varied(
    lessons: _Lessons, drawn: NDArray[np.int64], recipe: RoleRecipe, rng: np.random.Generator
) -> Array:
    """Return scaled figures with noise, those of the tone as if an equalizer had bent it, and cut as they are where the networks are asked."""
    figures = lessons.figures[drawn]
    if lessons.bent:
        place = np.linspace(0.0, np.pi, _BANDS)
        cosines = np.cos(np.arange(1, _CURVES + 1)[:, None] * place)
        size = recipe.bend_db / np.arange(1, _CURVES + 1)
        bend = (rng.standard_normal((drawn.size, _CURVES)) * size) @ cosines
        figures[:, :_BANDS] += bend
        figures[:, _BANDS : 2 * _BANDS] += bend
    scaled = np.clip((figures - lessons.mean) / lessons.spread, -CUT, CUT)
    noise = recipe.noise * rng.standard_normal(figures.shape, dtype=np.float32)
    return np.clip(scaled + noise, -CUT, CUT).astype(np.float32)


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
