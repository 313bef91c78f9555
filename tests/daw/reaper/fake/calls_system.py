"""Files, processes, ext state, time, messages."""
# ruff: noqa: N802  # a call's function has the call's name

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.daw.reaper.fake.calls import call
from tests.daw.reaper.fake.project import new_guid

if TYPE_CHECKING:
    from tests.daw.fake_reaper import FakeReaper


@call
def GetExtState(fake: FakeReaper, section: str, key: str) -> str:
    return fake.ext_state.get((section, key), "")


@call
def SetExtState(fake: FakeReaper, section: str, key: str, value: str, persist: bool) -> None:
    if persist and ("\n" in value or "\r" in value):
        raise fake.mistake(f"SetExtState keeps no line breaks in reaper-extstate.ini: {value!r}")
    fake.ext_state[section, key] = value
    (fake.persistent.add if persist else fake.persistent.discard)((section, key))


@call
def HasExtState(fake: FakeReaper, section: str, key: str) -> bool:
    return (section, key) in fake.ext_state


@call
def DeleteExtState(fake: FakeReaper, section: str, key: str, persist: bool) -> None:
    fake.ext_state.pop((section, key), None)


def _listed(fake: FakeReaper, path: str, at: int, *, folders: bool) -> str | None:
    """Return a name of a listing that REAPER keeps until it is asked for number -1."""
    place = (path, folders)
    if at < 0:
        fake.listings.pop(place, None)
        return None
    if place not in fake.listings:
        folder = Path(fake.paths.inward(path))
        fake.listings[place] = (
            sorted(each.name for each in folder.iterdir() if each.is_dir() == folders)
            if folder.is_dir()
            else []
        )
    names = fake.listings[place]
    return names[at] if at < len(names) else None


@call
def EnumerateFiles(fake: FakeReaper, path: str, at: int) -> str | None:
    return _listed(fake, path, at, folders=False)


@call
def EnumerateSubdirectories(fake: FakeReaper, path: str, at: int) -> str | None:
    return _listed(fake, path, at, folders=True)


@call
def RecursiveCreateDirectory(fake: FakeReaper, path: str, _ignored: int) -> int:
    folder = Path(fake.paths.inward(path))
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return 0
    return len(missing)


@call
def file_exists(fake: FakeReaper, path: str) -> bool:
    return Path(fake.paths.inward(path)).is_file()


@call
def ExecProcess(fake: FakeReaper, command: str, timeout_ms: int) -> str | None:
    fake.processes.append((command, timeout_ms))
    if fake.execute is None:
        raise fake.mistake(f"ExecProcess({command!r}): the test does not expect one")
    return fake.execute(command, timeout_ms)


@call
def time_precise(fake: FakeReaper) -> float:
    return fake.clock.precise_s()


@call
def genGuid(fake: FakeReaper) -> str:
    return new_guid()


@call
def defer(fake: FakeReaper, function: Any) -> bool:
    fake.running_script.deferred.append(function)
    return True


@call
def runloop(fake: FakeReaper, function: Any) -> bool:
    return bool(defer(fake, function))


@call
def atexit(fake: FakeReaper, function: Any) -> bool:
    fake.running_script.at_exit.append(function)
    return True


@call
def ShowConsoleMsg(fake: FakeReaper, text: str) -> None:
    fake.console.append(text)


@call
def ClearConsole(fake: FakeReaper) -> None:
    fake.console.clear()


@call
def ShowMessageBox(fake: FakeReaper, text: str, title: str, kind: int) -> int:
    """A box that everything waits for: a test has to say what is answered."""
    fake.boxes.append((title, text))
    if not fake.answers:
        raise fake.mistake(f"a message box blocks REAPER: {title}: {text}")
    return int(fake.answers.pop(0))


@call
def GetUserInputs(
    fake: FakeReaper, title: str, count: int, captions: str, values: str
) -> tuple[bool, str]:
    fake.boxes.append((title, captions))
    if not fake.answers:
        raise fake.mistake(f"a dialog blocks REAPER: {title}: {captions}")
    answer = fake.answers.pop(0)
    return (False, values) if answer is None else (True, str(answer))


@call
def GetMousePosition(fake: FakeReaper) -> tuple[int, int]:
    return 400, 300


@call
def my_getViewport(fake: FakeReaper, *_: Any) -> tuple[int, int, int, int]:
    return 0, 0, 1920, 1080
