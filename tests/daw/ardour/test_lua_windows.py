"""AMA Apply and AMA Revert as the user sees them: dialogs of a made LuaDialog, everything else in the real Ardour."""

from __future__ import annotations

import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from ama_bridge.daw.ardour.request import Strip
from tests.daw.ardour import requests
from tests.daw.ardour.ardour_lua import Bench, bench
from tests.daw.ardour.made_sessions import MadeTrack, lua_text, make_session, needs_ardour
from tests.daw.ardour.requests import bell, control, eq, request

pytestmark = [needs_ardour, pytest.mark.ardour]

TELL = """for _, one in ipairs(shown) do
  print("SHOWN", one.kind, one.title, (string.gsub(one.text or "", "\\n", "|")))
  for _, row in ipairs(one.rows or {}) do print("ROW", row.type, (string.gsub(row.title, "\\n", "|")), row.default) end
end"""


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    tracks = [MadeTrack(name="Kick & <b>"), MadeTrack(name="Pad", channels=2)]
    return make_session(tmp_path_factory.mktemp("made") / "song", tracks)


@pytest.fixture
def desk(made, tmp_path) -> Bench:
    shutil.copytree(made.parent, tmp_path / "song")
    return bench(tmp_path / "song" / made.name, tmp_path / "desk")


@pytest.fixture
def plan(made):
    """Three suggestions on two tracks."""
    found = ET.parse(made).getroot().find("Routes")  # noqa: S314  # our own file
    assert found is not None
    ids = {str(r.get("name")): str(r.get("id")) for r in found}
    kick = Strip(
        track=ids["Kick & <b>"],
        name="Kick & <b>",
        controls=(control("gain", "gain", 0.5, 1.0),),
        inserts=(eq(bell("bell", 1, 300.0, -2.0)),),
    )
    pad = Strip(track=ids["Pad"], name="Pad", controls=(control("pan", "pan", 0.25, 0.5),))
    return lambda **more: request(kick, pad, **more)


KICK = 'fader("Kick & <b>")'


def lines(said, word):
    return [line.split("\t")[1:] for line in said.splitlines() if line.startswith(f"{word}\t")]


def test_what_is_ticked_is_done_and_the_end_says_so(desk, plan):
    desk.ask(plan())
    said = desk.run(f"""local function choose(rows) local answer = as_shown(rows)
      for _, row in ipairs(rows) do if row.title == "label of pan" then answer[row.key] = false end end return answer end
      apply({{globals = window({{choose}})}}) {TELL} print("STATE", {KICK}, names("Kick & <b>"), fader("Pad"))""")
    assert lines(said, "SHOWN")[0][:2] == ["dialog", "AMA Apply: 3 suggestions"]
    rows = lines(said, "ROW")
    assert [row[1] for row in rows if row[0] == "heading"] == ["Kick &amp; &lt;b&gt;", "Pad"]
    assert [row[1:] for row in rows if row[0] == "checkbox"] == [
        ["label of gain", "true"], ["label of bell", "true"], ["label of pan", "true"],
    ]  # fmt: skip
    assert ["label", "        Because of bell, and -3.2 dB.", "nil"] in rows
    end = lines(said, "SHOWN")[1]
    assert end == [
        "message",
        "AMA Apply",
        "2 suggestions applied and read back.||The action AMA Revert takes it back.",
    ]
    assert lines(said, "STATE") == [["0.5", "ACE EQ, Fader", "1.0"]]
    result = desk.read("result-plan-1.json")
    assert result["skipped"] == [{"suggestion": "pan", "reason": "not ticked in Ardour"}]


def test_what_was_left_out_is_told_with_its_reason(desk, plan):
    desk.ask(
        plan(skipped=(requests.skipped("limiter", "Ardour has no limiter: set 3 dB yourself."),))
    )
    said = desk.run(f'fader("Kick & <b>", 0.8) apply({{globals = window({{as_shown}})}}) {TELL}')
    assert lines(said, "SHOWN")[1][2] == (
        "2 suggestions applied and read back.||Left out:|• limiter: Ardour has no limiter: set 3 dB yourself.||"
        "Left as you have it:|• Kick & <b>, label of gain: the fader was moved since (-1.9 dB instead of +0.0 dB)||"
        "The action AMA Revert takes it back."
    )


