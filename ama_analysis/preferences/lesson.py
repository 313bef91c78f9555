"""What was said to the suggestions of one plan, as a lesson."""

from __future__ import annotations

import hashlib
import json
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ama_analysis.plan import MASTER, Gain, MixPlan, Suggestion, TargetSummary
from ama_analysis.preferences.values import By, Lesson, Nudge, Votes
from ama_analysis.target import Target

Word: TypeAlias = Literal["accept", "edit", "reject", "unticked"]
REFERENCE: Final = "reference"
"""The style of plans that come near to references."""
PLACED: Final = frozenset({"level", "match_level", "cnn_level"})
"""Rules that put a fader where a role belongs; what a reference of the same tracks says (`read_level`) is no matter of taste."""
STAYS: Final = frozenset({"keep", "cnn_keep"})
"""Rules that say of a fader that it is right."""
COMMON_LEAST: Final = 3
"""With so many faders or more, what all were raised or lowered by is headroom, not balance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a user said to a suggestion: "unticked" in a dialog of the DAW's; `fader_db` is where an edit puts the fader."""

    word: Word
    fader_db: float | None = None


def style_word(target: Target | TargetSummary) -> str:
    """Return the word under which lessons of a target are kept: a style's name, or "reference"."""
    return target.name if target.kind == "style" else REFERENCE


def plan_key(plan: MixPlan) -> str:
    """Return the fingerprint of a plan: of its session as it stood, its engine and its target, whatever of it is offered."""
    tracks = [[t.id, t.fader_db, t.pan] for t in plan.session.tracks]
    return _fingerprint([plan.session.name, plan.engine, plan.target.name, tracks])


def session_key(plan: MixPlan) -> str:
    """Return the fingerprint of a session: of its name and its tracks, wherever their faders stand."""
    return _fingerprint([plan.session.name, sorted(track.id for track in plan.session.tracks)])


def _fingerprint(told: list[object]) -> str:
    return hashlib.sha256(json.dumps(told).encode("ascii")).hexdigest()[:12]


def lesson_of(plan: MixPlan, said: Mapping[str, Said]) -> Lesson | None:
    """Return what a plan's decisions (by suggestion id) teach; None where that is nothing."""
    decided = [s for s in plan.suggestions if s.id in said]
    faders, rules = _faders(plan, decided, said), _rules(plan, decided, said)
    if not faders and not rules:
        return None
    return Lesson(
        plan=plan_key(plan),
        session=session_key(plan),
        style=style_word(plan.target),
        faders=faders,
        rules=rules,
    )


def _rules(
    plan: MixPlan, decided: Iterable[Suggestion], said: Mapping[str, Said]
) -> dict[str, Votes]:
    """Return a vote a rule; a plan of several that was refused as a whole says nothing of them."""
    spoken = [s for s in plan.suggestions if s.rule not in STAYS]
    several = len({s.rule for s in spoken}) > 1
    if several and all(s.id in said and _refused(said[s.id]) for s in spoken):
        return {}
    kept: dict[str, list[float]] = defaultdict(list)
    refused: dict[str, list[float]] = defaultdict(list)
    for suggestion in decided:
        if suggestion.rule not in STAYS:
            word = said[suggestion.id].word
            kept[suggestion.rule].append(float(word in {"accept", "edit"}))
            refused[suggestion.rule].append({"reject": 1.0, "unticked": 0.5}.get(word, 0.0))
    return {
        rule: Votes(
            kept=round(statistics.fmean(kept[rule]), 3),
            refused=round(statistics.fmean(refused[rule]), 3),
        )
        for rule in sorted(kept)
    }


def _refused(one: Said) -> bool:
    return one.word in {"reject", "unticked"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """Where a fader was left, dB from where the suggestion put it, and from AMA's own place without what was learned."""

    role: str
    step_db: float
    learned_db: float
    by: By


def _faders(
    plan: MixPlan, decided: Iterable[Suggestion], said: Mapping[str, Said]
) -> dict[str, Nudge]:
    """Return a nudge a role: the median of its tracks, an edit where one of them was edited. Parts of a separated mix say nothing."""
    if plan.session.separated_from is not None:
        return {}
    left = [one for s in decided if (one := _left(plan, s, said[s.id])) is not None]
    common_db = _common_db(plan, left)
    by_role: dict[str, list[_Left]] = defaultdict(list)
    for one in left:
        by_role[one.role].append(one)
    found = {}
    for role, tracks in sorted(by_role.items()):
        offset_db = statistics.median(one.learned_db + one.step_db for one in tracks) - common_db
        ways = {one.by for one in tracks}
        by: By = next(way for way in ("edit", "keep", "accept") if way in ways)
        if role != "other":
            found[role] = Nudge(offset_db=round(offset_db, 2) + 0.0, by=by)
    return found


def _left(plan: MixPlan, suggestion: Suggestion, one: Said) -> _Left | None:
    action, rule = suggestion.action, suggestion.rule
    if not isinstance(action, Gain) or suggestion.track == MASTER or rule not in PLACED | STAYS:
        return None
    role = plan.session.track(suggestion.track).role
    step_db = 0.0
    by: By = "accept"
    if one.word == "edit" and one.fader_db is not None:
        step_db = one.fader_db - action.fader_db
        by = "keep" if rule in STAYS else "edit"
    elif one.word != "accept" or rule in STAYS:
        return None
    return _Left(role=role, step_db=step_db, learned_db=suggestion.learned_db, by=by)


def _common_db(plan: MixPlan, left: list[_Left]) -> float:
    """Return what all faders of a plan were raised or lowered by, the least of them; 0 where one was not."""
    all_faders = sum(isinstance(s.action, Gain) and s.track != MASTER for s in plan.suggestions)
    if len(left) < max(COMMON_LEAST, all_faders):
        return 0.0
    least = min(left, key=lambda one: abs(one.step_db)).step_db
    return least if all(one.step_db * least > 0.0 for one in left) else 0.0
