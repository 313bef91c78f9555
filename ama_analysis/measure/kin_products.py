"""Products of the spectra of stems with each other and with a reference, for sounds whose delays are not known yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis import fourier
from ama_analysis.audio import Sound, as_stereo
from ama_analysis.bands import Floats
from ama_analysis.measure.moving import moving_mean
from ama_analysis.measure.pieces import Pieces

Spectra: TypeAlias = NDArray[np.complexfloating[Any, Any]]

FRAME: Final = 4096
"""Frames a window; delays within a quarter of it are found."""
LOWEST_HZ, HIGHEST_HZ = 40.0, 5_000.0
_SMOOTH_BINS: Final = 9


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Products:
    """Summed over windows: stems (2, f, n, n), stems by reference (2, f, n), reference (2, f); the first bin, and the number of windows."""

    gram: Spectra
    cross: Spectra
    energy: Floats
    first_bin: int
    windows: int

    @property
    def angles(self) -> Floats:
        """Return each bin's angle for a delay of one frame, (f,)."""
        bins = self.first_bin + np.arange(self.energy.shape[1])
        angles: Floats = 2.0 * np.pi * bins / FRAME
        return angles

    @property
    def weights(self) -> Floats:
        """Return a weight per bin (f,) under which every frequency of the reference counts alike."""
        level = moving_mean(self.energy.sum(axis=0), _SMOOTH_BINS)
        floor = 1e-7 * float(level.max())
        weights: Floats = np.where(level > floor, 1.0 / np.maximum(level, floor + 1e-30), 0.0)
        return weights


class Spectrograms:
    """Spectra of stems in windows, read once each and kept."""

    def __init__(self, stems: Sequence[Sound], rate_hz: int) -> None:
        """Read nothing yet."""
        self._readers = [Pieces(stem) for stem in stems]
        self._kept: dict[int, Spectra] = {}
        edges = (LOWEST_HZ, min(HIGHEST_HZ, 0.45 * rate_hz))
        self.bins = tuple(round(hz * FRAME / rate_hz) for hz in edges)

    def of(self, start: int, frames: int) -> Spectra:
        """Return (2, f, n, windows) of one window of the stems; windows that begin alike are as long as each other."""
        if start not in self._kept:
            rows = [_spectra(reader, start, frames, self.bins) for reader in self._readers]
            self._kept[start] = np.stack(rows, axis=2)
        return self._kept[start]


def products_of(
    stems: Spectrograms,
    reference: Sound,
    offset: int,
    spans: Sequence[tuple[int, int]],
    *,
    on_span: Callable[[int], None],
) -> list[Products]:
    """Return the products within each of `spans` (start and frames, in the stems' time) of a reference that lies `offset` frames later."""
    heard = Pieces(reference)
    found = []
    for number, (start, frames) in enumerate(spans):
        on_span(number)
        stem = stems.of(start, frames)
        mix = _spectra(heard, start + offset, frames, stems.bins)
        found.append(
            Products(
                gram=np.conj(stem) @ stem.swapaxes(-1, -2),
                cross=(np.conj(stem) @ mix[..., None])[..., 0],
                energy=np.square(np.abs(mix)).sum(axis=-1).astype(np.float64),
                first_bin=stems.bins[0],
                windows=mix.shape[-1],
            )
        )
    return found


def together(parts: Sequence[Products]) -> Products:
    """Return the sum of products (one at least)."""
    first, *others = parts
    return Products(
        gram=sum((one.gram for one in others), first.gram),
        cross=sum((one.cross for one in others), first.cross),
        energy=sum((one.energy for one in others), first.energy),
        first_bin=first.first_bin,
        windows=sum(one.windows for one in parts),
    )


def _spectra(sound: Pieces, start: int, frames: int, bins: tuple[int, ...]) -> Spectra:
    """Return the spectra of half overlapped windows, (2, f, windows)."""
    samples = as_stereo(sound.read(start, max(frames, FRAME)))
    window = np.hanning(FRAME + 1)[:-1].astype(np.float32)
    framed = np.lib.stride_tricks.sliding_window_view(samples, FRAME, axis=1)[:, :: FRAME // 2]
    spectra: Spectra = fourier.rfft(framed * window)[:, :, bins[0] : bins[1] + 1]
    return spectra.swapaxes(1, 2)
