"""AMA Export in the real Ardour: what it tells of a session, the stems that it bounces, and that the session stays as it is."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from ama_analysis.advise import session_from_paths
from ama_bridge.daw.ardour.request import Strip
from tests.daw.ardour.ardour_lua import Bench, Listener, bench, texts
from tests.daw.ardour.made_sessions import MadeTrack, Take, lua_text, make_session, needs_ardour
from tests.daw.ardour.requests import eq, high_pass, part, request

pytestmark = [needs_ardour, pytest.mark.ardour]

RATE, FRAMES, LATE = 48_000, 24_000, 6_000
NAME = '../Vö/x "q" <b>& 100%'
LONG = "n" * 200
EDGE = 128
"""Frames at a region's ends: Ardour fades them by 64."""
EXACT = 1e-6
"""32-bit floats that were multiplied once."""
SETTLED, SMOOTHED = 12_000, 6e-4
"""Frames after which a-EQ's smoothed gain (25 Hz) stands, up to 0.05 dB short of what was set: 0.6 % of 0.1."""
EQ_GAIN_DB = -6.0
FADER, FADER_DB, PAN = 0.5, 20 * np.log10(0.5), 0.6
"""Linear, in dB, and Ardour's pan of -1 to 1."""

OTHERS = """
local function only(list) for each in list:iter() do return each end end
Session:new_midi_track(ARDOUR.ChanCount(ARDOUR.DataType("midi"), 1), ARDOUR.ChanCount(ARDOUR.DataType("midi"), 1), true,
  ARDOUR.PluginInfo(), nil, nil, 1, "Notes", ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
Session:new_audio_route(2, 2, nil, 1, "Reverb", ARDOUR.PresentationInfo.Flag.AudioBus, ARDOUR.PresentationInfo.max_order)
local off = Session:route_by_name("Off") off:set_active(false, nil)
local group = Session:new_route_group("Band & Co") group:add(Session:route_by_name("Kick"))
"""


def noise(channels, seed):
    return np.random.default_rng(seed).uniform(-0.1, 0.1, (channels, FRAMES)).astype(np.float32)


KICK, VOICE = noise(1, 1), noise(2, 2)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    plugin = f"""local p = ARDOUR.LuaAPI.new_plugin(Session, "urn:ardour:a-eq", ARDOUR.PluginType.LV2, "")
      track:add_processor_by_index(p, 0, nil, true) ARDOUR.LuaAPI.set_processor_param(p, 16, {EQ_GAIN_DB})"""
    moved = f"""track:gain_control():set_value({FADER}, PBD.GroupControlDisposition.NoGroup)
      track:pan_azimuth_control():set_value({(PAN + 1) / 2}, PBD.GroupControlDisposition.NoGroup)"""
    mute = "track:mute_control():set_value(1, PBD.GroupControlDisposition.NoGroup)"
    shut = "track:gain_control():set_value(0, PBD.GroupControlDisposition.NoGroup)"
    tracks = [
        MadeTrack(name="Kick", takes=[Take(samples=KICK)], lua=plugin),
        MadeTrack(name=NAME, channels=2, takes=[Take(samples=VOICE, at=LATE)], lua=moved),
        MadeTrack(name=LONG, takes=[Take(samples=noise(1, 3))], lua=mute),
        MadeTrack(name="..", takes=[Take(samples=noise(1, 4))], lua=shut),
        MadeTrack(name="Empty"),
        MadeTrack(name="Off", takes=[Take(samples=noise(1, 5))]),
        MadeTrack(name="Intro", takes=[Take(samples=noise(1, 6)[:, :1_000])]),
    ]
    return make_session(tmp_path_factory.mktemp("made") / "song", tracks, lua=OTHERS)


@pytest.fixture
def desk(made, tmp_path) -> Bench:
    shutil.copytree(made.parent, tmp_path / "song")
    return bench(tmp_path / "song" / made.name, tmp_path / "desk")


def exported(desk: Bench) -> tuple[Path, dict[str, Any]]:
    (folder,) = (desk.session.parent / "export").iterdir()
    return folder, json.loads((folder / "session.json").read_text(encoding="utf-8"))


