"""From a plan to sound: what AMA writes into a project for its JSFX, run by EEL2, against the audition's render of the same suggestions."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.audio import Audio
from ama_analysis.plan import Action, Compressor, EqBand, Gate, HighPass, LowPass
from ama_analysis.render import Chained
from ama_analysis.render.plugins import in_order, settings_of
from ama_bridge.daw.reaper.jsfx_inserts import jsfx_inserts
from ama_bridge.daw.reaper.jsfx_text import effect_lines
from tests.daw.reaper.eel2.effect import Effect
from tests.daw.reaper.eel2.engine import needs_eel2
from tests.daw.reaper.jsfx_bands import null_db
from tests.render.material import rendered, says
from tests.signals import noise

pytestmark = needs_eel2

RATES = (44_100, 48_000, 96_000)
NULL_DB = {44_100: -60.0, 48_000: -60.0, 96_000: -45.0}
"""The audition's 32-bit coefficients are what is left."""

STRIPS: dict[str, tuple[Action, ...]] = {
    "vocals": (
        HighPass(cutoff_hz=110.0, slope_db_per_oct=24),
        EqBand(type="bell", freq_hz=315.0, gain_db=-2.5, q=1.2),
        EqBand(type="high_shelf", freq_hz=9000.0, gain_db=2.0, q=0.7),
        Compressor(
            threshold_db=-20.5,
            ratio=3.0,
            attack_ms=13.0,
            release_ms=150.0,
            knee_db=6.0,
            makeup_db=1.8,
        ),
    ),
    "bass": (
        Compressor(threshold_db=-19.5, ratio=4.0, attack_ms=11.0, release_ms=120.0, makeup_db=1.7),
        LowPass(cutoff_hz=8000.0),
        EqBand(type="low_shelf", freq_hz=120.0, gain_db=3.0, q=0.7),
    ),
    "snare": (
        EqBand(type="bell", freq_hz=180.0, gain_db=2.0, q=1.0),
        Compressor(threshold_db=-15.0, ratio=3.0, attack_ms=15.0, release_ms=110.0, makeup_db=2.0),
        Gate(threshold_db=-14.0, ratio=2.5, attack_ms=1.0, release_ms=120.0),
    ),
    "ten bands": tuple(
        EqBand(type="bell", freq_hz=100.0 * 1.6**n, gain_db=4.0 * (-1) ** n, q=1.4)
        for n in range(10)
    ),
}


def effects_of(actions, rate):
    """Yield the effects that the text for a project holds, each with its sliders."""
    suggestions = [says("track", action, number=n) for n, action in enumerate(actions)]
    found = jsfx_inserts(suggestions, rate)
    assert not found.left_out
    for insert in found.inserts:
        lines = effect_lines(insert, frozenset(s.id for s in suggestions), unique=insert.key)
        name = lines[1].split()[1].removeprefix("AMA/").removesuffix(".jsfx")
        slots = enumerate(lines[2].split(), 1)
        yield Effect(name, rate, {n: float(text) for n, text in slots if text != "-"})


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("strip", STRIPS)
def test_what_is_written_into_a_project_sounds_as_the_audition(strip, rate):
    sound = noise(sample_rate_hz=rate, rms_dbfs=-14.0, duration_s=0.5, pink=True).samples
    actions = in_order(STRIPS[strip])
    plugins = tuple(one for action in actions for one in settings_of(action))
    expected = rendered(Chained(Audio(sound, rate), plugins)).astype(float)
    got = sound.astype(float)
    for effect in effects_of(STRIPS[strip], rate):
        got = effect.process(got)
    assert null_db(expected, got) < NULL_DB[rate]
    assert np.max(np.abs(got - sound)) > 0.01
