"""Locked tracks, from stems to plan, by every engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ama_analysis.advise import advise
from ama_analysis.errors import SessionError
from ama_analysis.plan import MASTER, Gain
from ama_bridge.wire import plan_bytes, plan_from_bytes
from tests.advise.example import example_session

LEAD = "vox_lead"


def changing(plan, track):
    """Return what a plan would change of a track."""
    return [
        s
        for s in plan.suggestions
        if s.track == track and not (isinstance(s.action, Gain) and s.action.delta_db == 0.0)
    ]


@pytest.mark.parametrize("engine", ["rules", "cnn", "reference"])
def test_a_locked_track_is_left_as_it_is_and_others_are_not(engine):
    session = example_session()
    if engine != "reference":
        session = replace(session, references=())
    free = advise(session, engine=engine)
    assert changing(free, LEAD), "or the test shows nothing"
    plan = advise(session.with_locked([LEAD]), engine=engine)
    assert not changing(plan, LEAD)
    (said,) = (s for s in plan.suggestions if s.track == LEAD)
    assert "it is locked: leave it." in said.because
    assert any(changing(plan, t.id) for t in plan.session.tracks)
    assert {s.track for s in plan.suggestions} >= {MASTER}
    assert plan.verification is not None
    assert plan.verification.after <= plan.verification.before


def test_a_plan_remembers_what_was_locked():
    session = replace(example_session(), references=()).with_locked([LEAD])
    plan = plan_from_bytes(plan_bytes(advise(session)), name="plan", folder=Path())
    assert [track.id for track in plan.session.tracks if track.locked] == [LEAD]


def test_tracks_are_locked_by_name_or_id_and_others_freed():
    session = example_session()
    first, second = session.tracks[:2]
    locked = session.with_locked([first.id]).with_locked([second.name])
    assert [track.locked for track in locked.tracks[:2]] == [False, True]


def test_a_track_to_lock_that_is_not_there_is_told():
    with pytest.raises(SessionError, match="There is no track 'Tuba'") as told:
        example_session().with_locked(["Tuba"])
    assert told.value.code == "AMA-203"
