"""AMA's plugins in REAPER, set in an engineer's units: whatever REAPER calls them, whatever unit it takes, read back or refused."""

from __future__ import annotations

import math

import pytest

from tests.daw.reaper.applying import (
    COMPRESSOR,
    REACOMP,
    Desk,
    band,
    heard,
    insert,
    part,
    request,
    strip,
)
from tests.daw.reaper.fake.effects import Parameter
from tests.daw.reaper.fake.reacomp import ReaComp, ReaLimit
from tests.daw.reaper.fake.reaeq import ReaEQ

GAIN_STEP_DB = 0.1  # what ReaEQ shows
BELL = band("bell", 1000.0, -6.0, bandwidth_oct=2.0)


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def one(desk, *entries):
    """Apply entries to one track and return the result and the track's effects."""
    track = desk.project.add("Bass")
    result = desk.apply(request([strip(track, *entries)]))
    return result, track.fx


def reason(result):
    (each,) = result["skipped"] + result["conflicting"]
    return each["reason"]


def refuse_to_show(monkeypatch, device, name, show):
    """Let a plugin have another text, or another scale, for one of its parameters."""
    original = device.__init__

    def changed(self, *arguments):
        original(self, *arguments)
        self._parameters = tuple(
            Parameter(each.name, each.default, show, each.low, each.high)
            if each.name == name
            else each
            for each in self._parameters
        )

    monkeypatch.setattr(device, "__init__", changed)


@pytest.mark.parametrize("unit", ["linear", "db"])
@pytest.mark.parametrize("curve", ["halves", "quarter"])
def test_a_gain_is_right_whatever_unit_reaper_takes(folder, unit, curve):
    result, (eq,) = one(
        Desk(folder, eq_gain=unit, eq_curve=curve), insert("reaeq", part("a", BELL))
    )
    assert result["applied"][0]["values"][2] == {
        "what": "AMA EQ 2 gain_db",
        "asked": -6.0,
        "read": -6.0,
    }
    assert abs(eq.bands[1].gain_db - -6.0) <= GAIN_STEP_DB / 2


def test_a_gain_is_searched_where_the_unit_is_neither(folder, monkeypatch):
    strange = ReaEQ.norm_of

    def norm_of(self, at, raw):
        return 0.9 if at % 3 == 1 else strange(self, at, raw)

    monkeypatch.setattr(ReaEQ, "norm_of", norm_of)
    result, (eq,) = one(Desk(folder), insert("reaeq", part("a", BELL)))
    assert result["applied"]
    assert abs(eq.bands[1].gain_db - -6.0) <= GAIN_STEP_DB / 2


def test_a_frequency_is_searched_where_reaper_takes_another_unit(folder, monkeypatch):
    original = ReaEQ.norm_of

    def norm_of(self, at, raw):
        return raw / 24_000 if at % 3 == 0 else original(self, at, raw)

    monkeypatch.setattr(ReaEQ, "norm_of", norm_of)
    result, (eq,) = one(Desk(folder), insert("reaeq", part("a", BELL)))
    assert result["applied"]
    assert abs(eq.bands[1].freq_hz - 1000.0) <= 0.1


def test_five_bands_of_one_shape_take_all_five_places(folder):
    bands = [band("bell", 100.0 * 3**at, 3.0 - at) for at in range(5)]
    result, (eq,) = one(Desk(folder), insert("reaeq", part("a", *bands)))
    assert result["applied"]
    assert [each.shape for each in eq.bands] == ["band"] * 5
    assert sorted(round(each.freq_hz) for each in eq.bands) == [100, 300, 900, 2700, 8100]
    assert all(each.on for each in eq.bands)


def test_a_sixth_band_is_refused(folder):
    result, effects = one(
        Desk(folder),
        insert("reaeq", part("a", *[band("bell", 200.0 * 2**at, 1.0) for at in range(6)])),
    )
    assert reason(result) == "ReaEQ has 5 bands, more were asked"
    assert effects == []


@pytest.mark.parametrize("fifth_on", [True, False])
def test_nothing_else_of_the_equaliser_is_heard(folder, fifth_on):
    _, (eq,) = one(Desk(folder, eq_fifth_on=fifth_on), insert("reaeq", part("a", BELL)))
    assert not any(each.on and "pass" in each.shape for each in eq.bands)


def test_a_band_that_cannot_be_switched_off_becomes_a_flat_bell(folder):
    desk = Desk(folder, eq_fifth_on=True)
    desk.fake.fail(
        "TrackFX_SetNamedConfigParm", nth=2, returns=False
    )  # the first one names the effect
    desk.fake.fail("TrackFX_SetEQBandEnabled", returns=False)
    result, (eq,) = one(desk, insert("reaeq", part("a", BELL)))
    assert result["applied"]
    assert eq.bands[4].on
    assert eq.bands[4].shape == "band"
    assert abs(eq.bands[4].gain_db) <= GAIN_STEP_DB / 2


