"""Tracks that are left and right of one another, told by their names: "OH L" and "OH R", "Left Piano" and "Right Piano".

They are one recording: what shapes one side shapes the other in the same way, or the image would lean.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ama_analysis.bands import Indices
from ama_analysis.plan import Suggestion
from ama_analysis.roles import split_words
from ama_analysis.suggest.rule import Voice

_LEFT: Final = frozenset({"l", "left", "links", "gauche", "izquierda", "esquerda", "sinistra"})
_RIGHT: Final = frozenset({"r", "right", "rechts", "droite", "derecha", "direita", "destra"})
_TOGETHER: Final = {"ohl": ("oh", "l"), "ohr": ("oh", "r")}
"""Words that engineers write without a gap."""
_MONO: Final = 1e-3
"""Side over mid: a mono track in a stereo file has no more, whatever dither is on it (AMA's choice)."""
_PLACING: Final = frozenset({"gain", "pan", "polarity"})
"""What a pair's own rules see to, or what puts one side right against the other."""


def stereo_pairs(voices: Sequence[Voice]) -> Indices:
    """Return where in their row left and right of each pair are, (k, 2): two mono tracks of one role whose names differ by their side alone."""
    sides: dict[tuple[str, ...], tuple[list[int], list[int]]] = {}
    for place, voice in enumerate(voices):
        words = [w for word in split_words(voice.track.name) for w in _TOGETHER.get(word, (word,))]
        told = [word for word in words if word in _LEFT | _RIGHT]
        if len(told) == 1 and voice.heard.stereo.width <= _MONO:
            rest = ("" if word == told[0] else word for word in words)
            pair = sides.setdefault((voice.role, *rest), ([], []))
            pair[told[0] in _RIGHT].append(place)
    pairs = [left + right for left, right in sides.values() if len(left) == len(right) == 1]
    return np.array(pairs, dtype=int).reshape(-1, 2)


def other_sides(voices: Sequence[Voice]) -> dict[str, str]:
    """Return by the track id of each side of a pair the track id of its other side."""
    ids = [(voices[left].track.id, voices[right].track.id) for left, right in stereo_pairs(voices)]
    return {one: other for left, right in ids for one, other in ((left, right), (right, left))}


def alike(voices: Sequence[Voice], proposals: Iterable[Suggestion]) -> list[Suggestion]:
    """Return proposals of which both sides of a pair get filters, bands and dynamics alike: each rule's for the side of which it is surer (else for the left)."""
    said = list(proposals)
    for places in stereo_pairs(voices).tolist():
        pair = {voices[at].track.id: voices[at] for at in places}
        shaping = [s for s in said if s.track in pair and s.action.kind not in _PLACING]
        said = [s for s in said if s not in shaping]
        for rule in dict.fromkeys(s.rule for s in shaping):
            spoken = [s for s in shaping if s.rule == rule]
            sure = {track: sum(s.confidence for s in spoken if s.track == track) for track in pair}
            speaker, follower = sorted(pair, key=lambda track: -sure[track])
            for one in (s for s in spoken if s.track == speaker):
                said += (one, _followed(one, pair[speaker], pair[follower]))
    return said


def _followed(one: Suggestion, speaker: Voice, follower: Voice) -> Suggestion:
    """Return a suggestion for one side as it is for the other."""
    track = follower.track.id
    return replace(
        one,
        id=f"{one.rule}:{track}{one.tail}",
        track=track,
        because=f"The same as on {speaker.track.name}, its other side, so that the image stays. {one.because}",
    )
