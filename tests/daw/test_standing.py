"""How a DAW stands for whoever wants to hand something over: told from settings, processes and ports, without asking the DAW."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from ama_bridge.bootstrap import standings
from ama_bridge.config import Settings
from ama_bridge.daw.ardour.setting_up import ArdourSetup
from ama_bridge.daw.reaper.running import reaper_runs
from ama_bridge.daw.reaper.setting_up import ReaperSetup

linux_only = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux lists every process with its program"
)
SLEEP = shutil.which("sleep")


@contextmanager
def running(program: Path, **environment: str) -> Iterator[None]:
    """Run a program of this name that does nothing."""
    assert SLEEP is not None
    shutil.copy(Path(SLEEP).resolve(), program)
    with subprocess.Popen([program, "60"], env={**os.environ, **environment}) as process:  # noqa: TID251  # the path
        until_s = time.monotonic() + 10
        while Path(f"/proc/{process.pid}/exe").readlink().name != program.name:
            assert time.monotonic() < until_s
        try:
            yield
        finally:
            process.kill()


@pytest.fixture
def ardour(tmp_path: Path) -> ArdourSetup:
    (tmp_path / "config/ardour7").mkdir(parents=True)
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return ArdourSetup(
        config_home=tmp_path / "config",
        mailbox=tmp_path / "state/ardour",
        service_port=9720,
        ardour_port=port,
    )


def installed(setup: ArdourSetup) -> ArdourSetup:
    setup.install(remove=False, dry_run=False, enable_osc=False)
    return setup


def test_an_ardour_that_never_ran_is_said_so(tmp_path: Path) -> None:
    setup = ArdourSetup(config_home=tmp_path, mailbox=tmp_path, service_port=9720)
    standing = setup.standing()
    assert (standing.running, standing.installed) == (False, False)
    assert "ever started" in standing.about


def test_an_ardour_without_the_scripts_is_told_how_to_get_them(ardour: ArdourSetup) -> None:
    standing = ardour.standing()
    assert (standing.running, standing.installed) == (False, False)
    assert "ama install ardour" in standing.about


def test_scripts_of_another_state_folder_are_not_these(ardour: ArdourSetup, tmp_path: Path) -> None:
    installed(ardour)
    other = ArdourSetup(
        config_home=ardour.config_home, mailbox=tmp_path / "elsewhere", service_port=9720
    )
    assert ardour.standing().installed
    assert not other.standing().installed


@linux_only
def test_an_ardour_that_runs_is_seen_and_so_is_whether_osc_is_on(
    ardour: ArdourSetup, tmp_path: Path
) -> None:
    assert "open the session" in installed(ardour).standing().about
    assert ardour.ardour_port is not None
    with running(tmp_path / "ardour-7.3.0", XDG_CONFIG_HOME=str(tmp_path / "config")):
        standing = ardour.standing()
        assert (standing.running, standing.installed) == (True, True)
        assert f"nothing listens at OSC port {ardour.ardour_port}" in standing.about
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as surface:
            surface.bind(("127.0.0.1", ardour.ardour_port))
            surface.settimeout(0.2)
            assert ardour.standing().about.endswith("with AMA's scripts and OSC.")
            with pytest.raises(TimeoutError):
                surface.recv(1024)  # it was not asked anything
    assert not ardour.standing().running


@linux_only
def test_an_ardour_of_other_settings_does_not_count(ardour: ArdourSetup, tmp_path: Path) -> None:
    with running(tmp_path / "ardour-7.3.0", XDG_CONFIG_HOME=str(tmp_path / "other")):
        assert not ardour.standing().running


@pytest.fixture
def reaper(tmp_path: Path) -> ReaperSetup:
    (tmp_path / "REAPER").mkdir()
    (tmp_path / "REAPER/reaper.ini").write_text("[REAPER]\n")
    return ReaperSetup(home=tmp_path / "REAPER", mailbox=tmp_path / "state/reaper")


def test_a_reaper_without_the_scripts_is_told_how_to_get_them(reaper: ReaperSetup) -> None:
    assert not reaper.standing().installed
    assert "ama install reaper" in reaper.standing().about
    reaper.install(into=None, remove=False, dry_run=False)
    assert reaper.standing().installed


def test_no_reaper_at_all_is_said_so(tmp_path: Path) -> None:
    standing = ReaperSetup(home=tmp_path / "none", mailbox=tmp_path / "state").standing()
    assert not standing.installed
    assert "--into" in standing.about


def test_a_script_that_waits_means_that_reaper_runs(reaper: ReaperSetup) -> None:
    reaper.install(into=None, remove=False, dry_run=False)
    beat = {"schema": "ama.heartbeat/1", "time_s": time.time(), "script": "AMA Listen"}
    (reaper.mailbox / "heartbeat.json").write_text(json.dumps(beat))
    standing = reaper.standing()
    assert (standing.running, standing.installed) == (True, True)
    assert "waits" in standing.about


@linux_only
def test_a_reaper_that_runs_is_seen(reaper: ReaperSetup, tmp_path: Path) -> None:
    reaper.install(into=None, remove=False, dry_run=False)
    if reaper_runs():
        pytest.skip("a REAPER runs here")
    assert "does not run" in reaper.standing().about
    with running(tmp_path / "reaper"):
        assert reaper_runs()
        assert "AMA Apply" in reaper.standing().about
    assert reaper_runs() is False


def test_where_the_system_does_not_tell_nothing_is_said(tmp_path: Path) -> None:
    assert reaper_runs(platform="darwin") is None
    assert reaper_runs(tmp_path) is None


def test_every_daw_stands_somehow(tmp_path: Path) -> None:
    found = standings(
        Settings(state_dir=tmp_path, config_home=tmp_path, reaper_home=tmp_path / "r")
    )
    assert [standing.daw for standing in found] == ["folder", "ardour", "reaper"]
    assert all(standing.about.endswith(".") for standing in found)
