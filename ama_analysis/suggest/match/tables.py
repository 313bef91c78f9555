"""A session's products as the model needs them, and the pan law with its derivative."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ama_analysis.bands import TONAL_BANDS, Floats, Indices, bark_matrix
from ama_analysis.cross_spectra import SPLIT, CrossSpectra, band_centres_hz, band_edges_hz
from ama_analysis.k_weighting import k_weighting_power
from ama_analysis.style_profile import AF_FFT_SIZE
from ama_analysis.suggest.match.figures import Setting

NOISE: Final = math.sqrt(math.pi / 4.0)
"""Mean magnitude over root mean power of a bin of Gaussian noise (Rayleigh)."""
TONAL: Final = slice(SPLIT * TONAL_BANDS.start, SPLIT * TONAL_BANDS.stop)
"""The bands that make up the 28 third-octaves."""
PAN_ROUND: Final = 0.02
"""The pan law's kink in the centre is rounded off over this width, so that it has a derivative."""
TINY: Final = 1e-20
_RATE_HZ: Final = 44_100
_K_RATE_HZ: Final = 48_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Tables:
    """`products` (bands, segments, 2 n, 2 n), the segments' `lengths`, K-weights by band, and samples (see `CrossSpectra`)."""

    tracks: tuple[str, ...]
    products: Floats
    lengths: Floats
    loud: Floats
    samples: NDArray[np.complex64]
    sample_bands: Indices
    sample_segments: Indices

    @classmethod
    def of(cls, spectra: CrossSpectra) -> Self:
        """Prepare a session's products."""
        return cls(
            tracks=spectra.tracks,
            products=np.ascontiguousarray(spectra.products.transpose(1, 0, 2, 3), np.float64),
            lengths=spectra.lengths,
            loud=k_weighting_power(band_centres_hz(), _K_RATE_HZ),
            samples=spectra.samples,
            sample_bands=spectra.sample_bands,
            sample_segments=spectra.sample_segments,
        )

    @property
    def bands(self) -> int:
        """How many bands there are."""
        return self.products.shape[0]

    def track_powers(self, setting: Setting) -> Floats:
        """Return the power of each track alone, left and right, (n, bands)."""
        n = len(self.tracks)
        alone = np.einsum("bsii,s->ib", self.products, self.lengths)
        left, right = sides(setting.pan)
        powers = alone[:n] * (left**2)[:, None] + alone[n:] * (right**2)[:, None]
        return powers * 10.0 ** (setting.curve_db / 10.0)

    def sparseness(self, setting: Setting) -> tuple[Floats, Floats]:
        """Return how far magnitudes of L+R and L-R fall below those of noise of the same power, by band, around a setting."""
        amplitude = 10.0 ** (setting.curve_db[:, self.sample_bands].T / 20.0)
        n = setting.pan.size
        left, right = (
            np.einsum("wri,ri->wr", part, amplitude * side)
            for part, side in zip(
                (self.samples[:, :, :n], self.samples[:, :, n:]), sides(setting.pan), strict=True
            )
        )
        return self._sparse(np.abs(left + right)), self._sparse(np.abs(left - right))

    def _sparse(self, magnitude: Floats) -> Floats:
        """Return per band the mean magnitude over the mean of the segments' roots of mean power, re noise."""
        heard = np.bincount(self.sample_segments, minlength=self.lengths.size)
        by_segment = np.zeros((self.lengths.size, self.sample_bands.size))
        np.add.at(by_segment, self.sample_segments, magnitude**2)
        rows = np.bincount(self.sample_bands, minlength=self.bands)
        power: Floats = np.stack([self._by_band(row) for row in by_segment])
        counts = np.maximum(rows * np.maximum(heard, 1)[:, None], 1)
        root = heard / max(heard.sum(), 1) @ np.sqrt(power / counts)
        mean: Floats = self._by_band(magnitude.mean(axis=0)) / np.maximum(rows, 1)
        return np.where(root > TINY, mean / np.maximum(root, TINY) / NOISE, 1.0)

    def _by_band(self, rows: Floats) -> Floats:
        """Return the sums of sampled rows by band."""
        summed: Floats = np.zeros(self.bands)
        np.add.at(summed, self.sample_bands, rows)
        return summed


@lru_cache(maxsize=1)
def bark_weights() -> Floats:
    """Return (24, bands): what the root of a band's power adds to the Bark sums of magnitudes of noise."""
    triangles = bark_matrix(_RATE_HZ, AF_FFT_SIZE)
    bin_hz = np.fft.rfftfreq(AF_FFT_SIZE, 1.0 / _RATE_HZ)
    edges = band_edges_hz()
    band = np.searchsorted(edges, bin_hz, side="right") - 1
    counts = np.diff(edges) / bin_hz[1]
    weights = np.zeros((triangles.shape[0], counts.size))
    for index in range(counts.size):
        inside = triangles[:, band == index]
        near = (
            inside.mean(axis=1)
            if inside.shape[1]
            else triangles[:, round(band_centres_hz()[index] / bin_hz[1])]
        )
        weights[:, index] = near * math.sqrt(counts[index])
    return weights * NOISE


def sides(pan: Floats) -> tuple[Floats, Floats]:
    """Return what the linear balance leaves of left and right, rounded off in the centre."""
    over = _ramp(pan)
    under = _ramp(-pan)
    return 1.0 - over, 1.0 - under


def _ramp(x: Floats) -> Floats:
    """Return max(x, 0), a parabola between -round and +round, but 0 at 0."""
    inside: Floats = (x + PAN_ROUND) ** 2 / (4.0 * PAN_ROUND) - PAN_ROUND / 4.0
    return np.where(
        x >= PAN_ROUND, x - PAN_ROUND / 4.0, np.where(x <= -PAN_ROUND, -PAN_ROUND / 4.0, inside)
    )


def ramp_slope(x: Floats) -> Floats:
    """Return the derivative of the pan law's ramp: 0 on one side, 1 on the other."""
    return np.clip((x + PAN_ROUND) / (2.0 * PAN_ROUND), 0.0, 1.0)
