"""Long-term spectra, their percentiles over time, and the time-frequency grid behind masking.

One short-time Fourier transform of left and right serves them all: windows of about 186 ms (8192 at 44.1 kHz), half overlapping, under Vorbis'
power-complementary window, sin(pi/2 sin^2(pi (n + 1/2) / N)) (Vorbis I specification, 4.3.1). Its squares add up to one at that
overlap, so every sample counts alike and the spectrum's sum is the sound's mean square, for a single sample as for three hours. Side lobes
fall as fast as the Hann window's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis import fourier
from ama_analysis.audio import Block
from ama_analysis.bands import (
    ERB_COUNT,
    FLOOR_DB,
    THIRD_OCTAVE_HZ,
    BandSums,
    Floats,
    band_powers,
    decibels,
    erb_bands,
    third_octave_edges,
    twelfth_octave_bands,
)
from ama_analysis.measure.stereo import correlation_of
from ama_analysis.measure.windows import Windows
from ama_analysis.measurements import BandLevels, Levels, Spectrum
from ama_analysis.style_profile import LOW_HZ

QUIET_SHARE: Final = 0.10
LOUD_SHARE: Final = 0.95
TILT_LOW_HZ: Final = 100.0
TILT_HIGH_HZ: Final = 4000.0
_SIZE_AT_44100: Final = 8192
_OFFSET_BINS: Final = 3
"""So many bins, up to 13 Hz, hold an offset, which is no level."""
_GROUP: Final = 64
"""Windows a call: so many that two threads seldom wait for the interpreter's lock, few enough for the cache (DECISIONS 26)."""


def fft_size_for(sample_rate_hz: int, size_at_44100: int) -> int:
    """Return the power of two that lasts about as long at a rate as `size_at_44100` does at 44.1 kHz."""
    return int(size_at_44100 * 2.0 ** round(math.log2(sample_rate_hz / 44_100)))


@lru_cache(maxsize=8)
def vorbis_window(size: int) -> NDArray[np.float32]:
    """Return the power-complementary window."""
    slope = np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2
    window: NDArray[np.float32] = np.sin(np.pi / 2.0 * slope).astype(np.float32)
    window.setflags(write=False)
    return window


@dataclass(frozen=True, slots=True, kw_only=True)
class Slots:
    """How time is cut for the masking grid: `count` slots of `slot_s` seconds from the start."""

    slot_s: float
    count: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SpectrumFigures:
    """Mean power per bin (bins of `bin_hz`) of left, right, mid, side; `grid` (slots, ERB bands): mean power of L and R."""

    bin_hz: Floats
    left: Floats
    right: Floats
    mid: Floats
    side: Floats
    quiet_db: Levels
    loud_db: Levels
    grid: NDArray[np.float32]

    def spectrum(self) -> Spectrum:
        """Return the levels in bands."""
        power = (self.left + self.right) / 2.0
        fine_hz, fine_edges = twelfth_octave_bands()
        erb_hz, erb_edges = erb_bands()
        third = self._levels(THIRD_OCTAVE_HZ, third_octave_edges())
        return Spectrum(
            third_octave=third,
            erb=self._levels(erb_hz, erb_edges),
            quiet_db=self.quiet_db,
            loud_db=self.loud_db,
            fine_freq_hz=_levels(fine_hz),
            fine_db=_levels(decibels(band_powers(fine_edges, self.bin_hz, power))),
            tilt_db_per_oct=tilt_db_per_oct(np.array(third.level_db), float(self.bin_hz[-1])),
        )

    def _levels(self, freq_hz: Floats, edges_hz: Floats) -> BandLevels:
        spectra = np.stack((self.left, self.right, self.mid, self.side))
        left, right, mid, side = map(_levels, decibels(band_powers(edges_hz, self.bin_hz, spectra)))
        return BandLevels(
            freq_hz=_levels(freq_hz), left_db=left, right_db=right, mid_db=mid, side_db=side
        )

    def low_end(self) -> tuple[float, float]:
        """Return correlation and side share below `LOW_HZ`."""
        low = self.bin_hz < LOW_HZ
        left, right, mid, side = (
            float(power[low].sum()) for power in (self.left, self.right, self.mid, self.side)
        )
        share = side / (mid + side) if mid + side > 0.0 else 0.0
        return correlation_of(mid, side, left, right), share


def _levels(values: Floats) -> Levels:
    return tuple(float(value) for value in values)


def tilt_db_per_oct(third_octave_db: Floats, nyquist_hz: float) -> float | None:
    """Return the slope of power density over the third-octave bands from 100 Hz to 4 kHz that hold anything; None under three."""
    edges = third_octave_edges()
    use = (THIRD_OCTAVE_HZ > 0.99 * TILT_LOW_HZ) & (THIRD_OCTAVE_HZ < 1.01 * TILT_HIGH_HZ)
    use &= (edges[1:] <= nyquist_hz) & (third_octave_db > FLOOR_DB)
    if int(use.sum()) < 3:
        return None
    density_db = third_octave_db - 10.0 * np.log10(np.diff(edges))
    octave = np.log2(THIRD_OCTAVE_HZ[use])
    octave -= octave.mean()
    return float(np.sum(octave * density_db[use]) / np.sum(octave**2))


