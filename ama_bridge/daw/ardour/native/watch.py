"""Faders, pans and mutes that move in Ardour, told as they move.

A thread listens at a surface of its own, to which Ardour reports values, names and a heartbeat. Values come with a strip's number; which
strip that is is read through a second surface, and read anew whenever Ardour says that strips moved or a number gets another name. Then what has
come meanwhile is dropped and everything is compared with what was known, so that no move is told of the wrong track and none is missed. What
comes within 50 ms is told together: a dragged fader is some twenty moves a second, not hundreds.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ama_analysis.errors import DeliveryError
from ama_bridge.daw.ardour.native import reading
from ama_bridge.daw.ardour.native.levels import Levels
from ama_bridge.daw.ardour.native.surface import BUTTONS, HEARTBEAT, REPLIES, VALUES, Surface
from ama_bridge.daw.ardour.native.values import OFF_DB, MixerStrip, pan_of_position
from ama_bridge.daw.port import Move, OnMove
from ama_bridge.osc_packets import Message

OnLost: TypeAlias = Callable[[DeliveryError], None]
HOLD_S: Final = 0.05
"""So long values are gathered before they are told; Ardour's notice that strips moved comes within this after their first new value."""
SILENT_S: Final = 3.5
"""Ardour beats once a second; after so long without anything it is asked whether it is there."""
RETRY_S: Final = 1.0
"""So often an Ardour that fell silent is asked whether it is back."""
LISTEN_S: Final = 0.2
"""So often is looked whether to go on."""
MOVED_DB: Final = 0.005
MOVED_PAN: Final = 0.001
_REPORT: Final = REPLIES | BUTTONS | VALUES | HEARTBEAT
_VALUES: Final = {
    "/strip/gain": "fader_db",
    "/strip/pan_stereo_position": "pan",
    "/strip/mute": "muted",
}
_AUTOMATION: Final = {f"{address}/automation": what for address, what in _VALUES.items()}
_PLAYS: Final = 1.0
"""Automation mode: what moves then is the automation, not the user."""
_ENDED_S: Final = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What a strip shows."""

    fader_db: float
    pan: float | None
    muted: bool


@dataclass(slots=True, kw_only=True)
class State:
    """What the watch knows: whose number is whose, what each strip showed last, what AMA Level adds to it, what has come since."""

    names: dict[int, str] = field(default_factory=dict)
    known: dict[str, _Shown] = field(default_factory=dict)
    waiting: dict[tuple[int, str], float] = field(default_factory=dict)
    playing: set[tuple[int, str]] = field(default_factory=set)
    levels_db: dict[str, float] = field(default_factory=dict)
    unsettled: bool = False

    def take(self, message: Message) -> None:
        """Note what a message says."""
        if message.address == "/strip/list":
            self.unsettled = True
        ssid = message.arguments[0] if message.tags in {"if", "is"} else None
        if not isinstance(ssid, int):
            return
        value = message.arguments[1]
        if message.address == "/strip/name" and self.names.get(ssid) != value:
            self.unsettled = True
        elif message.address in _AUTOMATION:
            place = (ssid, _AUTOMATION[message.address])
            (self.playing.add if value == _PLAYS else self.playing.discard)(place)
        elif message.address in _VALUES and isinstance(value, float) and math.isfinite(value):
            self.waiting[ssid, _VALUES[message.address]] = value

    def moves(self) -> tuple[Move, ...]:
        """Return what has moved since the last call, by the values that have come."""
        by_name: dict[str, dict[str, float]] = {}
        for (ssid, what), value in self.waiting.items():
            if ssid in self.names and (ssid, what) not in self.playing:
                by_name.setdefault(self.names[ssid], {})[what] = value
        self.waiting.clear()
        return self._moves({name: self._with(name, told) for name, told in by_name.items()})

    def _with(self, name: str, told: Mapping[str, float]) -> _Shown:
        last = self.known[name]
        turned = (
            "pan" in told and last.pan is not None
        )  # Ardour reports a centre where there is no panner
        fader_db = last.fader_db
        if "fader_db" in told:
            open_db = told["fader_db"] + self.levels_db.get(name, 0.0)
            fader_db = open_db if told["fader_db"] > OFF_DB else OFF_DB
        return _Shown(
            fader_db=fader_db,
            pan=pan_of_position(told["pan"]) if turned else last.pan,
            muted=told["muted"] > 0.5 if "muted" in told else last.muted,
        )

    def settle(
        self, strips: tuple[MixerStrip, ...], heard: tuple[MixerStrip, ...]
    ) -> tuple[Move, ...]:
        """Take all strips as they were just read, and with their levels; return what has moved, and where those stand that are new or have a new name."""
        counts = Counter(strip.name for strip in strips if strip.kind != "V")
        told = [s for s in heard if s.kind != "V" and counts[s.name] == 1]
        own_db = {strip.ssid: strip.gain_db for strip in strips}
        self.levels_db = {s.name: s.gain_db - own_db[s.ssid] for s in told}
        self.names = {strip.ssid: strip.name for strip in told}
        self.waiting.clear()
        self.unsettled = False
        shown = {s.name: self._by_hand(s) for s in told}
        new = tuple(
            Move(track_name=name, fader_db=now.fader_db, pan=now.pan, muted=now.muted)
            for name, now in shown.items()
            if self.known and name not in self.known
        )
        moves = self._moves({name: now for name, now in shown.items() if name in self.known})
        self.known = shown
        return new + moves

    def _by_hand(self, strip: MixerStrip) -> _Shown:
        """Return what a strip shows; of what automation plays, what it showed before."""
        last = self.known.get(strip.name)
        shown = _Shown(fader_db=strip.gain_db, pan=strip.pan, muted=strip.muted)
        if last is None:
            return shown
        playing = {what for ssid, what in self.playing if ssid == strip.ssid}
        return _Shown(
            fader_db=last.fader_db if "fader_db" in playing else shown.fader_db,
            pan=last.pan if "pan" in playing else shown.pan,
            muted=last.muted if "muted" in playing else shown.muted,
        )

    def _moves(self, now: Mapping[str, _Shown]) -> tuple[Move, ...]:
        moves = tuple(m for name, s in now.items() if (m := _move(name, self.known[name], s)))
        for name in {m.track_name for m in moves}:
            self.known[name] = now[name]
        return moves


def _move(name: str, last: _Shown, now: _Shown) -> Move | None:
    """Return what differs, None where nothing does."""
    fader = now.fader_db if abs(now.fader_db - last.fader_db) > MOVED_DB else None
    turned = now.pan is not None and (last.pan is None or abs(now.pan - last.pan) > MOVED_PAN)
    muted = now.muted if now.muted != last.muted else None
    if fader is None and not turned and muted is None:
        return None
    return Move(track_name=name, fader_db=fader, pan=now.pan if turned else None, muted=muted)


class Watch:
    """A context manager: from when it is open, and from a thread of its own, `on_move` hears what moves."""

    def __init__(
        self, host: str, port: int, on_move: OnMove, on_lost: OnLost | None, levels: Levels | None
    ) -> None:
        """Name where Ardour listens; it is asked when the context opens. `levels` reads what AMA Level adds to faders."""
        self._where = (host, port)
        self._on_move, self._on_lost = on_move, on_lost
        self._levels = levels
        self._stopping = threading.Event()
        self._state = State()
        self._open = ExitStack()

    def __enter__(self) -> None:
        """Begin; `DeliveryError` (AMA-704) where no Ardour answers."""
        with ExitStack() as opening:
            self._reader = opening.enter_context(Surface(*self._where))
            self._listener = opening.enter_context(Surface(*self._where, feedback=_REPORT))
            self._settled()
            thread = threading.Thread(target=self._run, name="ama-ardour-watch", daemon=True)
            thread.start()
            opening.callback(thread.join, _ENDED_S)
            opening.callback(self._stopping.set)
            self._open = opening.pop_all()

    def __exit__(self, *_: object) -> None:
        """End the thread, and ask Ardour to report nothing more."""
        self._open.close()

    def _run(self) -> None:
        lost = False
        while not self._stopping.is_set():
            try:
                if lost:
                    self._reader.register()
                    self._listener.register()
                    self._state.unsettled, lost = True, False
                self._listen()
            except DeliveryError as error:
                if not lost:
                    self._lose(error)
                lost = True
                self._stopping.wait(RETRY_S)

    def _lose(self, error: DeliveryError) -> None:
        _log.info("Ardour is not watched until it answers again: %s", error.sentence())
        if self._on_lost is not None:
            self._on_lost(error)

    def _listen(self) -> None:
        state, heard_s = self._state, time.monotonic()
        while not self._stopping.is_set():
            if self._gathered():
                heard_s = time.monotonic()
            elif time.monotonic() - heard_s > SILENT_S:
                self._listener.register()
                state.unsettled, heard_s = True, time.monotonic()
            if state.unsettled or (self._levels is not None and self._levels.are_new()):
                self._tell(self._settled())
            else:
                self._tell(state.moves())

    def _settled(self) -> tuple[Move, ...]:
        """Read all strips."""
        strips = reading.strips(self._reader)
        heard = strips if self._levels is None else self._levels.added(self._reader, strips)
        return self._state.settle(strips, heard)

    def _gathered(self) -> bool:
        """Note a message and what comes within `HOLD_S` after it; return whether any came."""
        first = self._listener.receive(LISTEN_S)
        if first is None:
            return False
        self._state.take(first)
        until_s = time.monotonic() + HOLD_S
        while (left_s := until_s - time.monotonic()) > 0.0:
            message = self._listener.receive(left_s)
            if message is not None:
                self._state.take(message)
        return True

    def _tell(self, moves: tuple[Move, ...]) -> None:
        for move in moves:
            try:
                self._on_move(move)
            except Exception:  # noqa: BLE001  # a listener must not end the watch
                _log.exception("a move of %s could not be taken", move.track_name)
