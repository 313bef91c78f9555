"""Filters and equaliser bands do what their names say: checked against Butterworth's and the RBJ cookbook's own formulas."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from ama_analysis.audio import Audio
from ama_analysis.chains import PluginSetting
from ama_analysis.errors import RenderError
from ama_analysis.plan import SLOPES_DB_PER_OCT, EqBand, FilterShape, HighPass, LowPass, MasterEq
from ama_analysis.render import Chained
from ama_analysis.render.plugins import settings_of
from tests.render.material import difference_db, impulse, rendered
from tests.signals import noise

RATES = (44_100, 48_000, 96_000)
CUTOFF_TOLERANCE_DB = 0.05
"""Coefficients are 32-bit; at 100 Hz and above the cutoff is met to a few hundredths of a dB."""
DESIGN_TOLERANCE = 0.003
"""Of what passes (-50 dB): 32-bit coefficients of an 80 Hz filter; in the pass band that is 0.026 dB."""
SCIPY_NULL_DB = -80.0
"""Noise at -20 dBFS through both: 60 dB below what goes in (an error of 0.01 dB)."""
BAND_TOLERANCE_DB = 0.05
"""From 100 Hz on; the promise to the user is 0.25 dB."""
LOW_BAND_TOLERANCE_DB = 0.25
"""32-bit coefficients at 40 Hz and up to 48 kHz, Q up to 2; the promise to the user."""


def response_db(settings: tuple[PluginSetting, ...], freq_hz, rate, channels=1):
    """Return the gain of a chain at whole multiples of 0.5 Hz, from two seconds of its impulse response (the last channel's)."""
    sound = Chained(impulse(frames=2 * rate, rate=rate, channels=channels), settings)
    answer = np.fft.rfft(rendered(sound)[-1].astype(np.float64) / 0.5)
    return 20.0 * np.log10(np.abs(answer[np.round(2.0 * np.asarray(freq_hz)).astype(int)]))


def grid(low_hz, high_hz, count):
    """Return frequencies at equal ratios, on multiples of 0.5 Hz."""
    return np.unique(np.round(2.0 * np.geomspace(low_hz, high_hz, count)) / 2.0)


def cookbook(shape: FilterShape, freq_hz: float, gain_db: float, q: float, rate: int):
    """Return numerator and denominator of Robert Bristow-Johnson's Audio EQ Cookbook."""
    a, w = 10.0 ** (gain_db / 40.0), 2.0 * np.pi * freq_hz / rate
    cos, alpha = np.cos(w), np.sin(w) / (2.0 * q)
    if shape == "bell":
        return (
            [1 + alpha * a, -2 * cos, 1 - alpha * a],
            [1 + alpha / a, -2 * cos, 1 - alpha / a],
        )
    sign = 1.0 if shape == "low_shelf" else -1.0
    root = 2.0 * np.sqrt(a) * alpha
    up, down, cross = a + 1, a - 1, sign * cos
    return (
        [
            a * (up - down * cross + root),
            sign * 2 * a * (down - up * cross),
            a * (up - down * cross - root),
        ],
        [up + down * cross + root, -sign * 2 * (down + up * cross), up + down * cross - root],
    )


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("slope", SLOPES_DB_PER_OCT)
@pytest.mark.parametrize("kind", [HighPass, LowPass])
def test_a_filter_of_any_slope_is_3_db_down_at_its_cutoff(kind, slope, channels, rate):
    for cutoff_hz in (100.0, 1000.0, 8000.0):
        settings = settings_of(kind(cutoff_hz=cutoff_hz, slope_db_per_oct=slope))
        (gain_db,) = response_db(settings, [cutoff_hz], rate, channels)
        assert gain_db == pytest.approx(-3.01, abs=CUTOFF_TOLERANCE_DB)


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("slope", SLOPES_DB_PER_OCT)
def test_a_high_pass_in_the_bass_stays_within_the_promise(slope, rate):
    settings = settings_of(HighPass(cutoff_hz=40.0, slope_db_per_oct=slope))
    (gain_db,) = response_db(settings, [40.0], rate)
    assert gain_db == pytest.approx(-3.01, abs=LOW_BAND_TOLERANCE_DB)


@pytest.mark.parametrize("slope", SLOPES_DB_PER_OCT)
@pytest.mark.parametrize(("kind", "name"), [(HighPass, "highpass"), (LowPass, "lowpass")])
def test_a_filter_has_the_whole_curve_of_a_butterworth_filter(kind, name, slope):
    freq_hz = grid(20.0, 0.45 * 48_000, 200)
    for cutoff_hz in (80.0, 2500.0):
        settings = settings_of(kind(cutoff_hz=cutoff_hz, slope_db_per_oct=slope))
        sections = signal.butter(slope // 6, cutoff_hz, name, fs=48_000, output="sos")
        _, wanted = signal.sosfreqz(sections, worN=freq_hz, fs=48_000)
        got = 10.0 ** (response_db(settings, freq_hz, 48_000) / 20.0)
        np.testing.assert_allclose(got, np.abs(wanted), atol=DESIGN_TOLERANCE)


def test_a_fourth_order_filter_nulls_against_scipys():
    stem = noise(duration_s=2.0)
    got = rendered(Chained(stem, settings_of(HighPass(cutoff_hz=80.0, slope_db_per_oct=24))))
    sections = signal.butter(4, 80.0, "highpass", fs=48_000, output="sos")
    assert difference_db(got, signal.sosfilt(sections, stem.samples)) < SCIPY_NULL_DB


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("shape", ["bell", "low_shelf", "high_shelf"])
def test_an_equaliser_band_is_the_cookbooks(shape, rate):
    freq_hz = grid(20.0, 0.45 * rate, 60)
    lowest_hz = 200.0 if rate > 48_000 else 100.0
    for band_hz in (lowest_hz, 1000.0, 8000.0, 16_000.0):
        for gain_db, q in ((-12.0, 0.7), (6.0, 0.5), (3.0, 2.0)):
            settings = settings_of(EqBand(type=shape, freq_hz=band_hz, gain_db=gain_db, q=q))
            _, wanted = signal.freqz(
                *cookbook(shape, band_hz, gain_db, q, rate), worN=freq_hz, fs=rate
            )
            got_db = response_db(settings, freq_hz, rate)
            wanted_db = 20.0 * np.log10(np.abs(wanted))
            np.testing.assert_allclose(got_db, wanted_db, atol=BAND_TOLERANCE_DB)


@pytest.mark.parametrize("shape", ["bell", "low_shelf", "high_shelf"])
def test_a_band_of_the_master_is_that_of_a_track(shape):
    band = {"type": shape, "freq_hz": 300.0, "gain_db": -2.0, "q": 0.9}
    assert settings_of(MasterEq(**band)) == settings_of(EqBand(**band))


@pytest.mark.parametrize("shape", ["bell", "low_shelf", "high_shelf"])
def test_a_band_in_the_bass_stays_within_the_promise(shape):
    freq_hz = grid(20.0, 20_000.0, 100)
    for gain_db, q in ((-6.0, 0.7), (6.0, 1.4), (-6.0, 2.0)):
        settings = settings_of(EqBand(type=shape, freq_hz=40.0, gain_db=gain_db, q=q))
        _, wanted = signal.freqz(
            *cookbook(shape, 40.0, gain_db, q, 48_000), worN=freq_hz, fs=48_000
        )
        got_db = response_db(settings, freq_hz, 48_000)
        wanted_db = 20.0 * np.log10(np.abs(wanted))
        np.testing.assert_allclose(got_db, wanted_db, atol=LOW_BAND_TOLERANCE_DB)


@pytest.mark.parametrize(
    "action",
    [
        LowPass(cutoff_hz=23_000.0, slope_db_per_oct=24),
        EqBand(type="bell", freq_hz=30_000.0, gain_db=6.0, q=1.0),
        EqBand(type="high_shelf", freq_hz=25_000.0, gain_db=6.0, q=0.7),
    ],
)
def test_what_lies_above_the_band_is_left_alone(action):
    stem = noise(duration_s=0.2, sample_rate_hz=44_100)
    assert np.array_equal(rendered(Chained(stem, settings_of(action))), stem.samples)


def test_a_low_shelf_above_the_band_is_a_gain():
    stem = noise(duration_s=0.2, sample_rate_hz=44_100)
    shelf = EqBand(type="low_shelf", freq_hz=30_000.0, gain_db=-6.0, q=0.7)
    wanted = stem.samples * 10.0 ** (-6.0 / 20.0)
    assert difference_db(rendered(Chained(stem, settings_of(shelf))), wanted) < -120.0


def test_a_high_pass_above_the_band_is_refused_in_words():
    stem = Audio(np.zeros((1, 800), np.float32), 8_000)
    with pytest.raises(RenderError, match="5000 Hz leaves nothing of 8000 Hz audio"):
        rendered(Chained(stem, settings_of(HighPass(cutoff_hz=5000.0))))
