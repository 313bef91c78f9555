"""The plans that a service has made and what was said to their suggestions: read once, and found by what clients call them."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.errors import InputError, PlanError, SessionError
from ama_analysis.plan import MixPlan
from ama_bridge.decisions import EVERY, decision_of, meant_by
from ama_bridge.service.plan_summary import PlanSummary, summary_in, summary_of
from ama_bridge.store import Decision, Store, Verdict, file_name, session_of
from ama_bridge.wire import Value

KEPT_READ: Final = 8

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """Of which plan a suggestion is: of the one that is `named`; else of the sender's `own` newest, or the newest of all, that has it."""

    named: str | None = None
    own: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What has been said to a plan by now."""

    plan_id: str
    plan: MixPlan
    decisions: dict[str, Decision]


class PlanBook:
    """Plans by id; any thread may call it."""

    def __init__(self, store: Store, on_change: Callable[[str], None]) -> None:
        """Take where they lie; `on_change` hears the id of a plan that was made or removed."""
        self._store = store
        self._on_change = on_change
        self._plans: OrderedDict[str, MixPlan] = OrderedDict()
        self._summaries: dict[str, PlanSummary | None] = {}
        self._lock = threading.RLock()
        self._summing = threading.Lock()

    def keep(self, plan: MixPlan) -> str:
        """Keep a new plan and return its id."""
        with self._lock:
            plan_id = self._store.keep_plan(plan)
            self._remember(plan_id, plan)
        made_s = self._store.plan_path(plan_id).stat().st_mtime
        with self._summing:
            self._summaries[plan_id] = summary_of(plan_id, plan, made_s)
        self._on_change(plan_id)
        return plan_id

    def plan(self, plan_id: str) -> MixPlan:
        """Return a plan by its id; `PlanError` (AMA-402) where there is none."""
        with self._lock:
            known = self._plans.get(plan_id)
            return self._remember(plan_id, known or self._store.plan(plan_id))

    def of_session(self, session: str) -> list[str]:
        """Return the ids of a session's plans, the one made last at the end."""
        stem = file_name(session)
        return [plan_id for plan_id in self._store.plan_ids() if session_of(plan_id) == stem]

    def remove(self, plan_id: str) -> None:
        """Remove a plan and what was said to it."""
        with self._lock:
            self._store.remove_plan(plan_id)
            self._plans.pop(plan_id, None)
        with self._summing:
            self._summaries.pop(plan_id, None)
        self._on_change(plan_id)

    def summaries(self, most: int) -> list[PlanSummary]:
        """Return the newest plans, the newest first; one that cannot be read is left out, with a line in the log."""
        with self._summing:
            found = (self._summary(i) for i in self._store.plan_ids()[: -most - 1 : -1])
            return [summary for summary in found if summary is not None]

    def meant(self, plan_or_session: str, sessions: Collection[str]) -> str:
        """Return the id of the plan meant: a plan's id or path, or one of the sessions, which means its newest plan."""
        ids = self._store.plan_ids()
        if plan_or_session in sessions:
            of_session = self.newest_of(plan_or_session, ids)
            if of_session:
                return of_session
            message = f"Session {plan_or_session!r} has no plan yet."
            raise PlanError(message, hint="Ask for one with suggest.", code="AMA-402")
        if plan_or_session in ids:
            return plan_or_session
        for plan_id in ids:
            if Path(plan_or_session) == self._store.plan_path(plan_id):
                return plan_id
        message = f"There is no plan or session {plan_or_session!r}."
        raise SessionError(message, hint="Ask for a plan with suggest.", code="AMA-205")

    def newest_of(self, session: str, ids: Sequence[str]) -> str | None:
        """Return the newest of these plans, the newest last, that is one of a session."""
        stem = file_name(session)
        return next((i for i in reversed(ids) if session_of(i) == stem), None)

    def decide(
        self,
        suggestion_id: str,
        verdict: Verdict,
        values: Sequence[Value],
        *,
        of: Meant,
    ) -> Decided:
        """Keep what the user says to a suggestion; "*" means all suggestions of the plan. `PlanError` (AMA-402) where no plan has it."""
        with self._lock:
            plan_id = self._holding(suggestion_id, of)
            known, decisions = self.plan(plan_id), self._store.decisions(plan_id)
            for suggestion in meant_by(suggestion_id, known, verdict):
                decisions[suggestion.id] = decision_of(known, suggestion, verdict, values)
            self._store.keep_decisions(plan_id, decisions)
        return Decided(plan_id=plan_id, plan=known, decisions=decisions)

    def clear(self, suggestion_id: str, *, of: Meant) -> Decided:
        """Forget what the user said to a suggestion, or with "*" to all of them."""
        with self._lock:
            plan_id = self._holding(suggestion_id, of)
            decisions = self._store.decisions(plan_id)
            gone = set(decisions) if suggestion_id == EVERY else {suggestion_id}
            left = {name: one for name, one in decisions.items() if name not in gone}
            self._store.keep_decisions(plan_id, left)
            return Decided(plan_id=plan_id, plan=self.plan(plan_id), decisions=left)

    def _holding(self, suggestion_id: str, of: Meant) -> str:
        if of.named:
            meant_by(suggestion_id, self.plan(of.named), "accept")  # or there is no such suggestion
            return of.named
        newest_first = self._store.plan_ids()[: -KEPT_READ - 1 : -1]
        for plan_id in (*([of.own] if of.own else []), *newest_first):
            try:
                plan = self.plan(plan_id)
            except InputError as error:
                _log.warning("plan %s cannot be read: %s", plan_id, error.sentence())
                continue
            if suggestion_id == EVERY or any(s.id == suggestion_id for s in plan.suggestions):
                return plan_id
        message = f"No plan has a suggestion {suggestion_id!r}."
        raise PlanError(message, hint="Ask for suggestions to see their ids.", code="AMA-402")

    def _remember(self, plan_id: str, plan: MixPlan) -> MixPlan:
        self._plans[plan_id] = plan
        self._plans.move_to_end(plan_id)
        while len(self._plans) > KEPT_READ:
            self._plans.popitem(last=False)
        return plan

    def _summary(self, plan_id: str) -> PlanSummary | None:
        if plan_id not in self._summaries:
            try:
                self._summaries[plan_id] = summary_in(self._store.plan_path(plan_id))
            except PlanError as error:
                self._summaries[plan_id] = None
                _log.warning("a plan is not listed: %s", error.sentence())
        return self._summaries[plan_id]
