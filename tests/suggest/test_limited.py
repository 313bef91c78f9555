"""What the model says of the limiter against what Pedalboard's does."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.audio import read_audio
from ama_analysis.measure.envelope import measure_envelope
from ama_analysis.plan import Limiter
from ama_analysis.render.plugins import (
    LIMITER_GUARD_DB,
    LIMITER_LOOKAHEAD_MS,
    LIMITER_RELEASE_MS,
)
from ama_analysis.suggest import limited as model
from ama_analysis.suggest.envelope_figures import figures_of
from ama_analysis.suggest.limited import gain_to_loudness_db, limited
from tests.real_data import SESSIONS, needs_real_data
from tests.suggest.band import band, profile, really

LOUDNESS_TOLERANCE_LU = 0.25
CREST_TOLERANCE_DB = 0.4
PEAK_TOLERANCE_DB = 0.4
"""On eight real stems and mixes, 1 to 9 dB deep: 0.22 LU, 0.21 dB and 0.27 dB at most, 0.04 in the mean; on made hits of white noise 0.33 dB."""
REACHED_LU = 0.3


def errors(sound, depth_db):
    """Return by how much the model errs in loudness, crest and true peak."""
    envelope = measure_envelope(sound)
    before = figures_of(envelope)
    action = Limiter(ceiling_dbtp=-1.0, gain_db=-1.0 - before.true_peak_dbtp + depth_db)
    after = figures_of(limited(envelope, gain_db=action.gain_db, ceiling_dbtp=-1.0))
    found = profile(really(sound, action))
    return (
        after.loudness_lufs - found.integrated_lufs,
        after.crest_db - found.crest_db,
        after.true_peak_dbtp - found.true_peak_dbtp,
    )


def test_the_model_is_of_the_limiter_that_is_rendered():
    assert model.GUARD_DB == LIMITER_GUARD_DB
    assert model.RELEASE_S * 1000.0 == LIMITER_RELEASE_MS
    assert model.LOOKAHEAD_S * 1000.0 == LIMITER_LOOKAHEAD_MS


@pytest.mark.parametrize("depth_db", [1.0, 3.0, 6.0, 9.0])
def test_a_made_band_is_limited_as_foretold(depth_db):
    loudness, crest, peak = np.abs(errors(band(duration_s=10.0), depth_db))
    assert loudness < LOUDNESS_TOLERANCE_LU
    assert crest < CREST_TOLERANCE_DB
    assert peak < PEAK_TOLERANCE_DB


@needs_real_data
@pytest.mark.parametrize("name", ["mdn_funk/mix.flac", "evr_potassium/mix.flac"])
def test_real_mixes_are_limited_as_foretold(name):
    sound = read_audio(SESSIONS / name)
    for depth_db in (3.0, 6.0):
        loudness, crest, peak = np.abs(errors(sound, depth_db))
        assert loudness < LOUDNESS_TOLERANCE_LU
        assert crest < CREST_TOLERANCE_DB
        assert peak < PEAK_TOLERANCE_DB


def test_below_the_ceiling_there_is_only_the_gain():
    envelope = measure_envelope(band(duration_s=3.0))
    gain_db = -3.0 - figures_of(envelope).true_peak_dbtp
    out = limited(envelope, gain_db=gain_db, ceiling_dbtp=-1.0)
    assert np.array_equal(out.power, envelope.scaled(gain_db).power)


def test_deeper_limiting_costs_more_loudness_and_leaves_less_crest():
    envelope = measure_envelope(band(duration_s=8.0))
    before = figures_of(envelope)
    cost, crest = [], []
    for depth_db in (0.0, 2.0, 4.0, 6.0):
        gain_db = -1.0 - before.true_peak_dbtp + depth_db
        after = figures_of(limited(envelope, gain_db=gain_db, ceiling_dbtp=-1.0))
        cost.append(before.loudness_lufs + gain_db - after.loudness_lufs)
        crest.append(after.crest_db)
    assert cost == sorted(cost)
    assert crest == sorted(crest, reverse=True)


def test_the_loudness_that_limiting_costs_is_made_up_for():
    sound = band(duration_s=10.0)
    envelope = measure_envelope(sound)
    before = figures_of(envelope)
    wanted = before.loudness_lufs - 1.0 - before.true_peak_dbtp + 2.5
    gain_db = gain_to_loudness_db(
        envelope, wanted, ceiling_dbtp=-1.0, most_db=-1.0 - before.true_peak_dbtp + 9.0
    )
    found = profile(really(sound, Limiter(ceiling_dbtp=-1.0, gain_db=gain_db)))
    assert found.integrated_lufs == pytest.approx(wanted, abs=REACHED_LU)
    assert gain_db > wanted - before.loudness_lufs


def test_the_gain_ends_at_its_limit_and_where_more_of_it_is_quieter():
    envelope = measure_envelope(band(duration_s=8.0))
    free_db = -1.0 - figures_of(envelope).true_peak_dbtp
    assert gain_to_loudness_db(envelope, 0.0, ceiling_dbtp=-1.0, most_db=free_db + 2.0) == (
        free_db + 2.0
    )
    far_db = gain_to_loudness_db(envelope, -4.0, ceiling_dbtp=-1.0, most_db=free_db + 40.0)
    here, beyond = (
        figures_of(limited(envelope, gain_db=gain, ceiling_dbtp=-1.0)).loudness_lufs
        for gain in (far_db, far_db + 5.0)
    )
    assert here > beyond
