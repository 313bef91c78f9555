"""All tracks of a session together: what any faders, pans and equalisers make of them, without their audio.

A mix of static gains is a weighted sum, so its power in a band is a quadratic form in the weights: w^T C w, where C holds the products of all
channels with each other (real parts of their cross-spectra, averaged over time). Coherent tracks add as they do in the mix. `CrossSpectra`
keeps these matrices in half third-octaves and in segments of time, at unit gain and centred.

Magnitudes are not quadratic: the mean of |x| over the root of the mean of x^2 is 0.89 for noise and less for lines and beats. How much less in
a mix depends on what is mixed, so a few bins of a few windows are kept as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from ama_analysis.bands import Floats, Indices, third_octave_edges

SPLIT: Final = 2
"""Bands in a third of an octave: fine enough for equaliser bands of Q 2, coarse enough for 64 tracks."""


@lru_cache(maxsize=1)
def band_edges_hz() -> Floats:
    """Return the 63 edges of the 62 bands, 17.8 Hz to 22.4 kHz; every second one is the edge of a third-octave."""
    thirds = np.log2(third_octave_edges())
    between = np.arange(SPLIT * (thirds.size - 1) + 1) / SPLIT
    edges: Floats = 2.0 ** np.interp(between, np.arange(thirds.size), thirds)
    edges.setflags(write=False)
    return edges


@lru_cache(maxsize=1)
def band_centres_hz() -> Floats:
    """Return the 62 geometric centres."""
    edges = band_edges_hz()
    centres: Floats = np.sqrt(edges[:-1] * edges[1:])
    centres.setflags(write=False)
    return centres


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CrossSpectra:
    """Products of `tracks`' channels: `products` (segments, bands, 2 n, 2 n), lefts first, then rights; mono plays on both.

    `products[s, b, i, j]` is the mean of channel i times channel j in band b over segment s, re full scale (a segment's diagonal adds up
    to the channel's mean square); `lengths` are the segments' shares of the time, adding up to 1. `samples` (windows, rows, 2 n) are
    spectra as they were, up to a common factor; `sample_bands` (rows) and `sample_segments` (windows) say of what band and segment.
    """

    tracks: tuple[str, ...]
    products: NDArray[np.float32]
    lengths: Floats
    samples: NDArray[np.complex64]
    sample_bands: Indices
    sample_segments: Indices

    @property
    def mean(self) -> Floats:
        """The products averaged over time, (bands, 2 n, 2 n)."""
        averaged: Floats = np.einsum("s,sbij->bij", self.lengths, self.products, dtype=np.float64)
        return averaged

    def only(self, tracks: Sequence[str]) -> Self:
        """Return the products of these tracks."""
        places = [self.tracks.index(track) for track in tracks]
        channels = np.array([*places, *(len(self.tracks) + place for place in places)], dtype=int)
        chosen = self.products[:, :, channels[:, None], channels[None, :]]
        return replace(
            self,
            tracks=tuple(tracks),
            products=np.ascontiguousarray(chosen),
            samples=np.ascontiguousarray(self.samples[:, :, channels]),
        )
