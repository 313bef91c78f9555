"""Ardour as a DAW: what becomes of what a script answers, as a file or over OSC.

The Ardour is real, and has no window, so that no action of its starts by itself; the test plays AMA's script, as a file and over OSC. The scripts
themselves run in test_round_trip and test_window.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.plan import Gain, MixPlan
from ama_bridge.daw.ardour.adapter import ArdourDaw
from ama_bridge.daw.ardour.mailbox import ArdourMailbox
from ama_bridge.daw.documents import document_bytes
from tests.daw.ardour.adapter.played import answer, deliver, result_of, script, send_text
from tests.daw.ardour.hardour import needs_hardour

pytestmark = [pytest.mark.ardour, needs_hardour]


def test_an_answer_in_the_mailbox_becomes_a_receipt(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    with script(daw.mailbox, answer):
        receipt = deliver(daw, plan, tmp_path / "song-0001-1", ask=True)
    assert (receipt.daw, receipt.plan, receipt.notes) == ("ardour", "song-0001", ())
    assert len(receipt.applied) == 1
    assert {one.suggestion for one in receipt.skipped} | set(receipt.applied) == {
        s.id for s in plan.suggestions
    }
    (read,) = receipt.read_back
    assert (read.suggestion, read.what, read.asked, read.read) == (
        receipt.applied[0],
        "gain",
        0.5,
        0.5,
    )
    assert {p.name for p in (tmp_path / "song-0001-1").iterdir()} == {"request.json", "result.json"}


def test_an_answer_over_osc_alone_does_as_well_and_is_kept(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    """In Ardour's sandbox a script cannot write."""
    journal = {"schema": "ama.ardour.journal/1", "id": "song-0001-2"}

    def play(request: dict[str, Any], box: ArdourMailbox) -> None:
        send_text(request["answer_port"], "begun", request["id"], "")
        send_text(request["answer_port"], "journal", request["id"], json.dumps(journal))
        text = document_bytes(result_of(request)).decode("utf-8")
        send_text(request["answer_port"], "result", request["id"], text)

    with script(daw.mailbox, play):
        receipt = deliver(daw, plan, tmp_path / "song-0001-2")
    assert len(receipt.applied) == 1
    assert len(receipt.skipped) == 2
    box = daw.mailbox
    assert box.journals() == ("song-0001-2",)
    assert json.loads((box.folder / "journal-song-0001-2.json").read_bytes()) == journal
    assert (box.folder / "result-song-0001-2.json").is_file()


def test_what_the_script_writes_itself_is_not_written_over(daw: ArdourDaw) -> None:
    """A later state of the journal lies there already when an older one arrives as text."""
    daw.mailbox.folder.mkdir(parents=True)
    path = daw.mailbox.folder / "journal-x-1.json"
    path.write_text("{}")
    assert daw.take_text("journal", "x-1", (0, 1), '{"older": 1}') is None
    assert path.read_text() == "{}"


def test_a_fader_that_stays_is_told_and_not_asked_for(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    offered: list[str] = []

    def play(request: dict[str, Any], box: ArdourMailbox) -> None:
        offered.extend(one["id"] for one in request["suggestions"])
        answer(request, box)

    first, *others = plan.suggestions
    keep = replace(first, id="keep:kick", action=Gain(delta_db=0.0, fader_db=0.0))
    with script(daw.mailbox, play):
        receipt = deliver(daw, replace(plan, suggestions=(keep, *others)), tmp_path / "song-0003-1")
    assert offered == [s.id for s in others]
    assert {s.suggestion: s.reason for s in receipt.skipped}["keep:kick"].endswith("where it is")


def test_a_plan_of_ardours_own_tracks_is_for_its_session_alone(
    daw: ArdourDaw, plan: MixPlan, tmp_path: Path
) -> None:
    """Ids of stems mean whichever session is open; ids of Ardour's mean the one that they came from."""
    wanted = []

    def play(request: dict[str, Any], box: ArdourMailbox) -> None:
        wanted.append(request["session"])
        answer(request, box)

    tracks = plan.session.tracks
    ids = {track.id: str(100 + at) for at, track in enumerate(tracks)}
    session = replace(plan.session, tracks=tuple(replace(t, id=ids[t.id]) for t in tracks))
    suggestions = tuple(replace(s, track=ids[s.track]) for s in plan.suggestions)
    from_ardour = replace(plan, session=session, suggestions=suggestions)
    for at, one in enumerate((plan, from_ardour)):
        with script(daw.mailbox, play):
            deliver(daw, one, tmp_path / f"song-0002-{at}")
    assert wanted == ["", "song"]


def test_revert_brings_what_the_script_answers(daw: ArdourDaw) -> None:
    item = {"what": "fader", "track": "121", "name": "Bass"}
    answer = {
        "schema": "ama.taken_back/1",
        "id": "song-0001-1",
        "restored": [item],
        "gone": [],
        "conflicting": [item | {"reason": "it was moved since"}],
    }

    def play(wish: dict[str, Any], box: ArdourMailbox) -> None:
        assert wish["ask"] is False
        (box.folder / "reverted-song-0001-1.json").write_text(json.dumps(answer))

    with script(daw.mailbox, play, wish="revert.json"):
        reverted = daw.revert()
    assert (reverted.id, reverted.restored) == ("song-0001-1", ("Bass: fader",))
    assert reverted.conflicting == ("Bass: fader (it was moved since)",)