def test_the_older_switch_of_a_band_is_used_where_the_newer_does_nothing(folder):
    desk = Desk(folder, eq_fifth_on=True)
    desk.fake.fail("TrackFX_SetNamedConfigParm", nth=2, returns=False)
    _, (eq,) = one(desk, insert("reaeq", part("a", BELL)))
    assert not eq.bands[4].on
    assert eq.bands[4].shape == "high_pass"


def test_a_reaper_that_does_not_tell_types_keeps_them(folder, monkeypatch):
    monkeypatch.setattr(
        ReaEQ, "named", lambda self, key: self.renamed if key == "renamed_name" else None
    )
    desk = Desk(folder, eq_fifth_on=True)
    track = desk.project.add("Bass")
    eq = insert(
        "reaeq", part("fits", BELL, band("high_pass", 60.0)), part("not", band("low_pass", 9000.0))
    )
    result = desk.apply(request([strip(track, eq)]))
    assert [each["suggestion"] for each in result["applied"]] == ["fits"]
    assert (
        reason(result)
        == "this REAPER does not tell the types of ReaEQ's bands, so none becomes a low_pass"
    )
    assert [each.shape for each in heard(track)] == ["band", "high_pass"]


def test_a_band_that_does_not_change_its_type_leaves_out_its_suggestion_alone(folder, monkeypatch):
    original = ReaEQ.set_named
    monkeypatch.setattr(
        ReaEQ,
        "set_named",
        lambda self, key, value: original(self, key, value) if value != "3" else False,
    )
    desk = Desk(folder)
    track = desk.project.add("Bass")
    result = desk.apply(
        request(
            [
                strip(
                    track,
                    insert("reaeq", part("bell", BELL), part("low", band("low_pass", 9000.0))),
                )
            ]
        )
    )
    assert [each["suggestion"] for each in result["applied"]] == ["bell"]
    assert "did not become a low_pass" in reason(result)
    assert [each.shape for each in heard(track)] == ["band"]


def test_a_user_whose_reaeq_begins_with_another_preset_gets_what_was_asked(folder, monkeypatch):
    monkeypatch.setattr(
        "tests.daw.reaper.fake.reaeq._FRESH",
        ((3, 9000.0, 1.0), (8, 80.0, 1.0), (6, 50.0, 0.3), (4, 30.0, 2.0), (4, 60.0, 2.0)),
    )
    _, (eq,) = one(Desk(folder), insert("reaeq", part("a", BELL, band("high_pass", 35.0))))
    heard = [(each.shape, round(each.freq_hz)) for each in eq.bands if each.on]
    assert sorted(heard) == [("band", 1000), ("high_pass", 35)]


def test_a_band_that_is_given_by_its_q_gets_that_width(folder):
    bell = {**BELL, "q": 1.0, "bandwidth_oct": None}
    _, (eq,) = one(Desk(folder), insert("reaeq", part("a", bell)))
    assert eq.bands[1].octaves == pytest.approx(2 * math.asinh(0.5) / math.log(2), abs=0.005)


@pytest.mark.parametrize("ahead", [True, False])
def test_the_compressor_is_searched_by_what_it_shows(folder, monkeypatch, ahead):
    refuse_to_show(monkeypatch, ReaComp, "Attack", lambda norm: f"{1000 * norm**4:.2f}")
    refuse_to_show(monkeypatch, ReaComp, "Release", lambda norm: f"{5 * (1 - norm):.3f} s")
    result, (comp,) = one(
        Desk(folder, formats_ahead=ahead), insert("reacomp", part("a", **REACOMP))
    )
    assert result["applied"]
    assert 1000 * comp.get(2) ** 4 == pytest.approx(12.5, abs=0.01)
    assert 5000 * (1 - comp.get(3)) == pytest.approx(140.0, abs=1.0)


def test_a_user_whose_reacomp_begins_with_another_preset_gets_a_plain_one(folder, monkeypatch):
    original = ReaComp.__init__

    def changed(self, *arguments):
        original(self, *arguments)
        for at in (4, 10, 15, 16):  # pre-comp, dry, auto make-up, auto release
            self.norms[at] = 0.5

    monkeypatch.setattr(ReaComp, "__init__", changed)
    _, (comp,) = one(Desk(folder), insert("reacomp", part("a", **REACOMP)))
    assert [comp.get(at) for at in (4, 10, 15, 16)] == [0.0] * 4


