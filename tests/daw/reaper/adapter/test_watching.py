"""What moves in REAPER arrives, and its scripts are told of the service, of its work and of exports."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from ama_analysis.errors import DeliveryError
from ama_analysis.plan import MixPlan
from ama_bridge.daw.reaper.adapter import ReaperDaw
from ama_bridge.service.live import LiveMoves
from tests.daw.played import wait_until
from tests.daw.reaper.adapter.reaper import daw_in, osc_line, surfaces
from tests.daw.reaper.osc_peer import Peer, Strip
from tests.daw.reaper.played_script import beat


def test_faders_that_move_in_reaper_arrive_in_the_session(
    daw: ReaperDaw, plan: MixPlan, folder: Path
) -> None:
    beat(daw.mailbox.folder, project="Song")
    live = LiveMoves()
    tracks = plan.session.tracks
    with Peer([Strip("Kick", -1.5, 0.0), Strip("Bass", 0.0, 0.0)]) as peer:
        surfaces(folder, osc_line(peer.port, peer.send_port))
        live.follow(daw)
        try:

            def fader_db() -> float:
                return live.over("reaper", "Song", tracks)[0].fader_db

            wait_until(lambda: fader_db() == pytest.approx(-1.5, abs=0.001), "where it stood")
            peer.move("Kick", fader_db=-4.5)
            wait_until(lambda: fader_db() == pytest.approx(-4.5, abs=0.001), "fader that moved")
            assert live.over("reaper", "another song", tracks) == tracks
        finally:
            live.close()


def test_without_osc_nothing_is_watched_and_it_is_told(daw: ReaperDaw) -> None:
    with pytest.raises(DeliveryError, match="does not tell AMA of its mixer") as caught:
        daw.watch(lambda move: None, lambda: None, threading.Event())
    assert caught.value.code == "AMA-704"


def test_the_service_and_its_progress_are_told_to_the_script(
    daw: ReaperDaw, tmp_path: Path
) -> None:
    box = daw.mailbox.folder
    daw.attend()
    service = json.loads((box / "service.json").read_text())
    assert service["schema"] == "ama.service/1"
    (box / "service.json").unlink()
    daw.attend()
    assert not (box / "service.json").exists(), "once in two seconds is enough"
    note = {"schema": "ama.exported/1", "id": "export-7", "folder": str(tmp_path)}
    (box / "exported.json").write_text(json.dumps(note))
    assert daw.waiting_export() == tmp_path
    assert daw.waiting_export() is None
    daw.tell(tmp_path, 0.25, "measuring")
    assert json.loads((box / "status.json").read_text()) == {
        "schema": "ama.status/1",
        "id": "export-7",
        "share": 0.25,
        "stage": "measuring",
        "error": "",
    }
    daw.leave()
    assert not (box / "service.json").exists()


def test_an_export_whose_service_was_killed_is_taken_up_once_more(
    daw: ReaperDaw, tmp_path: Path, folder: Path
) -> None:
    box = daw.mailbox.folder
    box.mkdir()
    note = {"schema": "ama.exported/1", "id": "export-7", "folder": str(tmp_path)}
    (box / "exported.json").write_text(json.dumps(note))
    assert daw.waiting_export() == tmp_path
    assert daw.waiting_export() is None
    second, third = daw_in(tmp_path, folder), daw_in(tmp_path, folder)
    assert second.waiting_export() == tmp_path
    second.tell(tmp_path, 0.5, "measuring")
    assert json.loads((box / "status.json").read_text())["id"] == "export-7"
    assert third.waiting_export() is None, "twice is enough"


def test_an_export_that_is_done_is_not_taken_up_again(
    daw: ReaperDaw, tmp_path: Path, folder: Path
) -> None:
    daw.mailbox.folder.mkdir()
    note = {"schema": "ama.exported/1", "id": "export-7", "folder": str(tmp_path)}
    (daw.mailbox.folder / "exported.json").write_text(json.dumps(note))
    assert daw.waiting_export() == tmp_path
    daw.tell(tmp_path, 1.0, "done")
    assert daw_in(tmp_path, folder).waiting_export() is None


def test_a_session_is_heard_as_it_is(daw: ReaperDaw, plan: MixPlan) -> None:
    assert daw.heard(plan.session) == plan.session
    assert daw.take_text("session", "x", (0, 1), "{}") is None
    with pytest.raises(DeliveryError):
        daw.exported("x")
