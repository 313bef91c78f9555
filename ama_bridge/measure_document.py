"""The document of `ama measure --json`: keys as docs/reference.md lists them, null where a figure does not exist."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ama_analysis.codec import Json
from ama_analysis.errors import AmaError
from ama_analysis.measurements import TrackMeasurements

Measured = tuple[Path, TrackMeasurements]
Unreadable = tuple[Path, AmaError]


def measure_document(files: Sequence[Measured], errors: Sequence[Unreadable]) -> Json:
    """Return the whole document; files that could not be measured stand under `errors`."""
    document: dict[str, Json] = {"files": [_file(path, figures) for path, figures in files]}
    if errors:
        document["errors"] = [
            {"path": str(path), "code": error.code, "message": error.sentence()}
            for path, error in errors
        ]
    return document


def _file(path: Path, figures: TrackMeasurements) -> Json:
    loudness, dynamics, stereo = figures.loudness, figures.dynamics, figures.stereo
    return {
        "path": str(path),
        "sample_rate_hz": figures.sample_rate_hz,
        "channels": figures.channels,
        "duration_s": figures.duration_s,
        "integrated_lufs": loudness.integrated_lufs,
        "loudness_range_lu": loudness.loudness_range_lu,
        "max_momentary_lufs": loudness.max_momentary_lufs,
        "max_short_term_lufs": loudness.max_short_term_lufs,
        "true_peak_dbtp": loudness.true_peak_dbtp,
        "sample_peak_dbfs": loudness.sample_peak_dbfs,
        "plr_db": loudness.plr_db,
        "rms_dbfs": dynamics.rms_dbfs,
        "crest_factor_db": dynamics.crest_factor_db,
        "noise_floor_dbfs": dynamics.noise_floor_dbfs,
        "active_fraction": dynamics.active_fraction,
        "active_rms_dbfs": dynamics.active_rms_dbfs,
        "active_crest_factor_db": dynamics.active_crest_factor_db,
        "onset_rate_hz": dynamics.onset_rate_hz,
        "dc_offset": dynamics.dc_offset,
        "clips": dynamics.clips,
        "stereo_width": stereo.width,
        "stereo_balance_db": stereo.balance_db,
        "correlation": stereo.correlation,
        "low_correlation": stereo.low_correlation,
        "low_side_share": stereo.low_side_share,
        "spectrum": _spectrum(figures),
        "features": _features(figures),
    }


def _spectrum(figures: TrackMeasurements) -> Json:
    bands = figures.spectrum.third_octave
    return {
        "freq_hz": list(bands.freq_hz),
        "level_db": list(bands.level_db),
        "mid_db": list(bands.mid_db),
        "side_db": list(bands.side_db),
        "tilt_db_per_oct": figures.spectrum.tilt_db_per_oct,
    }


def _features(figures: TrackMeasurements) -> Json:
    features = figures.features
    return {
        "rms_energy": features.rms_energy,
        "spectral_centroid_hz": features.spectral_centroid_hz,
        "spectral_rolloff_hz": features.spectral_rolloff_hz,
        "spectral_bandwidth_hz": features.spectral_bandwidth_hz,
        "zero_crossing_rate": features.zero_crossing_rate,
        "mfcc": list(features.mfcc),
        "dynamic_range_db": features.dynamic_range_db,
    }
