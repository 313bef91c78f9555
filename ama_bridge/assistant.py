"""One method for each thing that a user can want of a running service; the front ends only translate to it.

A session comes track by track, is committed, and gets plans; to each suggestion of a plan the user says accept, reject or edit; a plan is
rendered to be heard, and applied to hand its accepted suggestions over. What takes long is a job: `quick` work (looking into stems,
handing over) never waits behind `long` work (suggesting, rendering). Methods are called from one thread, that of the front end.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ama_analysis.audio import MAX_RATE_HZ, MIN_RATE_HZ
from ama_analysis.errors import AudioFileError, InputError, OptionError, PlanError, SessionError
from ama_analysis.plan import MixPlan
from ama_analysis.progress import OnProgress
from ama_analysis.reference import Reference
from ama_analysis.session import Session, Track
from ama_bridge.analyst import Analyst
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.port import Daw, Receipt, Skipped, receipt_bytes
from ama_bridge.decisions import EVERY, accepted, decision_of, previewed, suggestion_of
from ama_bridge.jobs import Job, Jobs, Listener
from ama_bridge.store import Decision, Draft, Store, Verdict, file_name
from ama_bridge.wire import Value

if TYPE_CHECKING:
    from ama_analysis.advise import Rendered

MAX_TRACKS: Final = 1000
MAX_NAME_BYTES: Final = 200
"""Ids and names travel in every suggestion, and a datagram stays below 1024 bytes."""
RENDER_SUFFIXES: Final = (".wav", ".flac", ".aiff", ".aif", ".ogg")
_DAWS_TO_COME: Final = ("reaper", "ardour")
_PLANS_KEPT_READ: Final = 8

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """A plan that a service made, with its id and file."""

    plan_id: str
    path: Path
    plan: MixPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of a plan's suggestions, and the file that says so."""

    receipt: Receipt
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How a service stands."""

    state_folder: Path
    sessions: tuple[str, ...]
    plans: int
    jobs: tuple[Job, ...]


class Assistant:
    """The service behind every front end."""

    def __init__(self, store: Store, daws: Mapping[str, Daw], analyst: Analyst) -> None:
        """Take up what the store has kept."""
        self._store = store
        self._daws = daws
        self._analyst = analyst
        self._drafts = store.drafts()
        self._plans: OrderedDict[str, MixPlan] = OrderedDict()
        self._long = Jobs("long")
        self._quick = Jobs("quick")

    def begin(self, session: str, *, daw: str, sample_rate_hz: float, track_count: int) -> None:
        """Begin a session, or begin it anew."""
        _check_name("session", session)
        if not 1 <= track_count <= MAX_TRACKS:
            message = f"A session of {track_count} tracks cannot be begun."
            raise OptionError(message, hint=f"Send 1 to {MAX_TRACKS}.")
        if not MIN_RATE_HZ <= sample_rate_hz <= MAX_RATE_HZ:
            message = f"The sample rate is {sample_rate_hz:g} Hz."
            raise OptionError(message, hint=f"It goes from {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz.")
        self._drafts[session] = Draft(
            name=session, daw=daw, sample_rate_hz=round(sample_rate_hz), track_count=track_count
        )

    def add_track(self, session: str, index: int, track: Track) -> None:
        """Take the track at an index (from 0); one that is there already is replaced, and the session must be committed again."""
        draft = self._draft(session)
        if not 0 <= index < draft.track_count:
            message = f"Session {session!r} has no index {index}."
            raise OptionError(message, hint=f"It was begun with 0 to {draft.track_count - 1}.")
        _check_name("track id", track.id)
        for at, other in draft.tracks.items():
            if other.id == track.id and at != str(index):
                message = f"Tracks {at} and {index} have the same id {track.id!r}."
                raise SessionError(message, hint="Give each its own.", code="AMA-202")
        _check_file(track.path)
        tracks = draft.tracks | {str(index): track}
        self._drafts[session] = replace(draft, tracks=tracks, committed=False)

    def add_reference(self, session: str, reference: Reference) -> None:
        """Take a reference track, or a section of one; naming it twice counts once."""
        draft = self._draft(session)
        _check_file(reference.path, or_folder=True)
        references = tuple(dict.fromkeys((*draft.references, reference)))
        self._drafts[session] = replace(draft, references=references, committed=False)

    def set_mix(self, session: str, path: Path) -> None:
        """Take the mix as it is now."""
        draft = self._draft(session)
        _check_file(path)
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
        return self._quick.submit("commit", session, lambda _: self._session(draft), listener)

    def suggest(self, session: str, engine: str, listener: Listener[Suggested]) -> Job:
        """Make a plan for a committed session."""
        draft = self._draft(session)
        if not draft.committed:
            message = f"Session {session!r} is not committed."
            raise SessionError(message, hint="Send session/commit first.", code="AMA-204")

        def work(on_progress: OnProgress) -> Suggested:
            plan = self._analyst.advise(
                self._session(draft), engine=engine or "auto", on_progress=on_progress
            )
            plan_id = self._store.keep_plan(plan)
            return Suggested(plan_id=plan_id, path=self._store.plan_path(plan_id), plan=plan)

        return self._long.submit("suggest", session, work, listener)

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
        plan_id = self._with(suggestion_id, plan)
        known = self.plan(plan_id)
        if suggestion_id == EVERY:
            if verdict == "edit":
                message = "An edit is for one suggestion, not for all."
                raise OptionError(message, hint="Name the suggestion.")
            chosen = known.suggestions
        else:
            chosen = (suggestion_of(known, suggestion_id),)
        decisions = self._store.decisions(plan_id)
        for suggestion in chosen:
            decisions[suggestion.id] = decision_of(known, suggestion, verdict, values)
        self._store.keep_decisions(plan_id, decisions)
        return plan_id

    def apply(self, plan_or_session: str, daw: str, listener: Listener[Applied]) -> Job:
        """Hand the accepted suggestions over to a DAW and write a receipt."""
        target = self._daw(daw)
        plan_id = self.plan_id(plan_or_session)
        plan, decisions = self.plan(plan_id), self._store.decisions(plan_id)

        def work(on_progress: OnProgress) -> Applied:
            on_progress(0.1, "handing over")
            folder = self._store.new_delivery(plan_id)
            receipt = target.apply(accepted(plan, decisions), plan_id=plan_id, folder=folder)
            receipt = replace(receipt, skipped=(*receipt.skipped, *_not_wanted(plan, decisions)))
            path = folder / "receipt.json"
            write_atomically(path, receipt_bytes(receipt))
            return Applied(receipt=receipt, path=path)

        return self._quick.submit("apply", plan_id, work, listener)

    def render(
        self, plan_or_session: str, out_name: str, before_name: str, listener: Listener[Rendered]
    ) -> Job:
        """Write the mix with all that was not rejected, and with `before_name` the mix before too, then both equally loud."""
        out = self._render_path(out_name)
        before = self._render_path(before_name) if before_name else None
        plan_id = self.plan_id(plan_or_session)
        plan = previewed(self.plan(plan_id), self._store.decisions(plan_id))

        def work(on_progress: OnProgress) -> Rendered:
            out.parent.mkdir(parents=True, exist_ok=True)
            return self._analyst.render(plan, out, before=before, on_progress=on_progress)

        return self._long.submit("render", plan_id, work, listener)

    def cancel(self, job_id: str) -> Job:
        """Stop a job; `OptionError` where there is none of that id."""
        lane = self._quick if job_id.startswith(("commit-", "apply-")) else self._long
        return lane.cancel(job_id)

    def status(self) -> Status:
        """Return how the service stands."""
        return Status(
            state_folder=self._store.folder,
            sessions=tuple(self._drafts),
            plans=len(self._store.plan_ids()),
            jobs=(*self._long.unfinished(), *self._quick.unfinished()),
        )

    def plan(self, plan_id: str) -> MixPlan:
        """Return a plan by its id."""
        if plan_id not in self._plans:
            self._plans[plan_id] = self._store.plan(plan_id)
        self._plans.move_to_end(plan_id)
        while len(self._plans) > _PLANS_KEPT_READ:
            self._plans.popitem(last=False)
        return self._plans[plan_id]

    def plan_id(self, plan_or_session: str) -> str:
        """Return the id of the plan meant: a plan's id or path, or a session, which means its newest plan."""
        ids = self._store.plan_ids()
        if plan_or_session in self._drafts:
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

    def close(self) -> None:
        """Cancel what runs and wait for it."""
        for lane in (self._long, self._quick):
            if not lane.close():
                _log.warning("a job did not stop in time")

    def _draft(self, session: str) -> Draft:
        if session in self._drafts:
            return self._drafts[session]
        message = f"There is no session {session!r}."
        raise SessionError(message, hint="Send session/begin first.", code="AMA-205")

    def _session(self, draft: Draft) -> Session:
        return self._analyst.complete_session(
            draft.name,
            draft.in_order(),
            sample_rate_hz=draft.sample_rate_hz,
            references=draft.references,
            mix=draft.mix,
        )

    def _with(self, suggestion_id: str, preferred: str | None) -> str:
        newest_first = self._store.plan_ids()[: -_PLANS_KEPT_READ - 1 : -1]
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

    def _daw(self, name: str) -> Daw:
        if name in self._daws:
            return self._daws[name]
        if name in _DAWS_TO_COME:
            message = f"This version does not set {name.capitalize()} by itself."
            hint = (
                "It hands settings over as files and OSC messages: "
                'apply with "folder" and load the presets.'
            )
            raise OptionError(message, hint=hint, code="AMA-502")
        message = f"There is no DAW {name!r}."
        raise OptionError(message, hint=f"Known: {', '.join(self._daws)}.", code="AMA-502")

    def _render_path(self, name: str) -> Path:
        plain = name not in {"", ".", ".."} and not name.startswith(".")
        if not plain or any(c in name for c in '/\\:*?"<>|') or not name.isprintable():
            message = f"{name!r} is not a plain file name."
            hint = "Renders go into the state folder's renders/; name a file without a folder."
            raise OptionError(message, hint=hint)
        _check_name("file name", name)
        if Path(name).suffix.lower() not in RENDER_SUFFIXES:
            message = f"{name!r} has an ending that AMA does not write."
            raise OptionError(message, hint=f"Choose one of {', '.join(RENDER_SUFFIXES)}.")
        return self._store.renders / name


