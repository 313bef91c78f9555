"""One method for each thing that a user can want of a running service; the front ends only translate to it.

A session comes track by track or is opened from a folder (`sessions`), and gets plans (`plans`); to each suggestion of a plan the user
says accept, reject or edit; a plan is rendered to be heard, and applied to hand its accepted suggestions over (`deliveries`). What takes long is a job:
`quick` work (looking into stems, handing over) never waits behind `long` work (suggesting, rendering). What DAWs export by themselves is taken up (`exports`). Whatever happens
is told to `news`.

Any thread may call any method: the Assistant itself keeps nothing, and each of the parts that do has a lock of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ama_analysis.errors import DeliveryError, OptionError, PlanError
from ama_analysis.preferences import Preferences
from ama_analysis.progress import OnProgress
from ama_analysis.session import Session
from ama_bridge.daw.port import Daw, Standing
from ama_bridge.intake import check_folder, check_name, check_path
from ama_bridge.jobs import Job, Jobs, Listener
from ama_bridge.service import outcomes
from ama_bridge.service.analyst import Analyst, check_engine
from ama_bridge.service.archive import Archive
from ama_bridge.service.completing import Completing
from ama_bridge.service.daw_watch import DawWatch
from ama_bridge.service.delivering import Delivering
from ama_bridge.service.exports import Exports
from ama_bridge.service.handover import Applied, Files, daw_named
from ama_bridge.service.learning import Learner
from ama_bridge.service.live import LiveMoves
from ama_bridge.service.news import News
from ama_bridge.service.opening import draft_of, opened_session
from ama_bridge.service.outcomes import Suggested
from ama_bridge.service.plan_book import Decided, Meant, PlanBook
from ama_bridge.service.rendering import Rendering, Take
from ama_bridge.service.session_book import SessionBook
from ama_bridge.shelf import Preset, found_target, targets
from ama_bridge.store import Draft, Store, Verdict
from ama_bridge.wire import Value

if TYPE_CHECKING:
    from ama_analysis.advise import Rendered

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a service stands."""

    state_folder: Path
    sessions: tuple[str, ...]
    plan_ids: tuple[str, ...]
    jobs: tuple[Job, ...]


