"""Handing plans over to DAWs and taking them back, as jobs of a service: quick ones for a folder, and a lane of their own for DAWs in which a user answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ama_analysis.errors import OptionError
from ama_analysis.plan import MixPlan
from ama_analysis.progress import OnProgress
from ama_bridge.daw.only_files import nothing_was_set
from ama_bridge.daw.port import Daw
from ama_bridge.jobs import Job, Jobs, Listener
from ama_bridge.service import outcomes
from ama_bridge.service.handover import (
    AS_USUAL,
    Applied,
    Delivery,
    Files,
    TakenBack,
    daw_named,
    hand_over,
    take_back,
)
from ama_bridge.service.learning import Learner
from ama_bridge.service.news import News
from ama_bridge.service.outcomes import Suggested
from ama_bridge.store import Decision, Store, plan_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    """The way to every DAW; any thread may call it."""

    daws: Mapping[str, Daw]
    store: Store
    learner: Learner
    news: News
    quick: Jobs
    long: Jobs
    asking: Jobs

    def asks(self, daw: str) -> bool:
        """Return whether a DAW shows the suggestions itself; what it is given takes as long as the user does."""
        return daw_named(self.daws, daw).asks

    def offer(self, made: Suggested, daw: str, listener: Listener[Applied]) -> Job:
        """Show a plan in the DAW, where the user ticks."""
        return self.apply(made.plan_id, made.plan, {}, daw, listener, ask=True)

    def apply(
        self,
        plan_id: str,
        plan: MixPlan,
        decisions: Mapping[str, Decision],
        daw: str,
        listener: Listener[Applied],
        *,
        ask: bool,
        files: Files = AS_USUAL,
    ) -> Job:
        """Hand a plan over and write a receipt: what was accepted, and in a DAW that asks all that was not rejected.

        `OptionError` where a DAW is told how to write files. To render the mix beside them takes its turn with other long work.
        """
        target = daw_named(self.daws, daw)
        if target.asks and files != AS_USUAL:
            message = f"{daw} is handed settings, not files."
            raise OptionError(message, hint="Name a folder, or ask for the mix, with daw folder.")

        def work(on_progress: OnProgress) -> Applied:
            to = Delivery(daw=target, store=self.store, learner=self.learner)
            applied = hand_over(
                to, plan_id, plan, decisions, ask=ask, files=files, on_progress=on_progress
            )
            self.news.changed("deliveries", plan_id)
            return applied

        files_lane = self.long if files.render_mix else self.quick
        lane = self.asking if target.asks else files_lane
        told = outcomes.applied_told
        return lane.submit("apply", plan_id, work, listener, daw=daw, told=told)

    def revert(self, daw: str, listener: Listener[TakenBack], *, ask: bool = False) -> Job:
        """Take back what a DAW was given last; with `ask` it lists in a dialog what was changed since. `OptionError` where files were written alone."""
        target = daw_named(self.daws, daw)
        if not target.asks:
            raise nothing_was_set()

        def work(on_progress: OnProgress) -> TakenBack:
            of = Delivery(daw=target, store=self.store)
            back = take_back(of, ask=ask, on_progress=on_progress)
            self.news.changed("deliveries", plan_of(back.reverted.id))
            return back

        told = outcomes.taken_back_told
        return self.asking.submit("revert", daw, work, listener, daw=daw, told=told)
