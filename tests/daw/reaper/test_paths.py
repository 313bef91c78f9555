"""Where AMA's scripts in REAPER look for AMA: the same folder as AMA's own, on every system, unless somebody sets another."""

from __future__ import annotations

import platformdirs
import pytest

from ama_bridge.daw import lua_scripts
from tests.daw.fake_reaper import FakeReaper

TEXT = """
local modules = {paths = function() %s end}
local values = {%s}
local paths = modules.paths()
reaper.ShowConsoleMsg((paths.%s))
"""


def said(fake: FakeReaper, expression: str, values: str = "") -> str:
    fake.run(TEXT % (lua_scripts._text("reaper/paths"), values, expression))
    return fake.console.pop()


@pytest.mark.parametrize(
    ("system", "environment", "folder"),
    [
        ("Other", {"HOME": "/home/ann"}, "/home/ann/.local/state/ama/reaper"),
        ("Other", {"HOME": "/home/ann", "XDG_STATE_HOME": "/s"}, "/s/ama/reaper"),
        (
            "Other",
            {"HOME": "/home/ann", "XDG_STATE_HOME": " "},
            "/home/ann/.local/state/ama/reaper",
        ),
        (
            "macOS-arm64",
            {"HOME": "/Users/ann"},
            "/Users/ann/Library/Application Support/ama/reaper",
        ),
        ("OSX64", {"HOME": "/Users/ann"}, "/Users/ann/Library/Application Support/ama/reaper"),
        (
            "Win64",
            {"LOCALAPPDATA": "C:\\Users\\ann\\AppData\\Local"},
            "C:\\Users\\ann\\AppData\\Local\\ama\\reaper",
        ),
        ("Other", {}, ""),
    ],
)
def test_the_usual_mailbox_is_in_amas_state_folder(tmp_path, system, environment, folder):
    fake = FakeReaper(folder=tmp_path, system=system, environment=environment)
    assert said(fake, "mailbox(values)") == folder


def test_on_this_system_it_is_where_ama_itself_keeps_its_state(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    fake = FakeReaper(folder=tmp_path, environment={"HOME": str(tmp_path)})
    own = platformdirs.user_state_path("ama", appauthor=False) / "reaper"
    assert said(fake, "mailbox(values)") == str(own)


def test_what_is_set_goes_before_what_is_installed_before_the_usual(tmp_path):
    fake = FakeReaper(folder=tmp_path)
    values = 'mailbox = "/installed", command = "/opt/ama"'
    assert said(fake, "mailbox(values)", values) == "/installed"
    assert said(fake, "command(values)", values) == "/opt/ama"
    assert said(fake, "command(values)") == "ama"
    fake.ext_state.update({("AMA", "mailbox"): "/set/", ("AMA", "command"): "ama2"})
    assert said(fake, "mailbox(values)", values) == "/set"
    assert said(fake, "command(values)", values) == "ama2"


@pytest.mark.parametrize(
    ("kept", "read"), [("raw", "raw"), ("", "post_effects"), ("loud", "post_effects")]
)
def test_a_setting_that_is_none_of_the_known_is_the_usual(tmp_path, kept, read):
    fake = FakeReaper(folder=tmp_path)
    fake.ext_state["AMA", "stems"] = kept
    assert said(fake, 'setting("stems")') == read
    assert said(fake, 'setting("devices")') == "cockos"
