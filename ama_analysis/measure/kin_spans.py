"""Which parts of an overlap are read closely: all of a short one, of a long one windows in which every stem is heard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from ama_analysis.audio import Sound
from ama_analysis.bands import Floats
from ama_analysis.measure.kin_cells import FRAME
from ama_analysis.measure.kinship import StemWindows

Spans = tuple[tuple[int, int], ...]

CLOSELY_S: Final = 30.0
"""So much is read closely."""
PART_S: Final = 4.0
HEARD: Final = 1e-6
"""A stem is heard in a window where its power is above this (-60 dBFS)."""
SEARCHED: Final = 8
"""So many stems at most are searched in full for where they play."""


def overlap_of(stems: Sequence[Sound], reference: Sound, offset: int) -> tuple[int, int]:
    """Return from where to where stems and reference both last, in the stems' time."""
    length = max((stem.frames for stem in stems), default=0)
    return max(0, -offset), min(length, reference.frames - offset)


def spans_within(windows: StemWindows, first: int, last: int, most: int) -> Spans:
    """Return at most so many windows that lie wholly within an overlap, those in which all stems are heard best."""
    inside = [
        k for k, start in enumerate(windows.starts) if first <= start <= last - windows.frames
    ]
    if not inside:
        frames = min(windows.frames, last - first)
        return ((first, frames),) if frames > 0 else ()
    starts = [windows.starts[k] for k in inside]
    chosen = _covering(starts, windows.energy[:, inside], most)
    return tuple((start, windows.frames) for start in chosen)


def close_spans(
    stems: Sequence[Sound],
    windows: StemWindows,
    first: int,
    last: int,
    rate: int,
    *,
    on_stem: Callable[[int], None],
) -> Spans:
    """Return the parts of the overlap to be read closely, in order.

    `on_stem` hears the number of each stem that is searched for where it plays, since no window has met it.
    """
    if last - first <= round(CLOSELY_S * rate):
        return _all_of(first, last, rate)
    inside = [
        k for k, start in enumerate(windows.starts) if first <= start <= last - windows.frames
    ]
    starts = [windows.starts[k] for k in inside]
    energy = windows.energy[:, inside]
    least = HEARD * windows.frames
    unheard = np.flatnonzero((energy > least).sum(axis=1) == 0)
    for number in unheard[:SEARCHED]:
        on_stem(int(number))
        start = _loudest(stems[number], first, last, windows.frames)
        if start is not None:
            starts.append(start)
            column = np.zeros((len(stems), 1))
            column[number] = 10.0 * least
            energy = np.concatenate((energy, column), axis=1)
    most = max(round(CLOSELY_S * rate / windows.frames), 1)
    return tuple(
        (start, windows.frames) for start in _apart(_covering(starts, energy, most), windows.frames)
    )


def _all_of(first: int, last: int, rate: int) -> Spans:
    part = round(PART_S * rate) // FRAME * FRAME
    return tuple(
        (start, min(part + FRAME // 2, last - start)) for start in range(first, last, part)
    )


def _covering(starts: Sequence[int], energy: Floats, most: int) -> list[int]:
    """Return the starts of at most so many windows in which each stem has as large a part of its energy as can be."""
    share = energy / np.maximum(energy.max(axis=1, keepdims=True), 1e-30)
    chosen: list[int] = []
    held = np.full(share.shape[0], 1e-3)
    for _ in range(min(most, len(starts))):
        gain = np.log((held[:, None] + share) / held[:, None]).sum(axis=0)
        gain[chosen] = -1.0
        best = int(gain.argmax())
        chosen.append(best)
        held = held + share[:, best]
    return sorted(starts[k] for k in chosen)


def _apart(starts: Sequence[int], frames: int) -> list[int]:
    """Return starts without those that fall into the window before them."""
    kept: list[int] = []
    for start in starts:
        if not kept or start >= kept[-1] + frames:
            kept.append(start)
    return kept


def _loudest(stem: Sound, first: int, last: int, frames: int) -> int | None:
    """Return where the loudest `frames` of a stem within the overlap begin, to a second; None where it is silent."""
    rate = stem.sample_rate_hz
    energies = np.zeros(max(last // rate, 0) + 2)
    at = 0
    for block in stem.blocks(rate):
        if at >= last:
            break
        if at >= first:
            energies[at // rate] += float(np.square(block, dtype=np.float64).mean(axis=0).sum())
        at += block.shape[1]
    if not energies.max() > HEARD * rate:
        return None
    second = int(np.convolve(energies, np.ones(max(frames // rate, 1)), mode="valid").argmax())
    return min(max(second * rate, first), last - frames)
