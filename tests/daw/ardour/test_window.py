"""The whole circle in the real Ardour's window: install, one press, suggestions in a dialog, what is ticked is set, all of it goes back."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ama_bridge.daw.ardour.native import Ardour, MixerStrip
from ama_bridge.daw.ardour.ui_scripts import UiScripts
from tests.daw.ardour.made_sessions import MadeTrack, Take, make_session, needs_ardour
from tests.daw.ardour.window import (
    Home,
    Window,
    free_port,
    make_home,
    needs_window,
    opened,
    screen,
    wait_until,
    with_osc_on,
)

pytestmark = [needs_ardour, needs_window, pytest.mark.ardour]

RATE_HZ = 48_000
SECONDS = 6.0
CHECKOUT = Path(__file__).parents[3]
WORK_S = 60.0
"""How long suggesting may take on a busy machine; usually three seconds."""
FADER_DB = 0.01
"""Two faders stand at the same place; they are read over OSC as 32-bit numbers."""


@dataclass(frozen=True)
class Desk:
    """An Ardour of its own with AMA's scripts, and an AMA with a state folder of its own."""

    home: Home
    session: Path
    osc_port: int

    @property
    def state(self) -> Path:
        return self.home.folder / "state"

    def environment(self) -> dict[str, str]:
        return self.home.environment(
            PYTHONPATH=str(CHECKOUT),
            AMA_STATE=str(self.state),
            AMA_OSC_PORT=str(self.osc_port),
            AMA_CACHE="off",
        )

    def ama(self, *arguments: str | Path, code: int = 0) -> str:
        """Run `ama` and return what it says."""
        done = subprocess.run(
            [sys.executable, "-m", "ama_bridge", *map(str, arguments)],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=WORK_S,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def begun(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start `ama` and return at once."""
        return subprocess.Popen(
            [sys.executable, "-m", "ama_bridge", *map(str, arguments)],
            env=self.environment(),
            stderr=subprocess.PIPE,
            text=True,
        )

    def receipt(self, number: int) -> Path:
        return self.state / f"deliveries/song-0001-{number}/receipt.json"


def stems() -> list[MadeTrack]:
    """Make a loud bass, a quiet voice with rumble below it, and wide keys."""
    at = np.arange(round(SECONDS * RATE_HZ)) / RATE_HZ
    rng = np.random.default_rng(5)
    beat = np.exp(-6.0 * (at % 0.5))
    bass = 0.4 * np.sin(2 * np.pi * 55.0 * at) * beat
    voice = 0.03 * np.sin(2 * np.pi * 330.0 * at) * (1.0 + 0.5 * np.sin(2 * np.pi * 3.0 * at))
    voice += 0.004 * np.sin(2 * np.pi * 25.0 * at) + 0.002 * rng.normal(size=at.size)
    keys = 0.1 * np.stack([np.sin(2 * np.pi * f * at) for f in (440.0, 554.4)]) * (0.3 + beat)
    made = {"Bass": bass[None], "Vox": voice[None], "Keys": keys}
    return [
        MadeTrack(name=name, channels=len(sound), takes=[Take(samples=sound.astype(np.float32))])
        for name, sound in made.items()
    ]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("window")
    session = make_session(folder / "song", stems(), rate=RATE_HZ)
    with_osc_on(session)
    return Desk(make_home(folder / "desk", rate=RATE_HZ), session, free_port())


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with screen() as shown:
        yield shown


@pytest.fixture
def service(desk: Desk) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-m", "ama_bridge", "serve"],
        env=desk.environment(),
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        try:
            assert "AMA listens" in running.stdout.readline()
            yield
        finally:
            running.terminate()


def mixer(strips: tuple[MixerStrip, ...]) -> dict[str, tuple[float, float | None, tuple[str, ...]]]:
    return {s.name: (round(s.gain_db, 3), s.pan, tuple(p.name for p in s.plugins)) for s in strips}


def press_export(desk: Desk, window: Window, ardour: Ardour, slot: int) -> None:
    """Do what the user does with AMA Export: press it, say OK, close what it says in the end."""
    ardour.trigger(f"LuaAction/script-{slot}")
    window.answer("AMA Export", "alt+o")
    told = desk.state / "sessions/song.json"  # before that the window is the one of the progress
    wait_until(told.is_file, WORK_S, "the service heard of no session")
    window.answer("AMA Export", "alt+c")


def stop_while_it_asks(desk: Desk, window: Window, plan: Path, stop: signal.Signals) -> None:
    """Let AMA Apply ask in Ardour, and stop `ama apply` while it does."""
    with desk.begun("apply", plan, "--daw", "ardour") as applying:
        window.wait_for("AMA Apply", WORK_S)
        applying.send_signal(stop)
        try:
            _, said = applying.communicate(timeout=WORK_S)
        finally:
            applying.kill()
    assert applying.returncode == 128 + stop
    assert "open in the DAW does nothing any more" in said


def document(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_one_press_leads_to_a_dialog_and_what_is_ticked_is_set_and_goes_back(
    desk: Desk, display: str, service: None
) -> None:
    scripts = desk.home.settings / "ui_scripts"
    with opened(desk.home, desk.session, display):
        wait_until(scripts.is_file, WORK_S, "Ardour wrote no ui_scripts")
        refused = desk.ama("install", "ardour", code=1)
        assert "Ardour" in refused
        assert "is running" in refused
    by_ardour = scripts.read_bytes()
    desk.ama("install", "ardour")
    with opened(desk.home, desk.session, display) as window, Ardour(port=desk.home.port) as ardour:
        assert (
            f"running; AMA Export in slot 3, AMA Apply in slot 4, AMA Revert in slot 5; OSC answers at port {desk.home.port}"
            in desk.ama("doctor")
        )
        before = mixer(ardour.strips())
        press_export(desk, window, ardour, slot=3)
        window.wait_for("AMA Apply", WORK_S)
        offered = document(desk.state / "deliveries/song-0001-1/request.json")["suggestions"]
        window.say_ok("AMA Apply", "space")  # the first box has the focus: it is unticked
        window.answer("AMA Apply", "alt+c")
        wait_until(desk.receipt(1).is_file, WORK_S, "no receipt")
        receipt = document(desk.receipt(1))
        first, *others = [one["id"] for one in offered]
        assert {"suggestion": first, "reason": "not ticked in Ardour"} in receipt["skipped"]
        assert receipt["conflicting"] == []
        assert set(others) - set(receipt["applied"]) <= {"limiter:master"}  # Ardour has none
        assert mixer(ardour.strips()) != before
        for one in receipt["read_back"]:
            assert one["read"] == pytest.approx(one["asked"], rel=1e-3, abs=1e-4)

        said = desk.ama("revert", "--daw", "ardour", "--no-ask")
        assert "taken back" in said
        assert mixer(ardour.strips()) == before

        plan = desk.state / "plans/song-0001.json"
        said = desk.ama("apply", plan, "--daw", "ardour", "--no-ask", "--only", first)
        assert "1 applied" in said
        assert mixer(ardour.strips()) != before
        desk.ama("revert", "--daw", "ardour", "--no-ask")
        assert mixer(ardour.strips()) == before
        assert "nothing to take back" in desk.ama("revert", "--daw", "ardour", "--no-ask")
        for stop in (signal.SIGINT, signal.SIGTERM):
            stop_while_it_asks(desk, window, plan, stop)
            window.say_ok("AMA Apply")
            window.answer("AMA Apply", "alt+c")  # it says that nothing was set
            assert mixer(ardour.strips()) == before
        assert "nothing to take back" in desk.ama("revert", "--daw", "ardour", "--no-ask")
    held = UiScripts.read(scripts.read_bytes())
    assert [held.actions[slot].name for slot in (1, 2)] == ["Mixer Screenshot", "List Plugins"]
    desk.ama("install", "ardour", "--uninstall")
    assert scripts.read_bytes() == by_ardour
