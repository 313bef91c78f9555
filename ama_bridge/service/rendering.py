"""Rendering to be heard, as long jobs of a service: a plan's mix or one track of it, before and after, or one of its references."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ama_analysis.errors import OptionError
from ama_analysis.plan import MixPlan
from ama_analysis.progress import OnProgress
from ama_analysis.reference import Reference
from ama_bridge.decisions import heard_only, previewed
from ama_bridge.intake import check_render_name
from ama_bridge.jobs import Job, Jobs, Listener
from ama_bridge.service import outcomes
from ama_bridge.service.analyst import Analyst
from ama_bridge.service.news import News
from ama_bridge.store import Decision, Store

if TYPE_CHECKING:
    from ama_analysis.advise import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """What of a plan is rendered, and into which files of the state folder's renders/: only the suggestions of these ids, if any; or one track; or one of its references."""

    name: str
    before_name: str = ""
    only: tuple[str, ...] = ()
    track: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        if self.reference and (self.before_name or self.only or self.track):
            message = "A reference is rendered by itself."
            raise OptionError(message, hint="Leave before_name, only and track out.")
        check_render_name(self.name)
        if self.before_name:
            check_render_name(self.before_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """The way to every render; any thread may call it."""

    store: Store
    analyst: Analyst
    news: News
    long: Jobs

    def render(
        self,
        plan_id: str,
        plan: MixPlan,
        decisions: Mapping[str, Decision],
        take: Take,
        listener: Listener[Rendered],
    ) -> Job:
        """Write what a take says of a plan, else all that was not rejected, and with `before_name` the same before too, then both equally loud.

        `PlanError` (AMA-402) for an id in `only`, `SessionError` (AMA-203) for a track, `OptionError` for a reference that the plan does not have.
        """
        out = self.store.renders / take.name
        if take.reference:
            reference = _reference_of(plan, take)
            return self._submitted(
                plan_id,
                lambda on_progress: self.analyst.render_reference(
                    reference, out, on_progress=on_progress
                ),
                listener,
            )
        before = self.store.renders / take.before_name if take.before_name else None
        plan = heard_only(plan, decisions, take.only) if take.only else previewed(plan, decisions)
        if take.track:
            plan.session.track(take.track)
        return self._submitted(
            plan_id,
            lambda on_progress: self.analyst.render(
                plan, out, before=before, track=take.track or None, on_progress=on_progress
            ),
            listener,
        )

    def mix(self, plan: MixPlan, out: Path, on_progress: OnProgress) -> None:
        """Write the mix with all of a plan, now."""
        self.analyst.render(plan, out, before=None, track=None, on_progress=on_progress)

    def _submitted(
        self, plan_id: str, work: Callable[[OnProgress], Rendered], listener: Listener[Rendered]
    ) -> Job:
        def kept(on_progress: OnProgress) -> Rendered:
            self.store.renders.mkdir(parents=True, exist_ok=True)
            rendered = work(on_progress)
            self.store.tidy_renders()
            self.news.changed("renders", plan_id)
            return rendered

        return self.long.submit("render", plan_id, kept, listener, told=outcomes.rendered_told)


def _reference_of(plan: MixPlan, take: Take) -> Reference:
    for reference in plan.session.references:
        if take.reference == str(reference):
            return reference
    message = f"{take.reference} is no reference of the plan."
    known = ", ".join(map(str, plan.session.references)) or "none"
    raise OptionError(message, hint=f"It has: {known}.")
