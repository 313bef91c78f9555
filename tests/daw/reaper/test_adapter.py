"""REAPER as a DAW: in which way AMA Apply is started, what becomes of an offer that nobody takes, and what is said when a script falls silent."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.errors import CancelledError, DeliveryError
from ama_analysis.plan import Compressor, EqBand, Gain, MixPlan, Pan
from ama_bridge.daw.mailbox import Mailbox
from ama_bridge.daw.port import Daw, LookedAfter, Receipt
from ama_bridge.daw.reaper.adapter import ReaperDaw
from ama_bridge.daw.reaper.places import Place
from ama_bridge.daw.waiting import Patience
from ama_bridge.osc_packets import PacketError, messages_of
from ama_bridge.service.handover import Delivery, hand_over
from ama_bridge.service.live import LiveMoves
from ama_bridge.store import Decision, Store
from tests.daw.reaper.osc_peer import Peer, Strip
from tests.daw.reaper.plans import plan_with, session_of, stems_in
from tests.daw.reaper.played_script import answers, beat, says_nothing, script, wait_until
from tests.daw.reaper.test_web import Reaper, serving

HASTE = Patience(start_s=0.4, work_s=0.6, user_s=0.8, alive_s=0.1)
PATIENT_S = 10.0
COMMAND = "_RS0123456789abcdef0123456789abcdef01234567"
WAITS = "it waits in REAPER: press AMA Apply there"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return REAPER's resource folder, with no surfaces in its settings."""
    folder = tmp_path / "REAPER"
    folder.mkdir()
    (folder / "reaper.ini").write_text("[REAPER]\n")
    return folder


@pytest.fixture
def daw(tmp_path: Path, folder: Path) -> ReaperDaw:
    return daw_in(tmp_path, folder)


def daw_in(tmp_path: Path, folder: Path) -> ReaperDaw:
    box = Mailbox(tmp_path / "mail", "REAPER")
    return ReaperDaw(mailbox=box, places=lambda: (Place(folder=folder),), patience=HASTE)


@pytest.fixture
def plan(tmp_path: Path) -> MixPlan:
    session = session_of(stems_in(tmp_path / "stems"))
    return plan_with(
        session,
        ("kick", Gain(delta_db=-3.0, fader_db=-3.0)),
        ("bass", Gain(delta_db=-6.0, fader_db=-6.0)),
        ("bass", Pan(pan=0.25)),
    )


def surfaces(folder: Path, *lines: str) -> None:
    """Switch surfaces on in REAPER's settings."""
    listed = "".join(f"csurf_{at}={line}\n" for at, line in enumerate(lines))
    (folder / "reaper.ini").write_text(f"[REAPER]\ncsurf_cnt={len(lines)}\n{listed}")


def osc_line(port: int, send_port: int = 0) -> str:
    return f'OSC "AMA" 7 {port} "127.0.0.1" {send_port or 9} 1024 10 "AMA"'


def web_line(port: int) -> str:
    return f"HTTP 0 {port} '' 'index.html' 0 ''"


def known_actions(daw: ReaperDaw, folder: Path) -> None:
    """Write what AMA's scripts have noted of their command ids."""
    named = {"AMA Apply": COMMAND}
    document = {"schema": "ama.actions/1", "resource_path": str(folder), "actions": named}
    daw.mailbox.folder.mkdir(parents=True, exist_ok=True)
    (daw.mailbox.folder / "actions.json").write_text(json.dumps(document))


@contextmanager
def osc_port() -> Iterator[tuple[int, threading.Event, list[str]]]:
    """Listen as REAPER does; the event is set when an action is asked for."""
    asked: list[str] = []
    heard = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.settimeout(PATIENT_S)

        def run() -> None:
            for message in messages_of(one.recv(2048)):
                assert not isinstance(message, PacketError)
                asked.append(f"{message.address} {message.arguments[0]}")
            heard.set()

        thread = threading.Thread(target=run)
        thread.start()
        port: int = one.getsockname()[1]
        yield port, heard, asked
        one.sendto(b"", ("127.0.0.1", port))  # in case nothing came
        thread.join(PATIENT_S)


def closed_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def deliver(daw: ReaperDaw, plan: MixPlan, folder: Path, **more: Any) -> Receipt:
    folder.mkdir(exist_ok=True)
    return daw.apply(plan, plan_id="song-0001", folder=folder, **more)


def written(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "receipt.json").read_text(encoding="utf-8"))
    return found


