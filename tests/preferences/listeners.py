"""Users who are not there: they mix made bands, session after session, and decide as they always do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ama_analysis.plan import Gain, MixPlan, Suggestion, TargetSummary
from ama_analysis.preferences import (
    NO_PREFERENCES,
    Preferences,
    Said,
    lesson_of,
    style_word,
    taste_of,
    with_habits,
)
from ama_analysis.roles import Role
from ama_analysis.suggest import suggest_tracks
from tests.suggest import factory

BAND: Mapping[str, Role] = {
    "Kick": "kick",
    "Bass": "bass",
    "Gtr": "guitar",
    "Keys": "keys",
    "Vox": "lead vocal",
}
FADER_SPREAD_DB = 8.0
HEARS_DB = 0.25
"""A user who is sure of a wish hears a fader that is further off than this; nearer, the suggestion is accepted."""

Decide = Callable[[MixPlan, int], Mapping[str, Said]]
"""What a user says to a plan in the session of that number."""


def band(
    number: int,
    style: str = "pop",
    preferences: Preferences = NO_PREFERENCES,
    faders: Mapping[str, float] | None = None,
) -> MixPlan:
    """Return what the rules suggest for a band whose faders stand anyhow (or so), another one for each number."""
    rng = np.random.default_rng(number)
    anyhow = rng.uniform(-FADER_SPREAD_DB, FADER_SPREAD_DB, len(BAND))
    stand = {name: float(round(fader, 1)) for name, fader in zip(BAND, anyhow, strict=True)}
    stand |= faders or {}
    tracks = [factory.track(name, role, fader_db=stand[name]) for name, role in BAND.items()]
    stems = {name: factory.stem(lufs=float(rng.normal(-20.0, 3.0))) for name in BAND}
    session = replace(factory.session(*tracks), name=f"song {number}")
    measured, target = factory.measured(stems), factory.target(style)
    taste = taste_of(preferences, style_word(target))
    suggestions = suggest_tracks(session, measured, target, taste=taste)
    return MixPlan(
        engine="rules",
        target=TargetSummary(
            name=target.name,
            kind=target.kind,
            loudness_lufs=target.loudness_lufs,
            ceiling_dbtp=target.ceiling_dbtp,
        ),
        session=session,
        measurements=measured,
        suggestions=with_habits(suggestions, taste),
    )


def fader_of(plan: MixPlan, track: str) -> tuple[Suggestion, Gain]:
    """Return what a plan says of a track's fader."""
    for suggestion in plan.suggestions:
        if suggestion.track == track and isinstance(suggestion.action, Gain):
            return suggestion, suggestion.action
    raise AssertionError(track)


@dataclass
class Life:
    """A user's sessions so far: what was learned, and how far AMA's vocals were from the user's own."""

    decide: Decide
    style: str = "pop"
    preferences: Preferences = NO_PREFERENCES
    applied_db: list[float] = field(default_factory=list)

    def live(self, *numbers: int) -> Preferences:
        """Mix the songs of these numbers."""
        for number in numbers:
            plan = band(number, self.style, self.preferences)
            self.applied_db.append(taste_of(self.preferences, self.style).offset_db("lead vocal"))
            lesson = lesson_of(plan, self.decide(plan, number))
            if lesson is not None:
                self.preferences = self.preferences.with_lesson(lesson)
        return self.preferences


def wants_vocals(offset_db: float, *, scatter_db: float = 0.0, seed: int = 0) -> Decide:
    """Return a user who has the vocals this far from where the rules alone would put them, and accepts all else."""
    rng = np.random.default_rng(seed)

    def decide(plan: MixPlan, number: int) -> Mapping[str, Said]:
        said = {s.id: Said(word="accept") for s in plan.suggestions}
        suggestion, gain = fader_of(plan, "Vox")
        own = gain.fader_db - suggestion.learned_db  # where the rules alone put it
        wish = own + offset_db + float(rng.normal(0.0, scatter_db))
        if suggestion.rule == "keep":
            return said  # it lies where it may lie; whoever minds would edit, this user does not
        if abs(wish - gain.fader_db) > HEARS_DB:
            said[suggestion.id] = Said(word="edit", fader_db=wish)
        return said

    return decide


def accepts_all(plan: MixPlan, number: int) -> Mapping[str, Said]:
    """Accept everything."""
    return {s.id: Said(word="accept") for s in plan.suggestions}


def refuses(rule: str) -> Decide:
    """Return a user who rejects what a rule suggests and accepts all else."""

    def decide(plan: MixPlan, number: int) -> Mapping[str, Said]:
        return {s.id: Said(word="reject" if s.rule == rule else "accept") for s in plan.suggestions}

    return decide
