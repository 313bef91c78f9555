"""Measurements made of numbers, for rules that see nothing else.

A made stem has a flat third-octave spectrum between `low_hz` and `high_hz` and silence outside; what a test is about is set by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ama_analysis.bands import FLOOR_DB, THIRD_OCTAVE_HZ, erb_bands, twelfth_octave_bands
from ama_analysis.measurements import (
    BandLevels,
    Dynamics,
    Features,
    Levels,
    Loudness,
    MixProfile,
    PairMeasurements,
    SessionMeasurements,
    Spectrum,
    Stereo,
    TrackMeasurements,
    TwoLevels,
)
from ama_analysis.presets import load_target
from ama_analysis.roles import Role
from ama_analysis.session import Session, Track
from ama_analysis.target import Target

SILENCE_DB = -120.0
SWING_DB = 20.0
"""How much a band of a made stem changes over time."""


def levels(
    *,
    low_hz: float = 100.0,
    high_hz: float = 8000.0,
    level_db: float = -30.0,
    points: Iterable[tuple[float, float]] = (),
) -> Levels:
    """Return 31 third-octave levels: flat inside, silence outside, single bands set by `points` (Hz, dB)."""
    inside = (low_hz <= THIRD_OCTAVE_HZ) & (high_hz >= THIRD_OCTAVE_HZ)
    values = np.where(inside, level_db, SILENCE_DB)
    for freq, value in points:
        values[int(np.argmin(np.abs(np.log(THIRD_OCTAVE_HZ / freq))))] = value
    return tuple(float(value) for value in values)


def stem(**set_to: Any) -> TrackMeasurements:
    """Return measurements of a stem; keys are listed in `_DEFAULTS`, every one is a plain number or list."""
    unknown = set_to.keys() - _DEFAULTS.keys()
    assert not unknown, f"the factory knows no {sorted(unknown)}"
    made = {**_DEFAULTS, **set_to}
    peak = None if made["lufs"] is None else made["active_rms"] + made["crest"]
    loud_lufs = (
        None if peak is None else peak - made["loud_crest"] - 0.691 + 10.0 * float(np.log10(2.0))
    )
    return TrackMeasurements(
        sample_rate_hz=44_100,
        channels=2,
        duration_s=30.0,
        loudness=Loudness(
            integrated_lufs=made["lufs"],
            loudness_range_lu=made["range_lu"],
            max_momentary_lufs=loud_lufs,
            max_short_term_lufs=made["lufs"],
            true_peak_dbtp=peak,
            sample_peak_dbfs=peak,
        ),
        dynamics=Dynamics(
            rms_dbfs=made["active_rms"],
            crest_factor_db=made["crest"],
            noise_floor_dbfs=-90.0,
            active_fraction=made["active"],
            active_rms_dbfs=made["active_rms"],
            active_crest_factor_db=made["crest"],
            onset_rate_hz=made["onsets_hz"],
            dc_offset=0.0,
            two_levels=None if made["bleed"] is None else TwoLevels(**made["bleed"]),
        ),
        spectrum=_spectrum(made),
        stereo=Stereo(
            width=made["width"],
            balance_db=0.0,
            correlation=1.0,
            low_correlation=1.0,
            low_side_share=made["low_side"],
        ),
        features=Features(
            rms_energy=0.1,
            spectral_centroid_hz=made["centroid_hz"],
            spectral_rolloff_hz=4000.0,
            spectral_bandwidth_hz=1500.0,
            zero_crossing_rate=0.1,
            mfcc=(0.0,) * 13,
            dynamic_range_db=15.0,
        ),
    )


_DEFAULTS: Mapping[str, Any] = {
    "lufs": -20.0,
    "range_lu": 4.0,
    "crest": 14.0,
    "loud_crest": 8.0,
    "active_rms": -20.0,
    "bleed": None,
    "active": 1.0,
    "onsets_hz": 0.0,
    "centroid_hz": 1000.0,
    "width": 0.0,
    "low_side": 0.0,
    "low_hz": 100.0,
    "high_hz": 8000.0,
    "points": (),
    "steady": (),
    "peaks": (),
}


def _spectrum(made: Mapping[str, Any]) -> Spectrum:
    mean = levels(low_hz=made["low_hz"], high_hz=made["high_hz"], points=made["points"])
    swing = np.full(31, SWING_DB)
    for freq, value in made["steady"]:
        swing[int(np.argmin(np.abs(np.log(THIRD_OCTAVE_HZ / freq))))] = value
    loud = np.array(mean) + 3.0
    fine_hz, _ = twelfth_octave_bands()
    fine = np.interp(np.log(fine_hz), np.log(THIRD_OCTAVE_HZ), np.array(mean) - 6.0)
    for freq, value in made["peaks"]:
        fine[int(np.argmin(np.abs(np.log(fine_hz / freq))))] += value
    erb_hz, _ = erb_bands()
    erb = np.interp(np.log(erb_hz), np.log(THIRD_OCTAVE_HZ), mean)
    return Spectrum(
        third_octave=_bands(THIRD_OCTAVE_HZ, mean),
        erb=_bands(erb_hz, erb),
        quiet_db=_tuple(loud - swing),
        loud_db=_tuple(loud),
        fine_freq_hz=_tuple(fine_hz),
        fine_db=_tuple(fine),
        tilt_db_per_oct=-4.5,
    )


def _bands(freq_hz: Any, level_db: Any) -> BandLevels:
    same = _tuple(level_db)
    side = (FLOOR_DB,) * len(same)
    return BandLevels(
        freq_hz=_tuple(freq_hz), left_db=same, right_db=same, mid_db=same, side_db=side
    )


def _tuple(values: Any) -> Levels:
    return tuple(float(value) for value in values)


def track(track_id: str, role: Role = "other", **set_to: Any) -> Track:
    """Return a track with a role that is sure, or with none."""
    sure = 0.0 if role == "other" else 0.95
    made = {"role_confidence": sure, **set_to}
    return Track(id=track_id, name=track_id, path=Path(f"{track_id}.wav"), role=role, **made)


def session(*tracks: Track) -> Session:
    """Return a session of these tracks."""
    return Session(name="made", tracks=tracks, sample_rate_hz=44_100, duration_s=30.0)


def measured(
    stems: Mapping[str, TrackMeasurements], pairs: Iterable[PairMeasurements] = ()
) -> SessionMeasurements:
    """Return the measurements of a session."""
    return SessionMeasurements(tracks=stems, pairs=tuple(pairs), skipped={})


def pair(first: str, second: str, **set_to: Any) -> PairMeasurements:
    """Return a pair that has nothing in common but what is set."""
    made: dict[str, Any] = {
        "overlap": 0.0,
        "low_overlap": 0.0,
        "first_masked": 0.0,
        "second_masked": 0.0,
        "masked_freq_hz": None,
        **set_to,
    }
    return PairMeasurements(first=first, second=second, **made)


def mix_like(target: Target, **set_to: Any) -> MixProfile:
    """Return the profile of a mix that is as the target wants it, but for what is set; `points` are added to its bands (Hz, dB)."""
    points = set_to.pop("points", ())
    profile = target.profile
    bands = np.array(profile.third_octave_db)
    for freq, value in points:
        near = np.argmin(np.abs(np.log(THIRD_OCTAVE_HZ[2:30] / freq)))
        bands[int(near)] += value
    return replace(profile, third_octave_db=_tuple(bands), **set_to)


def pop() -> Target:
    """Return the pop target."""
    return target("pop")


def target(style: str) -> Target:
    """Return the target of a style."""
    return load_target(style)
