"""What REAPER's OSC tells of a mixer, by AMA's pattern file: addresses, units, and what counts as a move.

Faders come in dB, pans from 0 (left) to 1 (right), mutes as 0 or 1. A track is told by its number, which is its place from the top; the master is 0.
Faders come a second time as REAPER writes them ("-6.00dB"), which counts where the first form is not told.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from ama_bridge.daw.port import Move
from ama_bridge.osc_packets import Message

MASTER: Final = "master"
SILENT_DB: Final = -150.0
"""Where REAPER's faders end; below is silence."""
HIGHEST_DB: Final = 60.0
_MOVED_DB: Final = 0.005
_MOVED_PAN: Final = 0.001
_TRACK: Final = re.compile(r"/track/(\d{1,5})/(name|volume/db|volume/str|pan|mute)")
_WHATS: Final = ("name", "volume/db", "pan", "mute")
_MASTER: Final = {
    "/master/volume/db": "volume/db",
    "/master/volume/str": "volume/str",
    "/master/pan": "pan",
}
_DB: Final = re.compile(r"\s*([+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+|inf))\s*(?:dB)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One track as REAPER shows it; number 0 is the master. What is None has not been told."""

    number: int
    name: str = ""
    fader_db: float | None = None
    pan: float | None = None
    muted: bool | None = None


@dataclass(slots=True)
class Mixer:
    """What has been told since a question was asked; a name that is empty means that there is no track of this number."""

    strips: dict[int, Shown] = field(default_factory=dict)
    _told: set[tuple[int, str]] = field(default_factory=set)

    def take(self, message: Message) -> bool:
        """Note what a message says; return whether it belongs to REAPER's telling of everything: it is a name, or of that nothing had been told."""
        place = _place(message.address)
        if place is None or len(message.arguments) != 1:
            return False
        number, what = place
        if what == "volume/str" and (number, "volume/db") in self._told:
            return False
        last = self.strips.get(number, Shown(number=number, name="" if number else MASTER))
        now = _with(last, what, message.arguments[0])
        if now is None:
            return False
        self.strips[number] = now
        is_new = place not in self._told
        self._told.add(place)
        return is_new or what == "name"

    def there(self) -> tuple[Shown, ...]:
        """Return the tracks and the master, by number."""
        return tuple(self.strips[n] for n in sorted(self.strips) if self.strips[n].name)

    def is_full(self, bank: int) -> bool:
        """Return whether everything has been told: the master, and every place of the bank, those without a track too."""
        wanted = {(number, what) for number in range(1, bank + 1) for what in _WHATS}
        return wanted <= self._told and (0, "pan") in self._told and self._tells_master()

    def _tells_master(self) -> bool:
        return 0 in self.strips and self.strips[0].fader_db is not None

    def is_whole(self, before: Iterable[int]) -> bool:
        """Return whether each track that was told of was told of wholly, and those of these numbers were too."""
        tracks = [strip for number, strip in self.strips.items() if number > 0]
        named = [strip for strip in tracks if strip.name]
        return (
            bool(named)
            and all(s.fader_db is not None and s.pan is not None for s in named)
            and set(before) <= set(self.strips)
            and {s.number for s in named} == set(range(1, len(named) + 1))
        )


def _place(address: str) -> tuple[int, str] | None:
    if address in _MASTER:
        return 0, _MASTER[address]
    match = _TRACK.fullmatch(address)
    return (int(match[1]), match[2]) if match else None


def _with(strip: Shown, what: str, value: object) -> Shown | None:
    """Return the strip with what a message tells of it; None where that makes no sense."""
    if isinstance(value, str):
        read = decibels(value) if what == "volume/str" else None
        named = replace(strip, name=value) if what == "name" else None
        return named if read is None else replace(strip, fader_db=read)
    if not isinstance(value, int | float) or math.isnan(value):
        return None
    if what == "mute":
        return replace(strip, muted=value > 0.5)
    if what == "pan":
        return replace(strip, pan=min(max(2.0 * value - 1.0, -1.0), 1.0))
    if what == "volume/db":
        return replace(strip, fader_db=min(max(float(value), SILENT_DB), HIGHEST_DB))
    return None


def decibels(text: str) -> float | None:
    """Return the level that REAPER writes ("-6.00dB", "-inf dB"); None where it is none."""
    match = _DB.fullmatch(text.replace("\u202f", " ").replace("\u2212", "-"))
    if match is None:
        return None
    value = float(match[1].replace(",", "."))
    return min(max(value, SILENT_DB), HIGHEST_DB)


def told_apart(strips: Iterable[Shown]) -> dict[str, Shown]:
    """Return the tracks that have a name of their own, by name; without the master."""
    tracks = [strip for strip in strips if strip.number > 0]
    counts = Counter(strip.name for strip in tracks)
    return {strip.name: strip for strip in tracks if counts[strip.name] == 1}


def moves(before: Mapping[str, Shown], now: Mapping[str, Shown]) -> tuple[Move, ...]:
    """Return what differs, by name; a track that is new is told whole."""
    found = (_move(before.get(name, Shown(number=0)), strip) for name, strip in now.items())
    return tuple(move for move in found if move is not None)


def _move(last: Shown, now: Shown) -> Move | None:
    fader = now.fader_db if _differs(last.fader_db, now.fader_db, _MOVED_DB) else None
    pan = now.pan if _differs(last.pan, now.pan, _MOVED_PAN) else None
    muted = now.muted if now.muted != last.muted else None
    if fader is None and pan is None and muted is None:
        return None
    return Move(track_name=now.name, fader_db=fader, pan=pan, muted=muted)


def _differs(last: float | None, now: float | None, least: float) -> bool:
    return now is not None and (last is None or abs(now - last) > least)
