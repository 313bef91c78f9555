"""The scripts as they are installed: one file each, loaded as Ardour loads them, with nothing that a supported Ardour lacks."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from lupa.lua53 import LuaRuntime

from ama_bridge.daw import lua_scripts
from tests.daw.ardour.lua_modules import FOLDER, Modules
from tests.daw.nasty_names import NASTY_NAMES

VALUES: dict[str, lua_scripts.Value] = {"mailbox": "/tmp/ama", "port": 9720}  # noqa: S108  # never opened
ARDOUR_SOURCES = sorted((FOLDER / "ardour").glob("*.lua"))
NAMES = json.loads((Path(__file__).parent / "ardour_names.json").read_text(encoding="utf-8"))
"""What Ardour gives to Lua, by class; from the bindings' source at each version's tag."""
VERSIONS = NAMES["versions"]
LUA_ITSELF = {"read", "write", "seek", "close"}
LUABRIDGE = {"iter", "isnil"}
WINDOW = {
    "run",
    "progress",
    "canceled",
    "done",
    "get_selection",
    "start_sample",
    "end_sample",
    "start",
}
"""LuaDialog's and Editor's; they are in no list, and tried in Ardour's window."""
GUARDED = {
    "store_nth_mixer_scene": "scenes.available()",
    "nth_mixer_scene": "scenes.available()",
    "nth_mixer_scene_valid": "scenes.available()",
    "export_route_state": "make_folder: either this",
    "export_track_state": "make_folder: or that",
    "samples": "tracks.samples: positions are numbers before 7",
}


SCRIPTS = lua_scripts.scripts_of("ardour")


@pytest.fixture(params=SCRIPTS)
def bundle(request):
    return request.param, lua_scripts.script(request.param, VALUES)


def scanned(text, *, lua):
    """Run the top level where only `ardour` is known, as Ardour's Script Manager does; return header and factory."""
    return lua.execute(
        """local text = ...
        local header
        local known = {ardour = function(found) header = found end}
        local environment = setmetatable({}, {
          __index = function(_, key) return known[key] or error("the top level uses " .. key) end,
          __newindex = function(_, key, value) assert(key == "factory", key) known[key] = value end})
        assert(load(text, "=script", "t", environment))()
        return header, known.factory""",
        text,
    )


def test_a_script_says_what_it_is_and_uses_nothing_else_at_its_top_level(bundle):
    name, text = bundle
    lua = LuaRuntime(unpack_returned_tuples=True)
    header, factory = scanned(text, lua=lua)
    assert header["type"] == "EditorAction"
    assert header["name"] == lua_scripts.SCRIPTS[name]
    assert all(isinstance(value, str) for value in header.values())
    assert set(header) == {"type", "name", "author", "license", "category", "description"}
    assert factory is not None


def test_a_factory_survives_being_dumped_and_makes_its_action_without_touching_ardour(bundle):
    _, text = bundle
    lua = LuaRuntime(unpack_returned_tuples=True)
    _, factory = scanned(text, lua=lua)
    action = lua.execute(
        """local factory = ...
        local plain = {string = string, table = table, math = math, utf8 = utf8, ipairs = ipairs, pairs = pairs, next = next, type = type,
          setmetatable = setmetatable, getmetatable = getmetatable, tostring = tostring, tonumber = tonumber, error = error, pcall = pcall,
          load = load}
        local environment = setmetatable({}, {__index = function(_, key) return plain[key] or error("the factory uses " .. key) end,
          __newindex = function(_, key) error("the factory makes the global " .. key) end})
        return load(string.dump(factory, true), "=factory", "b", environment)()""",
        factory,
    )
    assert callable(action)


