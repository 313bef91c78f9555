"""The files of AMA EQ, AMA Compressor and AMA Gate: parameters that AMA's scripts set, wide enough for all that a plan may hold."""

from __future__ import annotations

import re

import pytest

from ama_analysis.plan import SLOPES_DB_PER_OCT, Compressor, EqBand, Gate, HighPass, LowPass
from tests.daw.reaper.eel2.effect import FOLDER, SECTIONS, Script, slider_of
from tests.daw.reaper.eel2.settings import BANDS

OLDEST_LIMIT = 64
"""Sliders that REAPER 6 knows in a JSFX."""
EFFECTS = sorted(path.stem for path in FOLDER.glob("*.jsfx"))
FIELDS = ("Shape", "Frequency (Hz)", "Gain (dB)", "Q", "Slope")


@pytest.mark.parametrize("name", EFFECTS)
def test_sliders_are_numbered_without_a_gap_so_that_parameters_are_their_numbers_less_one(name):
    sliders = Script.of(name).sliders
    assert list(sliders) == list(range(1, len(sliders) + 1))
    assert len(sliders) <= OLDEST_LIMIT
    for slider in sliders.values():
        assert slider.low <= slider.default <= slider.high
        if slider.choices:
            assert (slider.low, slider.high, slider.step) == (0, len(slider.choices) - 1, 1)


@pytest.mark.parametrize(
    ("name", "title", "inputs"),
    [("ama_eq", "AMA EQ", 2), ("ama_compressor", "AMA Compressor", 4), ("ama_gate", "AMA Gate", 2)],
)
def test_an_effect_is_listed_under_its_name_and_has_its_pins(name, title, inputs):
    script = Script.of(name)
    assert script.header[0] == f"desc:{title}"
    assert sum(line.startswith("in_pin:") for line in script.header) == inputs
    assert sum(line.startswith("out_pin:") for line in script.header) == 2
    assert tuple(script.sections) == SECTIONS


@pytest.mark.parametrize("name", EFFECTS)
def test_there_is_no_number_with_an_exponent_and_nothing_but_ascii(name):
    """EEL2 of REAPER 6 does not read 1e-9 as a number."""
    for _, text in Script.of(name).sections.values():
        assert text.isascii()
        assert not re.search(r"\b\d+(\.\d+)?[eE][-+]?\d", text)


def test_each_band_of_the_eq_has_five_parameters_in_one_order():
    sliders = Script.of("ama_eq").sliders
    for band in range(1, BANDS + 1):
        five = [sliders[2 + 5 * (band - 1) + field] for field in range(5)]
        assert [one.name for one in five] == [f"{band} {field}" for field in FIELDS]
        assert all(one.hidden for one in five)
        assert five[0].choices[1:] == ("Bell", "Low shelf", "High shelf", "High-pass", "Low-pass")
        assert five[0].default == 0
        slopes = [int(choice.split()[0]) for choice in five[4].choices[:-1]]
        assert tuple(slopes) == SLOPES_DB_PER_OCT


def fits(slider, make, low, high):
    """Say whether a slider reaches to both ends of what an action may hold, and the action no further."""
    for value in (low, high):
        make(value)
        assert slider.low <= value <= slider.high
    for value in (low - 0.01 * abs(low) - 0.001, high + 0.01 * abs(high) + 0.001):
        with pytest.raises(ValueError, match="must lie between"):
            make(value)


def test_whatever_a_plan_may_ask_of_a_band_can_be_set():
    _, freq, gain, q, _ = (Script.of("ama_eq").sliders[number] for number in range(2, 7))
    fits(freq, lambda v: EqBand(type="bell", freq_hz=v, gain_db=0, q=1), 10.0, 40_000.0)
    fits(freq, lambda v: HighPass(cutoff_hz=v), 5.0, 20_000.0)
    fits(freq, lambda v: LowPass(cutoff_hz=v), 20.0, 40_000.0)
    fits(gain, lambda v: EqBand(type="bell", freq_hz=100, gain_db=v, q=1), -24.0, 24.0)
    fits(q, lambda v: EqBand(type="bell", freq_hz=100, gain_db=0, q=v), 0.1, 20.0)


@pytest.mark.parametrize(
    ("number", "field", "low", "high"),
    [
        (1, "threshold_db", -80.0, 0.0),
        (2, "ratio", 1.0, 20.0),
        (3, "attack_ms", 0.01, 500.0),
        (4, "release_ms", 1.0, 5000.0),
        (5, "knee_db", 0.0, 24.0),
        (6, "makeup_db", -24.0, 24.0),
    ],
)
def test_whatever_a_plan_may_ask_of_a_compressor_can_be_set(number, field, low, high):
    plain = {"threshold_db": -20.0, "ratio": 2.0, "attack_ms": 10.0, "release_ms": 100.0}
    slider = Script.of("ama_compressor").sliders[number]
    fits(slider, lambda value: Compressor(**(plain | {field: value})), low, high)


@pytest.mark.parametrize(
    ("number", "field", "low", "high"),
    [
        (1, "threshold_db", -80.0, 0.0),
        (2, "ratio", 1.0, 20.0),
        (3, "attack_ms", 0.01, 500.0),
        (4, "release_ms", 1.0, 5000.0),
    ],
)
def test_whatever_a_plan_may_ask_of_a_gate_can_be_set(number, field, low, high):
    plain = {"threshold_db": -40.0, "ratio": 2.0, "attack_ms": 1.0, "release_ms": 100.0}
    slider = Script.of("ama_gate").sliders[number]
    fits(slider, lambda value: Gate(**(plain | {field: value})), low, high)


def test_a_sliders_line_that_is_not_understood_is_refused():
    with pytest.raises(ValueError, match="slider1:0"):
        slider_of("slider1:0<0,1>Name")
