"""What happens in a service, told to whoever listens: every step of every job, and what has changed, whoever did it.

A listener is called on the thread on which it happens, so it must be quick and must not call back; what it was told it can read in full
from the Assistant.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ama_bridge.jobs import Job

What: TypeAlias = Literal[
    "sessions", "faders", "plans", "decisions", "deliveries", "renders", "daws", "preferences"
]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Something that can be read has changed: which kind of thing, and which one ("" for all of them)."""

    what: What
    subject: str = ""


Event: TypeAlias = Job | Changed


class News:
    """Tells events to listeners; any thread may call it."""

    def __init__(self) -> None:
        """Nobody listens yet."""
        self._listeners: tuple[Callable[[Event], None], ...] = ()
        self._lock = threading.Lock()

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """Tell a listener from now on; what is returned ends it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

        def end() -> None:
            with self._lock:
                self._listeners = tuple(each for each in self._listeners if each != listener)

        return end

    def tell(self, event: Event) -> None:
        """Tell all listeners; one that fails is logged and does not keep the others from hearing, nor the work from going on."""
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # noqa: BLE001  # who listens must not stop who works
                _log.exception("a listener could not be told of %s", event)

    def changed(self, what: What, subject: str = "") -> None:
        """Tell that something has changed."""
        self.tell(Changed(what=what, subject=subject))
