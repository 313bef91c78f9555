"""AMA EQ, run by Cockos's own EEL2: against the formulas in 64 bits, and against AMA's audition (Pedalboard, 32 bits)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from ama_analysis.audio import Audio, read_audio, resampled
from ama_analysis.plan import SLOPES_DB_PER_OCT, EqBand, HighPass, LowPass
from ama_analysis.render import Chained
from ama_analysis.render.plugins import in_order, settings_of
from tests.daw.reaper.eel2.effect import Effect
from tests.daw.reaper.eel2.engine import needs_eel2
from tests.daw.reaper.eel2.settings import any_eq, eq_sliders, suggested_eq
from tests.daw.reaper.jsfx_bands import bends, null_db
from tests.real_data import SESSIONS, needs_real_data
from tests.render.material import rendered
from tests.render.test_filters import cookbook
from tests.signals import noise, sine

pytestmark = needs_eel2
RATES = (44_100, 48_000, 96_000)
FORMULA_NULL_DB = -180.0
"""Two ways to compute one formula in 64 bits; measured -204 dB at worst, re the louder of input and output."""
FAR_DB = {44_100: 0.25, 48_000: 0.25, 96_000: 0.35}
"""From 20 Hz to 20 kHz; the promise is 0.25 dB. Measured 0.17, 0.16 and 0.27 dB at worst: what the audition's 32-bit coefficients are off."""
HEARD_DB = -12.0
"""What an equaliser takes down further is not compared in dB: 32-bit filters are not exact in their stop bands (0.9 dB at -20 dB, 96 kHz)."""
STEM_NULL_DB = {44_100: -60.0, 48_000: -60.0, 96_000: -45.0}
"""Real stems through suggested equalisers: what is left are the audition's 32-bit coefficients, most of a high-pass."""


def formula(bands, sound, rate):
    """Return sound through the bands in 64 bits: Butterworth's design from scipy, the cookbook's bells and shelves."""
    out = sound.astype(float)
    for band in bands:
        if isinstance(band, EqBand):
            b, a = cookbook(band.type, band.freq_hz, band.gain_db, band.q, rate)
            sections = np.array([[*b, *a]]) / a[0]
        else:
            kind = "highpass" if isinstance(band, HighPass) else "lowpass"
            order = band.slope_db_per_oct // 6
            sections = signal.butter(order, band.cutoff_hz, kind, fs=rate, output="sos")
        out = signal.sosfilt(sections, out)
    return out


def audition(bands, sound, rate):
    plugins = tuple(one for band in in_order(bands) for one in settings_of(band))
    return rendered(Chained(Audio(sound, rate), plugins)).astype(float)


def through(values, sound, rate):
    effect = Effect("ama_eq", rate, values)
    try:
        return effect.process(sound)
    finally:
        effect.machine.close()


