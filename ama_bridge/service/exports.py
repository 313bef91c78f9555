"""What scripts in a DAW export by themselves: each becomes the service's session of its name, is worked on, and its plan offered where it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeAlias

from ama_analysis.errors import OptionError
from ama_analysis.progress import OnProgress
from ama_analysis.session import Session
from ama_bridge.daw.mailbox import TEXTS
from ama_bridge.daw.port import Daw, LookedAfter
from ama_bridge.jobs import Jobs, Listener
from ama_bridge.service import outcomes
from ama_bridge.service.completing import Completing
from ama_bridge.service.delivering import Delivering
from ama_bridge.service.handover import Applied
from ama_bridge.service.live import LiveMoves
from ama_bridge.service.looking import Looking, telling
from ama_bridge.service.opening import exported_draft
from ama_bridge.service.outcomes import Suggested
from ama_bridge.service.session_book import SessionBook

Suggests: TypeAlias = Callable[[Session, OnProgress], Suggested]


def _ignore(_: object) -> None:
    """Hear of a job that nobody asked for; the log tells how it ended."""


class Exports:
    """Takes exports up; any thread may call it."""

    def __init__(
        self,
        daws: Mapping[str, Daw],
        *,
        lane: Jobs,
        live: LiveMoves,
        deliveries: Delivering,
        sessions: SessionBook,
        completing: Completing,
        suggest: Suggests,
    ) -> None:
        """Take the DAWs, the lane for the work, and who follows moves, offers plans, keeps sessions, completes them, and makes plans."""
        self._daws = daws
        self._lane = lane
        self._live = live
        self._deliveries = deliveries
        self._suggest = suggest
        self._sessions = sessions
        self._completing = completing
        self._looking = Looking(daws.values(), self._take_up)

    def begin(self) -> None:
        """Take up what DAWs exported while no service ran; from now on look what those leave that can send nothing."""
        self._looking.begin()

    def close(self) -> None:
        """Look no more."""
        self._looking.close()

    def take_text(self, what: str, name: str, part: tuple[int, int], chunk: str) -> None:
        """Take part of a text that a script in a DAW sends by itself; a session that is whole now is taken up.

        `OptionError` for a text of no kind that AMA knows and for a part that cannot be, `SessionError` (AMA-204) for a session that is none.
        """
        at, parts = part
        if what not in TEXTS:
            message = f"{what!r} is no kind of text that AMA knows."
            raise OptionError(message, hint=f"Known: {', '.join(TEXTS)}.")
        if not 0 <= at < parts:
            raise OptionError(f"There is no part {at} of {parts}.", hint="Parts count from 0.")
        for daw in self._daws.values():
            if daw.take_text(what, name, part, chunk) is not None:
                self._take_up(daw, partial(daw.exported, name))

    def _take_up(self, daw: Daw, exported: Callable[[], Path], folder: Path | None = None) -> None:
        if isinstance(daw, LookedAfter):
            self._live.begin_anew(daw)

        def work(on_progress: OnProgress) -> Suggested:
            draft = self._sessions.take_export(exported_draft(daw, exported()))
            self._completing.follow(draft)
            return self._suggest(self._completing.session(draft), on_progress)

        heard: Listener[Applied] = telling(daw, folder, on_done=_ignore)

        def made(found: Suggested) -> None:
            self._deliveries.offer(found, daw.name, heard)

        listener = telling(daw, folder, on_done=made)
        self._lane.submit("suggest", daw.name, work, listener, told=outcomes.suggested_told)
