"""Ardour as a DAW: a request in the mailbox, "AMA Apply" started over Ardour's own OSC, and what comes back as a receipt.

Three things are told apart. Ardour does not answer: `DeliveryError` AMA-704, nothing was set. AMA's scripts are not installed, or do not
start: plain OSC sets what it can of what the user has agreed to, and the receipt says what it could not. A script has begun and no result comes:
AMA-705, the outcome is not certain, and "AMA Revert" takes back whatever was done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final

from ama_analysis.errors import DeliveryError
from ama_analysis.plan import MixPlan
from ama_analysis.progress import OnProgress, part_of, silent
from ama_analysis.session import Session
from ama_bridge.atomic import write_atomically
from ama_bridge.config import HOST
from ama_bridge.daw.ardour.mailbox import ArdourMailbox
from ama_bridge.daw.ardour.places import OSC_PORT, Place, osc_setting
from ama_bridge.daw.ardour.request import Request
from ama_bridge.daw.ardour.starting import slot_of, used_of
from ama_bridge.daw.ardour.texts import Answers, Texts
from ama_bridge.daw.documents import Result, document_bytes, document_from_bytes, plan_mark
from ama_bridge.daw.left import LeftOffers
from ama_bridge.daw.port import Move, OnMove, OnStanding, Receipt, Reverted
from ama_bridge.daw.receipts import moving_in, receipt_of, staying_in
from ama_bridge.daw.reverting import reverted_from
from ama_bridge.daw.waiting import NotBegunError, Patience, Wait, answer_of, new_wish

if TYPE_CHECKING:
    from ama_bridge.daw.ardour.native import Ardour

NAME: Final = "ardour"
APPLY: Final = "AMA Apply"
REVERT: Final = "AMA Revert"
_TRANSLATED: Final = 0.5
"""How much of the progress is translating; the rest is waiting."""
_NOT_REACHED: Final = "Ardour does not answer over OSC, so AMA Apply was not started"
_NOT_BEGUN: Final = (
    "AMA's scripts did not start in Ardour (a session must be open, and no other dialog)"
)
_WAITS: Final = "it waits in Ardour: press AMA Apply there"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArdourDaw:
    """Hands settings over to an Ardour on this machine; `places` tells its settings, `port` its OSC port where these do not."""

    mailbox: ArdourMailbox
    places: Callable[[], Sequence[Place]]
    port: int | None = None
    patience: Patience = field(default_factory=Patience)
    name: str = NAME
    asks: bool = True
    _texts: Texts = field(default_factory=Texts)

    def apply(
        self,
        plan: MixPlan,
        *,
        plan_id: str,
        folder: Path,
        ask: bool = False,
        agreed: frozenset[str] | None = None,
        on_progress: OnProgress = silent,
    ) -> Receipt:
        """Let "AMA Apply" offer or set the suggestions.

        Without it OSC sets what it can of those in `agreed` alone. Where nothing is agreed and Ardour cannot be reached, the offer is left in the
        mailbox until the user presses AMA Apply; the receipt is written anew when its answer comes.
        """
        staying = staying_in(plan)
        offer = ask and agreed is not None and not agreed
        with self.mailbox.held(), Answers() as answers, self._reached(offer=offer) as ardour:
            translating = part_of(on_progress, 0.0, _TRANSLATED)
            request = self._request(plan, plan_id, folder, answers.port, translating, ask=ask)
            write_atomically(folder / "request.json", document_bytes(request))
            notes: tuple[str, ...] = ()
            left = self._left
            left.settle()
            left.give_way()
            try:
                waiting = part_of(on_progress, _TRANSLATED, 1.0)
                result = self._by_script(ardour, request, answers, waiting)
            except NotBegunError as error:
                notes = (f"{error}.",)
                if ardour is None or offer:
                    heard = replace(request, answer_port=0)  # the service's own port hears it
                    result = left.leave(heard, folder=folder, plan_id=plan_id, staying=staying)
                else:
                    result = _natively(ardour, request, agreed, str(error))
        write_atomically(folder / "result.json", document_bytes(result))
        return receipt_of(NAME, plan_id, result, staying, notes)

    @property
    def _left(self) -> LeftOffers:
        return LeftOffers(self.mailbox, NAME, _WAITS)

    def _request(
        self,
        plan: MixPlan,
        plan_id: str,
        folder: Path,
        answer_port: int,
        on_progress: OnProgress,
        *,
        ask: bool,
    ) -> Request:
        from ama_bridge.daw.ardour.translate import is_ardours, request_of

        moving = moving_in(plan)
        request = request_of(
            plan.only(moving),
            request_id=folder.name,
            plan_id=plan_mark(plan_id, plan),
            mailbox=str(self.mailbox.folder),
            answer_port=answer_port,
            ask=ask,
            ticked=moving,
            on_progress=on_progress,
        )
        if any(is_ardours(track) for track in plan.session.tracks):
            return request
        return replace(request, session="")  # stems of anywhere: whichever session is open

    @contextmanager
    def _reached(self, *, offer: bool) -> Iterator[Ardour | None]:
        """Give the Ardour that answers; for an offer None where none does, else its `DeliveryError`."""
        try:
            ardour = self._connected().__enter__()
        except DeliveryError as error:
            if not offer or error.code != "AMA-704":
                raise
            yield None
            return
        try:
            yield ardour
        finally:
            ardour.__exit__(None, None, None)

    def revert(self, *, ask: bool = False, on_progress: OnProgress = silent) -> Reverted:
        """Take back the newest hand-over, over OSC where that had set it, else by "AMA Revert".

        `DeliveryError` (AMA-706) where the scripts would be needed, and are not installed or do not start.
        """
        from ama_bridge.daw.ardour.native import revert_natively

        with self.mailbox.held(), Answers() as answers, self._connected() as ardour:
            if self._set_natively_last(ardour):
                return revert_natively(ardour, self.mailbox.folder)
            try:
                data = self._reverted(ardour, answers, on_progress, ask=ask)
            except NotBegunError as error:
                message = f"{error}; nothing was taken back."
                hint = "Run the action AMA Revert in Ardour."
                raise DeliveryError(message, hint=hint, code="AMA-706") from error
        return reverted_from(data, daw=self.name)

    def _set_natively_last(self, ardour: Ardour) -> bool:
        """Return whether plain OSC, and not a script, did the last hand-over to the open session that was not taken back."""
        from ama_bridge.daw.ardour.native.journal import path_of
        from ama_bridge.daw.ardour.native.revert import newest

        folder = self.mailbox.folder
        last = newest(folder)
        if last is None or last.session != ardour.session_name():
            return False
        by_scripts = [folder / f"journal-{name}.json" for name in self.mailbox.journals()[-1:]]
        times = [path.stat().st_mtime_ns for path in by_scripts if path.is_file()]
        return not times or path_of(folder, last.id).stat().st_mtime_ns > times[0]

    def _reverted(
        self, ardour: Ardour, answers: Answers, on_progress: OnProgress, *, ask: bool
    ) -> bytes:
        wait = Wait(
            daw=self.mailbox.daw,
            script=REVERT,
            what="revert",
            not_begun=_NOT_BEGUN,
            hear=self._hear(answers),
            ask=ask,
            found=self.mailbox.next_answer("revert"),
            wish=self.mailbox.revert,
            wish_id=new_wish(),
            alive=lambda: _alive(ardour),
        )
        slot = slot_of(REVERT, self.places(), self.mailbox.folder)
        self.mailbox.post_revert(wish_id=wait.wish_id, answer_port=answers.port, ask=ask)
        ardour.trigger(f"LuaAction/script-{slot}")
        return answer_of(wait, self.mailbox, self.patience, on_progress)

    def _hear(self, answers: Answers) -> Callable[[float], tuple[str, str] | None]:
        """Return how to wait for what scripts send; it is kept in the mailbox."""

        def hear(timeout_s: float) -> tuple[str, str] | None:
            text = answers.next(timeout_s)
            if text is None:
                return None
            self.mailbox.keep(text)
            return text.what, text.text

        return hear

    def heard(self, session: Session) -> Session:
        """Return the session under AMA's pan law."""
        from ama_bridge.daw.ardour.pan_law import heard

        return heard(session)

    def standing(self, session: Session) -> Session:
        """Return a session with the faders, pans, mutes and plugins that the open Ardour shows now; tracks are told by their names.

        `DeliveryError` (AMA-704) where no Ardour answers; a track that is not there stays as it was, and the session says so.
        """
        from ama_bridge.daw.ardour.native import Levels, refreshed

        with self._connected() as ardour:
            levels = Levels(self.mailbox.folder, ardour.session_name())
            return refreshed(session, ardour.heard_strips(levels))

    def watch(self, on_move: OnMove, on_standing: OnStanding, stopping: Event) -> None:
        """Tell of faders, pans and mutes, first where all stand, then each that is moved; until another session is opened in Ardour."""
        from ama_bridge.daw.ardour.native import Levels

        with self._connected() as ardour:
            session = ardour.session_name()
            levels = Levels(self.mailbox.folder, session)

            def moved(move: Move) -> None:
                on_move(replace(move, session=session))

            with ardour.watch(moved, levels=levels):
                routes = (strip for strip in ardour.heard_strips(levels) if strip.kind != "V")
                automated = ardour.automated()
                for strip in routes:  # a VCA may have a track's name
                    held = automated.get(strip.name, frozenset())
                    now = Move(
                        track_name=strip.name,
                        fader_db=None if "gain" in held else strip.gain_db,
                        pan=None if "pan" in held else strip.pan,
                        muted=strip.muted,
                    )
                    moved(now)
                on_standing()
                while not stopping.wait(self.patience.alive_s):
                    if ardour.session_name() != session:
                        return

    def take_text(self, what: str, name: str, part: tuple[int, int], chunk: str) -> str | None:
        """Keep what a script sends that the user started herself."""
        text = self._texts.take(what, name, *part, chunk)
        if text is None or not self.mailbox.keep(text):
            return None
        if text.what == "result":
            self._left.settle()
        return text.id if text.what == "session" else None

    def exported(self, name: str) -> Path:
        """Return the folder of a session that came over OSC, since Ardour's sandbox let no script write it."""
        from ama_bridge.daw.ardour.sent_session import in_folder

        return in_folder(self.mailbox.sent_session(name))

    def waiting_export(self) -> Path | None:
        """Return the folder that AMA Export wrote while no service ran."""
        return self.mailbox.waiting_export()

    def _connected(self) -> Ardour:
        from ama_bridge.daw.ardour.native import Ardour

        place = used_of(self.places())
        known = osc_setting(place).port if place else OSC_PORT
        return Ardour(HOST, self.port or known)

    def _by_script(
        self, ardour: Ardour | None, request: Request, answers: Answers, on_progress: OnProgress
    ) -> Result:
        if ardour is None:
            raise NotBegunError(_NOT_REACHED)
        wait = Wait(
            daw=self.mailbox.daw,
            script=APPLY,
            what="result",
            not_begun=_NOT_BEGUN,
            hear=self._hear(answers),
            ask=request.ask,
            found=lambda: self.mailbox.answer("result", request.id),
            wish=self.mailbox.request,
            wish_id=request.id,
            alive=lambda: _alive(ardour),
        )
        slot = slot_of(APPLY, self.places(), self.mailbox.folder)
        self.mailbox.post(request)
        ardour.trigger(f"LuaAction/script-{slot}")
        data = answer_of(wait, self.mailbox, self.patience, on_progress)
        return document_from_bytes(Result, data, name=f"What {APPLY} answered")


def _alive(ardour: Ardour) -> bool:
    try:
        ardour.session_name()
    except DeliveryError:
        return False
    return True


def _natively(ardour: Ardour, request: Request, agreed: frozenset[str] | None, why: str) -> Result:
    """Set over OSC what can be set so, of what the user has agreed to."""
    from ama_bridge.daw.ardour.native import apply_natively

    waiting = {s.id for s in request.suggestions if agreed is not None and s.id not in agreed}
    ticked = tuple(replace(s, ticked=s.id not in waiting) for s in request.suggestions)
    result = apply_natively(ardour, replace(request, suggestions=ticked))
    reason = f"{why}; without them nobody could ask you"
    skipped = (
        replace(one, reason=reason) if one.suggestion in waiting else one for one in result.skipped
    )
    return replace(result, skipped=tuple(skipped))
