"""From `ama install reaper` to an action that AMA starts: the files as installed run in the fake REAPER, tell how REAPER calls them, and are started by that name."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from ama_analysis.errors import DeliveryError
from ama_bridge.daw.reaper.places import Place
from ama_bridge.daw.reaper.setting_up import ReaperSetup, own_command
from ama_bridge.daw.reaper.signs import Actions, Signs
from ama_bridge.daw.reaper.starting import start_of
from tests.daw.fake_reaper import FakeReaper
from tests.daw.reaper.osc_peer import Peer, Strip

NAMES = ("AMA Export", "AMA Apply", "AMA Revert", "AMA Listen", "AMA Settings")


@pytest.fixture
def fake(tmp_path: Path) -> FakeReaper:
    fake = FakeReaper(folder=tmp_path)
    (fake.resource_path / "reaper.ini").write_text("[REAPER]\ncsurf_cnt=0\n", encoding="utf-8")
    return fake


def setup_of(fake: FakeReaper, mailbox: Path) -> ReaperSetup:
    return ReaperSetup(home=fake.resource_path, mailbox=mailbox)


def run_once(fake: FakeReaper, setup: ReaperSetup, name: str) -> None:
    """Run an installed script as the user does, and end it."""
    (place,) = setup.places()
    fake.run((place.scripts / f"{name}.lua").read_bytes(), name=name)
    fake.spin(0.5)
    fake.stop()


@pytest.mark.parametrize("lua", ["5.3", "5.4"])
def test_every_installed_script_runs_and_tells_its_name(tmp_path: Path, lua: str) -> None:
    fake = FakeReaper(folder=tmp_path, lua="5.3" if lua == "5.3" else "5.4")
    (fake.resource_path / "reaper.ini").write_text("[REAPER]\n", encoding="utf-8")
    setup = setup_of(fake, tmp_path / "state é" / "reaper")
    setup.install(into=None, remove=False, dry_run=False)
    for name in NAMES:
        run_once(fake, setup, name)
    actions = Signs(setup.mailbox).actions()
    assert set(actions.ids) == set(NAMES)
    assert all(one.startswith("_RS") for one in actions.ids.values())
    assert Path(actions.resource_path) == fake.resource_path


def test_an_action_is_started_through_the_osc_that_reaper_ini_names(
    fake: FakeReaper, tmp_path: Path
) -> None:
    setup = setup_of(fake, tmp_path / "state" / "reaper")
    setup.install(into=None, remove=False, dry_run=False)
    run_once(fake, setup, "AMA Apply")
    actions = Signs(setup.mailbox).actions()
    with Peer([Strip("Kick")]) as peer:
        surface = f'csurf_0=OSC "AMA" 3 {peer.port} "127.0.0.1" {peer.send_port} 1024 10 "AMA"'
        place = Place(folder=fake.resource_path)
        place.ini.write_text(f"[REAPER]\ncsurf_cnt=1\n{surface}\n", encoding="utf-8")
        start_of("AMA Apply", actions, setup.places())()
        ends = threading.Event()
        for _ in range(400):
            if peer.actions or ends.wait(0.005):
                break
        assert peer.actions == [actions.ids["AMA Apply"]]
        start = start_of("AMA Apply", actions, setup.places())
    with pytest.raises(DeliveryError) as gone:
        start()
    assert gone.value.code == "AMA-704"


def test_the_service_that_a_script_starts_is_this_one(fake: FakeReaper, tmp_path: Path) -> None:
    state = tmp_path / "my state"
    setup = setup_of(fake, state / "reaper")
    setup.install(into=None, remove=False, dry_run=False)
    fake.execute = lambda command, timeout_ms: "0\n"
    (place,) = setup.places()
    fake.run((place.scripts / "AMA Listen.lua").read_bytes(), name="AMA Listen")
    fake.spin(0.5)
    fake.window.click_on("Start AMA")
    fake.spin(1.0)
    fake.stop()
    ((command, _),) = fake.processes
    assert command == f'{own_command()} serve --state "{state}"'
    assert own_command().startswith('"')


def test_what_reaper_calls_a_script_in_another_folder_is_not_kept(
    fake: FakeReaper, tmp_path: Path
) -> None:
    setup = setup_of(fake, tmp_path / "state" / "reaper")
    setup.install(into=None, remove=False, dry_run=False)
    other = {"schema": "ama.actions/1", "resource_path": "/other", "actions": {"AMA Apply": "_RS1"}}
    (setup.mailbox / "actions.json").write_text(json.dumps(other), encoding="utf-8")
    run_once(fake, setup, "AMA Settings")
    assert Signs(setup.mailbox).actions() == Actions(
        resource_path=str(fake.resource_path),
        ids={"AMA Settings": Signs(setup.mailbox).actions().ids["AMA Settings"]},
    )
