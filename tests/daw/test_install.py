"""Installing into Ardour's settings: what is the user's stays byte by byte, what is odd is refused, what AMA wrote goes again."""

from __future__ import annotations

import base64
import os
import re
import threading
from pathlib import Path

import pytest
from lupa import lua53

from ama_analysis.errors import DeliveryError
from ama_bridge.daw.ardour.install import Script, install, slots_of, uninstall
from ama_bridge.daw.ardour.places import OSC_PORT, Place, osc_setting, places, with_osc
from ama_bridge.daw.ardour.running import ardours_with, is_ardour
from ama_bridge.daw.ardour.ui_scripts import (
    Action,
    UiScripts,
    UnknownScriptsError,
    quoted,
    unquoted,
)
from ama_bridge.daw.marked import is_untouched

AS_ARDOUR_WRITES_IT = """
    local function named (keys) return "scripts" .. keys .. " = " end
    local state = "scripts = {} "
    for slot, name in ipairs { "Mixer Screenshot", "List Plugins" } do
        local source = 'function factory () return function () print ("' .. slot .. '") end end\\r\\n'
        local dump = string.dump (load (source), true)
        local at = "[" .. slot .. "]"
        state = state .. named (at) .. "{} " .. named (at .. '["n"]') .. string.format ("%q ", name)
            .. named (at .. '["a"]') .. "{} " .. named (at .. '["a"]["x-script-origin"]') .. '"/x.lua"   '
            .. named (at .. '["c"]') .. (slot == 1 and string.format ("%q ", dump) or "true ")
            .. named (at .. '["s"]') .. string.format ("%q ", source)
            .. named (at .. '["f"]') .. string.format ("%q ", dump) .. " "
    end
    return state
"""
"""Two scripts with their bytecode, in the form of Ardour's own serialising; test_window has a file that the real Ardour wrote."""
TEXT = 'ardour { ["type"] = "EditorAction", name = "AMA %s" }\nfunction factory () return function () end end\n'
SCRIPTS = [
    Script(name=f"AMA {name}", file=f"ama_{name.lower()}.lua", text=TEXT % name)
    for name in ("Export", "Apply", "Revert")
]


def nothing_runs(_: Place) -> tuple[str, ...]:
    return ()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    folder = tmp_path / "ardour7"
    folder.mkdir()
    return Place(version=7, folder=folder)


@pytest.fixture(scope="module")
def written() -> bytes:
    """Return a file as Ardour writes it."""
    state = lua53.LuaRuntime(encoding=None).execute(AS_ARDOUR_WRITES_IT.encode())
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n<UIScripts>\n  <ActionScript lua="Lua 5.3">'
    tail = b"</ActionScript>\n  <ActionHooks/>\n</UIScripts>\n"
    return head + base64.b64encode(state) + tail


@pytest.fixture
def used(place: Place, written: bytes) -> Place:
    place.ui_scripts.write_bytes(written)
    return place


def held_by(place: Place) -> dict[str, bytes]:
    return {
        str(p.relative_to(place.folder)): p.read_bytes()
        for p in place.folder.rglob("*")
        if p.is_file() and p.suffix != ".bak"
    }


def state_of(data: bytes) -> bytes:
    match = re.search(rb"<ActionScript[^>]*>([^<]*)<", data)
    assert match is not None
    return base64.b64decode(match[1])


def test_scripts_go_into_free_slots_and_the_scripts_folder(used: Place) -> None:
    report = install(used, SCRIPTS, running=nothing_runs)
    assert report.changed
    assert slots_of(used) == {"AMA Export": 3, "AMA Apply": 4, "AMA Revert": 5}
    held = UiScripts.read(used.ui_scripts.read_bytes())
    assert [held.actions[slot].name for slot in (1, 2)] == ["Mixer Screenshot", "List Plugins"]
    for script in SCRIPTS:
        assert (used.scripts / script.file).read_bytes() == script.marked()


def test_the_users_own_scripts_stay_byte_by_byte(used: Place, written: bytes) -> None:
    before = state_of(written)
    install(used, SCRIPTS, running=nothing_runs)
    assert state_of(used.ui_scripts.read_bytes()).startswith(before)


def test_what_is_replaced_is_kept_under_a_name_with_the_time(used: Place, written: bytes) -> None:
    install(used, SCRIPTS, running=nothing_runs)
    (backup,) = used.folder.glob("ui_scripts.*.bak")
    assert re.fullmatch(r"ui_scripts\.\d{8}-\d{6}\.bak", backup.name)
    assert backup.read_bytes() == written


