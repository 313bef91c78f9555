"""docs/reaper.md says what is there: actions, files, commands, codes, ports, and the fields of REAPER's two pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ama_analysis.errors import CODES
from ama_bridge.cli import app
from ama_bridge.daw.lua_scripts import SCRIPTS
from ama_bridge.daw.reaper.shipped import items
from tests.daw.reaper.osc_peer import pattern_text

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "reaper.md").read_text(encoding="utf-8")


def test_every_action_is_in_the_table_of_actions() -> None:
    table = re.findall(r"(?m)^\| (AMA \w+) \|", TEXT)
    assert table == [title for name, title in SCRIPTS.items() if name.startswith("reaper/")]


def test_the_numbers_of_files_are_right() -> None:
    kinds = [item.kind for item in items()]
    assert "five scripts" in TEXT
    assert kinds.count("script") == 5
    assert "three effects" in TEXT
    assert kinds.count("effect") == 3
    assert kinds.count("osc") == 1


def test_every_code_is_one_of_amas() -> None:
    assert set(re.findall(r"AMA-\d{3}", TEXT)) <= set(CODES)


def test_every_command_has_the_options_that_are_shown() -> None:
    shown = re.findall(r"(?m)^ {4,}ama (presets [a-z]+|[a-z]+)(.*)$", TEXT)
    assert len(shown) >= 5
    for command, rest in shown:
        told = CliRunner(env={"COLUMNS": "200", "TERM": "dumb"}).invoke(
            app, [*command.split(), "--help"]
        )
        assert told.exit_code == 0, command
        plain = re.sub(r"\x1b\[[0-9;]*m", "", told.output)
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in plain, f"ama {command} {option}"


@pytest.mark.parametrize("text", [TEXT, pattern_text()])
def test_both_descriptions_of_the_osc_device_name_the_usual_ports(text: str) -> None:
    assert re.search(r"Device port\W+9000\b", text)
    assert re.search(r"Local listen port\W+8000\b", text)
    assert re.search(r"Device IP\W+127\.0\.0\.1", text)


def test_every_link_leads_somewhere() -> None:
    for name in re.findall(r"\]\(([^)#:]+)\)", TEXT):
        assert (ROOT / "docs" / name).exists(), name
    anchors = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"(?m)^#+ (.*)$", TEXT)}  # fmt: skip
    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors


def test_it_says_that_no_reaper_has_run_this() -> None:
    assert "No REAPER has run this yet" in TEXT
