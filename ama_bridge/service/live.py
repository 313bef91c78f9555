"""Faders and pans that are moved in a DAW while a service runs: one thread a DAW, begun with the service, or when a first session comes from there.

A DAW first tells where all stands, and whoever asks where a session stands waits for that, but not for a DAW that does not answer. What moved lies over what the session said when it was sent, until it is sent anew. Where the DAW does not answer, or goes, it is tried again
every few seconds; nothing waits for it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from ama_analysis.errors import AmaError
from ama_analysis.session import FADER_RANGE_DB, Track
from ama_bridge.daw.port import Daw, Move

RETRY_S: Final = 10.0
FIRST_S: Final = 5.0
"""So long the first reading of a DAW that was just begun to be watched is waited for; an Ardour of 300 strips takes one second."""
CLOSE_S: Final = 5.0

_log = logging.getLogger(__name__)


def _ignore(_: str) -> None:
    """Hear of a move that nobody waits for."""


class LiveMoves:
    """Watches DAWs, each in a thread of its own; every method may be called from any thread."""

    def __init__(self, on_move: Callable[[str], object] = _ignore) -> None:
        """Watch nothing yet; `on_move` hears the name of the session in which something moved."""
        self._on_move = on_move
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._threads: dict[str, threading.Thread] = {}
        self._told: dict[str, threading.Event] = {}
        self._moves: dict[tuple[str, str], dict[str, Move]] = {}

    def follow(self, daw: Daw) -> None:
        """Watch a DAW from now on; one that is watched already goes on as it is."""
        with self._lock:
            if daw.name in self._threads or self._stopping.is_set():
                return
            name = f"ama-live-{daw.name}"
            self._told[daw.name] = threading.Event()
            thread = threading.Thread(target=self._run, args=(daw,), name=name, daemon=True)
            self._threads[daw.name] = thread
            thread.start()

    def forget(self, daw_name: str, session: str) -> None:
        """Drop what moved in a session so far: it is told anew."""
        with self._lock:
            self._moves.pop((daw_name, session), None)

    def begin_anew(self, daw: Daw) -> None:
        """Watch a DAW from which a session has just come; what moved there until now is in it."""
        with self._lock:
            for place in [place for place in self._moves if place[0] == daw.name]:
                del self._moves[place]
        self.follow(daw)

    def over(self, daw_name: str, session: str, tracks: Iterable[Track]) -> tuple[Track, ...]:
        """Return a session's tracks with faders, pans and mutes where they stand in the DAW now."""
        with self._lock:
            told = self._told.get(daw_name)
        if told is not None:
            told.wait(FIRST_S)
        return self.known_over(daw_name, session, tracks)

    def known_over(self, daw_name: str, session: str, tracks: Iterable[Track]) -> tuple[Track, ...]:
        """Return a session's tracks with faders, pans and mutes where they stand in the DAW as far as it has told; waits for nothing."""
        with self._lock:
            moves = dict(self._moves.get((daw_name, session), {}))
        return tuple(_moved(t, moves[t.name]) if t.name in moves else t for t in tracks)

    def close(self) -> None:
        """Stop watching."""
        self._stopping.set()
        with self._lock:
            threads = tuple(self._threads.values())
        for thread in threads:
            thread.join(CLOSE_S)

    def _note(self, daw_name: str, move: Move) -> None:
        with self._lock:
            moves = self._moves.setdefault((daw_name, move.session), {})
            before = moves.get(move.track_name, move)
            moves[move.track_name] = replace(
                move,
                fader_db=before.fader_db if move.fader_db is None else move.fader_db,
                pan=before.pan if move.pan is None else move.pan,
                muted=before.muted if move.muted is None else move.muted,
            )
        self._on_move(move.session)

    def _run(self, daw: Daw) -> None:
        told, all_told = "", self._told[daw.name]
        while not self._stopping.is_set():
            try:
                daw.watch(lambda move: self._note(daw.name, move), all_told.set, self._stopping)
                told = ""
            except AmaError as error:
                again = error.sentence() == told
                told = error.sentence()
                level = logging.DEBUG if again else logging.INFO
                _log.log(level, "%s is not watched: %s", daw.name, told)
            except Exception:  # noqa: BLE001  # an odd message of a DAW must not end the watching
                _log.exception("watching %s met an error that AMA did not foresee", daw.name)
            all_told.set()
            self._stopping.wait(RETRY_S)


def _moved(track: Track, move: Move) -> Track:
    fader_db = track.fader_db if move.fader_db is None else move.fader_db
    pan = track.pan if move.pan is None else move.pan
    lowest_db, highest_db = FADER_RANGE_DB
    return replace(
        track,
        fader_db=min(max(fader_db, lowest_db), highest_db),
        pan=min(max(pan, -1.0), 1.0),
        muted=track.muted if move.muted is None else move.muted,
    )
