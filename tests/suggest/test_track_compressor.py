"""Compressors on tracks whose envelopes are at hand: they take off what they say, and leave the loudness."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.measure import measure_sound
from ama_analysis.measure.envelope import measure_envelope
from ama_analysis.plan import Compressor
from ama_analysis.presets import load_target
from ama_analysis.suggest.compressed import followed
from ama_analysis.suggest.compression import set_to_reduction
from ama_analysis.suggest.dynamics import REDUCTION_DB, compressor
from ama_analysis.suggest.envelope_figures import figures_of, playing_steps
from ama_analysis.suggest.rule import scene_of
from tests.suggest.band import band, really
from tests.suggest.factory import measured, session, track

LOUD_TOLERANCE_DB = 0.7
"""Thresholds are set by half decibels, and the model errs by 0.3 dB; 2.8 to 3.6 dB were found on 14 real stems."""
LOUDNESS_TOLERANCE_LU = 0.3
"""0.1 in the mean of the same stems."""

DRUMS = band(hits_db=4.0, duration_s=10.0)
ENVELOPE = measure_envelope(DRUMS)


def taken_off_db(setting):
    """Return what Pedalboard takes off the tenth of the played steps at which the detector stands highest, dB."""
    out = measure_envelope(really(DRUMS, setting))
    playing = playing_steps(ENVELOPE)
    level = followed(ENVELOPE, [(setting.attack_ms, setting.release_ms)])[0].mean_db[:, playing]
    loud = level >= np.sort(level, axis=None)[-level.size // 10]
    down = 10.0 * np.log10(ENVELOPE.power[:, playing] / out.power[:, playing]) + setting.makeup_db
    return float(down[loud].mean())


@pytest.mark.parametrize("knee_db", [0.0, 6.0])
@pytest.mark.parametrize("loud_db", [2.0, 3.0, 5.0])
def test_the_threshold_takes_off_what_is_asked_and_make_up_keeps_the_loudness(loud_db, knee_db):
    wish = Compressor(
        threshold_db=0.0, ratio=3.0, attack_ms=20.0, release_ms=200.0, knee_db=knee_db
    )
    made = set_to_reduction(ENVELOPE, wish, loud_db)
    assert made.loud_db == pytest.approx(loud_db, abs=0.3)
    assert taken_off_db(made.setting) == pytest.approx(loud_db, abs=LOUD_TOLERANCE_DB)
    after = figures_of(measure_envelope(really(DRUMS, made.setting)))
    assert after.loudness_lufs == pytest.approx(
        figures_of(ENVELOPE).loudness_lufs, abs=LOUDNESS_TOLERANCE_LU
    )
    assert (made.setting.ratio, made.setting.knee_db) == (3.0, knee_db)


def spoken(**envelopes):
    """Return what the rule says of a part that is taken for a bass, which may not be as uneven."""
    stems = measured({"drums": measure_sound(DRUMS)})
    scene = scene_of(
        session(track("drums", role="bass")), stems, load_target("neutral"), envelopes=envelopes
    )
    (suggestion,) = compressor(scene)
    return suggestion


def test_the_rule_sets_threshold_and_make_up_by_the_envelope():
    before, now = spoken(), spoken(drums=ENVELOPE)
    assert taken_off_db(now.action) == pytest.approx(REDUCTION_DB, abs=LOUD_TOLERANCE_DB)
    assert now.action.ratio == before.action.ratio
    assert now.action.attack_ms == before.action.attack_ms
    assert f"{now.action.makeup_db:.1f} dB of make-up" in now.because


def test_an_envelope_of_a_quiet_part_is_not_used():
    assert spoken(drums=ENVELOPE.scaled(-20.0)) == spoken()
    assert spoken(drums=ENVELOPE.scaled(-200.0)) == spoken()
    assert spoken(other=ENVELOPE) == spoken()
