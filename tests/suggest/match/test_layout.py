"""A vector and the setting that it stands for: there and back, derivatives against differences."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.bands import Floats
from ama_analysis.cross_spectra import band_centres_hz
from ama_analysis.suggest.match.layout import Band, Layout

TRACKS = 3
EXACT = 1e-12
SLOPE = 1e-5
"""Of the largest derivative; the responses' own derivatives are differences with steps of 1e-3 and 1e-4."""
NEARLY_LINEAR_DB = 0.25
"""At 3 dB a band differs from three times its 1 dB response by this (see `test_response`)."""

BANDS = (
    Band(track=None, shape="low_shelf", freq_hz=80.0, q=0.7, gain_db=1.5),
    Band(track=None, shape="bell", freq_hz=2000.0, q=1.2, gain_db=-2.0),
    Band(track=0, shape="bell", freq_hz=300.0, q=0.9, gain_db=3.0),
    Band(track=2, shape="high_shelf", freq_hz=7000.0, q=0.7, gain_db=-1.0),
    Band(track=2, shape="bell", freq_hz=500.0, q=2.0, gain_db=0.0),
    Band(track=0, beside=1, shape="bell", freq_hz=900.0, q=1.0, gain_db=2.0),
)
GAINS = np.array([-3.0, 0.5, 6.0])
PANS = np.array([0.0, -0.4, 1.0])


def fixed() -> Floats:
    return np.random.default_rng(1).uniform(-6.0, 0.0, (TRACKS, band_centres_hz().size))


@pytest.mark.parametrize("free_shapes", [False, True])
def test_the_bands_come_back_from_the_vector(free_shapes):
    layout = Layout.of(fixed(), BANDS, free_shapes=free_shapes)
    vector = layout.vector(GAINS, PANS)
    assert vector.size == 2 * TRACKS + (3 if free_shapes else 1) * len(BANDS)
    for found, given in zip(layout.bands_of(vector), BANDS, strict=True):
        assert (found.track, found.beside, found.shape) == (given.track, given.beside, given.shape)
        assert (found.freq_hz, found.q, found.gain_db) == pytest.approx(
            (given.freq_hz, given.q, given.gain_db), rel=EXACT
        )
    setting = layout.setting(vector)
    assert setting.pan == pytest.approx(PANS)


def test_a_setting_is_gains_and_filters_and_the_bus_is_on_all_tracks():
    layout = Layout.of(fixed(), BANDS, free_shapes=True)
    curves = layout.setting(layout.vector(GAINS, PANS)).curve_db
    bus = BANDS[0].response_db() + BANDS[1].response_db()
    own = [
        BANDS[2].response_db() + BANDS[5].response_db(),
        BANDS[5].response_db(),
        BANDS[3].response_db() + BANDS[4].response_db(),
    ]
    for track in range(TRACKS):
        wanted = fixed()[track] + GAINS[track] + own[track] + bus
        assert curves[track] == pytest.approx(wanted, abs=1e-9)


def test_fixed_shapes_are_taken_as_proportional_to_their_gain():
    """Which holds to a quarter of a decibel for a few decibels."""
    bent, straight = (
        Layout.of(fixed(), BANDS, free_shapes=free_shapes) for free_shapes in (True, False)
    )
    one = bent.setting(bent.vector(GAINS, PANS)).curve_db
    other = straight.setting(straight.vector(GAINS, PANS)).curve_db
    assert np.abs(one - other).max() < 3 * NEARLY_LINEAR_DB
    doubled = straight.vector(GAINS, PANS)
    doubled[2 * TRACKS :] *= 2.0
    rest = fixed() + GAINS[:, None]
    twice = straight.setting(doubled).curve_db - rest
    assert twice == pytest.approx(2.0 * (other - rest), abs=1e-9)


@pytest.mark.parametrize("free_shapes", [False, True])
def test_a_session_without_bands_has_gains_and_pans(free_shapes):
    layout = Layout.of(fixed(), (), free_shapes=free_shapes)
    vector = layout.vector(GAINS, PANS)
    setting = layout.setting(vector)
    assert setting.curve_db == pytest.approx(fixed() + GAINS[:, None])
    slope = layout.derivative(vector, np.ones_like(fixed()), np.array([1.0, 2.0, 3.0]))
    assert slope == pytest.approx([band_centres_hz().size] * TRACKS + [1.0, 2.0, 3.0])


@pytest.mark.parametrize("free_shapes", [False, True])
def test_derivatives_by_the_vector_are_what_differences_say(free_shapes):
    """Of a cost that bends in every curve and pan."""
    layout = Layout.of(fixed(), BANDS, free_shapes=free_shapes)
    random = np.random.default_rng(2)
    pull = random.standard_normal(fixed().shape)
    vector = layout.vector(GAINS, PANS)

    def cost(at: Floats) -> float:
        setting = layout.setting(at)
        return float(np.sum(pull * setting.curve_db**2)) + float(np.sum(setting.pan**3))

    here = layout.setting(vector)
    slope = layout.derivative(vector, 2.0 * pull * here.curve_db, 3.0 * here.pan**2)
    step = 1e-5
    moves = np.eye(vector.size) * step
    found = np.array([(cost(vector + move) - cost(vector - move)) / (2.0 * step) for move in moves])
    assert slope == pytest.approx(found, abs=SLOPE * float(np.abs(found).max()))


def test_owners_name_the_track_or_the_bus():
    layout = Layout.of(fixed(), BANDS)
    assert list(layout.owners) == [TRACKS, TRACKS, 0, 2, 2, 0]