def test_hooks_stay(place: Place, written: bytes) -> None:
    hook = b'<LuaCallback lua="Lua 5.3" id="9001" name="mine" signals="0">cyA9IHt9</LuaCallback>'
    whole = b"<ActionHooks>%b</ActionHooks>" % hook
    place.ui_scripts.write_bytes(written.replace(b"<ActionHooks/>", whole))
    install(place, SCRIPTS, running=nothing_runs)
    assert whole in place.ui_scripts.read_bytes()


def test_installing_again_changes_nothing(used: Place) -> None:
    install(used, SCRIPTS, running=nothing_runs)
    before = held_by(used)
    report = install(used, SCRIPTS, running=nothing_runs)
    assert not report.changed
    assert report.lines == ("Ardour 7: nothing to do",)
    assert held_by(used) == before


def test_a_new_text_of_a_script_takes_the_place_of_the_old(used: Place) -> None:
    install(used, SCRIPTS, running=nothing_runs)
    newer = [*SCRIPTS[:1], Script(name="AMA Apply", file="ama_apply.lua", text="-- newer\n")]
    install(used, newer, running=nothing_runs)
    held = UiScripts.read(used.ui_scripts.read_bytes())
    assert slots_of(used) == {"AMA Export": 3, "AMA Apply": 4, "AMA Revert": 5}
    assert held.actions[4].source == newer[1].marked()


@pytest.mark.parametrize("there", [True, False])
def test_uninstalling_leaves_what_was_there_before(
    place: Place, written: bytes, there: bool
) -> None:
    if there:
        place.ui_scripts.write_bytes(written)
    before = held_by(place)
    install(place, SCRIPTS, running=nothing_runs)
    assert held_by(place) != before
    uninstall(place, running=nothing_runs)
    assert held_by(place) == before


def test_uninstalling_keeps_what_the_user_has_changed(used: Place) -> None:
    install(used, SCRIPTS, running=nothing_runs)
    mine = used.scripts / "ama_apply.lua"
    mine.write_bytes(mine.read_bytes() + b"-- mine\n")
    report = uninstall(used, running=nothing_runs)
    assert mine.read_bytes().endswith(b"-- mine\n")
    assert f"Ardour 7: keeps {mine}, since it was changed" in report.lines
    assert sorted(p.name for p in used.scripts.iterdir()) == ["ama_apply.lua"]


def test_a_changed_script_is_kept_beside_the_new_one(used: Place) -> None:
    install(used, SCRIPTS, running=nothing_runs)
    mine = used.scripts / "ama_apply.lua"
    mine.write_bytes(mine.read_bytes() + b"-- mine\n")
    install(used, SCRIPTS, running=nothing_runs)
    assert is_untouched(mine.read_bytes())
    (backup,) = used.scripts.glob("ama_apply.lua.*.bak")
    assert backup.read_bytes().endswith(b"-- mine\n")


def test_a_dry_run_says_what_it_would_do_and_does_nothing(used: Place) -> None:
    before = held_by(used)
    report = install(used, SCRIPTS, dry_run=True, enable_osc=True, running=nothing_runs)
    assert held_by(used) == before
    assert len(list(used.folder.iterdir())) == 1
    assert report.changed
    assert any("AMA Apply in slot 4" in line for line in report.lines)
    assert any("switches OSC on" in line for line in report.lines)


ODD = {
    "no XML": b"scripts = {}",
    "another root": b"<Other/>",
    "two lists": b"<UIScripts><ActionScript/><ActionScript/></UIScripts>",
    "no base64": b'<UIScripts><ActionScript lua="Lua 5.3">!!</ActionScript></UIScripts>',
    "another Lua": b'<UIScripts><ActionScript lua="Lua 6">Cg==</ActionScript></UIScripts>',
    "code in the state": b'<UIScripts><ActionScript lua="Lua 5.3">%b</ActionScript></UIScripts>'
    % base64.b64encode(b'scripts = {} os.execute("x") '),
    "an open string": b'<UIScripts><ActionScript lua="Lua 5.3">%b</ActionScript></UIScripts>'
    % base64.b64encode(b'scripts = {} scripts[1] = {} scripts[1]["n"] = "x'),
    "slots without numbers": b'<UIScripts><ActionScript lua="Lua 5.3">%b</ActionScript></UIScripts>'
    % base64.b64encode(b'scripts = {} scripts["x"] = {} '),
}


