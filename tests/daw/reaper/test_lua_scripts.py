"""The scripts for REAPER as they are installed: one file each, the comment that ReaPack reads at the top, and Lua 5.3 and 5.4 alike."""

from __future__ import annotations

import pytest
from lupa import lua53, lua54

from ama_bridge.daw import lua_scripts

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