def distance_db(bands, rate):
    """Return the most that AMA EQ and the audition lie apart between 20 Hz and 20 kHz, where it lets enough through."""
    sound = np.zeros((1, rate // 4), np.float32)
    sound[0, 0] = 0.5
    ours = np.abs(np.fft.rfft(through(eq_sliders(bands), np.tile(sound, (2, 1)), rate)[0])) / 0.5
    theirs = np.abs(np.fft.rfft(audition(bands, sound, rate)[0])) / 0.5
    heard = np.flatnonzero(ours > 10.0 ** (HEARD_DB / 20.0))
    heard = heard[(heard >= 5) & (heard <= 5000)]
    return float(np.max(np.abs(20.0 * np.log10(theirs[heard] / ours[heard]))))


def test_any_of_200_equalisers_is_the_formula():
    random = np.random.default_rng(6)
    for nth in range(200):
        rate, bands = RATES[nth % 3], any_eq(random)
        sound = 0.1 * random.standard_normal((2, 4000))
        sound[1] = 0.5 * signal.chirp(np.arange(4000) / rate, 20.0, 4000 / rate, 20_000.0)
        expected, got = formula(bands, sound, rate), through(eq_sliders(bands), sound, rate)
        louder = max(np.sum(sound**2), np.sum(expected**2))
        assert 10.0 * np.log10(np.sum((expected - got) ** 2) / louder) < FORMULA_NULL_DB


@pytest.mark.parametrize("rate", RATES)
def test_67_suggested_equalisers_are_heard_as_in_the_audition(rate):
    random = np.random.default_rng(rate)
    far = [distance_db(suggested_eq(random), rate) for _ in range(67)]
    assert max(far) < FAR_DB[rate]
    assert float(np.median(far)) < 0.03


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("slope", SLOPES_DB_PER_OCT)
def test_each_slope_is_in_its_place_and_3_db_down_at_the_cutoff(slope, rate):
    for kind, cutoff_hz in ((HighPass, 100.0), (LowPass, 5000.0)):
        band = kind(cutoff_hz=cutoff_hz, slope_db_per_oct=slope)
        sound = np.zeros((2, rate))
        sound[:, 0] = 1.0
        answer = np.abs(np.fft.rfft(through(eq_sliders([band]), sound, rate)[0]))
        at_cutoff, octave_on = (
            round(cutoff_hz),
            round(cutoff_hz * (0.5 if kind is HighPass else 2.0)),
        )
        assert 20.0 * np.log10(answer[at_cutoff]) == pytest.approx(-3.01, abs=0.01)
        assert 20.0 * np.log10(answer[octave_on]) < -0.85 * slope


def test_a_section_by_q_peaks_as_high_as_its_q():
    sound = np.zeros((2, 48_000))
    sound[:, 0] = 1.0
    values = {2: 5, 3: 1000.0, 5: 4.0, 6: 6}
    answer = np.abs(np.fft.rfft(through(values, sound, 48_000)[0]))
    assert answer[1000] == pytest.approx(4.0, rel=0.001)


@pytest.mark.parametrize("shape", ["bell", "high_shelf"])
def test_a_band_above_the_audible_is_left_out_as_in_the_audition(shape):
    sound = noise(sample_rate_hz=44_100).samples
    band = EqBand(type=shape, freq_hz=22_000.0, gain_db=12.0, q=1.0)
    assert np.array_equal(through(eq_sliders([band]), sound, 44_100), sound)
    assert np.array_equal(audition([band], sound, 44_100), sound)


def test_all_off_and_all_flat_leave_sound_as_it_is():
    sound = noise().samples
    assert np.array_equal(through({}, sound, 48_000), sound)
    flat = [EqBand(type="bell", freq_hz=100.0 * n, gain_db=0.0, q=1.0) for n in range(1, 9)]
    assert null_db(sound, through(eq_sliders(flat), sound, 48_000)) < FORMULA_NULL_DB


def test_the_output_gain_is_in_decibels():
    sound = noise().samples
    assert through({1: -6.0}, sound, 48_000) == pytest.approx(sound * 10.0 ** (-6.0 / 20.0))


def test_the_two_channels_are_apart():
    sound = noise().samples.copy()
    sound[1] = 0.0
    out = through(eq_sliders([HighPass(cutoff_hz=100.0)]), sound, 48_000)
    assert np.any(out[0])
    assert not np.any(out[1])


@pytest.mark.parametrize("block_frames", [1, 64, 1000, 48_000])
def test_the_hosts_blocks_do_not_matter(block_frames):
    sound, values = (
        noise(duration_s=0.5).samples,
        eq_sliders(suggested_eq(np.random.default_rng(4))),
    )
    effect = Effect("ama_eq", 48_000, values)
    assert np.array_equal(effect.process(sound, block_frames), through(values, sound, 48_000))


def test_a_start_begins_anew_and_without_a_glide():
    sound, values = noise(duration_s=0.2).samples, eq_sliders([HighPass(cutoff_hz=80.0)])
    effect = Effect("ama_eq", 48_000, values)
    first = effect.process(sound)
    effect.start()
    assert np.array_equal(effect.process(sound), first)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {2: 1, 3: 200.0, 4: 12.0, 5: 1.0}),
        ({2: 1, 3: 200.0, 4: 12.0, 5: 1.0}, {2: 0}),
        ({2: 1, 3: 200.0, 4: 12.0, 5: 1.0}, {3: 2000.0}),
        ({2: 4, 3: 30.0, 6: 3}, {3: 150.0}),
        ({2: 4, 3: 30.0, 6: 5}, {2: 2, 4: 6.0}),
        ({1: 0.0}, {1: 12.0}),
    ],
)
def test_a_move_while_it_plays_does_not_click(before, after):
    sound = sine(200.0, level_dbfs=-6.0, duration_s=1.0).samples
    effect = Effect("ama_eq", 48_000, before)
    parts = [effect.process(sound[:, :24_000])]
    effect.move(after)
    parts.append(effect.process(sound[:, 24_000:]))
    whole = np.concatenate(parts, axis=1)[0]
    steady = max(bends(whole[12_000:23_000]), bends(whole[36_000:]))
    assert bends(whole[20_000:]) < 2.0 * steady


def test_after_any_moves_it_ends_where_a_fresh_one_stands():
    random = np.random.default_rng(9)
    rate = 48_000
    effect = Effect("ama_eq", rate)
    for _ in range(60):
        out = effect.process(0.1 * random.standard_normal((2, 1500)))
        assert np.max(np.abs(out)) < 1e4
        effect.move(dict.fromkeys(range(2, 42, 5), 0.0) | eq_sliders(any_eq(random)))
    bands = suggested_eq(random)
    effect.move(dict.fromkeys(range(2, 42, 5), 0.0) | eq_sliders(bands))
    effect.process(np.zeros((2, 4 * rate)))
    sound = noise(duration_s=0.5).samples
    assert null_db(through(eq_sliders(bands), sound, rate), effect.process(sound)) < -120.0


def test_nothing_is_left_to_slow_a_silence_down():
    effect = Effect("ama_eq", 48_000, eq_sliders([HighPass(cutoff_hz=80.0, slope_db_per_oct=48)]))
    effect.process(noise(duration_s=0.2).samples)
    effect.process(np.zeros((2, 5 * 48_000)))
    states = [effect.machine.memory(17 * nth + 13, 4) for nth in range(4)]
    assert not np.any(states)


@needs_real_data
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    "name",
    ["mdn_funk/bass_guitar.flac", "evr_rubidium/vox_lead.flac", "mdn_funk/drums.flac"],
)
def test_a_real_stem_nulls_against_the_audition(name, rate):
    stem = read_audio(SESSIONS / name)
    second = stem.samples[:, 8 * stem.sample_rate_hz : 9 * stem.sample_rate_hz]
    sound = rendered(resampled(Audio(second, stem.sample_rate_hz), rate))
    bands = suggested_eq(np.random.default_rng(len(name)))
    left_db = null_db(audition(bands, sound, rate), through(eq_sliders(bands), sound, rate))
    assert left_db < STEM_NULL_DB[rate]
