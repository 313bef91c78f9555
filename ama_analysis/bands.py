"""The frequency bands that all parts agree on: third-octave, twelfth-octave, octave, ERB and Bark.

Third-octave and octave centres are the exact base-ten ones of IEC 61260-1 (1000 * 10^(n/10)); ERB-rate follows Glasberg & Moore 1990
(21.4 log10(1 + 0.00437 f)); Bark follows Traunmueller 1990.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating[Any]]
Indices: TypeAlias = NDArray[np.integer[Any]]
Rows: TypeAlias = NDArray[np.float32]
"""One spectrum a row."""
_Real = TypeVar("_Real", bound=np.floating[Any])

FLOOR_DB: Final = -160.0
"""The level that stands for nothing at all."""

THIRD_OCTAVE_HZ: Final[Floats] = 1000.0 * 10.0 ** (np.arange(-17, 14) / 10.0)
"""31 centres, 20 Hz to 20 kHz."""
TONAL_BANDS: Final = slice(2, 30)
"""The 28 of them that tonal comparisons use, 31.5 Hz to 16 kHz."""
OCTAVE_HZ: Final[Floats] = 1000.0 * 10.0 ** (0.3 * np.arange(-5, 5))
"""10 centres, 31.5 Hz to 16 kHz."""
BARK_BANDS: Final = 24
NEPER_PER_DB: Final = math.log(10.0) / 20.0
ERB_COUNT: Final = 40
BROAD_BANDS: Final = ("sub", "low", "low mid", "mid", "high mid", "high", "air")
"""What engineers call the parts of the spectrum; the limits are AMA's choice among third-octave edges (`broad_band_edges`)."""


def third_octave_edges() -> Floats:
    """Return the 32 edges of the 31 third-octave bands, Hz."""
    return 1000.0 * 10.0 ** ((np.arange(-17, 15) - 0.5) / 10.0)


def octave_edges() -> Floats:
    """Return the 11 edges of the 10 octave bands, Hz."""
    return 1000.0 * 10.0 ** (0.3 * (np.arange(-5, 6) - 0.5))


def broad_band_edges() -> Floats:
    """Return the 8 edges of `BROAD_BANDS`: 18, 56, 141, 447, 1778, 4467, 8913 and 22387 Hz."""
    return third_octave_edges()[[0, 5, 9, 14, 20, 24, 27, 31]]


def twelfth_octave_bands() -> tuple[Floats, Floats]:
    """Return centres (120) and edges (121) of the 1/12-octave bands from 20 Hz to 20 kHz, Hz."""
    edges = 20.0 * 2.0 ** (np.arange(121) / 12.0)
    return np.sqrt(edges[:-1] * edges[1:]), edges


def erb_bands() -> tuple[Floats, Floats]:
    """Return centres (40) and edges (41) of bands of equal width on the ERB-rate scale from 30 Hz to 16 kHz, Hz."""
    low, high = (21.4 * np.log10(1.0 + 0.00437 * f) for f in (30.0, 16_000.0))
    scale = np.linspace(low, high, 2 * ERB_COUNT + 1)
    freq = (10.0 ** (scale / 21.4) - 1.0) / 0.00437
    return freq[1::2], freq[::2]


def band_matrix(edges_hz: Floats, bin_hz: Floats) -> Floats:
    """Return weights (bands, bins) that sum bin powers into bands, sharing a bin that straddles an edge.

    `bin_hz` are the equally spaced centres of FFT bins. A band narrower than a bin gets its share of that bin, so no band is empty
    below the Nyquist frequency and the bands' sum is the power between the outer edges.
    """
    step = bin_hz[1] - bin_hz[0]
    low = np.maximum(edges_hz[:-1, None], bin_hz[None, :] - step / 2)
    high = np.minimum(edges_hz[1:, None], bin_hz[None, :] + step / 2)
    return np.maximum(high - low, 0.0) / step


class BandSums:
    """Bands between ascending edges over equally spaced bins that begin at 0 Hz: what `band_matrix` says, without a product with mostly zeros."""

    def __init__(self, edges_hz: Floats, *, bin_step_hz: float, bins: int) -> None:
        """Work out which bins belong to which band; a bin that straddles an edge is shared."""
        place = np.clip(np.asarray(edges_hz) / bin_step_hz + 0.5, 0.0, bins)
        self._cuts = np.minimum(place.astype(np.int64), bins - 1)
        self._share = place - self._cuts
        self._filled = self._cuts[1:] > self._cuts[:-1]
        self._starts = self._cuts[:-1][self._filled]

    def __call__(self, powers: NDArray[_Real]) -> NDArray[_Real]:
        """Return (..., bands) of (..., bins), in the same precision."""
        cut = powers[..., self._cuts] * self._share.astype(powers.dtype)
        sums = cut[..., 1:] - cut[..., :-1]
        if self._starts.size:
            whole = powers[..., : self._cuts[-1]]
            sums[..., self._filled] += np.add.reduceat(whole, self._starts, axis=-1)
        return np.maximum(sums, 0.0, out=sums)


def band_powers(edges_hz: Floats, bin_hz: Floats, power: NDArray[_Real]) -> NDArray[_Real]:
    """Return the powers (..., bands) of bands from spectra (..., bins) over FFT bins from 0 Hz on: the product with `band_matrix`, a hundredth of the work."""
    return BandSums(edges_hz, bin_step_hz=float(bin_hz[1]), bins=bin_hz.size)(power)


def hz_to_bark(freq_hz: Floats) -> Floats:
    """Return Traunmueller's Bark value of frequencies in Hz, with his corrections at both ends."""
    bark = 26.81 * freq_hz / (1960.0 + freq_hz) - 0.53
    bark = np.where(bark < 2.0, bark + 0.15 * (2.0 - bark), bark)
    return np.where(bark > 20.1, bark + 0.22 * (bark - 20.1), bark)


def bark_centres_hz() -> Floats:
    """Return the centres of the 24 Bark bands, Hz."""
    freq_hz = np.linspace(20.0, 20_000.0, 20_000)
    low, high = hz_to_bark(np.array([20.0, 20_000.0]))
    centres = np.linspace(low, high, BARK_BANDS + 2)[1:-1]
    return np.interp(centres, hz_to_bark(freq_hz), freq_hz)


@lru_cache(maxsize=16)
def bark_matrix(sample_rate_hz: int, fft_size: int) -> Floats:
    """Return the 24 triangular Bark bands, 20 Hz to 20 kHz, as weights (24, fft_size // 2 + 1); peaks are 1.

    Diff-MST's audio-feature loss uses the same number, shape and range (AF in `distance`).
    """
    bin_hz = np.fft.rfftfreq(fft_size, 1.0 / sample_rate_hz)
    bark = hz_to_bark(bin_hz)
    low, high = hz_to_bark(np.array([20.0, 20_000.0]))
    points = np.linspace(low, high, BARK_BANDS + 2)
    left, centre, right = points[:-2, None], points[1:-1, None], points[2:, None]
    rising = (bark[None, :] - left) / (centre - left)
    falling = (right - bark[None, :]) / (right - centre)
    weights: Floats = np.maximum(0.0, np.minimum(rising, falling))
    weights.setflags(write=False)
    return weights


def decibels(power: Floats) -> Floats:
    """Return 10 log10 of powers, floored at `FLOOR_DB`."""
    return 10.0 * np.log10(np.maximum(power, 10.0 ** (FLOOR_DB / 10.0)))
