"""Examples to what the network sees in a step, each time in another way: stems left out and doubled, roles told or not, pans and tones moved.

Random gains need no augmentation: figures, pictures and answers do not depend on a stem's level at all (a test holds that).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ama_analysis.models import gain_inputs as given
from ama_analysis.models.gain_pictures import BANDS, FRAMES, STEP_DB
from ama_analysis.models.gain_shapes import INPUTS, REFERENCE_WIDTH, style_number
from ama_analysis.models.training.examples import Example, with_roles
from ama_analysis.models.training.settings import Recipe
from ama_analysis.roles import ROLES

Array = NDArray[np.float32]
_COPIES_DB = -4.5
"""Each of two copies: between 3 dB (they do not cohere) and 6 dB (they do)."""
_NOWHERE = ROLES.index("other")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Batch:
    """Sessions side by side, padded to the same number of stems; the fields are those of `GainNet.forward`, and the answers.

    `wanted` (b, n) is in dB, `place` (b, n) from -1 to +1, `place_known` (b,) 0 or 1.
    """

    figures: Array
    pictures: Array
    seen: Array
    there: Array
    style: NDArray[np.int64]
    reference: Array
    wanted: Array
    place: Array
    place_known: Array


def batch_of(
    pools: Sequence[Sequence[Example]], recipe: Recipe, random: np.random.Generator, spread: Array
) -> Batch:
    """Return a batch for training; every pool is drawn from equally often."""
    chosen = []
    for _ in range(recipe.sessions):
        pool = pools[int(random.integers(len(pools)))]
        chosen.append(_varied(pool[int(random.integers(len(pool)))], recipe, random, spread))
    return _stacked(chosen)


def plain_batch(examples: Sequence[Example]) -> Batch:
    """Return examples as the engine would see them: all stems, the roles that their names tell, their style, no reference."""
    return _stacked([_plain(example) for example in examples])


@dataclass(slots=True, eq=False, kw_only=True)
class _One:
    figures: Array
    pictures: Array
    seen: Array
    style: int
    reference: Array
    wanted: Array
    place: Array
    place_known: bool


def _plain(example: Example) -> _One:
    figures = with_roles(example.figures, example.said, example.said_sure)
    wanted, place = answers_of(example)
    counts = np.arange(example.pictures.shape[1])[None, :] < example.seen[:, None]
    return _One(
        figures=given.inputs_of(figures, example.rules_lu[:, 1]),
        pictures=given.small(example.pictures),
        seen=counts.astype(np.float32),
        style=style_number(example.style),
        reference=np.zeros(REFERENCE_WIDTH, np.float32),
        wanted=wanted,
        place=place,
        place_known=example.pan_known,
    )


def answers_of(example: Example) -> tuple[Array, Array]:
    """Return where the human's louder sides lie (dB, up to a common shift) and where the stems sit."""
    pairs = list(zip(example.figures[:, given.BALANCE], example.pans, strict=True))
    louder = np.array([given.louder_by(float(b), float(p)) for b, p in pairs], np.float32)
    place = np.array([given.position(float(b), float(p)) for b, p in pairs], np.float32)
    return example.wanted_lufs + louder, place


def _varied(example: Example, recipe: Recipe, random: np.random.Generator, spread: Array) -> _One:
    chosen, copies = _chosen(example.count, recipe, random)
    roles, sure, way = _roles(example, recipe, random)
    wanted, place = answers_of(example)
    wanted, place = wanted[chosen], place[chosen]
    wanted[copies] += _COPIES_DB
    figures = with_roles(example.figures, roles, sure)[chosen]
    told = random.random() < recipe.tell_reference
    reference = _reference(figures, wanted, recipe, random) if told else None
    figures = _panned(figures, recipe, random)
    inputs = given.inputs_of(figures, example.rules_lu[chosen, way])
    inputs += recipe.noise * spread * random.normal(size=inputs.shape).astype(np.float32)
    pictures, seen = _pictures(example, chosen, recipe, random)
    return _One(
        figures=inputs,
        pictures=pictures,
        seen=seen,
        style=style_number(example.style) if random.random() < recipe.tell_style else 0,
        reference=np.zeros(REFERENCE_WIDTH, np.float32) if reference is None else reference,
        wanted=wanted,
        place=place,
        place_known=example.pan_known,
    )


