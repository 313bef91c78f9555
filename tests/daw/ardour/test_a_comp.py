"""The model of a-comp against the plugin itself."""

from __future__ import annotations

import numpy as np
import pytest

from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.dynamics.a_comp import AComp, static_db
from ama_bridge.daw.ardour.dynamics.devices import follow, followed, level_db, speed
from tests.daw.ardour.lv2_plugin import needs_plugin, processed
from tests.daw.ardour.struck import RATE, apart_db, hits

MODEL_DB = 0.005
"""The plugin computes in 32 bits; the largest difference measured is 0.0005 dB."""
SETTINGS = [
    AComp(attack_ms=10.0, release_ms=80.0, knee=1.0, ratio=4.0, threshold_db=-25.0),
    AComp(attack_ms=0.1, release_ms=1.0, knee=0.0, ratio=20.0, threshold_db=-40.0),
    AComp(attack_ms=0.3, release_ms=30.0, knee=0.0, ratio=8.0, threshold_db=-20.0),
    AComp(attack_ms=50.0, release_ms=500.0, knee=8.0, ratio=2.0, threshold_db=-30.0),
    AComp(attack_ms=100.0, release_ms=2000.0, knee=3.0, ratio=1.0, threshold_db=-60.0),
    AComp(attack_ms=20.0, release_ms=20.0, knee=0.0, ratio=3.0, threshold_db=0.0),
    AComp(attack_ms=5.0, release_ms=50.0, knee=2.0, ratio=3.0, threshold_db=-30.0, makeup_db=7.5),
]


def modelled(samples: np.ndarray, setting: AComp) -> np.ndarray:
    """Return what the model makes of one channel."""
    wanted = static_db(level_db(np.abs(samples)), setting)
    speeds = [np.float32(speed(ms, RATE)) for ms in (setting.attack_ms, setting.release_ms)]
    down = followed(wanted[:, None], speeds[0], speeds[1], np.zeros(1, np.float32))[:, 0]
    result: np.ndarray = samples * 10.0 ** ((setting.makeup_db - down) / 20.0)
    return result


@needs_plugin("a-comp")
@pytest.mark.parametrize("setting", SETTINGS)
def test_the_model_is_the_plugin(setting):
    samples = hits()
    ports = {one.which: one.value for one in setting.settings()}
    (theirs,) = processed(ace.COMPRESSOR, samples, RATE, ports)
    ours = modelled(samples[0], setting)
    # the make-up glides to its value and stops up to 0.05 dB short of it
    short_db = float(np.median(apart_db(ours, theirs))) if setting.makeup_db else 0.0
    assert abs(short_db) < 0.05
    assert np.max(np.abs(apart_db(ours, theirs) - short_db)) < MODEL_DB


@needs_plugin("a-comp")
def test_the_stereo_plugin_is_led_by_the_louder_channel():
    samples = hits(channels=2) * np.array([[1.0], [0.25]], np.float32)
    setting = SETTINGS[0]
    ports = {one.which: one.value for one in setting.settings()}
    theirs = processed(ace.COMPRESSOR_STEREO, samples, RATE, ports)
    louder = np.abs(samples).max(axis=0)
    gain = modelled(louder, setting) / np.maximum(louder, 1e-9)
    for side, found in zip(samples, theirs, strict=True):
        assert np.max(np.abs(apart_db(side * gain, found))) < MODEL_DB


@needs_plugin("a-comp")
def test_with_its_side_chain_on_the_plugin_listens_to_the_key():
    key = hits()[0]
    steady = np.full((1, key.size), 0.1, np.float32)
    setting = SETTINGS[2]
    ports = {one.which: one.value for one in setting.settings()} | {ace.SIDECHAIN: 1.0}
    (theirs,) = processed(ace.COMPRESSOR, steady, RATE, ports, key=key)
    gain = modelled(np.abs(key) + 1e-9, setting) / (np.abs(key) + 1e-9)
    assert np.max(np.abs(apart_db(steady[0] * gain, theirs))) < MODEL_DB


def test_the_static_curve_has_its_threshold_its_ratio_and_its_knee():
    setting = AComp(attack_ms=1.0, release_ms=1.0, knee=2.0, ratio=4.0, threshold_db=-20.0)
    levels = np.array([-60.0, -26.1, -20.0, -13.9, 0.0], np.float32)
    down = static_db(levels, setting)
    assert setting.knee_width_db == pytest.approx(12.01)
    assert down == pytest.approx([0.0, 0.0, 12.01 / 8 * 0.75, 6.1 * 0.75, 15.0], abs=0.01)


def test_the_follower_is_proportional_to_what_it_follows():
    wanted = np.random.default_rng(1).uniform(0, 9, (5000, 1)).astype(np.float32)
    attack, release = np.float32(0.05), np.float32(0.002)
    begin = np.ones(1, np.float32)
    once = followed(wanted, attack, release, begin)
    twice = followed(2 * wanted, attack, release, 2 * begin)
    assert twice == pytest.approx(2 * once, rel=1e-5)


def test_following_in_steps_is_following_and_summing():
    wanted = np.random.default_rng(2).uniform(0, 9, (600, 3)).astype(np.float32)
    weights = np.random.default_rng(3).uniform(0, 1, (600, 3)).astype(np.float32)
    attack, release = np.float32(0.05), np.float32(0.002)
    begin = np.zeros(3, np.float32)
    whole = followed(wanted, attack, release, begin)
    steps = follow(wanted, attack, release, begin, weights=weights, step=20)
    expected = (whole * weights).reshape(30, 20, 3).sum(axis=1)
    assert steps == pytest.approx(expected, rel=1e-4)


def test_settings_stay_within_the_plugins_ranges():
    wild = AComp(attack_ms=0.0, release_ms=9e9, knee=-1.0, ratio=1e9, threshold_db=-200.0)
    assert [one.value for one in wild.settings()] == [0.1, 2000.0, 0.0, 20.0, -60.0, 0.0]
    assert [one.which for one in wild.settings()] == [0, 1, 2, 3, 4, 5]
