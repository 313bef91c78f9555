"""Tracks that are left and right of one another, told by their names: "OH L" and "OH R", "Left Piano" and "Right Piano"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ama_analysis.bands import Indices
from ama_analysis.roles import split_words
from ama_analysis.suggest.rule import Voice

_LEFT: Final = frozenset({"l", "left", "links", "gauche", "izquierda", "esquerda", "sinistra"})
_RIGHT: Final = frozenset({"r", "right", "rechts", "droite", "derecha", "direita", "destra"})
_TOGETHER: Final = {"ohl": ("oh", "l"), "ohr": ("oh", "r")}
"""Words that engineers write without a gap."""
_MONO: Final = 1e-3
"""Side over mid: a mono track in a stereo file has no more, whatever dither is on it (AMA's choice)."""


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
