"""A service beside REAPER: exports are noticed while it runs, their progress is told, their plans are offered, and answers find their receipts."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.errors import DeliveryError, SessionError
from ama_analysis.plan import Gain, MixPlan, Pan
from ama_analysis.progress import OnProgress
from ama_analysis.session import Session
from ama_bridge.assistant import Assistant
from ama_bridge.daw.folder import FolderDaw
from ama_bridge.daw.mailbox import Mailbox
from ama_bridge.daw.port import Daw, Move, OnMove, OnStanding
from ama_bridge.daw.reaper.adapter import ReaperDaw
from ama_bridge.daw.waiting import Patience
from ama_bridge.offline import read_plan
from ama_bridge.service import looking
from ama_bridge.store import Store
from tests.bridge.daws import AskingDaw
from tests.bridge.plans import FakeAnalyst
from tests.bridge.services import client_of, service
from tests.daw.plans import plan_with
from tests.daw.played import wait_until
from tests.daw.reaper.plans import GUIDS, export_in, stems_in
from tests.daw.reaper.played_script import answers, beat, script

HASTE = Patience(start_s=0.4, work_s=2.0, user_s=5.0, alive_s=0.1)
WAITS = "it waits in REAPER: press AMA Apply there"


@pytest.fixture(autouse=True)
def _quick_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking.Looking.__init__, "__defaults__", (0.02,))


class Listener(FakeAnalyst):
    """One that suggests something for the tracks of a project in REAPER."""

    def advise(
        self, session: Session, *, engine: str, target: str | None, on_progress: OnProgress
    ) -> MixPlan:
        super().advise(session, engine=engine, target=target, on_progress=on_progress)
        fader = Gain(delta_db=-2.0, fader_db=session.track(GUIDS["kick"]).fader_db - 2.0)
        return plan_with(session, ("kick", fader), ("bass", Pan(pan=0.1)))


@dataclass
class Beside:
    """A service and the mailbox between it and REAPER."""

    state: Path
    assistant: Assistant
    analyst: FakeAnalyst

    @property
    def mailbox(self) -> Path:
        return self.state / "reaper"

    def read(self, name: str) -> dict[str, Any]:
        """Return what a file in the mailbox says; nothing while it is not there or is being replaced."""
        try:
            found: dict[str, Any] = json.loads((self.mailbox / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found

    def receipts(self) -> list[dict[str, Any]]:
        return [json.loads(p.read_text()) for p in self.state.glob("deliveries/*/receipt.json")]

    def export(self, folder: Path, name: str = "export-1") -> None:
        """Tell that AMA Export has written a folder, as the script does."""
        self.mailbox.mkdir(parents=True, exist_ok=True)
        note = {"schema": "ama.exported/1", "id": name, "folder": str(folder)}
        part = self.mailbox / ".exported.part"
        part.write_text(json.dumps(note), encoding="utf-8")
        part.replace(self.mailbox / "exported.json")


@contextmanager
def running(state: Path, analyst: FakeAnalyst) -> Iterator[Beside]:
    reaper = ReaperDaw(mailbox=Mailbox(state / "reaper", "REAPER"), places=tuple, patience=HASTE)
    daws: dict[str, Daw] = {"folder": FolderDaw(), reaper.name: reaper}
    assistant = Assistant(Store(state), daws, analyst)
    try:
        assistant.exports.begin()
        yield Beside(state, assistant, analyst)
    finally:
        assistant.close()


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Beside]:
    with running(tmp_path / "state", Listener()) as one:
        yield one


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    return export_in(stems_in(tmp_path / "stems"), {"kick": {"fader_db": -6.0}})


def test_an_export_is_worked_on_while_the_service_runs_and_offered_to_the_script_that_waits(
    beside: Beside, exported: Path
) -> None:
    beat(beside.mailbox)
    offers: list[dict[str, Any]] = []

    def play(request: dict[str, Any], mailbox: Path) -> None:
        offers.append(request)
        answers(request, mailbox)

    with script(beside.mailbox, play):
        beside.export(exported)
        wait_until(beside.receipts, "receipt")
    (request,), (receipt,) = offers, beside.receipts()
    assert request["ask"] is True
    assert request["session"] == "Song"
    (fader,) = request["strips"][0]["controls"]
    assert (fader["value"], fader["expected"]) == (-8.0, -6.0)
    assert receipt["daw"] == "reaper"
    assert receipt["applied"] == [request["suggestions"][0]["id"]]
    wait_until(lambda: beside.read("status.json").get("stage") == "done", "end told")
    assert beside.read("status.json")["id"] == "export-1"


def test_progress_is_told_under_the_exports_id(beside: Beside, exported: Path) -> None:
    beside.analyst.gate.clear()
    beside.export(exported, "export-9")
    wait_until(lambda: beside.read("status.json").get("share") == 0.5, "progress")
    status = beside.read("status.json")
    assert (status["id"], status["stage"], status["error"]) == ("export-9", "measuring", "")
    beside.analyst.gate.set()


def test_what_goes_wrong_is_told_to_the_script_that_waits(
    beside: Beside, exported: Path, tmp_path: Path
) -> None:
    beside.analyst.fails_with = SessionError("All stems are silent.", code="AMA-204")
    beside.export(exported, "export-2")
    wait_until(lambda: beside.read("status.json").get("error"), "error")
    assert beside.read("status.json") == {
        "schema": "ama.status/1",
        "id": "export-2",
        "share": 1.0,
        "stage": "failed",
        "error": "All stems are silent.",
    }
    (tmp_path / "empty").mkdir()
    beside.export(tmp_path / "empty", "export-3")
    wait_until(lambda: beside.read("status.json")["id"] == "export-3", "second export")
    wait_until(lambda: "is no session" in beside.read("status.json")["error"], "its error")


def test_an_offer_that_nobody_takes_waits_and_gets_its_receipt_when_it_is_answered(
    beside: Beside, exported: Path
) -> None:
    beside.export(exported)
    wait_until(beside.receipts, "receipt")
    (receipt,) = beside.receipts()
    assert receipt["applied"] == []
    assert WAITS in {one["reason"] for one in receipt["skipped"]}
    with script(beside.mailbox):
        wait_until(lambda: beside.receipts()[0]["applied"], "receipt of the answer")
    assert WAITS not in {one["reason"] for one in beside.receipts()[0]["skipped"]}


def test_a_client_applies_in_reaper_over_osc(tmp_path: Path, exported: Path) -> None:
    with running(tmp_path / "state", Listener()) as one:
        beat(one.mailbox)
        with script(one.mailbox):
            one.export(exported)
            wait_until(one.receipts, "plan")
        plan = next(one.state.glob("plans/*.json")).stem
        with (
            service(one.state, assistant=one.assistant) as server,
            client_of(server) as client,
            script(one.mailbox),
        ):
            client.send("/decide", "d", "*", "accept")
            client.until("/ok")
            client.send("/apply", "a", plan, "reaper", 0)
            answers = client.until("/applied", "/error")
    assert answers[0].path == "/job"
    assert answers[-1].arguments[:3] == ["a", 1, 1]


def test_faders_that_move_in_reaper_while_amas_work_waits_are_where_suggestions_begin(
    tmp_path: Path, exported: Path
) -> None:
    """The second export waits behind the first; its own faders are newer than what moved before it."""
    state, analyst = tmp_path / "state", Listener()
    analyst.gate.clear()
    told: list[OnMove] = []

    class Watched(ReaperDaw):
        def watch(
            self, on_move: OnMove, on_standing: OnStanding, stopping: threading.Event
        ) -> None:
            on_standing()
            told.append(on_move)
            stopping.wait()

    box = Mailbox(state / "reaper", "REAPER")
    daw = Watched(mailbox=box, places=tuple, patience=HASTE)
    assistant = Assistant(Store(state), {daw.name: daw}, analyst)
    one = Beside(state, assistant, analyst)
    try:
        assistant.exports.begin()
        one.export(exported, "export-1")
        wait_until(lambda: told, "watching")
        told[0](Move(session="Song", track_name="Kick", fader_db=-20.0))
        one.export(exported, "export-2")
        wait_until(lambda: one.read("status.json").get("id") == "export-2", "second export")
        told[0](Move(session="Song", track_name="Kick", pan=0.5))
        told[0](Move(session="Another", track_name="Kick", fader_db=-30.0))
        analyst.gate.set()
        wait_until(lambda: len(one.receipts()) == 2, "both receipts")
    finally:
        assistant.close()
    plans = [read_plan(path) for path in sorted(state.glob("plans/*.json"))]
    kicks = [plan.session.track(GUIDS["kick"]) for plan in plans]
    assert [(kick.fader_db, kick.pan) for kick in kicks][-1] == (-6.0, 0.5)


def test_a_service_says_that_it_runs_and_that_it_has_ended(tmp_path: Path, exported: Path) -> None:
    with running(tmp_path / "state", Listener()) as one:
        wait_until(lambda: one.read("service.json"), "sign of the service")
        assert set(one.read("service.json")) == {"schema", "pid", "time_s"}
    assert not one.read("service.json")
    one.export(exported)
    assert not one.receipts(), "nobody is there"
    with running(tmp_path / "state", Listener()) as again:
        wait_until(again.receipts, "receipt of what waited")


def test_a_daw_whose_scripts_send_is_not_looked_after(tmp_path: Path) -> None:
    daw = AskingDaw(export=tmp_path)
    taken: list[Path] = []
    looks = looking.Looking([daw], lambda daw, exported, folder: taken.append(exported()))
    before = threading.active_count()
    looks.begin()
    assert (taken, threading.active_count()) == ([tmp_path], before)
    looks.close()


@dataclass
class OddDaw(AskingDaw):
    """One whose files cannot be read for a while."""

    troubles: list[Exception] = field(default_factory=list)
    rounds: int = 0

    def attend(self) -> None:
        self.rounds += 1
        if self.troubles:
            raise self.troubles.pop()

    def leave(self) -> None:
        raise OSError

    def tell(self, folder: Path, share: float, stage: str, error: str = "") -> None:
        """Take it."""


def test_trouble_with_a_file_does_not_end_the_looking(tmp_path: Path) -> None:
    daw = OddDaw(troubles=[OSError(), DeliveryError("No."), DeliveryError("No."), ValueError()])
    taken = threading.Event()
    looks = looking.Looking([daw], lambda *_: taken.set(), every_s=0.01)
    looks.begin()
    wait_until(lambda: daw.rounds > 5, "rounds")
    daw.export = tmp_path
    assert taken.wait(5.0)
    looks.close()
