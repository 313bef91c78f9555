"""A client of REAPER's own OSC, by AMA's pattern file: tells of faders, pans and mutes that move, and starts actions.

OSC knows tracks by their numbers alone, and a number is a place in a list that the user changes at any time. So nothing is told by number: where names
have changed, everything is read anew. Nothing is set this way; AMA Apply does that, with one undo point for all.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from typing import Final

from ama_analysis.errors import OptionError
from ama_bridge.config import HOST
from ama_bridge.daw.port import OnMove
from ama_bridge.daw.reaper.osc_surface import Surface, post, sender, silence
from ama_bridge.daw.reaper.osc_values import Mixer, Shown, moves, told_apart
from ama_bridge.osc_packets import encode

HOLD_S: Final = 0.05
"""So long moves are gathered before they are told: a dragged fader is some twenty a second, not hundreds."""
LISTEN_S: Final = 0.1
"""So often is looked whether to go on."""
PROBE_S: Final = 15.0
"""After so long without a word it is looked whether REAPER still listens."""
REFUSED_S: Final = 0.15
"""A system tells within milliseconds that nobody listens at one of its own ports."""
_COMMAND: Final = re.compile(r"_[A-Za-z0-9_]{1,200}|[1-9][0-9]{0,8}")

_log = logging.getLogger(__name__)


def trigger(port: int, command_id: str) -> None:
    """Start an action once, by its number or its command id ("_RS..."); nothing tells whether it began.

    `OptionError` (AMA-501) for what is no command id, `DeliveryError` (AMA-704) where nobody listens at REAPER's port.
    """
    if not _COMMAND.fullmatch(command_id):
        message = f"{command_id!r} is no command id of REAPER's."
        raise OptionError(message, hint="It is a number, or begins with _RS.")
    where = (HOST, port)
    with sender(*where) as out:
        post(out, encode("/action/str", (command_id,)), where)
        out.settimeout(REFUSED_S)
        try:
            out.recv(1)
        except TimeoutError:
            return
        except OSError as error:
            raise silence(where) from error


def watch(on_move: OnMove, stopping: threading.Event, *, send_port: int, receive_port: int) -> None:
    """Tell where faders, pans and mutes stand in REAPER, then which move, until `stopping` is set; tracks are told by name, where it is their own.

    REAPER listens at `send_port` and tells `receive_port`, which one program at a time can hold. `DeliveryError`: AMA-704 where REAPER does not answer, or no more; AMA-703 where the port is in use.
    """
    with Surface(send_port, receive_port) as surface:
        watched = _Watch(surface, on_move)
        while not stopping.is_set():
            watched.listen()


class _Watch:
    """What is known of the mixer, and what is told of it."""

    def __init__(self, surface: Surface, on_move: OnMove) -> None:
        self._surface = surface
        self._on_move = on_move
        self._known: dict[str, Shown] = {}
        self._settle(surface.read())
        self._heard_s = time.monotonic()

    def listen(self) -> None:
        """Take what comes within a moment, and tell it."""
        first = self._surface.receive(LISTEN_S)
        if first is None:
            if time.monotonic() - self._heard_s > PROBE_S:
                self._surface.probe()
                self._heard_s = time.monotonic()
            return
        self._heard_s = time.monotonic()
        names = self._names()
        self._mixer.take(first)
        until_s = time.monotonic() + HOLD_S
        while (left_s := until_s - time.monotonic()) > 0.0:
            message = self._surface.receive(left_s)
            if message is not None:
                self._mixer.take(message)
        if self._names() != names:
            self._settle(self._surface.read())  # which value was whose is not certain
        else:
            self._settle(self._mixer)

    def _names(self) -> dict[int, str]:
        return {strip.number: strip.name for strip in self._mixer.there()}

    def _settle(self, mixer: Mixer) -> None:
        self._mixer = mixer
        now = told_apart(mixer.there())
        for move in moves(self._known, now):
            try:
                self._on_move(move)
            except Exception:  # noqa: BLE001  # a listener must not end the watch
                _log.exception("a move of %s could not be taken", move.track_name)
        self._known = now
