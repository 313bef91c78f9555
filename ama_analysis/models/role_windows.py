"""Where to listen to a track to tell its role: its loudest windows, read by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Block, Sound
from ama_analysis.measure.pieces import Pieces
from ama_analysis.models.role_figures import FIGURES, WINDOW_S, figures_of

MOST_WINDOWS: Final = 6
_PLAYS: Final = 10.0**-3.0
"""A window with less than that part of the loudest one's energy (-30 dB) says nothing."""


def loudest_windows(energies: Sequence[float], step_s: float) -> list[float]:
    """Return where up to `MOST_WINDOWS` windows begin, in seconds and in order, given the energy of steps of `step_s` from the start.

    Windows do not overlap and lie on a grid of their own length (of one step where steps are longer): the loudest, and of the others those that play.
    """
    steps = max(1, round(WINDOW_S / step_s))
    line = np.asarray(energies, dtype=np.float64)
    whole = np.pad(line, (0, -line.size % steps)).reshape(-1, steps).sum(axis=1)
    order = np.argsort(-whole, kind="stable")[:MOST_WINDOWS]
    heard = [int(at) for at in order if whole[at] > 0.0 and whole[at] >= _PLAYS * whole[order[0]]]
    return [at * steps * step_s for at in sorted(heard)]


def figures_at(sound: Sound, starts_s: Sequence[float]) -> NDArray[np.float32]:
    """Return (windows, `FIGURES`) of the windows of a sound that begin there; those with nothing in them are left out.

    A window that reaches over the end is moved back, as far as the sound allows. Lets through `AudioFileError` of decoding.
    """
    pieces, rate = Pieces(sound), sound.sample_rate_hz
    length = min(round(WINDOW_S * rate), sound.frames)
    firsts = [min(round(at * rate), sound.frames - length) for at in starts_s]
    rows = [figures_of(pieces.read(first, length), rate) for first in firsts]
    kept = [row for row in rows if row.any()]
    return np.stack(kept) if kept else np.zeros((0, FIGURES), np.float32)


def energies_of(samples: Block, step: int) -> list[float]:
    """Return the energy of steps of so many frames, the last one perhaps shorter."""
    squares = np.square(samples, dtype=np.float64).sum(axis=0)
    return [float(part) for part in np.add.reduceat(squares, np.arange(0, squares.size, step))]
