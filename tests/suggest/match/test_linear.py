"""Suggestions as curves and pans: a mix with them measures what the model says of them."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.cross_spectra import band_centres_hz
from ama_analysis.plan import (
    MASTER,
    Compressor,
    EqBand,
    Gain,
    HighPass,
    Limiter,
    LowPass,
    MasterEq,
    Pan,
    Polarity,
)
from ama_analysis.suggest.match.linear import filters_db, is_linear, response_db, setting_of
from ama_analysis.suggest.match.model import MixModel
from tests.render.material import says
from tests.suggest.match.material import made_session, target_of

THIRDS_DB = 0.3
"""Three of four bands; 0.12 measured: a band is filtered by what the filter does in its middle."""
LOUDNESS_LU = 0.2
"""0.04 measured."""

COMPRESSOR = Compressor(threshold_db=-20.0, ratio=2.0, attack_ms=10.0, release_ms=100.0)
SUGGESTIONS = (
    says("kick", Gain(delta_db=3.0, fader_db=3.0)),
    says("pad", Pan(pan=-0.5)),
    says("pad", HighPass(cutoff_hz=400.0, slope_db_per_oct=12)),
    says("vocals", EqBand(type="bell", freq_hz=1500.0, gain_db=-4.0, q=1.0)),
    says("hats", LowPass(cutoff_hz=10_000.0, slope_db_per_oct=12)),
    says(MASTER, MasterEq(type="low_shelf", freq_hz=120.0, gain_db=2.0, q=0.7)),
)


def test_what_is_linear_and_what_is_not():
    assert all(is_linear(suggestion.action) for suggestion in SUGGESTIONS)
    others = (COMPRESSOR, Polarity(invert=True), Limiter(ceiling_dbtp=-1.0, gain_db=3.0))
    assert not any(is_linear(action) for action in others)
    for action in others:
        assert np.all(response_db(action) == 0.0)


def test_a_rendered_mix_with_suggestions_measures_what_is_foretold():
    made = made_session()
    start, after = made.profile(), made.profile(*SUGGESTIONS)
    model = MixModel(made.spectra, target_of(start))
    model.calibrate(setting_of(made.tracks), start)
    told = model.predicted(setting_of(made.tracks, SUGGESTIONS))
    thirds = np.abs(told.tonal_db - np.array(after.third_octave_db))
    assert float(np.quantile(thirds, 0.75)) < THIRDS_DB
    assert told.loudness_lufs == pytest.approx(after.integrated_lufs, abs=LOUDNESS_LU)
    assert np.abs(told.tonal_db - model.predicted(setting_of(made.tracks)).tonal_db).max() > 1.0


def test_filters_of_a_track_add_up_and_those_of_the_master_are_on_all():
    tracks = made_session().tracks
    curves = filters_db(tracks, SUGGESTIONS)
    shelf = response_db(SUGGESTIONS[-1].action)
    names = [track.id for track in tracks]
    assert curves[names.index("kick")] == pytest.approx(shelf)
    pad = shelf + response_db(SUGGESTIONS[2].action)
    assert curves[names.index("pad")] == pytest.approx(pad)
    assert curves[names.index("vocals"), :].min() < -3.9
    assert curves.shape == (len(names), band_centres_hz().size)


def test_the_present_setting_is_that_of_the_faders():
    made = made_session().at([1.0, -2.0, 3.0, 0.0, -4.0, 5.0], [0.1, -0.2, 0.0, 1.0, -1.0, 0.5])
    setting = setting_of(made.tracks)
    assert setting.curve_db == pytest.approx(
        np.repeat(made.faders_db[:, None], band_centres_hz().size, axis=1)
    )
    assert setting.pan == pytest.approx(made.pans)


def test_of_two_moves_of_one_fader_the_later_counts_and_strangers_are_passed_over():
    tracks = made_session().tracks
    setting = setting_of(
        tracks,
        [
            says("bass", Gain(delta_db=3.0, fader_db=3.0)),
            says("bass", Gain(delta_db=-5.0, fader_db=-5.0), number=2),
            says("kazoo", EqBand(type="bell", freq_hz=1000.0, gain_db=6.0, q=1.0)),
        ],
    )
    names = [track.id for track in tracks]
    assert setting.curve_db[names.index("bass")] == pytest.approx(
        np.full(band_centres_hz().size, -5.0)
    )
    assert np.all(np.delete(setting.curve_db, names.index("bass"), axis=0) == 0.0)