def test_it_is_a_daw_that_asks_and_is_looked_after(daw: ReaperDaw) -> None:
    as_daw: Daw = daw
    assert (as_daw.name, as_daw.asks) == ("reaper", True)
    assert isinstance(daw, LookedAfter)


# how AMA Apply is started


def test_a_script_that_waits_in_reaper_takes_the_request_by_itself(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path
) -> None:
    beat(daw.mailbox.folder)
    with script(daw.mailbox.folder):
        receipt = deliver(daw, plan, tmp_path / "song-0001-1", ask=True)
    assert (receipt.daw, receipt.plan, receipt.notes) == ("reaper", "song-0001", ())
    told = {one.suggestion for one in receipt.skipped} | set(receipt.applied)
    assert told == {s.id for s in plan.suggestions}
    (read,) = receipt.read_back
    assert (read.what, read.asked, read.read) == ("fader_db", -3.0, -3.0)
    assert {p.name for p in (tmp_path / "song-0001-1").iterdir()} == {"request.json", "result.json"}


def test_the_web_interface_starts_it_by_its_command_id(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path, folder: Path
) -> None:
    known_actions(daw, folder)
    with serving(Reaper()) as reaper:
        surfaces(folder, osc_line(closed_port(socket.SOCK_DGRAM)), web_line(reaper.server_port))
        with script(daw.mailbox.folder):
            receipt = deliver(daw, plan, tmp_path / "song-0001-2")
    assert len(receipt.applied) == 1
    assert reaper.commands == [COMMAND], "once, and not over OSC too"


@pytest.mark.parametrize("web", [False, True])
def test_osc_starts_it_where_there_is_no_web_interface_or_a_silent_one(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path, folder: Path, web: bool
) -> None:
    known_actions(daw, folder)
    with osc_port() as (port, heard, asked):
        lines = [web_line(closed_port(socket.SOCK_STREAM))] if web else []
        surfaces(folder, *lines, osc_line(port))
        with script(daw.mailbox.folder, started=heard):
            receipt = deliver(daw, plan, tmp_path / "song-0001-3")
    assert len(receipt.applied) == 1
    assert asked == [f"/action/str {COMMAND}"]


def test_an_old_heartbeat_is_nobody_who_waits(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path
) -> None:
    beat(daw.mailbox.folder, age_s=5.0)
    with pytest.raises(DeliveryError, match="no AMA script waits in REAPER") as caught:
        deliver(daw, plan, tmp_path / "song-0001-4")
    assert caught.value.code == "AMA-704"
    assert "nothing was set" in caught.value.message
    assert not daw.mailbox.request.exists()


def test_a_reaper_that_does_not_answer_is_told_and_nothing_waits_for_it(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path, folder: Path
) -> None:
    known_actions(daw, folder)
    surfaces(folder, osc_line(closed_port(socket.SOCK_DGRAM)))
    with pytest.raises(DeliveryError, match="No REAPER answers over OSC") as caught:
        deliver(daw, plan, tmp_path / "song-0001-5")
    assert caught.value.code == "AMA-704"
    assert not daw.mailbox.request.exists()


def test_without_a_command_id_nothing_can_be_started(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path, folder: Path
) -> None:
    surfaces(folder, osc_line(9))
    with pytest.raises(DeliveryError, match="run any of AMA's actions in it once"):
        deliver(daw, plan, tmp_path / "song-0001-6")


def test_of_two_reapers_the_one_is_meant_whose_scripts_ran(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path, folder: Path
) -> None:
    portable = tmp_path / "portable"
    portable.mkdir()
    both = replace(daw, places=lambda: (Place(folder=folder), Place(folder=portable)))
    known_actions(daw, portable)
    with osc_port() as (port, heard, asked):
        surfaces(folder, osc_line(closed_port(socket.SOCK_DGRAM)))
        surfaces(portable, osc_line(port))
        with script(daw.mailbox.folder, started=heard):
            deliver(both, plan, tmp_path / "song-0001-7")
    assert len(asked) == 1


# an offer that nobody takes


