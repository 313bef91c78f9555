"""AMA Apply and AMA Revert in the real Ardour: what they set, what they leave alone, and that it all goes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from ama_bridge.daw.ardour.request import Strip
from ama_bridge.daw.ardour.script_journals import Journal
from ama_bridge.daw.documents import document_from_bytes
from tests.daw.ardour.made_sessions import lua_text, needs_ardour
from tests.daw.ardour.requests import bell, control, eq, high_pass, part, request
from tests.daw.ardour.round_trip.read import (
    HALF,
    NAME,
    READ,
    applied,
    done,
    reasons,
    routes,
    whole_plan,
)

pytestmark = [needs_ardour, pytest.mark.ardour]


def test_everything_is_set_read_back_and_restored_exactly(desk, kick, voice):
    desk.run("", save=True)
    before = routes(desk.session)
    desk.ask(whole_plan(kick, voice))

    said = desk.run(
        'apply() print(names("Kick")) print(names(route_name))'.replace(
            "route_name", lua_text(NAME)
        ),
        save=True,
    )

    result = applied(desk)
    assert done(result) == {
        "gain",
        "pan",
        "bell",
        "bell2",
        "polarity",
        "gate",
        "hp",
        "comp",
        "master",
        "master_eq",
    }
    assert (result.skipped, result.conflicting) == ((), ())
    values = {v.what: (v.asked, v.read) for one in result.applied for v in one.values}
    assert values["AMA EQ 2"] == (250.5, 250.5)
    assert all(read == pytest.approx(asked, rel=READ) for asked, read in values.values())
    assert "send 1, ACE EQ, Fader" in said
    assert "ACE EQ, ACE Expander, ACE High/Low Pass Filter, ACE Compressor (stereo), Fader" in said
    assert routes(desk.session) != before
    journal = document_from_bytes(Journal, Path(result.journal).read_bytes(), name="journal")
    assert [(one.label, one.kind) for one in journal.inserted] == [
        ("AMA EQ", "plugin"), ("AMA Gate", "plugin"), ("AMA High-pass", "plugin"), ("AMA Comp", "plugin"), ("AMA Comp", "send"), ("AMA EQ", "plugin"),
    ]  # fmt: skip
    assert (journal.session, journal.session_path, journal.scene) == (
        "song",
        str(desk.session.parent),
        11,
    )

    desk.run("revert()", save=True)

    report = desk.read("reverted-plan-1.json")
    assert (report["conflicting"], report["gone"], len(report["restored"])) == ([], [], 10)
    assert routes(desk.session) == before


def test_the_journal_stands_before_anything_changes(desk, kick, voice):
    desk.ask(whole_plan(kick, voice))
    said = desk.run(
        f"""local seen
        local function watched() if not seen then local f = io.open({lua_text(desk.mailbox / "journal-plan-1.json")})
          seen = f and f:read("a") or "" if f then f:close() end
          print("SCENE", Session:nth_mixer_scene_valid(11), fader("Kick"), names("Kick"))  print("SEEN", #seen > 0) end end
        local api = setmetatable({{new_plugin = function(...) return ARDOUR.LuaAPI.new_plugin(...) end,
          set_processor_param = function(...) watched() return ARDOUR.LuaAPI.set_processor_param(...) end}}, {{__index = ARDOUR.LuaAPI}})
        apply({{globals = {{ARDOUR = setmetatable({{LuaAPI = api}}, {{__index = ARDOUR}})}}}})"""
    )
    assert "SCENE\ttrue\t1.0" in said
    assert "SEEN\ttrue" in said


def test_a_control_that_was_moved_since_is_left_as_it_is(desk, kick):
    desk.ask(
        request(kick(controls=(control("g", "gain", HALF, 1.0), control("p", "pan", 0.2, 0.5)))),
    )
    said = desk.run('fader("Kick", 0.7) apply() print("FADER", fader("Kick"))')
    result = applied(desk)
    assert done(result) == {"p"}
    assert reasons(result) == {"g": "the fader was moved since (-3.1 dB instead of +0.0 dB)"}
    assert "FADER\t0.7" in said


@pytest.mark.parametrize("now", [1.004, HALF])
def test_what_is_nearly_as_expected_or_already_so_is_no_conflict(desk, kick, now):
    desk.ask(request(kick(controls=(control("g", "gain", HALF, 1.0),))))
    desk.run(f'fader("Kick", {now}) apply()')
    assert done(applied(desk)) == {"g"}


def test_what_ardour_never_told_is_set_as_it_is(desk, kick):
    desk.ask(request(kick(controls=(control("g", "gain", HALF),))))
    desk.run('fader("Kick", 1.7) apply()')
    assert done(applied(desk)) == {"g"}


def test_automation_is_respected(desk, kick):
    desk.ask(request(kick(controls=(control("g", "gain", HALF, 1.0),))))
    said = desk.run(
        'route("Kick"):gain_control():set_automation_state(ARDOUR.AutoState.Play) apply() print("FADER", fader("Kick"))'
    )
    assert reasons(applied(desk)) == {"g": "its fader follows automation"}
    assert "FADER\t1.0" in said


def test_what_cannot_be_done_is_left_out_whole_and_the_rest_is_done(desk, kick, voice):
    gone = Strip(track="99999", name="Gone", controls=(control("gone", "gain", HALF, 1.0),))
    ghost = eq(part("ghost", {0: 1.0}), key="x", label="AMA X", uri="urn:no:such")
    kind = eq(
        part("kind", {0: 1.0}), key="y", if_missing="Limiter: set 3 dB yourself.", uri="urn:no:such"
    )
    wrong = eq(part("wrong", {3: 99.0}), key="z", label="AMA Z")
    half = eq(bell("fine", 1, 300.0, -2.0), part("half", {9: 4.0, 8: 90_000.0}))
    desk.ask(
        request(
            kick(
                controls=(control("gain", "gain", HALF, 1.0), control("wrong", "pan", 0.1, 0.5)),
                inserts=(ghost, kind, wrong, half),
            ),
            gone,
        ),
    )
    said = desk.run("""apply() print("NAMES", names("Kick"), fader("Kick"), route("Kick"):pan_azimuth_control():get_value())
      print("BANDS", ARDOUR.LuaAPI.get_processor_param(shown_processors("Kick")[1], 9, true))""")
    result = applied(desk)
    assert done(result) == {"gain", "fine"}
    assert reasons(result) == {
        "gone": 'the track "Gone" is not in this session any more',
        "ghost": "this Ardour does not have the plugin urn:no:such",
        "kind": "Limiter: set 3 dB yourself.",
        "wrong": "AMA Z does not take 99 for its control 3",
        "half": "AMA EQ does not take 90000 for its control 8",
    }
    assert "NAMES\tACE EQ, Fader\t0.5\t0.5" in said
    assert "BANDS\t0.0" in said


def test_nothing_is_left_where_nothing_could_be_done(desk, kick):
    desk.run("", save=True)
    before = routes(desk.session)
    desk.ask(request(kick(inserts=(eq(part("wrong", {3: 99.0})),))))
    said = desk.run('apply() print("SCENE", Session:nth_mixer_scene_valid(11))', save=True)
    assert reasons(applied(desk)) == {"wrong": "AMA EQ does not take 99 for its control 3"}
    assert applied(desk).journal == ""
    assert desk.read("journals.json")["ids"] == []
    assert "SCENE\tfalse" in said
    assert routes(desk.session) == before


def test_a_value_that_reads_otherwise_is_put_back_and_told(desk, kick):
    controls = (control("g", "gain", HALF, 1.0),)
    desk.ask(request(kick(controls=controls, inserts=(high_pass("hp", 80.0),))))
    said = desk.run("""local api = setmetatable({get_processor_param = function(p, which, ok)
        return ARDOUR.LuaAPI.get_processor_param(p, which, ok) + (which == 1 and 5 or 0) end}, {__index = ARDOUR.LuaAPI})
      apply({globals = {ARDOUR = setmetatable({LuaAPI = api}, {__index = ARDOUR})}}) print("NAMES", names("Kick"))""")
    assert done(applied(desk)) == {"g"}
    assert reasons(applied(desk)) == {
        "hp": "control 1 of AMA High-pass reads 85.0 where 80 was set"
    }
    assert [c.suggestion for c in applied(desk).conflicting] == ["hp"]
    assert "NAMES\tFader" in said


def test_a_script_that_breaks_off_leaves_the_mixer_as_it_was(desk, kick, voice):
    desk.ask(whole_plan(kick, voice))
    said = desk.run("""local before, calls = state(), 0
      local api = setmetatable({set_processor_param = function(...) calls = calls + 1
        if calls > 24 then error("broken off") end return ARDOUR.LuaAPI.set_processor_param(...) end}, {__index = ARDOUR.LuaAPI})
      apply({globals = {ARDOUR = setmetatable({LuaAPI = api}, {__index = ARDOUR})}})
      print("SAME", state() == before)""")
    assert "SAME\ttrue" in said
    assert done(applied(desk)) == set()
    assert all("broken off" in reason for reason in reasons(applied(desk)).values())


def test_without_a_place_for_the_journal_nothing_is_changed(desk, kick):
    desk.ask(request(kick(controls=(control("g", "gain", HALF, 1.0),))))
    said = desk.run("""local opened = io.open
      local full = setmetatable({open = function(path, mode) if mode == "wb" then return nil, "disk full" end return opened(path, mode) end},
        {__index = io})
      local result = apply({globals = {io = full}}) print("FADER", fader("Kick"), result.skipped[1].reason)""")
    assert "FADER\t1.0\tthe journal cannot be written: disk full" in said