def test_cancel_does_nothing_and_says_nothing(desk, plan):
    desk.ask(plan())
    said = desk.run(
        f"apply({{globals = window({{}})}}) {TELL} print('STATE', {KICK}, Session:nth_mixer_scene_valid(11))"
    )
    assert [one[0] for one in lines(said, "SHOWN")] == ["dialog"]
    assert lines(said, "STATE") == [["1.0", "false"]]
    assert {one["reason"] for one in desk.read("result-plan-1.json")["skipped"]} == {
        "the preview in Ardour was cancelled"
    }


def calling_off(desk, name):
    """Return Lua that answers a dialog as it stands, after AMA has called it off."""
    path = lua_text(desk.mailbox / f"called-off-{name}.json")
    return f"""local function too_late(rows)
      local file = io.open({path}, "w") file:write("{{}}") file:close() return as_shown(rows) end"""


def test_what_ama_called_off_while_the_dialog_was_open_is_not_done(desk, plan):
    desk.ask(plan())
    said = desk.run(f"""{calling_off(desk, "plan-1")}
      apply({{globals = window({{too_late}})}}) {TELL} print("STATE", {KICK}, names("Kick & <b>"), Session:nth_mixer_scene_valid(11))""")
    assert lines(said, "STATE") == [["1.0", "Fader", "false"]]
    (_, (kind, title, text)) = lines(said, "SHOWN")
    assert (kind, title) == ("message", "AMA Apply")
    assert "nothing was set" in text
    assert desk.read("result-plan-1.json")["applied"] == []
    assert not (desk.mailbox / "journal-plan-1.json").exists()


def test_a_revert_that_ama_called_off_takes_nothing_back_and_the_users_own_press_does(desk, plan):
    desk.ask(plan(ask=False))
    wish = {"schema": "ama.revert/1", "id": "", "wish": "wish-1", "ask": True, "answer_port": 0}
    desk.put("wanted-back.json", wish)
    places = (
        f"{lua_text(desk.mailbox / 'wanted-back.json')}, {lua_text(desk.mailbox / 'revert.json')}"
    )
    said = desk.run(f"""{calling_off(desk, "wish-1")} apply({{globals = window({{}})}})
      post({places}) revert({{globals = window({{too_late}})}}) {TELL} print("FIRST", {KICK})
      shown = {{}} revert({{globals = window({{as_shown}})}}) print("OWN", {KICK})""")
    assert lines(said, "FIRST") == [["0.5"]]
    assert "nothing was taken back" in lines(said, "SHOWN")[1][2]
    assert lines(said, "OWN") == [["1.0"]]


def test_a_request_that_asks_nothing_opens_no_window(desk, plan):
    desk.ask(plan(ask=False))
    said = desk.run(f"apply({{globals = window({{}})}}) {TELL} print('STATE', {KICK})")
    assert lines(said, "SHOWN") == []
    assert lines(said, "STATE") == [["0.5"]]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            {"session": "Other"},
            'What AMA wants to apply is for the session "Other", and "song" is open.',
        ),
        ({}, "AMA has nothing to apply: 1 suggestion cannot be done in Ardour."),
    ],
)
def test_what_cannot_be_applied_at_all_is_one_sentence(desk, plan, more, sentence):
    document = plan(**more) if more else request(skipped=(requests.skipped("limiter", "no"),))
    desk.ask(document)
    said = desk.run(f"apply({{globals = window({{}})}}) {TELL}")
    assert lines(said, "SHOWN") == [["message", "AMA Apply", sentence]]


