"""AMA as a client of REAPER's OSC, in real packets: what it reads, sets, reads back and starts, and what it does where tracks move meanwhile."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue

import pytest

from ama_analysis.errors import DeliveryError, OptionError, SessionError
from ama_bridge.daw.port import Move
from ama_bridge.daw.reaper.osc import ReaperOsc
from ama_bridge.daw.reaper.osc_values import Mixer, Wanted, decibels
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


def client(peer: Peer) -> ReaperOsc:
    return ReaperOsc(send_port=peer.port, receive_port=peer.send_port)


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
        master, kick, bass, unnamed = client(peer).tracks()
    assert (master.number, master.name) == (0, "master")
    assert master.fader_db == pytest.approx(-2.5)
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
        read = client(peer).tracks()
    assert [strip.name for strip in read if strip.number] == names
    assert all(strip.fader_db is not None and strip.pan is not None for strip in read)


def test_five_hundred_tracks_are_read_and_set_at_reapers_own_pace() -> None:
    names = [f"Track with a name {n}" for n in range(500)]
    wanted = [
        Wanted(track=name, control="fader_db", value=-0.01 * n) for n, name in enumerate(names)
    ]
    with Peer(band(*names), pause_s=0.01) as peer:
        assert all(one.ok for one in client(peer).set_values(wanted))
        assert peer.dropped == 0


def test_another_pattern_file_of_eight_tracks_works_too() -> None:
    text = "DEVICE_TRACK_COUNT 8\n" + "".join(
        line
        for line in pattern_text().splitlines(keepends=True)
        if not line.startswith("DEVICE_TRACK_COUNT 64")
    )
    names = [f"t{n}" for n in range(20)]
    with Peer(band(*names), pattern=text) as peer:
        assert [strip.name for strip in client(peer).tracks()[1:]] == names


def test_silence_is_where_reapers_faders_end(peer: Peer) -> None:
    assert client(peer).set_fader("Kick", float("-inf")).read == -150.0
    assert peer["Kick"].fader_db == float("-inf")


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


# setting


@pytest.mark.parametrize("echoes", [True, False])
@pytest.mark.parametrize("tells_at_count", [True, False])
@pytest.mark.parametrize("tells_empty", [True, False])
def test_a_fader_and_a_pan_are_set_and_read_back(
    *, echoes: bool, tells_at_count: bool, tells_empty: bool
) -> None:
    with Peer(
        band(), echoes=echoes, tells_at_count=tells_at_count, tells_empty=tells_empty
    ) as peer:
        fader = client(peer).set_fader("Bass", -7.35)
        pan = client(peer).set_pan("Vox", -0.25)
        assert (peer["Bass"].fader_db, peer["Vox"].pan) == pytest.approx((-7.35, -0.25), abs=STORED)
        assert (fader.read, pan.read) == pytest.approx((-7.35, -0.25), abs=STORED)
        assert fader.ok
        assert pan.ok
        assert peer["Kick"].fader_db == 0.0
        assert not peer.unknown


def test_faders_that_are_told_in_words_alone_are_read_back_too() -> None:
    with Peer(band(), tells_db=False, tells_master_db=False) as peer:
        done = client(peer).set_fader("Bass", -7.3519)
        assert done.ok
        assert done.read == pytest.approx(-7.35)


def test_many_values_are_set_at_once_each_in_a_message_of_its_own() -> None:
    names = [f"t{n}" for n in range(120)]
    wanted = [
        Wanted(track=name, control="fader_db", value=-0.1 * n) for n, name in enumerate(names)
    ]
    wanted += [
        Wanted(track=name, control="pan", value=0.01 * n - 0.5) for n, name in enumerate(names)
    ]
    with Peer(band(*names)) as peer:
        done = client(peer).set_values(
            [*wanted, Wanted(track="master", control="fader_db", value=-1.0)]
        )
        assert [one.wanted for one in done[:-1]] == wanted
        assert all(one.ok for one in done)
        assert peer.master.fader_db == -1.0
        assert peer.dropped == 0
        sets = [address for address, _ in peer.heard if address.startswith("/track/")]
        assert len(sets) == len(wanted)


def test_what_reaper_does_not_take_is_seen(peer: Peer) -> None:
    done = client(peer).set_fader("Kick", 20.0)
    assert not done.ok
    assert done.read == pytest.approx(12.0)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(track="Kick", control="pan", value=1.2),
        Wanted(track="Kick", control="fader_db", value=61.0),
        Wanted(track="Kick", control="fader_db", value=float("nan")),
    ],
)
def test_values_that_no_fader_has_are_refused(peer: Peer, wanted: Wanted) -> None:
    with pytest.raises(OptionError):
        client(peer).set_values([wanted])
    assert not any(address.startswith("/track") for address, _ in peer.heard)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("Flute", "No track in REAPER is called 'Flute'"), ("Twin", "2 tracks in REAPER are called 'Twin'")],
)  # fmt: skip
def test_a_name_that_is_not_there_or_not_alone_sets_nothing(name: str, sentence: str) -> None:
    with Peer(band("Twin", "Vox", "Twin")) as peer:
        both = [
            Wanted(track="Vox", control="fader_db", value=-9.0),
            Wanted(track=name, control="fader_db", value=-9.0),
        ]
        with pytest.raises(SessionError, match=sentence) as refused:
            client(peer).set_values(both)
        assert refused.value.code == "AMA-203"
        assert peer["Vox"].fader_db == -1.5


@pytest.mark.parametrize("echoes", [True, False])
def test_a_track_that_is_moved_meanwhile_gets_its_value_and_the_other_its_own_back(
    *, echoes: bool
) -> None:
    with Peer(band(), echoes=echoes) as peer:
        peer.before["/track/2/volume/db"] = lambda: peer.arrange(["Bass", "Kick", "Vox"])
        done = client(peer).set_fader("Bass", -20.0)
        assert done.ok
        assert {s.name: s.fader_db for s in peer.tracks} == {
            "Bass": pytest.approx(-20.0),
            "Kick": pytest.approx(0.0, abs=STORED),
            "Vox": -3.0,
        }


def test_a_track_that_is_removed_meanwhile_is_told_and_leaves_no_trace(peer: Peer) -> None:
    peer.before["/track/2/pan"] = lambda: peer.arrange(["Kick", "Vox"])
    with pytest.raises(SessionError, match="'Bass'"):
        client(peer).set_pan("Bass", 0.75)
    until(lambda: abs(peer["Vox"].pan) < STORED)


def test_tracks_that_keep_moving_end_in_a_doubt_that_is_told(peer: Peer) -> None:
    orders = [["Bass", "Kick", "Vox"], ["Kick", "Bass", "Vox"]]
    turns = iter(range(100))

    def turn() -> None:
        peer.arrange(orders[next(turns) % 2])
        for number in (1, 2):
            peer.before[f"/track/{number}/pan"] = turn

    for number in (1, 2):
        peer.before[f"/track/{number}/pan"] = turn
    with pytest.raises(DeliveryError) as doubt:
        client(peer).set_pan("Bass", 0.75)
    assert doubt.value.code == "AMA-705"


# starting actions


def test_an_action_is_started_once_without_any_port_of_amas_own(peer: Peer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as another:
        another.bind(("127.0.0.1", peer.send_port))
        client(peer).trigger("_RS1a2b3c4d5e6f")
    until(lambda: peer.actions == ["_RS1a2b3c4d5e6f"])


@pytest.mark.parametrize(
    "command", ["", "RS12", "_RS 12", "0", "-1", "1;2", "_" + "x" * 300, "_RS\0"]
)
def test_what_is_no_command_id_is_not_sent(peer: Peer, command: str) -> None:
    with pytest.raises(OptionError):
        client(peer).trigger(command)
    assert not peer.actions


# where nobody answers


def taking_time(call: Callable[[], object]) -> tuple[float, DeliveryError]:
    begun_s = time.monotonic()
    with pytest.raises(DeliveryError) as refused:
        call()
    return time.monotonic() - begun_s, refused.value


@pytest.mark.parametrize("what", ["tracks", "set_fader", "trigger", "watch"])
def test_where_no_reaper_listens_it_is_said_soon(what: str) -> None:
    with Peer(band()) as gone:
        osc = client(gone)
    calls: dict[str, Callable[[], object]] = {
        "tracks": osc.tracks,
        "set_fader": lambda: osc.set_fader("Kick", 0.0),
        "trigger": lambda: osc.trigger("_RS12"),
        "watch": lambda: osc.watch(lambda _: None, threading.Event()),
    }
    took_s, error = taking_time(calls[what])
    assert error.code == "AMA-704"
    assert took_s < WITHIN_S


def test_a_reaper_that_tells_another_address_counts_as_silent() -> None:
    with Peer(band(), answers=False) as peer:
        took_s, error = taking_time(client(peer).tracks)
    assert error.code == "AMA-704"
    assert "Control/OSC/web" in error.sentence()
    assert took_s < WITHIN_S


def test_a_port_that_another_program_has_is_named(peer: Peer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as another:
        another.bind(("127.0.0.1", peer.send_port))
        _, error = taking_time(client(peer).tracks)
    assert error.code == "AMA-703"
    assert str(peer.send_port) in error.message


# watching


class Watched:
    """A watch in a thread, and what it told."""

    def __init__(self, osc: ReaperOsc) -> None:
        self.moves: SimpleQueue[Move] = SimpleQueue()
        self.stopping = threading.Event()
        self.error: DeliveryError | None = None
        self._osc = osc
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self._osc.watch(self.moves.put, self.stopping)
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
    """Wait until the watch has read everything: a first move of the user's is told."""
    ends_s = time.monotonic() + 5.0
    n = 0
    while time.monotonic() < ends_s:
        n += 1
        peer.move("Kick", pan=0.5 + 0.01 * n)
        try:
            watched.moves.get(timeout=0.3)
        except Empty:
            continue
        else:
            while not watched.moves.empty():
                watched.moves.get()
            return
    raise AssertionError("the watch tells nothing")


