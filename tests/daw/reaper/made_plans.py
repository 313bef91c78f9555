"""Plans for sessions, with suggestions that are wanted and nothing measured."""

from __future__ import annotations

from ama_analysis.measurements import SessionMeasurements
from ama_analysis.plan import Gain, MixPlan, Pan, Suggestion, TargetSummary


def suggestion(track, action, number=""):
    name = f"{action.kind}:{track}{number}"
    return Suggestion(id=name, track=track, action=action, because="It is a test.", confidence=0.5)


def gain(track, fader_db, delta_db=1.0):
    return suggestion(track, Gain(delta_db=delta_db, fader_db=fader_db))


def pan(track, where):
    return suggestion(track, Pan(pan=where))


def plan_of(session, *suggestions):
    return MixPlan(
        engine="rules",
        target=TargetSummary(name="test", kind="style", loudness_lufs=-14.0, ceiling_dbtp=-1.0),
        session=session,
        measurements=SessionMeasurements(tracks={}, pairs=(), skipped={}),
        suggestions=suggestions,
    )
