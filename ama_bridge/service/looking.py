"""Looking what DAWs have exported: once when a service starts, and once a second where a DAW's scripts can send nothing.

Such a script waits before the user, so it is told how the work on its export goes.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from ama_analysis.errors import AmaError
from ama_bridge.daw.port import Daw, LookedAfter
from ama_bridge.jobs import Job, Listener

T = TypeVar("T")
EVERY_S: Final = 1.0
CLOSE_S: Final = 5.0

_log = logging.getLogger(__name__)


TakeUp: TypeAlias = Callable[[Daw, Callable[[], Path], Path], None]
"""Takes what a DAW has exported: how to find the folder, and the folder by which the DAW knows it."""


class Looking:
    """Looks; `take_up` gets what is found."""

    def __init__(self, daws: Iterable[Daw], take_up: TakeUp, every_s: float = EVERY_S) -> None:
        """Begin nothing yet."""
        self._daws = tuple(daws)
        self._take_up = take_up
        self._every_s = every_s
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._told = ""

    def begin(self) -> None:
        """Look at every DAW once, and from now on at those that need it."""
        for daw in self._daws:
            self._safely(partial(self._look, daw))
        if self._thread is None and any(isinstance(daw, LookedAfter) for daw in self._daws):
            self._thread = threading.Thread(target=self._run, name="ama-looking", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop it, and tell the scripts that no service runs any more."""
        self._stopping.set()
        if self._thread is None:
            return
        self._thread.join(CLOSE_S)
        self._thread = None
        for daw in self._daws:
            if isinstance(daw, LookedAfter):
                self._safely(daw.leave)

    def _run(self) -> None:
        while not self._stopping.is_set():
            for daw in self._daws:
                if isinstance(daw, LookedAfter):
                    self._safely(daw.attend)
                    self._safely(partial(self._look, daw))
            self._stopping.wait(self._every_s)

    def _look(self, daw: Daw) -> None:
        folder = daw.waiting_export()
        if folder is not None:
            self._take_up(daw, lambda: folder, folder)

    def _safely(self, step: Callable[[], None]) -> None:
        """Do a step; what goes wrong is logged once, and does not end the looking."""
        try:
            step()
        except AmaError as error:
            again = error.sentence() == self._told
            self._told = error.sentence()
            _log.log(logging.DEBUG if again else logging.WARNING, "%s", self._told)
        except Exception:  # noqa: BLE001  # an odd file of a script must not end the looking
            _log.exception("looking after a DAW met an error that AMA did not foresee")


def telling(daw: Daw, folder: Path | None, *, on_done: Callable[[T], None]) -> Listener[T]:
    """Return who hears of the work on an export and tells it in the DAW, where that can be told something; the log tells the rest."""

    def tell(share: float, stage: str, error: str = "") -> None:
        if folder is not None and isinstance(daw, LookedAfter):
            daw.tell(folder, share, stage, error)

    def done(found: T) -> None:
        tell(1.0, "done")
        on_done(found)

    def queued(_: Job) -> None:
        tell(0.0, "waiting")

    return Listener(
        on_done=done,
        on_error=lambda error: tell(1.0, "failed", error.sentence()),
        on_progress=tell,
        on_queued=queued,
    )
