"""The plans that a service has made: read once, and found by what clients call them."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Collection
from pathlib import Path
from typing import Final

from ama_analysis.errors import InputError, PlanError, SessionError
from ama_analysis.plan import MixPlan
from ama_bridge.decisions import EVERY
from ama_bridge.store import Store, file_name

KEPT_READ: Final = 8

_log = logging.getLogger(__name__)


class PlanBook:
    """Plans by id; for one thread."""

    def __init__(self, store: Store) -> None:
        """Take where they lie."""
        self._store = store
        self._plans: OrderedDict[str, MixPlan] = OrderedDict()

    def plan(self, plan_id: str) -> MixPlan:
        """Return a plan by its id."""
        if plan_id not in self._plans:
            self._plans[plan_id] = self._store.plan(plan_id)
        self._plans.move_to_end(plan_id)
        while len(self._plans) > KEPT_READ:
            self._plans.popitem(last=False)
        return self._plans[plan_id]

    def meant(self, plan_or_session: str, sessions: Collection[str]) -> str:
        """Return the id of the plan meant: a plan's id or path, or one of the sessions, which means its newest plan."""
        ids = self._store.plan_ids()
        if plan_or_session in sessions:
            stem = file_name(plan_or_session)
            of_session = [i for i in ids if i.rpartition("-")[0] == stem]
            if of_session:
                return of_session[-1]
            message = f"Session {plan_or_session!r} has no plan yet."
            raise PlanError(message, hint="Ask for one with suggest.", code="AMA-402")
        if plan_or_session in ids:
            return plan_or_session
        for plan_id in ids:
            if Path(plan_or_session) == self._store.plan_path(plan_id):
                return plan_id
        message = f"There is no plan or session {plan_or_session!r}."
        raise SessionError(message, hint="Ask for a plan with suggest.", code="AMA-205")

    def holding(self, suggestion_id: str, preferred: str | None) -> str:
        """Return the id of `preferred`, or of the newest plan, that has a suggestion; `PlanError` (AMA-402) where none has."""
        newest_first = self._store.plan_ids()[: -KEPT_READ - 1 : -1]
        for plan_id in (*([preferred] if preferred else []), *newest_first):
            try:
                plan = self.plan(plan_id)
            except InputError as error:
                _log.warning("plan %s cannot be read: %s", plan_id, error.sentence())
                continue
            if suggestion_id == EVERY or any(s.id == suggestion_id for s in plan.suggestions):
                return plan_id
        message = f"No plan has a suggestion {suggestion_id!r}."
        raise PlanError(message, hint="Ask for suggestions to see their ids.", code="AMA-402")
