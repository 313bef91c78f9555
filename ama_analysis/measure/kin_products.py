"""Products of the spectra of stems with each other and with a reference, for sounds whose delays are not known yet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Sound, as_stereo
from ama_analysis.bands import Floats
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
        from scipy.ndimage import uniform_filter1d

        level = uniform_filter1d(self.energy.sum(axis=0), _SMOOTH_BINS)
        floor = 1e-7 * float(level.max())
        weights: Floats = np.where(level > floor, 1.0 / np.maximum(level, floor + 1e-30), 0.0)
        return weights


def products_of(
    stems: Sequence[Sound],
    reference: Sound,
    offset: int,
    spans: Sequence[tuple[int, int]],
    *,
    on_span: Callable[[int], None],
) -> list[Products]:
    """Return the products within each of `spans` (start and frames, in the stems' time) of a reference that lies `offset` frames later."""
    rate = reference.sample_rate_hz
    first, last = (round(hz * FRAME / rate) for hz in (LOWEST_HZ, min(HIGHEST_HZ, 0.45 * rate)))
    readers, heard = [Pieces(stem) for stem in stems], Pieces(reference)
    found = []
    for number, (start, frames) in enumerate(spans):
        on_span(number)
        length = max(frames, FRAME)
        rows = [_spectra(as_stereo(one.read(start, length)), first, last) for one in readers]
        mix = _spectra(as_stereo(heard.read(start + offset, length)), first, last)
        stem = np.stack(rows, axis=2)
        found.append(
            Products(
                gram=np.conj(stem) @ stem.swapaxes(-1, -2),
                cross=(np.conj(stem) @ mix[..., None])[..., 0],
                energy=np.square(np.abs(mix)).sum(axis=-1).astype(np.float64),
                first_bin=first,
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


def _spectra(samples: NDArray[np.float32], first: int, last: int) -> Spectra:
    """Return the spectra of half overlapped windows, (2, f, windows)."""
    from scipy import fft

    window = np.hanning(FRAME + 1)[:-1].astype(np.float32)
    framed = np.lib.stride_tricks.sliding_window_view(samples, FRAME, axis=1)[:, :: FRAME // 2]
    spectra: Spectra = fft.rfft(framed * window, workers=1)[:, :, first : last + 1]
    return spectra.swapaxes(1, 2)
