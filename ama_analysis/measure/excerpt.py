"""The loudest parts of a sound, at a rate of choice: what is looked at of something long."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ama_analysis.audio import Audio, AudioFile, Block, Sound, as_stereo, resampled
from ama_analysis.bands import Floats


def loudest_parts(sound: Sound, sample_rate_hz: int, *, part_s: int, most: int) -> Block:
    """Return (2, frames) at `sample_rate_hz`: the whole of a sound, or its `most` loudest parts of `part_s` in their order."""
    rate = sound.sample_rate_hz
    if sound.frames <= most * part_s * rate:
        return _at(_joined(sound.blocks()), rate, sample_rate_hz)
    starts = _loudest(_energies(sound), part_s, most)
    parts = [_cut(sound, start, start + part_s) for start in starts]
    return np.concatenate([_at(part, rate, sample_rate_hz) for part in parts], axis=1)


def _energies(sound: Sound) -> Floats:
    """Return the energy of each second."""
    rate = sound.sample_rate_hz
    energies: list[float] = []
    for block in sound.blocks(rate):
        energies.append(float(np.square(block, dtype=np.float64).sum()))
    return np.array(energies)


def _loudest(energies: Floats, part_s: int, most: int) -> list[int]:
    """Return the first seconds of the loudest stretches that do not overlap, in order."""
    sums = np.convolve(energies, np.ones(part_s), mode="valid")
    starts: list[int] = []
    while len(starts) < most and sums.size and float(sums.max()) > -np.inf:
        start = int(sums.argmax())
        starts.append(start)
        sums[max(start - part_s + 1, 0) : start + part_s] = -np.inf
    return sorted(starts)


def _cut(sound: Sound, start_s: int, stop_s: int) -> Block:
    if isinstance(sound, AudioFile):
        return _joined(sound.section(start_s, stop_s).blocks())
    rate = sound.sample_rate_hz
    first, last, at = start_s * rate, stop_s * rate, 0
    parts = []
    for block in sound.blocks():
        parts.append(block[:, max(first - at, 0) : max(last - at, 0)])
        at += block.shape[1]
        if at >= last:
            break
    return np.concatenate(parts, axis=1)


def _joined(blocks: Iterator[Block]) -> Block:
    parts = list(blocks)
    return np.concatenate(parts, axis=1) if parts else np.zeros((2, 0), np.float32)


def _at(samples: Block, rate: int, sample_rate_hz: int) -> Block:
    return np.ascontiguousarray(as_stereo(resampled(Audio(samples, rate), sample_rate_hz).samples))
