"""How the bands of a mix move: percentiles of their levels over time against their long-term level, and crest and range by broad band.

Levels of frames are counted (`spectrum.BandsOverTime`, steps of half a decibel), so hours need no more memory than seconds. Frames count
that play: no more than 20 dB below the mix's mean power, the distance of EBU Tech 3342's gate. Everything is relative to the band's own
mean, so it does not depend on how loud or how bright a mix is.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ama_analysis import fourier
from ama_analysis.audio import Block
from ama_analysis.bands import BandSums, Floats, Rows, broad_band_edges, decibels
from ama_analysis.measure.dynamics import RELATIVE_GATE_DB
from ama_analysis.measure.spectrum import LOUD_SHARE, QUIET_SHARE, BandsOverTime, fft_size_for
from ama_analysis.measure.windows import Windows, power_window
from ama_analysis.measurements import Levels
from ama_analysis.style_profile import BAND_FLOOR

PEAK_SHARE: Final = 0.99
"""The level that one frame in a hundred reaches: what peaks do again and again, not what one of them did once."""
LIMIT_DB: Final = 60.0
"""Relative levels are cut to this much on both sides."""
_SIZE_AT_44100: Final = 4096
"""93 ms: as long as a kick, and just enough to tell 56 Hz from below."""
_GROUP: Final = 32
"""Windows a call (DECISIONS 26)."""
_TOGETHER: Final = 16
"""Groups of frames that are counted at once, since counting a few costs as much as counting many."""


class Movement:
    """Takes powers of bands frame after frame."""

    def __init__(self, bands: int) -> None:
        """Begin with nothing."""
        self._levels = BandsOverTime(bands)
        self._sum = np.zeros(bands)
        self._frames = 0
        self._waiting: list[Rows] = []

    def add(self, band_powers: Rows) -> None:
        """Take band powers (n, bands) of frames."""
        self._waiting.append(band_powers)
        if len(self._waiting) == _TOGETHER:
            self._count()

    def _count(self) -> None:
        if not self._waiting:
            return
        powers = np.concatenate(self._waiting)
        self._waiting = []
        self._levels.add(powers, powers.sum(axis=1))
        self._sum += powers.sum(axis=0, dtype=np.float64)
        self._frames += powers.shape[0]

    def percentile_db(self, share: float) -> Floats:
        """Return each band's percentile over the frames that play, less its long-term level; 0 where there is next to nothing."""
        self._count()
        mean = self._sum / max(self._frames, 1)
        whole = float(mean.sum())
        mean_db, whole_db = decibels(mean), float(decibels(np.array(whole)))
        level_db = np.array(
            self._levels.percentile_db(share, gate_dbfs=whole_db + RELATIVE_GATE_DB)
        )
        heard = mean > BAND_FLOOR * whole
        return np.where(heard, np.clip(level_db - mean_db, -LIMIT_DB, LIMIT_DB), 0.0)

    def quiet_db(self) -> Levels:
        """Return the 10th percentile."""
        return _levels(self.percentile_db(QUIET_SHARE))

    def loud_db(self) -> Levels:
        """Return the 95th percentile."""
        return _levels(self.percentile_db(LOUD_SHARE))


class BroadBandMeter:
    """Takes blocks of (1, n), the mid of a mix; `result` gives crest and range of the seven broad bands, dB."""

    def __init__(self, *, sample_rate_hz: int) -> None:
        """Prepare for a rate."""
        size = fft_size_for(sample_rate_hz, _SIZE_AT_44100)
        self._windows = Windows(channels=1, size=size, hop=size, group=_GROUP)
        self._window = power_window(size)
        edges_hz = broad_band_edges()
        self._bands = BandSums(edges_hz, bin_step_hz=sample_rate_hz / size, bins=size // 2 + 1)
        self._movement = Movement(edges_hz.size - 1)
        self._size = size

    def add(self, block: Block) -> None:
        """Measure on."""
        for group in self._windows.add(block):
            self._read(group[0])

    def result(self) -> tuple[Levels, Levels]:
        """End the measurement; return crest (99th percentile less mean level) and range (95th less 10th percentile)."""
        missing = self._size - self._windows.frames
        for group in self._windows.finish(max(missing, 0)):
            self._read(group[0])
        quiet, loud, peak = (
            self._movement.percentile_db(share) for share in (QUIET_SHARE, LOUD_SHARE, PEAK_SHARE)
        )
        return _levels(peak), _levels(loud - quiet)

    def _read(self, frames: Rows) -> None:
        parts = fourier.rfft(frames * self._window).view(np.float32)
        parts *= parts
        self._movement.add(self._bands(parts[:, ::2] + parts[:, 1::2]))


def _levels(values: Floats) -> Levels:
    return tuple(float(value) for value in values)
