"""A peer that speaks as much of Ardour's OSC surface as AMA uses, for failures that the real one cannot be made to have.

It is strict: an address, a type or a number that Ardour would pass over in silence is noted in `complaints`, and a test ends by looking there.
Its answers have the addresses and types that Ardour 7.3 was seen to send. Failures are scripted: answers or questions that get lost, answers
that are malformed, strips that change their order just before a message is done, silence from some message on.
"""

from __future__ import annotations

import math
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from ama_bridge.osc_packets import Message, PacketError, messages_of

OFF_ANSWER: Final = -766.79248046875
FAST_LOG10: Final = 3.3125


def answer_of_coefficient(coefficient: float) -> float:
    """Return what Ardour answers for a gain above 0, but for the rounding to 32 bits."""
    mantissa, exponent = math.frexp(coefficient)
    mantissa *= 2.0
    return 20.0 * (exponent - 1 + (2.0 - mantissa / 3.0) * mantissa - 5.0 / 3.0) / FAST_LOG10


def packet(address: str, tags: str, *values: object) -> bytes:
    """Build a message with any types, as Ardour sends them (h and d, which AMA itself never sends)."""
    data = _text(address) + _text(f",{tags}")
    for tag, value in zip(tags, values, strict=True):
        data += _text(str(value)) if tag == "s" else struct.pack(f">{_FORMATS[tag]}", value)
    return data


_FORMATS: Final = {"i": "i", "f": "f", "h": "q", "d": "d"}


def _text(value: str) -> bytes:
    data = value.encode() + b"\0"
    return data + b"\0" * (-len(data) % 4)


@dataclass
class PeerStrip:
    """A strip; its one plugin's parameters go from -20 to 20."""

    name: str
    kind: str = "AT"
    gain: float = 1.0
    position: float = 0.5
    inverted: int = 0
    parameters: list[float] = field(default_factory=list)


