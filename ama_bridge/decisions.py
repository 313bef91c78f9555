"""What the user says to suggestions, and the plan that is left of it. Pure.

A preview (render) takes everything that was not rejected; applying takes only what was accepted or edited.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ama_analysis.codec import CodecError, from_json
from ama_analysis.errors import OptionError, PlanError
from ama_analysis.plan import MASTER, Action, Gain, MixPlan, Suggestion
from ama_bridge.store import Decision, Verdict
from ama_bridge.wire import KINDS, Value, edited, values_of

EVERY: Final = "*"
"""The suggestion id that means all suggestions of the plan."""
_AGREE_DB: Final = 0.05
"""How far a gain's two values may contradict each other (half of the last digit that people type)."""


def suggestion_of(plan: MixPlan, suggestion_id: str) -> Suggestion:
    """Return the suggestion of that id; `PlanError` (AMA-402) if the plan has none."""
    for suggestion in plan.suggestions:
        if suggestion.id == suggestion_id:
            return suggestion
    message = f"The plan for {plan.session.name!r} has no suggestion {suggestion_id!r}."
    raise PlanError(message, hint="Ask for suggestions again to see their ids.", code="AMA-402")


def meant_by(suggestion_id: str, plan: MixPlan, verdict: Verdict) -> tuple[Suggestion, ...]:
    """Return the suggestion of that id, or with "*" all of the plan; `OptionError` for an edit of all."""
    if suggestion_id != EVERY:
        return (suggestion_of(plan, suggestion_id),)
    if verdict == "edit":
        message = "An edit is for one suggestion, not for all."
        raise OptionError(message, hint="Name the suggestion.")
    return plan.suggestions


def decision_of(
    plan: MixPlan, suggestion: Suggestion, verdict: Verdict, values: Sequence[Value]
) -> Decision:
    """Return the decision; `OptionError` where values come without an edit, or do not fit the action's kind."""
    kind = suggestion.action.kind
    if verdict != "edit":
        if values:
            message = f"{verdict} takes no values."
            raise OptionError(message, hint="Send edit with the new values.")
        return Decision(verdict=verdict, kind=kind)
    action = _consistent(plan, suggestion, edited(suggestion.action, values), len(values))
    named = values_of(action)
    return Decision(
        verdict="edit",
        kind=kind,
        values={k: float(v) for k, v in named.items() if isinstance(v, int | float)},
        words={k: v for k, v in named.items() if isinstance(v, str)},
    )


def _consistent(plan: MixPlan, suggestion: Suggestion, action: Action, given: int) -> Action:
    """Let a gain's fader follow its step; `OptionError` where both were given and contradict each other."""
    if not isinstance(action, Gain) or suggestion.track == MASTER:
        return action
    now_db = plan.session.track(suggestion.track).fader_db
    follows_db = now_db + action.delta_db
    if given > 1 and abs(follows_db - action.fader_db) > _AGREE_DB:
        message = (
            f"The values contradict each other: {action.delta_db:+g} dB from {now_db:g} dB is "
            f"{follows_db:g} dB, not {action.fader_db:g} dB."
        )
        raise OptionError(message, hint="Send the step alone, or both in agreement.")
    try:
        return replace(action, fader_db=follows_db)
    except ValueError as error:
        raise OptionError(f"The fader cannot go there: {error}.") from error


def _edited_suggestion(suggestion: Suggestion, decision: Decision) -> Suggestion:
    merged = values_of(suggestion.action) | decision.values | decision.words
    kind = suggestion.action.kind
    whole: dict[str, object] = {
        name: bool(merged[name]) if isinstance(old, bool) else merged[name]
        for name, old in values_of(suggestion.action).items()
    }
    try:
        action: Action = from_json(whole, KINDS[kind], kind)
    except CodecError as error:
        message = f"The edit of {suggestion.id!r} does not fit: {error}."
        raise PlanError(message, hint="Send it again.") from error
    return replace(suggestion, action=action, effect=None)


def previewed(plan: MixPlan, decisions: Mapping[str, Decision]) -> MixPlan:
    """Return the plan without what was rejected, with edits in place."""
    return _kept(plan, decisions, without_a_word=True)


def heard_only(plan: MixPlan, decisions: Mapping[str, Decision], only: Collection[str]) -> MixPlan:
    """Return the plan with the suggestions of these ids alone, edits in place; one that is named is in even where it was rejected.

    `PlanError` (AMA-402) for an id that the plan does not have.
    """
    for suggestion_id in only:
        suggestion_of(plan, suggestion_id)
    edits = {name: one for name, one in decisions.items() if one.verdict == "edit"}
    return previewed(plan, edits).only(frozenset(only))


def accepted(plan: MixPlan, decisions: Mapping[str, Decision]) -> MixPlan:
    """Return the plan with only what was accepted or edited."""
    return _kept(plan, decisions, without_a_word=False)


def _kept(plan: MixPlan, decisions: Mapping[str, Decision], *, without_a_word: bool) -> MixPlan:
    kept = []
    for suggestion in plan.suggestions:
        decision = decisions.get(suggestion.id)
        if decision is None:
            if without_a_word:
                kept.append(suggestion)
        elif decision.verdict == "accept":
            kept.append(suggestion)
        elif decision.verdict == "edit":
            kept.append(_edited_suggestion(suggestion, decision))
    if tuple(kept) == plan.suggestions:
        return plan
    return replace(plan, suggestions=tuple(kept), verification=None)
