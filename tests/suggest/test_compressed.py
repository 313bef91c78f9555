"""What the model says of compressors against what Pedalboard does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.audio import Audio, read_audio
from ama_analysis.measure.envelope import measure_envelope
from ama_analysis.plan import Compressor
from ama_analysis.suggest.compressed import compressed, followed, static_gain_db
from ama_analysis.suggest.envelope_figures import figures_of, reduction_of
from tests.real_data import SESSIONS, needs_real_data
from tests.signals import noise, silence, sine
from tests.suggest.band import band, profile, really

STATIC_TOLERANCE_DB = 0.02
STEADY_TOLERANCE_DB = 0.35
"""Of the gain on noise and sines: |x| within a step is taken for a power of a uniform variable."""
REDUCTION_TOLERANCE_DB = 0.15
LOUDNESS_TOLERANCE_DB = 0.25
RANGE_TOLERANCE_LU = 0.15
"""The most that was found on real stems and mixes with six settings each: 0.09, 0.26 and 0.08."""
CREST_TOLERANCE_DB = 1.3
CREST_MEAN_TOLERANCE_DB = 0.4
"""One peak decides the crest, and when within its 2.5 ms it comes: 1.2 at most, 0.28 in the mean on the same stems. With an attack of 5 ms, a
third of a step as a time constant, it may be 1.7 (too little is promised): fitted compressors have 10 ms or more."""

SETTINGS = (
    Compressor(threshold_db=-16.0, ratio=3.0, attack_ms=10.0, release_ms=80.0),
    Compressor(threshold_db=-14.0, ratio=2.0, attack_ms=25.0, release_ms=250.0),
    Compressor(threshold_db=-18.0, ratio=2.5, attack_ms=60.0, release_ms=600.0, makeup_db=2.0),
    Compressor(threshold_db=-18.0, ratio=4.0, attack_ms=30.0, release_ms=100.0),
    Compressor(threshold_db=-16.0, ratio=3.0, attack_ms=25.0, release_ms=250.0, knee_db=6.0),
)


def errors(sound, setting):
    """Return by how much the model errs in reduction, loudness change, range change and crest change, dB and LU."""
    envelope = measure_envelope(sound)
    foretold = compressed(envelope, setting)
    found = really(sound, setting)
    before, after = figures_of(envelope), figures_of(foretold)
    was, now = profile(sound), profile(found)
    return np.array(
        [
            reduction_of(envelope, foretold).mean_db
            - reduction_of(envelope, measure_envelope(found)).mean_db,
            after.loudness_lufs - before.loudness_lufs - now.integrated_lufs + was.integrated_lufs,
            after.loudness_range_lu
            - before.loudness_range_lu
            - now.loudness_range_lu
            + was.loudness_range_lu,
            after.crest_db - before.crest_db - now.crest_db + was.crest_db,
        ]
    )


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_made_band_is_turned_down_as_foretold(setting):
    reduction, loudness, spread, crest = np.abs(errors(band(), setting))
    assert reduction < REDUCTION_TOLERANCE_DB
    assert loudness < LOUDNESS_TOLERANCE_DB
    assert spread < RANGE_TOLERANCE_LU
    assert crest < CREST_TOLERANCE_DB


@needs_real_data
@pytest.mark.parametrize(
    "name", ["mdn_funk/mix.flac", "lmms_makeme/mix.flac", "evr_potassium/vox_lead.flac"]
)
def test_real_sound_is_turned_down_as_foretold(name):
    sound = read_audio(SESSIONS / name)
    peak_db = 20.0 * np.log10(np.abs(sound.samples).max())
    found = np.abs(
        [errors(sound, replace(s, threshold_db=s.threshold_db + peak_db + 4.0)) for s in SETTINGS]
    )
    assert found[:, 0].max() < REDUCTION_TOLERANCE_DB
    assert found[:, 1].max() < LOUDNESS_TOLERANCE_DB
    assert found[:, 2].max() < RANGE_TOLERANCE_LU
    assert found[:, 3].mean() < CREST_MEAN_TOLERANCE_DB


@pytest.mark.parametrize("knee_db", [0.0, 6.0])
def test_a_constant_is_turned_down_by_the_static_curve(knee_db):
    for level in (-30.0, -20.0, -18.0, -12.0, 0.0):
        steady = Audio(np.full((1, 44_100), 10.0 ** (level / 20.0), np.float32), 44_100)
        setting = Compressor(
            threshold_db=-20.0, ratio=4.0, attack_ms=5.0, release_ms=50.0, knee_db=knee_db
        )
        out = compressed(measure_envelope(steady), setting)
        wanted = 20.0 * np.log10(really(steady, setting).samples[0, -1])
        got = 10.0 * np.log10(out.power[0, -1])
        assert got == pytest.approx(wanted, abs=STATIC_TOLERANCE_DB)
        gain = static_gain_db(np.array([[level]], np.float32), setting)
        assert level + gain[0, 0] == pytest.approx(wanted, abs=STATIC_TOLERANCE_DB)


@pytest.mark.parametrize("times", [(5.0, 80.0), (25.0, 250.0), (30.0, 100.0), (80.0, 800.0)])
@pytest.mark.parametrize(
    "sound",
    [
        sine(100.0, level_dbfs=-6.0, duration_s=3.0),
        sine(3000.0, level_dbfs=-6.0, duration_s=3.0),
        noise(rms_dbfs=-16.0, duration_s=3.0),
        noise(rms_dbfs=-16.0, duration_s=3.0, pink=True),
    ],
    ids=["bass", "treble", "white", "pink"],
)
def test_the_detector_rests_where_that_of_pedalboard_does(sound, times):
    setting = Compressor(threshold_db=-60.0, ratio=2.0, attack_ms=times[0], release_ms=times[1])
    found, envelope = measure_envelope(really(sound, setting)), measure_envelope(sound)
    foretold = compressed(envelope, setting)
    later = slice(400, 1200)
    wanted = reduction_of(envelope.taken(np.arange(400, 1200)), found.taken(np.arange(400, 1200)))
    got = 10.0 * np.log10(envelope.power[:, later] / foretold.power[:, later]).mean()
    assert got == pytest.approx(wanted.mean_db, abs=STEADY_TOLERANCE_DB)


def test_a_lower_threshold_and_a_higher_ratio_turn_down_more():
    envelope = measure_envelope(band(duration_s=6.0))
    base = Compressor(threshold_db=-20.0, ratio=2.0, attack_ms=20.0, release_ms=200.0)
    by_threshold = [
        reduction_of(envelope, compressed(envelope, replace(base, threshold_db=t))).mean_db
        for t in (-10.0, -16.0, -22.0, -28.0)
    ]
    by_ratio = [
        reduction_of(envelope, compressed(envelope, replace(base, ratio=r))).mean_db
        for r in (1.0, 1.5, 3.0, 6.0)
    ]
    assert by_threshold == sorted(by_threshold)
    assert by_ratio == sorted(by_ratio)
    assert by_ratio[0] == pytest.approx(0.0, abs=1e-5)


def test_a_slower_attack_lets_hits_through():
    envelope = measure_envelope(band(hits_db=4.0, duration_s=6.0))
    base = Compressor(threshold_db=-20.0, ratio=4.0, attack_ms=5.0, release_ms=150.0)
    crests = [
        figures_of(compressed(envelope, replace(base, attack_ms=ms))).crest_db
        for ms in (5.0, 20.0, 60.0)
    ]
    assert crests == sorted(crests)
    assert crests[-1] > crests[0] + 1.0


def test_hits_that_begin_with_their_peak_pass_before_the_gain_has_fallen():
    sharp = band(hits_db=5.0, rise_s=1e-5, duration_s=8.0)
    setting = Compressor(threshold_db=-19.5, ratio=2.0, attack_ms=10.0, release_ms=80.0)
    assert abs(errors(sharp, setting)[3]) < CREST_TOLERANCE_DB
    before = figures_of(measure_envelope(sharp))
    assert profile(really(sharp, setting)).crest_db > before.crest_db - 0.3


def test_channels_are_turned_down_each_for_itself():
    loud = band(duration_s=3.0).samples
    lopsided = Audio(np.stack((loud[0], loud[1] * np.float32(0.01))), 44_100)
    setting = Compressor(threshold_db=-24.0, ratio=4.0, attack_ms=10.0, release_ms=100.0)
    envelope = measure_envelope(lopsided)
    out = compressed(envelope, setting)
    assert np.allclose(out.power[1], envelope.power[1])
    assert out.power[0].sum() < 0.7 * envelope.power[0].sum()


def test_what_was_far_before_does_not_matter_to_a_lane():
    sound = band(duration_s=9.0)
    envelope = measure_envelope(sound)
    pair = [(30.0, 400.0)]
    whole = followed(envelope, pair)[0]
    late = followed(envelope.taken(np.arange(1000, envelope.steps)), pair)[0]
    assert np.abs(whole.mean_db[:, 1400:] - late.mean_db[:, 400:]).max() < 0.1


def test_silence_stays_silence():
    setting = SETTINGS[0]
    out = compressed(measure_envelope(silence(duration_s=1.0)), setting)
    assert not out.power.any()
    assert compressed(measure_envelope(silence(duration_s=0.0)), setting).steps == 0
