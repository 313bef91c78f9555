"""Responses of equaliser bands against what the cookbook's shapes mean, and against scipy's evaluation of the same biquad."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from ama_analysis.bands import THIRD_OCTAVE_HZ
from ama_analysis.suggest.bus import BOOST_DB, CUT_DB, fitted_bands
from ama_analysis.suggest.response import band_response_db

EXACT_DB = 1e-9
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
