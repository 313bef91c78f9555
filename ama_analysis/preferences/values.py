"""Lessons and what they amount to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Self, TypeAlias

LESSONS_MOST: Final = 60
"""So many plans are remembered; tastes change, and what is small can be read (AMA's choice)."""
WIDEST_DB: Final = 120.0
"""No two faders are further apart."""

By: TypeAlias = Literal["edit", "keep", "accept"]
"""Whence an offset is known: a move of a fader was changed; a fader that AMA would have left was moved; a move was taken as it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """How far from AMA's own place for a role its faders were left in one plan."""

    offset_db: float
    by: By

    def __post_init__(self) -> None:
        if not (math.isfinite(self.offset_db) and abs(self.offset_db) <= WIDEST_DB):
            message = f"offset_db is {self.offset_db!r}, it must lie within +-{WIDEST_DB:g}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Votes:
    """What became of one rule's suggestions in one plan: shares of one vote. A tick that was taken out is half a vote."""

    kept: float
    refused: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(one) and 0.0 <= one <= 1.0 for one in (self.kept, self.refused)):
            message = f"kept and refused are {self.kept!r} and {self.refused!r}, each is 0 to 1"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What one plan taught: faders by role, votes by rule. `plan` and `session` are fingerprints, `style` what was aimed at."""

    plan: str
    session: str
    style: str
    faders: Mapping[str, Nudge] = field(default_factory=dict)
    rules: Mapping[str, Votes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The lessons, oldest first."""

    lessons: tuple[Lesson, ...] = ()

    def with_lesson(self, lesson: Lesson) -> Self:
        """Return the preferences with one more lesson; one of the same plan is replaced, the oldest are forgotten."""
        others = (one for one in self.lessons if one.plan != lesson.plan)
        return replace(self, lessons=(*others, lesson)[-LESSONS_MOST:])

    def without(self, plan: str) -> Self:
        """Return the preferences without what a plan taught."""
        return replace(self, lessons=tuple(one for one in self.lessons if one.plan != plan))


@dataclass(frozen=True, slots=True, kw_only=True)
class Liking:
    """How this user usually has a role: `offset_db` from AMA's own place, give or take `spread_db`, from so many sessions with an edit.

    `applied_db` is what suggestions are shifted by: the offset to 0.1 dB, or 0 while it is not sure or not worth it.
    """

    offset_db: float
    spread_db: float
    sessions: int
    applied_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How often this user keeps what a rule suggests, 0..1, and in how many of how many sessions it was mostly left out."""

    kept: float
    refused: int
    sessions: int
    sure: float
    """What the confidence of the rule's suggestions is multiplied by, 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """What the lessons amount to in one style: likings by role, habits by rule."""

    faders: Mapping[str, Liking] = field(default_factory=dict)
    rules: Mapping[str, Habit] = field(default_factory=dict)

    def offset_db(self, role: str) -> float:
        """Return by how much suggestions for a role are shifted."""
        liking = self.faders.get(role)
        return liking.applied_db if liking else 0.0


NO_PREFERENCES: Final = Preferences()
NO_TASTE: Final = Taste()
