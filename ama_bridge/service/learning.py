"""Learning from what the user decides: to each suggestion by name, or by ticks in a DAW's own dialog.

What counts: accept, edit and reject; what a DAW says it applied; a tick that the user took out (half a vote). What does not: no decision, a dialog that was
closed or never came up, what a DAW could not do, files written into a folder. Nothing that goes wrong here stops the work: it is logged.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import TypeAlias

from ama_analysis.errors import AmaError
from ama_analysis.plan import MixPlan
from ama_analysis.preferences import NO_PREFERENCES, Preferences, Said, lesson_of, plan_key
from ama_bridge.config import Settings
from ama_bridge.daw.port import Receipt, receipt_at
from ama_bridge.store import Decision, Store

Decisions: TypeAlias = Mapping[str, Decision]

_log = logging.getLogger(__name__)


class Learner:
    """Keeps what was learned in the state folder; switched off it learns nothing and knows nothing. Any thread may call it."""

    def __init__(self, store: Store, *, on: bool = True) -> None:
        """Take where it is kept."""
        self._store = store
        self._on = on
        self._lock = Lock()
        self._unanswered: dict[Path, tuple[MixPlan, Decisions]] = {}

    def preferences(self) -> Preferences:
        """Return what was learned so far; nothing where that cannot be read."""
        if not self._on:
            return NO_PREFERENCES
        self.look_for_answers()
        try:
            with self._lock:
                return self._store.preferences()
        except AmaError as error:
            _log.warning("preferences are left aside: %s", error.sentence())
            return NO_PREFERENCES

    def decided(self, plan: MixPlan, decisions: Decisions) -> None:
        """Learn from what was said to a plan's suggestions so far; where that is nothing any more, forget what the plan taught."""
        said = {name: _said(one) for name, one in decisions.items()}
        if said:
            self._learn(plan, said)
        else:
            self._unlearn(plan)

    @property
    def on(self) -> bool:
        """Whether anything is learned and used."""
        return self._on

    def forget_all(self) -> None:
        """Forget all that was learned; raises where the file is of another version, or cannot be read or written."""
        with self._lock:
            self._store.change_preferences(lambda _: NO_PREFERENCES)
            self._unanswered.clear()

    def handed_over(
        self, plan: MixPlan, decisions: Decisions, receipt: Receipt, path: Path, *, asked: bool
    ) -> None:
        """Learn from what became of a plan in a DAW (`asked`: in a dialog there); where the user answers later, from the receipt at `path` then."""
        answered = receipt.applied or _was_shown(receipt)
        if asked and not answered:
            with self._lock:
                self._unanswered[path] = (plan, decisions)
            return
        self._learn(plan, _became(plan, decisions, receipt, asked=asked))

    def look_for_answers(self) -> tuple[str, ...]:
        """Learn from offers that waited for their DAW and were answered since; return the ids of their plans."""
        answered = []
        with self._lock:
            waiting = dict(self._unanswered)
        for path, (plan, decisions) in waiting.items():
            receipt = receipt_at(path)
            if receipt is None or receipt.applied or _was_shown(receipt):
                with self._lock:
                    self._unanswered.pop(path, None)
                if receipt is not None:
                    answered.append(receipt.plan)
                    self._learn(plan, _became(plan, decisions, receipt, asked=True))
        return tuple(answered)

    def _learn(self, plan: MixPlan, said: Mapping[str, Said]) -> None:
        lesson = lesson_of(plan, said) if self._on else None
        if lesson is None:
            return
        try:
            with self._lock:
                self._store.change_preferences(lambda learned: learned.with_lesson(lesson))
        except AmaError as error:
            _log.warning("nothing was learned: %s", error.sentence())

    def _unlearn(self, plan: MixPlan) -> None:
        if not self._on:
            return
        try:
            with self._lock:
                self._store.change_preferences(lambda learned: learned.without(plan_key(plan)))
        except AmaError as error:
            _log.warning("nothing was forgotten: %s", error.sentence())


def learner_of(settings: Settings) -> Learner:
    """Return what learns from the user's decisions and keeps it in the state folder, if that is not switched off."""
    return Learner(Store(settings.state_dir), on=settings.preferences)


def _said(decision: Decision) -> Said:
    return Said(word=decision.verdict, fader_db=decision.values.get("fader_db"))


def _became(
    plan: MixPlan, decisions: Decisions, receipt: Receipt, *, asked: bool
) -> dict[str, Said]:
    """Return what was said in all: rejections by name stay, what was applied was accepted or edited, what was not ticked half refused."""
    offered = {s.id for s in plan.suggestions}
    said = {name: _said(one) for name, one in decisions.items() if one.verdict == "reject"}
    for name in receipt.applied:
        known = decisions.get(name)
        edited = known is not None and known.verdict == "edit"
        said[name] = _said(known) if known is not None and edited else Said(word="accept")
    if asked:
        unticked = (one.suggestion for one in receipt.skipped if one.is_unticked)
        said |= {name: Said(word="unticked") for name in unticked}
    return {name: one for name, one in said.items() if name in offered}


def _was_shown(receipt: Receipt) -> bool:
    return any(one.is_unticked for one in receipt.skipped)
