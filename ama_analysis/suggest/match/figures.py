"""What goes into the model of a mix and what comes out: settings, predicted figures, and what makes up for what the model leaves out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ama_analysis.bands import BARK_BANDS, NEPER_PER_DB, THIRD_OCTAVE_HZ, TONAL_BANDS, Floats
from ama_analysis.measurements import MixProfile
from ama_analysis.style_profile import SIDE_FLOOR_DB

_LEAST_WIDTH = 1e-4
_CLEAR_LN = 0.5
"""A side band this far above its floor was measured; nearer, it is the floor."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Setting:
    """Where everything stands: gain in dB per track and band, (n, bands), and pan per track, (n)."""

    curve_db: Floats
    pan: Floats


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Predicted:
    """The figures of `MixProfile` that the distance looks at; logarithms where the profile has them."""

    loudness_lufs: float
    mid_ln: Floats
    side_ln: Floats
    rms: Floats
    width: float
    imbalance: float
    tonal_db: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """AF* without its crest term (static settings are not held responsible for that), the tonal and width rows, side over mid."""

    af: float
    tonal_db: float
    width_db: float
    side_over_mid_db: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Calibration:
    """What is added to predictions so that they meet a measured mix."""

    loudness_lu: float = 0.0
    mid_ln: Floats
    side_ln: Floats
    width_ln: float = 0.0
    tonal_db: Floats


def no_calibration() -> Calibration:
    """Return the one that adds nothing."""
    tonal = THIRD_OCTAVE_HZ[TONAL_BANDS].size
    return Calibration(
        mid_ln=np.zeros(BARK_BANDS), side_ln=np.zeros(BARK_BANDS), tonal_db=np.zeros(tonal)
    )


def calibrated(predicted: Predicted, measured: MixProfile) -> Calibration:
    """Return what a prediction (without calibration) lacks to a measured mix of the same setting.

    Where the mix has no side to measure, the side's bands take over what the mid's need.
    """
    loudness_lu = measured.integrated_lufs - predicted.loudness_lufs
    louder_ln = loudness_lu * NEPER_PER_DB  # predictions at -16 LUFS will be this much lower
    mid = np.array(measured.af_mid_ln) - predicted.mid_ln + louder_ln
    side_measured = np.array(measured.af_side_ln)
    floor = np.array(measured.af_mid_ln) + SIDE_FLOOR_DB * NEPER_PER_DB
    side = np.where(
        side_measured > floor + _CLEAR_LN, side_measured - predicted.side_ln + louder_ln, mid
    )
    width = math.log(max(measured.af_width, _LEAST_WIDTH) / max(predicted.width, _LEAST_WIDTH))
    return Calibration(
        loudness_lu=loudness_lu,
        mid_ln=mid,
        side_ln=side,
        width_ln=width,
        tonal_db=np.array(measured.third_octave_db) - predicted.tonal_db,
    )
