"""True peak: ITU-R BS.1770-4/-5, annex 2.

The signal is oversampled to at least 192 kHz (4 times up to 96 kHz, twice below 192 kHz, not at all from there on) and the largest
magnitude is taken. The interpolator is a sinc over 12 samples under a Hann window, as long as the annex's example and the same as
libebur128's, so that both meters read the same to 0.01 dB. It is flat to 0.1 dB up to 0.35 of the rate and 1.7 dB down at 0.44; 32 samples would be
flatter (and read 0.5 dB more on a clap that is all treble), but no other meter would agree. It runs out into silence at the end.

Most of a sound is never interpolated: no value between samples can exceed the largest sample around times the sum of the filter's magnitudes,
so windows, and in what is left of them stretches of 16 samples, that cannot reach the maximum found so far are passed over. The result is that of doing
it all.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ama_analysis.audio import Block
from ama_analysis.bands import Floats
from ama_analysis.measure.windows import Windows

SPAN: Final = 12
"""Samples under the interpolator."""
_SEGMENT: Final = 16
"""Samples between whose neighbours is looked at once."""
_REACH: Final = _SEGMENT + SPAN - 1
"""Samples that this takes."""
_HOP: Final = 64 * _SEGMENT
_SIZE: Final = _HOP + SPAN
_ROWS: Final = 128
"""Of a matrix product: from about twice as many on a BLAS starts threads, which then turn in circles (DECISIONS 56)."""
_GROUP: Final = 128
"""Windows a call: so many that two threads seldom wait for the interpreter's lock, few enough for the cache (DECISIONS 26)."""


def oversampling(sample_rate_hz: int) -> int:
    """Return how many times a rate is oversampled."""
    if sample_rate_hz >= 192_000:
        return 1
    return 2 if sample_rate_hz > 96_000 else 4


def interpolator(factor: int) -> Floats:
    """Return the symmetric filter at `factor` times the rate, SPAN * factor + 1 taps; every `factor`-th but the middle one is 0."""
    distance = np.arange(-SPAN // 2 * factor, SPAN // 2 * factor + 1) / factor
    window = 0.5 * (1.0 + np.cos(2.0 * np.pi * distance / SPAN))
    return np.sinc(distance) * window


@lru_cache(maxsize=4)
def _between(factor: int) -> tuple[float, NDArray[np.float32]]:
    """Return the largest gain from the highest sample to a value between, and the matrix from `_REACH` samples to all values between those in their middle."""
    taps = interpolator(factor)
    gain = max(float(np.abs(taps[phase::factor]).sum()) for phase in range(factor))
    nth = np.arange(_SEGMENT * factor)
    at = (SPAN // 2 - 1) * factor + nth[nth % factor > 0]
    apart = at[None, :] - factor * np.arange(_REACH)[:, None] + SPAN // 2 * factor
    inside = (apart >= 0) & (apart < taps.size)
    matrix = np.where(inside, taps[np.clip(apart, 0, taps.size - 1)], 0.0).astype(np.float32)
    matrix.setflags(write=False)
    return gain, matrix


class TruePeakMeter:
    """Takes blocks of (channels, n) one after the other; figures are in dB re full scale, None for silence."""

    def __init__(self, *, sample_rate_hz: int, channels: int) -> None:
        """Prepare for a rate."""
        self._factor = oversampling(sample_rate_hz)
        self._gain, self._matrix = _between(self._factor)
        self._windows = Windows(channels=channels, size=_SIZE, hop=_HOP, group=_GROUP, lead=SPAN)
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
            for group in self._windows.finish(SPAN + _HOP - 1):
                self._read(group)
            self._ended = True

    @property
    def true_peak_dbtp(self) -> float | None:
        """The true peak; ends the measurement."""
        self.end()
        return _dbfs(self._true_peak)

    @property
    def sample_peak_dbfs(self) -> float | None:
        """The sample peak; ends the measurement."""
        self.end()
        return _dbfs(self._sample_peak)

    def _read(self, group: Block) -> None:
        peaks = np.maximum(group.max(axis=2), -group.min(axis=2))
        self._sample_peak = max(self._sample_peak, float(peaks.max()))
        self._true_peak = max(self._true_peak, self._sample_peak)
        if self._factor == 1 or not self._sample_peak:
            return
        loudest = np.unravel_index(int(peaks.argmax()), peaks.shape)
        self._interpolate(group[loudest][None, :])
        self._interpolate(group[peaks * self._gain > self._true_peak])

    def _interpolate(self, windows: NDArray[np.float32]) -> None:
        """Look between the samples of windows (n, _SIZE), but for half a span at both ends, wherever a value could reach the maximum."""
        magnitudes = np.abs(windows)
        highest = magnitudes[:, :_HOP].reshape(-1, _HOP // _SEGMENT, _SEGMENT).max(axis=2)
        behind = np.concatenate(
            (highest[:, 1:], magnitudes[:, _HOP:].max(axis=1, keepdims=True)), axis=1
        )
        around = sliding_window_view(windows, _REACH, axis=1)[:, :_HOP:_SEGMENT]
        chosen = around[np.maximum(highest, behind) * self._gain > self._true_peak]
        for at in range(0, chosen.shape[0], _ROWS):
            between = chosen[at : at + _ROWS] @ self._matrix
            self._true_peak = max(self._true_peak, float(between.max()), -float(between.min()))


def _dbfs(magnitude: float) -> float | None:
    return 20.0 * math.log10(magnitude) if magnitude > 0.0 else None
