"""The whole circle in the real Ardour's window: install, one press, suggestions in a dialog, what is ticked is set, all of it goes back."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ama_bridge.daw.ardour.native import Ardour
from ama_bridge.daw.ardour.ui_scripts import UiScripts
from tests.daw.ardour.made_sessions import make_session, needs_ardour
from tests.daw.ardour.studio import RATE_HZ, WORK_S, Desk, document, mixer, press_export, stems
from tests.daw.ardour.window import (
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
