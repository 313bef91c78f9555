"""`ama install`, `ama apply` and `ama revert` where no Ardour runs; tests/daw/ardour/test_window.py has one that does."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="settings lie elsewhere there")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of settings of a user who has started Ardour 8 once; nobody answers at its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AMA_ARDOUR_PORT", str(probe.getsockname()[1]))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("AMA_STATE", str(tmp_path / "state"))
    folder = tmp_path / "config" / "ardour8"
    folder.mkdir(parents=True)
    return folder


@ON_LINUX
def test_scripts_are_installed_with_the_mailbox_and_port_of_this_ama(
    ama: Any, settings: Path, tmp_path: Path
) -> None:
    dry = ama("install", "ardour", "--dry-run", "--enable-osc")
    assert dry.out.endswith("Nothing was changed.\n")
    assert list(settings.iterdir()) == []
    ran = ama("install", "ardour", "--enable-osc", "--osc-port", "12345")
    assert ran.code == 0, ran.err
    for name in ("AMA Export in slot 1", "AMA Apply in slot 2", "AMA Revert in slot 3"):
        assert name in ran.out
    text = (settings / "scripts/ama_apply.lua").read_text(encoding="utf-8")
    assert f'mailbox = "{tmp_path}/state/ardour"' in text
    assert "port = 12345" in text
    assert (tmp_path / "state/ardour").is_dir()
    doctor = ama("doctor").out
    assert "not running; AMA Export in slot 1" in doctor
    assert "OSC for new sessions is on" in doctor
    assert "state folder or port (`ama install ardour` renews them)" in doctor
    assert "renews them" not in ama("doctor", "--osc-port", "12345").out
    again = ama("install", "ardour", "--osc-port", "12345")
    assert "Ardour 8: nothing to do" in again.out
    ama("install", "ardour", "--uninstall")
    assert {p.name for p in settings.rglob("*") if p.is_file()} == {"config"}


@ON_LINUX
def test_every_version_is_looked_at_before_any_is_changed(ama: Any, settings: Path) -> None:
    odd = settings.with_name("ardour9")
    odd.mkdir()
    (odd / "ui_scripts").write_text("<Odd/>")
    sentence = ama("install", "ardour").sentence(code=1)
    assert "ardour9/ui_scripts is not as Ardour writes it" in sentence
    assert "AMA-706" in sentence
    assert list(settings.iterdir()) == []


@ON_LINUX
def test_where_ardour_never_was_there_is_nothing_to_install_into(ama: Any, settings: Path) -> None:
    settings.rmdir()
    assert "Start Ardour once" in ama("install", "ardour").sentence(code=1)
    assert "no settings in" in ama("doctor").out


def test_a_daw_without_scripts_is_refused(ama: Any) -> None:
    assert "AMA-502" in ama("install", "cubase").sentence()


@ON_LINUX
def test_applying_where_no_ardour_answers_is_told_in_a_sentence(
    ama: Any, settings: Path, plan: Path
) -> None:
    sentence = ama("apply", plan, "--daw", "ardour").sentence(code=1)
    assert "No Ardour answers" in sentence
    assert "AMA-704" in sentence
    assert "AMA-704" in ama("revert", "--daw", "ardour").sentence(code=1)


def test_a_plan_is_handed_over_as_files(ama: Any, plan: Path, tmp_path: Path) -> None:
    suggestions = json.loads(plan.read_text(encoding="utf-8"))["suggestions"]
    first = suggestions[0]["id"]
    ran = ama("apply", plan, "--daw", "folder", "--only", first, "--state", tmp_path)
    assert ran.code == 0, ran.err
    assert ran.out.startswith("folder: 1 applied.\n")
    receipt = tmp_path / "deliveries/plan-1/receipt.json"
    assert f"Receipt: {receipt}" in ran.out
    assert json.loads(receipt.read_text(encoding="utf-8"))["applied"] == [first]
    assert (receipt.parent / "presets/master.json").is_file()


def test_an_id_that_the_plan_does_not_have_is_refused(ama: Any, plan: Path) -> None:
    assert "AMA-402" in ama("apply", plan, "--daw", "folder", "--only", "no:such").sentence()


def test_a_daw_that_ama_does_not_know_is_refused_in_ama_s_words(ama: Any, tmp_path: Path) -> None:
    ran = ama("apply", tmp_path / "plan.json", "--daw", "nope")
    assert ran.code == 2
    assert ran.err.startswith("ama: Invalid value for '--daw': 'nope' is not one of ")
