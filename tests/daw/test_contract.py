"""What every DAW adapter keeps, whatever is behind it: a folder, the real Ardour (one start), the fake REAPER with the very scripts of a user."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.codec import from_json
from ama_analysis.errors import AmaError, CancelledError, DeliveryError, OptionError
from ama_analysis.plan import Action, EqBand, Gain, MixPlan, Pan, Suggestion
from ama_analysis.session import Session, Track
from ama_bridge.daw import lua_scripts
from ama_bridge.daw.port import (
    RECEIPT_SCHEMA,
    LookedAfter,
    Receipt,
    Skipped,
    receipt_bytes,
    reverted_bytes,
)
from tests.bridge.plans import RATE_HZ, plan_of
from tests.bridge.services import write_stems
from tests.daw.ardour.hardour import Hardour, needs_hardour, running
from tests.daw.ardour.made_sessions import MadeTrack, make_session
from tests.daw.contract_desks import ArdourDesk, Desk, FolderDesk, ReaperDesk, hand_over

ADAPTERS = (
    "folder",
    pytest.param("ardour", marks=[pytest.mark.ardour, needs_hardour]),
    "reaper 6",
    "reaper 7",
)
REAPERS: Mapping[str, Mapping[str, Any]] = {
    "reaper 6": {"lua": "5.3", "version": "6.83", "system": "Win64", "eq_gain": "db", "eq_curve": "quarter", "texts": "kilo"},
    "reaper 7": {"lua": "5.4", "version": "7.38", "floats_effects": True},
}  # fmt: skip
"""An old one on Windows and a new one on Linux; where sources disagree about ReaEQ, one is as each of them says."""
ACTIONS: tuple[tuple[str, str, Action], ...] = (
    ("level:kick", "kick", Gain(delta_db=-9.0, fader_db=-9.0)),
    ("level:bass", "bass", Gain(delta_db=-6.0, fader_db=-6.0)),
    ("pan:bass", "bass", Pan(pan=0.25)),
    ("tone:bass", "bass", EqBand(type="bell", freq_hz=312.5, gain_db=-2.5, q=1.2)),
    ("level:ghost", "ghost", Gain(delta_db=-2.0, fader_db=-2.0)),
)
"""A plan of stems: names find the tracks. There is no ghost in any DAW."""


@pytest.fixture(scope="module")
def hardour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hardour]:
    tracks = [MadeTrack(name="Kick"), MadeTrack(name="Bass", channels=2)]
    with running(make_session(tmp_path_factory.mktemp("contract") / "song", tracks)) as started:
        yield started


@pytest.fixture(params=ADAPTERS)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    if request.param == "folder":
        yield FolderDesk(tmp_path)
    elif request.param == "ardour":
        yield ArdourDesk(request.getfixturevalue("hardour"), tmp_path)
    else:
        with ReaperDesk(tmp_path, **REAPERS[request.param]).listening() as listening:
            yield listening


@pytest.fixture
def plan(tmp_path: Path) -> MixPlan:
    stems = write_stems(tmp_path / "stems")
    stems["ghost"] = stems["kick"]
    tracks = tuple(Track(id=name, name=name.title(), path=path) for name, path in stems.items())
    session = Session(name="song", tracks=tracks, sample_rate_hz=RATE_HZ, duration_s=0.1)
    suggestions = tuple(
        Suggestion(id=name, track=track, action=action, because="It was measured.", confidence=0.5)
        for name, track, action in ACTIONS
    )
    return replace(plan_of(session), session=session, suggestions=suggestions, verification=None)


def reasons(receipt: Receipt) -> dict[str, str]:
    return {each.suggestion: each.reason for each in (*receipt.skipped, *receipt.conflicting)}


def nothing_left_to_take_back(desk: Desk) -> bool:
    """Ask once more: the script says so in a note; Ardour without scripts has nobody left to ask (AMA-706)."""
    try:
        again = desk.daw.revert()
    except DeliveryError as refused:
        return refused.code == "AMA-706"
    return again.restored == () and again.note != ""


def test_every_suggestion_stands_in_just_one_list_and_none_without_a_reason(
    desk: Desk, plan: MixPlan
) -> None:
    receipt = hand_over(desk, desk.daw, plan, "one")
    told = [*receipt.applied, *reasons(receipt)]
    assert sorted(told) == sorted(each.id for each in plan.suggestions)
    assert all(len(reason) > 10 for reason in reasons(receipt).values())
    assert (receipt.plan, receipt.daw) == ("song-0001", desk.daw.name)
    assert {"level:kick", "level:bass", "pan:bass"} <= set(receipt.applied)


def test_what_is_not_in_the_project_is_told_by_its_name(desk: Desk, plan: MixPlan) -> None:
    receipt = hand_over(desk, desk.daw, plan, "one")
    if desk.sets:
        assert "Ghost" in reasons(receipt)["level:ghost"]
    else:
        assert "level:ghost" in receipt.applied


def test_what_was_applied_was_read_back_as_it_was_asked(desk: Desk, plan: MixPlan) -> None:
    receipt = hand_over(desk, desk.daw, plan, "one")
    told = {each.suggestion for each in receipt.read_back}
    assert told == (set(receipt.applied) if desk.sets else set())
    assert all(math.isfinite(each.asked) and math.isfinite(each.read) for each in receipt.read_back)


def test_the_mixer_is_set_and_goes_back_to_what_it_was(desk: Desk, plan: MixPlan) -> None:
    before = desk.mixer()
    hand_over(desk, desk.daw, plan, "one")
    if not desk.sets:
        with pytest.raises(OptionError) as refused:
            desk.daw.revert()
        assert refused.value.code == "AMA-502"
        return
    assert all(desk.mixer()[name] != before[name] for name in ("Kick", "Bass"))
    reverted = desk.daw.revert()
    assert desk.mixer() == before
    assert len(reverted.restored) >= 3
    assert (reverted.conflicting, reverted.gone) == ((), ())
    assert json.loads(reverted_bytes(reverted))["daw"] == desk.daw.name
    assert nothing_left_to_take_back(desk)
    assert desk.mixer() == before


def test_two_hand_overs_go_back_one_by_one(desk: Desk, plan: MixPlan) -> None:
    if not desk.sets:
        return
    kick, bass = (plan.only(frozenset({name})) for name in ("level:kick", "level:bass"))
    states = [desk.mixer()]
    for name, each in (("one", kick), ("two", bass)):
        hand_over(desk, desk.daw, each, name)
        states.append(desk.mixer())
    assert states[0] != states[1] != states[2]
    for wanted in (states[1], states[0]):
        desk.daw.revert()
        assert desk.mixer() == wanted


def test_files_of_a_receipt_lie_in_its_folder_and_it_can_be_read_again(
    desk: Desk, plan: MixPlan
) -> None:
    receipt = hand_over(desk, desk.daw, plan, "one")
    folder = desk.folder / "one"
    assert all((folder / name).is_file() for name in receipt.files)
    document = json.loads(receipt_bytes(receipt))
    assert document.pop("schema") == RECEIPT_SCHEMA
    assert from_json(document, Receipt) == receipt


def test_nothing_to_hand_over_is_a_receipt_of_nothing(desk: Desk, plan: MixPlan) -> None:
    before = desk.mixer()
    receipt = hand_over(desk, desk.daw, plan.only(frozenset()), "one")
    assert (receipt.applied, reasons(receipt)) == ((), {})
    assert desk.mixer() == before


def test_a_hand_over_that_waits_can_be_cancelled_and_the_next_one_works(
    desk: Desk, plan: MixPlan
) -> None:
    before, told = desk.mixer(), []

    def cancel(share: float, _stage: str) -> None:
        told.append(share)
        message = "enough"
        raise CancelledError(message)

    with desk.busy():
        try:
            hand_over(desk, desk.daw, plan, "one", on_progress=cancel)
        except CancelledError:
            pass
        else:
            assert not told  # Ardour by OSC alone waits for nothing
    assert len(told) <= 1
    assert not told or desk.mixer() == before
    assert "level:kick" in hand_over(desk, desk.daw, plan, "two").applied


def test_where_no_daw_answers_nothing_is_left_behind(desk: Desk, plan: MixPlan) -> None:
    if not desk.sets:
        return
    for attempt in (
        lambda: hand_over(desk, desk.nobody(), plan, "one"),
        lambda: desk.nobody().revert(),
    ):
        with pytest.raises(DeliveryError) as told:
            attempt()
        assert told.value.code == "AMA-704"
        assert told.value.hint
    wishes = ("request.json", "revert.json")
    assert not [
        path
        for path in desk.folder.glob("*/*.json")
        if path.name in wishes and path.parent.name != "one"
    ]


def test_one_hand_over_at_a_time(desk: Desk, plan: MixPlan) -> None:
    if not isinstance(desk, ReaperDesk | ArdourDesk):
        return
    mailbox = desk.daw.mailbox  # type: ignore[attr-defined]  # both have one
    with mailbox.held(), pytest.raises(DeliveryError) as told:
        hand_over(desk, desk.daw, plan, "one")
    assert told.value.code == "AMA-703"
    assert "level:kick" in hand_over(desk, desk.daw, plan, "two").applied


def test_what_the_daw_hears_has_the_same_tracks_and_no_export_waits(
    desk: Desk, plan: MixPlan
) -> None:
    heard = desk.daw.heard(plan.session)
    assert [track.id for track in heard.tracks] == [track.id for track in plan.session.tracks]
    assert desk.daw.waiting_export() is None
    with pytest.raises(AmaError):
        desk.daw.exported("no such")
    if isinstance(desk.daw, LookedAfter):
        desk.daw.attend()
        desk.daw.tell(desk.folder, 0.5, "measuring")
        desk.daw.leave()


def test_reaper_asks_and_sets_what_the_user_leaves_ticked(tmp_path: Path, plan: MixPlan) -> None:
    with ReaperDesk(tmp_path).listening() as desk:
        desk.answer = "Apply "
        receipt = hand_over(desk, desk.daw, plan, "one", ask=True)
    assert len(receipt.applied) == 4, reasons(receipt)


def test_reaper_where_the_user_cancels_sets_nothing(tmp_path: Path, plan: MixPlan) -> None:
    with ReaperDesk(tmp_path).listening() as desk:
        before = desk.mixer()
        desk.answer = "Cancel"
        receipt = hand_over(desk, desk.daw, plan, "one", ask=True)
        assert desk.mixer() == before
    assert receipt.applied == ()
    assert not desk.fake.undo_points


@pytest.mark.parametrize("daw", ["ardour", "reaper"])
def test_a_script_says_not_ticked_in_the_words_that_are_learned_from(daw: str) -> None:
    text = (Path(lua_scripts.__file__).parent / "scripts" / daw / "request.lua").read_text()
    reason = re.search(r'NOT_TICKED = "(.*)"', text)
    assert reason is not None
    assert Skipped(suggestion="level:kick", reason=reason[1]).is_unticked
