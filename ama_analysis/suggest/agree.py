"""Where rules touch the same thing: merge, rank, and keep the number small."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from ama_analysis.plan import EqBand, MasterEq, Suggestion

EQ_MOST: Final = 3
"""More than 3 to 4 bands on a track suggest going back to the recording (Senior, Sound on Sound)."""
SAME_OCT: Final = 0.4
"""Two bands nearer than this work on the same thing (AMA's choice)."""
ALLY: Final = 0.05
"""What a second rule that wants the same adds to the confidence (AMA's choice)."""


def agree(proposals: Iterable[Suggestion], *, order: Sequence[str]) -> tuple[Suggestion, ...]:
    """Return the proposals with one action of a kind on a track, at most three equaliser bands, sorted by `order` of tracks.

    Where two rules want the same kind on one track the surer one stays (of equaliser bands within 0.4 octaves the deeper one), and takes over the
    other's reason, if that gives the same values; within a track the order of the rules is kept.
    """
    kept: list[Suggestion] = []
    for proposal in proposals:
        rival = next((index for index, other in enumerate(kept) if _touch(other, proposal)), None)
        if rival is None:
            kept.append(proposal)
        else:
            kept[rival] = _merged(kept[rival], proposal)
    place = {track: index for index, track in enumerate(order)}
    return tuple(sorted(_capped(kept), key=lambda s: place.get(s.track, len(place))))


def _touch(one: Suggestion, other: Suggestion) -> bool:
    if one.track != other.track or one.action.kind != other.action.kind:
        return False
    if isinstance(one.action, EqBand | MasterEq) and isinstance(other.action, EqBand | MasterEq):
        return abs(math.log2(one.action.freq_hz / other.action.freq_hz)) < SAME_OCT
    return True


def _merged(first: Suggestion, second: Suggestion) -> Suggestion:
    weights = [_weight(first), _weight(second)]
    winner, loser = (first, second) if weights[0] >= weights[1] else (second, first)
    if winner.action == loser.action:
        winner = replace(winner, because=f"{winner.because} {loser.because}")
    elif not _wish_alike(winner, loser):
        return winner
    return replace(winner, confidence=round(min(winner.confidence + ALLY, 1.0), 2))


def _wish_alike(one: Suggestion, other: Suggestion) -> bool:
    """Return whether two want the same, though not in the same values: bands that both cut or both raise."""
    if isinstance(one.action, EqBand | MasterEq) and isinstance(other.action, EqBand | MasterEq):
        return one.action.gain_db * other.action.gain_db > 0.0
    return False


def _weight(suggestion: Suggestion) -> float:
    """Return what decides between two: depth for bands, else confidence."""
    if isinstance(suggestion.action, EqBand | MasterEq):
        return abs(suggestion.action.gain_db)
    return suggestion.confidence


def _capped(suggestions: Sequence[Suggestion]) -> list[Suggestion]:
    kept = []
    for suggestion in suggestions:
        if isinstance(suggestion.action, EqBand):
            bands = [
                s
                for s in suggestions
                if s.track == suggestion.track and isinstance(s.action, EqBand)
            ]
            best = sorted(bands, key=lambda s: (-s.confidence * _weight(s), s.id))[:EQ_MOST]
            if suggestion not in best:
                continue
        kept.append(suggestion)
    return kept
