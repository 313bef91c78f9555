"""Suggestions that this user usually leaves out: still offered, less sure, and they say so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ama_analysis.plan import Suggestion
from ama_analysis.preferences.values import Habit, Taste


def with_habits(suggestions: Iterable[Suggestion], taste: Taste) -> tuple[Suggestion, ...]:
    """Return all suggestions; those of rules that are usually left out with less confidence and with that reason."""
    return tuple(_marked(one, taste.rules.get(one.rule)) for one in suggestions)


def _marked(suggestion: Suggestion, habit: Habit | None) -> Suggestion:
    if habit is None or habit.sure >= 1.0:
        return suggestion
    why = f"You mostly left such suggestions out in {habit.refused} of {habit.sessions} sessions."
    return replace(
        suggestion,
        because=f"{suggestion.because} {why}",
        confidence=round(suggestion.confidence * habit.sure, 2),
    )
