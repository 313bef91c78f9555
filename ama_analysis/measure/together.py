"""Stems side by side to `CrossSpectra`, in one streamed pass and bounded memory.

Windows last 0.74 s, as those behind the AF figures (shorter ones leak low tones over the edges of third-octaves: up to 13 dB in single bands, where
these err by 1 dB), under the power-complementary window of `spectrum`, half overlapping, all stems in step. In long sessions every second, third,
... window is left out, so that no more than `MOST_WINDOWS` are transformed: they sample the song evenly.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis import fourier
from ama_analysis.audio import Block
from ama_analysis.bands import Floats, Indices, band_matrix
from ama_analysis.cross_spectra import CrossSpectra, band_edges_hz
from ama_analysis.measure.spectrum import fft_size_for, vorbis_window
from ama_analysis.measure.windows import Windows

MOST_WINDOWS: Final = 150
MOST_SEGMENTS: Final = 24
MOST_CELLS: Final = 6_000_000
"""Numbers in `products`: 24 MB."""
MOST_SAMPLES: Final = 3_000_000
"""Complex numbers in `samples`: 24 MB."""
SAMPLES_PER_BAND: Final = 6
MOST_SAMPLED: Final = 120
"""Windows of which bins are kept."""
_SIZE_AT_44100: Final = 32_768
_GROUP: Final = 4


class TogetherMeter:
    """Takes blocks of all tracks in step; `result` ends the measurement."""

    def __init__(self, tracks: Sequence[str], *, sample_rate_hz: int, frames: int) -> None:
        """Prepare for a session's rate and length; what lies behind it is taken for silence."""
        self.frames = frames
        self._tracks = tuple(tracks)
        self._plan = _Plan.of(sample_rate_hz, frames, len(tracks))
        self._sums = _Sums(self._plan, len(tracks))
        self._windows: list[Windows] = []
        self._group = 0

    def add(self, blocks: Sequence[Block]) -> None:
        """Measure on: one block a track, (channels, n) with the same n for all."""
        if not self._windows:
            self._windows = [self._cutter(block.shape[0]) for block in blocks]
        pairs = zip(self._windows, blocks, strict=True)
        self._take([windows.add(block) for windows, block in pairs])

    def result(self) -> CrossSpectra:
        """End the measurement and return it."""
        self._take([windows.finish(self._plan.size) for windows in self._windows])
        return self._sums.result(self._tracks)

    def _cutter(self, channels: int) -> Windows:
        size = self._plan.size
        return Windows(channels=channels, size=size, hop=size // 2, group=_GROUP, lead=size // 2)

    def _take(self, sources: Sequence[Iterator[Block]]) -> None:
        """Transform the groups that all tracks have ready, track by track, and add their products."""

        def transformed(source: Iterator[Block]) -> list[NDArray[np.complex64]]:
            return [
                _spectra(group, self._plan, self._group + number)
                for number, group in enumerate(source)
                if self._group + number < self._plan.groups
            ]

        with ThreadPoolExecutor(max(1, min(len(sources), os.cpu_count() or 1))) as pool:
            ready = list(pool.map(transformed, sources))
        for spectra in zip(*ready, strict=True):
            self._sums.add(spectra, self._plan.segment_of(self._group))
            self._group += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How time is cut: groups of windows, of which every `stride`-th counts; groups make segments."""

    rate_hz: int
    size: int
    frames: int
    windows: int
    stride: int
    segments: int

    @classmethod
    def of(cls, rate_hz: int, frames: int, tracks: int) -> _Plan:
        size = fft_size_for(rate_hz, _SIZE_AT_44100)
        windows = max(1, math.ceil(frames / (size // 2)) + 1)
        cells = (band_edges_hz().size - 1) * (2 * tracks) ** 2
        groups = math.ceil(windows / _GROUP)
        segments = max(1, min(MOST_SEGMENTS, groups, MOST_CELLS // cells))
        stride = math.ceil(windows / MOST_WINDOWS)
        return cls(
            rate_hz=rate_hz,
            size=size,
            frames=max(frames, 1),
            windows=windows,
            stride=stride,
            segments=segments,
        )

    @property
    def groups(self) -> int:
        return math.ceil(self.windows / _GROUP)

    def segment_of(self, group: int) -> int:
        return group * self.segments // self.groups


def _spectra(group: Block, plan: _Plan, number: int) -> NDArray[np.complex64]:
    """Return the spectra (2, windows, bins) of those windows of a group that count, left and right."""
    first, last = -number * _GROUP % plan.stride, min(_GROUP, plan.windows - number * _GROUP)
    chosen = group[:, first : last : plan.stride]
    spectra = fourier.rfft(chosen * vorbis_window(plan.size))
    wanted = len(range(first, last, plan.stride))
    if spectra.shape[:2] == (2, wanted):
        return spectra
    both: NDArray[np.complex64] = np.zeros((2, wanted, plan.size // 2 + 1), np.complex64)
    both[:, : spectra.shape[1]] = spectra
    return both


class _Sums:
    """Products added up by segment and band."""

    def __init__(self, plan: _Plan, tracks: int) -> None:
        bin_hz = np.fft.rfftfreq(plan.size, 1.0 / plan.rate_hz)
        matrix = band_matrix(band_edges_hz(), bin_hz)
        self._bands = [_Band.of(weights) for weights in matrix]
        shape = (plan.segments, len(self._bands), 2 * tracks, 2 * tracks)
        self._products = np.zeros(shape, np.float32)
        self._counts = np.zeros(plan.segments)
        self._size = plan.size
        self._overhang = plan.windows * (plan.size // 2) / plan.frames
        rows = [band.picks() for band in self._bands]
        self._rows = np.concatenate(rows)
        self._row_bands = np.repeat(np.arange(len(rows)), [row.size for row in rows])
        counted = math.ceil(plan.windows / plan.stride)
        most = min(MOST_SAMPLED, MOST_SAMPLES // (self._rows.size * 2 * tracks))
        self._every = math.ceil(counted / max(most, 1))
        self._samples: list[NDArray[np.complex64]] = []
        self._sample_segments: list[int] = []
        self._seen = 0

    def add(self, spectra: Sequence[NDArray[np.complex64]], segment: int) -> None:
        """Add the products of one group of windows, (2, windows, bins) a track."""
        windows = spectra[0].shape[1]
        if not windows:
            return
        lefts_then_rights = np.concatenate(
            [np.stack([s[side] for s in spectra]) for side in (0, 1)]
        )
        for place, band in enumerate(self._bands):
            part = lefts_then_rights[:, :, band.bins] * band.root_weights
            flat = part.reshape(part.shape[0], -1).view(np.float32)
            self._products[segment, place] += flat @ flat.T
        self._counts[segment] += windows
        kept = lefts_then_rights[:, -self._seen % self._every :: self._every, self._rows]
        self._samples.append(kept.transpose(1, 2, 0))
        self._sample_segments.extend([segment] * kept.shape[1])
        self._seen += windows

    def result(self, tracks: Sequence[str]) -> CrossSpectra:
        """Return the means."""
        counts = np.maximum(self._counts, 1.0)
        scale = 4.0 / (self._size**2 * counts) * self._overhang
        return CrossSpectra(
            tracks=tuple(tracks),
            products=self._products * scale[:, None, None, None].astype(np.float32),
            lengths=self._counts / max(float(self._counts.sum()), 1.0),
            samples=np.concatenate(self._samples),
            sample_bands=self._row_bands,
            sample_segments=np.array(self._sample_segments, dtype=np.int64),
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Band:
    """The bins of a band and the roots of their shares in it."""

    bins: slice
    root_weights: NDArray[np.float32]

    @classmethod
    def of(cls, weights: Floats) -> _Band:
        inside = np.flatnonzero(weights > 0.0)
        if not inside.size:
            return cls(bins=slice(0, 0), root_weights=np.zeros(0, np.float32))
        first, last = int(inside[0]), int(inside[-1]) + 1
        return cls(
            bins=slice(first, last), root_weights=np.sqrt(weights[first:last]).astype(np.float32)
        )

    def picks(self) -> Indices:
        """Return a few bins of the band, evenly spaced."""
        count = self.bins.stop - self.bins.start
        places = np.linspace(self.bins.start, self.bins.stop - 1, min(count, SAMPLES_PER_BAND))
        return np.round(places).astype(np.int64)
