"""Least squares whose answers may not be negative, from the normal equations."""

from __future__ import annotations

from typing import Final

import numpy as np

from ama_analysis.bands import Floats

_NEXT_TO_NOTHING: Final = 1e-12
_SMALLEST: Final = float(np.finfo(np.float64).tiny)


def nonnegative_least_squares(gram: Floats, right: Floats) -> Floats:
    """Return x >= 0 (n,) that minimises x gram x / 2 - right x, for a positive definite gram (n, n).

    The active set method of Lawson and Hanson (Solving Least Squares Problems, 1974, chapter 23) on products, as Bro and De Jong have it
    (J. Chemometrics 11, 1997): unknowns are let in one by one, the one that helps most first, and leave where they would turn negative.
    """
    found, inside = np.zeros(right.size), np.zeros(right.size, dtype=bool)
    least = _NEXT_TO_NOTHING * max(float(np.abs(right).max(initial=0.0)), _SMALLEST)
    for _ in range(3 * right.size):
        slope = np.where(inside, -np.inf, right - gram @ found)
        if inside.all() or slope.max() <= least:
            break
        inside[int(slope.argmax())] = True
        while True:
            free = np.zeros(right.size)
            free[inside] = np.linalg.solve(gram[np.ix_(inside, inside)], right[inside])
            blocked = inside & (free <= 0.0)
            if not blocked.any():
                break
            apart = np.maximum(found[blocked] - free[blocked], _SMALLEST)
            found += float((found[blocked] / apart).min()) * (free - found)
            inside &= ~(blocked & (found <= _NEXT_TO_NOTHING * found.max()))
            found[~inside] = 0.0
        found = free
    return found
