"""One method for each thing that a user can want of a running service; the front ends only translate to it.

A session comes track by track, is committed, and gets plans; to each suggestion of a plan the user says accept, reject or edit; a plan is
rendered to be heard, and applied to hand its accepted suggestions over. What takes long is a job: `quick` work (looking into stems,
handing over) never waits behind `long` work (suggesting, rendering). Methods are called from one thread, that of the front end.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ama_analysis.errors import OptionError, SessionError
from ama_analysis.plan import MixPlan
from ama_analysis.progress import OnProgress
from ama_analysis.reference import Reference
from ama_analysis.session import Session, Track
from ama_bridge.analyst import Analyst
from ama_bridge.daw.port import Daw, LookedAfter
from ama_bridge.daw.session_files import session_beside
from ama_bridge.decisions import decision_of, meant_by, previewed
from ama_bridge.handover import Applied, Delivery, TakenBack, daw_named, hand_over, take_back
from ama_bridge.intake import check_file, check_name, check_render_name, check_session
from ama_bridge.jobs import Job, Jobs, Listener
from ama_bridge.learning import Learner
from ama_bridge.live import LiveMoves
from ama_bridge.looking import Looking, exported_session, telling
from ama_bridge.plan_book import PlanBook
from ama_bridge.store import Decision, Draft, Store, Verdict
from ama_bridge.wire import Value

if TYPE_CHECKING:
    from ama_analysis.advise import Rendered

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """A plan that a service made, with its id and file."""

    plan_id: str
    path: Path
    plan: MixPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a service stands."""

    state_folder: Path
    sessions: tuple[str, ...]
    plans: int
    jobs: tuple[Job, ...]


def _ignore(_: object) -> None:
    """Hear of a job that nobody asked for; the log tells how it ended."""


