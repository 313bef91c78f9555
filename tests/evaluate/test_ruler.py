"""The benchmark's own metrics: against libebur128, against AMA's streamed meters, and against arithmetic."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.audio import Audio, as_stereo, open_audio, read_audio
from ama_analysis.distance import distance
from ama_analysis.evaluate.loudness import (
    integrated_lufs,
    k_weighted,
    loudness_range_lu,
    true_peak,
)
from ama_analysis.evaluate.metrics import ROWS, Features, compare, features_of
from ama_analysis.measure import measure_mix, reference_target
from ama_analysis.presets import load_target
from tests.evaluate.conftest import human_sum, made_stems
from tests.measure.independent import libebur128
from tests.real_data import REFERENCES, SESSIONS, needs_real_data
from tests.signals import noise, silence, sine

METER_LU = 0.01
"""Between two implementations of BS.1770 on the same array (libebur128 has the same blocks)."""
PEAK_DB = 0.35
"""SciPy's interpolator is longer than libebur128's 12 taps; noise has the most between its samples."""
STREAMED = 1e-3
"""AMA's meters work in float32 and in bands of 0.01 LU; their Bark triangles are straight in Bark, the ruler's in Hz."""
PEAK_ROWS_DB = 0.2
"""Both interpolate peaks, by filters of different length (see `PEAK_DB`); seen: 0.15 dB."""
EXACT = 1e-9
RESAMPLED = 2e-3
"""Of a power: what lies between 22 and 24 kHz is not in the features, which are taken at 44.1 kHz."""


def features(audio: Audio) -> Features:
    found = features_of(audio)
    assert found is not None
    return found


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 96_000])
def test_loudness_range_and_peak_agree_with_libebur128(rate_hz: int) -> None:
    quiet = noise(rms_dbfs=-40.0, duration_s=8.0, sample_rate_hz=rate_hz, pink=True)
    loud = noise(rms_dbfs=-20.0, duration_s=8.0, sample_rate_hz=rate_hz, pink=True, seed=2)
    samples = np.concatenate((quiet.samples, loud.samples), axis=1)
    other = libebur128(samples, rate_hz)
    weighted = k_weighted(samples.astype(np.float64), rate_hz)
    assert integrated_lufs(weighted, rate_hz) == pytest.approx(other.integrated_lufs, abs=METER_LU)
    assert loudness_range_lu(weighted, rate_hz) == pytest.approx(
        other.loudness_range_lu, abs=METER_LU * 10
    )
    peak_db = 20.0 * math.log10(true_peak(samples.astype(np.float64)))
    assert peak_db == pytest.approx(other.true_peak_dbtp, abs=PEAK_DB)


def test_a_full_scale_sine_between_the_samples_has_its_true_peak() -> None:
    quarter = sine(11_025.0, level_dbfs=0.0, sample_rate_hz=44_100, phase=math.pi / 4.0)
    assert float(np.max(np.abs(quarter.samples))) == pytest.approx(math.sqrt(0.5), abs=1e-3)
    steady = quarter.samples[:, 1000:-1000].astype(np.float64)
    assert 20.0 * math.log10(true_peak(steady)) == pytest.approx(0.0, abs=0.6)


def test_silence_has_no_features() -> None:
    assert features_of(silence(duration_s=2.0)) is None


def test_a_sound_is_at_no_distance_from_itself_at_any_level() -> None:
    mix = human_sum(made_stems(1))
    quieter = Audio(mix.samples * np.float32(0.25), mix.sample_rate_hz)
    rows = compare(features(mix), features(quieter))
    assert set(rows) == set(ROWS)
    assert max(rows.values()) < 1e-4


def test_width_counts_side_over_mid() -> None:
    left = noise(duration_s=4.0, channels=1, seed=3).samples
    right = noise(duration_s=4.0, channels=1, seed=4).samples
    independent = features(Audio(np.concatenate((left, right)), 48_000))
    assert independent.width == pytest.approx(1.0, abs=0.02)
    assert independent.correlation == pytest.approx(0.0, abs=0.02)
    mono = features(Audio(np.concatenate((left, left)), 48_000))
    assert (mono.width, mono.correlation) == pytest.approx((0.0, 1.0), abs=EXACT)


def test_a_mono_mix_costs_af_a_side_spectrum_and_af_star_a_floor() -> None:
    wide = noise(duration_s=4.0, pink=True)
    mono = Audio(np.repeat(wide.samples[:1], 2, axis=0), wide.sample_rate_hz)
    rows = compare(features(mono), features(wide))
    assert rows["af"] > 20.0
    assert rows["af_star"] < 3.0


def test_left_and_right_changed_over_cost_af_and_not_af_star() -> None:
    wide = noise(duration_s=4.0, pink=True).samples * np.array([[1.0], [0.5]], np.float32)
    one, other = Audio(wide, 48_000), Audio(np.ascontiguousarray(wide[::-1]), 48_000)
    rows = compare(features(one), features(other))
    left, right = np.mean(np.square(wide, dtype=np.float64), axis=1)
    imbalance = float((left - right) / (left + right))
    assert rows["af"] - rows["af_star"] == pytest.approx((2.0 * imbalance) ** 2, rel=RESAMPLED)


def test_a_tilt_shows_as_tonal_error() -> None:
    flat = noise(duration_s=4.0)
    pink = noise(duration_s=4.0, pink=True)
    rows = compare(features(pink), features(flat))
    bands = np.arange(28)
    expected = float(np.mean(np.abs(bands - np.median(bands))))
    assert rows["tonal_db"] == pytest.approx(expected, abs=0.3)


def _against_the_product(mix: Path, reference: Path) -> None:
    ours = compare(features(read_audio(mix)), features(read_audio(reference)))
    streamed = [measure_mix(open_audio(path)) for path in (mix, reference)]
    assert streamed[0] is not None
    assert streamed[1] is not None
    target = reference_target([("reference", streamed[1])], load_target("neutral"))
    theirs = distance(streamed[0], target)
    assert ours["af_star"] == pytest.approx(theirs.total, abs=STREAMED, rel=0.02)
    assert ours["tonal_db"] == pytest.approx(theirs.tonal_db, abs=0.02)
    assert ours["width_db"] == pytest.approx(theirs.width_db, abs=STREAMED)
    assert ours["crest_db"] == pytest.approx(theirs.crest_db, abs=STREAMED)
    assert ours["plr_db"] == pytest.approx(theirs.plr_db, abs=PEAK_ROWS_DB)
    assert ours["lra_lu"] == pytest.approx(theirs.loudness_range_lu, abs=0.05)


def test_the_ruler_and_the_streamed_meters_agree(suite: Path, song: Path) -> None:
    _against_the_product(suite / "first" / "mix.wav", song)


@needs_real_data
def test_the_ruler_and_the_streamed_meters_agree_on_music() -> None:
    mix = SESSIONS / "nc_easton_ellises_falcon69" / "mix.flac"
    _against_the_product(mix, REFERENCES / "xmoto_speeditup.ogg")


def test_mono_files_count_as_two_equal_channels() -> None:
    one = noise(duration_s=2.0, channels=1)
    both = Audio(np.ascontiguousarray(as_stereo(one.samples)), one.sample_rate_hz)
    assert max(compare(features(one), features(both)).values()) < EXACT