class Assistant:
    """The service behind every front end."""

    def __init__(
        self,
        store: Store,
        daws: Mapping[str, Daw],
        analyst: Analyst,
        learner: Learner | None = None,
        *,
        presets_dir: Path | None = None,
        look: Callable[[], Sequence[Standing]] = tuple,
    ) -> None:
        """Take up what the store has kept; without a learner nothing is learned of the user.

        `presets_dir` holds the user's own targets, `look` tells how the DAWs stand, which may take it a while.
        """
        self.news = News()
        self.sessions = SessionBook(store, partial(self.news.changed, "sessions"))
        self.plans = PlanBook(store, partial(self.news.changed, "plans"))
        self.daws = DawWatch(
            daws.values(), partial(self._look, look), partial(self.news.changed, "daws")
        )
        self.archive = Archive(store)
        self._store = store
        self._daws = daws
        self._analyst = analyst
        self._learner = learner or Learner(store, on=False)
        self._presets_dir = presets_dir
        self._long = Jobs("long", self.news.tell)
        self._quick = Jobs("quick", self.news.tell)
        self._asking = Jobs("daw", self.news.tell)
        self.deliveries = Delivering(
            daws=daws,
            store=store,
            learner=self._learner,
            news=self.news,
            quick=self._quick,
            long=self._long,
            asking=self._asking,
        )
        self._rendering = Rendering(store=store, analyst=analyst, news=self.news, long=self._long)
        self._live = LiveMoves(partial(self.news.changed, "faders"))
        self._completing = Completing(
            analyst=analyst,
            sessions=self.sessions,
            daws=daws,
            live=self._live,
            stems_dir=self._stems,
        )
        self.exports = Exports(
            daws,
            lane=self._long,
            live=self._live,
            deliveries=self.deliveries,
            sessions=self.sessions,
            completing=self._completing,
            suggest=self._suggested,
        )

    def take_up(self) -> None:
        """Take up what happened in DAWs while no service ran: where the faders of known sessions stand now, and what was exported."""
        for draft in self.sessions.drafts():
            if draft.committed:
                self._completing.follow(draft)
        self.exports.begin()

    def begin(
        self,
        session: str,
        *,
        daw: str,
        sample_rate_hz: float,
        track_count: int,
        with_faders: bool = False,
    ) -> None:
        """Begin a session, or begin it anew; `with_faders` where its stems contain fader and pan, so that moving these later says nothing."""
        draft = Draft(
            name=session,
            daw=daw,
            sample_rate_hz=round(sample_rate_hz),
            track_count=track_count,
            with_faders=with_faders,
        )
        self.sessions.begin(draft)
        self._live.forget(daw, session)

    def standing(self) -> tuple[Draft, ...]:
        """Return all sessions as far as they have come, each fader where it stands in its DAW now."""
        return tuple(map(self._completing.standing, self.sessions.drafts()))

    def open(self, path: Path, name: str, listener: Listener[Session]) -> Job:
        """Open whatever `ama suggest` takes: a folder, or a DAW's own file; its session is committed at once, under its own name or this one."""
        check_path(path)
        if name:
            check_name("session", name)

        def work(_: OnProgress) -> Session:
            session = opened_session(path, stems_dir=self._stems)
            draft = draft_of(path, session, name)
            self.sessions.open(draft)
            return replace(session, name=draft.name)

        told = outcomes.session_told
        return self._quick.submit("open", name or path.name, work, listener, told=told)

    def commit(self, session: str, listener: Listener[Session]) -> Job:
        """Say that all tracks are there: `SessionError` (AMA-204) names the missing indices, the job looks into the files."""
        draft = self.sessions.commit(session)
        self._completing.follow(draft)

        def work(_: OnProgress) -> Session:
            return self._completing.session(draft)

        return self._quick.submit("commit", session, work, listener, told=outcomes.session_told)

    def remove(self, session: str, plan: str = "") -> None:
        """Remove a session with its plans, or one plan of it, from the state folder: no file of the user's, and nothing by which a DAW takes back what it was given.

        `SessionError` (AMA-205) and `PlanError` (AMA-402) for what is not there, `DeliveryError` (AMA-703) while it is worked on.
        """
        draft = self.sessions.draft(session)
        plans = self.plans.of_session(session)
        if plan:
            if plan not in plans:
                message = f"Session {session!r} has no plan {plan!r}."
                raise PlanError(message, hint="It may be removed already.", code="AMA-402")
            plans = [plan]
        self._check_idle(plans if plan else [session, draft.daw, *plans])
        for plan_id in plans:
            self.plans.remove(plan_id)
        if not plan:
            self.sessions.remove(session)
            self._live.forget(draft.daw, session)

    def _check_idle(self, subjects: Sequence[str]) -> None:
        """Refuse where work for one of these is under way; that for what a DAW exported is under the DAW's name until it is a session."""
        for job in self.status().jobs:
            if job.subject in subjects and job.kind != "revert":
                message = f"{job.subject} is worked on ({job.id})."
                raise DeliveryError(message, hint="Wait for it, or cancel it.", code="AMA-703")

    def suggest(
        self,
        session: str,
        engine: str,
        listener: Listener[Suggested],
        *,
        offer_in: str = "",
        target: str = "",
    ) -> Job:
        """Make a plan for a committed session; whoever hears of it offers it in the DAW `offer_in`, which must be one that asks.

        `target` is the name of a style or of one of the user's own: `PresetError` (AMA-301) where there is none of that name, `OptionError` for an engine that is none.
        """
        engine = engine or "auto"
        check_engine(engine)
        if offer_in:
            daw = daw_named(self._daws, offer_in)
            if not daw.asks:
                message = f"{offer_in} cannot show a plan."
                raise OptionError(message, hint="Ask for suggestions, accept, then apply.")
            daw.waiting_export()  # it is this one
        draft = self.sessions.committed(session)
        aim = found_target(target or None, self._presets_dir)
        self._completing.follow(draft)

        def work(on_progress: OnProgress) -> Suggested:
            session = self._completing.session(draft)
            return self._suggested(session, on_progress, engine=engine, target=aim)

        return self._long.submit("suggest", session, work, listener, told=outcomes.suggested_told)

    def _suggested(
        self,
        session: Session,
        on_progress: OnProgress,
        *,
        engine: str = "auto",
        target: str | None = None,
    ) -> Suggested:
        plan = self._analyst.advise(session, engine=engine, target=target, on_progress=on_progress)
        plan_id = self.plans.keep(plan)
        return Suggested(plan_id=plan_id, path=self._store.plan_path(plan_id), plan=plan)

    def decide(
        self,
        suggestion_id: str,
        verdict: Verdict,
        values: Sequence[Value] = (),
        *,
        of: Meant,
    ) -> str:
        """Keep what the user says to a suggestion, "*" means all of the plan; return the plan's id. `PlanError` (AMA-402) where no plan has it."""
        return self._decided(self.plans.decide(suggestion_id, verdict, values, of=of))

    def undecide(self, suggestion_id: str, *, of: Meant) -> str:
        """Forget what the user said to a suggestion, "*" means all of the plan; return the plan's id."""
        return self._decided(self.plans.clear(suggestion_id, of=of))

    def _decided(self, now: Decided) -> str:
        self.news.changed("decisions", now.plan_id)
        if self._learner.on:
            self._learner.decided(now.plan, now.decisions)
            self.news.changed("preferences")
        return now.plan_id

    def targets(self) -> tuple[Preset, ...]:
        """Return the targets by which can be suggested, the user's own last."""
        return targets(self._presets_dir)

    @property
    def learns(self) -> bool:
        """Whether anything is learned of the user."""
        return self._learner.on

    def preferences(self) -> Preferences:
        """Return what was learned of the user; `OptionError` or `DeliveryError` where that cannot be read."""
        return self._store.preferences()

    def forget_preferences(self) -> None:
        """Forget all that was learned of the user."""
        self._learner.forget_all()
        self.news.changed("preferences")

    def apply(
        self,
        plan_or_session: str,
        daw: str,
        listener: Listener[Applied],
        *,
        ask: bool = True,
        into: Path | None = None,
        with_mix: bool = False,
    ) -> Job:
        """Hand a plan over to a DAW and write a receipt: what was accepted, and in a DAW that asks all that was not rejected.

        Where files are handed over they go into a new folder in `into`, or in the state folder, and with the mix as it is then on request.
        """
        daw_named(self._daws, daw)
        if into is not None:
            check_folder(into)
        plan_id = self._meant(plan_or_session)
        plan, decisions = self.plans.plan(plan_id), self._store.decisions(plan_id)
        files = Files(into=into, render_mix=self._rendering.mix if with_mix else None)
        return self.deliveries.apply(plan_id, plan, decisions, daw, listener, ask=ask, files=files)

    def render(self, plan_or_session: str, take: Take, listener: Listener[Rendered]) -> Job:
        """Render a plan to be heard, as `Rendering.render`."""
        plan_id = self._meant(plan_or_session)
        plan, decisions = self.plans.plan(plan_id), self._store.decisions(plan_id)
        return self._rendering.render(plan_id, plan, decisions, take, listener)

    def cancel(self, job_id: str) -> Job:
        """Stop a job; `UnknownJobError` where there is none of that id."""
        return self._lane_of(job_id).cancel(job_id)

    def job(self, job_id: str) -> Job:
        """Return how a job stands; `UnknownJobError` where there is none of that id."""
        return self._lane_of(job_id).job(job_id)

    def jobs(self) -> tuple[Job, ...]:
        """Return every job that is still known: of each lane the finished ones, then the others, each in the order in which they came."""
        return tuple(job for lane in self._lanes for job in lane.remembered())

    def _look(self, look: Callable[[], Sequence[Standing]]) -> Sequence[Standing]:
        """Look how the DAWs stand, and whether offers that waited there were answered."""
        for plan_id in self._learner.look_for_answers():
            self.news.changed("deliveries", plan_id)
        return look()

    def status(self) -> Status:
        """Return how the service stands."""
        return Status(
            state_folder=self._store.folder,
            sessions=self._names,
            plan_ids=tuple(self._store.plan_ids()),
            jobs=tuple(job for lane in self._lanes for job in lane.unfinished()),
        )

    def close(self) -> None:
        """Cancel what runs and wait for it."""
        self.daws.close()
        self.exports.close()
        self._live.close()
        self._learner.look_for_answers()
        for lane in self._lanes:
            if not lane.close():
                _log.warning("a job did not stop in time")

    @property
    def _stems(self) -> Path:
        return self._store.folder / "stems"

    @property
    def _lanes(self) -> tuple[Jobs, ...]:
        return self._long, self._quick, self._asking

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(draft.name for draft in self.sessions.drafts())

    def _lane_of(self, job_id: str) -> Jobs:
        return next((lane for lane in self._lanes if lane.knows(job_id)), self._long)

    def _meant(self, plan_or_session: str) -> str:
        return self.plans.meant(plan_or_session, self._names)