@pytest.mark.parametrize("data", ODD.values(), ids=ODD.keys())
def test_a_file_that_is_not_understood_is_refused_and_left(place: Place, data: bytes) -> None:
    place.ui_scripts.write_bytes(data)
    for work in (
        lambda: install(place, SCRIPTS, running=nothing_runs),
        lambda: uninstall(place, running=nothing_runs),
    ):
        with pytest.raises(DeliveryError, match="nothing was changed") as caught:
            work()
        assert caught.value.code == "AMA-706"
    assert held_by(place) == {"ui_scripts": data}


def test_a_script_whose_text_looks_like_a_slot_is_left_alone(place: Place) -> None:
    """The user's script holds, as text, what AMA's own statements look like."""
    nasty = b'x = "scripts[4] = {} scripts[4][\\"n\\"] = \\"AMA Apply\\""\r\n\0\x1b1\x7f'
    mine = UiScripts.new().with_action(
        7, Action(name='my "own" \\ ü', source=nasty), origin=place.folder / "x.lua"
    )
    place.ui_scripts.write_bytes(mine.to_bytes())
    install(place, SCRIPTS, running=nothing_runs)
    held = UiScripts.read(place.ui_scripts.read_bytes())
    assert held.actions[7] == mine.actions[7]
    assert set(held.actions) == {1, 2, 3, 7}
    uninstall(place, running=nothing_runs)
    assert place.ui_scripts.read_bytes() == mine.to_bytes()


def test_with_all_slots_taken_nothing_is_changed(place: Place) -> None:
    full = UiScripts.new()
    for slot in range(1, 33):
        full = full.with_action(slot, Action(name=f"n{slot}", source=b""), origin=place.folder)
    place.ui_scripts.write_bytes(full.to_bytes())
    with pytest.raises(DeliveryError, match="All 32 action slots"):
        install(place, SCRIPTS, running=nothing_runs)
    assert held_by(place) == {"ui_scripts": full.to_bytes()}


def test_a_lua_string_of_any_bytes_reads_back() -> None:
    every = bytes(range(256)) * 2 + b'1"\\\n\r\n\0009'
    assert unquoted(quoted(every)) == every
    assert not re.search(rb"[\x00-\x09\x0b-\x1f]", quoted(every))


def test_what_ardour_would_run_returns_the_action() -> None:
    runtime = lua53.LuaRuntime(encoding=None)
    source = b'ardour { ["type"] = "EditorAction", name = "x" }\nfunction factory (p) return function () return p.x end end\n'
    held = UiScripts.new().with_action(9, Action(name="x", source=source), origin=Path("x.lua"))
    restore = runtime.execute(
        b"""return function (state)
            load (state)()
            local s = scripts[9]
            assert (type (s['n']) == 'string' and type (s['s']) == 'string')
            local env = setmetatable ({}, { __index = _ENV })
            local f = load (string.dump (load (s['f']), true), nil, nil, env)
            assert (rawget (env, 'factory') == nil)
            return f ({ x = 42 }) (), s['s']
        end"""
    )
    assert restore(held.state) == (42, source)


def test_a_file_that_is_broken_reads_as_having_no_slots(place: Place) -> None:
    place.ui_scripts.write_bytes(b"<UI")
    assert slots_of(place) == {}
    with pytest.raises(UnknownScriptsError):
        UiScripts.read(b"<UI")


def test_ardour_that_runs_is_a_reason_to_refuse(used: Place) -> None:
    before = held_by(used)
    with pytest.raises(DeliveryError, match=r"Ardour 7 is running: ardour-7\.3\.0 \(process 12\)"):
        install(used, SCRIPTS, running=lambda _: ("ardour-7.3.0 (process 12)",))
    assert held_by(used) == before


def processes(root: Path, **environments: str) -> Path:
    """Make a /proc of one process, 12, that runs Ardour with this environment."""
    (root / "self").mkdir(parents=True)
    (root / "12").mkdir()
    (root / "12" / "exe").symlink_to("/usr/lib/ardour7/ardour-7.3.0~ds0 (deleted)")
    text = "\0".join(f"{key}={value}" for key, value in environments.items())
    (root / "12" / "environ").write_bytes(text.encode())
    return root


