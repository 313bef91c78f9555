"""Questions to Ardour's OSC surface, and its answers: a UDP socket with a surface of its own.

Ardour answers nothing at all where a strip or a message is unknown to it, so whoever asks must be able to wait in vain. Questions go out in
windows, so that no socket's buffer overflows, and are asked again where no answer comes; all of them may be asked twice. `DeliveryError`
(AMA-704) comes within two seconds when Ardour is not there, or has gone.

Ardour keeps what it calls a surface for each address that it answers to: which strips it lists, what it reports without being asked. Where
it is set to answer to a fixed port ("Manual", which is its default) it is told to answer to whoever asks; that holds for all programs on
this computer, and drops what others on it had set up, so it is done only where no answer comes without it.
"""

from __future__ import annotations

import socket
import sys
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import suppress
from typing import Final, Generic, Self, TypeVar

from ama_analysis.errors import DeliveryError
from ama_bridge.osc_packets import Message, PacketError, encode, messages_of

K = TypeVar("K", bound=Hashable)
REPLIES: Final = 1 << 14
"""Feedback bit: lists are answered at /reply, not at "#reply", which is no OSC address."""
BUTTONS, VALUES, HEARTBEAT, MASTER, SCENES = 1, 2, 8, 16, 1 << 16
"""Feedback bits: names and mutes; faders and pans; a beat each second; the session's name; the names of mixer scenes."""
STRIP_TYPES: Final = 1 + 2 + 4 + 8 + 16 + 32 + 128 + 512
"""Audio and MIDI tracks and busses, VCAs, master, foldback busses, and all of these that are hidden (they sound too)."""
WAITS_S: Final = (0.15, 0.25, 0.4)
"""How long nothing may come before what is open is asked again, and in the end given up."""
WINDOW: Final = 48
"""Questions that may be open at once: a buffer of 208 KiB, Linux's default, holds some 250 small datagrams."""
_BUFFER_BYTES: Final = 1 << 22
_LARGEST_DATAGRAM: Final = 65_535
_IP_RECVERR: Final = 11
"""Linux: tell an unconnected socket, too, that nobody listens at the port."""


