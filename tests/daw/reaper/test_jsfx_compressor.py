"""AMA Compressor, run by Cockos's own EEL2, against AMA's audition (Pedalboard's compressor, one or two in cascade)."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.audio import Audio, read_audio, resampled
from ama_analysis.plan import Compressor, Sidechain
from ama_analysis.render import Chained
from ama_analysis.render.plugins import settings_of
from ama_analysis.render.strip import Ducking
from tests.daw.reaper.eel2.effect import Effect
from tests.daw.reaper.eel2.engine import needs_eel2
from tests.daw.reaper.eel2.settings import at_equal_ratios, compressor_sliders
from tests.daw.reaper.jsfx_bands import bends, null_db
from tests.real_data import SESSIONS, needs_real_data
from tests.render.material import rendered
from tests.signals import noise, sine

pytestmark = needs_eel2

RATES = (44_100, 48_000, 96_000)
NULL_DB = -95.0
"""Re what comes out, for what AMA suggests. Pedalboard works in 32 bits, this in 64; measured -100 dB at worst, -110 dB mostly."""
ANY_NULL_DB = -80.0
"""For times of seconds, of which a 32-bit coefficient holds few digits; measured -86 dB at worst (96 kHz), -110 dB mostly."""
GAIN_DB = 0.001
"""RMS of the difference of the two gain reductions, where there is sound; measured 0.0001 dB at worst."""
SOUND_DBFS = -60.0
"""A gain is read off samples above this."""


def suggested(threshold_db, ratio, attack_ms, release_ms, knee_db, makeup_db):
    return Compressor(
        threshold_db=threshold_db,
        ratio=ratio,
        attack_ms=attack_ms,
        release_ms=release_ms,
        knee_db=knee_db,
        makeup_db=makeup_db,
    )


SUGGESTED = {
    "mdn_funk/bass_guitar.flac": suggested(-15.0, 4.0, 42.0, 320.0, 6.0, 1.3),
    "mdn_funk/lead_guitar.flac": suggested(-18.5, 2.5, 20.0, 140.0, 6.0, 1.5),
    "mdn_funk/drums.flac": suggested(-15.0, 2.0, 11.0, 130.0, 0.0, 3.7),
    "mdn_funk/mix.flac": suggested(-7.0, 1.5, 11.0, 180.0, 0.0, 2.4),
    "evr_caesium/bgvox_alt.flac": suggested(-21.5, 3.0, 19.0, 220.0, 6.0, 1.2),
    "evr_caesium/bgvox_echo.flac": suggested(-25.5, 3.0, 18.0, 210.0, 6.0, 2.4),
    "lmms_mauiwowi/guitar.flac": suggested(-23.5, 2.5, 8.0, 92.0, 6.0, 2.8),
    "lmms_mauiwowi/bass_1.flac": suggested(-17.0, 4.0, 44.0, 180.0, 6.0, 2.1),
    "lmms_mauiwowi/snare01.flac": suggested(-20.0, 3.0, 15.0, 170.0, 0.0, 4.1),
    "nc_easton_ellises_falcon69/vocals.flac": suggested(-20.5, 3.0, 13.0, 150.0, 6.0, 1.8),
}
"""What AMA suggested for these stems of four sessions."""


def audition(action, sound, rate):
    return rendered(Chained(Audio(sound, rate), settings_of(action))).astype(float)


def through(action, sound, rate):
    effect = Effect("ama_compressor", rate, compressor_sliders(action), channels=len(sound))
    try:
        return effect.process(sound)
    finally:
        effect.machine.close()


def gain_rms_db(expected, got, sound):
    """Return how far the two gains lie apart, RMS over what is not silent."""
    heard = np.abs(sound) > 10.0 ** (SOUND_DBFS / 20.0)
    apart_db = 20.0 * np.log10(np.abs(got[heard] / expected[heard]))
    return float(np.sqrt(np.mean(apart_db**2)))


def loudest(name, rate, seconds=1):
    """Return the loudest stretch of a stem as stereo."""
    stem = read_audio(SESSIONS / name)
    length = seconds * stem.sample_rate_hz
    starts = range(0, max(stem.frames - length, 1), stem.sample_rate_hz // 2)
    start = max(starts, key=lambda at: float(np.sum(stem.samples[:, at : at + length] ** 2)))
    part = Audio(stem.samples[:, start : start + length], stem.sample_rate_hz)
    sound = rendered(resampled(part, rate))
    return np.tile(sound, (2, 1)) if len(sound) == 1 else sound


@needs_real_data
@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize("name", SUGGESTED)
def test_a_suggested_compressor_turns_its_stem_down_as_in_the_audition(name, rate):
    action, sound = SUGGESTED[name], loudest(name, rate)
    expected, got = audition(action, sound, rate), through(action, sound, rate)
    assert np.max(np.abs(sound)) > 10.0 ** (action.threshold_db / 20.0)
    assert null_db(expected, got) < NULL_DB
    assert gain_rms_db(expected, got, sound) < GAIN_DB


@pytest.mark.parametrize("rate", RATES)
def test_any_compressor_turns_bursts_down_as_in_the_audition(rate):
    random = np.random.default_rng(rate)
    for _ in range(20):
        action = suggested(
            round(float(random.uniform(-60.0, 0.0)), 2),
            at_equal_ratios(random, 1.0, 20.0, 3),
            at_equal_ratios(random, 0.05, 500.0, 2),
            at_equal_ratios(random, 5.0, 3000.0, 2),
            float(random.choice([0.0, 6.0, 24.0])),
            round(float(random.uniform(-12.0, 12.0)), 2),
        )
        sound = noise(duration_s=0.25, sample_rate_hz=rate, rms_dbfs=-12.0).samples.copy()
        sound[:, rate // 16 : rate // 8] *= 0.01
        expected, got = audition(action, sound, rate), through(action, sound, rate)
        assert null_db(expected, got) < ANY_NULL_DB


@pytest.mark.parametrize("knee_db", [0.0, 6.0])
@pytest.mark.parametrize("rate", RATES)
def test_a_side_chain_ducks_as_in_the_audition(rate, knee_db):
    action = Sidechain(
        trigger="kick",
        threshold_db=-24.0,
        ratio=4.0,
        attack_ms=5.0,
        release_ms=84.0,
        knee_db=knee_db,
        makeup_db=1.0,
    )
    sound = noise(sample_rate_hz=rate, duration_s=0.5).samples
    trigger = noise(sample_rate_hz=rate, duration_s=0.5, rms_dbfs=-9.0, seed=2).samples.copy()
    trigger[0] *= 0.5
    trigger[:, rate // 8 : rate // 4] = 0.0
    expected = sound * Ducking(action, rate).gain(trigger).astype(float)
    got = through(action, np.concatenate((sound, trigger)), rate)
    assert null_db(expected, got) < NULL_DB
    assert np.min(got[0] / sound[0]) < 0.5


def test_inputs_3_and_4_do_nothing_while_the_side_chain_is_off():
    action = suggested(-30.0, 4.0, 10.0, 100.0, 6.0, 0.0)
    sound, other = noise(duration_s=0.2).samples, noise(duration_s=0.2, seed=2).samples
    both = np.concatenate((sound, other))
    assert np.array_equal(through(action, both, 48_000), through(action, sound, 48_000))


def test_channels_are_not_linked():
    sound = sine(1000.0, level_dbfs=-6.0).samples.copy()
    sound[1] *= 0.01
    out = through(suggested(-20.0, 4.0, 10.0, 100.0, 0.0, 0.0), sound, 48_000)
    assert np.max(np.abs(out[0, 24_000:])) < 0.6 * np.max(np.abs(sound[0]))
    assert np.array_equal(out[1], sound[1])


@pytest.mark.parametrize("values", [{2: 1.0}, {1: 0.0}, {2: 1.0, 5: 12.0}])
def test_a_ratio_of_one_or_a_level_below_the_threshold_leaves_sound_as_it_is(values):
    sound = noise(duration_s=0.2).samples
    out = Effect("ama_compressor", 48_000, {1: -40.0, 2: 4.0, 5: 0.0} | values).process(sound)
    assert np.array_equal(out, sound)


def test_a_start_begins_anew():
    sound = noise(duration_s=0.2).samples
    effect = Effect("ama_compressor", 48_000, {1: -40.0, 2: 4.0})
    first = effect.process(sound)
    effect.start()
    assert np.array_equal(effect.process(sound), first)


@pytest.mark.parametrize(
    "after", [{1: -40.0}, {2: 20.0}, {5: 24.0}, {6: 12.0}, {1: 0.0}, {3: 1.0, 4: 1000.0}]
)
def test_a_move_while_it_plays_does_not_click(after):
    sound = sine(200.0, level_dbfs=-6.0).samples
    effect = Effect("ama_compressor", 48_000, {1: -20.0, 2: 4.0, 3: 50.0, 4: 500.0})
    parts = [effect.process(sound[:, :24_000])]
    effect.move(after)
    parts.append(effect.process(sound[:, 24_000:]))
    whole = np.concatenate(parts, axis=1)[0]
    steady = max(bends(whole[12_000:23_000]), bends(whole[36_000:]))
    assert bends(whole[20_000:]) < 2.0 * steady
