"""Suggestions that set one thing of a track anew: the last counts, as in the audition (`render.strip`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ama_analysis.plan import Suggestion

PLACING: Final = frozenset({"gain", "pan", "polarity"})
"""What a track holds once, beside its effects."""


def set_anew(suggestions: Sequence[Suggestion]) -> dict[str, str]:
    """Return which suggestions a later one sets anew, by id, each with the reason."""
    placing = [s for s in suggestions if s.action.kind in PLACING]
    last = {(s.track, s.action.kind): s.id for s in placing}
    finals = {s.id: last[s.track, s.action.kind] for s in placing}
    return {
        s.id: f"{finals[s.id]} sets the {s.action.kind} of this strip anew"
        for s in placing
        if finals[s.id] != s.id
    }
