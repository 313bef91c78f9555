"""What is said when a script falls silent or there is another; what is asked for; and taking back."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.errors import CancelledError, DeliveryError
from ama_analysis.plan import Gain, MixPlan
from ama_bridge.daw.reaper.adapter import ReaperDaw
from tests.daw.reaper.adapter.reaper import HASTE, PATIENT_S, deliver
from tests.daw.reaper.played_script import beat, says_nothing, script


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