def test_more_make_up_than_there_is_is_refused_with_the_range(folder):
    result, effects = one(
        Desk(folder), insert("reacomp", part("a", **{**REACOMP, "makeup_db": 9.0}))
    )
    assert reason(result) == "ReaComp does not reach 9 for wet: it goes from -inf to 6"
    assert effects == []


def test_a_reacomp_without_a_parameter_of_a_name_is_refused(folder, monkeypatch):
    original = ReaComp.__init__

    def changed(self, *arguments):
        original(self, *arguments)
        self._parameters = tuple(
            Parameter("Softness" if each.name == "Knee" else each.name, each.default, each.show)
            for each in self._parameters
        )

    monkeypatch.setattr(ReaComp, "__init__", changed)
    result, effects = one(Desk(folder), insert("reacomp", part("a", **REACOMP)))
    assert reason(result) == 'ReaComp has no parameter named "knee" here'
    assert effects == []


def limited(desk, **values):
    """Ask for a limiter on the master."""
    return desk.apply(request([strip("master", insert("realimit", part("a", **values)))]))


def test_a_limiter_on_the_master_is_set_in_its_units(folder):
    desk = Desk(folder)
    result = limited(desk, threshold_db=-7.3, ceiling_db=-1.0, release_ms=100.0)
    (limiter,) = desk.project.master.fx
    assert result["applied"]
    assert isinstance(limiter, ReaLimit)
    assert 72 * limiter.get(0) - 60 == pytest.approx(-7.3, abs=0.05)
    assert 24 * limiter.get(1) - 24 == pytest.approx(-1.0, abs=0.05)
    assert 1000 * (1 - limiter.get(2)) ** 2 == pytest.approx(100.0, abs=0.05)


@pytest.mark.parametrize("text", ["{:.1f}", "{:+.1f} dB", "{:.1f}\u202fdB", "\u2212{:.1f} dB"])
def test_texts_of_many_kinds_are_read(folder, monkeypatch, text):
    sign = -1.0 if text[0] == "\u2212" else 1.0
    refuse_to_show(
        monkeypatch, ReaLimit, "Ceiling", lambda norm: text.format(sign * (24 * norm - 24))
    )
    desk = Desk(folder)
    result = limited(desk, threshold_db=-3.0, ceiling_db=-1.5, release_ms=50.0)
    assert result["applied"]
    assert 24 * desk.project.master.fx[0].get(1) - 24 == pytest.approx(-1.5, abs=0.05)


def test_a_plugin_that_shows_no_numbers_is_refused(folder, monkeypatch):
    refuse_to_show(monkeypatch, ReaLimit, "Ceiling", lambda norm: "high" if norm > 0.5 else "low")
    desk = Desk(folder)
    result = limited(desk, threshold_db=-3.0, ceiling_db=-1.5, release_ms=50.0)
    assert (
        reason(result)
        == "ReaLimit does not reach -1.5 for ceiling: it does not show its values as numbers"
    )


def test_ama_s_own_equaliser_takes_eight_bands_and_slopes(folder):
    bands = [band("bell", 100.0 * 2**at, -2.0, q=1.2) for at in range(6)]
    bands += [
        {**band("high_pass", 40.0), "slope_db_per_oct": 24},
        {**band("low_pass", 15_000.0), "slope_db_per_oct": None},
    ]
    result, (eq,) = one(Desk(folder), insert("ama_eq", part("a", *bands)))
    assert result["applied"]
    named = {
        each.name.lstrip("-"): each.native(eq.get(at)) for at, each in enumerate(eq.parameters)
    }
    assert named["7 Slope"] == pytest.approx(3)
    assert named["8 Slope"] == pytest.approx(6)
    assert named["6 Frequency (Hz)"] == pytest.approx(3200.0)


def test_ama_s_own_compressor_refuses_what_its_sliders_do_not_have(folder):
    result, effects = one(
        Desk(folder), insert("ama_compressor", part("a", **{**COMPRESSOR, "ratio": 60.0}))
    )
    assert reason(result) == "AMA Comp ratio goes from 1 to 20, 60 was asked"
    assert effects == []


def test_a_missing_plugin_is_said_in_the_request_s_words_or_in_plain_ones(folder):
    desk = Desk(folder)
    desk.fake.missing_effects.add("VST: ReaComp (Cockos)")
    result, _ = one(desk, insert("reacomp", part("a", **REACOMP)))
    assert reason(result) == "this REAPER does not have the plugin ReaComp"
    bare = Desk(folder / "bare", own_effects=False)
    result, _ = one(
        bare, insert("ama_eq", part("a", BELL), if_missing="AMA's JSFX is not installed")
    )
    assert reason(result) == "AMA's JSFX is not installed"
