"""The project, undo, and the program: actions, settings, what it says of itself."""
# ruff: noqa: N802  # a call's function has the call's name

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.daw.reaper.fake.calls import call
from tests.daw.reaper.fake.items import length_s
from tests.daw.reaper.fake.render_settings import READ_ONLY
from tests.daw.reaper.fake.rendering import PRE_FADER, RenderMistakeError, targets

if TYPE_CHECKING:
    from tests.daw.fake_reaper import FakeReaper

_NUMBERS = ("PROJECT_SRATE", "PROJECT_SRATE_USE")
UNSELECT_ALL, SELECT_ALL, SAVE = 40297, 40296, 40026


@call
def Undo_BeginBlock(fake: FakeReaper) -> None:
    fake.undo_log.begin()


@call
def Undo_BeginBlock2(fake: FakeReaper, _project: object) -> None:
    fake.undo_log.begin()


@call
def Undo_EndBlock(fake: FakeReaper, name: str, flags: int) -> None:
    wrong = fake.undo_log.end(name, flags)
    if wrong:
        raise fake.mistake(wrong)


@call
def Undo_EndBlock2(fake: FakeReaper, _project: object, name: str, flags: int) -> None:
    Undo_EndBlock(fake, name, flags)


@call
def Undo_CanUndo2(fake: FakeReaper, _project: object) -> str | None:
    return fake.undo_log.points[-1].name if fake.undo_log.points else None


@call
def Undo_CanRedo2(fake: FakeReaper, _project: object) -> str | None:
    return fake.undo_log.undone[-1].name if fake.undo_log.undone else None


@call
def Undo_DoUndo2(fake: FakeReaper, _project: object) -> int:
    return int(bool(fake.undo_log.undo()))


@call
def GetProjectStateChangeCount(fake: FakeReaper, _project: object) -> int:
    return fake.project.change_count


@call
def PreventUIRefresh(fake: FakeReaper, count: int) -> None:
    fake.refresh_held += count


@call
def TrackList_AdjustWindows(fake: FakeReaper, _minor: bool) -> None:
    pass


@call
def UpdateArrange(fake: FakeReaper) -> None:
    pass


@call
def UpdateTimeline(fake: FakeReaper) -> None:
    pass


@call
def MarkProjectDirty(fake: FakeReaper, _project: object) -> None:
    fake.project.dirty = True


@call
def IsProjectDirty(fake: FakeReaper, _project: object) -> int:
    return int(fake.project.dirty)


@call
def EnumProjects(fake: FakeReaper, at: int) -> tuple[Any, str | None]:
    if at not in (-1, 0):
        return None, None
    path = fake.project.path
    return fake.project, fake.paths.outward(path) if path else ""


@call
def GetProjectName(fake: FakeReaper, _project: object) -> str:
    return fake.project.path.name if fake.project.path else ""


@call
def GetProjectPath(fake: FakeReaper) -> str:
    """Where recordings go, which is not where the project lies."""
    path = fake.project.path
    return fake.paths.outward(path.parent / "Media" if path else fake.folder / "REAPER Media")


@call
def GetProjectPathEx(fake: FakeReaper, _project: object) -> str:
    return GetProjectPath(fake)


@call
def GetProjectLength(fake: FakeReaper, _project: object) -> float:
    return length_s(fake.project)


@call
def GetProjExtState(fake: FakeReaper, _project: object, section: str, key: str) -> tuple[int, str]:
    found = fake.project.ext_state.get((section, key), "")
    return len(found), found


@call
def SetProjExtState(fake: FakeReaper, _project: object, section: str, key: str, value: str) -> int:
    fake.change("project", f"ext state {section}/{key}")
    fake.project.ext_state[section, key] = value
    return len(value)


@call
def GetSetProjectInfo(
    fake: FakeReaper, _project: object, key: str, value: float, is_set: bool
) -> float:
    if key in _NUMBERS and not is_set:
        own = fake.project.has_own_rate
        return float(fake.project.sample_rate_hz if key == "PROJECT_SRATE" else own)
    numbers = fake.project.render.numbers
    if key not in numbers:
        if key.startswith("RENDER_") and fake.without_setting(key):
            return 0.0
        raise fake.unknown(f"GetSetProjectInfo({key!r})")
    if is_set and key == "RENDER_SETTINGS" and fake.rendering.pre_fader == "masked":
        value = float(int(value) & ~PRE_FADER)
    if is_set:
        numbers[key] = value
    return numbers[key]


