from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import sosfilt

from ama_analysis.audio import Block
from ama_analysis.bands import Floats
from ama_analysis.k_weighting import Biquad, k_weighting_biquads
from ama_analysis.measure.block_filter import STRETCH, BlockFilter

RESONANT: Biquad = ((0.02, 0.0, -0.02), (1.0, -1.975, 0.98))
DELAY: Biquad = ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0))


def noise(channels: int, frames: int) -> Block:
    return np.random.default_rng(3).standard_normal((channels, frames)).astype(np.float32)


def one_by_one(biquads: tuple[Biquad, ...], sound: Block) -> Floats:
    sections = [[*numerator, *denominator] for numerator, denominator in biquads]
    return sosfilt(sections, sound.astype(np.float64), axis=1)


def level_db(values: NDArray[Any]) -> float:
    return 10.0 * float(np.log10(np.mean(values.astype(np.float64) ** 2) + 1e-30))


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_it_is_the_recursion(rate: int, channels: int) -> None:
    biquads = k_weighting_biquads(rate)
    sound = noise(channels, 5 * STRETCH)
    filtered = BlockFilter(biquads, channels=channels).process(sound)
    wanted = one_by_one(biquads, sound)
    assert level_db(filtered - wanted) < level_db(sound) - 138.0


@pytest.mark.parametrize("biquads", [(RESONANT,), (DELAY, RESONANT), (RESONANT, RESONANT, DELAY)])
def test_any_biquads(biquads: tuple[Biquad, ...]) -> None:
    sound = noise(1, 2 * STRETCH)
    filtered = BlockFilter(biquads, channels=1).process(sound)
    wanted = one_by_one(biquads, sound)
    assert level_db(filtered - wanted) < level_db(wanted) - 120.0


def test_stretches_follow_on_each_other() -> None:
    biquads = k_weighting_biquads(48_000)
    sound = noise(2, 6 * STRETCH)
    at_once = BlockFilter(biquads, channels=2).process(sound)
    one = BlockFilter(biquads, channels=2)
    cuts = (0, STRETCH, 4 * STRETCH, 6 * STRETCH)
    parts = [one.process(sound[:, a:b]) for a, b in pairwise(cuts)]
    joined = np.concatenate(parts, axis=1)
    assert level_db(joined - at_once) < level_db(sound) - 138.0


def test_channels_have_nothing_to_do_with_each_other() -> None:
    biquads = k_weighting_biquads(48_000)
    sound = noise(2, STRETCH)
    both = BlockFilter(biquads, channels=2).process(sound)
    right = BlockFilter(biquads, channels=1).process(sound[1:])
    assert level_db(both[1] - right[0]) < level_db(right) - 140.0


def test_silence_stays_silent() -> None:
    silence = np.zeros((2, STRETCH), np.float32)
    assert not BlockFilter(k_weighting_biquads(48_000), channels=2).process(silence).any()


def test_an_offset_leaves_next_to_nothing() -> None:
    offset = np.ones((1, 8 * STRETCH), np.float32)
    filtered = BlockFilter(k_weighting_biquads(48_000), channels=1).process(offset)
    assert level_db(filtered[:, 4 * STRETCH :]) < -135.0
