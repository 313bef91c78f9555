"""Offers that wait in the mailbox, users who do not answer, scripts that fall silent, and what is called off."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.errors import CancelledError, DeliveryError
from ama_analysis.plan import MixPlan
from ama_bridge.daw.ardour.adapter import ArdourDaw
from ama_bridge.daw.ardour.mailbox import ArdourMailbox
from ama_bridge.daw.documents import document_bytes
from ama_bridge.daw.port import receipt_at, receipt_bytes
from ama_bridge.daw.waiting import Patience
from tests.daw.ardour.adapter.played import answer, called_off, deliver, result_of, script
from tests.daw.ardour.hardour import free_port, needs_hardour, running
from tests.daw.ardour.made_sessions import MadeTrack, make_session

pytestmark = [pytest.mark.ardour, needs_hardour]


def test_an_ardour_that_is_not_there_is_told_at_once_and_nothing_waits_for_it(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    nobody = replace(daw, port=free_port())
    with pytest.raises(DeliveryError, match="No Ardour answers") as caught:
        deliver(nobody, plan, tmp_path / "song-0001-3")
    assert caught.value.code == "AMA-704"
    assert not daw.mailbox.request.exists()


@pytest.mark.parametrize("port", [None, 0])
def test_an_offer_waits_in_the_mailbox_until_the_user_presses_the_button(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path, port: int | None
) -> None:
    """OSC may be off, or the script may not start by itself."""
    offering = replace(daw, port=free_port()) if port == 0 else daw
    folder = tmp_path / "song-0004-1"
    receipt = deliver(offering, plan, folder, ask=True, agreed=frozenset())
    assert {one.reason for one in receipt.skipped} == {"it waits in Ardour: press AMA Apply there"}
    request = json.loads(daw.mailbox.request.read_text(encoding="utf-8"))
    assert (request["id"], request["answer_port"]) == ("song-0004-1", 0)
    text = document_bytes(result_of(request)).decode("utf-8")
    offering.take_text("result", request["id"], (0, 1), text)
    written = json.loads((folder / "receipt.json").read_text(encoding="utf-8"))
    assert len(written["applied"]) == 1
    assert len(written["read_back"]) == 1


def test_an_offer_that_was_answered_while_no_service_ran_gets_its_receipt_with_the_next(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    offering = replace(daw, port=free_port())
    first, second = tmp_path / "song-0005-1", tmp_path / "song-0005-2"
    deliver(offering, plan, first, ask=True, agreed=frozenset())
    request = json.loads(daw.mailbox.request.read_text(encoding="utf-8"))
    daw.mailbox.request.unlink()
    daw.mailbox.path_of("result", first.name).write_bytes(document_bytes(result_of(request)))
    deliver(offering, plan, second, ask=True, agreed=frozenset())
    written = json.loads((first / "receipt.json").read_text(encoding="utf-8"))
    assert len(written["applied"]) == 1
    assert [p.name for p in daw.mailbox.folder.glob("left-*")] == [f"left-{second.name}.json"]


def test_an_offer_that_nobody_saw_gives_way_to_the_next_and_its_receipt_says_so(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    offering = replace(daw, port=free_port())
    first = tmp_path / "song-0006-1"
    receipt = deliver(offering, plan, first, ask=True, agreed=frozenset())
    (first / "receipt.json").write_bytes(receipt_bytes(receipt))
    deliver(offering, plan, tmp_path / "song-0006-2", ask=True, agreed=frozenset())
    replaced = receipt_at(first / "receipt.json")
    assert replaced is not None
    assert {one.reason for one in replaced.skipped} == {
        "a later plan took its place before it was answered"
    }


@pytest.mark.parametrize("ask", [True, False])
def test_a_script_that_begins_and_falls_silent_leaves_it_uncertain(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path, ask: bool
) -> None:
    with (
        script(daw.mailbox, lambda request, box: None),
        pytest.raises(DeliveryError, match="no result came") as caught,
    ):
        deliver(daw, plan, tmp_path / "song-0001-6", ask=ask)
    assert caught.value.code == "AMA-705"
    assert "AMA Revert" in caught.value.hint


def test_cancelling_withdraws_what_no_script_has_read(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    waiting = replace(daw, patience=Patience())
    seen = []

    def on_progress(fraction: float, stage: str) -> None:
        seen.append(stage)
        if "AMA Apply" in stage:
            assert daw.mailbox.request.exists()
            message = "enough"
            raise CancelledError(message)

    with pytest.raises(CancelledError):
        deliver(waiting, plan, tmp_path / "song-0001-7", ask=True, on_progress=on_progress)
    assert seen[-1] == "starting AMA Apply"
    assert not daw.mailbox.request.exists()


def test_cancelling_calls_off_what_a_script_has_in_its_dialog(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    waiting = replace(daw, patience=Patience())

    def on_progress(fraction: float, stage: str) -> None:
        if stage == "AMA Apply in Ardour":
            raise KeyboardInterrupt

    with script(daw.mailbox, lambda request, box: None), pytest.raises(KeyboardInterrupt):
        deliver(waiting, plan, tmp_path / "song-0001-7", ask=True, on_progress=on_progress)
    assert called_off(daw.mailbox) == ["song-0001-7"]


def test_a_user_who_does_not_answer_is_not_waited_for_and_it_is_called_off(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    wishes = []

    def begin(wish: dict[str, Any], box: ArdourMailbox) -> None:
        wishes.append(wish["wish"])

    with (
        script(daw.mailbox, begin, wish="revert.json"),
        pytest.raises(DeliveryError, match="no result came") as caught,
    ):
        daw.revert(ask=True)
    assert "still open there does nothing any more" in caught.value.hint
    assert called_off(daw.mailbox) == wishes


def test_what_is_answered_or_was_never_begun_is_not_called_off(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    """An offer stays in the mailbox under its id, for the user who presses AMA Apply later."""

    with script(daw.mailbox, answer):
        deliver(daw, plan, tmp_path / "song-0005-1", ask=True)
    deliver(daw, plan, tmp_path / "song-0005-2", ask=True, agreed=frozenset())
    assert daw.mailbox.request.exists()
    assert called_off(daw.mailbox) == []


def test_while_one_waits_for_the_user_another_is_refused(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    with daw.mailbox.held(), pytest.raises(DeliveryError, match="waits for Ardour already"):
        deliver(daw, plan, tmp_path / "song-0001-8")


def test_an_ardour_that_goes_away_while_a_script_works_leaves_it_uncertain(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    """It has an Ardour of its own, which ends in the middle."""
    with running(make_session(tmp_path / "song", [MadeTrack(name="Kick")])) as another:
        waiting = replace(daw, port=another.port, patience=replace(Patience(), alive_s=0.2))
        with (
            script(daw.mailbox, lambda request, box: another.end()),
            pytest.raises(DeliveryError, match="went away") as caught,
        ):
            deliver(waiting, plan, tmp_path / "song-0001-9", ask=True)
    assert caught.value.code == "AMA-705"
