"""Plans of given actions, to be handed over to a DAW."""

from __future__ import annotations

from dataclasses import replace

from ama_analysis.plan import Action, MixPlan, Suggestion
from ama_analysis.session import Session
from tests.bridge.plans import plan_of


def plan_with(session: Session, *actions: tuple[str, Action]) -> MixPlan:
    """Return a plan of these actions on tracks, by id or as the stems are named, or on "master"."""
    ids = {track.name.lower(): track.id for track in session.tracks}
    suggestions = tuple(
        Suggestion(
            id=f"{action.kind}:{track}:{nth}",
            track=ids.get(track, track),
            action=action,
            because="It was measured.",
            confidence=0.8,
        )
        for nth, (track, action) in enumerate(actions)
    )
    return replace(plan_of(session), session=session, suggestions=suggestions)
