"""True peak: ITU-R BS.1770-4/-5, annex 2.

The signal is oversampled to at least 192 kHz (4 times up to 96 kHz, twice below 192 kHz, not at all from there on) and the largest
magnitude is taken. The interpolator is a sinc of 24 taps a phase under a Kaiser window (beta 7): within 0.1 dB up to 0.43 of the sample
rate, where the annex's example of 12 taps a phase already loses more.

Interpolation costs little because little is interpolated: no interpolated value can exceed the largest sample under the filter times the sum
of the filter's magnitudes, so that most of the sound is known to lie below the maximum found so far. The result is that of doing it all.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ama_analysis.audio import Block
from ama_analysis.bands import Floats, Indices
from ama_analysis.measure.windows import Windows

TAPS: Final = 24
"""Per phase."""
KAISER_BETA: Final = 7.0
_CHUNK: Final = 8192
_PART: Final = 64
"""Frames that are interpolated or left out together."""


def oversampling(sample_rate_hz: int) -> int:
    """Return how many times a rate is oversampled."""
    if sample_rate_hz >= 192_000:
        return 1
    return 2 if sample_rate_hz > 96_000 else 4


def interpolator(factor: int) -> Floats:
    """Return the filters (factor - 1, TAPS) that give the values between two samples, the left one under tap TAPS // 2 - 1."""
    shift = np.arange(1, factor)[:, None] / factor
    distance = np.arange(TAPS)[None, :] - (TAPS // 2 - 1) - shift
    window = np.i0(KAISER_BETA * np.sqrt(np.maximum(1.0 - (2.0 * distance / TAPS) ** 2, 0.0)))
    taps: Floats = np.sinc(distance) * window
    return taps / taps.sum(axis=1, keepdims=True)


class TruePeakMeter:
    """Takes blocks of (channels, n) one after the other; figures are in dB re full scale, None for silence."""

    def __init__(self, *, sample_rate_hz: int, channels: int) -> None:
        """Prepare for a rate."""
        factor = oversampling(sample_rate_hz)
        self._filters = interpolator(factor).astype(np.float32)
        self._gain = float(np.abs(self._filters).sum(axis=1).max()) if factor > 1 else 1.0
        self._windows = Windows(
            channels=channels, size=_CHUNK + TAPS - 1, hop=_CHUNK, group=1, lead=TAPS - 1
        )
        self._sample_peak = 0.0
        self._true_peak = 0.0
        self._ended = False

    def add(self, block: Block) -> None:
        """Measure on."""
        if self._ended:
            message = "the meter has given its result and takes no more"
            raise ValueError(message)
        for group in self._windows.add(block):
            self._read(group)

    def end(self) -> None:
        """Let the interpolator run out; the figures call it themselves."""
        if not self._ended:
            for group in self._windows.finish(_CHUNK + TAPS - 2):
                self._read(group)
            self._ended = True

    @property
    def true_peak_dbtp(self) -> float | None:
        """The true peak; ends the measurement."""
        self.end()
        return _dbfs(max(self._true_peak, self._sample_peak))

    @property
    def sample_peak(self) -> float:
        """The largest magnitude of a sample, linear; ends the measurement."""
        self.end()
        return self._sample_peak

    @property
    def sample_peak_dbfs(self) -> float | None:
        """The sample peak; ends the measurement."""
        return _dbfs(self.sample_peak)

    def _read(self, group: Block) -> None:
        chunk = group[:, 0]
        magnitude = np.abs(chunk)
        self._sample_peak = max(self._sample_peak, float(magnitude.max()))
        self._true_peak = max(self._true_peak, self._sample_peak)
        if not self._filters.size:
            return
        parts = np.maximum.reduceat(magnitude, np.arange(0, magnitude.shape[1], _PART), axis=1)
        reach = np.maximum(parts[:, :-1], parts[:, 1:]) * self._gain
        channel, part = np.unravel_index(int(reach.argmax()), reach.shape)
        self._interpolate(chunk, np.array([channel]), np.array([part]))
        channels, others = np.nonzero(reach > self._true_peak)
        self._interpolate(chunk, channels, others)

    def _interpolate(self, chunk: Block, channels: Indices, parts: Indices) -> None:
        """Interpolate the `_PART` intervals of some parts of some channels."""
        if not channels.size:
            return
        start = parts[:, None] * _PART + np.arange(_PART + TAPS - 1)[None, :]
        samples = np.ascontiguousarray(chunk[channels[:, None], start].T)
        for taps in self._filters:
            between = taps[0] * samples[:_PART]
            for tap in range(1, TAPS):
                between += taps[tap] * samples[tap : tap + _PART]
            self._true_peak = max(self._true_peak, float(np.abs(between).max()))


def _dbfs(magnitude: float) -> float | None:
    return 20.0 * math.log10(magnitude) if magnitude > 0.0 else None