def test_what_stands_in_the_session_is_told_and_what_is_left_out_with_its_reason(desk):
    said = desk.run("""local before = state() export() print("SAME", state() == before)
      for r in Session:get_routes():iter() do print("ID", r:name(), r:to_stateful():id():to_s()) end""")
    ids = {
        line.split("\t")[1]: line.split("\t")[2]
        for line in said.splitlines()
        if line.startswith("ID")
    }
    folder, document = exported(desk)
    assert "SAME\ttrue" in said
    assert {key: document[key] for key in ("schema", "daw", "name", "sample_rate_hz", "bounced", "mix")} == {
        "schema": "ama.session/1", "daw": "ardour", "name": "song", "sample_rate_hz": RATE, "bounced": "post_effects", "mix": None,
    }  # fmt: skip
    assert document["daw_version"][0] in "6789"
    tracks = {track["name"]: track for track in document["tracks"]}
    assert list(tracks) == ["Kick", NAME, LONG, "..", "Intro"]
    assert all(track["id"] == ids[name] for name, track in tracks.items())
    kick = tracks["Kick"]
    assert (kick["fader_db"], kick["pan"], kick["muted"], kick["channels"], kick["group"]) == (
        0.0,
        0.0,
        False,
        1,
        "Band & Co",
    )
    assert kick["plugins"] == [{"name": "ACE EQ", "uri": "urn:ardour:a-eq", "enabled": True}]
    voice = tracks[NAME]
    assert (voice["fader_db"], voice["pan"]) == (
        pytest.approx(FADER_DB, abs=1e-4),
        pytest.approx(PAN, abs=1e-6),
    )
    assert (voice["channels"], voice["group"], voice["plugins"]) == (2, "", [])
    assert (tracks[LONG]["muted"], tracks[".."]["fader_db"]) == (True, -200.0)
    assert {one["name"]: one["reason"] for one in document["left_out"]} == {
        "Empty": "nothing is on it",
        "Off": "it is switched off",
        "Notes": "it is a MIDI track; bounce it to audio first",
        "Reverb": "it is a bus, and Ardour's scripts can bounce tracks alone",
    }
    stems = [track["stem"] for track in document["tracks"]]
    assert sorted(p.name for p in folder.iterdir()) == sorted([*stems, "session.json"])
    assert all(len(stem.encode()) < 100 for stem in stems)


def test_what_follows_automation_is_told(desk):
    desk.run("""route("Kick"):gain_control():set_automation_state(ARDOUR.AutoState.Play)
      route("Intro"):pan_azimuth_control():set_automation_state(ARDOUR.AutoState.Play) export()""")
    _, document = exported(desk)
    automated = {track["name"]: track["automated"] for track in document["tracks"]}
    assert automated == {"Kick": ["fader"], NAME: [], LONG: [], "..": [], "Intro": ["pan"]}


def test_a_plugin_that_is_switched_off_is_told_as_such_and_not_heard(desk):
    said = desk.run("""shown_processors("Kick")[1]:to_insert():enable(false) export()
      print("ENABLED", shown_processors("Kick")[1]:to_insert():enabled())""")
    assert "ENABLED\tfalse" in said
    folder, document = exported(desk)
    assert [plugin["enabled"] for plugin in document["tracks"][0]["plugins"]] == [False]
    kick = soundfile.read(folder / document["tracks"][0]["stem"])[0]
    np.testing.assert_allclose(kick[SETTLED : FRAMES - EDGE], KICK[0, SETTLED:-EDGE], atol=SMOOTHED)


def test_stems_are_the_sound_before_the_fader_and_ama_reads_them(desk):
    desk.run("export()")
    folder, document = exported(desk)
    kick, voice = (
        soundfile.read(folder / document["tracks"][at]["stem"], always_2d=True)[0].T
        for at in (0, 1)
    )
    gain = 10 ** (EQ_GAIN_DB / 20)
    np.testing.assert_allclose(
        kick[:, SETTLED : FRAMES - EDGE], KICK[:, SETTLED:-EDGE] * gain, atol=SMOOTHED
    )
    np.testing.assert_allclose(voice[:, LATE:][:, EDGE:-EDGE], VOICE[:, EDGE:-EDGE], atol=EXACT)
    assert not voice[:, :LATE].any()
    assert kick.shape == (1, LATE + FRAMES)
    session = session_from_paths([folder])
    assert [track.name for track in session.tracks] == [
        track["name"] for track in document["tracks"]
    ]
    assert session.duration_s == (LATE + FRAMES) / RATE
    assert any("Reverb was left out" in warning for warning in session.warnings)


