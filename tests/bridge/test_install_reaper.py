"""`ama install reaper` and what `ama doctor` says of REAPER."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="settings lie elsewhere there")
INI = "[REAPER]\ncsurf_cnt=2\ncsurf_0=OSC \"AMA\" 3 8000 \"127.0.0.1\" 9000 1024 10 \"AMA\"\ncsurf_1=HTTP 0 2307 '' 'index.html' 0 ''\n"
FILES = {
    "Scripts/AMA/AMA Export.lua",
    "Scripts/AMA/AMA Apply.lua",
    "Scripts/AMA/AMA Revert.lua",
    "Scripts/AMA/AMA Listen.lua",
    "Scripts/AMA/AMA Settings.lua",
    "Effects/AMA/ama_eq.jsfx",
    "Effects/AMA/ama_compressor.jsfx",
    "Effects/AMA/ama_gate.jsfx",
    "OSC/AMA.ReaperOSC",
}


@pytest.fixture
def reaper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the resource folder of a user who has started REAPER once."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("AMA_STATE", str(tmp_path / "state"))
    folder = tmp_path / "config" / "REAPER"
    folder.mkdir(parents=True)
    (folder / "reaper.ini").write_text("[REAPER]\ncsurf_cnt=0\n", encoding="utf-8")
    return folder


def held(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


@ON_LINUX
def test_everything_is_installed_and_goes_again(ama: Any, reaper: Path, tmp_path: Path) -> None:
    dry = ama("install", "reaper", "--dry-run")
    assert dry.code == 0, dry.err
    assert dry.out.endswith("Nothing was changed.\n")
    assert held(reaper) == {"reaper.ini"}
    ran = ama("install", "reaper")
    assert ran.code == 0, ran.err
    assert held(reaper) == FILES | {"reaper.ini"}
    assert "Load ReaScript" in ran.out
    text = (reaper / "Scripts/AMA/AMA Apply.lua").read_text(encoding="utf-8")
    assert f'mailbox = "{tmp_path}/state/reaper"' in text
    assert (tmp_path / "state/reaper").is_dir()
    assert "nothing to do" in ama("install", "reaper").out
    gone = ama("install", "reaper", "--uninstall")
    assert "stay in its list until you remove them there" in gone.out
    assert held(reaper) == {"reaper.ini"}


@ON_LINUX
def test_the_doctor_tells_of_scripts_osc_and_web(ama: Any, reaper: Path, tmp_path: Path) -> None:
    before = ama("doctor").out
    assert "AMA is not installed (`ama install reaper`)" in before
    assert "OSC is off (docs/reaper.md); web interface off" in before
    ama("install", "reaper")
    (reaper / "reaper.ini").write_text(INI, encoding="utf-8")
    after = ama("doctor").out
    assert "AMA's scripts, effects and OSC pattern are installed" in after
    assert (
        "OSC by AMA's pattern, to port 8000 and back at 9000; web interface at port 2307" in after
    )
    assert "renews them" in ama("doctor", "--state", tmp_path / "other").out


@ON_LINUX
def test_what_reapack_installed_is_told_and_left_alone(ama: Any, reaper: Path) -> None:
    theirs = reaper / "Scripts/AMA/Mixing/AMA Apply.lua"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("-- by ReaPack\n", encoding="utf-8")
    assert "ReaPack has installed AMA too" in ama("install", "reaper").out
    assert "ReaPack has installed AMA too" in ama("doctor").out
    ama("install", "reaper", "--uninstall")
    assert held(reaper) == {"reaper.ini", "Scripts/AMA/Mixing/AMA Apply.lua"}


@ON_LINUX
def test_the_doctor_tells_which_actions_can_be_started(
    ama: Any, reaper: Path, tmp_path: Path
) -> None:
    ama("install", "reaper")
    document = {
        "schema": "ama.actions/1",
        "resource_path": str(reaper),
        "actions": {"AMA Apply": "_RS12"},
    }
    path = tmp_path / "state/reaper/actions.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert "actions that AMA can start: AMA Apply" in ama("doctor").out
    path.write_text(json.dumps(document | {"resource_path": "/other"}), encoding="utf-8")
    assert "actions that AMA can start" not in ama("doctor").out


@ON_LINUX
def test_the_doctor_survives_a_folder_that_is_odd(ama: Any, reaper: Path) -> None:
    (reaper / "OSC" / "AMA.ReaperOSC").mkdir(parents=True)
    told = ama("doctor")
    assert f"{reaper}: " in told.out
    assert "cannot be read" in told.out
    assert "AMA-706" in ama("install", "reaper").sentence(code=1)


@ON_LINUX
def test_a_portable_reaper_is_named_once_and_known_from_then_on(
    ama: Any, reaper: Path, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    sentence = ama("install", "reaper", "--into", stick).sentence(code=1)
    assert "holds no reaper.ini" in sentence
    assert "AMA-706" in sentence
    (stick / "reaper.ini").write_text(INI, encoding="utf-8")
    assert ama("install", "reaper", "--into", stick).code == 0
    assert held(stick) == FILES | {"reaper.ini"}
    assert held(reaper) == {"reaper.ini"}
    noted = json.loads((tmp_path / "state/reaper/installed.json").read_text(encoding="utf-8"))
    assert noted == {"schema": "ama.installed/1", "folders": [str(stick)]}
    doctor = ama("doctor").out
    assert f"{stick}: AMA's scripts" in doctor
    assert f"{reaper}: AMA is not installed" in doctor
    assert ama("install", "reaper", "--uninstall", "--into", stick).code == 0
    assert held(stick) == {"reaper.ini"}
    assert str(stick) not in ama("doctor").out


@ON_LINUX
def test_where_reaper_never_was_there_is_nothing_to_install_into(ama: Any, reaper: Path) -> None:
    (reaper / "reaper.ini").unlink()
    sentence = ama("install", "reaper").sentence(code=1)
    assert "No REAPER has settings in" in sentence
    assert "--into" in sentence
    assert f"no settings in {reaper}" in ama("doctor").out


def test_options_that_reaper_does_not_have_are_refused(ama: Any, reaper: Path) -> None:
    assert "AMA-501" in ama("install", "reaper", "--enable-osc").sentence()
    assert "AMA-501" in ama("install", "ardour", "--into", reaper).sentence()