@call
def GetSetProjectInfo_String(
    fake: FakeReaper, _project: object, key: str, value: str, is_set: bool
) -> tuple[bool, str]:
    render = fake.project.render
    if key == "RENDER_TARGETS" and not is_set:
        return True, ";".join(
            fake.paths.outward(path) for path in targets(fake.project, fake.paths).values()
        )
    if key == "RENDER_STATS" and not is_set:
        return True, ""
    if key not in render.texts or key in READ_ONLY:
        raise fake.unknown(f"GetSetProjectInfo_String({key!r}, set={is_set})")
    if is_set:
        render.set_text(key, value)
    return True, render.texts[key]


@call
def GetPlayState(fake: FakeReaper) -> int:
    return fake.project.play_state


@call
def GetPlayStateEx(fake: FakeReaper, _project: object) -> int:
    return fake.project.play_state


@call
def OnStopButton(fake: FakeReaper) -> None:
    fake.project.play_state = 0


@call
def GetSet_LoopTimeRange2(
    fake: FakeReaper,
    _project: object,
    is_set: bool,
    _loop: bool,
    start: float,
    end: float,
    _seek: bool,
) -> tuple[float, float]:
    if is_set:
        fake.project.time_selection = (start, end)
    return fake.project.time_selection


@call
def GetSet_LoopTimeRange(
    fake: FakeReaper, is_set: bool, loop: bool, start: float, end: float, seek: bool
) -> tuple[float, float]:
    return GetSet_LoopTimeRange2(fake, None, is_set, loop, start, end, seek)


@call
def Main_OnCommand(fake: FakeReaper, command: int, _flag: int) -> None:
    if command in (UNSELECT_ALL, SELECT_ALL):
        for track in fake.project.tracks:
            track.selected = command == SELECT_ALL
    elif command in fake.renders:
        try:
            fake.rendering.run(fake.project, fake.paths)
        except RenderMistakeError as error:
            raise fake.mistake(str(error)) from None
    elif command == SAVE and fake.project.path is not None:
        fake.project.dirty = False
    elif command in fake.actions.paths:
        fake.start_action(command)
    else:
        raise fake.unknown(f"Main_OnCommand({command})")


@call
def Main_OnCommandEx(fake: FakeReaper, command: int, flag: int, _project: object) -> None:
    Main_OnCommand(fake, command, flag)


@call
def GetAppVersion(fake: FakeReaper) -> str:
    return f"{fake.version}/{'x64' if fake.paths.windows else 'linux-x86_64'}"


@call
def GetOS(fake: FakeReaper) -> str:
    return fake.system


@call
def GetResourcePath(fake: FakeReaper) -> str:
    return fake.paths.outward(fake.resource_path)


@call
def get_ini_file(fake: FakeReaper) -> str:
    return fake.paths.outward(fake.resource_path / "reaper.ini")


@call
def get_config_var_string(fake: FakeReaper, name: str) -> tuple[bool, str]:
    known = {"panmode": str(fake.project.pan_mode), "panlaw": str(fake.project.pan_law)}
    return name in known, known.get(name, "")


@call
def APIExists(fake: FakeReaper, name: str) -> bool:
    return fake.has(name)


@call
def get_action_context(fake: FakeReaper) -> tuple[bool, str, int, int, int, int, float, str]:
    script = fake.running_script
    return True, fake.paths.outward(script.path), 0, script.command, -1, -1, -1.0, script.context


@call
def ReverseNamedCommandLookup(fake: FakeReaper, command: int) -> str | None:
    """The name without the underscore that the actions list and OSC want."""
    return fake.actions.names.get(command)


@call
def NamedCommandLookup(fake: FakeReaper, name: str) -> int:
    return fake.actions.lookup(name)


@call
def AddRemoveReaScript(fake: FakeReaper, add: bool, section: int, path: str, commit: bool) -> int:
    if section != 0:
        raise fake.unknown(f"AddRemoveReaScript in section {section}")
    return (
        fake.actions.register(fake.paths.inward(path))
        if add
        else fake.actions.remove(fake.paths.inward(path))
    )


@call
def SetToggleCommandState(fake: FakeReaper, section: int, command: int, state: int) -> bool:
    fake.actions.toggles[command] = state
    return True


@call
def RefreshToolbar2(fake: FakeReaper, section: int, command: int) -> None:
    pass


@call
def set_action_options(fake: FakeReaper, flag: int) -> None:
    fake.running_script.options = flag
