"""A chain read back as actions is the chain that these actions make."""

from __future__ import annotations

import pytest

from ama_analysis.chains import PluginSetting, chain_names, load_chain
from ama_analysis.plan import (
    SLOPES_DB_PER_OCT,
    Compressor,
    EqBand,
    Gate,
    HighPass,
    Limiter,
    LowPass,
    Polarity,
)
from ama_analysis.render.preset import chain_settings
from ama_bridge.daw.ardour.chain_actions import actions_of

DIGITS = 1e-5
"""Chain files keep six digits behind the point."""


def same(plugins, others):
    assert [p.plugin for p in plugins] == [o.plugin for o in others]
    for plugin, other in zip(plugins, others, strict=True):
        assert dict(plugin.parameters) == pytest.approx(dict(other.parameters), abs=DIGITS)


@pytest.mark.parametrize("name", chain_names())
def test_a_chain_that_ships_is_what_its_actions_make(name):
    chain = load_chain(name)
    read = actions_of(chain.plugins)
    assert read.unread == ()
    assert read.gain_db == 0.0
    if not any(isinstance(action, Limiter) for action in read.actions):
        same(chain_settings(read.actions), chain.plugins)


@pytest.mark.parametrize("kind", [HighPass, LowPass])
@pytest.mark.parametrize("slope", SLOPES_DB_PER_OCT)
def test_filters_of_every_slope_are_recognised(kind, slope):
    band = EqBand(type="bell", freq_hz=900.0, gain_db=2.0, q=1.0)
    actions = (kind(cutoff_hz=900.0, slope_db_per_oct=slope), band)
    assert actions_of(chain_settings(actions)).actions == actions


@pytest.mark.parametrize("knee_db", [0.0, 3.0, 12.0])
@pytest.mark.parametrize("ratio", [1.2, 4.0, 19.0])
def test_compressors_are_recognised_with_their_knee_and_make_up(ratio, knee_db):
    asked = Compressor(
        threshold_db=-20.0,
        ratio=ratio,
        attack_ms=7.0,
        release_ms=120.0,
        knee_db=knee_db,
        makeup_db=2.5,
    )
    (found,) = actions_of(chain_settings([asked])).actions
    assert isinstance(found, Compressor)
    assert found.ratio == pytest.approx(ratio)
    assert found.knee_db == pytest.approx(knee_db)
    assert found.threshold_db == pytest.approx(-20.0)
    assert (found.attack_ms, found.release_ms, found.makeup_db) == (7.0, 120.0, 2.5)


def test_a_gate_is_recognised_and_one_beyond_the_range_is_told():
    gate = Gate(threshold_db=-35.0, ratio=2.5, attack_ms=1.0, release_ms=180.0)
    (plugin,) = chain_settings([gate])
    assert actions_of([plugin]).actions == (gate,)
    wild = PluginSetting(plugin="NoiseGate", parameters={**plugin.parameters, "ratio": 60.0})
    assert actions_of([wild]).unread == ("NoiseGate",)


def test_a_limiter_keeps_its_gain_and_ceiling():
    (found,) = actions_of(chain_settings([Limiter(ceiling_dbtp=-1.0, gain_db=3.0)])).actions
    assert isinstance(found, Limiter)
    assert found.ceiling_dbtp == pytest.approx(-1.0)
    assert found.gain_db == 3.0


def test_two_compressors_that_make_no_knee_stay_two():
    fast, slow = (
        PluginSetting(
            plugin="Compressor",
            parameters={
                "threshold_db": -20.0,
                "ratio": 1.5,
                "attack_ms": t,
                "release_ms": 100.0,
            },
        )
        for t in (1.0, 30.0)
    )
    assert [a.kind for a in actions_of([fast, slow]).actions] == ["compressor", "compressor"]


def test_polarity_and_gain_are_told_and_what_is_out_of_range_is_not_guessed():
    plugins = [
        PluginSetting(plugin="Invert", parameters={}),
        PluginSetting(plugin="Gain", parameters={"gain_db": -2.0}),
        PluginSetting(
            plugin="PeakFilter",
            parameters={"cutoff_frequency_hz": 6.0, "gain_db": 3.0, "q": 1.0},
        ),
    ]
    read = actions_of(plugins)
    assert read.actions == (Polarity(invert=True),)
    assert read.gain_db == -2.0
    assert read.unread == ("PeakFilter",)