def test_every_module_is_inside_once(bundle):
    _, text = bundle
    named = re.findall(r'^modules\["([^"]+)"\] = function\(\)$', text, re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(re.findall(r'include\("([^"]+)"\)', text)) == set(named)


def test_all_that_lies_there_is_used():
    used = {m for name in SCRIPTS for m in lua_scripts._modules_of(lua_scripts._text(name))}
    there = {f"ardour/{path.stem}" for path in ARDOUR_SOURCES}
    assert there == {m for m in used if m.startswith("ardour/")} | set(SCRIPTS)


@pytest.mark.parametrize("name", NASTY_NAMES)
def test_a_folder_of_any_name_comes_through(name):
    text = lua_scripts.script("ardour/apply", {**VALUES, "mailbox": f"/home/{name}"})
    loader = re.search(
        r'^modules\["values"\] = function\(\)\n(.*?)^end$', text, re.MULTILINE | re.DOTALL
    )
    assert loader
    assert loader[1].isascii()
    lua = LuaRuntime(encoding=None)
    assert lua.execute(loader[1].encode())[b"mailbox"] == f"/home/{name}".encode()


def test_values_of_every_kind_are_lua():
    lua = LuaRuntime()
    values: dict[str, lua_scripts.Value] = {
        "text": 'a"]]--',
        "whole": 9720,
        "part": 0.25,
        "yes": True,
        "no": False,
    }
    assert dict(lua.eval(lua_scripts.table(values))) == values


@pytest.mark.parametrize("name", ["", "1a", "a b", "a]", "end)os", "Größe"])
def test_a_value_without_a_proper_name_is_refused(name):
    with pytest.raises(ValueError, match="no name for a value"):
        lua_scripts.table({name: 1})


def test_a_script_that_there_is_not_is_refused():
    with pytest.raises(KeyError):
        lua_scripts.script("ardour/delete_everything", VALUES)


def test_the_same_values_give_the_same_text(bundle):
    name, text = bundle
    assert lua_scripts.script(name, VALUES) == text


def classes(version):
    there = {c: set(names) for c, names in NAMES["everywhere"].items()}
    for c, names in NAMES["only_in"].items():
        there[c] |= {name for name, versions in names.items() if version in versions}
    return there


def code():
    """The Ardour modules without comments and without texts."""
    for path in ARDOUR_SOURCES:
        text = re.sub(r"\[\[.*?\]\]", "[[]]", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        text = re.sub(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', '""', text)
        yield path.name, re.sub(r"--[^\n]*", "", text)


def own_methods():
    texts = (path.read_text(encoding="utf-8") for path in FOLDER.glob("*/*.lua"))
    return {m for text in texts for m in re.findall(r"function \w+:(\w+)", text)}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_method_is_there_in_every_version(version):
    there = (
        set().union(*classes(version).values()) | LUA_ITSELF | LUABRIDGE | WINDOW | own_methods()
    )
    missing = {
        (name, method)
        for name, text in code()
        for method in re.findall(r"\w\)?:(\w+)\(", text)
        if method not in there and method not in GUARDED
    }
    assert missing == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_function_of_the_session_and_of_lua_api_is_there_in_every_version(version):
    there = classes(version)
    for name, text in code():
        for owner, pattern in (
            ("Session", r"Session[:.](\w+)"),
            ("LuaAPI", r"ARDOUR\.LuaAPI\.(\w+)"),
        ):
            for found in re.findall(pattern, text):
                assert found in there[owner] or found in GUARDED or found == "FileTest", (
                    name,
                    found,
                )


@pytest.mark.parametrize("version", VERSIONS)
def test_every_enumerated_value_is_there_in_every_version(version):
    there = classes(version)
    found = {
        pair
        for _, text in code()
        for pair in re.findall(r"(?:ARDOUR|PBD|LuaAPI)\.(\w+)\.(\w+)", text)
        if pair[0] not in {"LuaAPI", "LuaOSC"}
    }
    assert ("AutoState", "Off") in found
    assert {pair for pair in found if pair[1] not in there[pair[0]]} == set()


def test_every_guarded_name_is_really_missing_somewhere_and_used():
    text = "".join(text for _, text in code())
    everywhere = {name for names in NAMES["everywhere"].values() for name in names}
    for name in GUARDED:
        assert re.search(rf"[:.]{name}\b", text), name
        assert name not in everywhere or name == "samples"


def scenes(session):
    return Modules(b"return {Session = " + session + b"}")["ardour/scenes"]


def test_without_mixer_scenes_the_journal_is_all():
    old = scenes(b"{}")
    scene = old.store(b"p")
    assert (scene[b"number"], scene[b"name"]) == (-1, b"")
    old.drop(scene)


FAKE_SCENES = b"""(function()
  local kept = {}
  for slot = %d, 11 do kept[slot] = {name = "the user's"} end
  local function scene(slot)
    return {isnil = function() return kept[slot] == nil end, name = function() return kept[slot].name end,
      set_name = function(_, name) kept[slot].name = name end, clear = function() kept[slot] = nil end}
  end
  return {nth_mixer_scene_valid = function(_, slot) return kept[slot] ~= nil end, nth_mixer_scene = function(_, slot) return scene(slot) end,
    store_nth_mixer_scene = function(_, slot) assert(not kept[slot], "overwritten") kept[slot] = {name = "date"} end}
end)()"""


@pytest.mark.parametrize(("taken_from", "slot"), [(12, 11), (11, 10), (1, 0), (0, -1)])
def test_the_last_free_slot_is_taken_and_given_back(taken_from, slot):
    module = scenes(FAKE_SCENES % taken_from)
    first = module.store(b"plan")
    assert first[b"number"] == slot
    module.drop(first)
    again = module.store(b"plan")
    assert again[b"number"] == slot


needs_luacheck = pytest.mark.skipif(shutil.which("luacheck") is None, reason="no luacheck here")


@needs_luacheck
def test_luacheck_has_nothing_to_say_of_sources_and_bundles(tmp_path):
    root = Path(lua_scripts.__file__).parents[2]
    for name in SCRIPTS:
        path = tmp_path / f"{name.replace('/', '_')}.lua"
        path.write_text(lua_scripts.script(name, VALUES), encoding="utf-8")
    options = [
        "--std",
        "lua53",
        "--globals",
        "factory",
        "--read-globals",
        "ardour",
        "ARDOUR",
        "PBD",
        "Session",
        "Editor",
        "LuaDialog",
    ]
    for where, arguments in (
        (root, ["ama_bridge/daw/scripts/ardour", "ama_bridge/daw/scripts/shared"]),
        (tmp_path, ["--no-config", *options, "--max-line-length", "140", "."]),
    ):
        done = subprocess.run(
            ["luacheck", "--no-color", *arguments],
            cwd=where,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
