"""AMA as a client of REAPER's OSC, in real packets: what it reads, starts and hears move, also where tracks change their places meanwhile."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue

import pytest

from ama_analysis.errors import DeliveryError, OptionError
from ama_bridge.daw.port import Move, OnMove
from ama_bridge.daw.reaper import osc
from ama_bridge.daw.reaper.osc_surface import Surface
from ama_bridge.daw.reaper.osc_values import Mixer, Shown, decibels
from ama_bridge.osc_packets import Message
from tests.daw.reaper.osc_peer import KEYS, LARGEST_MESSAGE, Peer, Strip, pattern_text, patterns_of

WITHIN_S = 2.0
"""What the user waits at most before AMA says that REAPER does not answer."""
STORED = 1e-4
"""A 32-bit float near 100 dB."""


def band(*names: str) -> list[Strip]:
    return [
        Strip(name, fader_db=-1.5 * n, pan=round(0.1 * n - 0.2, 2))
        for n, name in enumerate(names or ("Kick", "Bass", "Vox"))
    ]


@pytest.fixture
def peer() -> Iterator[Peer]:
    with Peer(band()) as one:
        yield one


def watch(peer: Peer, on_move: OnMove, stopping: threading.Event) -> None:
    osc.watch(on_move, stopping, send_port=peer.port, receive_port=peer.send_port)


def shown(peer: Peer) -> tuple[Shown, ...]:
    with Surface(peer.port, peer.send_port) as surface:
        return surface.read().there()


# reading


@pytest.mark.parametrize("tells_at_count", [True, False])
@pytest.mark.parametrize(
    ("tells_db", "tells_master_db"), [(True, True), (True, False), (False, False)]
)
def test_names_faders_pans_and_mutes_are_read(
    *, tells_at_count: bool, tells_db: bool, tells_master_db: bool
) -> None:
    tracks = [Strip("Kick", -3.25, -1.0), Strip("Bass", -120.0, 0.5, muted=True), Strip("", 6.0)]
    with Peer(
        tracks,
        tells_at_count=tells_at_count,
        tells_db=tells_db,
        tells_master_db=tells_master_db,
    ) as peer:
        peer.master.fader_db = -2.5
        master, kick, bass, unnamed = shown(peer)
    assert (master.number, master.name) == (0, "master")
    assert master.fader_db == pytest.approx(-2.5)
    assert not peer.unknown
    assert (kick.number, kick.name, kick.muted) == (1, "Kick", False)
    assert (kick.fader_db, kick.pan) == pytest.approx((-3.25, -1.0))
    assert (bass.fader_db, bass.pan) == pytest.approx((-120.0, 0.5), abs=STORED)
    assert bass.muted is True
    assert unnamed.name == "Track 3"


@pytest.mark.parametrize(("tells_at_count", "tells_empty"), [(True, True), (False, False)])
@pytest.mark.parametrize("count", [8, 63, 64, 65, 150])
def test_every_track_is_read_however_many_there_are(
    count: int, *, tells_at_count: bool, tells_empty: bool
) -> None:
    names = [f"Track with a name {n}" for n in range(count)]
    with Peer(band(*names), tells_at_count=tells_at_count, tells_empty=tells_empty) as peer:
        read = shown(peer)
    assert [strip.name for strip in read if strip.number] == names
    assert all(strip.fader_db is not None and strip.pan is not None for strip in read)


def test_five_hundred_tracks_are_read_at_reapers_own_pace() -> None:
    names = [f"Track with a name {n}" for n in range(500)]
    with Peer(band(*names), pause_s=0.01) as peer:
        assert [strip.name for strip in shown(peer) if strip.number] == names
        assert peer.dropped == 0


def test_another_pattern_file_of_eight_tracks_works_too() -> None:
    text = "DEVICE_TRACK_COUNT 8\n" + "".join(
        line
        for line in pattern_text().splitlines(keepends=True)
        if not line.startswith("DEVICE_TRACK_COUNT 64")
    )
    names = [f"t{n}" for n in range(20)]
    with Peer(band(*names), pattern=text) as peer:
        assert [strip.name for strip in shown(peer)[1:]] == names


@pytest.mark.parametrize("tells_db", [True, False])
def test_silence_is_where_reapers_faders_end(*, tells_db: bool) -> None:
    with Peer([Strip("Kick", float("-inf"))], tells_db=tells_db) as peer:
        assert shown(peer)[1].fader_db == -150.0


@pytest.mark.parametrize(
    ("text", "level_db"),
    [
        ("-6.00dB", -6.0),
        ("+3.5 dB", 3.5),
        ("-inf dB", -150.0),
        ("0,25\u202fdB", 0.25),
        ("\u22121.2dB", -1.2),
        ("center", None),
        ("", None),
        ("-- dB", None),
    ],
)
def test_levels_are_read_as_reaper_writes_them(text: str, level_db: float | None) -> None:
    assert decibels(text) == level_db


@pytest.mark.parametrize(
    ("address", "arguments"),
    [
        ("/track/1/name", (3.0,)),
        ("/track/1/volume/db", ("loud",)),
        ("/track/1/volume/db", (float("nan"),)),
        ("/track/1/volume/db", ()),
        ("/track/1/pan", (0.5, 0.5)),
        ("/track/1/mute", (b"\0",)),
        ("/track/99999999999/name", ("x",)),
        ("/track/name", ("x",)),
        ("/time", (1.0,)),
    ],
)
def test_what_makes_no_sense_is_not_taken(address: str, arguments: tuple[object, ...]) -> None:
    mixer = Mixer()
    assert not mixer.take(Message(address=address, tags="", arguments=arguments))
    assert mixer.there() == ()


# starting actions


def test_an_action_is_started_once_without_any_port_of_amas_own(peer: Peer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as another:
        another.bind(("127.0.0.1", peer.send_port))
        osc.trigger(peer.port, "_RS1a2b3c4d5e6f")
    until(lambda: peer.actions == ["_RS1a2b3c4d5e6f"])


@pytest.mark.parametrize(
    "command", ["", "RS12", "_RS 12", "0", "-1", "1;2", "_" + "x" * 300, "_RS\0"]
)
def test_what_is_no_command_id_is_not_sent(peer: Peer, command: str) -> None:
    with pytest.raises(OptionError):
        osc.trigger(peer.port, command)
    assert not peer.actions


# where nobody answers


def taking_time(call: Callable[[], object]) -> tuple[float, DeliveryError]:
    begun_s = time.monotonic()
    with pytest.raises(DeliveryError) as refused:
        call()
    return time.monotonic() - begun_s, refused.value


@pytest.mark.parametrize("what", ["trigger", "watch"])
def test_where_no_reaper_listens_it_is_said_soon(what: str) -> None:
    with Peer(band()) as gone:
        pass
    calls: dict[str, Callable[[], object]] = {
        "trigger": lambda: osc.trigger(gone.port, "_RS12"),
        "watch": lambda: watch(gone, lambda _: None, threading.Event()),
    }
    took_s, error = taking_time(calls[what])
    assert error.code == "AMA-704"
    assert took_s < WITHIN_S


def test_a_reaper_that_tells_another_address_counts_as_silent() -> None:
    with Peer(band(), answers=False) as peer:
        took_s, error = taking_time(lambda: shown(peer))
    assert error.code == "AMA-704"
    assert "Control/OSC/web" in error.sentence()
    assert took_s < WITHIN_S


def test_a_port_that_another_program_has_is_named(peer: Peer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as another:
        another.bind(("127.0.0.1", peer.send_port))
        _, error = taking_time(lambda: shown(peer))
    assert error.code == "AMA-703"
    assert str(peer.send_port) in error.message


# watching


class Watched:
    """A watch in a thread, and what it told."""

    def __init__(self, peer: Peer) -> None:
        self.moves: SimpleQueue[Move] = SimpleQueue()
        self.stopping = threading.Event()
        self.error: DeliveryError | None = None
        self._peer = peer
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            watch(self._peer, self.moves.put, self.stopping)
        except DeliveryError as error:
            self.error = error

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._thread.join(5.0)
        assert not self._thread.is_alive()

    def next(self) -> Move:
        try:
            return self.moves.get(timeout=5.0)
        except Empty:
            raise AssertionError("no move was told") from None

    def ended(self) -> None:
        self._thread.join(10.0)


def until(holds: Callable[[], bool], most_s: float = 5.0) -> None:
    waiting = threading.Event()
    ends_s = time.monotonic() + most_s
    while not holds():
        assert time.monotonic() < ends_s
        waiting.wait(0.005)


def begun(peer: Peer, watched: Watched) -> None:
    """Wait until the watch has told where all stand."""
    standing = [watched.next() for _ in peer.tracks]
    assert [move.track_name for move in standing] == [strip.name for strip in peer.tracks]
    for move, strip in zip(standing, peer.tracks, strict=True):
        assert (move.fader_db, move.pan) == pytest.approx((strip.fader_db, strip.pan))
        assert move.muted is strip.muted


@pytest.mark.parametrize("tells_at_count", [True, False])
def test_what_moves_in_reaper_is_told_by_name(*, tells_at_count: bool) -> None:
    with Peer(band(), tells_at_count=tells_at_count) as peer, Watched(peer) as watched:
        begun(peer, watched)
        peer.move("Bass", fader_db=-9.5)
        move = watched.next()
        assert (move.track_name, move.pan, move.muted) == ("Bass", None, None)
        assert move.fader_db == pytest.approx(-9.5)
        peer.move("Vox", muted=True)
        assert watched.next() == Move(track_name="Vox", muted=True)


def test_a_dragged_fader_is_told_seldom_and_where_it_ends(peer: Peer) -> None:
    with Watched(peer) as watched:
        begun(peer, watched)
        for step in range(300):
            peer.move("Bass", fader_db=-0.01 * step)
        told = [watched.next()]
        while told[-1].fader_db != pytest.approx(-2.99, abs=STORED):
            told.append(watched.next())
        assert len(told) < 30
        assert {move.track_name for move in told} == {"Bass"}


def test_after_the_order_changes_moves_are_told_of_the_right_tracks(peer: Peer) -> None:
    with Watched(peer) as watched:
        begun(peer, watched)
        peer.arrange(["Vox", "Flute", "Bass", "Kick"])
        new = watched.next()
        assert (new.track_name, new.fader_db, new.muted) == ("Flute", 0.0, False)
        peer.move("Kick", fader_db=-31.0)
        move = watched.next()
        assert (move.track_name, move.pan) == ("Kick", None)
        assert move.fader_db == pytest.approx(-31.0)
        assert watched.moves.empty()


def test_tracks_of_one_name_are_not_told(peer: Peer) -> None:
    with Watched(peer) as watched:
        begun(peer, watched)
        peer.arrange(["Kick", "Bass", "Bass"])
        with peer._lock:
            peer.tracks[2] = Strip("Bass", fader_db=-40.0)
        peer.move("Bass", fader_db=-50.0)
        peer.move("Kick", fader_db=-60.0)
        assert watched.next().track_name == "Kick"


def test_a_reaper_that_ends_ends_the_watch(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ama_bridge.daw.reaper.osc.PROBE_S", 0.2)
    with Watched(peer) as watched:
        begun(peer, watched)
        peer.quit()
        watched.ended()
    assert watched.error is not None
    assert watched.error.code == "AMA-704"


def test_a_listener_that_fails_does_not_end_the_watch(peer: Peer) -> None:
    failed, stopping = threading.Event(), threading.Event()

    def fails_once(_: Move) -> None:
        if not failed.is_set():
            failed.set()
            raise RuntimeError
        stopping.set()

    thread = threading.Thread(target=watch, args=(peer, fails_once, stopping), daemon=True)
    thread.start()
    thread.join(5.0)
    assert not thread.is_alive()


# the pattern file


def test_the_pattern_file_has_only_what_reaper_knows() -> None:
    settings, patterns = patterns_of(pattern_text())
    assert settings["DEVICE_TRACK_COUNT"] == "64"
    assert {pattern.key for pattern in patterns} == KEYS
    assert all(len(line) <= 512 and line.isascii() for line in pattern_text().splitlines())


def test_the_peer_drops_what_reaper_drops(peer: Peer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out, peer._lock:
        long = b"/" + b"x" * LARGEST_MESSAGE + b"\0\0\0,\0\0\0"
        for datagram in (long, long):
            out.sendto(datagram, ("127.0.0.1", peer.port))
    until(lambda: peer.dropped > 0)
    assert not peer.heard
