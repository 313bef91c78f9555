from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import uniform_filter1d

from ama_analysis.measure.moving import moving_mean


@pytest.mark.parametrize(
    ("count", "width"), [(100, 7), (100, 8), (1000, 1), (50, 49), (20, 60), (5000, 1024)]
)
def test_it_is_scipys(count: int, width: int) -> None:
    values = np.abs(np.random.default_rng(count).standard_normal(count))
    assert moving_mean(values, width) == pytest.approx(uniform_filter1d(values, width), rel=1e-9)


def test_silence_behind_something_loud_does_not_turn_negative() -> None:
    values = np.concatenate((np.full(50, 1e12), np.zeros(200)))
    assert moving_mean(values, 11).min() >= 0.0