@pytest.mark.parametrize("bounced", ["raw", "post_fader"])
def test_stems_can_be_raw_or_behind_the_fader(desk, bounced):
    made = bench(desk.session, desk.folder, bounced=bounced, start=LATE, stop=LATE + 5_000)
    made.run("export()")
    folder, document = exported(desk)
    assert (document["bounced"], document["start_sample"], document["end_sample"]) == (
        bounced,
        LATE,
        LATE + 5_000,
    )
    assert {"name": "Intro", "reason": "nothing is on it between start and end"} in document[
        "left_out"
    ]
    kick, voice = (
        soundfile.read(folder / document["tracks"][at]["stem"], always_2d=True)[0].T
        for at in (0, 1)
    )
    assert voice.shape == (2, 5_000)
    if bounced == "raw":
        np.testing.assert_array_equal(kick, KICK[:, LATE : LATE + 5_000])
        np.testing.assert_array_equal(voice[:, EDGE:], VOICE[:, EDGE:5_000])
    else:
        left, right = (np.std(voice[at, 1_000:]) / np.std(VOICE[at, 1_000:5_000]) for at in (0, 1))
        assert right == pytest.approx(FADER, rel=0.01), (
            "a balance leaves the side to which it is turned"
        )
        assert left == pytest.approx(FADER * (1 - PAN), rel=0.01)


def test_ama_s_own_plugins_are_not_heard_and_work_again_afterwards(desk):
    ids = desk.run('print("ID", id_of("Kick"))').split("ID\t")[1].split()[0]
    strip = Strip(
        track=ids, name="Kick", inserts=(high_pass("thin", 4_000.0), eq(part("quiet", {16: -18.0})))
    )
    desk.ask(request(strip))
    said = desk.run("""export() apply() local before = state() export() print("SAME", state() == before)
      print("ACTIVE", shown_processors("Kick")[2]:active(), shown_processors("Kick")[3]:active())""")
    assert "SAME\ttrue" in said
    assert "ACTIVE\ttrue\ttrue" in said
    first, second = sorted((desk.session.parent / "export").iterdir())
    documents = [json.loads((folder / "session.json").read_text()) for folder in (first, second)]
    assert documents[1]["tracks"][0]["plugins"] == documents[0]["tracks"][0]["plugins"]
    before, after = (soundfile.read(folder / "01 Kick.wav")[0] for folder in (first, second))
    np.testing.assert_allclose(after[SETTLED:FRAMES], before[SETTLED:FRAMES], atol=SMOOTHED)


def test_the_service_is_told_in_order_and_in_ama_s_words(desk):
    listener = Listener()
    made = bench(desk.session, desk.folder, port=listener.port)
    made.run("export()")
    messages = listener.messages()
    listener.close()
    folder, document = exported(desk)
    words = [m.address.removeprefix("/ama/v1/") for m in messages]
    count = len(document["tracks"])
    assert words == [
        "hello",
        "session/begin",
        *["session/track"] * count,
        "session/commit",
        "suggest",
    ]
    begin, voice = messages[1].arguments, messages[3].arguments
    assert len({m.arguments[0] for m in messages}) == 1
    assert begin[1:6] == ("song", "ardour", float(RATE), count, "post_effects")
    assert voice[1:5] == ("song", 1, document["tracks"][1]["id"], NAME)
    assert voice[5:8] == (pytest.approx(FADER_DB, abs=1e-4), pytest.approx(PAN, abs=1e-6), 0)
    assert Path(str(voice[8])) == folder / document["tracks"][1]["stem"]
    assert messages[2].arguments[9] == "ACE EQ"
    assert messages[-1].arguments[1:] == ("song", "auto", "ardour")


def test_in_a_sandbox_the_session_is_sent_with_ardour_s_own_files(desk):
    listener = Listener()
    made = bench(desk.session, desk.folder, port=listener.port)
    made.run("export({sandboxed = true})", save=True)
    ((text,),) = texts(listener.messages()).values()
    listener.close()
    document = json.loads(text)
    voice = document["tracks"][1]
    assert [Path(path).is_file() for path in voice["channel_files"]] == [True, True]
    left, right = (soundfile.read(path)[0] for path in voice["channel_files"])
    heard = np.stack([left, right])[:, LATE:]
    np.testing.assert_allclose(heard[:, EDGE:-EDGE], VOICE[:, EDGE:-EDGE], atol=EXACT)
    assert list((desk.session.parent / "export").iterdir()) == []