@pytest.mark.parametrize("waiting", [True, False])
def test_an_offer_waits_in_the_mailbox_until_the_user_presses_the_button(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path, folder: Path, waiting: bool
) -> None:
    """A script that waits may be held up by a dialog; and there may be none."""
    if waiting:
        beat(daw.mailbox.folder)
    delivery = tmp_path / "song-0002-1"
    receipt = deliver(daw, plan, delivery, ask=True, agreed=frozenset())
    assert {one.reason for one in receipt.skipped} == {WAITS}
    assert len(receipt.notes) == 1
    request = json.loads(daw.mailbox.request.read_text(encoding="utf-8"))
    assert request["id"] == "song-0002-1"
    daw.mailbox.withdraw(daw.mailbox.request)
    answers(request, daw.mailbox.folder)
    daw_in(tmp_path, folder).attend()  # whoever offered may have ended
    assert len(written(delivery)["applied"]) == 1
    assert len(written(delivery)["read_back"]) == 1
    assert not list(daw.mailbox.folder.glob("left-*"))


def test_a_receipt_says_which_effects_nobody_has_verified(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path
) -> None:
    """Of what was applied alone, whether at once or later; faders need no such word."""
    cut = EqBand(type="bell", freq_hz=300.0, gain_db=-2.0, q=1.0)
    squeeze = Compressor(threshold_db=-20.0, ratio=2.0, attack_ms=10.0, release_ms=100.0)
    both = plan_with(plan.session, ("vox", cut), ("bass", squeeze))
    note = "ReaComp, set and read back, its sound is not verified."
    beat(daw.mailbox.folder)
    with script(daw.mailbox.folder):
        assert deliver(daw, both, tmp_path / "song-0002-3").notes == (note,)
    with script(daw.mailbox.folder):
        assert deliver(daw, plan, tmp_path / "song-0002-4").notes == ()
    (daw.mailbox.folder / "heartbeat.json").unlink()
    deliver(daw, both, tmp_path / "song-0002-5", ask=True)
    answers(json.loads(daw.mailbox.request.read_text()), daw.mailbox.folder)
    daw.attend()
    assert written(tmp_path / "song-0002-5")["notes"] == [note]


def test_the_later_receipt_keeps_what_the_user_had_rejected(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path
) -> None:
    to = Delivery(daw=daw, store=Store(tmp_path / "state"))
    rejected = {plan.suggestions[0].id: Decision(verdict="reject", kind="gain")}
    applied = hand_over(to, "song-0001", plan, rejected, ask=True, on_progress=lambda *_: None)
    request = json.loads(daw.mailbox.request.read_text(encoding="utf-8"))
    assert len(request["suggestions"]) == 2
    answers(request, daw.mailbox.folder)
    daw.attend()
    receipt = written(applied.path.parent)
    reasons = {one["suggestion"]: one["reason"] for one in receipt["skipped"]}
    assert reasons[plan.suggestions[0].id] == "rejected"
    assert WAITS not in reasons.values()
    assert len(receipt["applied"]) + len(reasons) == 3


def test_a_later_offer_takes_the_place_of_one_that_nobody_saw(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path
) -> None:
    to = Delivery(daw=daw, store=Store(tmp_path / "state"))
    first, second = (
        hand_over(to, f"song-000{n}", plan, {}, ask=True, on_progress=lambda *_: None)
        for n in (1, 2)
    )
    reasons = {one["reason"] for one in written(first.path.parent)["skipped"]}
    assert len(reasons) == 1
    assert "a later plan took its place" in reasons.pop()
    assert {one["reason"] for one in written(second.path.parent)["skipped"]} >= {WAITS}
    assert [p.name for p in daw.mailbox.folder.glob("left-*")] == [f"left-{second.path.parent.name}.json"]  # fmt: skip


def test_an_answer_that_cannot_be_read_ends_nothing(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path
) -> None:
    deliver(daw, plan, tmp_path / "song-0002-2", ask=True)
    (daw.mailbox.folder / "result-song-0002-2.json").write_text('{"schema": "ama.result/9"}')
    (daw.mailbox.folder / "left-odd.json").write_text("{")
    daw.attend()
    assert not (daw.mailbox.folder / "left-song-0002-2.json").exists()


# silence


@pytest.mark.parametrize("ask", [True, False])
def test_a_script_that_begins_and_falls_silent_leaves_it_uncertain(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path, ask: bool
) -> None:
    beat(daw.mailbox.folder)
    with (
        script(daw.mailbox.folder, says_nothing),
        pytest.raises(DeliveryError, match="no result came") as caught,
    ):
        deliver(daw, plan, tmp_path / "song-0003-1", ask=ask)
    assert caught.value.code == "AMA-705"
    assert "AMA Revert" in caught.value.hint
    assert not list(daw.mailbox.folder.glob("left-*"))


