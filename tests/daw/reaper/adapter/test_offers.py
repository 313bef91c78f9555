"""What becomes of an offer that nobody takes, and of its receipt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ama_analysis.plan import Compressor, EqBand, MixPlan
from ama_bridge.daw.reaper.adapter import ReaperDaw
from ama_bridge.service.handover import Delivery, hand_over
from ama_bridge.store import Decision, Store
from tests.daw.plans import plan_with
from tests.daw.reaper.adapter.reaper import WAITS, daw_in, deliver, written
from tests.daw.reaper.played_script import answers, beat, script


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
