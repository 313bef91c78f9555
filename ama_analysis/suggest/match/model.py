"""What a mix of given faders, pans and equaliser curves would measure, and how far it would lie from the target: in closed form.

The powers of L+R, L-R, L and R in each band and segment are quadratic forms of `CrossSpectra`; loudness, the AF figures and the third-octave
levels follow from them, and so does the derivative of the distance by every gain and every pan (`forward`). What the formulas leave out -
windows of another length, magnitudes that are not those of noise - is made up for by samples and by a calibration on one measured mix.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ama_analysis.bands import Floats
from ama_analysis.cross_spectra import SPLIT, CrossSpectra
from ama_analysis.distance import beyond, tonal_error_db
from ama_analysis.measurements import MixProfile
from ama_analysis.suggest.match.figures import (
    Calibration,
    Judged,
    Predicted,
    Setting,
    calibrated,
    no_calibration,
)
from ama_analysis.suggest.match.forward import Forward
from ama_analysis.suggest.match.tables import TINY, TONAL, Tables
from ama_analysis.target import Target

TONAL_WEIGHT: Final = 0.001
"""What a squared decibel of tonal error (mean over 28 bands) counts beside AF*, whose Bark spectra charge 0.0013 for it."""


class MixModel:
    """A session's products and a target."""

    def __init__(self, spectra: CrossSpectra, target: Target) -> None:
        """Prepare the tables."""
        self._tables = Tables.of(spectra)
        self._target = target
        self._calibration: Calibration = no_calibration()
        self._sparse: tuple[Floats, Floats] = (np.ones(self.bands), np.ones(self.bands))

    @property
    def bands(self) -> int:
        """How many bands a curve has."""
        return self._tables.bands

    def predicted(self, setting: Setting) -> Predicted:
        """Return the figures of a mix."""
        return self._forward(setting).figures

    def calibrate(self, setting: Setting, measured: MixProfile) -> None:
        """Meet a measured mix of this setting from now on."""
        self._calibration = no_calibration()
        self.look_closer(setting)
        self._calibration = calibrated(self.predicted(setting), measured)

    def look_closer(self, setting: Setting) -> None:
        """Find anew, from the samples, what magnitudes are like around this setting."""
        self._sparse = self._tables.sparseness(setting)

    def judged(self, setting: Setting) -> Judged:
        """Return how far a mix would lie from the target, by the rows of `distance`."""
        forward = self._forward(setting)
        goal, spread = self._target.profile, self._target.spread
        side_over_mid = 10.0 * math.log10(max(forward.figures.width, TINY))
        return Judged(
            af=forward.charged(self._target, TONAL_WEIGHT).af,
            tonal_db=tonal_error_db(forward.figures.tonal_db, self._target),
            width_db=abs(float(beyond(side_over_mid - goal.width_db, spread.width_db))),
            side_over_mid_db=side_over_mid,
        )

    def cost(
        self, setting: Setting, *, tonal_weight: float = TONAL_WEIGHT
    ) -> tuple[float, Floats, Floats]:
        """Return AF* (without crest) and the weighted tonal error, and its derivatives by `curve_db` and `pan`."""
        forward = self._forward(setting)
        return forward.derivatives(forward.charged(self._target, tonal_weight))

    def shares(self, setting: Setting) -> Floats:
        """Return each track's share of the power in the 28 third-octaves, (n, 28), as if the tracks did not interfere."""
        powers = self._tables.track_powers(setting)[:, TONAL]
        thirds = powers.reshape(powers.shape[0], -1, SPLIT).sum(axis=2) + TINY
        shares: Floats = thirds / thirds.sum(axis=0)
        return shares

    def track_loudness_db(self, place: int, setting: Setting) -> float:
        """Return a track's K-weighted power, dB."""
        powers = self._tables.track_powers(setting)[place]
        return 10.0 * math.log10(float(powers @ self._tables.loud) + TINY)

    def _forward(self, setting: Setting) -> Forward:
        return Forward(self._tables, setting, self._calibration, self._sparse)
