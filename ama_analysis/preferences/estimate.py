"""From lessons to a taste.

Faders: each user has an offset for a role, and in each style one that differs a little from it; what a session shows of it scatters. Both are
normal, so that few sessions are drawn towards none (the shrinkage of James and Stein 1961; Efron & Morris 1975). One fader in twenty says
nothing of the user (a wish of that song, a slip), and may lie anywhere: a mixture with a flat part (Box & Tiao 1968), under which a single odd
value hardly counts while several alike do. The posterior is summed on a grid, so nothing is approximated and the order does not matter.

Rules: how often a user keeps a rule's suggestions has a beta prior, three kept to one refused, and each session is one vote.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from ama_analysis.preferences.values import (
    NO_TASTE,
    By,
    Habit,
    Lesson,
    Liking,
    Preferences,
    Taste,
)

ROLE_SPREAD_DB: Final = 1.3
STYLE_SPREAD_DB: Final = 0.75
"""How far users differ in a role, and styles of one user (AMA's choice; together 1.5 dB, where engineers differ by 2 to 3 LU in mixes of one song)."""
SCATTER_DB: Final[dict[By, float]] = {"edit": 1.2, "keep": 2.5, "accept": 4.0}
"""How far from the usual place one session shows a fader: edited; moved though AMA would have left it where it lay within its range; taken as suggested, which is
how people treat what is not wrong enough (AMA's choice)."""
ODD_SHARE: Final = 0.05
ODD_SPAN_DB: Final = 24.0
"""The part of faders that say nothing of the user, and the range in which these lie."""
SESSIONS_LEAST: Final = 2
"""Once is not usually."""
LEAST_DB: Final = 0.3
"""A smaller offset is not worth a sentence."""
MOST_DB: Final = 6.0
"""As far as the rules go from equal loudness."""
KEPT_BEFORE: Final = 3.0
REFUSED_BEFORE: Final = 1.0
DOUBT_BELOW: Final = 0.6
"""A rule that is kept less often loses confidence: after two sessions in which it was refused, or two of four (AMA's choice)."""
_GRID_DB: Final = np.arange(-240, 241) * 0.05


class _Seen(NamedTuple):
    style: str
    offset_db: float
    by: By


def taste_of(preferences: Preferences, style: str) -> Taste:
    """Return what the lessons amount to in a style; a session that has several plans counts once, by its newest."""
    if not preferences.lessons:
        return NO_TASTE
    roles = sorted({role for one in preferences.lessons for role in one.faders})
    rules = sorted({rule for one in preferences.lessons for rule in one.rules})
    return Taste(
        faders={role: _liking(_faders(preferences.lessons, role), style) for role in roles},
        rules={rule: _habit(preferences.lessons, rule) for rule in rules},
    )


def _faders(lessons: Iterable[Lesson], role: str) -> list[_Seen]:
    newest = {
        one.session: _Seen(one.style, one.faders[role].offset_db, one.faders[role].by)
        for one in lessons
        if role in one.faders
    }
    return list(newest.values())


def _liking(seen: Sequence[_Seen], style: str) -> Liking:
    here = [one for one in seen if one.style == style]
    elsewhere = [one for one in seen if one.style != style]
    middle_db, spread_db = 0.0, math.hypot(ROLE_SPREAD_DB, STYLE_SPREAD_DB)
    if elsewhere:
        styles = len({one.style for one in elsewhere})
        middle_db, error_db = _posterior(0.0, ROLE_SPREAD_DB, elsewhere)
        spread_db = math.hypot(error_db, STYLE_SPREAD_DB * math.sqrt(1.0 + 1.0 / styles))
    offset_db, error_db = _posterior(middle_db, spread_db, here)
    sessions = sum(one.by != "accept" for one in seen)
    sure = sessions >= SESSIONS_LEAST and abs(offset_db) >= LEAST_DB
    return Liking(
        offset_db=offset_db,
        spread_db=error_db,
        sessions=sessions,
        applied_db=round(min(max(offset_db, -MOST_DB), MOST_DB), 1) + 0.0 if sure else 0.0,
    )


def _posterior(middle_db: float, spread_db: float, seen: Sequence[_Seen]) -> tuple[float, float]:
    """Return mean and standard deviation of an offset with a normal prior, after what was seen."""
    log_density = -0.5 * ((_GRID_DB - middle_db) / spread_db) ** 2
    for one in seen:
        scatter_db = SCATTER_DB[one.by]
        usual = np.exp(-0.5 * ((_GRID_DB - one.offset_db) / scatter_db) ** 2)
        usual *= (1.0 - ODD_SHARE) / (scatter_db * math.sqrt(2.0 * math.pi))
        log_density = log_density + np.log(usual + ODD_SHARE / ODD_SPAN_DB)
    weights = np.exp(log_density - log_density.max())
    weights /= weights.sum()
    mean = float(weights @ _GRID_DB)
    return mean, math.sqrt(float(weights @ (_GRID_DB - mean) ** 2))


def _habit(lessons: Iterable[Lesson], rule: str) -> Habit:
    votes = list({one.session: one.rules[rule] for one in lessons if rule in one.rules}.values())
    kept = KEPT_BEFORE + sum(one.kept for one in votes)
    share = kept / (kept + REFUSED_BEFORE + sum(one.refused for one in votes))
    doubted = len(votes) >= SESSIONS_LEAST and share < DOUBT_BELOW
    usual = KEPT_BEFORE / (KEPT_BEFORE + REFUSED_BEFORE)
    return Habit(
        kept=share,
        refused=sum(one.refused > one.kept for one in votes),
        sessions=len(votes),
        sure=share / usual if doubted else 1.0,
    )
