"""Texts that Ardour's scripts send over OSC in parts (`/ama/v1/daw/text`): put together again, and a socket that waits for them.

Ardour's Lua can send OSC but not receive it, and where it is sandboxed it cannot write files; so everything that a script has to say goes
both into the mailbox, where it may, and over this way. Parts may come in any order and more than once.
"""

from __future__ import annotations

import socket
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, Self

from ama_bridge.config import HOST
from ama_bridge.osc_packets import PacketError, messages_of

ADDRESS: Final = "/ama/v1/daw/text"
MAX_PARTS: Final = 20_000
"""Some 17 MB; a request of 1000 tracks with all their plugins has a result of one."""
UNFINISHED: Final = 16
"""How many texts may be on their way at once; the one that began first is dropped."""
_LARGEST_DATAGRAM: Final = 65_535
_BUFFER_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A whole text: its kind (result, journal, revert, session) and the id of what it belongs to."""

    what: str
    id: str
    text: str


@dataclass(slots=True)
class Texts:
    """Texts of which some parts have come."""

    _parts: OrderedDict[tuple[str, str, int], dict[int, str]] = field(default_factory=OrderedDict)

    def take(self, what: str, name: str, part: int, parts: int, chunk: str) -> Text | None:
        """Take a part; return the text when it is whole. A part that cannot be is passed over."""
        if not (0 <= part < parts <= MAX_PARTS):
            return None
        key = (what, name, parts)
        held = self._parts.setdefault(key, {})
        held[part] = chunk
        if len(held) < parts:
            while len(self._parts) > UNFINISHED:
                self._parts.popitem(last=False)
            return None
        del self._parts[key]
        return Text(what=what, id=name, text="".join(held[at] for at in range(parts)))


class Answers:
    """A socket of its own at which a script's texts arrive."""

    def __init__(self) -> None:
        """Take any free port."""
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        self._texts = Texts()

    def __enter__(self) -> Self:
        """Return the socket."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the port."""
        self._socket.close()

    @property
    def port(self) -> int:
        """The port to send to."""
        port: int = self._socket.getsockname()[1]
        return port

    def next(self, timeout_s: float) -> Text | None:
        """Return the next whole text, None where none came in that time."""
        until_s = time.monotonic() + timeout_s
        while True:
            left_s = until_s - time.monotonic()
            if left_s <= 0.0:
                return None
            self._socket.settimeout(left_s)
            try:
                datagram = self._socket.recv(_LARGEST_DATAGRAM)
            except (TimeoutError, ConnectionError):
                continue
            text = self._taken(datagram)
            if text is not None:
                return text

    def _taken(self, datagram: bytes) -> Text | None:
        for message in messages_of(datagram):
            if isinstance(message, PacketError) or message.address != ADDRESS:
                continue
            if message.tags != "ssiis":
                continue
            what, name, part, parts, chunk = message.arguments
            whole = self._texts.take(
                str(what), str(name), int(str(part)), int(str(parts)), str(chunk)
            )
            if whole is not None:
                return whole
        return None
