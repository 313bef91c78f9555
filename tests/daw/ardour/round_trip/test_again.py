"""A plan that is applied again: AMA's own plugins are known and never doubled, the user's hand counts, and the wrong thing is not touched."""

from __future__ import annotations

import pytest

from tests.daw.ardour import requests
from tests.daw.ardour.made_sessions import needs_ardour
from tests.daw.ardour.requests import bell, comp, control, eq, high_pass, part, request
from tests.daw.ardour.round_trip.read import HALF, whole_plan

pytestmark = [needs_ardour, pytest.mark.ardour]


def test_a_plan_that_is_applied_again_changes_its_own_plugins_and_never_doubles_them(desk, kick):
    first = request(
        kick(inserts=(eq(bell("a", 1, 300.0, -2.0)),), controls=(control("g", "gain", HALF, 1.0),))
    )
    second = request(
        kick(
            inserts=(high_pass("hp", 60.0), eq(bell("b", 2, 900.0, 1.5))),
            controls=(control("g", "gain", 0.8, HALF),),
        ),
        id="plan-2",
    )
    desk.ask(first)
    desk.run('START = state() apply() print("ID", names("Kick"))', save=True)
    desk.ask(second)
    said = desk.run("""local between = state() apply() print("TWO", names("Kick"))
      local eq = shown_processors("Kick")[2]
      print("BANDS", ARDOUR.LuaAPI.get_processor_param(eq, 18, true), ARDOUR.LuaAPI.get_processor_param(eq, 19, true))
      revert() print("BACK", state() == between)
      revert() print("EMPTY", names("Kick"), fader("Kick")) revert()""")
    assert "TWO\tACE High/Low Pass Filter, ACE EQ, Fader" in said
    assert "BANDS\t0.0" in said
    assert "BACK\ttrue" in said
    assert "EMPTY\tFader\t1.0" in said
    assert (
        desk.read("reverted-none.json")["reason"] == "there is nothing to take back in this session"
    )


def test_the_same_request_twice_is_taken_back_in_two_steps(desk, kick):
    desk.ask(
        request(
            kick(
                inserts=(eq(bell("a", 1, 300.0, -2.0)),),
                controls=(control("g", "gain", HALF, 1.0),),
            )
        ),
    )
    said = desk.run("""local before = state() apply() local once = state() apply() print("ONCE", state() == once)
      revert() print("STILL", state() == once) revert() print("BACK", state() == before)""")
    assert [line for line in said.splitlines() if "\t" in line] == [
        "ONCE\ttrue",
        "STILL\ttrue",
        "BACK\ttrue",
    ]


def test_a_plugin_that_was_changed_by_hand_is_neither_overwritten_nor_removed(desk, kick):
    desk.ask(request(kick(inserts=(eq(bell("a", 1, 300.0, -2.0)),))))
    said = desk.run("""apply() ARDOUR.LuaAPI.set_processor_param(shown_processors("Kick")[1], 3, -5)
      local result = apply() print("AGAIN", result.conflicting[1].reason)
      revert() print("LEFT", names("Kick"))""")
    assert "AGAIN\tAMA EQ was changed by hand since AMA set it" in said
    assert "LEFT\tACE EQ, Fader" in said
    (conflict,) = desk.read("reverted-plan-1.json")["conflicting"]
    assert conflict["reason"] == "it was changed by hand since AMA set it"


def test_a_plugin_that_is_bypassed_to_compare_is_still_ama_s(desk, kick):
    values = {**requests.EQ_OFF, 23: 1.0}
    insert = eq(bell("a", 1, 300.0, -2.0), base=requests.settings(values))
    desk.ask(request(kick(inserts=(insert,))))
    said = desk.run(
        'apply() shown_processors("Kick")[1]:to_insert():enable(false) revert() print("LEFT", names("Kick"))'
    )
    assert "LEFT\tFader" in said


def test_what_was_moved_or_removed_since_is_told_and_the_rest_goes_back(desk, kick, voice):
    desk.ask(whole_plan(kick, voice))
    said = desk.run("""apply() fader("Kick", 0.9)
      route("Kick"):remove_processor(shown_processors("Kick")[2], nil, true)
      revert() print("NOW", fader("Kick"), names("Kick"))""")
    report = desk.read("reverted-plan-1.json")
    assert [(c["what"], c["reason"]) for c in report["conflicting"]] == [
        ("fader", "it was moved since (-0.9 dB, AMA had set -6.0 dB)")
    ]
    assert [g["what"] for g in report["gone"]] == ["AMA EQ"]
    assert "NOW\t0.9\tFader" in said


def test_values_hold_for_the_suggestions_that_go_through(desk, kick):
    """Two suggestions share a fader; where one of them fails, the other's own value is set."""
    controls = (
        control("trim", "gain", 0.9, 1.0, unless=("comp",)),
        control("trim", "gain", 0.6, 1.0, when=("comp",)),
        control("comp", "gain", 0.7, 1.0, unless=("trim",)),
    )
    good = comp(part("comp", {4: -20.0}))
    for insert, expected in ((good, "0.6"), (comp(part("comp", {4: -999.0})), "0.9")):
        desk.ask(request(kick(controls=controls, inserts=(insert,))))
        assert f"FADER\t{expected}" in desk.run('apply() print("FADER", fader("Kick"))')