def _chosen(
    count: int, recipe: Recipe, random: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which stems take part (one of them perhaps twice), and which of those are copies."""
    keep = round(count * (1.0 - random.uniform(0.0, recipe.drop)))
    keep = min(max(keep, min(count, 3)), recipe.stems - 1)
    chosen = random.permutation(count)[:keep]
    if random.random() < recipe.double:
        chosen = np.append(chosen, chosen[0])
        return chosen, np.array([0, keep])
    return chosen, np.array([], np.int64)


def _roles(
    example: Example, recipe: Recipe, random: np.random.Generator
) -> tuple[NDArray[np.int64], Array, int]:
    """Return roles, how sure they are, and the column of the rules' levels that belongs to them."""
    way = random.random()
    if way < recipe.tell_role:
        return example.roles, np.full(example.count, random.uniform(0.5, 1.0), np.float32), 0
    if way < recipe.tell_role + recipe.name_role:
        return example.said, example.said_sure, 1
    return np.full(example.count, _NOWHERE), np.zeros(example.count, np.float32), 2


def _reference(figures: Array, wanted: Array, recipe: Recipe, random: np.random.Generator) -> Array:
    shape = given.shape_of_mix(figures, wanted - wanted.max())
    off = recipe.reference_db / 10.0 * random.normal(size=shape.size)
    return np.append(shape + off, 1.0).astype(np.float32)


def _panned(figures: Array, recipe: Recipe, random: np.random.Generator) -> Array:
    """Return figures of the stems after random pans; what the louder side is counted by is not touched by that."""
    panned = figures.copy()
    pans = random.uniform(-recipe.scramble_pan, recipe.scramble_pan, len(panned))
    pans *= random.random() < 0.5
    by_db = np.sign(pans) * -20.0 * np.log10(1.0 - np.abs(pans))
    panned[:, given.BALANCE] = np.clip(panned[:, given.BALANCE] + by_db, -12.0, 12.0)
    away = np.abs(panned[:, given.BALANCE])
    panned[:, given.LOUDER_SIDE] = 3.0103 - 10.0 * np.log10(1.0 + 10.0 ** (-away / 10.0))
    return panned


def _pictures(
    example: Example, chosen: NDArray[np.int64], recipe: Recipe, random: np.random.Generator
) -> tuple[Array, Array]:
    """Return some of the stems' pictures, each stem's with a tone of its own, and how many of them are real."""
    pictures = np.zeros((len(chosen), recipe.pictures, BANDS, FRAMES), np.float32)
    seen = np.zeros((len(chosen), recipe.pictures), np.float32)
    line = np.linspace(-1.0, 1.0, BANDS, dtype=np.float32)
    for row, stem in enumerate(chosen):
        count = min(recipe.pictures, int(example.seen[stem]))
        if not count:
            continue
        which = random.permutation(int(example.seen[stem]))[:count]
        tilt, bend = random.uniform(-1.0, 1.0, 2) * recipe.tilt_db
        tone_db = tilt * line + bend / 2.0 * np.cos(np.pi * line * random.uniform(0.5, 3.0))
        levels = example.pictures[stem, which].astype(np.float32)
        raised = levels + (tone_db / STEP_DB)[None, :, None] * (levels > 0.0)
        pictures[row, :count] = given.small(np.clip(np.rint(raised), 0, 255).astype(np.uint8))
        seen[row, :count] = 1.0
    return pictures, seen


def _stacked(ones: Sequence[_One]) -> Batch:
    stems = max(len(one.figures) for one in ones)
    count = max(one.pictures.shape[1] for one in ones)
    shape = (len(ones), stems)
    batch = Batch(
        figures=np.zeros((*shape, INPUTS), np.float32),
        pictures=np.zeros((*shape, count, BANDS, FRAMES), np.float32),
        seen=np.zeros((*shape, count), np.float32),
        there=np.zeros(shape, np.float32),
        style=np.array([one.style for one in ones]),
        reference=np.stack([one.reference for one in ones]),
        wanted=np.zeros(shape, np.float32),
        place=np.zeros(shape, np.float32),
        place_known=np.array([one.place_known for one in ones], np.float32),
    )
    for row, one in enumerate(ones):
        here = len(one.figures)
        batch.figures[row, :here] = one.figures
        batch.pictures[row, :here, : one.pictures.shape[1]] = one.pictures
        batch.seen[row, :here, : one.seen.shape[1]] = one.seen
        batch.there[row, :here] = 1.0
        batch.wanted[row, :here] = one.wanted
        batch.place[row, :here] = one.place
    return batch
