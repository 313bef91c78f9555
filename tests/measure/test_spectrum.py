"""Levels in bands: sines, white and pink noise, percentiles over time, tilt."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.audio import Audio
from ama_analysis.bands import (
    FLOOR_DB,
    THIRD_OCTAVE_HZ,
    BandSums,
    band_matrix,
    band_powers,
    erb_bands,
    third_octave_edges,
)
from ama_analysis.measure import measure_sound
from ama_analysis.measurements import TrackMeasurements
from tests.signals import clicks, noise, silence, sine

SINE_DB = 0.05
"""A tone in the middle of a band: what leaks out of it."""
FAR_DB = 60.0
"""Two octaves away a tone is gone but for the clicks of its abrupt ends."""
NOISE_DB = 0.5
"""Ten seconds of noise in bands from 200 Hz up: three standard errors of the narrowest."""
TILT_DB = 0.1
STEP_DB = 0.5
"""Percentiles lie in bins of half a decibel."""


def index(freq_hz: float) -> int:
    return int(np.abs(THIRD_OCTAVE_HZ - freq_hz).argmin())


def total_db(levels: tuple[float, ...]) -> float:
    return float(10.0 * np.log10(np.sum(10.0 ** (np.array(levels) / 10.0))))


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("freq_hz", [100.0, 1000.0, 2511.9])
def test_a_sine_shows_its_level_in_its_band(freq_hz: float, rate_hz: int):
    audio = sine(freq_hz, level_dbfs=-20.0, duration_s=3.0, sample_rate_hz=rate_hz)
    levels = measure_sound(audio).spectrum.third_octave
    assert levels.mid_db[index(freq_hz)] == pytest.approx(-23.01, abs=SINE_DB)
    assert levels.side_db[index(freq_hz)] == FLOOR_DB
    far = [db for hz, db in zip(levels.freq_hz, levels.mid_db, strict=True) if hz > 4 * freq_hz]
    assert max(far, default=-200.0) < -20.0 - FAR_DB


def test_white_noise_is_flat_in_density():
    audio = noise(rms_dbfs=-20.0, duration_s=10.0)
    levels = np.array(measure_sound(audio).spectrum.third_octave.level_db)
    expected = -20.0 + 10.0 * np.log10(np.diff(third_octave_edges()) / 24_000.0)
    from_200 = slice(index(200.0), index(20_000.0))
    assert levels[from_200] == pytest.approx(expected[from_200], abs=NOISE_DB)


@pytest.mark.parametrize(("pink", "slope"), [(False, 0.0), (True, -3.01)])
def test_tilt_of_white_and_pink_noise(pink: bool, slope: float):
    spectrum = measure_sound(noise(pink=pink, duration_s=20.0)).spectrum
    assert spectrum.tilt_db_per_oct == pytest.approx(slope, abs=TILT_DB)


def test_pink_noise_is_level_in_bands_of_equal_ratio():
    spectrum = measure_sound(noise(pink=True, duration_s=20.0)).spectrum
    third = np.array(spectrum.third_octave.level_db)[index(200.0) : index(16_000.0)]
    fine = np.array(spectrum.fine_db)[60:108]
    assert np.ptp(third) < 2 * NOISE_DB
    assert fine.mean() == pytest.approx(third.mean() - 10.0 * np.log10(3.986), abs=NOISE_DB)


@pytest.mark.parametrize(
    "audio",
    [noise(), clicks(0.3), noise(duration_s=0.01), sine(997.0, duration_s=0.5)],
    ids=["noise", "clicks", "short", "sine"],
)
def test_the_spectrum_adds_up_to_the_mean_square(audio: Audio):
    """The window is power-complementary: every sample counts alike, wherever it lies."""
    low_passed = (
        audio.samples
    )  # all test signals keep within 17.8 Hz and 22.4 kHz, but for what is checked here
    spectrum = np.abs(np.fft.rfft(low_passed[0].astype(np.float64))) ** 2
    freq = np.fft.rfftfreq(audio.frames, 1.0 / audio.sample_rate_hz)
    edges = third_octave_edges()
    inside = spectrum[(freq >= edges[0]) & (freq <= edges[-1])].sum() / spectrum.sum()
    mean_square = float(np.mean(low_passed[0].astype(np.float64) ** 2))
    levels = measure_sound(audio).spectrum.third_octave
    assert total_db(levels.left_db) == pytest.approx(
        10.0 * np.log10(mean_square * inside), abs=0.1 if audio.frames < 1000 else 0.03
    )


def test_left_right_mid_and_side_have_their_own_levels():
    left = sine(1000.0, level_dbfs=-20.0, channels=1).samples
    levels = measure_sound(Audio(np.concatenate((left, 0 * left)), 48_000)).spectrum.third_octave
    at = index(1000.0)
    assert levels.left_db[at] == pytest.approx(-23.01, abs=SINE_DB)
    assert levels.right_db[at] == FLOOR_DB
    assert levels.mid_db[at] == pytest.approx(-29.03, abs=SINE_DB)
    assert levels.side_db[at] == pytest.approx(-29.03, abs=SINE_DB)


def test_a_side_far_below_the_mid_is_still_seen():
    mid, side = (
        sine(500.0, duration_s=2.0, channels=1),
        sine(3000.0, level_dbfs=-120.0, duration_s=2.0, channels=1),
    )
    samples = np.concatenate((mid.samples + side.samples, mid.samples - side.samples))
    levels = measure_sound(Audio(samples, 48_000)).spectrum.third_octave
    assert levels.side_db[index(3150.0)] == pytest.approx(-123.0, abs=1.0)


def test_percentiles_tell_loud_from_quiet_time():
    """Four seconds and a half at -40 dBFS and half a one at -23 dBFS (RMS): the tenth percentile is the former, the 95th the latter."""
    quiet = sine(1000.0, level_dbfs=-37.0, duration_s=4.5).samples
    loud = sine(1000.0, level_dbfs=-20.0, duration_s=0.5).samples
    spectrum = measure_sound(Audio(np.concatenate((quiet, loud), axis=1), 48_000)).spectrum
    at = index(1000.0)
    assert spectrum.quiet_db[at] == pytest.approx(-40.0, abs=STEP_DB)
    assert spectrum.loud_db[at] == pytest.approx(-23.0, abs=STEP_DB)


def test_percentiles_leave_pauses_out():
    tone = sine(1000.0, level_dbfs=-20.0, duration_s=2.0).samples
    with_pauses = Audio(np.pad(tone, ((0, 0), (0, 480_000))), 48_000)
    assert measure_sound(with_pauses).spectrum.quiet_db[index(1000.0)] > -30.0


def test_erb_bands_add_up_to_what_lies_between_their_edges():
    measured = measure_sound(noise(duration_s=5.0))
    expected = -20.0 + 10.0 * np.log10((16_000.0 - 30.0) / 24_000.0)
    assert total_db(measured.spectrum.erb.left_db) == pytest.approx(expected, abs=0.1)


def test_silence_has_no_tilt_and_floors():
    measured: TrackMeasurements = measure_sound(silence())
    assert measured.spectrum.tilt_db_per_oct is None
    assert measured.spectrum.third_octave.level_db == pytest.approx((FLOOR_DB,) * 31)
    assert set(measured.spectrum.quiet_db) == {FLOOR_DB}


@pytest.mark.parametrize(
    ("edges", "rate_hz", "size"),
    [
        (third_octave_edges(), 44_100, 8192),
        (third_octave_edges(), 8_000, 2048),
        (erb_bands()[1], 192_000, 32_768),
        (erb_bands()[1], 11_025, 512),
    ],
)
def test_band_sums_equal_the_band_matrix(edges: np.ndarray, rate_hz: int, size: int):
    powers = np.random.default_rng(0).random((3, size // 2 + 1)).astype(np.float32)
    bin_hz = np.fft.rfftfreq(size, 1.0 / rate_hz)
    matrix = band_matrix(edges, bin_hz)
    sums = BandSums(edges, bin_step_hz=rate_hz / size, bins=bin_hz.size)(powers)
    assert sums.dtype == np.float32
    assert sums == pytest.approx(powers @ matrix.T, rel=1e-4, abs=1e-5)
    slope = np.geomspace(1.0, 1e-20, bin_hz.size)
    assert band_powers(edges, bin_hz, slope) == pytest.approx(matrix @ slope, rel=1e-9, abs=1e-40)
