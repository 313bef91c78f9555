"""`index.xml` and `reapack/`: valid as ReaPack reads an index, whole, and what the tool would write now."""

from __future__ import annotations

import importlib.util
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from lupa import lua53, lua54

from ama_bridge.daw.lua_scripts import SCRIPTS
from ama_bridge.daw.reaper.places import Place
from tests.daw.reaper.reapack_format import problems, root_of, target, version_problems


def loaded() -> Any:
    """Return the tool as a module; tools/ is no package."""
    spec = importlib.util.spec_from_file_location("reapack_index", ROOT / "tools/reapack_index.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


ROOT = Path(__file__).resolve().parents[3]
BASE = "https://host.invalid/ama/raw/v{version}"
TIME = "2026-11-21T16:00:00Z"
tool = loaded()
LUAS = {"5.3": lua53.LuaRuntime, "5.4": lua54.LuaRuntime}


@pytest.fixture(scope="module")
def text() -> str:
    version = tool.current_version()
    base = BASE.replace("{version}", version)
    return tool.index(tool.Version(name=version, time=TIME, base=base, changelog="First & <best>."))


def test_the_committed_index_and_files_are_what_the_tool_writes() -> None:
    odd = list(tool.stale(ROOT, tool.made(ROOT, None, None)))
    assert odd == [], "run `python -m tools.reapack_index` (or `make reapack`)"


def test_the_committed_index_is_valid() -> None:
    assert problems((ROOT / "index.xml").read_text(encoding="utf-8")) == []


def test_an_index_of_the_tool_is_valid_and_holds_every_script(text: str) -> None:
    assert problems(text) == []
    root = root_of(text)
    mains = [s.get("file") for s in root.iter("source") if s.get("main") == "main"]
    assert mains == [
        f"{title}.lua" for name, title in SCRIPTS.items() if name.startswith("reaper/")
    ]
    assert root.findtext(".//changelog") == "First & <best>."


def test_every_address_leads_to_a_file_that_is_there() -> None:
    root = root_of((ROOT / "index.xml").read_text(encoding="utf-8"))
    version = tool.current_version()
    newest = [v for v in root.iter("version") if v.get("name") == version]
    assert len(newest) == 1
    for source in newest[0].iter("source"):
        address = (source.text or "").strip()
        assert f"/v{version}/" in address
        file = ROOT / "reapack" / unquote(address.rpartition("/reapack/")[2])
        assert file.is_file(), address
        assert file.name == Path(source.get("file", "")).name


def test_files_come_to_where_the_scripts_and_the_documents_say(text: str) -> None:
    places = {
        target("AMA/Mixing", s.get("type") or "script", s.get("file") or "")
        for s in root_of(text).iter("source")
    }
    assert "Scripts/AMA/Mixing/AMA Apply.lua" in places
    assert "Effects/AMA/Mixing/ama_eq.jsfx" in places
    assert "Data/AMA/AMA.ReaperOSC" in places
    assert Place(folder=Path()).reapack == Path("Scripts", tool.NAME, tool.CATEGORY)


@pytest.mark.parametrize("lua", LUAS)
def test_what_is_downloaded_is_one_whole_script(lua: str) -> None:
    runtime = LUAS[lua](encoding=None)
    load = runtime.eval("function (text) return load (text, '=script', 't') ~= nil end")
    for name, data in tool.files().items():
        if not name.endswith(".lua"):
            continue
        assert load(data), name
        # what is named is inside; nothing is filled in that belongs to one machine
        assert set(re.findall(rb'\binclude\("([^"]+)"\)', data)) <= set(
            re.findall(rb'modules\["([^"]+)"\] = function', data)
        )
        assert b'mailbox = ""' in data
        assert b'command = ""' in data


@pytest.mark.parametrize("name", ["0.1.0", "1.0", "7", "1.2.3beta4", "2.0-rc1", "1.0.65535"])
def test_versions_that_reapack_takes(name: str) -> None:
    assert list(version_problems(name)) == []


@pytest.mark.parametrize("name", ["", "v1.0", "beta", "1..0", "1.0.", "1.0.65536", "1.0 ", "1.٠"])
def test_versions_that_reapack_does_not_take(name: str) -> None:
    assert list(version_problems(name)) != []


def edited(old: str, new: str, count: int = 1) -> Callable[[str], str]:
    def edit(text: str) -> str:
        assert old in text
        return text.replace(old, new, count)

    return edit


@pytest.mark.parametrize(
    "edit",
    [
        edited('index version="1"', 'index version="2"'),
        edited(' name="AMA">', ">"),
        edited('name="AMA">', 'name="ReaPack">'),
        edited('name="AMA">', 'name="A:MA">'),
        edited('category name="Mixing"', 'category name=""'),
        edited('category name="Mixing"', 'category name="../Mixing"'),
        edited('type="script"', 'type="osc"'),
        edited('type="effect"', 'type="jsfx"'),
        edited(f'time="{TIME}"', 'time="2026-11-21 16:00"'),
        edited(f'time="{TIME}"', 'time="2026-13-21T16:00:00Z"'),
        edited('version name="0.1.0"', 'version name="v0.1.0"'),
        edited('main="main"', 'main="midi"'),
        edited('main="main"', 'platform="beos" main="main"'),
        edited(' main="main"', "", -1),
        edited('type="effect"', 'type="effect" main="main"'),
        edited('file="AMA Export.lua"', 'file="../../AMA Export.lua"'),
        edited('file="AMA Export.lua"', 'file="AMA Apply.lua"'),
        edited("AMA%20Export", "AMA Export"),
        edited("https://", "file:///"),
        edited("https://", "https://me:secret@"),
        edited("<changelog>", "<changelog><b/>"),
        edited("<source ", "<sauce/><source "),
        edited("</index>", ""),
        lambda text: re.sub(r"(?s)<source .*</source>", "", text),
        lambda text: re.sub(r"(?s)<version .*</version>", "", text),
        lambda text: re.sub(r"(?s)<reapack .*</reapack>", "", text),
        lambda text: re.sub(r"(?s)(<version .*</version>)", r"\1\1", text),
    ],
)
def test_what_reapack_would_not_take_is_seen(text: str, edit: Callable[[str], str]) -> None:
    assert problems(edit(text)) != []


def test_any_text_can_be_a_changelog() -> None:
    for said in ("]]>", "a ]]]]> b", "<b>&amp;", "Zeile\nzwei"):
        assert root_of(f"<x>{tool.cdata(said)}</x>").text == said


# the tool


def test_the_tool_demands_an_address_where_none_is_known(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="--url"):
        tool.main([], tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_tool_writes_checks_and_takes_away(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main(["--url", BASE, "--time", TIME], tmp_path) == 0
    assert "placeholder" in capsys.readouterr().out
    assert tool.main(["--check"], tmp_path) == 0
    (tmp_path / "reapack" / "AMA Apply.lua").write_text("-- old\n", encoding="utf-8")
    (tmp_path / "reapack" / "AMA Gone.lua").write_text("-- gone\n", encoding="utf-8")
    assert tool.main(["--check"], tmp_path) == 1
    assert tool.main([], tmp_path) == 0
    assert tool.main(["--check"], tmp_path) == 0
    assert not (tmp_path / "reapack" / "AMA Gone.lua").exists()
    text = (tmp_path / "index.xml").read_text(encoding="utf-8")
    assert f'time="{TIME}"' in text
    assert problems(text) == []


def test_older_versions_stay_and_placeholders_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = "https://forge.example/ama/raw/v{version}"
    monkeypatch.setattr(tool, "current_version", lambda: "0.0.1")
    tool.main(["--url", BASE, "--time", TIME], tmp_path)
    monkeypatch.setattr(tool, "current_version", lambda: "0.0.2")
    tool.main(["--url", real, "--time", TIME], tmp_path)
    second = root_of((tmp_path / "index.xml").read_text(encoding="utf-8"))
    assert [v.get("name") for v in second.iter("version")] == ["0.0.2"]
    kept = ET.tostring(next(second.iter("version"))).strip()
    monkeypatch.setattr(tool, "current_version", lambda: "0.0.3")
    tool.main(["--url", real], tmp_path)
    text = (tmp_path / "index.xml").read_text(encoding="utf-8")
    third = root_of(text)
    assert [v.get("name") for v in third.iter("version")] == ["0.0.2", "0.0.3"]
    assert ET.tostring(next(third.iter("version"))).strip() == kept
    assert problems(text) == []
    assert tool.main(["--check"], tmp_path) == 0
