"""AMA Apply and AMA Revert in the real Ardour: what they set, what they leave alone, and that it all goes back."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from ama_bridge.daw.ardour.request import Strip
from ama_bridge.daw.ardour.script_journals import Journal
from ama_bridge.daw.documents import Result, document_from_bytes
from tests.daw.ardour import requests
from tests.daw.ardour.ardour_lua import Bench, Listener, bench, texts
from tests.daw.ardour.exported_mix import exported_mix
from tests.daw.ardour.made_sessions import MadeTrack, Take, lua_text, make_session, needs_ardour
from tests.daw.ardour.requests import bell, comp, control, eq, gate, high_pass, part, request

pytestmark = [needs_ardour, pytest.mark.ardour]

NAME = 'Vö/x "q" \\ <b>& 100%'
"""A stereo track with one plugin of the user's."""
HALF, THIRD = 0.5, 1 / 3
DUCKED_DB, SAME_DB = 10.0, 0.1
"""A peak some 30 dB over the threshold at 20:1 takes more than 10 dB; exports of the same mixer differ by the noise's place alone."""
NO_GROUP = "PBD.GroupControlDisposition.NoGroup"
READ = 1e-6
"""Gains and azimuths are kept as doubles or 32-bit floats."""


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A session of four tracks, made once and copied for each test."""
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, (2, 24_000)).astype(np.float32)
    user_eq = """local p = ARDOUR.LuaAPI.new_plugin(Session, "urn:ardour:a-eq", ARDOUR.PluginType.LV2, "")
      track:add_processor_by_index(p, 0, nil, true) ARDOUR.LuaAPI.set_processor_param(p, 16, -3)"""
    tracks = [
        MadeTrack(name="Kick", takes=[Take(samples=noise[:1])]),
        MadeTrack(name=NAME, channels=2, takes=[Take(samples=noise)], lua=user_eq),
        MadeTrack(name="Pad", channels=2, takes=[Take(samples=noise)]),
        MadeTrack(name="Empty"),
    ]
    return make_session(tmp_path_factory.mktemp("made") / "song", tracks)


@pytest.fixture
def desk(made, tmp_path) -> Bench:
    shutil.copytree(made.parent, tmp_path / "song")
    return bench(tmp_path / "song" / made.name, tmp_path / "desk")


@pytest.fixture(scope="module")
def ids(made) -> dict[str, str]:
    routes = ET.parse(made).getroot().find("Routes")  # noqa: S314  # our own file
    assert routes is not None
    return {str(r.get("name")): str(r.get("id")) for r in routes}


@pytest.fixture
def kick(ids):
    return lambda **more: Strip(track=ids["Kick"], name="Kick", **more)


@pytest.fixture
def voice(ids):
    return lambda **more: Strip(track=ids[NAME], name=NAME, **more)


def routes(session: Path) -> str:
    """All strips as Ardour saved them."""
    found = ET.parse(session).getroot().find("Routes")  # noqa: S314  # our own file
    assert found is not None
    return ET.canonicalize(ET.tostring(found), strip_text=True)


def applied(desk: Bench, name: str = "result-plan-1.json") -> Result:
    """The result, read as AMA reads it."""
    return document_from_bytes(Result, (desk.mailbox / name).read_bytes(), name=name)


def reasons(result: Result) -> dict[str, str]:
    return {one.suggestion: one.reason for one in (*result.skipped, *result.conflicting)}


def done(result: Result) -> set[str]:
    return {one.suggestion for one in result.applied}


def whole_plan(kick, voice):
    """Everything that a request may hold."""
    return request(
        kick(
            controls=(control("gain", "gain", HALF, 1.0), control("pan", "pan", 0.25, 0.5)),
            inserts=(eq(bell("bell", 1, 250.5, -3.3), bell("bell2", 2, 4000.0, 2.0)),),
        ),
        voice(
            controls=(control("polarity", "polarity", 1.0, 0.0),),
            inserts=(
                gate(part("gate", {0: 0.1, 1: 270.0, 3: 2.6, 4: -38.5})),
                high_pass("hp", 80.0),
                comp(part("comp", {4: -20.5, 3: 2.5, 9: 1.0}), sidechain_from=kick().track),
            ),
        ),
        Strip(
            track="master",
            name="Master",
            controls=(control("master", "gain", THIRD, 1.0),),
            inserts=(eq(part("master_eq", {16: -1.5})),),
        ),
    )


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


def test_a_strip_can_be_found_by_its_name(desk):
    strip = Strip(track="Kick", name="Kick", by_name=True, controls=(control("g", "gain", HALF),))
    other = Strip(
        track="Nobody", name="Nobody", by_name=True, controls=(control("n", "gain", HALF),)
    )
    desk.ask(request(strip, other))
    said = desk.run('apply() print("FADER", fader("Kick")) revert() print("BACK", fader("Kick"))')
    assert "FADER\t0.5" in said
    assert "BACK\t1.0" in said
    assert done(applied(desk)) == {"g"}
    assert reasons(applied(desk)) == {"n": 'there is no track named "Nobody" in this session'}


def test_a_track_that_was_renamed_is_still_itself_and_another_of_its_name_is_not(desk, kick):
    desk.ask(request(kick(controls=(control("g", "gain", HALF, 1.0),))))
    desk.run('route("Kick"):set_name("Boom") apply()')
    assert done(applied(desk)) == {"g"}
    desk.run('route("Kick"):set_name("Boom") route("Empty"):set_name("Kick") apply()')
    assert reasons(applied(desk)) == {"g": '"Kick" is another track now; export this session again'}


def test_a_request_for_another_session_changes_nothing(desk, kick):
    desk.ask(request(kick(controls=(control("g", "gain", HALF, 1.0),)), session="Other"))
    said = desk.run('apply() print("FADER", fader("Kick"))')
    assert "FADER\t1.0" in said
    assert 'is for the session "Other", and "song" is open' in reasons(applied(desk))["g"]


def test_another_session_s_journal_is_not_taken_back(desk, made, kick, tmp_path):
    desk.ask(request(kick(controls=(control("g", "gain", HALF, 1.0),))))
    desk.run("apply()", save=True)
    shutil.copytree(desk.session.parent, tmp_path / "elsewhere" / "song")
    twin = Bench(
        session=tmp_path / "elsewhere" / "song" / "song.ardour",
        folder=desk.folder,
        paths=desk.paths,
    )
    assert "FADER\t0.5" in twin.run('revert() print("FADER", fader("Kick"))')
    shutil.rmtree(desk.session.parent)
    assert "FADER\t1.0" in twin.run('revert() print("FADER", fader("Kick"))'), (
        "the session was moved there"
    )


def test_a_processor_that_got_the_id_of_ama_s_is_not_touched(desk, kick):
    """A session that was closed without saving gives ids out again: by its id alone the user's plugin would be taken for AMA's."""
    desk.ask(request(kick(inserts=(eq(bell("a", 1, 300.0, -2.0)),))))
    desk.run("apply()")
    said = desk.run(
        'print("ID", add("Kick", "urn:ardour:a-comp"):to_stateful():id():to_s())', save=True
    )
    other = said.split("ID\t")[1].split()[0]
    path = desk.mailbox / "journal-plan-1.json"
    ama = desk.read(path.name)["inserted"][0]["processor"]
    path.write_text(path.read_text().replace(f'"{ama}"', f'"{other}"'))
    said = desk.run(
        'local result = apply() revert() print("NAMES", names("Kick"), #result.applied) revert() print("END", names("Kick"))'
    )
    assert "NAMES\tACE Compressor, Fader\t1" in said
    assert "END\tACE Compressor, Fader" in said
    assert [one["what"] for one in desk.read("reverted-plan-1.json")["gone"]] == ["AMA EQ"]


def test_only_the_journals_of_this_session_are_opened(desk, kick):
    desk.ask(request(kick(controls=(control("g", "gain", HALF, 1.0),))))
    said = desk.run(f"""apply()
      local files, opened = {{}}, io.open
      local watched = setmetatable({{open = function(path, mode) files[#files + 1] = string.match(path, "journal%-[^/]*$") return opened(path, mode) end}},
        {{__index = io}})
      local index = opened({lua_text(desk.mailbox / "journals.json")}):read("a")
      index = string.gsub(index, '"ids": %[', '"ids": ["foreign",')
      index = string.gsub(index, '"sessions": {{', '"sessions": {{"foreign": {{"name": "x", "path": "/"}},')
      local file = opened({lua_text(desk.mailbox / "journals.json")}, "w") file:write(index) file:close()
      revert({{globals = {{io = watched}}}}) print("OPENED", table.concat(files, " "))""")
    assert "foreign" not in said.split("OPENED")[1]
    assert desk.read("journals.json") == {"schema": "ama.journals/1", "ids": ["foreign"], "sessions": {"foreign": {"name": "x", "path": "/"}}}  # fmt: skip


def test_skipped_by_translation_goes_into_the_result_as_it_is(desk, kick):
    desk.ask(
        request(
            kick(controls=(control("g", "gain", HALF, 1.0),)),
            skipped=(requests.skipped("lim", "Ardour has no limiter."),),
        ),
    )
    desk.run("apply()")
    assert reasons(applied(desk)) == {"lim": "Ardour has no limiter."}


def level_db(desk, lua=""):
    """What the real Ardour's master holds of the voice alone, dB RMS, behind the first moments."""
    alone = f'for _, name in ipairs{{"Kick", "Pad"}} do Session:route_by_name(name):gain_control():set_value(0, {NO_GROUP}) end '
    mix = exported_mix(desk.session, frames=24_000, rate=48_000, lua=alone + lua)
    return 20 * np.log10(np.std(mix[:, 6_000:20_000]))


def test_a_sidechain_is_heard(desk, kick, voice):
    """The voice's compressor listens to the kick, before the kick's fader; cut off from it, it does nothing."""
    duck = comp(part("duck", {4: -50.0, 3: 20.0, 9: 1.0, 0: 0.1}), sidechain_from=kick().track)
    desk.ask(request(voice(inserts=(duck,))))
    before = level_db(desk)
    said = desk.run('apply() print("NAMES", names("Kick"))', save=True)
    assert "NAMES\tsend 1, Fader" in said
    assert level_db(desk) < before - DUCKED_DB
    cut = f'Session:route_by_name("Kick"):nth_send(0):to_send():gain_control():set_value(0, {NO_GROUP})'
    assert level_db(desk, cut) == pytest.approx(before, abs=SAME_DB)
    said = desk.run('revert() print("NAMES", names("Kick"))')
    assert "NAMES\tFader" in said


def test_two_tracks_do_not_listen_to_each_other(desk, kick, voice, ids):
    """A loop would stop Ardour's graph; one that an earlier plan began is seen too."""
    squeeze = {4: -30.0, 9: 1.0}
    pad = Strip(
        track=ids["Pad"],
        name="Pad",
        inserts=(comp(part("p", squeeze), sidechain_from=voice().track),),
    )
    desk.ask(
        request(
            kick(inserts=(comp(part("k", squeeze), sidechain_from=kick().track),)),
            voice(inserts=(comp(part("v", squeeze), sidechain_from=kick().track),)),
            pad,
        )
    )
    loop = request(
        kick(inserts=(comp(part("k", squeeze), sidechain_from=ids["Pad"]),)), id="plan-2"
    )
    desk.put("loop.json", loop)
    said = desk.run(f"""apply() post({lua_text(desk.mailbox / "loop.json")}, {lua_text(desk.mailbox / "request.json")})
      local result = action({lua_text(desk.paths["apply"])})() print("LOOP", result.skipped[1].reason)""")
    assert done(applied(desk)) == {"v", "p"}
    assert reasons(applied(desk)) == {"k": '"Kick" would listen to itself by way of "Kick"'}
    assert 'LOOP\t"Kick" would listen to itself by way of "Pad"' in said


def test_a_plugin_that_listens_is_reused_where_it_hears_the_same_track(desk, kick, voice, ids):
    first = voice(inserts=(comp(part("v", {4: -30.0, 9: 1.0}), sidechain_from=kick().track),))
    again = voice(inserts=(comp(part("v", {4: -20.0, 9: 1.0}), sidechain_from=kick().track),))
    other = voice(inserts=(comp(part("v", {4: -20.0, 9: 1.0}), sidechain_from=ids["Pad"]),))
    for number, strip in enumerate((first, again, other), 1):
        desk.put(f"{number}.json", request(strip, id=f"plan-{number}"))
    said = desk.run(f"""local START = state()
      for number = 1, 3 do
        post({lua_text(desk.mailbox)} .. "/" .. number .. ".json", {lua_text(desk.mailbox / "request.json")})
        local result = action({lua_text(desk.paths["apply"])})()
        print("STEP", #result.applied, names("Kick"), names({lua_text(NAME)}))
      end
      revert() revert() print("BACK", state() == START)""")
    steps = [line.split("\t")[1:] for line in said.splitlines() if line.startswith("STEP")]
    both = ["send 1, Fader", "ACE EQ, ACE Compressor (stereo), Fader"]
    assert steps == [["1", *both], ["1", *both], ["0", *both]]
    assert (
        "another AMA Comp of AMA is there already"
        in reasons(applied(desk, "result-plan-3.json"))["v"]
    )
    assert "BACK\ttrue" in said


BROKEN = {
    '{"schema": "ama.ardour/2"}': "another version of AMA",
    "[1,": "cannot be read (JSON:",
    '{"schema": "ama.ardour/1", "id": "x", "suggestions": [], "strips": [{"track": 1}]}': "no text at track",
    '{"schema": "ama.ardour/1"}': "no text at id",
    "": "nothing to apply",
}


def test_a_broken_request_is_told_and_changes_nothing(desk):
    for number, text in enumerate(BROKEN, 1):
        (desk.folder / f"{number}.json").write_text(text, encoding="utf-8")
    said = desk.run(f"""local before = state()
      for number = 1, {len(BROKEN)} do
        post({lua_text(desk.folder)} .. "/" .. number .. ".json", {lua_text(desk.mailbox / "request.json")})
        shown = {{}}
        apply({{globals = window({{}})}}) print("SHOWN", #shown, shown[1].text)
      end
      print("SAME", state() == before)""")
    told = [line.split("\t")[1:] for line in said.splitlines() if line.startswith("SHOWN")]
    assert [count for count, _ in told] == ["1"] * len(BROKEN)
    assert all(expected in text for expected, (_, text) in zip(BROKEN.values(), told, strict=True))
    assert "SAME\ttrue" in said
    assert {p.name for p in desk.mailbox.iterdir()} == {"request.json"}


def test_texts_go_to_the_port_that_the_request_names(desk, kick, voice):
    listener = Listener()
    document = whole_plan(kick, voice) | {"answer_port": listener.port}
    desk.ask(document)
    desk.run("apply()")
    sent = texts(listener.messages())
    listener.close()
    assert json.loads(sent["result", "plan-1"][0]) == desk.read("result-plan-1.json")
    assert set(sent) == {("begun", "plan-1"), ("result", "plan-1")}


def test_in_a_sandbox_all_goes_over_osc_and_ama_keeps_the_files(desk, kick, voice):
    """Without `io` the scripts read through Ardour and only send; the test keeps their texts as AMA does."""
    listener = Listener()
    sandboxed = bench(desk.session, desk.folder, port=listener.port)
    sandboxed.ask(whole_plan(kick, voice))
    sandboxed.run("apply({sandboxed = true})", save=True)
    assert [p.name for p in desk.mailbox.iterdir()] == ["request.json"]
    sent = texts(listener.messages())
    result = json.loads(sent["result", "plan-1"][0])
    assert len(result["applied"]) == 10
    (desk.mailbox / "journal-plan-1.json").write_text(
        sent["journal", "plan-1"][-1], encoding="utf-8"
    )
    sandboxed.put("journals.json", {"schema": "ama.journals/1", "ids": ["plan-1"]})
    said = sandboxed.run('revert({sandboxed = true}) print("NAMES", names("Kick"), fader("Kick"))')
    assert "NAMES\tFader\t1.0" in said
    assert len(json.loads(texts(listener.messages())["revert", "plan-1"][0])["restored"]) == 10
    listener.close()


def test_a_wish_to_revert_is_read_once_and_asks_nothing(desk, kick):
    desk.ask(request(kick(controls=(control("g", "gain", HALF, 1.0),))))
    desk.put(
        "revert.json",
        {"schema": "ama.revert/1", "ask": False, "id": "plan-1", "answer_port": 0},
    )
    said = desk.run('apply() revert({globals = window({})}) print("FADER", fader("Kick"), #shown)')
    assert "FADER\t1.0\t0" in said
    assert not (desk.mailbox / "revert.json").exists()
