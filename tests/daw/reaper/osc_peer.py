"""The other side of REAPER's OSC: a control surface on real sockets that knows what REAPER's `csurf_osc.cpp` knows, and is as strict.

It works by the very pattern file that AMA ships: what is no line there is neither understood nor told. Its rules, from REAPER's SDK:

* messages of more than 1,024 bytes are dropped, and with them all that waited behind them at that moment;
* `@` in a track's address counts within a bank, of 8 tracks unless the pattern file or a message says otherwise; 0 is no track but the master;
* what is told goes to one address, in bundles of at most so many bytes, when the surface opens, when something changes, when the bank changes, and
  after the action 41743; a place in the bank without a track is told with an empty name; a track without a name as "Track 5";
* between two packets it waits (10 ms in REAPER; less here, but where a test says otherwise);
* nothing is answered: an unknown address, a number without a track, a wrong type are silence.

Not known of the real one, so a choice here: whether the same bank size sent again makes it tell everything (`tells_at_count`), whether it tells of
places without a track (`tells_empty`), and whether faders come in dB or in words alone (`tells_db`, `tells_master_db`). AMA sets nothing, so nothing can be set.
"""

from __future__ import annotations

import math
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from ama_bridge.daw.reaper import shipped

LARGEST_MESSAGE: Final = 1024
TICK_S: Final = 0.005
KEYS: Final = {
    "TRACK_NAME",
    "TRACK_VOLUME",
    "TRACK_PAN",
    "TRACK_MUTE",
    "MASTER_VOLUME",
    "MASTER_PAN",
    "ACTION",
    "DEVICE_TRACK_COUNT",
    "DEVICE_TRACK_BANK_SELECT",
}
"""The functions of REAPER's stock file that this peer plays; more are there."""
SETTINGS: Final = {
    "DEVICE_TRACK_COUNT": r"\d+",
    "REAPER_TRACK_FOLLOWS": "REAPER|DEVICE",
    "DEVICE_TRACK_FOLLOWS": "DEVICE|LAST_TOUCHED",
    "DEVICE_TRACK_BANK_FOLLOWS": "DEVICE|MIXER",
    "DEVICE_FX_FOLLOWS": "DEVICE|LAST_TOUCHED|FOCUSED",
    "DEVICE_EQ": "INSERT|EXISTING",
    "DEVICE_ROTARY_CENTER": r"0|0\.5",
}
"""The settings of REAPER's stock file, and their values."""
STOCK_BANK: Final = 8


def pattern_text() -> str:
    return (Path(shipped.__file__).parent.parent / "scripts/reaper" / shipped.PATTERN_FILE).read_text(
        encoding="utf-8"
    )  # fmt: skip


@dataclass(frozen=True)
class Pattern:
    """One message of a pattern file: the function, the flag before it, and its address with `@`."""

    key: str
    flag: str
    address: str

    def number(self, address: str) -> int | None:
        """Return the number in an address of this pattern (0 where it has no `@`); None where it is another."""
        match = re.fullmatch(re.escape(self.address).replace("@", r"(\d+)"), address)
        if match is None:
            return None
        return int(match[1]) if match.groups() else 0


def patterns_of(text: str) -> tuple[dict[str, str], list[Pattern]]:
    """Return a pattern file's settings and messages; `ValueError` for a line that REAPER would pass over."""
    settings: dict[str, str] = {}
    patterns: list[Pattern] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        key, *rest = line.split()
        if len(rest) == 1 and "/" not in rest[0]:
            if not re.fullmatch(SETTINGS[key], rest[0]):
                raise ValueError(line)
            settings[key] = rest[0]
            continue
        if key not in KEYS or not rest:
            raise ValueError(line)
        for each in rest:
            flag, address = each[0], each[1:]
            if flag not in "nfbtrsi" or not address.startswith("/") or len(address) > 512:
                raise ValueError(line)
            patterns.append(Pattern(key, flag, address))
    return settings, patterns


@dataclass
class Strip:
    name: str
    fader_db: float = 0.0
    pan: float = 0.0
    muted: bool = False


