"""REAPER as a DAW: a request in the mailbox, "AMA Apply" started in one of four ways, and what comes back as a receipt.

1. An AMA script waits in REAPER (its heartbeat is young): it takes the request by itself.
2. REAPER's web interface, or 3. its OSC, is on and AMA Apply's command id is known: AMA starts it.
4. Neither: an offer stays in the mailbox until the user presses AMA Apply in REAPER, and its receipt is written then; what is to be set without
   asking is refused (`DeliveryError` AMA-704), and nothing was set.

A script that has begun and brings no result leaves the outcome uncertain: AMA-705, and "AMA Revert" takes back whatever was done.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from ama_analysis.errors import DeliveryError
from ama_analysis.plan import MixPlan
from ama_analysis.progress import OnProgress, silent
from ama_analysis.session import Session
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.documents import Result, document_bytes, document_from_bytes, plan_mark
from ama_bridge.daw.left import LeftOffers
from ama_bridge.daw.mailbox import Mailbox
from ama_bridge.daw.port import Move, OnMove, OnStanding, Receipt, Reverted
from ama_bridge.daw.reaper.places import Place
from ama_bridge.daw.reaper.rack import notes_of
from ama_bridge.daw.reaper.request import Request
from ama_bridge.daw.reaper.signs import Signs
from ama_bridge.daw.receipts import moving_in, receipt_of, staying_in
from ama_bridge.daw.reverting import reverted_from
from ama_bridge.daw.waiting import NotBegunError, Patience, Wait, answer_of, new_wish

NAME: Final = "reaper"
SHOWN: Final = "REAPER"
APPLY: Final = "AMA Apply"
REVERT: Final = "AMA Revert"
WAITS: Final = "it waits in REAPER: press AMA Apply there"
TAKEN: Final = "taken.json"
"""The note of the export that a service works on."""
_NOT_BEGUN: Final = "{} did not start in REAPER (a dialog may be open there)"
_GONE_AFTER_S: Final = 60.0
"""A script whose heartbeat has stopped for so long has gone; menus and dialogs of REAPER's may hold it up."""
_HINT: Final = "Open the project in REAPER and run the action AMA Listen there, or switch OSC on (docs/reaper.md)."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaperDaw:
    """Hands settings over to a REAPER on this machine; `places` tells where it keeps its settings."""

    mailbox: Mailbox
    places: Callable[[], Sequence[Place]]
    patience: Patience = field(default_factory=Patience)
    name: str = NAME
    asks: bool = True
    _exports: dict[Path, str] = field(default_factory=dict)
    _signs: Signs = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_signs", Signs(self.mailbox.folder))

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
        """Let "AMA Apply" offer or set the suggestions; an offer that no script takes is left in the mailbox."""
        staying = staying_in(plan)
        notes: tuple[str, ...] = ()
        with self.mailbox.held():
            ticked = None if ask else agreed
            request = self._request(plan, plan_id, folder, ask=ask, ticked=ticked)
            write_atomically(folder / "request.json", document_bytes(request))
            left = self._left
            left.settle()
            left.give_way()
            try:
                result = self._by_script(request, on_progress)
            except NotBegunError as error:
                if not ask:
                    message = f"{error}; nothing was set."
                    raise DeliveryError(message, hint=_HINT, code="AMA-704") from error
                notes = (f"{error}.",)
                result = left.leave(request, folder=folder, plan_id=plan_id, staying=staying)
        write_atomically(folder / "result.json", document_bytes(result))
        return receipt_of(NAME, plan_id, result, staying, (*notes, *notes_of(request, result)))

    @property
    def _left(self) -> LeftOffers:
        return LeftOffers(self.mailbox, NAME, WAITS, _notes_left)

    def _request(
        self, plan: MixPlan, plan_id: str, folder: Path, *, ask: bool, ticked: frozenset[str] | None
    ) -> Request:
        from ama_bridge.daw.reaper.translate import request_of

        moving = moving_in(plan)
        return request_of(
            plan.only(moving),
            request_id=folder.name,
            plan_id=plan_mark(plan_id, plan),
            mailbox=self.mailbox.folder,
            ask=ask,
            ticked=moving if ticked is None else moving & ticked,
        )

    def _by_script(self, request: Request, on_progress: OnProgress) -> Result:
        start = self._start(APPLY)
        wait = self._wait(
            APPLY,
            ask=request.ask,
            found=lambda: self.mailbox.answer("result", request.id),
            wish=self.mailbox.request,
            wish_id=request.id,
        )
        self.mailbox.post(request)
        data = self._answer(wait, start, on_progress)
        return document_from_bytes(Result, data, name=f"What {APPLY} answered")

    def _start(self, script: str) -> Callable[[], None]:
        """Return how a script can be started; `NotBegunError` where there is no way."""
        if self._signs.listening():
            return lambda: None
        from ama_bridge.daw.reaper.starting import start_of

        return start_of(script, self._signs.actions(), self.places())

    def _wait(
        self,
        script: str,
        *,
        ask: bool,
        found: Callable[[], bytes | None],
        wish: Path,
        wish_id: str,
    ) -> Wait:
        pause = threading.Event()

        def hear(timeout_s: float) -> None:
            pause.wait(timeout_s)

        return Wait(
            daw=SHOWN,
            script=script,
            what="",
            not_begun=_NOT_BEGUN.format(script),
            hear=hear,
            ask=ask,
            found=found,
            wish=wish,
            wish_id=wish_id,
            alive=self._signs.still_there(_GONE_AFTER_S),
        )

    def _answer(self, wait: Wait, start: Callable[[], None], on_progress: OnProgress) -> bytes:
        try:
            start()
        except DeliveryError as error:
            self.mailbox.withdraw(wait.wish)
            raise NotBegunError(error.message.rstrip(".")) from error
        return answer_of(wait, self.mailbox, self.patience, on_progress)

    def revert(self, *, ask: bool = False, on_progress: OnProgress = silent) -> Reverted:
        """Take back the newest hand-over by "AMA Revert"; `DeliveryError` (AMA-704) where it cannot be started."""
        with self.mailbox.held():
            found = self.mailbox.next_answer("revert")
            try:
                start = self._start(REVERT)
                wish = self.mailbox.revert
                wait = self._wait(REVERT, ask=ask, found=found, wish=wish, wish_id=new_wish())
                self.mailbox.post_revert(wish_id=wait.wish_id, ask=ask)
                data = self._answer(wait, start, on_progress)
            except NotBegunError as error:
                message = f"{error}; nothing was taken back."
                hint = "Run the action AMA Revert in REAPER."
                raise DeliveryError(message, hint=hint, code="AMA-704") from error
        return reverted_from(data, daw=self.name)

    def heard(self, session: Session) -> Session:
        """Return the session as it is: REAPER's balance is taken for AMA's."""
        return session

    def watch(self, on_move: OnMove, on_standing: OnStanding, stopping: threading.Event) -> None:
        """Tell of faders, pans and mutes over REAPER's OSC, first where all stand, then each that moves; `DeliveryError` (AMA-704) where that is off.

        OSC does not tell which project is in front; the last heartbeat does. Nor does it tell when it has told all, so nobody waits for that.
        """
        from ama_bridge.daw.reaper import osc
        from ama_bridge.daw.reaper.starting import mixer_of

        device = mixer_of(self.places())
        project = ""

        def moved(move: Move) -> None:
            nonlocal project
            heartbeat = self._signs.heartbeat()
            project = heartbeat.project if heartbeat is not None else project
            on_move(replace(move, session=project))

        on_standing()
        osc.watch(moved, stopping, send_port=device.receive_port, receive_port=device.send_port)

    def take_text(self, what: str, name: str, part: tuple[int, int], chunk: str) -> str | None:
        """Take nothing: REAPER's scripts send no texts."""

    def exported(self, name: str) -> Path:
        """Refuse: REAPER's scripts write their sessions themselves."""
        raise DeliveryError(f"REAPER has sent no session {name!r}.")

    def waiting_export(self) -> Path | None:
        """Return the folder that AMA Export wrote and no service has taken up yet, or one that a service had taken up when it was killed."""
        unfinished = None if self._exports else self.mailbox.take_export(TAKEN)
        export = self.mailbox.take_export()
        if export is not None:
            self.mailbox.note_export(export, TAKEN)
        export = export or unfinished  # what killed a service is tried once more, and not for ever
        if export is None:
            return None
        self._exports[export.folder] = export.id
        return export.folder

    def attend(self) -> None:
        """Say that a service runs, and write the receipts of offers that were answered."""
        self._signs.tell_service()
        self._left.settle()

    def leave(self) -> None:
        """Say that no service runs any more."""
        self._signs.end_service()

    def tell(self, folder: Path, share: float, stage: str, error: str = "") -> None:
        """Say how the work on an export goes, for the script that waits in REAPER; at its end nothing is left to be taken up."""
        if share >= 1.0:
            self.mailbox.withdraw(self.mailbox.folder / TAKEN)
        self._signs.tell_status(self._exports.get(folder, ""), share, stage, error)


def _notes_left(request_file: Path, result: Result) -> tuple[str, ...]:
    request = document_from_bytes(Request, request_file.read_bytes(), name=request_file.name)
    return notes_of(request, result)
