"""The fake is strict: it knows only the real API, and what a script does wrong is told whatever the script catches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.daw.fake_reaper import FakeReaper, MistakeError, ScriptError
from tests.daw.reaper.api_list import extension_names, needs_api_list, whole_api
from tests.daw.reaper.fake.calls import BEHAVIOURS
from tests.daw.reaper.fake.drawing import DRAWING
from tests.daw.reaper.fake.signatures import SIGNATURES

WRONG = {
    "a name that the API does not have": ("reaper.TrackFX_AddByNames()", "not in tests"),
    "the same through pcall": ("pcall(function() return reaper.CountTrack end)", "not in tests"),
    "too few arguments": ("reaper.GetTrack(0)", "trackidx must be integer, not nothing"),
    "too many": ("reaper.GetTrack(0, 0, 0)", "takes 2 arguments"),
    "text for a number": ('reaper.GetTrack(0, "0")', "must be integer"),
    "a broken number for an integer": ("reaper.GetTrack(0, 0.5)", "must be integer"),
    "a number for text": ("reaper.ShowConsoleMsg(5)", "must be string"),
    "a number for a boolean": ("reaper.EnumerateFiles(true, 0)", "must be string"),
    "nothing for a track": ("reaper.GetTrackGUID(reaper.GetTrack(0, 99))", "must be MediaTrack, not nil"),
    "the project for a track": ("reaper.GetTrackGUID((reaper.EnumProjects(-1)))", "must be MediaTrack"),
    "a field of a pointer": ("local x = reaper.GetTrack(0, 0).name", "no field"),
    "an unknown key": ('reaper.GetMediaTrackInfo_Value(reaper.GetTrack(0, 0), "D_VOLUME")', "does not know"),
    "an unknown action": ("reaper.Main_OnCommand(40001, 0)", "does not know"),
    "a change outside a block": ('reaper.SetMediaTrackInfo_Value(reaper.GetTrack(0, 0), "D_VOL", 1)', "outside an undo block"),
    "an effect outside a block": ('reaper.TrackFX_AddByName(reaper.GetTrack(0, 0), "ReaEQ", false, -1)', "outside an undo block"),
    "a block left open": ("reaper.Undo_BeginBlock2(0)", "undo block open"),
    "refresh left off": ("reaper.PreventUIRefresh(1)", "PreventUIRefresh"),
    "a block that changes nothing": ('reaper.Undo_BeginBlock2(0) reaper.Undo_EndBlock2(0, "x", -1)', "changes nothing"),
    "a message box nobody answers": ('reaper.ShowMessageBox("x", "y", 0)', "blocks"),
    "a process nobody expects": ('reaper.ExecProcess("ls", 0)', "does not expect"),
    "a global made": ("x = 1", "a global is made"),
    "a shell": ('os.execute("ls")', "os.execute"),
    "writing into reaper": ("reaper.mine = 1", None),
    "reading a global that is not there": ("local y = print", None),
    "writing gfx's mouse": ("gfx.mouse_x = 1", "gfx.mouse_x"),
    "a persistent state of two lines": ('reaper.SetExtState("a", "b", "c\\nd", true)', "line breaks"),
}  # fmt: skip


@pytest.mark.parametrize("lua", ["5.3", "5.4"])
@pytest.mark.parametrize("what", WRONG)
def test_what_a_script_does_wrong_is_told(what: str, lua: str, tmp_path: Path) -> None:
    text, part = WRONG[what]
    fake = FakeReaper(folder=tmp_path, lua=lua)  # type: ignore[arg-type]  # one of the two
    fake.project.add("Bass")
    with pytest.raises((MistakeError, ScriptError)) as told:
        fake.run(f"local ok = pcall(function() {text} end)" if part else text)
    assert part is None or part in str(told.value)


def test_flags_of_an_undo_point_must_keep_what_changed(tmp_path: Path) -> None:
    fake = FakeReaper(folder=tmp_path)
    fake.project.add("Bass")
    with pytest.raises(MistakeError, match="does not keep fx"):
        fake.run("""
            reaper.Undo_BeginBlock2(0)
            reaper.TrackFX_AddByName(reaper.GetTrack(0, 0), "ReaEQ", false, -1)
            reaper.Undo_EndBlock2(0, "x", 1)""")


def test_windows_of_new_effects_are_not_to_stay(tmp_path: Path) -> None:
    adding = """
        reaper.Undo_BeginBlock2(0)
        local at = reaper.TrackFX_AddByName(reaper.GetTrack(0, 0), "ReaEQ", false, -1)
        {hide}
        reaper.Undo_EndBlock2(0, "x", 2)"""
    fake = FakeReaper(folder=tmp_path, floats_effects=True)
    fake.project.add("Bass")
    fake.run(adding.replace("{hide}", "reaper.TrackFX_Show(reaper.GetTrack(0, 0), at, 2)"))
    with pytest.raises(MistakeError, match="windows of 1 effects"):
        fake.run(adding.replace("{hide}", ""))


def test_every_call_of_the_table_has_a_behaviour_and_the_other_way_round() -> None:
    assert set(SIGNATURES) == set(BEHAVIOURS) | set(DRAWING)


@needs_api_list
def test_signatures_are_those_of_the_whole_list() -> None:
    whole = whole_api()
    for name, signature in SIGNATURES.items():
        assert replace(signature, since=(0,)) == whole[name], name


@needs_api_list
def test_extension_calls_are_nil_and_not_an_error(tmp_path: Path) -> None:
    assert not extension_names() & set(SIGNATURES)
    fake = FakeReaper(folder=tmp_path)
    fake.run("""
        assert(reaper.ImGui_CreateContext == nil and reaper.JS_Window_Find == nil and reaper.BR_GetMediaTrackByGUID == nil)
        assert(not reaper.APIExists("ImGui_CreateContext") and reaper.APIExists("CountTracks"))""")


def test_an_extension_is_there_when_a_test_switches_it_on(tmp_path: Path) -> None:
    fake = FakeReaper(folder=tmp_path)
    fake.extensions["ImGui_GetVersion"] = lambda: (b"1.90", 19000)
    fake.run("""
        local text, number = reaper.ImGui_GetVersion()
        assert(text == "1.90" and number == 19000 and reaper.APIExists("ImGui_GetVersion"))""")


def test_what_reaper_6_lacks_is_nil_there(tmp_path: Path) -> None:
    FakeReaper(folder=tmp_path, version="6.83", lua="5.3").run(
        "assert(reaper.set_action_options == nil)"
    )
    FakeReaper(folder=tmp_path, version="7.38").run("reaper.set_action_options(1)")


def test_numbers_text_and_pointers_are_lua_s_own(tmp_path: Path) -> None:
    fake = FakeReaper(folder=tmp_path)
    fake.project.add("Bäss")
    fake.run("""
        local track = reaper.GetTrack(0, 0.0)
        assert(type(track) == "userdata" and track == reaper.GetTrack(nil, 0) and ({[track] = 1})[reaper.GetTrack(0, 0)] == 1)
        assert(math.type(reaper.CountTracks(0)) == "integer" and math.type(reaper.GetMediaTrackInfo_Value(track, "D_VOL")) == "float")
        assert(type(reaper.CountTracks) == "function" and reaper.GetTrack(0, 1) == nil)
        local ok, name = reaper.GetTrackName(track)
        assert(ok == true and name == "Bäss" and #name == 5)""")


def test_a_track_deleted_meanwhile_is_an_error_that_a_script_can_catch(tmp_path: Path) -> None:
    fake = FakeReaper(folder=tmp_path)
    bass = fake.project.add("Bass")
    script = fake.run("""
        local track = reaper.GetTrack(0, 0)
        reaper.defer(function()
          assert(not reaper.ValidatePtr2(0, track, "MediaTrack*"))
          assert(not pcall(reaper.GetTrackGUID, track))
        end)""")
    fake.project.delete(bass)
    assert not fake.spin(1)
    assert script.ended


def test_a_call_fails_when_it_is_told_to(tmp_path: Path) -> None:
    fake = FakeReaper(folder=tmp_path)
    seen: list[object] = []
    fake.fail("CountTracks", nth=2, returns=7)
    fake.before("CountTracks", lambda _project: seen.append("before"), nth=1)
    fake.after("CountTracks", lambda _project: seen.append("after"))
    fake.fail("io.open", nth=1, returns="no space left")
    fake.run("""
        assert(reaper.CountTracks(0) == 0 and reaper.CountTracks(0) == 7 and reaper.CountTracks(0) == 0)
        local file, why = io.open("/tmp/nothing", "w")
        assert(file == nil and why == "no space left")""")
    assert seen == ["before", "after", "after", "after"]
    assert fake.calls["CountTracks"] == fake.api_calls == 3


def test_a_failing_hook_fails_the_test_whatever_lua_catches(tmp_path: Path) -> None:
    fake = FakeReaper(folder=tmp_path)
    fake.before("CountTracks", lambda _project: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        fake.run("pcall(reaper.CountTracks, 0)")
