"""The other side of the OSC service: asks, and waits for the answers to its own requests. `ama status` and `ama demo` use it."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Final, Self

from ama_analysis.errors import CODES, DeliveryError
from ama_bridge.config import HOST
from ama_bridge.osc_packets import Argument, Message, PacketError, encode, messages_of
from ama_bridge.osc_table import PREFIX

_LARGEST_DATAGRAM: Final = 65_535


class OscClient:
    """A socket of its own; every request gets an id, and answers to other ids are dropped."""

    def __init__(self, port: int, *, name: str) -> None:
        """Name the service's port and who asks; nothing is sent yet."""
        self._service = (HOST, port)
        self._name = name
        self._count = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the socket."""
        self._socket.close()

    @property
    def port(self) -> int:
        """The port that it listens at."""
        port: int = self._socket.getsockname()[1]
        return port

    def send(self, path: str, *arguments: Argument) -> str:
        """Send a request and return its id."""
        self._count += 1
        rid = f"{self._name}-{self._count}"
        self._socket.sendto(encode(PREFIX + path, (rid, *arguments)), self._service)
        return rid

    def ask(self, path: str, *arguments: Argument, timeout_s: float = 5.0) -> Message:
        """Send a request and return its first answer that is neither a warning, a job nor progress; errors are raised."""
        answers = self.converse(path, *arguments, end=(), timeout_s=timeout_s)
        return next(a for a in answers if a.address.removeprefix(PREFIX) not in _ON_THE_WAY)

    def converse(
        self, path: str, *arguments: Argument, end: tuple[str, ...], timeout_s: float
    ) -> Iterator[Message]:
        """Send a request and yield its answers up to one at an address in `end`.

        Raises `DeliveryError`: what the service answered where that was an error, AMA-702 after `timeout_s` without any answer.
        """
        rid = self.send(path, *arguments)
        while True:
            message = self._next(rid, path, timeout_s)
            if message.address == f"{PREFIX}/error":
                code, text = str(message.arguments[1]), str(message.arguments[2])
                raise DeliveryError(text, code=code if code in CODES else None)
            yield message
            if message.address.removeprefix(PREFIX) in end:
                return

    def _next(self, rid: str, path: str, timeout_s: float) -> Message:
        until_s = time.monotonic() + timeout_s
        while True:
            self._socket.settimeout(max(until_s - time.monotonic(), 0.001))
            try:
                datagram, sender = self._socket.recvfrom(_LARGEST_DATAGRAM)
            except (TimeoutError, ConnectionError) as error:
                if time.monotonic() >= until_s:
                    raise self._silence(path, timeout_s) from error
                continue
            for message in messages_of(datagram) if sender == self._service else ():
                if not isinstance(message, PacketError) and message.rid == rid:
                    return message

    def _silence(self, path: str, timeout_s: float) -> DeliveryError:
        message = f"No AMA service answers at {HOST}:{self._service[1]} ({PREFIX}{path}, {timeout_s:g} s)."
        return DeliveryError(message, hint="Start one with `ama serve`.", code="AMA-702")


_ON_THE_WAY: Final = frozenset({"/session/warning", "/job", "/progress"})