@dataclass
class Peer:
    """A REAPER with an OSC device. A context manager: its sockets and its thread live while it is open."""

    tracks: list[Strip]
    pattern: str = field(default_factory=pattern_text)
    tells_at_count: bool = True
    tells_empty: bool = True
    answers: bool = True
    tells_db: bool = True
    tells_master_db: bool = True
    max_packet: int = 1024
    pause_s: float = 0.001
    master: Strip = field(default_factory=lambda: Strip("MASTER"))

    def __post_init__(self) -> None:
        settings, self.patterns = patterns_of(self.pattern)
        self.bank = int(settings.get("DEVICE_TRACK_COUNT", STOCK_BANK))
        self.actions: list[str] = []
        self.heard: list[tuple[str, tuple[object, ...]]] = []
        self.unknown: list[str] = []
        self.dropped = 0
        self.told = 0
        self._first = 0
        self._lock = threading.RLock()
        self._open = threading.Event()
        self._ended = threading.Event()
        self._out: list[bytes] = []
        self._backlog: list[bytes] = []

    def __enter__(self) -> Self:
        self._in = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._in.bind(("127.0.0.1", 0))
        self._in.settimeout(TICK_S)
        self.port = self._in.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.send_port = probe.getsockname()[1]
        self._send = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._open.wait(5.0)
        return self

    def __exit__(self, *_: object) -> None:
        self.quit()

    def quit(self) -> None:
        """End as REAPER ends: without a word."""
        self._ended.set()
        self._thread.join(5.0)
        self._in.close()
        self._send.close()

    def __getitem__(self, name: str) -> Strip:
        return next(strip for strip in self.tracks if strip.name == name)

    # what a user does in REAPER

    def move(self, name: str, **values: float | bool | str) -> None:
        """Change something of a track by hand."""
        with self._lock:
            strip = self[name]
            for what, value in values.items():
                setattr(strip, what, value)
            self._tell(self.tracks.index(strip) + 1, *values)

    def arrange(self, names: list[str]) -> None:
        """Put tracks into another order, remove some, add some."""
        with self._lock:
            there = {strip.name: strip for strip in self.tracks}
            self.tracks[:] = [there.get(name, Strip(name)) for name in names]
            self._tell_all()

    # the surface

    def _run(self) -> None:
        with self._lock:
            self._tell_all()
            self._send_all()
        self._open.set()
        while not self._ended.is_set():
            queue = [*self._backlog, *self._come(TICK_S)]
            self._backlog.clear()
            with self._lock:
                for datagram in queue:
                    if len(datagram) > LARGEST_MESSAGE:
                        self.dropped += 1
                        break
                    self._take(OscMessage(datagram))
                self._send_all()

    def _come(self, wait_s: float) -> list[bytes]:
        """Wait for something and return what has come since the last look."""
        queue: list[bytes] = []
        self._in.settimeout(wait_s)
        while True:
            try:
                queue.append(self._in.recv(65_535))
            except (TimeoutError, BlockingIOError):
                return queue
            self._in.setblocking(False)

    def _take(self, message: OscMessage) -> None:
        arguments = tuple(message.params)
        self.heard.append((message.address, arguments))
        for pattern in self.patterns:
            number = pattern.number(message.address)
            if number is not None:
                value = _value(pattern.flag, arguments)
                if value is not None:
                    self._do(pattern, value)
                return
        self.unknown.append(message.address)

    def _do(self, pattern: Pattern, value: float | str) -> None:
        match pattern.key:
            case "ACTION":
                self.actions.append(str(value))
                if value == 41743 and self.answers:
                    self._tell_all()
            case "DEVICE_TRACK_COUNT":
                self.bank, before = int(value), self.bank
                if self.answers and (self.tells_at_count or self.bank != before):
                    self._tell_all()
            case "DEVICE_TRACK_BANK_SELECT":
                self._first, before = (int(value) - 1) * self.bank, self._first
                if self._first != before:
                    self._tell_all()
            case _:
                pass

    def _tell_all(self) -> None:
        self.told += 1
        self._tell(0, "fader_db", "pan")
        last = self._first + self.bank
        for index in range(self._first, last if self.tells_empty else min(last, len(self.tracks))):
            self._tell(index + 1, "name", "fader_db", "pan", "muted")

    def _tell(self, track: int, *what: str) -> None:
        for pattern in self.patterns:
            of, _, word = pattern.key.partition("_")
            if of != ("TRACK" if track else "MASTER") or _FIELDS.get(word) not in what:
                continue
            number = track - self._first
            if track and not 0 < number <= self.bank:
                continue
            value = self._shown(pattern, track)
            if value is not None:
                builder = OscMessageBuilder(address=pattern.address.replace("@", str(number)))
                builder.add_arg(value, "s" if isinstance(value, str) else "f")
                self._out.append(builder.build().dgram)

    def _shown(self, pattern: Pattern, track: int) -> float | str | None:
        there = track <= len(self.tracks)
        strip = (self.tracks[track - 1] if there else Strip("")) if track else self.master
        if pattern.key.endswith("_NAME"):
            return strip.name or (f"Track {track}" if there else "")
        if pattern.key.endswith("_MUTE"):
            return float(strip.muted)
        if pattern.key.endswith("_PAN"):
            return (strip.pan + 1.0) / 2.0
        if pattern.flag == "s":
            return "-inf dB" if math.isinf(strip.fader_db) else f"{strip.fader_db:+.2f}dB"
        if not (self.tells_db if track else self.tells_master_db):
            return None
        return max(strip.fader_db, -150.0)

    def _send_all(self) -> None:
        for packet in _packed(self._out, self.max_packet):
            self._send.sendto(packet, ("127.0.0.1", self.send_port))
            self._backlog += self._come(self.pause_s)
        self._out.clear()


_FIELDS = {"NAME": "name", "VOLUME": "fader_db", "PAN": "pan", "MUTE": "muted"}


def _value(flag: str, arguments: tuple[object, ...]) -> float | str | None:
    """Return the first argument as a flag asks for it; None where it is none."""
    first = arguments[0] if arguments else None
    if flag == "s":
        return first if isinstance(first, str) else None
    if isinstance(first, bool) or not isinstance(first, int | float):
        return None
    return float(first)


def _packed(messages: list[bytes], most: int) -> Iterator[bytes]:
    """Yield bundles of at most so many bytes."""
    held = b""
    for message in messages:
        element = len(message).to_bytes(4, "big") + message
        if held and 16 + len(held) + len(element) > most:
            yield _bundle(held)
            held = b""
        held += element
    if held:
        yield _bundle(held)


def _bundle(elements: bytes) -> bytes:
    data = b"#bundle\0" + (1).to_bytes(8, "big") + elements
    assert OscBundle.dgram_is_bundle(data)
    return data
