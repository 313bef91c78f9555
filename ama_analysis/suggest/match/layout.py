"""A vector of numbers and the mixer setting that it stands for: gains, pans, equaliser bands of tracks, broad bands of the bus."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from ama_analysis.bands import Floats, Indices
from ama_analysis.cross_spectra import band_centres_hz
from ama_analysis.plan import FilterShape
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.match.figures import Setting
from ama_analysis.suggest.response import band_response_db, responses_db

_STEPS: Final = (1e-3, 1e-4, 1e-4)
"""Central differences of a band's response by gain (dB), ln frequency and ln Q."""
_MOVES: Final[Floats] = np.diag(_STEPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One equaliser band; `track` is its place among the tracks, None the bus, `beside` that of the other side of a pair, which has the same band."""

    track: int | None
    beside: int | None = None
    shape: FilterShape
    freq_hz: float
    q: float
    gain_db: float = 0.0

    def response_db(self) -> Floats:
        """Return its gain in the bands."""
        return band_response_db(self.shape, self.freq_hz, self.gain_db, self.q, band_centres_hz())

    def by_hand(self) -> Self:
        """Return the band in values that a hand would set."""
        return replace(
            self,
            freq_hz=by_hand.frequency(self.freq_hz),
            gain_db=by_hand.decibel(self.gain_db),
            q=by_hand.quality(self.q),
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Layout:
    """Where things stand in a vector: n gains, n pans, then the bands' gains, ln frequencies and ln Qs.

    `fixed_db` (n, bands) is what the tracks' curves hold anyhow (high-passes). Without `free_shapes` only the bands' gains are in the
    vector, and responses are taken as proportional to them, which holds for a few decibels.
    """

    fixed_db: Floats
    bands: tuple[Band, ...]
    unit_db: Floats
    free_shapes: bool
    owners: Indices
    """The track of each band, n for the bus."""
    shared: Indices
    """Bands that a second track has too, and that track, (2, k)."""

    @classmethod
    def of(cls, fixed_db: Floats, bands: Sequence[Band], *, free_shapes: bool = False) -> Layout:
        """Make a layout."""
        at_hz = band_centres_hz()
        n = fixed_db.shape[0]
        shared = [(at, b.beside) for at, b in enumerate(bands) if b.beside is not None]
        unit = [band_response_db(b.shape, b.freq_hz, 1.0, b.q, at_hz) for b in bands]
        return cls(
            fixed_db=fixed_db,
            bands=tuple(bands),
            unit_db=np.array(unit).reshape(len(bands), at_hz.size),
            free_shapes=free_shapes,
            owners=np.array([n if b.track is None else b.track for b in bands], dtype=int),
            shared=np.array(shared, dtype=int).reshape(-1, 2).T,
        )

    @property
    def tracks(self) -> int:
        """How many tracks there are."""
        return self.fixed_db.shape[0]

    def vector(self, gain_db: Floats, pan: Floats) -> Floats:
        """Return the vector of gains, pans and the bands as they are."""
        parts = [gain_db, pan, np.array([b.gain_db for b in self.bands])]
        if self.free_shapes:
            parts.append(np.log([b.freq_hz for b in self.bands]))
            parts.append(np.log([b.q for b in self.bands]))
        return np.concatenate(parts)

    def bands_of(self, vector: Floats) -> tuple[Band, ...]:
        """Return the bands that a vector stands for."""
        n, k = self.tracks, len(self.bands)
        gains = vector[2 * n : 2 * n + k]
        if not self.free_shapes:
            shapes = [(b.freq_hz, b.q) for b in self.bands]
        else:
            freq, quality = vector[2 * n + k :].reshape(2, k)
            shapes = [(math.exp(f), math.exp(q)) for f, q in zip(freq, quality, strict=True)]
        return tuple(
            replace(b, freq_hz=f, q=q, gain_db=float(gain))
            for b, (f, q), gain in zip(self.bands, shapes, gains, strict=True)
        )

    def setting(self, vector: Floats) -> Setting:
        """Return the setting that a vector stands for."""
        n = self.tracks
        curves = np.concatenate(
            (self.fixed_db + vector[:n, None], np.zeros((1, self.fixed_db.shape[1])))
        )
        responses, (bands, tracks) = self._responses(vector), self.shared
        np.add.at(curves, self.owners, responses)
        np.add.at(curves, tracks, responses[bands])
        return Setting(curve_db=curves[:n] + curves[n], pan=vector[n : 2 * n])

    def _responses(self, vector: Floats) -> Floats:
        n, k = self.tracks, len(self.bands)
        if not self.free_shapes:
            return vector[2 * n : 2 * n + k, None] * self.unit_db
        return np.array([b.response_db() for b in self.bands_of(vector)]).reshape(
            k, self.fixed_db.shape[1]
        )

    def derivative(self, vector: Floats, by_curve: Floats, by_pan: Floats) -> Floats:
        """Return the derivative by the vector, given those by the tracks' curves (n, bands) and pans (n)."""
        on_owner = np.concatenate((by_curve, by_curve.sum(axis=0)[None]))[self.owners]
        bands, tracks = self.shared
        on_owner[bands] += by_curve[tracks]
        parts = [by_curve.sum(axis=1), by_pan]
        if not self.free_shapes or not self.bands:
            parts.append((on_owner * self.unit_db).sum(axis=1))
        else:
            parts.extend(np.einsum("pkb,kb->pk", self._slopes(vector), on_owner))
        return np.concatenate(parts)

    def _slopes(self, vector: Floats) -> Floats:
        """Return the derivatives of the bands' responses (dB) by gain, ln frequency and ln Q, (3, bands of the layout, bands)."""
        n, k = self.tracks, len(self.bands)
        values = np.stack((vector[2 * n : 2 * n + k], *vector[2 * n + k :].reshape(2, k)))
        moved = values[None] + np.concatenate((_MOVES, -_MOVES))[:, :, None]
        ends = responses_db(
            [b.shape for b in self.bands] * moved.shape[0],
            np.exp(moved[:, 1]).ravel(),
            moved[:, 0].ravel(),
            np.exp(moved[:, 2]).ravel(),
            band_centres_hz(),
        ).reshape(2, 3, k, -1)
        slopes: Floats = (ends[0] - ends[1]) / (2.0 * np.array(_STEPS)[:, None, None])
        return slopes