class Assistant:
    """The service behind every front end."""

    def __init__(
        self,
        store: Store,
        daws: Mapping[str, Daw],
        analyst: Analyst,
        learner: Learner | None = None,
    ) -> None:
        """Take up what the store has kept; without a learner nothing is learned of the user."""
        self._store = store
        self._daws = daws
        self._analyst = analyst
        self._learner = learner or Learner(store, on=False)
        self._drafts = store.drafts()
        self._plans = PlanBook(store)
        self._long = Jobs("long")
        self._quick = Jobs("quick")
        self._asking = Jobs("daw")
        self._live = LiveMoves()
        self._looking = Looking(daws.values(), self._take_up)

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
        check_session(session, sample_rate_hz=sample_rate_hz, track_count=track_count)
        self._drafts[session] = Draft(
            name=session,
            daw=daw,
            sample_rate_hz=round(sample_rate_hz),
            track_count=track_count,
            with_faders=with_faders,
        )
        self._live.forget(daw, session)

    def add_track(self, session: str, index: int, track: Track) -> None:
        """Take the track at an index (from 0); one that is there already is replaced, and the session must be committed again."""
        draft = self._draft(session)
        if not 0 <= index < draft.track_count:
            message = f"Session {session!r} has no index {index}."
            raise OptionError(message, hint=f"It was begun with 0 to {draft.track_count - 1}.")
        check_name("track id", track.id)
        for at, other in draft.tracks.items():
            if other.id == track.id and at != str(index):
                message = f"Tracks {at} and {index} have the same id {track.id!r}."
                raise SessionError(message, hint="Give each its own.", code="AMA-202")
        check_file(track.path)
        tracks = draft.tracks | {str(index): track}
        self._drafts[session] = replace(draft, tracks=tracks, committed=False)

    def add_reference(self, session: str, reference: Reference) -> None:
        """Take a reference track, or a section of one; naming it twice counts once."""
        draft = self._draft(session)
        check_file(reference.path, or_folder=True)
        references = tuple(dict.fromkeys((*draft.references, reference)))
        self._drafts[session] = replace(draft, references=references, committed=False)

    def set_mix(self, session: str, path: Path) -> None:
        """Take the mix as it is now."""
        draft = self._draft(session)
        check_file(path)
        self._drafts[session] = replace(draft, mix=path, committed=False)

    def commit(self, session: str, listener: Listener[Session]) -> Job:
        """Say that all tracks are there: `SessionError` (AMA-204) names the missing indices, the job looks into the files."""
        draft = self._draft(session)
        missing = draft.missing()
        if missing:
            message = f"Session {session!r} misses the tracks {', '.join(map(str, missing))}."
            hint = "Send them, then commit again."
            raise SessionError(message, hint=hint, code="AMA-204")
        draft = replace(draft, committed=True)
        self._drafts[session] = draft
        self._store.keep_draft(draft)
        self._follow(draft)
        return self._quick.submit("commit", session, lambda _: self._session(draft), listener)

    def suggest(
        self, session: str, engine: str, listener: Listener[Suggested], *, offer_in: str = ""
    ) -> Job:
        """Make a plan for a committed session; whoever hears of it offers it in the DAW `offer_in`, which must be one that asks."""
        if offer_in:
            daw = daw_named(self._daws, offer_in)
            if not daw.asks:
                message = f"{offer_in} cannot show a plan."
                raise OptionError(message, hint="Ask for suggestions, accept, then apply.")
            daw.waiting_export()  # it is this one
        draft = self._draft(session)
        if not draft.committed:
            message = f"Session {session!r} is not committed."
            raise SessionError(message, hint="Send session/commit first.", code="AMA-204")
        self._follow(draft)

        return self._long.submit(
            "suggest",
            session,
            lambda on_progress: self._suggested(self._session(draft), engine, on_progress),
            listener,
        )

    def _suggested(self, session: Session, engine: str, on_progress: OnProgress) -> Suggested:
        plan = self._analyst.advise(session, engine=engine or "auto", on_progress=on_progress)
        plan_id = self._store.keep_plan(plan)
        return Suggested(plan_id=plan_id, path=self._store.plan_path(plan_id), plan=plan)

    def decide(
        self,
        suggestion_id: str,
        verdict: Verdict,
        values: Sequence[Value] = (),
        *,
        plan: str | None = None,
    ) -> str:
        """Keep what the user says to a suggestion of `plan`, or of the newest plan that has it; "*" means all suggestions.

        Returns the plan's id. `PlanError` (AMA-402) where no plan has the suggestion.
        """
        plan_id = self._plans.holding(suggestion_id, plan)
        known = self._plans.plan(plan_id)
        decisions = self._store.decisions(plan_id)
        for suggestion in meant_by(suggestion_id, known, verdict):
            decisions[suggestion.id] = decision_of(known, suggestion, verdict, values)
        self._store.keep_decisions(plan_id, decisions)
        self._learner.decided(known, decisions)
        return plan_id

    def apply(
        self, plan_or_session: str, daw: str, listener: Listener[Applied], *, ask: bool = True
    ) -> Job:
        """Hand a plan over to a DAW and write a receipt: what was accepted, and in a DAW that asks all that was not rejected."""
        daw_named(self._daws, daw)
        plan_id = self._plans.meant(plan_or_session, self._drafts)
        return self._hand_over(
            daw,
            plan_id,
            self._plans.plan(plan_id),
            self._store.decisions(plan_id),
            listener,
            ask=ask,
        )

    def asks(self, daw: str) -> bool:
        """Return whether a DAW shows the suggestions itself; what it is given takes as long as the user does."""
        return daw_named(self._daws, daw).asks

    def offer(self, made: Suggested, daw: str, listener: Listener[Applied]) -> Job:
        """Show a plan in the DAW, where the user ticks; any thread may call this."""
        return self._hand_over(daw, made.plan_id, made.plan, {}, listener, ask=True)

    def _hand_over(
        self,
        daw: str,
        plan_id: str,
        plan: MixPlan,
        decisions: Mapping[str, Decision],
        listener: Listener[Applied],
        *,
        ask: bool,
    ) -> Job:
        target = daw_named(self._daws, daw)

        def work(on_progress: OnProgress) -> Applied:
            to = Delivery(daw=target, store=self._store, learner=self._learner)
            return hand_over(to, plan_id, plan, decisions, ask=ask, on_progress=on_progress)

        lane, kind = (self._asking, f"{daw}-apply") if target.asks else (self._quick, "apply")
        return lane.submit(kind, plan_id, work, listener)

    def revert(self, daw: str, listener: Listener[TakenBack], *, ask: bool = False) -> Job:
        """Take back what a DAW was given last; with `ask` it lists in a dialog what was changed since."""
        target = daw_named(self._daws, daw)

        def work(on_progress: OnProgress) -> TakenBack:
            of = Delivery(daw=target, store=self._store)
            return take_back(of, ask=ask, on_progress=on_progress)

        return self._asking.submit(f"{daw}-revert", daw, work, listener)

    def take_text(self, what: str, name: str, part: tuple[int, int], chunk: str) -> None:
        """Take part of a text that a script in a DAW sends by itself; a whole session is worked on and offered there."""
        for daw in self._daws.values():
            if daw.take_text(what, name, part, chunk) is not None:
                self._take_up(daw, partial(daw.exported, name))

    def take_up_exports(self) -> None:
        """Work on what DAWs exported while no service ran, and offer it there; from now on look what those leave that can send nothing."""
        self._looking.begin()

    def _take_up(self, daw: Daw, exported: Callable[[], Path], folder: Path | None = None) -> None:
        if follows := isinstance(daw, LookedAfter):
            self._live.begin_anew(daw)

        def work(on_progress: OnProgress) -> Suggested:
            session = exported_session(daw, exported(), stems_dir=self._stems)
            if follows:
                session = self._live.brought_up(daw, session)
            return self._suggested(session, "auto", on_progress)

        heard: Listener[Applied] = telling(daw, folder, on_done=_ignore)

        def made(found: Suggested) -> None:
            self.offer(found, daw.name, heard)

        self._long.submit("suggest", daw.name, work, telling(daw, folder, on_done=made))

    def render(
        self, plan_or_session: str, out_name: str, before_name: str, listener: Listener[Rendered]
    ) -> Job:
        """Write the mix with all that was not rejected, and with `before_name` the mix before too, then both equally loud."""
        out = self._render_path(out_name)
        before = self._render_path(before_name) if before_name else None
        plan_id = self._plans.meant(plan_or_session, self._drafts)
        plan = previewed(self._plans.plan(plan_id), self._store.decisions(plan_id))

        def work(on_progress: OnProgress) -> Rendered:
            out.parent.mkdir(parents=True, exist_ok=True)
            return self._analyst.render(plan, out, before=before, on_progress=on_progress)

        return self._long.submit("render", plan_id, work, listener)

    def cancel(self, job_id: str) -> Job:
        """Stop a job; `OptionError` where there is none of that id."""
        lane = next((lane for lane in self._lanes if lane.knows(job_id)), self._long)
        return lane.cancel(job_id)

    def status(self) -> Status:
        """Return how the service stands."""
        return Status(
            state_folder=self._store.folder,
            sessions=tuple(self._drafts),
            plans=len(self._store.plan_ids()),
            jobs=tuple(job for lane in self._lanes for job in lane.unfinished()),
        )

    def close(self) -> None:
        """Cancel what runs and wait for it."""
        self._looking.close()
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

    def _draft(self, session: str) -> Draft:
        if session in self._drafts:
            return self._drafts[session]
        message = f"There is no session {session!r}."
        raise SessionError(message, hint="Send session/begin first.", code="AMA-205")

    def _follow(self, draft: Draft) -> None:
        daw = self._daws.get(draft.daw)
        if daw is not None and daw.asks and not draft.with_faders:
            self._live.follow(daw)

    def _session(self, draft: Draft) -> Session:
        tracks = draft.in_order()
        if draft.with_faders:
            found = session_beside(tracks, self._stems, references=draft.references, mix=draft.mix)
            if found is not None:
                return replace(found, name=draft.name)
        session = self._analyst.complete_session(
            draft.name,
            tracks if draft.with_faders else self._live.over(draft.daw, draft.name, tracks),
            sample_rate_hz=draft.sample_rate_hz,
            references=draft.references,
            mix=draft.mix,
        )
        daw = self._daws.get(draft.daw)
        return session if daw is None else daw.heard(session)

    def _render_path(self, name: str) -> Path:
        check_render_name(name)
        return self._store.renders / name