def test_a_long_plan_comes_in_pages_and_every_page_counts(desk, plan):
    document = plan()
    strip = document["strips"][1]
    for number in range(60):
        name = f"more {number}"
        strip["controls"].append(
            {
                "suggestion": name,
                "control": "gain",
                "value": 0.5,
                "expected": None,
                "when": ["never"],
                "unless": [],
            }
        )
        document["suggestions"].append(
            {**document["suggestions"][2], "id": name, "label": name, "ticked": False}
        )
    strip["controls"].append(
        {
            "suggestion": "never",
            "control": "polarity",
            "value": 1.0,
            "expected": None,
            "when": [],
            "unless": [],
        }
    )
    document["suggestions"].append(
        {**document["suggestions"][2], "id": "never", "label": "never", "ticked": False}
    )
    desk.ask(document)
    said = desk.run("""local function all(rows) local answer = as_shown(rows) for key in pairs(answer) do answer[key] = true end return answer end
      apply({globals = window({as_shown, as_shown, as_shown, as_shown, as_shown, as_shown, all})}) print("PAGES", #shown, shown[2].title)""")
    result = desk.read("result-plan-1.json")
    (count,) = lines(said, "PAGES")
    assert int(count[0]) == 8, "seven pages and the message"
    assert count[1] == "AMA Apply: 64 suggestions, page 2 of 7"
    assert {one["suggestion"] for one in result["applied"]} >= {
        "gain",
        "bell",
        "pan",
        "never",
        "more 59",
    }
    assert "more 1" in {one["suggestion"] for one in result["skipped"]}


def test_revert_asks_and_puts_back_what_is_ticked(desk, plan):
    desk.ask(plan())
    said = desk.run(f"""apply() fader("Kick & <b>", 0.9) route("Pad"):pan_azimuth_control():set_value(0.8, NOGROUP)
      local function choose(rows) local answer = as_shown(rows)
        for _, row in ipairs(rows) do if string.find(row.title, "fader", 1, true) then answer[row.key] = true end end return answer end
      revert({{globals = window({{choose}})}}) {TELL}
      print("STATE", {KICK}, names("Kick & <b>"), route("Pad"):pan_azimuth_control():get_value())""")
    assert [row[1:] for row in lines(said, "ROW")] == [
        ["1 change of AMA's will be taken back.", "nil"],
        ["Changed since; tick what is to go back all the same:", "nil"],
        ["Pad, panner: it was moved since (60 % right, AMA had set 50 % left)", "false"],
        ["Kick & <b>, fader: it was moved since (-0.9 dB, AMA had set -6.0 dB)", "false"],
    ]
    assert lines(said, "SHOWN")[1][2] == (
        "2 changes taken back.||Left as you have it:|• Pad, panner: it was moved since (60 % right, AMA had set 50 % left)"
    )
    assert lines(said, "STATE") == [["1.0", "Fader", "0.8"]]


def test_revert_can_be_cancelled_and_then_done(desk, plan):
    desk.ask(plan())
    said = desk.run(f"""apply() revert({{globals = window({{}})}}) print("STATE", {KICK})
      revert({{globals = window({{as_shown}})}}) print("STATE", {KICK})""")
    assert lines(said, "STATE") == [["0.5"], ["1.0"]]


def test_with_nothing_to_take_back_revert_says_so(desk):
    said = desk.run(f"revert({{globals = window({{}})}}) {TELL}")
    assert lines(said, "SHOWN") == [
        [
            "message",
            "AMA Revert",
            "There is nothing of AMA's in this session that could be taken back.",
        ]
    ]


def test_while_ardour_records_nothing_is_done(desk, plan):
    desk.ask(plan())
    said = desk.run(f"""apply() local before = state()
      local busy = setmetatable({{actively_recording = function() return true end}}, {{__index = function(_, key)
        return function(_, ...) return Session[key](Session, ...) end end}})
      local function at_work() local globals = window({{}}) globals.Session = busy return {{globals = globals}} end
      local result = apply(at_work()) print("APPLY", result.skipped[1].reason)
      print("REVERT", revert(at_work()).reason) print("EXPORT", export(at_work())) {TELL} print("SAME", state() == before)""")
    assert lines(said, "APPLY") == [["Ardour is recording"]]
    assert lines(said, "REVERT") == [["Ardour is recording"]]
    assert lines(said, "EXPORT") == [["nil", "Ardour is recording"]]
    assert [one[2] for one in lines(said, "SHOWN")] == ["Ardour is recording."] * 3
    assert lines(said, "SAME") == [["true"]]
