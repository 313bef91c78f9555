"""Scripts in the fake REAPER: time, deferred functions, exits, undo, files, settings, actions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.daw.fake_reaper import FakeReaper, MistakeError, ScriptError

CHANGE = """
    local track = reaper.GetTrack(0, 0)
    reaper.Undo_BeginBlock2(0)
    reaper.SetMediaTrackInfo_Value(track, "D_VOL", 0.25)
    reaper.SetMediaTrackInfo_Value(track, "I_NCHAN", 4)
    local at = reaper.TrackFX_AddByName(track, "ReaEQ", false, -1000)
    reaper.TrackFX_SetNamedConfigParm(track, at, "BANDTYPE0", "8")
    local send = reaper.CreateTrackSend(reaper.GetTrack(0, 1), track)
    reaper.SetTrackSendInfo_Value(reaper.GetTrack(0, 1), 0, send, "I_DSTCHAN", 2)
    reaper.Undo_EndBlock2(0, "AMA: apply mix", 3)"""


def song(folder: Path, **options: object) -> FakeReaper:
    fake = FakeReaper(folder=folder, **options)  # type: ignore[arg-type]  # the test's own words
    fake.project.add("Bass")
    fake.project.add("Kick")
    return fake


def test_one_block_is_one_point_and_undo_gives_back_the_very_state(tmp_path: Path) -> None:
    fake = song(tmp_path)
    fake.project["Bass"].fx.append(fake.add_effect("VST: Pro-Q 3 (FabFilter)"))
    before = fake.project.state()
    fake.run(CHANGE)
    after = fake.project.state()
    assert [point.name for point in fake.undo_points] == ["AMA: apply mix"]
    assert fake.project["Bass"].fx[0].name == "VST: ReaEQ (Cockos)"
    assert before != after
    assert fake.project.undo() == "AMA: apply mix"
    assert fake.project.state() == before
    assert fake.redo() == "AMA: apply mix"
    assert fake.project.state() == after
    fake.project.delete(fake.project["Kick"])
    assert fake.project["Bass"].sends == []
    fake.undo()
    assert fake.project.state() == before


def test_deferred_functions_run_about_thirty_times_a_second_and_exits_at_the_end(
    tmp_path: Path,
) -> None:
    fake = song(tmp_path)
    fake.run("""
        local began, count = reaper.time_precise(), 0
        local function again()
          count = count + 1
          if reaper.time_precise() - began < 2 then reaper.defer(again) end
        end
        reaper.defer(again)
        reaper.atexit(function() reaper.ShowConsoleMsg(count .. " times") end)""")
    assert fake.spin(1)
    assert fake.console == []
    assert not fake.spin(5)
    assert fake.console == ["60 times"]


def test_exits_are_done_when_the_user_ends_a_script_and_cannot_be_relied_on_when_it_fails(
    tmp_path: Path,
) -> None:
    fake = song(tmp_path)
    fake.run("""
        local function again() reaper.defer(again) end
        again()
        reaper.atexit(function() reaper.ShowConsoleMsg("ended") end)""")
    fake.stop()
    with pytest.raises(ScriptError, match="broken"):
        fake.run('reaper.atexit(function() reaper.ShowConsoleMsg("failed") end) error("broken")')
    assert fake.console == ["ended"]
    assert not fake.running


def test_two_scripts_run_side_by_side_each_with_its_own_globals_and_window(tmp_path: Path) -> None:
    fake = song(tmp_path)
    loop = 'gfx.init("{0}", 200, 100) local function again() gfx.x = 5 gfx.drawstr("{0}") reaper.defer(again) end again()'
    first = fake.run(loop.format("one"), name="AMA Listen")
    second = fake.run(loop.format("two"), name="AMA Apply")
    fake.spin(0.2)
    assert (first.window.texts, second.window.texts) == (["one"], ["two"])
    assert first.command != second.command
    fake.stop()


def test_a_script_knows_its_own_action_and_others_by_name(tmp_path: Path) -> None:
    fake = song(tmp_path)
    other = tmp_path / "REAPER" / "Scripts" / "AMA" / "other.lua"
    other.parent.mkdir(parents=True)
    other.write_text('reaper.ShowConsoleMsg("ran")', encoding="utf-8")
    fake.run(f"""
        local new, path, section, command, mode, resolution, value, context = reaper.get_action_context()
        assert(path:match("AMA Apply.lua$") and section == 0 and context == "osc:/x:s=7")
        local name = reaper.ReverseNamedCommandLookup(command)
        assert(name:match("^RS%x+$") and reaper.NamedCommandLookup("_" .. name) == command and reaper.NamedCommandLookup(name) == 0)
        assert(reaper.ReverseNamedCommandLookup(40026) == nil)
        local found = reaper.AddRemoveReaScript(true, 0, "{other}", true)
        reaper.Main_OnCommand(found, 0)""", context="osc:/x:s=7")  # fmt: skip
    assert fake.console == ["ran"]


def test_a_listing_of_files_is_kept_until_it_is_asked_anew(tmp_path: Path) -> None:
    fake = song(tmp_path)
    folder = tmp_path / "box"
    folder.mkdir()
    fake.run(f"""
        local box = "{folder}"
        assert(reaper.EnumerateFiles(box, 0) == nil)
        io.open(box .. "/a", "w"):close()
        assert(reaper.EnumerateFiles(box, 0) == nil)
        reaper.EnumerateFiles(box, -1)
        assert(reaper.EnumerateFiles(box, 0) == "a" and reaper.EnumerateFiles(box, 1) == nil)
        assert(reaper.RecursiveCreateDirectory(box .. "/b/c", 0) == 2 and reaper.EnumerateSubdirectories(box, 0) == "b")
        assert(reaper.file_exists(box .. "/a") and not reaper.file_exists(box))""")


def test_windows_has_its_slashes_and_does_not_rename_over_a_file(tmp_path: Path) -> None:
    fake = song(tmp_path, system="Win64")
    fake.run(r"""
        assert(reaper.GetOS() == "Win64" and package.config:sub(1, 1) == "\\")
        local folder = reaper.GetResourcePath()
        assert(folder:match("^C:\\") and not folder:find("/"))
        for _, name in ipairs({"a", "b"}) do io.open(folder .. "\\" .. name, "w"):close() end
        local done, why = os.rename(folder .. "\\a", folder .. "\\b")
        assert(done == nil and why:match("exists"))
        assert(os.remove(folder .. "/b") and os.rename(folder .. "\\a", folder .. "\\b"))""")
    assert (tmp_path / "REAPER" / "b").is_file()


def test_the_project_says_where_it_lies_and_where_it_records(tmp_path: Path) -> None:
    song(tmp_path).run(f"""
        local project, path = reaper.EnumProjects(-1)
        assert(path == "{tmp_path}/Song/Song.rpp" and reaper.GetProjectName(0) == "Song.rpp")
        assert(reaper.GetProjectPath() ~= "{tmp_path}/Song")
        assert(reaper.ValidatePtr(project, "ReaProject*") and reaper.CountTracks(project) == 2)""")
    song(tmp_path, saved=False).run("""
        local _, path = reaper.EnumProjects(-1)
        assert(path == "" and reaper.GetProjectName(0) == "")""")


def test_time_is_the_fake_s_and_the_environment_the_test_s(tmp_path: Path) -> None:
    fake = song(tmp_path, environment={"XDG_STATE_HOME": "/state"})
    fake.run("""
        local began = os.time()
        assert(os.getenv("XDG_STATE_HOME") == "/state" and os.getenv("HOME") == nil and os.tmpname == nil)
        reaper.defer(function() reaper.ShowConsoleMsg(tostring(os.time() - began > 8)) end)""")
    fake.clock.go_on(9)
    fake.spin(1)
    assert fake.console == ["true"]


def test_a_process_is_run_by_the_test(tmp_path: Path) -> None:
    fake = song(tmp_path)
    fake.execute = lambda command, timeout: "0\nhello" if timeout >= 0 else None
    fake.run(
        'assert(reaper.ExecProcess("ama --version", 1000) == "0\\nhello" and reaper.ExecProcess("ama serve", -1) == nil)'
    )
    assert fake.processes == [("ama --version", 1000), ("ama serve", -1)]


def test_sends_are_seen_from_both_ends(tmp_path: Path) -> None:
    fake = song(tmp_path)
    fake.run(CHANGE)
    fake.run("""
        local bass, kick = reaper.GetTrack(0, 0), reaper.GetTrack(0, 1)
        assert(reaper.GetTrackNumSends(kick, 0) == 1 and reaper.GetTrackNumSends(bass, -1) == 1 and reaper.GetTrackNumSends(bass, 0) == 0)
        assert(reaper.GetTrackSendInfo_Value(kick, 0, 0, "P_DESTTRACK") == bass)
        assert(reaper.GetTrackSendInfo_Value(bass, -1, 0, "I_DSTCHAN") == 2)
        reaper.Undo_BeginBlock2(0)
        assert(reaper.RemoveTrackSend(kick, 0, 0) and not reaper.RemoveTrackSend(kick, 0, 0))
        reaper.Undo_EndBlock2(0, "x", 1)""")
    assert fake.project["Kick"].sends == []


def test_folders_and_pan_modes_are_told_as_reaper_does(tmp_path: Path) -> None:
    fake = FakeReaper(folder=tmp_path)
    fake.project.add("Drums", I_FOLDERDEPTH=1)
    fake.project.add("Kick")
    fake.project.add("Toms", I_FOLDERDEPTH=1)
    fake.project.add("Tom", I_FOLDERDEPTH=-2)
    fake.project.add("Bass", I_PANMODE=6)
    fake.run("""
        local function parent(at) local found = reaper.GetParentTrack(reaper.GetTrack(0, at)) return found and select(2, reaper.GetTrackName(found)) end
        assert(parent(0) == nil and parent(1) == "Drums" and parent(3) == "Toms" and parent(4) == nil)
        assert(reaper.GetTrackDepth(reaper.GetTrack(0, 3)) == 2)
        assert(reaper.GetMediaTrackInfo_Value(reaper.GetTrack(0, 0), "I_PANMODE") == -1)
        assert(select(4, reaper.GetTrackUIPan(reaper.GetTrack(0, 0))) == 3 and select(4, reaper.GetTrackUIPan(reaper.GetTrack(0, 4))) == 6)""")


def test_a_dialog_needs_an_answer(tmp_path: Path) -> None:
    fake = song(tmp_path)
    fake.answers = [6, "a,b", None]
    fake.run("""
        assert(reaper.ShowMessageBox("Sure?", "AMA", 4) == 6)
        assert(select(2, reaper.GetUserInputs("AMA", 2, "One,Two", ",")) == "a,b")
        assert(not reaper.GetUserInputs("AMA", 1, "One", ""))""")
    assert len(fake.boxes) == 3
    with pytest.raises(MistakeError):
        fake.run('reaper.ShowMessageBox("Sure?", "AMA", 4)')
