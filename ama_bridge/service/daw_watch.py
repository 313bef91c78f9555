"""How the DAWs stand, known at once: what was found by the last look, which is made anew beside the work when somebody asks and it is old.

A look reads settings, lists processes and may wait a second for an answer over OSC, so nobody waits for it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ama_bridge.daw.port import Daw, Standing

FRESH_S: Final = 3.0
"""So long what was found is not looked for anew."""
CLOSE_S: Final = 5.0
_UNKNOWN: Final = "It was not looked for yet."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDaw:
    """A DAW of this version, and how it stands."""

    name: str
    asks: bool
    standing: Standing


class DawWatch:
    """Looks at DAWs in a thread that lasts as long as the look; any thread may ask."""

    def __init__(
        self,
        daws: Iterable[Daw],
        look: Callable[[], Sequence[Standing]],
        on_change: Callable[[], None],
    ) -> None:
        """Take what looks, and who hears when something else is found."""
        self._daws = tuple((daw.name, daw.asks) for daw in daws)
        self._look = look
        self._on_change = on_change
        self._found: dict[str, Standing] = {}
        self._next_s = 0.0
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def known(self) -> tuple[KnownDaw, ...]:
        """Return every DAW as the last look found it, and look again where that is a while ago."""
        with self._lock:
            if self._thread is None and time.monotonic() >= self._next_s:
                self._thread = threading.Thread(
                    target=self._renew, name="ama-daw-watch", daemon=True
                )
                self._thread.start()
            found = dict(self._found)
        return tuple(
            KnownDaw(name=name, asks=asks, standing=found.get(name) or _unknown(name))
            for name, asks in self._daws
        )

    def close(self) -> None:
        """Look no more."""
        with self._lock:
            self._next_s = float("inf")
            thread = self._thread
        if thread is not None:
            thread.join(CLOSE_S)

    def _renew(self) -> None:
        found: dict[str, Standing] | None = None
        try:
            found = {standing.daw: standing for standing in self._look()}
        except Exception:  # noqa: BLE001  # an odd file of a DAW must not end the looking
            _log.exception("looking how the DAWs stand met an error that AMA did not foresee")
        with self._lock:
            changed = found is not None and found != self._found
            self._found = self._found if found is None else found
            self._next_s = max(self._next_s, time.monotonic() + FRESH_S)
            self._thread = None
        if changed:
            self._on_change()


def _unknown(name: str) -> Standing:
    return Standing(daw=name, running=None, installed=None, about=_UNKNOWN)
