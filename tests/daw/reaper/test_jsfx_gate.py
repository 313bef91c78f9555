"""AMA Gate, run by Cockos's own EEL2, against AMA's audition (Pedalboard's noise gate)."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.audio import Audio
from ama_analysis.plan import Gate
from ama_analysis.render import Chained
from ama_analysis.render.plugins import settings_of
from tests.daw.reaper.eel2.effect import Effect
from tests.daw.reaper.eel2.engine import needs_eel2
from tests.daw.reaper.eel2.settings import at_equal_ratios, gate_sliders
from tests.daw.reaper.jsfx_bands import bends, null_db
from tests.daw.reaper.test_jsfx_compressor import loudest
from tests.real_data import needs_real_data
from tests.render.material import rendered
from tests.signals import noise, sine

pytestmark = needs_eel2

RATES = (44_100, 48_000, 96_000)
SAMPLE = 1e-5
"""Of full scale, for gates on stems. Pedalboard works in 32 bits, this in 64; measured 2.5e-6 at worst."""
NULL_DB = -90.0
"""Re what comes out, for attacks to 50 ms and releases to 500 ms; measured -95 dB at worst (96 kHz), -150 dB mostly."""
ANY_NULL_DB = -80.0
"""For times of seconds, of which a 32-bit coefficient holds few digits; measured -84 dB at worst, -140 dB mostly."""
STEMS = {
    "mdn_funk/drums.flac": Gate(threshold_db=-18.0, ratio=2.0, attack_ms=1.0, release_ms=120.0),
    "mdn_funk/bass_guitar.flac": Gate(threshold_db=-26.0, ratio=1.5, attack_ms=5.0, release_ms=250.0),
    "lmms_mauiwowi/snare01.flac": Gate(threshold_db=-14.0, ratio=4.0, attack_ms=0.1, release_ms=80.0),
    "nc_easton_ellises_falcon69/vocals.flac": Gate(threshold_db=-30.0, ratio=2.5, attack_ms=2.0, release_ms=300.0),
}  # fmt: skip


def audition(action, sound, rate):
    return rendered(Chained(Audio(sound, rate), settings_of(action))).astype(float)


def through(action, sound, rate):
    effect = Effect("ama_gate", rate, gate_sliders(action))
    try:
        return effect.process(sound)
    finally:
        effect.machine.close()


def hits(rate, duration_s=0.5, seed=1):
    """Return noise that is struck eight times a second and dies away, each channel in its own way."""
    sound = noise(duration_s=duration_s, sample_rate_hz=rate, rms_dbfs=-12.0, seed=seed).samples
    time_s = np.arange(sound.shape[1]) / rate
    falls = np.array([np.exp(-40.0 * (time_s % 0.125)), np.exp(-15.0 * (time_s % 0.25))])
    return (sound * falls).astype(np.float32)


@needs_real_data
@pytest.mark.parametrize("rate", [44_100, 96_000])
@pytest.mark.parametrize("name", STEMS)
def test_a_stem_is_gated_as_in_the_audition_sample_by_sample(name, rate):
    action, sound = STEMS[name], loudest(name, rate)
    expected, got = audition(action, sound, rate), through(action, sound, rate)
    assert np.max(np.abs(got - expected)) < SAMPLE
    assert null_db(sound.astype(float), got) > -50.0


@pytest.mark.parametrize(
    ("longest_ms", "null"), [((50.0, 500.0), NULL_DB), ((500.0, 5000.0), ANY_NULL_DB)]
)
@pytest.mark.parametrize("rate", RATES)
def test_any_gate_is_the_auditions(rate, longest_ms, null):
    random = np.random.default_rng(rate)
    sound = hits(rate)
    turned = 0
    for _ in range(25):
        action = Gate(
            threshold_db=round(float(random.uniform(-45.0, -5.0)), 2),
            ratio=at_equal_ratios(random, 1.0, 20.0, 3),
            attack_ms=at_equal_ratios(random, 0.01, longest_ms[0], 2),
            release_ms=at_equal_ratios(random, 1.0, longest_ms[1], 2),
        )
        expected, got = audition(action, sound, rate), through(action, sound, rate)
        assert null_db(expected, got) < null, action
        turned += np.max(np.abs(got - sound)) > 0.01
    assert turned > 12


@pytest.mark.parametrize("under_db", [0.0, 5.0, 10.0, 20.0])
def test_a_level_that_stays_under_the_threshold_is_turned_down_by_ratio_less_one_for_each_db(
    under_db,
):
    level = 10.0 ** ((-30.0 - under_db) / 20.0)
    steady = np.full((2, 48_000), level, dtype=np.float32)
    action = Gate(threshold_db=-30.0 + 1e-3, ratio=3.0, attack_ms=1.0, release_ms=50.0)
    got_db = 20.0 * np.log10(through(action, steady, 48_000)[:, -1])
    assert got_db == pytest.approx(-30.0 - 3.0 * under_db, abs=0.01)


def test_channels_are_not_linked():
    sound = sine(1000.0, level_dbfs=-6.0).samples.copy()
    sound[1] *= 0.01
    out = through(
        Gate(threshold_db=-20.0, ratio=3.0, attack_ms=1.0, release_ms=100.0), sound, 48_000
    )
    assert np.array_equal(out[0, 24_000:], sound[0, 24_000:].astype(float))
    assert np.max(np.abs(out[1, 24_000:])) < 0.01 * np.max(np.abs(sound[1]))


@pytest.mark.parametrize("values", [{2: 1.0}, {2: 1.0, 1: 0.0}])
def test_a_ratio_of_one_leaves_sound_as_it_is(values):
    sound = noise(duration_s=0.2).samples
    out = Effect("ama_gate", 48_000, {1: -40.0, 2: 4.0} | values).process(sound)
    assert np.array_equal(out, sound)


def test_as_it_is_inserted_it_shuts_nothing_that_is_heard():
    sound = hits(48_000)
    out = Effect("ama_gate", 48_000).process(sound)
    assert np.max(np.abs(out - sound)[:, 480:]) < 1e-4


def test_a_start_begins_anew():
    sound = hits(48_000)
    effect = Effect("ama_gate", 48_000, {1: -20.0, 2: 4.0})
    first = effect.process(sound)
    effect.start()
    assert np.array_equal(effect.process(sound), first)


def test_silence_leaves_no_numbers_that_are_too_small_to_reckon_with():
    effect = Effect("ama_gate", 48_000, {1: -20.0, 2: 4.0, 3: 0.01, 4: 1.0})
    effect.process(noise(duration_s=0.1).samples)
    out = effect.process(np.zeros((2, 3 * 48_000), dtype=np.float32))
    assert not np.any(out)
    kept = [effect.machine.variable(f"on_left.{name}")[0] for name in ("energy", "level")]
    assert kept == [0.0, 0.0]


MOVES = ({1: -80.0}, {1: 0.0}, {2: 1.0}, {2: 20.0}, {3: 0.01, 4: 5000.0})


@pytest.mark.parametrize("after", MOVES)
def test_a_move_while_it_plays_does_not_click(after):
    sound = sine(200.0, level_dbfs=-26.0).samples
    effect = Effect("ama_gate", 48_000, {1: -20.0, 2: 2.0, 3: 50.0, 4: 500.0})
    parts = [effect.process(sound[:, :24_000])]
    effect.move(after)
    parts.append(effect.process(sound[:, 24_000:]))
    whole = np.concatenate(parts, axis=1)[0]
    assert bends(whole[20_000:]) < 1.5 * bends(sound[0, 1000:])


def test_a_knob_that_is_turned_all_the_time_arrives_where_it_stops():
    sound = sine(200.0, level_dbfs=-26.0).samples
    effect = Effect("ama_gate", 48_000, {1: -80.0, 2: 2.0, 3: 1.0, 4: 50.0})
    parts = [effect.process(sound[:, :12_000])]
    for nth in range(60):
        effect.move({1: -80.0 + nth + 1})
        parts.append(effect.process(sound[:, 12_000 + 256 * nth : 12_256 + 256 * nth]))
    rest = sound[:, 12_000 + 256 * 60 :]
    parts.append(effect.process(rest))
    fresh = through(
        Gate(threshold_db=-20.0, ratio=2.0, attack_ms=1.0, release_ms=50.0), sound, 48_000
    )
    whole = np.concatenate(parts, axis=1)
    assert bends(whole[0, 1000:]) < 1.5 * bends(sound[0, 1000:])
    assert whole[:, -4800:] == pytest.approx(fresh[:, -4800:], abs=1e-9)
