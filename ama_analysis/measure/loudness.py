"""Programme loudness: ITU-R BS.1770-4/-5 with EBU Tech 3341 (momentary, short-term) and Tech 3342 (loudness range).

Gating blocks are 400 ms long and 100 ms apart; the short-term values (3 s) behind the loudness range are 1 s apart. The maxima of momentary
and short-term loudness are searched every 10 ms, which is what Tech 3341's cases 13 and 14 need. A mono sound is one
channel, as the standard has it, unless it is taken as dual mono; a sound shorter than 400 ms is measured as if silence followed. Distributions are kept in bins of 0.01 LU.

The K-weighting is a recursive filter in float32, run as matrix products (`block_filter`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ama_analysis.audio import Block
from ama_analysis.bands import Floats
from ama_analysis.k_weighting import OFFSET_LU, k_weighting_biquads
from ama_analysis.measure.block_filter import STRETCH, BlockFilter
from ama_analysis.measure.histogram import LevelHistogram
from ama_analysis.measure.windows import Windows

ABSOLUTE_GATE_LUFS: Final = -70.0
"""BS.1770 and Tech 3342."""
RELATIVE_GATE_LU: Final = -10.0
"""BS.1770: below the mean of what passes the absolute gate."""
FOREGROUND_SHARE: Final = 0.98
FOREGROUND_GATE_LU: Final = -13.0
"""Below the level that two in a hundred audible blocks pass. BS.1770's gate hangs on the mean, which a part that plays seldom hardly raises: a voice that sings a fifth of the time over hiss
15 dB below it, or a snare with bleed 15 dB below, reads 6 to 8 LU too low by it, and 0.4 at most by this; with 15 LU hiss still counts in three of nine cases (AMA's choice)."""
FOREGROUND_LEAST_LU: Final = 3.0
"""Where both gates differ by less the standard's figure holds: of 82 clean stems of ten sessions all but one, an effect, which swells (AMA's choice)."""
RANGE_GATE_LU: Final = -20.0
"""Tech 3342."""
RANGE_LOW: Final = 0.10
RANGE_HIGH: Final = 0.95
"""Tech 3342: the range lies between these percentiles."""
STEP_LU: Final = 0.01
_HIGHEST_LUFS: Final = 60.0
_STEPS_PER_S: Final = 100
_MOMENTARY: Final = 40
"""400 ms in steps."""
_SHORT_TERM: Final = 300
"""3 s in steps."""
_HOP: Final = 10
"""100 ms in steps."""
_RANGE_HOP: Final = 100
"""1 s in steps: Tech 3342 asks for windows that overlap by two thirds at least, and meters (libebur128, pyloudnorm) take just that."""
_GROUP: Final = 16
"""Stretches a call, about 3 s: so many that what a call costs in itself does not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeLoudness:
    """What the meter read; None where nothing passed the gate."""

    integrated_lufs: float | None
    loudness_range_lu: float | None
    max_momentary_lufs: float | None
    max_short_term_lufs: float | None
    foreground_lufs: float | None


class LoudnessMeter:
    """Takes blocks of (channels, n) one after the other; `result` ends the measurement."""

    def __init__(self, *, sample_rate_hz: int, channels: int, dual_mono: bool = False) -> None:
        """Prepare for mono or stereo at a rate; `dual_mono` takes a mono sound as it is heard from two loudspeakers, 3.01 LU louder."""
        self._filter = KFilter(sample_rate_hz, channels)
        self._steps = _StepPowers(sample_rate_hz)
        self._weight = 2.0 if dual_mono and channels == 1 else 1.0
        self._tail = np.zeros(_SHORT_TERM - 1)
        self._seen = 0
        self._gating = _lufs_histogram()
        self._short_term = _lufs_histogram()
        self._max_momentary = 0.0
        self._max_short_term = 0.0
        self._result: ProgrammeLoudness | None = None

    def add(self, block: Block) -> None:
        """Measure on."""
        if self._result is not None:
            message = "the meter has given its result and takes no more"
            raise ValueError(message)
        for weighted in self._filter.add(block):
            self._read(self._steps.add(weighted))

    def result(self) -> ProgrammeLoudness:
        """End the measurement and return it."""
        if self._result is None:
            for weighted in self._filter.finish():
                self._read(self._steps.add(weighted))
            if self._filter.frames > 0 and self._seen < _MOMENTARY:
                rest = self._steps.rest()
                self._read(np.concatenate((rest, np.zeros(_MOMENTARY - self._seen - rest.size))))
            self._result = self._figures()
        return self._result

    def _read(self, steps: Floats) -> None:
        """Take the mean power of the next steps of 10 ms."""
        if not steps.size:
            return
        line = np.concatenate((self._tail, steps * self._weight))
        hops = sliding_window_view(line, _HOP).sum(axis=1)
        momentary = _sums_of(hops[_SHORT_TERM - _MOMENTARY :], _MOMENTARY) / _MOMENTARY
        short_term = _sums_of(hops, _SHORT_TERM) / _SHORT_TERM
        self._max_momentary = max(self._max_momentary, float(momentary.max()))
        self._max_short_term = max(self._max_short_term, float(short_term.max()))
        ends = self._seen + 1 + np.arange(steps.size)
        on_hop = ends % _HOP == 0
        self._gating.add(momentary[on_hop & (ends >= _MOMENTARY)])
        on_range_hop = (ends >= _SHORT_TERM) & (ends % _RANGE_HOP == 0)
        self._short_term.add(short_term[on_range_hop])
        self._seen += steps.size
        self._tail = line[-(_SHORT_TERM - 1) :]

    def _figures(self) -> ProgrammeLoudness:
        audible = self._gating.mean_above()
        if audible is None:
            return ProgrammeLoudness(
                integrated_lufs=None,
                loudness_range_lu=None,
                max_momentary_lufs=_lufs(self._max_momentary),
                max_short_term_lufs=_lufs(self._max_short_term),
                foreground_lufs=None,
            )
        gated = self._gating.mean_above(10.0 * math.log10(audible) + RELATIVE_GATE_LU)
        integrated_lufs = _lufs(gated or audible)
        return ProgrammeLoudness(
            integrated_lufs=integrated_lufs,
            loudness_range_lu=self._range_lu(),
            max_momentary_lufs=_lufs(self._max_momentary),
            max_short_term_lufs=_lufs(self._max_short_term),
            foreground_lufs=self._foreground_lufs(integrated_lufs),
        )

    def _foreground_lufs(self, integrated_lufs: float | None) -> float | None:
        loud_db = self._gating.percentile_db(FOREGROUND_SHARE)
        if loud_db is None or integrated_lufs is None:
            return integrated_lufs
        power = self._gating.mean_above(loud_db + FOREGROUND_GATE_LU)
        played_lufs = _lufs(power or 0.0)
        if played_lufs is None or played_lufs < integrated_lufs + FOREGROUND_LEAST_LU:
            return integrated_lufs
        return played_lufs

    def _range_lu(self) -> float | None:
        audible = self._short_term.mean_above()
        if audible is None:
            return None
        gate = 10.0 * math.log10(audible) + RANGE_GATE_LU
        low = self._short_term.percentile_db(RANGE_LOW, gate)
        high = self._short_term.percentile_db(RANGE_HIGH, gate)
        return None if low is None or high is None else high - low


def _sums_of(hops: Floats, steps: int) -> Floats:
    """Return the sums over so many steps, beginning at each step, given those over a hop each."""
    return sliding_window_view(hops, steps - _HOP + 1)[:, ::_HOP].sum(axis=1)


def _lufs(power: float) -> float | None:
    """Return a loudness, None at or below the absolute gate."""
    if power <= 0.0:
        return None
    loudness = OFFSET_LU + 10.0 * math.log10(power)
    return loudness if loudness > ABSOLUTE_GATE_LUFS else None


def _lufs_histogram() -> LevelHistogram:
    """Return a histogram of K-weighted powers from the absolute gate up."""
    return LevelHistogram(
        low_db=ABSOLUTE_GATE_LUFS - OFFSET_LU, high_db=_HIGHEST_LUFS, step_db=STEP_LU
    )


class KFilter:
    """K-weights a stream; as many frames come out as went in."""

    def __init__(self, sample_rate_hz: int, channels: int) -> None:
        """Prepare for a rate and mono or stereo."""
        self._filter = BlockFilter(k_weighting_biquads(sample_rate_hz), channels=channels)
        self._windows = Windows(channels=channels, size=STRETCH, hop=STRETCH, group=_GROUP)
        self._given = 0

    @property
    def frames(self) -> int:
        """How many frames came in."""
        return self._windows.frames

    def add(self, block: Block) -> list[Block]:
        """Take a block, return what it completes."""
        return [self._weighted(group) for group in self._windows.add(block)]

    def finish(self) -> list[Block]:
        """Return what is left."""
        return [self._weighted(group) for group in self._windows.finish(STRETCH - 1)]

    def _weighted(self, group: Block) -> Block:
        joined = self._filter.process(group.reshape(group.shape[0], -1))
        joined = joined[:, : self.frames - self._given]
        self._given += joined.shape[1]
        return joined


class _StepPowers:
    """Turns weighted audio into the sum over channels of the mean power of each step of 10 ms."""

    def __init__(self, sample_rate_hz: int) -> None:
        self._rate = sample_rate_hz
        self._at = 0
        self._step = 0
        self._open = 0.0

    def _end_of(self, step: int | NDArray[np.int64]) -> int | NDArray[np.int64]:
        return ((step + 1) * self._rate) // _STEPS_PER_S

    def add(self, weighted: Block) -> Floats:
        energy = np.einsum("cn,cn->n", weighted, weighted)
        stop = self._at + energy.size
        last = (stop * _STEPS_PER_S) // self._rate + 1
        steps = np.arange(self._step, max(last, self._step) + 1)
        ends = np.asarray(self._end_of(steps))
        ends = ends[ends <= stop]
        cuts = np.concatenate(([0], ends - self._at))
        starts = cuts[cuts < energy.size]
        sums = np.add.reduceat(energy, starts).astype(np.float64) if starts.size else np.zeros(0)
        left = float(sums[-1]) if starts.size > ends.size else 0.0
        sums = sums[: ends.size]
        if ends.size:
            sums[0] += self._open
            self._open = left
        else:
            self._open += left
        widths = np.diff(ends, prepend=self._begin())
        self._at = stop
        self._step += ends.size
        return sums / np.maximum(widths, 1)

    def rest(self) -> Floats:
        """Return the step that the end of the sound cut short, as if silence followed."""
        return np.array([self._open / (self._rate / _STEPS_PER_S)])

    def _begin(self) -> int:
        return int(self._end_of(self._step - 1))
