"""The three files in jsusfx, a JSFX host for Pure Data: it finds the sliders, compiles all sections and plays as our own runner does."""

from __future__ import annotations

import pytest

from tests.daw.reaper.eel2.effect import Effect, Script
from tests.daw.reaper.eel2.engine import needs_eel2
from tests.daw.reaper.eel2.pd_host import needs_pure_data, played
from tests.daw.reaper.jsfx_bands import null_db
from tests.signals import noise

pytestmark = [needs_eel2, needs_pure_data]

NULL_DB = -140.0
"""Pure Data's signals are 32-bit."""
RATE = 48_000


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ama_eq", {1: -3, 2: 1, 3: 1000, 4: 6, 5: 2, 7: 4, 8: 80, 11: 3, 37: 3, 38: 8000, 39: -4}),
        ("ama_compressor", {1: -30, 2: 4, 3: 5, 4: 80, 5: 6, 6: 3}),
        ("ama_gate", {1: -12, 2: 3, 3: 2, 4: 60}),
    ],
)
def test_an_independent_host_plays_the_file_as_our_runner_does(tmp_path, name, values):
    sound = noise(duration_s=0.5, sample_rate_hz=RATE).samples
    out, said = played(tmp_path, name, RATE, sound, values)
    for number, slider in Script.of(name).sliders.items():
        assert f" slider{number}: {slider.low:g} {slider.high:g}" in said
    assert "error" not in said
    assert null_db(Effect(name, RATE, values).process(sound), out) < NULL_DB
