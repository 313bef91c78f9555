"""A stem as the gain predictor sees it: log-mel pictures of its loudest moments, levels taken out. Pure numpy.

    pictures_of   a `Sound` to `Pictures`, in one streamed pass that keeps a few MB

Mel bands by O'Shaughnessy's formula, triangles without normalisation, power spectrum: what `torchaudio.transforms.MelSpectrogram` makes by default (a test
compares the two where torchaudio is installed). The transform is about 46 ms long at any rate and the bands end at 16 kHz, so that rates look
alike. Powers of left and right are averaged. Each picture is about 3 s long; levels are relative to the mean power of all pictures of the stem,
so a fader before it changes nothing.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis import fourier
from ama_analysis.audio import Block, Sound
from ama_analysis.bands import Floats
from ama_analysis.progress import OnProgress, silent

BANDS: Final = 48
FRAMES: Final = 64
PICTURES: Final = 6
"""So many of the loudest stretches are looked at: 18 s of a stem."""
LOW_HZ: Final = 30.0
HIGH_HZ: Final = 16_000.0
WINDOW_S: Final = 0.0464
"""2048 samples at 44.1 kHz."""
LOWEST_DB: Final = -90.0
STEP_DB: Final = 0.5
"""Levels are kept as bytes: from `LOWEST_DB` upward in steps of this."""
SILENT_POWER: Final = 1e-10


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Pictures:
    """Levels of one stem: uint8 (pictures, `BANDS`, `FRAMES`) in steps of `STEP_DB` above `LOWEST_DB`; 0 pictures for silence."""

    levels: NDArray[np.uint8]

    def decibels(self) -> NDArray[np.float32]:
        """Return the levels in dB re the stem's mean power per band."""
        return self.levels.astype(np.float32) * np.float32(STEP_DB) + np.float32(LOWEST_DB)


def pictures_of(sound: Sound, *, on_progress: OnProgress = silent) -> Pictures:
    """Return the pictures of a sound, in the order of time; what is shorter than one is filled up with silence."""
    size = window_size(sound.sample_rate_hz)
    length = FRAMES * size // 2 + size // 2
    loudest: list[tuple[float, int, Block]] = []
    for at, part in enumerate(_stretches(sound, length, on_progress)):
        power = float(np.einsum("cn,cn->", part, part)) / part.size
        if power > SILENT_POWER:
            entry = (power, -at, part)
            if len(loudest) < PICTURES:
                heapq.heappush(loudest, entry)
            else:
                heapq.heappushpop(loudest, entry)
    in_time = sorted(loudest, key=lambda entry: -entry[1])
    if not in_time:
        return Pictures(levels=np.zeros((0, BANDS, FRAMES), np.uint8))
    powers = np.stack([mel_powers(part, sound.sample_rate_hz) for _, _, part in in_time])
    relative = 10.0 * np.log10(powers / max(powers.mean(), 1e-20) + 1e-12)
    steps = np.clip(np.rint((relative - LOWEST_DB) / STEP_DB), 0, 255)
    return Pictures(levels=steps.astype(np.uint8))


def _stretches(sound: Sound, length: int, on_progress: OnProgress) -> Iterator[Block]:
    """Yield the sound in stretches of `length` frames, the last filled up with silence where it is more than half one or the only one."""
    waiting: list[Block] = []
    have, done, count = 0, 0, 0
    for block in sound.blocks():
        waiting.append(block)
        have += block.shape[1]
        done += block.shape[1]
        on_progress(min(done / max(sound.frames, 1), 1.0), "looking at the stems")
        if have >= length:
            joined = np.concatenate(waiting, axis=1)
            for start in range(0, have - length + 1, length):
                yield joined[:, start : start + length].copy()
                count += 1
            rest = joined[:, have - have % length :]
            waiting, have = [rest.copy()], rest.shape[1]
    if have and (have > length // 2 or count == 0):
        rest = np.concatenate(waiting, axis=1)
        yield np.pad(rest, ((0, 0), (0, length - have)))


def window_size(sample_rate_hz: int) -> int:
    """Return the power of two that is nearest to `WINDOW_S`."""
    return int(2 ** np.rint(np.log2(WINDOW_S * sample_rate_hz)))


def mel_powers(part: Block, sample_rate_hz: int) -> NDArray[np.float32]:
    """Return mel powers (`BANDS`, frames) of a block, windows overlapping by half, means over its channels."""
    size = window_size(sample_rate_hz)
    hop = size // 2
    window = (0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(size) / size)).astype(np.float32)
    frames = (part.shape[1] - size) // hop + 1
    strided = np.lib.stride_tricks.sliding_window_view(part, size, axis=1)[:, ::hop][:, :frames]
    spectra = fourier.rfft(np.ascontiguousarray(strided * window))
    power = np.mean(np.square(spectra.real) + np.square(spectra.imag), axis=0, dtype=np.float32)
    bands: NDArray[np.float32] = mel_matrix(sample_rate_hz, size) @ power.T
    return bands


@lru_cache(maxsize=8)
def mel_matrix(sample_rate_hz: int, size: int) -> NDArray[np.float32]:
    """Return triangles (`BANDS`, size // 2 + 1) over the bins of a transform, equally spaced in mel = 2595 log10(1 + f / 700)."""
    ends = 2595.0 * np.log10(1.0 + np.array([LOW_HZ, HIGH_HZ]) / 700.0)
    points: Floats = 700.0 * (10.0 ** (np.linspace(ends[0], ends[1], BANDS + 2) / 2595.0) - 1.0)
    bin_hz = np.linspace(0.0, sample_rate_hz / 2.0, size // 2 + 1)
    rising = (bin_hz[None, :] - points[:-2, None]) / np.diff(points)[:-1, None]
    falling = (points[2:, None] - bin_hz[None, :]) / np.diff(points)[1:, None]
    matrix = np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)
    matrix.setflags(write=False)
    return matrix
