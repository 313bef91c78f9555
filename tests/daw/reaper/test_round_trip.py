"""The whole way, with AMA's real scripts in the fake REAPER and `ama serve` as a process of its own: export, suggestions, ticks, receipt, revert.

What REAPER itself does with it nobody has seen: the fake is as strict as REAPER's documented interface, and no more.
"""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
import soundfile

from ama_bridge.daw import lua_scripts
from tests.bridge.processes import CHECKOUT, ama, posix_only, ran, started
from tests.bridge.stems import write_song
from tests.daw.fake_reaper import FakeReaper
from tests.daw.played import wait_until
from tests.daw.reaper.applying import EFFECTS

PATIENT_S = 30.0
"""Some two seconds of work, on a machine that does other things too."""
RATE_HZ = 22_050
KICK_UP = 2.0
COMMAND = f'"{sys.executable}" -m ama_bridge'


class Studio:
    """A song in the fake REAPER, and AMA's scripts as they are installed for a state folder."""

    def __init__(self, folder: Path, lua: Literal["5.3", "5.4"] = "5.4") -> None:
        self.state = folder / "state"
        self.mailbox = self.state / "reaper"
        self.fake = FakeReaper(folder=folder / "reaper", lua=lua, real_time=True, sample_rate_hz=RATE_HZ, jsfx=EFFECTS)  # fmt: skip
        self.stems = write_song(folder / "stems")
        for name, path in self.stems.items():
            samples, _ = soundfile.read(path, dtype="float32", always_2d=True)
            self.fake.project.add(name, sound=samples.T)
        self.fake.project["kick"].volume = KICK_UP

    def run(self, action: str) -> None:
        """Start one of AMA's actions."""
        name = action.removeprefix("AMA ").lower()
        values: dict[str, lua_scripts.Value] = {"mailbox": str(self.mailbox), "command": COMMAND}
        self.fake.run(lua_scripts.script(f"reaper/{name}", values), name=action)

    def wait(self, until: Callable[[], object], what: str) -> None:
        """Let time pass in REAPER until something is so."""
        self.fake.spin(PATIENT_S, until=lambda: bool(until()))
        if not self.fake.running:
            wait_until(until, what)  # the service goes on
        assert until(), f"no {what}; the window says {self.fake.window.texts}"

    def shows(self, title: str, text: str) -> bool:
        """Tell whether a window of this title shows a text."""
        window = self.fake.window
        return window.title == title and any(text in shown for shown in window.texts)

    def receipts(self) -> list[dict[str, Any]]:
        """Return the receipts, oldest first."""
        paths = sorted(self.state.glob("deliveries/*/receipt.json"))
        return [json.loads(path.read_text(encoding="utf-8")) for path in paths]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run an `ama` command while REAPER lives on."""
        done: list[subprocess.CompletedProcess[str]] = []

        def work() -> None:
            line = ama(*arguments, "--state", str(self.state))
            done.append(ran(line, timeout_s=PATIENT_S))

        thread = threading.Thread(target=work)
        thread.start()
        pause = threading.Event()
        while thread.is_alive():
            if not self.fake.spin(0.1):
                pause.wait(0.05)
        return done[0]


@posix_only
@pytest.mark.parametrize(
    ("lua", "devices", "kinds"), [("5.3", "cockos", {"VST"}), ("5.4", "ama", {"JS", "VST"})]
)
def test_one_press_of_export_ends_in_a_receipt_and_revert_takes_all_of_it_back(
    tmp_path: Path, lua: Literal["5.3", "5.4"], devices: str, kinds: set[str]
) -> None:
    """Once with REAPER's own effects, once with AMA's (ReaLimit limits either way)."""
    studio = Studio(tmp_path, lua)
    fake = studio.fake
    fake.ext_state["AMA", "devices"] = devices
    before = fake.project.state()
    with started(studio.state) as service:
        studio.run("AMA Export")
        studio.wait(lambda: studio.shows("AMA Export", "Cancel"), "question what to export")
        fake.window.click_on("Export")
        studio.wait(lambda: studio.shows("AMA", "AMA: "), "progress")
        assert fake.project.state() == before
        studio.wait(lambda: studio.shows("AMA Apply", "Apply 7 of 7"), "preview")
        fake.window.click_beside("dB fader", -20)
        studio.wait(lambda: studio.shows("AMA Apply", "Apply 6 of 7"), "a box without its tick")
        fake.window.click_on("Apply 6 of 7")
        studio.wait(lambda: studio.shows("AMA Apply", "6 suggestions applied"), "summary")
        studio.wait(studio.receipts, "receipt")
        fake.stop()
        studio.run("AMA Listen")
        (receipt,) = studio.receipts()
        assert len(receipt["applied"]) == 6
        reasons = {one["reason"] for one in receipt["skipped"]}
        assert reasons == {"not ticked in REAPER", "the fader stays where it is"}
        assert {one["suggestion"] for one in receipt["read_back"]} == set(receipt["applied"])
        assert fake.project["kick"].volume == KICK_UP
        inserted = [fx.kind for strip in fake.project.strips() for fx in strip.fx]
        assert set(inserted) == kinds
        assert [point.name for point in fake.undo_points] == ["AMA: apply 6 suggestions"]
        assert fake.project.state() != before
        ran = studio.command("revert", "--daw", "reaper", "--no-ask")
        assert service.stop(signal.SIGTERM) == 0
    assert ran.returncode == 0, ran.stderr
    taken = len(inserted) + 1  # the kick's fader
    assert ran.stdout == f"reaper: {taken} taken back.\n"
    assert fake.project.state() == before
    assert not (studio.mailbox / "service.json").exists()
    fake.stop()
    assert not (studio.mailbox / "heartbeat.json").exists()


def test_a_plan_of_stems_waits_in_reaper_until_apply_is_pressed(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    plan = tmp_path / "plan.json"
    suggest = ama("suggest", str(tmp_path / "stems"), "--out", str(plan), "--no-cache")
    subprocess.run(suggest, check=True, capture_output=True, cwd=CHECKOUT, timeout=PATIENT_S)
    ran = studio.command("apply", str(plan), "--daw", "reaper", "--no-ask")
    assert ran.returncode == 1
    assert "AMA-704" in ran.stderr
    assert "nothing was set" in ran.stderr
    ran = studio.command("apply", str(plan), "--daw", "reaper")
    assert ran.returncode == 0, ran.stderr
    assert "press AMA Apply there" in ran.stdout
    (receipt,) = studio.receipts()
    assert receipt["applied"] == []
    studio.run("AMA Apply")
    studio.wait(lambda: studio.shows("AMA Apply", "Cancel"), "preview")
    studio.fake.window.click_on("Apply")
    studio.wait(lambda: list(studio.mailbox.glob("result-*.json")), "result")
    with started(studio.state):
        wait_until(lambda: studio.receipts()[0]["applied"], "receipt of a service that came later")
    (receipt,) = studio.receipts()
    assert receipt["conflicting"] == []
    assert {one["reason"] for one in receipt["skipped"]} <= {"the fader stays where it is"}


@posix_only
def test_export_starts_the_service_itself_where_none_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the command line that `ama install reaper` fills in."""
    monkeypatch.setenv("AMA_OSC_PORT", "0")
    studio = Studio(tmp_path)
    processes: list[subprocess.Popen[bytes]] = []

    def execute(line: str, wait_ms: int) -> str:
        assert wait_ms < 0, "nobody waits for a service to end"
        processes.append(subprocess.Popen(shlex.split(line), cwd=CHECKOUT, stdout=subprocess.DEVNULL))  # fmt: skip
        return "0"

    studio.fake.execute = execute
    try:
        studio.run("AMA Export")
        studio.wait(lambda: studio.shows("AMA Export", "Cancel"), "question what to export")
        studio.fake.window.click_on("Export")
        studio.wait(lambda: studio.shows("AMA Apply", "Apply 7 of 7"), "preview")
        studio.fake.window.click_on("Cancel")
        studio.wait(studio.receipts, "receipt")
    finally:
        for process in processes:
            process.terminate()
            assert process.wait(PATIENT_S) == 0
    assert len(processes) == 1
    (receipt,) = studio.receipts()
    assert receipt["applied"] == []
    assert "the preview in REAPER was cancelled" in {one["reason"] for one in receipt["skipped"]}
    assert studio.fake.undo_points == []