def test_a_reaper_that_goes_away_while_a_script_works_leaves_it_uncertain(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ama_bridge.daw.reaper.adapter._GONE_AFTER_S", 0.3)

    def dies(request: dict[str, Any], mailbox: Path) -> None:
        threading.Event().wait(0.3)  # its heart beats for a while
        (mailbox / "heartbeat.json").unlink()

    patient = replace(daw, patience=replace(HASTE, user_s=PATIENT_S))
    beat(daw.mailbox.folder)
    with (
        script(daw.mailbox.folder, dies),
        pytest.raises(DeliveryError, match="REAPER went away") as caught,
    ):
        deliver(patient, plan, tmp_path / "song-0003-2", ask=True)
    assert caught.value.code == "AMA-705"


def test_cancelling_withdraws_what_no_script_has_read(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path
) -> None:
    beat(daw.mailbox.folder)

    def on_progress(fraction: float, stage: str) -> None:
        assert stage == "starting AMA Apply"
        assert daw.mailbox.request.exists()
        message = "enough"
        raise CancelledError(message)

    with pytest.raises(CancelledError):
        deliver(daw, plan, tmp_path / "song-0003-3", ask=True, on_progress=on_progress)
    assert not daw.mailbox.request.exists()


def test_while_one_waits_for_the_user_another_is_refused(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path
) -> None:
    with daw.mailbox.held(), pytest.raises(DeliveryError, match="waits for REAPER already") as caught:  # fmt: skip
        deliver(daw, plan, tmp_path / "song-0003-4")
    assert caught.value.code == "AMA-703"


def test_a_fader_that_stays_is_told_and_not_asked_for(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path
) -> None:
    first, *others = plan.suggestions
    keep = replace(first, id="keep:kick", action=Gain(delta_db=0.0, fader_db=0.0))
    beat(daw.mailbox.folder)
    with script(daw.mailbox.folder):
        receipt = deliver(daw, replace(plan, suggestions=(keep, *others)), tmp_path / "song-0003-5")
    reasons = {s.suggestion: s.reason for s in receipt.skipped}
    assert reasons["keep:kick"].endswith("where it is")
    request = json.loads((tmp_path / "song-0003-5" / "request.json").read_text())
    assert [one["id"] for one in request["suggestions"]] == [s.id for s in others]


def test_without_a_dialog_only_what_was_agreed_is_ticked(
    daw: ReaperDaw, plan: MixPlan, tmp_path: Path
) -> None:
    """In the dialog the user ticks, so that there all of them are."""
    name = plan.suggestions[1].id
    for at, ask in enumerate((False, True)):
        beat(daw.mailbox.folder)
        with script(daw.mailbox.folder):
            folder = tmp_path / f"song-0003-{6 + at}"
            deliver(daw, plan, folder, ask=ask, agreed=frozenset({name}))
        request = json.loads((folder / "request.json").read_text())
        ticked = {one["id"] for one in request["suggestions"] if one["ticked"]}
        assert ticked == ({s.id for s in plan.suggestions} if ask else {name})


# taking back


def test_revert_brings_what_the_script_answers(daw: ReaperDaw) -> None:
    item = {"what": "fader", "track": "{1}", "name": "Bass"}
    answer = {
        "schema": "ama.taken_back/1",
        "id": "song-0001-1",
        "restored": [item],
        "gone": [],
        "conflicting": [item | {"reason": "it was moved since"}],
        "reason": "",
    }

    def play(wish: dict[str, Any], mailbox: Path) -> None:
        assert wish["ask"] is False
        (mailbox / "reverted-song-0001-1.json").write_text(json.dumps(answer))

    beat(daw.mailbox.folder)
    with script(daw.mailbox.folder, play, wish="revert.json"):
        reverted = daw.revert()
    assert (reverted.daw, reverted.id, reverted.restored) == ("reaper", "song-0001-1", ("Bass: fader",))  # fmt: skip
    assert reverted.conflicting == ("Bass: fader (it was moved since)",)


@pytest.mark.parametrize("waiting", [True, False])
def test_revert_that_no_script_takes_says_what_to_do(daw: ReaperDaw, waiting: bool) -> None:
    if waiting:
        beat(daw.mailbox.folder)
    with pytest.raises(DeliveryError, match="nothing was taken back") as caught:
        daw.revert(ask=True)
    assert caught.value.code == "AMA-704"
    assert "AMA Revert" in caught.value.hint
    assert not daw.mailbox.revert.exists()


# what moves, and what is said


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