@pytest.mark.skipif(os.name != "posix", reason="links without further rights")
def test_only_an_ardour_with_these_settings_counts(place: Place, tmp_path: Path) -> None:
    mine = processes(tmp_path / "a", XDG_CONFIG_HOME=str(tmp_path), HOME="/nowhere")
    assert ardours_with(place, platform="linux", proc=mine) == ("ardour-7.3.0~ds0 (process 12)",)
    another = processes(tmp_path / "b", HOME="/nowhere")
    assert ardours_with(place, platform="linux", proc=another) == ()


@pytest.mark.skipif(os.name != "posix", reason="links without further rights")
def test_an_ardour_that_is_being_loaded_is_waited_for(place: Place, tmp_path: Path) -> None:
    root = processes(tmp_path / "a")
    loaded = threading.Timer(0.05, (root / "12/environ").write_text, ["HOME=/nowhere"])
    loaded.start()
    assert ardours_with(place, platform="linux", proc=root) == ()
    loaded.join()


@pytest.mark.skipif(os.name != "posix", reason="links without further rights")
def test_an_ardour_that_tells_no_settings_counts(place: Place, tmp_path: Path) -> None:
    root = processes(tmp_path / "a")
    assert ardours_with(place, platform="linux", proc=root) == ("ardour-7.3.0~ds0 (process 12)",)


def test_programs_are_told_from_their_helpers() -> None:
    for name in (
        "/usr/lib/ardour7/ardour-7.3.0~ds0",
        "hardour-8.6.0",
        "Ardour8",
        r"C:\x\Ardour.exe",
        "ArdourGUI",
    ):
        assert is_ardour(name), name
    for name in (
        "ardour-vst-scanner",
        "ardour7-lua",
        "ardour-avahi",
        "luasession",
        "bash",
        "ardour_notes.txt",
    ):
        assert not is_ardour(name), name


def test_elsewhere_the_list_of_processes_tells(place: Place) -> None:
    listed = '"System","4"\n"Ardour.exe","512","Console"\n'
    assert ardours_with(place, platform="win32", listed=lambda: listed) == ("Ardour.exe",)


def test_settings_are_found_by_version(tmp_path: Path) -> None:
    for name in ("ardour8", "ardour6", "ardour5", "ardour10", "Ardour7", "ardour9.bak", "other"):
        (tmp_path / name).mkdir()
    assert [place.version for place in places(tmp_path)] == [6, 7, 8]
    assert places(tmp_path / "missing") == ()
    assert places(None) == ()


CONFIG = b"""<?xml version="1.0" encoding="UTF-8"?>
<Ardour>
  <Config>
    <Option name="osc-port" value="13819"/>
  </Config>
  <ControlProtocols>
    <Protocol name="Mackie" active="0" session-state="1"/>
    <Protocol name="Open Sound Control (OSC)" active="0" debugmode="0"/>
  </ControlProtocols>
</Ardour>
"""


def test_osc_is_switched_on_and_all_else_stays(place: Place) -> None:
    place.config.write_bytes(CONFIG)
    assert osc_setting(place).switched_on is False
    install(place, SCRIPTS, enable_osc=True, running=nothing_runs)
    setting = osc_setting(place)
    assert (setting.switched_on, setting.port) == (True, 13819)
    old = b'<Protocol name="Open Sound Control (OSC)" active="0" debugmode="0"/>'
    new = b'<Protocol name="Open Sound Control (OSC)" active="1" config="" debugmode="0"/>'
    assert place.config.read_bytes() == CONFIG.replace(old, new)
    (backup,) = place.folder.glob("config.*.bak")
    assert backup.read_bytes() == CONFIG


@pytest.mark.parametrize(
    "config",
    [
        None,
        b"<Ardour/>".replace(b"/>", b"></Ardour>"),
        b"<Ardour><ControlProtocols/><Config/></Ardour>",
        b"<Ardour><ControlProtocols>\n</ControlProtocols></Ardour>",
    ],
)
def test_osc_is_switched_on_where_the_settings_do_not_name_it(
    place: Place, config: bytes | None
) -> None:
    place.config.write_bytes(with_osc(config, name="config"))
    setting = osc_setting(place)
    assert (setting.switched_on, setting.port) == (True, OSC_PORT)


@pytest.mark.parametrize("config", [b"", b"<Ardour", b"<Other></Other>"])
def test_odd_settings_are_left_as_they_are(config: bytes) -> None:
    with pytest.raises(DeliveryError, match="left as it is"):
        with_osc(config, name="config")
