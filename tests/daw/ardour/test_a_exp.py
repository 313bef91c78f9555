"""The model of a-exp against the plugin itself."""

from __future__ import annotations

import numpy as np
import pytest

from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.dynamics.a_exp import MOST_DB, AExp, static_db
from ama_bridge.daw.ardour.dynamics.devices import followed, level_db, speed
from tests.daw.ardour.lv2_plugin import needs_plugin, processed
from tests.daw.ardour.struck import RATE, apart_db, hits

MODEL_DB = 0.02
"""The plugin computes in 32 bits, and a ratio of 100:1 makes their rounding a hundred times larger: 0.011 dB at most, measured."""
SETTINGS = [
    AExp(attack_ms=0.1, release_ms=300.0, knee=0.0, ratio=3.0, threshold_db=-30.0),
    AExp(attack_ms=0.1, release_ms=1.0, knee=0.0, ratio=2.0, threshold_db=-20.0),
    AExp(attack_ms=1.0, release_ms=80.0, knee=2.0, ratio=10.0, threshold_db=-25.0),
    AExp(attack_ms=0.3, release_ms=2000.0, knee=8.0, ratio=100.0, threshold_db=-40.0),
    AExp(attack_ms=100.0, release_ms=2000.0, knee=3.0, ratio=1.0, threshold_db=0.0),
    AExp(attack_ms=20.0, release_ms=20.0, knee=0.0, ratio=1.5, threshold_db=-60.0),
]


def modelled(samples: np.ndarray, setting: AExp) -> np.ndarray:
    """Return what the model makes of one channel."""
    wanted = static_db(level_db(np.abs(samples)), setting)
    attack, release = (
        np.float32(speed(ms, RATE)) for ms in (setting.attack_ms, setting.release_ms)
    )
    begin = np.full(1, -MOST_DB, np.float32)
    gain = followed(wanted[:, None], attack, release, begin)[:, 0]
    result: np.ndarray = samples * 10.0 ** (gain / 20.0)
    return result


def ports_of(setting: AExp) -> dict[int, float]:
    return {one.which: one.value for one in setting.settings()}


@needs_plugin("a-exp")
@pytest.mark.parametrize("setting", SETTINGS)
def test_the_model_is_the_plugin(setting):
    samples = hits()
    (theirs,) = processed(ace.EXPANDER, samples, RATE, ports_of(setting))
    apart = apart_db(modelled(samples[0], setting), theirs)
    assert apart.size > RATE // 4
    assert np.max(np.abs(apart)) < MODEL_DB


@needs_plugin("a-exp")
def test_it_opens_from_silence_as_the_plugin_does():
    silent = np.zeros((1, RATE), np.float32)
    samples = np.concatenate([silent, hits(1.0)], axis=1)
    setting = SETTINGS[0]
    (theirs,) = processed(ace.EXPANDER, samples, RATE, ports_of(setting))
    ours = modelled(samples[0], setting)
    opening = slice(RATE, RATE + RATE // 100)
    assert np.abs(ours[opening]).max() > 0.1
    assert theirs[opening] == pytest.approx(ours[opening], abs=1e-4)


@needs_plugin("a-exp")
def test_the_stereo_plugin_is_led_by_the_louder_channel():
    samples = hits(channels=2) * np.array([[1.0], [0.25]], np.float32)
    setting = SETTINGS[0]
    theirs = processed(ace.EXPANDER_STEREO, samples, RATE, ports_of(setting))
    louder = np.abs(samples).max(axis=0)
    gain = modelled(louder, setting) / np.maximum(louder, 1e-9)
    for side, found in zip(samples, theirs, strict=True):
        assert np.max(np.abs(apart_db(side * gain, found))) < MODEL_DB


def test_the_static_curve_has_its_threshold_its_ratio_its_knee_and_its_end():
    setting = AExp(attack_ms=1.0, release_ms=1.0, knee=2.0, ratio=4.0, threshold_db=-20.0)
    levels = np.array([0.0, -13.9, -20.0, -26.1, -60.0, -120.0], np.float32)
    gain = static_db(levels, setting)
    assert gain == pytest.approx([0.0, 0.0, -12.01 / 8 * 3.0, -6.1 * 3.0, -120.0, -MOST_DB], abs=0.01)  # fmt: skip


def test_settings_stay_within_the_plugins_ranges():
    wild = AExp(attack_ms=0.0, release_ms=9e9, knee=-1.0, ratio=1e9, threshold_db=-200.0)
    assert [one.value for one in wild.settings()] == [0.1, 2000.0, 0.0, 100.0, -60.0, 0.0]
    assert wild.dialled().ratio == 100.0
