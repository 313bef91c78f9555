"""How far a mix lies from its target: AF* and the rows beside it.

AF is the audio-feature loss of Diff-MST (Vanka, Steinmetz, Rolland, Reiss, Fazekas, ISMIR 2024):
0.1 mse(RMS) + 0.001 mse(crest in dB) + 1 (width)^2 + 1 (imbalance)^2 + 0.1 mse(ln Bark spectra of L+R and L-R). AF* is AF with both
sides at -16 LUFS, the side spectrum floored 40 dB below the mid, and the imbalance taken as absolute value (AF itself charges about
33 for a mono mix, whatever else is right). Differences count only beyond the target's spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ama_analysis.bands import Floats
from ama_analysis.measurements import MixProfile
from ama_analysis.target import ANYTHING_DB, Target

METRIC: Final = "AF*"
WEIGHT_RMS: Final = 0.1
WEIGHT_CREST: Final = 0.001
WEIGHT_WIDTH: Final = 1.0
WEIGHT_IMBALANCE: Final = 1.0
WEIGHT_BARK: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Distance:
    """The total (AF*), its five terms (weighted, they add up to the total), and rows in dB and LU that stand for themselves."""

    total: float
    rms: float
    crest: float
    width: float
    imbalance: float
    spectrum: float
    tonal_db: float
    width_db: float
    plr_db: float
    crest_db: float
    loudness_range_lu: float
    loudness_lu: float

    def parts(self) -> dict[str, float]:
        """Return every row but the total by name, in a fixed order."""
        return {
            "af_spectrum": self.spectrum,
            "af_width": self.width,
            "af_imbalance": self.imbalance,
            "af_crest": self.crest,
            "af_rms": self.rms,
            "tonal_db": self.tonal_db,
            "width_db": self.width_db,
            "plr_db": self.plr_db,
            "crest_db": self.crest_db,
            "loudness_range_lu": self.loudness_range_lu,
            "loudness_lu": self.loudness_lu,
        }


def beyond(difference: ArrayLike, spread: ArrayLike) -> Floats:
    """Return what is left of differences once the deadband is taken off (sign kept)."""
    value = np.asarray(difference, dtype=np.float64)
    return np.sign(value) * np.maximum(np.abs(value) - np.asarray(spread, dtype=np.float64), 0.0)


def compared_bands(target: Target) -> NDArray[np.bool_]:
    """Return which of the 28 third-octave bands a target says something of."""
    return np.array(target.spread.third_octave_db) < ANYTHING_DB


def tonal_difference_db(third_octave_db: ArrayLike, target: Target) -> Floats:
    """Return the levels of a mix in the 28 third-octave bands less the target's, beyond the spread, dB; the median of what is compared is taken off."""
    difference = np.asarray(third_octave_db) - np.array(target.profile.third_octave_db)
    middle = np.median(difference[compared_bands(target)])
    return beyond(difference - middle, target.spread.third_octave_db)


def tonal_error_db(third_octave_db: ArrayLike, target: Target) -> float:
    """Return how far the levels of a mix lie from the target's in the mean over the third-octave bands that are compared, dB."""
    return float(
        np.mean(np.abs(tonal_difference_db(third_octave_db, target))[compared_bands(target)])
    )


def distance(mix: MixProfile, target: Target) -> Distance:
    """Return how far a mix lies from its target."""
    goal, spread = target.profile, target.spread
    mid = beyond(np.array(mix.af_mid_ln) - np.array(goal.af_mid_ln), spread.af_mid_ln)
    side = beyond(np.array(mix.af_side_ln) - np.array(goal.af_side_ln), spread.af_side_ln)
    rms = WEIGHT_RMS * float(np.mean((np.array(mix.af_rms) - np.array(goal.af_rms)) ** 2))
    crest_difference = beyond(
        np.array(mix.af_crest_db) - np.array(goal.af_crest_db), spread.crest_db
    )
    crest = WEIGHT_CREST * float(np.mean(crest_difference**2))
    width = WEIGHT_WIDTH * float(beyond(mix.af_width - goal.af_width, spread.af_width)) ** 2
    imbalance = WEIGHT_IMBALANCE * (mix.af_imbalance - goal.af_imbalance) ** 2
    spectrum = WEIGHT_BARK * float(np.mean(np.concatenate((mid, side)) ** 2))
    return Distance(
        total=rms + crest + width + imbalance + spectrum,
        rms=rms,
        crest=crest,
        width=width,
        imbalance=imbalance,
        spectrum=spectrum,
        tonal_db=tonal_error_db(mix.third_octave_db, target),
        width_db=abs(float(beyond(mix.width_db - goal.width_db, spread.width_db))),
        plr_db=abs(float(beyond(mix.plr_db - goal.plr_db, spread.plr_db))),
        crest_db=abs(float(beyond(mix.crest_db - goal.crest_db, spread.crest_db))),
        loudness_range_lu=abs(
            float(beyond(mix.loudness_range_lu - goal.loudness_range_lu, spread.loudness_range_lu))
        ),
        loudness_lu=abs(mix.integrated_lufs - target.loudness_lufs),
    )
