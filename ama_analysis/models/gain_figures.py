"""A stem as the gain predictor counts it: its measurements and role as numbers that no fader before it changes. Pure numpy.

`figures_of` gives one row; `NAMES` say what stands where. `level_lufs` is what the predictor's answers are relative to: the loudness of the louder
side, counted twice. Panning by a linear balance, to whichever side, leaves it where it was in stems that are alike left and right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.measurements import TrackMeasurements
from ama_analysis.presets import load_target
from ama_analysis.roles import ROLES, Role, RoleGuess
from ama_analysis.session import Track
from ama_analysis.suggest.balance import levels_of_roles
from ama_analysis.suggest.rule import Voice

SHAPE_BANDS: Final = 10
"""The 31 third-octave bands in groups of three, the last one of four."""
MFCCS: Final = 12
_FIGURES: Final = (
    "peak_to_loudness_db", "crest_db", "active_crest_db", "loudness_range_lu", "momentary_above_lu", "short_term_above_lu",
    "active_above_db", "k_weighting_db", "active_share", "active_share_log", "onset_rate_log", "centroid_oct",
    "rolloff_oct", "bandwidth_oct", "crossings_oct", "dynamic_range_db", "tilt_db_per_oct", "floor_below_db",
    "width", "correlation", "low_side_share", "balance_db", "louder_side_db",
)  # fmt: skip
NAMES: Final = (
    *_FIGURES,
    *(f"shape_{band}" for band in range(SHAPE_BANDS)),
    *(f"mfcc_{number}" for number in range(1, MFCCS + 1)),
    *(f"role {role}" for role in ROLES),
)
ROLE_COLUMNS: Final = slice(len(NAMES) - len(ROLES), len(NAMES))
_BOTH_SIDES_LU: Final = 10.0 * math.log10(2.0)
RULES_STYLE: Final = "neutral"
_MOST_SIDE_DB: Final = 12.0
"""A stem that is further to one side is taken for that far."""


def level_lufs(heard: TrackMeasurements) -> float | None:
    """Return the loudness of a stem's louder side counted twice, None for silence."""
    loudness = heard.loudness.integrated_lufs
    if loudness is None:
        return None
    if heard.channels == 1:
        return loudness + _BOTH_SIDES_LU
    return loudness + _louder_side_db(heard)


def _louder_side_db(heard: TrackMeasurements) -> float:
    """Return how far twice the louder side lies above both together, 0 to 3 dB."""
    if heard.channels == 1:
        return 0.0
    away = min(abs(heard.stereo.balance_db), _MOST_SIDE_DB)
    return _BOTH_SIDES_LU - 10.0 * math.log10(1.0 + 10.0 ** (-away / 10.0))


def figures_of(heard: TrackMeasurements, role: Role, role_confidence: float) -> NDArray[np.float32]:
    """Return the row of an audible stem, (len(`NAMES`),) float32; the role counts as far as it is sure."""
    roles = [role_confidence * (name == role) for name in ROLES]
    row = [*_levels(heard), *_times(heard), *_tone(heard), *_image(heard), *_shape(heard)]
    row += [value / 20.0 for value in heard.features.mfcc[1 : MFCCS + 1]]
    return np.array([*row, *roles], np.float32)


def rules_lu(heard: Sequence[TrackMeasurements], roles: Sequence[RoleGuess]) -> NDArray[np.float32]:
    """Return where AMA's rules would put stems of these roles, LU against the mix (n,), by the style "neutral", whatever their levels."""
    styles = load_target(RULES_STYLE).roles
    voices = [
        Voice(
            track=Track(
                id=str(at),
                name=str(at),
                path=Path(str(at)),
                role=guess.role,
                role_confidence=guess.confidence,
            ),
            heard=figures,
            style=styles[guess.role],
            level_lufs=0.0,
        )
        for at, (figures, guess) in enumerate(zip(heard, roles, strict=True))
    ]
    return np.array(levels_of_roles(voices), np.float32)


def _levels(heard: TrackMeasurements) -> list[float]:
    loud, dynamics = heard.loudness, heard.dynamics
    level = loud.integrated_lufs or 0.0
    rms = _or(dynamics.rms_dbfs, level)
    return [
        _or(loud.sample_peak_dbfs, level) - level,
        _or(dynamics.crest_factor_db, 0.0),
        _or(dynamics.active_crest_factor_db, 0.0),
        _or(loud.loudness_range_lu, 0.0),
        _or(loud.max_momentary_lufs, level) - level,
        _or(loud.max_short_term_lufs, level) - level,
        _or(dynamics.active_rms_dbfs, rms) - rms,
        level - _or(dynamics.active_rms_dbfs, rms),
    ]


def _times(heard: TrackMeasurements) -> list[float]:
    share = max(heard.dynamics.active_fraction, 0.003)
    return [share, math.log2(share), math.log2(1.0 + heard.dynamics.onset_rate_hz)]


def _tone(heard: TrackMeasurements) -> list[float]:
    features = heard.features
    rates = (
        features.spectral_centroid_hz,
        features.spectral_rolloff_hz,
        features.spectral_bandwidth_hz,
        features.zero_crossing_rate * heard.sample_rate_hz / 2.0,
    )
    rms, floor = heard.dynamics.rms_dbfs, heard.dynamics.noise_floor_dbfs
    below = 80.0 if rms is None or floor is None else min(max(rms - floor, 0.0), 80.0)
    octaves = [math.log2(max(rate, 20.0) / 1000.0) for rate in rates]
    return [*octaves, features.dynamic_range_db, _or(heard.spectrum.tilt_db_per_oct, 0.0), below]


def _image(heard: TrackMeasurements) -> list[float]:
    stereo = heard.stereo
    balance = min(max(stereo.balance_db, -_MOST_SIDE_DB), _MOST_SIDE_DB)
    return [
        min(stereo.width, 2.0),
        stereo.correlation,
        stereo.low_side_share,
        balance,
        _louder_side_db(heard),
    ]


def _shape(heard: TrackMeasurements) -> list[float]:
    """Return third-octave levels in groups, relative to their sum, from -60 dB up, in tens of dB."""
    power = 10.0 ** (np.array(heard.spectrum.third_octave.level_db) / 10.0)
    groups = np.array([part.sum() for part in np.split(power, range(3, 28, 3))])
    relative = 10.0 * np.log10(groups / max(power.sum(), 1e-20) + 1e-6)
    return [float(value) / 10.0 for value in relative]


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
