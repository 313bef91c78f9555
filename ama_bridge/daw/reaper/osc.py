"""A client of REAPER's own OSC, by AMA's pattern file: reads names, faders, pans and mutes, sets faders and pans, starts actions.

OSC knows tracks by their numbers alone, and a number is a place in a list that the user changes at any time. So nothing is kept by number: before
a value is sent the names are read, after it they are read again, and a value that met another track is taken back and sent anew. Each value is read
back. Undo: REAPER makes an undo point of such a change, or not, as its settings say; AMA Apply makes one for all.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Final, TypeAlias, TypeVar

from ama_analysis.errors import DeliveryError, OptionError
from ama_bridge.config import HOST
from ama_bridge.daw.port import OnMove
from ama_bridge.daw.reaper.osc_surface import Surface, post, sender, silence
from ama_bridge.daw.reaper.osc_values import (
    HIGHEST_DB,
    Control,
    Mixer,
    ReadBack,
    Strip,
    Wanted,
    message_for,
    moves,
    same,
    the_one,
    told_apart,
    value_of,
)
from ama_bridge.osc_packets import encode

T = TypeVar("T")
_Job: TypeAlias = Callable[[Surface], None]
HOLD_S: Final = 0.05
"""So long moves are gathered before they are told: a dragged fader is some twenty a second, not hundreds."""
LISTEN_S: Final = 0.1
"""So often is looked whether to go on, and whether something is to be set."""
PROBE_S: Final = 15.0
"""After so long without a word it is looked whether REAPER still listens."""
JOB_S: Final = 30.0
REFUSED_S: Final = 0.15
"""A system tells within milliseconds that nobody listens at one of its own ports."""
_TRIES: Final = 4
_COMMAND: Final = re.compile(r"_[A-Za-z0-9_]{1,200}|[1-9][0-9]{0,8}")

_log = logging.getLogger(__name__)


class ReaperOsc:
    """One OSC device in REAPER's preferences, from the other side.

    Every method may be called from any thread. The port that REAPER sends to can be held by one program at a time: each call holds it while it lasts,
    and while `watch` runs, what is read or set goes through the watch.
    """

    def __init__(self, host: str = HOST, send_port: int = 8000, receive_port: int = 9000) -> None:
        """Name the port at which REAPER listens, and the port to which it sends."""
        self._where = (host, send_port)
        self._receive_port = receive_port
        self._sockets = threading.Lock()
        self._guard = threading.Lock()
        self._jobs: SimpleQueue[_Job] | None = None

    def tracks(self) -> tuple[Strip, ...]:
        """Return the master (number 0, where REAPER tells of it) and all tracks from the top, as they are now; `DeliveryError` AMA-704."""
        return self._done(lambda surface: surface.read().there())

    def set_fader(self, name: str, fader_db: float) -> ReadBack:
        """Set the fader of the track of that name ("master" is the master), dB."""
        return self.set_values([Wanted(track=name, control="fader_db", value=fader_db)])[0]

    def set_pan(self, name: str, pan: float) -> ReadBack:
        """Set the pan of the track of that name, -1 (left) to +1."""
        return self.set_values([Wanted(track=name, control="pan", value=pan)])[0]

    def set_values(self, wanted: Sequence[Wanted]) -> tuple[ReadBack, ...]:
        """Set values and return what REAPER shows for each of them after it.

        `SessionError` (AMA-203), before anything is set, where a name is not there or not the only one; `OptionError` (AMA-501) for a value that no
        fader has; `DeliveryError` AMA-704 where REAPER does not answer, AMA-705 where it is not certain what was set.
        """
        for one in wanted:
            _check(one)
        return self._done(lambda surface: _set(surface, tuple(wanted)))

    def trigger(self, command_id: str) -> None:
        """Start an action once, by its number or its command id ("_RS..."); nothing tells whether it began.

        `OptionError` (AMA-501) for what is no command id, `DeliveryError` (AMA-704) where nobody listens at REAPER's port.
        """
        if not _COMMAND.fullmatch(command_id):
            message = f"{command_id!r} is no command id of REAPER's."
            raise OptionError(message, hint="It is a number, or begins with _RS.")
        with sender(*self._where) as out:
            post(out, encode("/action/str", (command_id,)), self._where)
            out.settimeout(REFUSED_S)
            try:
                out.recv(1)
            except TimeoutError:
                return
            except OSError as error:
                raise silence(self._where) from error

    def watch(self, on_move: OnMove, stopping: threading.Event, *, standing: bool = False) -> None:
        """Tell of faders, pans and mutes that move in REAPER until `stopping` is set; tracks are told by name, where it is their own.

        With `standing` it is told first where all stand.

        `DeliveryError`: AMA-704 where REAPER does not answer, or no more; AMA-703 where the port is in use.
        """
        jobs: SimpleQueue[_Job] = SimpleQueue()
        with self._sockets, Surface(*self._where, self._receive_port) as surface:
            watch = _Watch(surface, on_move)
            if standing:
                watch.tell_all()
            with self._guard:
                self._jobs = jobs
            try:
                while not stopping.is_set():
                    watch.listen()
                    _work_off(jobs, watch.serve)
            finally:
                with self._guard:
                    self._jobs = None
                _work_off(jobs, lambda job: job(surface))

    def _done(self, job: Callable[[Surface], T]) -> T:
        """Do something with the sockets: the watch's where one runs, else with some of its own."""
        future: Future[T] = Future()
        while True:
            with self._guard:
                if self._jobs is not None:
                    self._jobs.put(lambda surface: _answer(future, job, surface))
                    break
            if self._sockets.acquire(timeout=LISTEN_S):
                try:
                    with Surface(*self._where, self._receive_port) as surface:
                        return job(surface)
                finally:
                    self._sockets.release()
        try:
            return future.result(JOB_S)
        except TimeoutError as error:
            raise silence(self._where) from error