class SpectrumMeter:
    """Takes blocks of (channels, n) one after the other; `result` ends the measurement."""

    def __init__(self, *, sample_rate_hz: int, channels: int, slots: Slots) -> None:
        """Prepare for a rate; `slots` cut the grid."""
        self._rate, self._channels, self._slots = sample_rate_hz, channels, slots
        self._size = fft_size_for(sample_rate_hz, _SIZE_AT_44100)
        self._hop = self._size // 2
        self._windows = Windows(
            channels=channels, size=self._size, hop=self._hop, group=_GROUP, lead=self._hop
        )
        bins = self._hop + 1
        step_hz = sample_rate_hz / self._size
        self._third = BandSums(third_octave_edges(), bin_step_hz=step_hz, bins=bins)
        self._erb = BandSums(erb_bands()[1], bin_step_hz=step_hz, bins=bins)
        self._sums = np.zeros((channels + 1, bins))
        self._grid = np.zeros((slots.count, ERB_COUNT), np.float32)
        self._over_time = BandsOverTime(THIRD_OCTAVE_HZ.size)
        self._frame = 0

    def add(self, block: Block) -> None:
        """Measure on."""
        for group in self._windows.add(block):
            self._read(group)

    def result(self, *, gate_dbfs: float) -> SpectrumFigures:
        """End the measurement; percentiles count frames louder than `gate_dbfs`."""
        frames = max(self._windows.frames, 1)
        for group in self._windows.finish(2 * self._hop - 1):
            self._read(group)
        scale = 1.0 / (self._size * frames)
        per_bin = self._sums * scale
        per_bin[:, 1:-1] *= 2.0
        left, right, side = per_bin[0], per_bin[self._channels - 1], per_bin[-1] / 4.0
        slot_frames = self._slots.slot_s * self._rate
        return SpectrumFigures(
            bin_hz=np.fft.rfftfreq(self._size, 1.0 / self._rate),
            left=left,
            right=right,
            mid=np.maximum((left + right) / 2.0 - side, 0.0),
            side=side,
            quiet_db=self._over_time.percentile_db(QUIET_SHARE, gate_dbfs),
            loud_db=self._over_time.percentile_db(LOUD_SHARE, gate_dbfs),
            grid=self._grid / np.float32(slot_frames),
        )

    def _read(self, group: Block) -> None:
        spectra = fourier.rfft(group * vorbis_window(self._size))
        powers = np.abs(spectra)
        powers *= powers
        self._sums[: self._channels] += powers.sum(axis=1)
        energy = powers[0]
        if self._channels == 2:
            difference = np.abs(spectra[0] - spectra[1])
            self._sums[-1] += np.einsum("wb,wb->b", difference, difference)
            energy = (energy + powers[1]) * np.float32(0.5)
        energy = energy * np.float32(2.0 / self._size)
        moving = energy[:, _OFFSET_BINS:].sum(axis=1)
        self._over_time.add(self._third(energy) / self._hop, moving / self._hop)
        centres = (self._frame + np.arange(group.shape[1])) * (self._hop / self._rate)
        slot = np.minimum((centres / self._slots.slot_s).astype(np.int64), self._slots.count - 1)
        np.add.at(self._grid, slot, self._erb(energy))
        self._frame += group.shape[1]


class BandsOverTime:
    """How often each band had which level while the whole had which level: percentiles above a gate known only at the end."""

    LOW_DB: Final = -160.0
    STEP_DB: Final = 0.5
    BINS: Final = 360
    FRAME_LOW_DB: Final = -70.0
    FRAME_BINS: Final = 90
    """1 dB each."""

    def __init__(self, bands: int) -> None:
        """Begin with nothing."""
        self._bands = bands
        self._count = np.zeros(self.FRAME_BINS * bands * self.BINS, np.int32)

    def add(self, band_powers: Floats, frame_powers: Floats) -> None:
        """Take band powers (n, bands) and whole powers (n) of frames; frames below -70 dBFS are left out."""
        frame_db = decibels(frame_powers)
        heard = frame_db >= self.FRAME_LOW_DB
        frame = np.minimum((frame_db[heard] - self.FRAME_LOW_DB).astype(int), self.FRAME_BINS - 1)
        level = (decibels(band_powers[heard]) - self.LOW_DB) / self.STEP_DB
        place = np.clip(level.astype(np.int64), 0, self.BINS - 1)
        row = frame[:, None] * self._bands + np.arange(self._bands)
        np.add.at(self._count, (row * self.BINS + place).ravel(), 1)

    def percentile_db(self, share: float, gate_dbfs: float) -> Levels:
        """Return each band's level of nearest rank `share`, within half a step; the floor where nothing was heard."""
        first = max(0, round(gate_dbfs - self.FRAME_LOW_DB))
        count = self._count.reshape(self.FRAME_BINS, self._bands, self.BINS)[first:]
        count = count.sum(axis=0, dtype=np.int64)
        total = int(count[0].sum())
        if not total:
            return (FLOOR_DB,) * self._bands
        rank = int((total - 1) * share + 0.5)
        index = (np.cumsum(count, axis=1) <= rank).sum(axis=1)
        level = self.LOW_DB + self.STEP_DB * (index + 0.5)
        return _levels(np.where(index == 0, FLOOR_DB, level))
