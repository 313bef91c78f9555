"""Responses of equaliser bands against what the cookbook's shapes mean; Butterworth filters against scipy's designs and our renders."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from ama_analysis.bands import THIRD_OCTAVE_HZ, Floats
from ama_analysis.plan import Action, EqBand, HighPass, LowPass
from ama_analysis.suggest.bus import BOOST_DB, CUT_DB, fitted_bands
from ama_analysis.suggest.response import RATE_HZ, band_response_db, butterworth_db
from tests.render.material import impulse, mix_of, rendered, says

EXACT_DB = 1e-9
RENDERED_DB = 0.06
"""Pedalboard filters in float32: down to 12 dB below 0.048 dB measured, at 24 dB below (a high-pass of 80 Hz at 20 Hz) 0.19."""
LINEAR_DB = 0.25
"""Responses grow nearly in proportion to the gain: at 3 dB a shelf or bell differs from three times its 1 dB response by this."""


@pytest.mark.parametrize("gain_db", [-6.0, -1.0, 3.0])
def test_bell_has_its_gain_at_its_centre_and_none_far_away(gain_db):
    response = band_response_db("bell", 1000.0, gain_db, 1.0, np.array([1000.0, 20.0]))
    assert response[0] == pytest.approx(gain_db, abs=EXACT_DB)
    assert abs(response[1]) < 0.05


@pytest.mark.parametrize("gain_db", [-6.0, 3.0])
def test_shelves_have_their_gain_beyond_and_half_of_it_at_the_corner(gain_db):
    at_hz = np.array([1.0, 1000.0, 23_999.0])
    low = band_response_db("low_shelf", 1000.0, gain_db, 0.7, at_hz)
    high = band_response_db("high_shelf", 1000.0, gain_db, 0.7, at_hz)
    assert low == pytest.approx([gain_db, gain_db / 2, 0.0], abs=1e-4)
    assert high == pytest.approx([0.0, gain_db / 2, gain_db], abs=1e-4)


@pytest.mark.parametrize("shape", ["bell", "low_shelf", "high_shelf"])
def test_cut_mirrors_boost_and_gain_scales_nearly_linearly(shape):
    boost = band_response_db(shape, 300.0, 3.0, 0.8, THIRD_OCTAVE_HZ)
    cut = band_response_db(shape, 300.0, -3.0, 0.8, THIRD_OCTAVE_HZ)
    unit = band_response_db(shape, 300.0, 1.0, 0.8, THIRD_OCTAVE_HZ)
    assert cut == pytest.approx(-boost, abs=EXACT_DB)
    assert boost == pytest.approx(3.0 * unit, abs=LINEAR_DB)


def test_bandwidth_of_a_bell_is_that_of_its_q():
    # Half of the gain in dB lies at the edges of the band: for Q 1 they are 1.39 octaves apart (2 asinh(1 / 2Q) / ln 2).
    octaves = 2 * np.arcsinh(0.5) / np.log(2)
    edges = 1000.0 * 2.0 ** (np.array([-octaves, octaves]) / 2)
    assert band_response_db("bell", 1000.0, 4.0, 1.0, edges) == pytest.approx([2.0, 2.0], abs=0.02)


def test_fit_undoes_a_bell_and_nothing_else():
    error = band_response_db("bell", 1000.0, 3.0, 1.0, THIRD_OCTAVE_HZ[2:30])
    (band,) = fitted_bands(error)
    assert band.freq_hz == pytest.approx(1000.0)
    assert -CUT_DB <= band.gain_db <= -1.5


def test_fit_leaves_a_flat_error_and_absent_bands_alone():
    assert fitted_bands(np.zeros(28)) == []
    absent = np.zeros(28)
    absent[:4] = -20.0
    assert fitted_bands(absent) == []


def test_fit_never_exceeds_its_limits_and_never_overlaps_itself():
    rng = np.random.default_rng(1)
    for _ in range(20):
        bands = fitted_bands(rng.uniform(-7.0, 9.0, 28))
        assert len(bands) <= 4
        assert all(-CUT_DB <= band.gain_db <= BOOST_DB for band in bands)
        centres = sorted(band.freq_hz for band in bands)
        assert all(b / a >= 1.99 for a, b in pairwise(centres))


@pytest.mark.parametrize("high_pass", [True, False])
@pytest.mark.parametrize("slope_db_per_oct", [6, 12, 18, 24, 36, 48])
@pytest.mark.parametrize("cutoff_hz", [30.0, 250.0, 8000.0, 18_000.0])
def test_butterworth_filters_are_those_of_the_textbook(cutoff_hz, slope_db_per_oct, high_pass):
    """Against scipy's bilinear design of the same order."""
    from scipy import signal

    at_hz = np.geomspace(20.0, 20_000.0, 60)
    sos = signal.butter(
        slope_db_per_oct // 6,
        cutoff_hz,
        "highpass" if high_pass else "lowpass",
        fs=RATE_HZ,
        output="sos",
    )
    _, response = signal.sosfreqz(sos, at_hz, fs=RATE_HZ)
    wanted = 20.0 * np.log10(np.maximum(np.abs(response), 1e-12))
    audible = wanted > -100.0
    found = butterworth_db(cutoff_hz, slope_db_per_oct, at_hz, high_pass=high_pass)
    assert found[audible] == pytest.approx(wanted[audible], abs=1e-6)
    at_cutoff = butterworth_db(
        cutoff_hz, slope_db_per_oct, np.array([cutoff_hz]), high_pass=high_pass
    )
    assert at_cutoff == pytest.approx(-10.0 * np.log10(2.0))