@pytest.mark.parametrize("tells_at_count", [True, False])
def test_what_moves_in_reaper_is_told_by_name(*, tells_at_count: bool) -> None:
    with Peer(band(), tells_at_count=tells_at_count) as peer, Watched(client(peer)) as watched:
        begun(peer, watched)
        peer.move("Bass", fader_db=-9.5)
        move = watched.next()
        assert (move.track_name, move.pan, move.muted) == ("Bass", None, None)
        assert move.fader_db == pytest.approx(-9.5)
        peer.move("Vox", muted=True)
        assert watched.next() == Move(track_name="Vox", muted=True)


def test_a_dragged_fader_is_told_seldom_and_where_it_ends(peer: Peer) -> None:
    with Watched(client(peer)) as watched:
        begun(peer, watched)
        for step in range(300):
            peer.move("Bass", fader_db=-0.01 * step)
        told = [watched.next()]
        while told[-1].fader_db != pytest.approx(-2.99, abs=STORED):
            told.append(watched.next())
        assert len(told) < 30
        assert {move.track_name for move in told} == {"Bass"}


def test_after_the_order_changes_moves_are_told_of_the_right_tracks(peer: Peer) -> None:
    with Watched(client(peer)) as watched:
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
    with Watched(client(peer)) as watched:
        begun(peer, watched)
        peer.arrange(["Kick", "Bass", "Bass"])
        with peer._lock:
            peer.tracks[2] = Strip("Bass", fader_db=-40.0)
        peer.move("Bass", fader_db=-50.0)
        peer.move("Kick", fader_db=-60.0)
        assert watched.next().track_name == "Kick"


