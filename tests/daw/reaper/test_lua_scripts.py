"""The scripts for REAPER as they are installed: one file each, the comment that ReaPack reads at the top, and Lua 5.3 and 5.4 alike."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from lupa import lua53, lua54

from ama_bridge.daw import lua_scripts

ROOT = Path(lua_scripts.__file__).parents[2]
RUNTIMES = {"5.3": lua53.LuaRuntime, "5.4": lua54.LuaRuntime}
MAIN = """-- @description AMA Apply
-- @version 0.1.0
--
-- @about Applies.
local values = include("values")
local one = include("shared/one")
log(one.name .. values.mailbox .. include("reaper/two"))
"""
ONE = 'log("one is read")\nreturn {name = include("reaper/two")}\n'
TWO = 'log("two is read")\nreturn "two"\n'


@pytest.fixture
def sources(tmp_path, monkeypatch):
    for name, text in {
        "reaper/apply": MAIN,
        "shared/one": ONE,
        "reaper/two": TWO,
    }.items():
        path = tmp_path / f"{name}.lua"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(lua_scripts, "_FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize("version", RUNTIMES)
def test_modules_are_read_once_and_behind_the_comment(sources, version):
    text = lua_scripts.script("reaper/apply", {"mailbox": "/m"})
    head = "".join(MAIN.splitlines(keepends=True)[:4])
    assert text.startswith(head + "local modules")
    lua = RUNTIMES[version]()
    said: list[str] = []
    lua.globals().log = said.append
    lua.execute(text)
    assert said == ["one is read", "two is read", "two/mtwo"]


@pytest.mark.parametrize("text", ["local a = 1\n", "\n-- late\n", "--[[ long ]]\n", ""])
def test_a_script_without_its_comment_is_refused(sources, text):
    (sources / "reaper" / "apply.lua").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="must begin with a comment"):
        lua_scripts.script("reaper/apply", {})


def test_each_daw_has_scripts_of_its_own():
    ardour, reaper = lua_scripts.scripts_of("ardour"), lua_scripts.scripts_of("reaper")
    assert [lua_scripts.SCRIPTS[name] for name in reaper] == [
        "AMA Export",
        "AMA Apply",
        "AMA Revert",
        "AMA Listen",
        "AMA Settings",
    ]
    assert set(lua_scripts.SCRIPTS) == {*ardour, *reaper}


VALUES: dict[str, lua_scripts.Value] = {"mailbox": "/ama/reaper", "command": "ama"}
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


@pytest.fixture(params=lua_scripts.scripts_of("reaper"))
def bundle(request) -> tuple[str, str]:
    return request.param, lua_scripts.script(request.param, VALUES)


def test_reapack_finds_name_and_version_at_the_top(bundle):
    name, text = bundle
    head = text[: text.index("local modules")]
    assert all(line.startswith("--") for line in head.splitlines())
    tags = dict(re.findall(r"^-- @(\w+) ?(.*)$", head, re.MULTILINE))
    assert tags["description"] == lua_scripts.SCRIPTS[name]
    assert tags["version"] == VERSION
    assert "author" in tags
    assert "about" in tags


@pytest.mark.parametrize("version", RUNTIMES)
def test_both_luas_take_every_script(bundle, version):
    _, text = bundle
    lua = RUNTIMES[version]()
    assert callable(lua.globals().load(text, "=script", "t"))


def test_every_module_is_inside_once(bundle):
    _, text = bundle
    named = re.findall(r'^modules\["([^"]+)"\] = function\(\)$', text, re.MULTILINE)
    assert len(named) == len(set(named))
    assert set(re.findall(r'include\("([^"]+)"\)', text)) == set(named)
    assert not any(name.startswith("ardour/") for name in named)


def test_all_that_lies_there_is_used():
    scripts = lua_scripts.scripts_of("reaper")
    used = {m for name in scripts for m in lua_scripts._modules_of(lua_scripts._text(name))}
    folder = lua_scripts._FOLDER
    there = {str(p.relative_to(folder).with_suffix("")) for p in (folder / "reaper").rglob("*.lua")}
    assert there == {m for m in used if m.startswith("reaper/")} | set(scripts)
    shared = {f"shared/{p.stem}" for p in (folder / "shared").glob("*.lua")}
    ardour = {
        m
        for name in lua_scripts.scripts_of("ardour")
        for m in lua_scripts._modules_of(lua_scripts._text(name))
    }
    assert shared <= used | ardour


@pytest.mark.skipif(shutil.which("luacheck") is None, reason="no luacheck here")
def test_luacheck_has_nothing_to_say_of_sources_and_bundles(tmp_path):
    for name in lua_scripts.scripts_of("reaper"):
        path = tmp_path / f"{name.replace('/', '_')}.lua"
        path.write_text(lua_scripts.script(name, VALUES), encoding="utf-8")
    bundled = [
        "--no-config",
        "--std",
        "lua53",
        "--read-globals",
        "reaper",
        "--globals",
        "gfx",
        "--max-line-length",
        "140",
        ".",
    ]
    for where, arguments in ((ROOT, ["ama_bridge/daw/scripts/reaper"]), (tmp_path, bundled)):
        done = subprocess.run(
            ["luacheck", "--no-color", *arguments],
            cwd=where,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
