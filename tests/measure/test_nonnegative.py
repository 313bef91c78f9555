from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import nnls

from ama_analysis.measure.nonnegative import nonnegative_least_squares


@pytest.mark.parametrize("seed", range(40))
def test_it_is_scipys_answer(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows, columns = int(random.integers(20, 60)), int(random.integers(1, 18))
    matrix = random.standard_normal((rows, columns)) + (seed % 3) * 0.7
    wanted = random.standard_normal(rows) + matrix @ np.maximum(random.standard_normal(columns), 0)
    found = nonnegative_least_squares(matrix.T @ matrix, matrix.T @ wanted)
    assert found == pytest.approx(nnls(matrix, wanted)[0], abs=1e-9)


def test_of_two_alike_both_are_shared_or_one_is_left_out_but_none_turns_negative() -> None:
    random = np.random.default_rng(1)
    one = random.standard_normal((50, 1))
    matrix = np.concatenate((one, one, random.standard_normal((50, 1))), axis=1)
    gram = matrix.T @ matrix + 1e-6 * np.eye(3)
    found = nonnegative_least_squares(gram, matrix.T @ (2.0 * one[:, 0]))
    assert found.min() >= 0.0
    assert found[0] + found[1] == pytest.approx(2.0, abs=1e-4)


def test_what_only_helps_below_zero_stays_at_zero() -> None:
    assert not nonnegative_least_squares(np.eye(3), np.array([-1.0, -0.5, 0.0])).any()