class Surface:
    """One socket, used by one thread at a time."""

    def __init__(self, host: str, port: int, *, feedback: int = REPLIES) -> None:
        """Name Ardour's address and what it is to report; the socket is made when the context opens."""
        self._there = (host, port)
        self.feedback = feedback
        self.moved = True
        self._inbox: deque[Message] = deque()
        self._socket: socket.socket

    def __enter__(self) -> Self:
        """Return the surface, registered; `DeliveryError` (AMA-704) where no Ardour answers."""
        try:
            self._there = (socket.gethostbyname(self._there[0]), self._there[1])
        except OSError as error:
            raise self.silence() from error
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        if sys.platform == "linux":
            self._socket.setsockopt(socket.IPPROTO_IP, _IP_RECVERR, 1)
        self._socket.bind(("127.0.0.1" if self._there[0].startswith("127.") else "", 0))
        try:
            self.register()
        except BaseException:
            self._socket.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Ask Ardour to report nothing more, and let go of the socket."""
        with suppress(DeliveryError):
            self.put(encode("/set_surface/feedback", (0,)))
        self._socket.close()

    def register(self) -> None:
        """Make or renew Ardour's surface for this socket."""
        if self._registered(WAITS_S[:2]):
            return
        everything = (0, STRIP_TYPES, self.feedback, 0, 0, 0, 0)
        self.put(encode("/set_surface", everything))
        if not self._registered(WAITS_S):
            raise self.silence()

    def _registered(self, waits_s: Sequence[float]) -> bool:
        """Set the surface and return whether Ardour says that it is set so."""
        wanted = (0, STRIP_TYPES, self.feedback, 0)
        for _ in range(2):
            for what, value in zip(
                ("bank_size", "strip_types", "feedback", "gainmode"), wanted, strict=True
            ):
                self.put(encode(f"/set_surface/{what}", (value,)))
            answers = self.collect({"": encode("/set_surface", ())}, _surface, waits_s=waits_s)
            if not answers:
                return False
            if answers[""][-1].arguments[:4] == wanted:
                return True
        return False

    def put(self, datagram: bytes) -> None:
        """Send a datagram; `DeliveryError` where this computer knows already that nobody listens."""
        try:
            self._socket.sendto(datagram, self._there)
        except OSError as error:
            raise self.silence() from error

    def ask(
        self,
        questions: Mapping[K, bytes],
        sort: Callable[[Message], tuple[K, bool] | None],
    ) -> dict[K, list[Message]]:
        """Send datagrams and return the answers to each; those that Ardour does not answer are missing.

        `sort` says to which question a message belongs and whether it is that question's last answer; None for what belongs to none.
        `DeliveryError` (AMA-704) where Ardour answers nothing at all any more.
        """
        answers = self.collect(questions, sort)
        if len(answers) < len(questions) and not self.collect(
            {"": encode("/set_surface", ())}, _surface
        ):
            raise self.silence()
        return answers

    def collect(
        self,
        questions: Mapping[K, bytes],
        sort: Callable[[Message], tuple[K, bool] | None],
        *,
        waits_s: Sequence[float] = WAITS_S,
    ) -> dict[K, list[Message]]:
        """Do what `ask` does, without doubting that Ardour is there."""
        asking = _Asking(questions, sort)
        while asking.goes_on():
            for key in asking.due():
                self.put(questions[key])
            message = self.receive(waits_s[asking.waited])
            if message is not None:
                asking.take(message)
            else:
                for key in asking.again(len(waits_s)):
                    self.put(questions[key])
        return asking.answered

    def receive(self, wait_s: float) -> Message | None:
        """Return the next message, or None when none has come for that long; a notice that strips moved is noted on the way."""
        until_s = time.monotonic() + wait_s
        while not self._inbox:
            self._socket.settimeout(max(until_s - time.monotonic(), 0.0005))
            try:
                datagram, sender = self._socket.recvfrom(_LARGEST_DATAGRAM)
            except TimeoutError:
                return None
            except OSError as error:
                raise self.silence() from error
            if sender[0] == self._there[0]:
                self._take(datagram)
            if time.monotonic() >= until_s and not self._inbox:
                return None
        return self._inbox.popleft()

    def _take(self, datagram: bytes) -> None:
        for message in messages_of(datagram):
            if isinstance(message, PacketError):
                continue
            if message.address == "/strip/list":
                self.moved = True
            self._inbox.append(message)

    def silence(self) -> DeliveryError:
        """Return the error that says that Ardour does not answer."""
        host, port = self._there
        message = f"No Ardour answers at {host}:{port}."
        hint = "Open the session in Ardour and switch on Preferences > Control Surfaces > Open Sound Control (OSC)."
        return DeliveryError(message, hint=hint, code="AMA-704")


class _Asking(Generic[K]):
    """How far a set of questions has come."""

    def __init__(
        self,
        questions: Mapping[K, bytes],
        sort: Callable[[Message], tuple[K, bool] | None],
    ) -> None:
        self.answered: dict[K, list[Message]] = {}
        self.waited = 0
        self._sort = sort
        self._unsent = deque(questions)
        self._open: dict[K, None] = {}
        self._heard: dict[K, list[Message]] = {key: [] for key in questions}

    def goes_on(self) -> bool:
        return bool(self._unsent or self._open)

    def due(self) -> tuple[K, ...]:
        """Return what is to be asked now, as far as the window allows."""
        count = min(WINDOW - len(self._open), len(self._unsent))
        due = tuple(self._unsent.popleft() for _ in range(count))
        self._open.update(dict.fromkeys(due))
        return due

    def take(self, message: Message) -> None:
        place = self._sort(message)
        if place is None or place[0] not in self._open:
            return
        key, is_last = place
        self._heard[key].append(message)
        self.waited = 0
        if is_last:
            self.answered[key] = self._heard[key]
            del self._open[key]

    def again(self, patience: int) -> tuple[K, ...]:
        """Return what is to be asked again, after a silence; after as many silences in a row as `patience` says all is given up."""
        self.waited += 1
        if self.waited >= patience:
            self._open.clear()
            self._unsent.clear()
        return tuple(self._open)


def _surface(message: Message) -> tuple[str, bool] | None:
    fits = message.address == "/set_surface" and message.tags.startswith("iiii")
    return ("", True) if fits else None
