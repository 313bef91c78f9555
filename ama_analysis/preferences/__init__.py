"""What AMA has learned of its user: how loud they like each role, and which rules they leave out. Pure: no files, no clock.

lesson_of      what was said to the suggestions of one plan, as a `Lesson`
Preferences    the newest lessons, no more than `LESSONS_MOST`
taste_of       lessons to a `Taste`: an offset for each role in a style, and how often each rule is kept
with_habits    suggestions of rules that this user leaves out: less sure, with the reason

The lessons are all that is kept; every number follows from them anew, so that whoever reads them knows the model. No decision, no lesson.
"""

from __future__ import annotations

from ama_analysis.preferences.estimate import taste_of
from ama_analysis.preferences.habits import with_habits
from ama_analysis.preferences.lesson import Said, lesson_of, plan_key, style_word
from ama_analysis.preferences.values import (
    LESSONS_MOST,
    NO_PREFERENCES,
    NO_TASTE,
    Lesson,
    Liking,
    Nudge,
    Preferences,
    Taste,
    Votes,
)

__all__ = [
    "LESSONS_MOST",
    "NO_PREFERENCES",
    "NO_TASTE",
    "Lesson",
    "Liking",
    "Nudge",
    "Preferences",
    "Said",
    "Taste",
    "Votes",
    "lesson_of",
    "plan_key",
    "style_word",
    "taste_of",
    "with_habits",
]
