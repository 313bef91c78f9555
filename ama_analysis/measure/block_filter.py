"""A recursive filter over a stream as products of matrices.

A chain of biquads is a linear system: of its state and the next sample follow the next state and the output. Taken some steps at a time it is a
linear system again, of stretches in place of samples (C. S. Burrus, "Block realization of digital filters", IEEE Trans. Audio Electroacoust.
20(4), 1972): what a stretch brings to its own output is one triangular matrix, what the state before it brings is another small one, and
the states before the stretches are what the same kind of system makes of what each stretch leaves behind. So the recursion is left to one step in
8192 samples, the rest to BLAS, more than twice as fast as a compiled loop over the samples (DECISIONS 125).

The state is in coordinates in which white noise excites all of it alike, so that 32-bit numbers serve: the error lies below -138 dB of the input.
The last bits depend on how many stretches come at once, since a BLAS adds up small products in another order than large ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Block
from ama_analysis.bands import Floats
from ama_analysis.k_weighting import Biquad

_STEPS: Final = (32, 16, 16)
"""So many samples make a stretch, so many stretches a longer one, and so on."""
STRETCH: Final = 32 * 16 * 16
"""What is filtered must be a multiple of so many samples long."""
_LARGEST: Final = 1 << 17
"""Multiplications a product: a BLAS starts threads at about twice as many, which then turn in circles (DECISIONS 56)."""
_DOUBLINGS: Final = 40
"""After 2^40 samples nothing is left of a state."""

_System: TypeAlias = tuple[Floats, Floats, Floats, Floats]
"""Of state and input follow the next state (first and second matrix) and the output (third and fourth)."""
_Values: TypeAlias = NDArray[np.float32]


class BlockFilter:
    """Biquads one after the other, at work on each channel of a stream; it keeps its state."""

    def __init__(self, biquads: Sequence[Biquad], *, channels: int) -> None:
        """Begin in silence."""
        self._stretches = _stretches_of(tuple(biquads))
        self._state: _Values = np.zeros((channels, 2 * len(biquads)), np.float32)

    def process(self, block: Block) -> Block:
        """Return the next frames, filtered; `block` is (channels, n), n a multiple of `STRETCH`."""
        filtered, self._state = self._stretches.process(block[..., None], self._state)
        return filtered[..., 0]


class _Stretches:
    """A linear system that takes `steps` steps at a time."""

    def __init__(self, system: _System, steps: Sequence[int]) -> None:
        a, b, c, d = system
        self._steps = steps[0]
        powers = [np.linalg.matrix_power(a, n) for n in range(self._steps + 1)]
        leaves = np.concatenate([(p @ b).T for p in powers[-2::-1]])
        brings = np.concatenate([(c @ p).T for p in powers[:-1]], axis=1)
        self._leaves, self._brings = leaves.astype(np.float32), brings.astype(np.float32)
        self._own = _triangular(d, [c @ p @ b for p in powers[: self._steps - 1]])
        self._rows = max(1, _LARGEST // self._own.size)
        self._state_after: _Values = powers[-1].T.astype(np.float32)
        self._states: _Stretches | None = None
        if len(steps) > 1:
            one, none = np.eye(a.shape[0]), np.zeros(a.shape)
            self._states = _Stretches((powers[-1], one, one, none), steps[1:])

    def process(self, values: _Values, state: _Values) -> tuple[_Values, _Values]:
        """Return the outputs for inputs (channels, n, inputs) that follow on a state (channels, states), and the state after them."""
        channels, count, _ = values.shape
        stretches = values.reshape(channels, count // self._steps, -1)
        left = _product(stretches, self._leaves, self._rows)
        if self._states is None:
            before, state = self._one_by_one(left, state)
        else:
            before, state = self._states.process(left, state)
        outputs = _product(stretches, self._own, self._rows)
        outputs += _product(before, self._brings, self._rows)
        return outputs.reshape(channels, count, -1), state

    def _one_by_one(self, left: _Values, state: _Values) -> tuple[_Values, _Values]:
        before = np.empty_like(left)
        for at in range(left.shape[1]):
            before[:, at] = state
            state = state @ self._state_after + left[:, at]
        return before, state


def _product(rows: _Values, matrix: _Values, at_once: int) -> _Values:
    """Return the product of rows (channels, n, columns) with a matrix, some rows at a time."""
    product = np.empty((*rows.shape[:2], matrix.shape[1]), np.float32)
    for at in range(0, rows.shape[1], at_once):
        some = slice(at, at + at_once)
        np.matmul(rows[:, some], matrix, out=product[:, some])
    return product


def _triangular(first: Floats, later: Sequence[Floats]) -> NDArray[np.float32]:
    """Return the matrix by which inputs in a row bring outputs at once (`first`) and each step later (`later`)."""
    outputs, inputs = first.shape
    steps = len(later) + 1
    matrix = np.zeros((steps, inputs, steps, outputs))
    for after, response in enumerate((first, *later)):
        for step in range(steps - after):
            matrix[step, :, step + after] = response.T
    return matrix.reshape(steps * inputs, steps * outputs).astype(np.float32)


@lru_cache(maxsize=8)
def _stretches_of(biquads: tuple[Biquad, ...]) -> _Stretches:
    return _Stretches(_evenly_excited(_in_series(biquads)), _STEPS)


def _in_series(biquads: Sequence[Biquad]) -> _System:
    """Return biquads, each in the transposed direct form II, one after the other."""
    a, b, c, d = np.zeros((0, 0)), np.zeros((0, 1)), np.zeros((1, 0)), np.eye(1)
    for (b0, b1, b2), (_, a1, a2) in biquads:
        own_a = np.array([[-a1, 1.0], [-a2, 0.0]])
        own_b = np.array([[b1 - a1 * b0], [b2 - a2 * b0]])
        own_c = np.array([[1.0, 0.0]])
        a = np.block([[a, np.zeros((a.shape[0], 2))], [own_b @ c, own_a]])
        b = np.concatenate((b, own_b @ d))
        c = np.concatenate((b0 * c, own_c), axis=1)
        d = b0 * d
    return a, b, c, d


def _evenly_excited(system: _System) -> _System:
    """Return the same system with a state in which white noise gives each coordinate the same power, and no two have anything in common."""
    a, b, c, d = system
    covariance: NDArray[Any] = b @ b.T
    power = a
    for _ in range(_DOUBLINGS):
        covariance = covariance + power @ covariance @ power.T
        power = power @ power
    to_old = np.linalg.cholesky(covariance)
    to_new = np.linalg.inv(to_old)
    return to_new @ a @ to_old, to_new @ b, c @ to_old, d