def _answer(future: Future[T], job: Callable[[Surface], T], surface: Surface) -> None:
    try:
        future.set_result(job(surface))
    except Exception as error:  # noqa: BLE001  # it belongs to whoever asked
        future.set_exception(error)


def _work_off(jobs: SimpleQueue[_Job], serve: Callable[[_Job], None]) -> None:
    while True:
        try:
            job = jobs.get_nowait()
        except Empty:
            return
        serve(job)


def _check(wanted: Wanted) -> None:
    low, high = (-1.0, 1.0) if wanted.control == "pan" else (float("-inf"), HIGHEST_DB)
    if not low <= wanted.value <= high:
        message = f"{wanted.track!r} cannot have a {wanted.control} of {wanted.value:g}."
        hint = "A pan goes from -1 to +1, a fader up to +60 dB at most."
        raise OptionError(message, hint=hint)


def _set(surface: Surface, wanted: tuple[Wanted, ...]) -> tuple[ReadBack, ...]:
    """Send values until each has met the track of its name, and nobody else's stays changed.

    What does not read back is sent once more: a datagram may get lost. What does not then is what REAPER does not take.
    """
    mending: dict[tuple[str, Control], Wanted] = {}
    due, again = wanted, False
    for _ in range(_TRIES):
        before = surface.read().there()
        mended = _sent(surface, before, mending.values())
        sent = mended + _sent(surface, before, due, must=True)
        after = surface.read(after_setting=True).there()
        names = {strip.number: strip.name for strip in after}
        if all(names.get(number) == one.track for number, one in sent):
            done = tuple(_read_back(after, one) for one in wanted)
            missed = tuple(one.wanted for one in done if not one.ok)
            if all(_read_back(after, one).ok for _, one in mended):
                if again or not missed:
                    return done
                due, again = missed, True
        else:
            mending |= _astray(before, after, sent)
            due = wanted
    message = "REAPER's tracks keep moving; it is not certain what was set."
    raise DeliveryError(message, hint="Look at the faders in REAPER.", code="AMA-705")


def _read_back(strips: Iterable[Strip], one: Wanted) -> ReadBack:
    return ReadBack(wanted=one, read=value_of(the_one(strips, one.track), one.control))


def _sent(
    surface: Surface, strips: tuple[Strip, ...], values: Iterable[Wanted], *, must: bool = False
) -> list[tuple[int, Wanted]]:
    """Send values to the numbers that their tracks have now; with `must`, `SessionError` before any is sent where one has none."""
    there = told_apart(strips)
    found = [
        (the_one(strips, one.track).number, one) for one in values if must or one.track in there
    ]
    surface.put(message_for(number, one.control, one.value) for number, one in found)
    return found


def _astray(
    before: Iterable[Strip], after: Iterable[Strip], sent: Sequence[tuple[int, Wanted]]
) -> dict[tuple[str, Control], Wanted]:
    """Return the old values of tracks that have changed since, had one of the numbers that were sent to, and were not meant."""
    meant = {(one.track, one.control) for _, one in sent}
    old = told_apart(before)
    found: dict[tuple[str, Control], Wanted] = {}
    for strip in (s for s in told_apart(after).values() if s.name in old):
        for number, one in sent:
            place = (strip.name, one.control)
            was = value_of(old[strip.name], one.control)
            now = value_of(strip, one.control)
            if place in meant or number not in {strip.number, old[strip.name].number}:
                continue
            if was is not None and now is not None and not same(one.control, now, was):
                found[place] = Wanted(track=strip.name, control=one.control, value=was)
    return found


class _Watch:
    """What is known of the mixer, and what is told of it."""

    def __init__(self, surface: Surface, on_move: OnMove) -> None:
        self._surface = surface
        self._on_move = on_move
        self._mixer = surface.read()
        self._known = told_apart(self._mixer.there())
        self._heard_s = time.monotonic()

    def tell_all(self) -> None:
        """Tell where all stand, as it was read."""
        self._known = {}
        self._settle(self._mixer)

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

    def serve(self, job: _Job) -> None:
        """Do something with the sockets, and look then what that has changed."""
        job(self._surface)
        self._settle(self._surface.read())

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