def _not_wanted(plan: MixPlan, decisions: Mapping[str, Decision]) -> tuple[Skipped, ...]:
    skipped = []
    for suggestion in plan.suggestions:
        decision = decisions.get(suggestion.id)
        if decision is None:
            skipped.append(Skipped(suggestion=suggestion.id, reason="not accepted yet"))
        elif decision.verdict == "reject":
            skipped.append(Skipped(suggestion=suggestion.id, reason="rejected"))
    return tuple(skipped)


def _check_name(what: str, name: str) -> None:
    size = len(name.encode("utf-8", "replace"))
    if not name.strip() or not name.isprintable() or size > MAX_NAME_BYTES:
        shown = name if len(name) <= 40 else f"{name[:40]}..."
        message = f"{shown!r} cannot be a {what}."
        hint = f"It must be printable text of 1 to {MAX_NAME_BYTES} bytes."
        raise OptionError(message, hint=hint)


def _check_file(path: Path, *, or_folder: bool = False) -> None:
    try:
        found = path.is_file() or (or_folder and path.is_dir())
    except (OSError, ValueError):
        found = False
    if not found:
        message = f"{path} is not there."
        hint = "Send the full path of a sound file on this machine."
        raise AudioFileError(message, hint=hint, code="AMA-101")
    if not path.is_absolute():
        message = f"{path} is not a full path."
        raise AudioFileError(message, hint="Send it from the root on.", code="AMA-101")
