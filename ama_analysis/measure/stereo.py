"""The waveform's sums: power of left, right, mid and side, mean, peak, places that are clipped; and the stereo figures that follow from them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis.audio import Block
from ama_analysis.measure.windows import Windows
from ama_analysis.style_profile import WIDTH_LIMIT_DB

SILENCE_POWER: Final = 1e-16
"""-160 dBFS, the floor of `bands.FLOOR_DB`, in sums and levels that need one."""
FULL_SCALE: Final = 0.9999
"""Magnitudes from here to 1 stand at the end of the scale: the last step of 16 bits and the one before it. What is above 1 was not cut off."""
_CLIPPED: Final = 3
"""So many samples in a row at full scale are a place that is clipped, as in Audacity's Find Clipping."""
_CHUNK: Final = 1 << 14
_STILL: Final = 0.5
"""Where the mean holds so much of the power, sums are made in doubles: the rounding of float32 (1e-5 of a constant, by the processor) would pass for sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveformFigures:
    """Mean powers (linear, re full scale), largest magnitudes and means of left and right; mid is (L+R)/2, side (L-R)/2.

    `clips` are places where samples in a row stand at full scale.
    """

    left_power: float
    right_power: float
    mid_power: float
    side_power: float
    peaks: tuple[float, float]
    means: tuple[float, float]
    clips: int = 0

    @property
    def power(self) -> float:
        """The mean of left and right power."""
        return (self.left_power + self.right_power) / 2.0

    @property
    def moving_power(self) -> float:
        """`power` without what a constant offset brings."""
        offset = (self.means[0] ** 2 + self.means[1] ** 2) / 2.0
        return max(self.power - offset, 0.0)

    @property
    def correlation(self) -> float:
        """The zero-lag correlation, -1..+1; 0 where one channel is silent, 1 where both are."""
        return correlation_of(self.mid_power, self.side_power, self.left_power, self.right_power)

    @property
    def width_db(self) -> float:
        """Side over mid, cut to `WIDTH_LIMIT_DB`."""
        return width_db(self.mid_power, self.side_power)

    @property
    def balance_db(self) -> float:
        """Right less left."""
        right, left = (max(p, SILENCE_POWER) for p in (self.right_power, self.left_power))
        return 10.0 * math.log10(right / left)


class WaveformMeter:
    """Takes blocks of (channels, n) one after the other; mono counts as left = right; `result` ends the measurement."""

    def __init__(self, *, channels: int) -> None:
        """Begin with nothing."""
        self._windows = Windows(channels=channels, size=_CHUNK, hop=_CHUNK, group=1)
        self._powers = np.zeros((channels, 2))
        self._sums = np.zeros(channels)
        self._peaks = np.zeros(channels)
        self._clips = 0
        self._full = np.zeros((channels, _CLIPPED), np.bool_)

    def add(self, block: Block) -> None:
        """Add up."""
        for group in self._windows.add(block):
            self._read(group[:, 0])

    def result(self) -> WaveformFigures:
        """End the measurement and return it."""
        frames = max(self._windows.frames, 1)
        for group in self._windows.finish(_CHUNK - 1):
            self._read(group[:, 0])
        left, right = self._powers[0, 0] / frames, self._powers[-1, 0] / frames
        side = self._powers[0, 1] / frames / 4.0
        return WaveformFigures(
            left_power=float(left),
            right_power=float(right),
            mid_power=float(max((left + right) / 2.0 - side, 0.0)),
            side_power=float(side),
            peaks=(float(self._peaks[0]), float(self._peaks[-1])),
            means=(float(self._sums[0] / frames), float(self._sums[-1] / frames)),
            clips=self._clips,
        )

    def _read(self, chunk: Block) -> None:
        sums, powers = chunk.sum(axis=1), np.array([np.dot(one, one) for one in chunk])
        if np.any(sums * sums >= _STILL * powers * chunk.shape[1]):
            exact = chunk.astype(np.float64)
            sums, powers = exact.sum(axis=1), np.einsum("cn,cn->c", exact, exact)
        self._powers[:, 0] += powers
        self._sums += sums
        peaks = np.maximum(chunk.max(axis=1), -chunk.min(axis=1))
        self._peaks = np.maximum(self._peaks, peaks)
        if peaks.max() >= FULL_SCALE:
            self._count_clips(np.abs(chunk))
        else:
            self._full[:] = False
        if chunk.shape[0] == 2:
            difference = chunk[0] - chunk[1]
            self._powers[:, 1] += np.dot(difference, difference)

    def _count_clips(self, magnitudes: Block) -> None:
        """Count what begins in these samples, given the flags of the last ones before them."""
        full = (magnitudes >= FULL_SCALE) & (magnitudes <= 1.0)
        line = np.concatenate((self._full, full), axis=1)
        clipped = line[:, :-2] & line[:, 1:-1] & line[:, 2:]
        self._clips += int(np.count_nonzero(clipped[:, 1:] & ~clipped[:, :-1]))
        self._full = line[:, -_CLIPPED:]


def correlation_of(mid: float, side: float, left: float, right: float) -> float:
    """Return the correlation of left and right from the four powers; 0 where one channel is silent, 1 where both are."""
    if left <= SILENCE_POWER and right <= SILENCE_POWER:
        return 1.0
    if left <= SILENCE_POWER or right <= SILENCE_POWER:
        return 0.0
    return min(max((mid - side) / math.sqrt(left * right), -1.0), 1.0)


def width_db(mid: float, side: float) -> float:
    """Return 10 log10 of side over mid power, cut to `WIDTH_LIMIT_DB`; silence counts as mono."""
    if side <= SILENCE_POWER:
        return -WIDTH_LIMIT_DB
    ratio = 10.0 * math.log10(side / max(mid, SILENCE_POWER))
    return min(max(ratio, -WIDTH_LIMIT_DB), WIDTH_LIMIT_DB)
