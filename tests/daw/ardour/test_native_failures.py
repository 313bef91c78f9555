"""What the real Ardour cannot be made to do: lose datagrams, reorder strips between two messages, fall silent in the middle, answer nonsense."""

from __future__ import annotations

import itertools
import math
import random
import time

import pytest

from ama_analysis.errors import DeliveryError, SessionError
from ama_bridge.daw.ardour.native import Ardour, apply_natively
from ama_bridge.daw.ardour.native import watch as native_watch
from ama_bridge.daw.ardour.native.values import GAIN_TOLERANCE_DB
from tests.daw.ardour.native_peer import PeerStrip, packet, peer
from tests.daw.ardour.test_native_apply import asked, gain, strip
from tests.daw.ardour.test_native_watch import Moves

TIMEOUT_S = 2.0
WORSE = 0.05
"""So many answers get lost: on loopback it is none, unless a buffer overflows."""


def many(count=12):
    return [PeerStrip(name=f"Track {n}", gain=0.5, parameters=[0.0] * 6) for n in range(count)]


@pytest.mark.parametrize("seed", range(4))
def test_a_session_is_read_and_set_although_datagrams_get_lost(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  # seeded: the same losses every time
    with peer(*many()) as other:
        other.lose = lambda _: chance.random() < WORSE
        with Ardour(port=other.port) as ardour:
            assert [s.name for s in ardour.strips()] == [f"Track {n}" for n in range(12)]
            assert len(ardour.parameters("Track 3", "ACE EQ")) == 6
            assert ardour.set_gain("Track 5", -3.0).ok
            assert ardour.set_parameters("Track 4", "ACE EQ", {2: 4.0, 5: -1.0})[5].ok
        assert other.strip("Track 4").parameters == [0.0, 0.0, 4.0, 0.0, 0.0, -1.0]


def test_a_line_of_the_list_that_gets_lost_is_noticed() -> None:
    lost = itertools.count()
    with peer(*many(5)) as other:
        other.lose = lambda data: (
            data.startswith(b"/reply") and b"Track 4" in data and next(lost) == 0
        )
        with Ardour(port=other.port) as ardour:
            assert len(ardour.strips()) == 5
        assert next(lost) > 1


@pytest.mark.parametrize("change", ["a strip less", "a strip more", "another order"])
def test_a_list_that_is_out_of_date_is_not_believed(change: str) -> None:
    """Ardour lists what it knew, and counts anew behind the answer: values asked for then are those of other strips."""
    tracks = [PeerStrip(name=f"Track {n}", gain=2.0**-n) for n in range(4)]
    with peer(*tracks) as other, Ardour(port=other.port) as ardour:
        ardour.strips()
        if change == "a strip less":
            del other.strips[0]
        elif change == "a strip more":
            other.strips.insert(1, PeerStrip(name="New", gain=0.75))
        else:
            other.strips.reverse()
        now = {s.name: s.gain_db for s in ardour.strips()}
        true = {s.name: 20 * math.log10(s.gain) for s in other.strips}
    assert now == pytest.approx(true, abs=GAIN_TOLERANCE_DB)


def reorder(other, *, times=1):
    """Let the strips change places just before a bundle with a value is done, once the peer is armed, without a word of Ardour's."""
    left = itertools.count()

    def hook(message):
        asks = message.address == "/strip" and message.tags == "i"
        if asks and other.armed and next(left) < times:
            other.strips.reverse()
            other.look()

    other.hook = hook


def test_a_value_that_meets_another_strip_is_put_back_and_sent_to_the_right_one() -> None:
    a, b, c = PeerStrip(name="A", gain=0.25), PeerStrip(name="B"), PeerStrip(name="C", gain=0.125)
    with peer(a, b, c) as other:
        reorder(other)
        with Ardour(port=other.port) as ardour:
            assert ardour.strip("A").ssid == 1
            other.armed = True
            read = ardour.set_gain("A", -6.0)
            assert read.ok
        assert [s.name for s in other.strips] == ["C", "B", "A"]
        assert a.gain == pytest.approx(10 ** (-6 / 20))
        assert c.gain == pytest.approx(0.125)
        assert b.gain == 1.0


def test_a_plugins_values_that_meet_another_strip_are_put_back() -> None:
    a = PeerStrip(name="A", parameters=[1.0, 2.0])
    c = PeerStrip(name="C", parameters=[-1.0, -2.0])
    with peer(a, c) as other:
        reorder(other)
        with Ardour(port=other.port) as ardour:
            ardour.strips()
            other.armed = True
            read = ardour.set_parameters("A", "ACE EQ", {0: 5.0, 1: 6.0})
            assert all(one.ok for one in read.values())
            ardour.strips()
        assert a.parameters == [5.0, 6.0]
        assert c.parameters == [-1.0, -2.0]


def test_strips_that_never_rest_are_given_up_with_a_sentence() -> None:
    a, c = PeerStrip(name="A", gain=0.25), PeerStrip(name="C", gain=0.125)
    with peer(a, c) as other:
        reorder(other, times=10_000)
        with Ardour(port=other.port) as ardour:
            ardour.strips()
            other.armed = True
            with pytest.raises(DeliveryError) as error:
                ardour.set_gain("A", -6.0)
        assert error.value.code == "AMA-705"


def test_an_action_is_started_once_even_if_no_answer_comes() -> None:
    with peer(PeerStrip(name="A")) as other, Ardour(port=other.port) as ardour:
        ardour.trigger("LuaAction/script-1")
        other.lose = lambda _: True
        with pytest.raises(DeliveryError) as error:
            ardour.trigger("LuaAction/script-2")
    assert error.value.code == "AMA-705"
    assert other.actions == ["LuaAction/script-1", "LuaAction/script-2"]


def test_two_tracks_of_one_name_are_refused() -> None:
    with (
        peer(PeerStrip(name="Vox"), PeerStrip(name="Vox")) as other,
        Ardour(port=other.port) as ardour,
    ):
        assert len(ardour.strips()) == 2
        with pytest.raises(SessionError, match="2 strips called 'Vox'"):
            ardour.set_gain("Vox", -3.0)
    assert [s.gain for s in other.strips] == [1.0, 1.0]


def test_silence_in_the_middle_is_told_within_two_seconds() -> None:
    with peer(*many(30)) as other, Ardour(port=other.port) as ardour:
        ardour.strips()
        count = len(other.seen)
        other.hook = lambda _: setattr(other, "silent", len(other.seen) > count + 40)
        began_s = time.monotonic()
        with pytest.raises(DeliveryError) as error:
            ardour.strips()
        assert error.value.code == "AMA-704"
        assert time.monotonic() - began_s < TIMEOUT_S


def test_a_peer_that_never_answers_is_told_within_two_seconds() -> None:
    with peer() as other:
        other.silent = True
        began_s = time.monotonic()
        with pytest.raises(DeliveryError) as error, Ardour(port=other.port):
            pass
        assert error.value.code == "AMA-704"
        assert time.monotonic() - began_s < TIMEOUT_S


NONSENSE = {
    "a fader that is text": (b"/strip/gain/", lambda n: packet(f"/strip/gain/{n}", "s", "loud")),
    "a fader that is no number": (b"/strip/gain/", lambda n: packet(f"/strip/gain/{n}", "f", float("nan"))),
    "a list of plugins with a hole": (b"/strip/plugin/list", lambda n: packet("/strip/plugin/list", "iis", n, 1, "EQ")),
    "no OSC at all": (b"/strip/gain/", lambda _: b"\xff\xfe\x00garbage"),
}  # fmt: skip


@pytest.mark.parametrize("name", NONSENSE)
def test_a_malformed_answer_is_asked_for_again(name: str) -> None:
    begin, make = NONSENSE[name]
    once = itertools.count()

    def change(data):
        return make(2) if data.startswith(begin) and next(once) == 1 else data

    with peer(*many(3)) as other, Ardour(port=other.port) as ardour:
        other.change = change
        strips = ardour.strips()
        assert [round(s.gain_db, 1) for s in strips] == [-6.0] * 3
        assert next(once) > 1


def test_answers_that_stay_malformed_are_given_up_with_a_sentence() -> None:
    with peer(*many(2)) as other, Ardour(port=other.port) as ardour:
        other.change = lambda d: (
            packet("/strip/gain/1", "s", "loud") if d.startswith(b"/strip/gain/1") else d
        )
        with pytest.raises(DeliveryError) as error:
            ardour.strips()
        assert error.value.code == "AMA-704"


def test_a_notice_that_strips_moved_makes_the_list_be_read_anew() -> None:
    a, b = PeerStrip(name="A"), PeerStrip(name="B")
    notice = packet("/strip/list", "")
    with peer(a, b) as other, Ardour(port=other.port) as ardour:
        ardour.set_gain("A", -1.0)
        lists = [m for m in other.seen if m.address == "/strip/list"]
        ardour.set_gain("A", -2.0)
        assert [m for m in other.seen if m.address == "/strip/list"] == lists
        other.strips.reverse()
        other.look()
        ardour._surface._take(notice)
        assert ardour.set_gain("A", -3.0).ok
        assert len([m for m in other.seen if m.address == "/strip/list"]) == len(lists) + 1
    assert a.gain == pytest.approx(10 ** (-3 / 20))
    assert b.gain == 1.0


@pytest.fixture
def told_nothing(monkeypatch):
    """The peer reports no session's name, no scenes and no automation."""
    monkeypatch.setattr(Ardour, "session_name", lambda _: "song")
    monkeypatch.setattr(Ardour, "scenes", lambda _: ())
    monkeypatch.setattr(Ardour, "automated", lambda _: {})


def test_a_value_that_is_not_taken_undoes_what_was_set_before_it(told_nothing, tmp_path) -> None:
    """A strip whose fader stays where it is: nothing of its suggestion is left, and the other one is applied."""
    first, stuck, other_one = PeerStrip(name="1"), PeerStrip(name="2"), PeerStrip(name="3")
    with peer(first, stuck, other_one) as other, Ardour(port=other.port) as ardour:
        other.hook = lambda _: setattr(stuck, "gain", 0.5)
        request = asked(
            strip("1", gain("both", -3.0)),
            strip("3", gain("alone", -5.0)),
            strip("2", gain("both", -20.0)),
            folder=tmp_path,
        )
        result = apply_natively(ardour, request)
    (conflict,) = result.conflicting
    assert conflict.suggestion == "both"
    assert conflict.reason == "Ardour shows -6.0 dB where -20.0 dB was set (gain)"
    assert [one.suggestion for one in result.applied] == ["alone"]
    assert first.gain == pytest.approx(1.0)
    assert stuck.gain == 0.5
    assert other_one.gain == pytest.approx(10 ** (-5 / 20))


def test_an_ardour_that_goes_away_in_the_middle_leaves_a_journal_that_tells(
    told_nothing, tmp_path
) -> None:
    with peer(*many(4)) as other, Ardour(port=other.port) as ardour:

        def hook(message):
            sets = message.address == "/strip/gain" and message.tags == "if"
            other.silent = other.silent or (sets and message.arguments[0] == 3)

        other.hook = hook
        strips = [strip(f"Track {n}", gain(f"g{n}", -10.0)) for n in range(4)]
        with pytest.raises(DeliveryError) as error:
            apply_natively(ardour, asked(*strips, folder=tmp_path))
    assert error.value.code == "AMA-705"
    journal = (tmp_path / "native-plan-1.json").read_text()
    assert journal.count('"before": -6.02') == 4
    assert str(tmp_path) in error.value.hint


def test_a_watch_outlives_a_silence_and_tells_what_changed_meanwhile(monkeypatch) -> None:
    monkeypatch.setattr(native_watch, "SILENT_S", 0.3)
    monkeypatch.setattr(native_watch, "RETRY_S", 0.1)
    moves, track = Moves(), PeerStrip(name="A", gain=0.5)
    with peer(track) as other, Ardour(port=other.port) as ardour:
        with ardour.watch(moves.move, on_lost=moves.gone):
            other.silent = True
            moves.until(lambda m: m.lost)
            track.gain = 0.25
            assert moves.told == []
            other.silent = False
            moves.until(lambda m: m.told)
        other.silent = False
    (told,) = moves.told
    assert told.track_name == "A"
    assert told.fader_db == pytest.approx(20 * math.log10(0.25), abs=GAIN_TOLERANCE_DB)
    assert [error.code for error in moves.lost] == ["AMA-704"]


def test_gains_of_the_peer_are_told_as_ardours_are() -> None:
    with (
        peer(PeerStrip(name="A", gain=10 ** (-20 / 20))) as other,
        Ardour(port=other.port) as ardour,
    ):
        assert ardour.strip("A").gain_db == pytest.approx(-20.0, abs=GAIN_TOLERANCE_DB)