def test_a_session_without_audio_says_so(tmp_path):
    made = make_session(tmp_path / "empty", [MadeTrack(name="Nothing")])
    said = bench(made, tmp_path / "desk").run("""local document, why = export({globals = window({as_shown})})
      print("WHY", document, why, shown[#shown].text)""")
    assert "WHY\tnil\tthere is no audio in this session\tThere is no audio in this session." in said


CHOICES = """local function choose(rows)
  local answer = {}
  for _, row in ipairs(rows) do
    if row.values then print("ROW", row.key, row.default) for name, value in pairs(row.values) do
      print("VALUE", row.key, name, value) if value == %s or value == %s then answer[row.key] = value end end end
  end
  return answer
end
local globals = window({choose})
globals.Editor = {get_selection = function() return {time = {start_sample = function() return 7000 end, end_sample = function() return 9000 end}} end}
local stopped = 0
globals.LuaDialog.ProgressWindow = function() return {progress = function(_, f, text) print("PROGRESS", f, text) stopped = stopped + 1 end,
  canceled = function() return stopped > %d end, done = function() print("CLOSED") end} end
"""


def test_the_dialog_offers_the_selected_time_and_its_end_tells_what_was_done(desk):
    said = desk.run(
        CHOICES % ('"raw"', '"selected"', 99)
        + 'export({globals = globals}) print("TOLD", shown[2].text)'
    )
    _, document = exported(desk)
    assert (document["bounced"], document["start_sample"], document["end_sample"]) == (
        "raw",
        7_000,
        9_000,
    )
    assert "ROW\trange\t2. the selected time" in said
    assert "ROW\tbounced\t1. after the plugins, before the fader" in said
    assert "PROGRESS\t0.0\tKick" in said
    assert "CLOSED" in said
    told = said.split("TOLD\t")[1]
    assert told.startswith("4 tracks exported to\n")
    assert "• Reverb: it is a bus" in told
    assert "Clean-up Unused Sources" in told


def test_a_stopped_export_leaves_no_stems(desk):
    said = desk.run(
        CHOICES % ('"raw"', '"whole"', 2)
        + 'local document, why = export({globals = globals}) print("WHY", document, why)'
    )
    assert "WHY\tnil\tthe export was cancelled" in said
    assert "CLOSED" in said
    assert list((desk.session.parent / "export").iterdir()) == []


def test_a_cancelled_dialog_does_nothing(desk):
    said = desk.run(
        'local document, why = export({globals = window({})}) print("WHY", document, why, #shown)'
    )
    assert "WHY\tnil\tcancelled\t1" in said
    assert list((desk.session.parent / "export").iterdir()) == []


def test_a_track_that_cannot_be_written_is_left_out_with_the_reason(desk):
    said = desk.run("""local opened = io.open
      local full = setmetatable({open = function(path, mode) if mode == "wb" and string.find(path, "01 Kick") then return nil, "disk full" end
        return opened(path, mode) end}, {__index = io})
      export({globals = {io = full}})""")
    assert "DONE" in said
    _, document = exported(desk)
    assert document["left_out"][-1] == {
        "name": "Kick",
        "reason": "its stem could not be written: disk full",
    }
    assert document["tracks"][0]["name"] == NAME


def test_a_folder_that_cannot_be_made_is_no_obstacle(desk):
    """Then the stems lie in the session's export folder, told apart by the time."""
    said = desk.run(f"""local hidden = setmetatable({{export_track_state = function() error("no") end, export_route_state = false}}, {{__index =
        function(_, key) local value = Session[key] if type(value) == "function" then return function(_, ...) return value(Session, ...) end end
        return value end}})
      local _, folder = export({{globals = {{Session = hidden}}}}) print("FOLDER", folder == {lua_text(desk.session.parent / "export")})""")
    assert "FOLDER\ttrue" in said
    document = json.loads((desk.session.parent / "export" / "session.json").read_text())
    assert document["tracks"][0]["stem"].startswith("AMA ")
    assert (desk.session.parent / "export" / document["tracks"][0]["stem"]).is_file()