@pytest.mark.parametrize("high_pass", [True, False])
def test_butterworth_filters_stand_frequencies_beyond_half_the_rate(high_pass):
    at_hz = np.array([RATE_HZ / 2, 30_000.0, 100_000.0])
    found = butterworth_db(40_000.0, 12, at_hz, high_pass=high_pass)
    assert np.all(np.isfinite(found))
    assert np.all(found <= 0.0)


@pytest.mark.parametrize(
    "action",
    [
        HighPass(cutoff_hz=80.0, slope_db_per_oct=12),
        HighPass(cutoff_hz=120.0, slope_db_per_oct=24),
        LowPass(cutoff_hz=9000.0, slope_db_per_oct=18),
        EqBand(type="bell", freq_hz=700.0, gain_db=4.0, q=1.3),
        EqBand(type="low_shelf", freq_hz=150.0, gain_db=-5.0, q=0.7),
        EqBand(type="high_shelf", freq_hz=6000.0, gain_db=3.0, q=0.7),
    ],
    ids=lambda action: action.kind,
)
def test_responses_are_those_of_what_is_rendered(action: Action):
    """The transform of a click that went through the mixdown."""
    frames = 1 << 17
    click = impulse(frames=frames, at=0)
    through, dry = (
        rendered(mix_of({"one": click}, *suggestions))[0]
        for suggestions in ((says("one", action),), ())
    )
    at_hz = np.fft.rfftfreq(frames, 1.0 / RATE_HZ)
    heard = (at_hz > 20.0) & (at_hz < 20_000.0)
    found = 20.0 * np.log10(np.abs(np.fft.rfft(through) / np.fft.rfft(dry)))[heard]
    wanted = _response_db(action, at_hz[heard])
    audible = wanted > -12.0
    assert found[audible] == pytest.approx(wanted[audible], abs=RENDERED_DB)


def _response_db(action: Action, at_hz: Floats) -> Floats:
    if isinstance(action, EqBand):
        return band_response_db(action.type, action.freq_hz, action.gain_db, action.q, at_hz)
    assert isinstance(action, HighPass | LowPass)
    high_pass = isinstance(action, HighPass)
    return butterworth_db(action.cutoff_hz, action.slope_db_per_oct, at_hz, high_pass=high_pass)