@dataclass
class Peer:
    """The peer's state; `hook` sees each message before it is done, `lose` each answer before it is sent (true: it gets lost).

    Numbers mean places in `shown`, which is what the peer knew of `strips` when it looked last: as Ardour does, behind an answer to
    /strip/list, or by itself (`look`).
    """

    strips: list[PeerStrip]
    port: int = 0
    silent: bool = False
    complaints: list[str] = field(default_factory=list)
    seen: list[Message] = field(default_factory=list)
    hook: Callable[[Message], None] = lambda _: None
    lose: Callable[[bytes], bool] = lambda _: False
    change: Callable[[bytes], bytes] = lambda data: data
    armed: bool = False
    actions: list[str] = field(default_factory=list)
    shown: list[PeerStrip] = field(default_factory=list)

    def look(self) -> None:
        """Take the strips as they are now."""
        self.shown = list(self.strips)

    def strip(self, name: str) -> PeerStrip:
        return next(strip for strip in self.strips if strip.name == name)

    def done(self, message: Message) -> Iterator[bytes]:
        """Do a message and yield the answers."""
        self.seen.append(message)
        self.hook(message)
        if self.silent:
            return
        path = message.address
        if path.startswith("/set_surface"):
            yield from self._surface(message)
        elif path == "/access_action" and message.tags == "s":
            self.actions.append(str(message.arguments[0]))
        elif path == "/strip/list" and not message.tags:
            yield from self._list()
        elif path == "/strip" and message.tags in {"", "i"}:
            every = range(1, len(self.shown) + 1)
            yield from (self._line(n) for n in every if n in (message.arguments or every))
        elif path.startswith("/strip/plugin/"):
            yield from self._plugin(message)
        elif path.startswith("/strip/"):
            yield from self._control(message)
        else:
            self.complaints.append(f"{path} {message.tags}")

    _setting: tuple[int, ...] = (0, 159, 0, 0)

    def _surface(self, message: Message) -> Iterator[bytes]:
        names = ("bank_size", "strip_types", "feedback", "gainmode")
        what = message.address.removeprefix("/set_surface").removeprefix("/")
        if not what and not message.tags:
            yield packet("/set_surface", "iiiiiiiii", *self._setting, 0, 0, 0, 1, 0)
        elif what in names and message.tags == "i":
            now = list(self._setting)
            now[names.index(what)] = int(str(message.arguments[0]))
            self._setting = tuple(now)
        else:
            self.complaints.append(f"{message.address} {message.tags}")

    def _list(self) -> Iterator[bytes]:
        for number, strip in enumerate(self.shown, 1):
            yield packet("/reply", "ssiiiiii", strip.kind, strip.name, 1, 2, 0, 0, number, 0)
        yield packet("/reply", "shhi", "end_route_list", 48_000, 0, 0)
        self.look()

    def _line(self, number: int) -> bytes:
        strip = self.shown[number - 1]
        return packet("/strip", "issiiiii", number, strip.kind, strip.name, 1, 2, 0, 0, 0)

    def _at(self, number: object) -> PeerStrip | None:
        if isinstance(number, int) and 1 <= number <= len(self.shown):
            return self.shown[number - 1]
        return None

    def _control(self, message: Message) -> Iterator[bytes]:
        _, _, what, *inline = message.address.split("/")
        numbers = [int(inline[0])] if inline else list(message.arguments[:1])
        values = message.arguments[0 if inline else 1 :]
        strip = self._at(numbers[0]) if numbers else None
        if what not in {"gain", "pan_stereo_position", "polarity"} or len(values) > 1:
            self.complaints.append(f"{message.address} {message.tags}")
        if strip is None:
            return
        if not values:
            yield self._value(message.address, what, strip)
        elif what == "polarity" and isinstance(values[0], int):
            strip.inverted = values[0]
        elif isinstance(values[0], float):
            self._set(strip, what, values[0])
        else:
            self.complaints.append(f"{message.address} takes a float, not {values[0]!r}")

    def _set(self, strip: PeerStrip, what: str, value: float) -> None:
        if what == "gain":
            strip.gain = 0.0 if value < -192.0 else min(10 ** (value / 20), 2.0)
        else:
            strip.position = value

    def _value(self, address: str, what: str, strip: PeerStrip) -> bytes:
        if what == "polarity":
            return packet(address, "i", strip.inverted)
        if what == "pan_stereo_position":
            return packet(address, "f", strip.position)
        answer = answer_of_coefficient(strip.gain) if strip.gain else OFF_ANSWER
        return packet(address, "f", answer)

    def _plugin(self, message: Message) -> Iterator[bytes]:
        what, numbers = message.address.removeprefix("/strip/plugin/"), message.arguments
        strip = self._at(numbers[0])
        if (what, message.tags) not in {("list", "i"), ("descriptor", "ii"), ("parameter", "iiif")}:
            self.complaints.append(f"{message.address} {message.tags}")
        if strip is None or (what != "list" and (numbers[1] != 1 or not strip.parameters)):
            return
        if what == "list" and strip.parameters:
            yield packet(message.address, "iisi", numbers[0], 1, "ACE EQ", 1)
        elif what == "list":
            yield packet(message.address, "i", numbers[0])
        elif what == "parameter":
            strip.parameters[int(str(numbers[2])) - 1] = float(str(numbers[3]))
        else:
            for at, value in enumerate(strip.parameters, 1):
                head = (numbers[0], 1, at, f"Gain {at}", 128, "NOTHING", -20.0, 20.0, "%f", 0)
                yield packet(message.address, "iiisisffsid", *head, value)
            yield packet(f"{message.address}_end", "ii", numbers[0], 1)


@contextmanager
def peer(*strips: PeerStrip) -> Iterator[Peer]:
    """Run a peer at a port of its own; fails where AMA sent it anything that Ardour does not know."""
    made = Peer(list(strips))
    made.look()
    stopping = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ears:
        ears.bind(("127.0.0.1", 0))
        ears.settimeout(0.05)
        made.port = ears.getsockname()[1]
        thread = threading.Thread(target=_serve, args=(made, ears, stopping), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            stopping.set()
            thread.join(5)
    assert made.complaints == []


def _serve(made: Peer, ears: socket.socket, stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            datagram, sender = ears.recvfrom(65_535)
        except TimeoutError:
            continue
        for message in messages_of(datagram):
            if isinstance(message, PacketError):
                made.complaints.append(str(message))
                continue
            for answer in made.done(message):
                if not made.lose(answer):
                    ears.sendto(made.change(answer), sender)