def test_values_are_set_while_a_watch_holds_the_port(peer: Peer) -> None:
    osc = client(peer)
    with Watched(osc) as watched:
        begun(peer, watched)
        assert osc.set_fader("Vox", -12.5).ok
        move = watched.next()
        assert move.track_name == "Vox"
        assert move.fader_db == pytest.approx(-12.5)
        assert [strip.name for strip in osc.tracks()[1:]] == ["Kick", "Bass", "Vox"]
        with pytest.raises(SessionError):
            osc.set_fader("Flute", -1.0)
        assert watched.error is None
    assert osc.set_fader("Vox", -3.5).ok


def test_a_reaper_that_ends_ends_the_watch(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ama_bridge.daw.reaper.osc.PROBE_S", 0.2)
    with Watched(client(peer)) as watched:
        begun(peer, watched)
        peer.quit()
        watched.ended()
    assert watched.error is not None
    assert watched.error.code == "AMA-704"


def test_a_listener_that_fails_does_not_end_the_watch(peer: Peer) -> None:
    osc, told, stopping = client(peer), threading.Event(), threading.Event()

    def fails_once(_: Move) -> None:
        if not told.is_set():
            told.set()
            raise RuntimeError
        stopping.set()

    thread = threading.Thread(target=osc.watch, args=(fails_once, stopping), daemon=True)
    thread.start()
    for step in range(50):
        peer.move("Kick", fader_db=-0.5 * step)
        if stopping.wait(0.1):
            break
    thread.join(5.0)
    assert not thread.is_alive()


# the pattern file


def test_the_pattern_file_has_only_what_reaper_knows() -> None:
    settings, patterns = patterns_of(pattern_text())
    assert settings["DEVICE_TRACK_COUNT"] == "64"
    assert {pattern.key for pattern in patterns} == KEYS
    assert all(len(line) <= 512 and line.isascii() for line in pattern_text().splitlines())


def test_the_longest_names_stay_within_what_reaper_takes() -> None:
    with Peer(band("x" * 900, "y")) as peer:
        assert client(peer).set_fader("x" * 900, -1.0).ok
        assert peer.dropped == 0


def test_the_peer_drops_what_reaper_drops(peer: Peer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out, peer._lock:
        long = b"/" + b"x" * LARGEST_MESSAGE + b"\0\0\0,\0\0\0"
        for datagram in (long, long):
            out.sendto(datagram, ("127.0.0.1", peer.port))
    until(lambda: peer.dropped > 0)
    assert not peer.heard
