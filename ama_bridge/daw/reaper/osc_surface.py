"""The two sockets of a conversation with REAPER's OSC: one that sends to REAPER's port, and one at the port that REAPER sends to.

REAPER tells what it shows when it starts, when something changes, and when it is asked to tell everything anew; it never answers a message, and it
tells one address only, which its settings name. What is sent goes in messages of their own: a message of more than 1,024 bytes would be dropped
together with all that wait behind it. `DeliveryError` (AMA-704) comes within two seconds where nothing is told.
"""

from __future__ import annotations

import errno
import socket
import time
from collections import deque
from typing import Final, Self

from ama_analysis.errors import DeliveryError
from ama_bridge.config import HOST
from ama_bridge.daw.reaper.osc_values import Mixer
from ama_bridge.osc_packets import Message, PacketError, encode, messages_of

BANK: Final = 64
"""Of so many tracks AMA.ReaperOSC has REAPER tell; more are asked for where the last of them is there."""
LARGEST_BANK: Final = 1024
TELL_ANEW: Final = 41743
"""The action "Control surface: Refresh all surfaces"."""
FIRST_S: Final = 0.4
"""How long nothing may come before the other way of asking is taken; REAPER looks after its surfaces some thirty times a second."""
LAST_S: Final = 1.2
QUIETS_S: Final = (0.2, 0.5, 1.0)
"""After so long without anything about the mixer, all of it is told; REAPER waits 10 ms between its packets. Where tracks are missing it is asked again, and
waited for longer."""
LONGEST_S: Final = 20.0
_LARGEST_DATAGRAM: Final = 65_535
_BUFFER_BYTES: Final = 1 << 22


class Surface:
    """Used by one thread at a time. A context manager."""

    def __init__(self, send_port: int, receive_port: int) -> None:
        """Name REAPER's listening port and the port that REAPER sends to; the sockets are made when the context opens."""
        self._where = (HOST, send_port)
        self._receive_port = receive_port
        self._bank = BANK
        self._anew_only = False
        self._known: tuple[int, ...] = ()
        self._inbox: deque[Message] = deque()

    def __enter__(self) -> Self:
        """Return the surface; `DeliveryError` AMA-703 where another program has the port."""
        self._out = sender(*self._where)
        self._in = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._in.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
            self._in.bind((HOST, self._receive_port))
        except OSError as error:
            self._close()
            message = f"UDP port {self._receive_port}, to which REAPER sends, is in use."
            hint = "A service of AMA's may be listening there already (`ama status`)."
            raise DeliveryError(message, hint=hint, code="AMA-703") from error
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the sockets."""
        self._close()

    def _close(self) -> None:
        self._out.close()
        self._in.close()

    def read(self) -> Mixer:
        """Return the mixer as REAPER shows it now, every track of it; `DeliveryError` (AMA-704) where REAPER tells nothing."""
        while True:
            mixer = self._told()
            self._known = tuple(strip.number for strip in mixer.there() if strip.number)
            if max(self._known, default=0) < self._bank or self._bank >= LARGEST_BANK:
                return mixer
            self._bank = min(4 * self._bank, LARGEST_BANK)

    def _told(self) -> Mixer:
        """Ask by the size of the bank, which concerns this surface alone; else, and from then on, by the action that refreshes all surfaces."""
        while self.receive(0.0) is not None:
            pass
        self.probe()
        if not self._anew_only:
            mixer = self._gathered(FIRST_S)
            if mixer.is_whole(self._known):
                return mixer
        mixer = Mixer()
        for quiet_s in QUIETS_S:
            post(self._out, encode("/action", (TELL_ANEW,)), self._where)
            mixer = self._gathered(LAST_S, quiet_s=quiet_s)
            if not mixer.strips:
                raise silence(self._where)
            if mixer.is_whole(()):
                break
        self._anew_only = True
        return mixer

    def probe(self) -> None:
        """Tell REAPER which tracks to tell of; that is also how it is noticed that REAPER has gone."""
        post(self._out, encode("/device/track/count", (self._bank,)), self._where)
        post(self._out, encode("/device/track/bank/select", (1,)), self._where)

    def _gathered(self, first_s: float, *, quiet_s: float = QUIETS_S[0]) -> Mixer:
        mixer = Mixer()
        ends_s = time.monotonic() + first_s
        until_s = time.monotonic() + LONGEST_S
        while (left_s := min(ends_s, until_s) - time.monotonic()) > 0.0:
            message = self.receive(left_s)
            if message is not None and mixer.take(message):
                ends_s = time.monotonic() + quiet_s
                if mixer.is_full(self._bank):
                    break
        return mixer

    def receive(self, wait_s: float) -> Message | None:
        """Return the next message, or None when none has come for that long."""
        return self._inbox.popleft() if self._inbox else self._received(wait_s)

    def _received(self, wait_s: float) -> Message | None:
        until_s = time.monotonic() + wait_s
        while True:
            self._in.settimeout(max(until_s - time.monotonic(), 0.0005))
            try:
                datagram = self._in.recv(_LARGEST_DATAGRAM)
            except (TimeoutError, ConnectionError):
                return None
            found = [m for m in messages_of(datagram) if not isinstance(m, PacketError)]
            if found:
                self._inbox.extend(found[1:])
                return found[0]
            if time.monotonic() >= until_s:
                return None


def sender(host: str, port: int) -> socket.socket:
    """Return a socket that sends there; `DeliveryError` (AMA-704) where there is no such host."""
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        out.connect((host, port))
    except OSError as error:
        out.close()
        raise silence((host, port)) from error
    return out


def post(out: socket.socket, datagram: bytes, where: tuple[str, int]) -> None:
    """Send a datagram; `DeliveryError` (AMA-704) where this computer knows that nobody listens there."""
    try:
        out.send(datagram)
    except OSError as error:
        if error.errno in {errno.ENOBUFS, errno.EAGAIN}:
            message = "The system takes no more messages for REAPER."
            raise DeliveryError(message, hint="Try again.", code="AMA-704") from error
        raise silence(where) from error


def silence(where: tuple[str, int]) -> DeliveryError:
    """Return the error that says that REAPER does not answer."""
    message = f"No REAPER answers over OSC at {where[0]}:{where[1]}."
    hint = "Open the project in REAPER, and look at the AMA device in Preferences > Control/OSC/web (docs/reaper.md)."
    return DeliveryError(message, hint=hint, code="AMA-704")
