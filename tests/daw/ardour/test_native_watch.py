"""Moves that are made in the real Ardour, and an Ardour that goes away."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from ama_analysis.errors import DeliveryError
from ama_bridge.daw.ardour.native import Ardour, Levels
from ama_bridge.daw.ardour.native.values import GAIN_TOLERANCE_DB, PAN_TOLERANCE, MixerStrip
from ama_bridge.daw.ardour.native.watch import State
from ama_bridge.osc_packets import Message
from tests.daw.ardour.hardour import needs_hardour, running, wait_until
from tests.daw.ardour.made_sessions import MadeTrack, make_session
from tests.daw.ardour.requests import EQ, EQ_OFF, LEVEL
from tests.daw.ardour.test_native import ODD, SOON_S, TIMEOUT_S
from tests.daw.ardour.test_native_apply import inserted, left_by_scripts

pytestmark = [pytest.mark.ardour, needs_hardour]

WITH_EQ = """track:add_processor_by_index(
  ARDOUR.LuaAPI.new_plugin(Session, "urn:ardour:a-eq", ARDOUR.PluginType.LV2, ""), 0, nil, true)"""
PLAYS = "track:gain_control():set_automation_state(ARDOUR.AutoState.Play)"


@pytest.fixture(scope="module")
def hardour(tmp_path_factory):
    tracks = [
        MadeTrack(name="Kick"),
        MadeTrack(name=ODD),
        MadeTrack(name="Pad", channels=2, lua=WITH_EQ),
        MadeTrack(name="Ride", lua=PLAYS),
    ]
    session = make_session(
        tmp_path_factory.mktemp("watch") / "song",
        tracks,
        lua='Session:vca_manager():create_vca(1, "Kick")',
    )
    with running(session) as started:
        yield started


@pytest.fixture
def ardour(hardour):
    with Ardour(port=hardour.port) as client:
        yield client


class Moves:
    """What a watch told; `until` waits for what is wanted."""

    def __init__(self):
        self.told, self.lost, self._new = [], [], threading.Condition()

    def move(self, one):
        with self._new:
            self.told.append(one)
            self._new.notify_all()

    def gone(self, error):
        with self._new:
            self.lost.append(error)
            self._new.notify_all()

    def until(self, is_so, timeout_s=SOON_S):
        with self._new:
            assert self._new.wait_for(lambda: is_so(self), timeout_s), self.told


def test_moves_in_ardour_are_told_with_the_tracks_name(hardour, ardour) -> None:
    ardour.set_gain(ODD, 0.0)
    ardour.set_pan("Pad", 0.0)
    number = {s.name: s.ssid for s in ardour.strips() if s.kind == "AT"}
    moves = Moves()
    with ardour.watch(moves.move):
        hardour.send("/strip/gain", number[ODD], -5.5)
        moves.until(lambda m: any(one.fader_db is not None for one in m.told))
        hardour.send("/strip/pan_stereo_position", number["Pad"], 0.75)
        moves.until(lambda m: any(one.pan is not None for one in m.told))
        hardour.send("/strip/mute", number["Pad"], 1)
        moves.until(lambda m: any(one.muted for one in m.told))
        hardour.send("/strip/mute", number["Pad"], 0)
        moves.until(lambda m: m.told[-1].muted is False)
    told = [(m.track_name, m.fader_db, m.pan, m.muted) for m in moves.told]
    assert told == [
        (ODD, pytest.approx(-5.5, abs=GAIN_TOLERANCE_DB), None, None),
        ("Pad", None, pytest.approx(-0.5, abs=PAN_TOLERANCE), None),
        ("Pad", None, None, True),
        ("Pad", None, None, False),
    ]


def test_a_track_that_gets_another_name_is_told_by_it_from_then_on(hardour, ardour) -> None:
    number = ardour.strip("Pad").ssid
    ardour.set_gain("Pad", 0.0)
    moves = Moves()
    try:
        with ardour.watch(moves.move):
            hardour.send("/strip/name", number, "Strings")
            wait_until(
                lambda: any(s.name == "Strings" for s in ardour.strips()), SOON_S, "no new name"
            )
            hardour.send("/strip/gain", number, -8.0)
            moves.until(
                lambda m: any(one.fader_db == pytest.approx(-8.0, abs=0.01) for one in m.told)
            )
        assert {m.track_name for m in moves.told} == {"Strings"}
    finally:
        hardour.send("/strip/name", number, "Pad")
        wait_until(lambda: any(s.name == "Pad" for s in ardour.strips()), SOON_S, "no old name")


def test_what_ama_level_adds_to_a_fader_is_told_with_it(hardour, ardour, tmp_path) -> None:
    """The journal is written after the plugin was set, and then nothing moves any more."""
    left = EQ_OFF | {16: 4.0}
    ardour.set_gain("Pad", 0.0)
    ardour.set_parameters("Pad", 1, left)
    levels, moves = Levels(tmp_path, "song"), Moves()
    number = ardour.strip("Pad").ssid

    def at(fader_db):
        return lambda m: m.told and m.told[-1].fader_db == pytest.approx(fader_db, abs=0.01)

    with ardour.watch(moves.move, levels=levels):
        left_by_scripts(
            tmp_path, insert=inserted("Pad", EQ, LEVEL.key, LEVEL.label, left) | {"name": "Pad"}
        )
        moves.until(at(4.0))
        hardour.send("/strip/gain", number, -3.0)
        moves.until(at(1.0))
    ardour.set_parameters("Pad", 1, {16: 0.0})


def test_what_automation_moves_is_no_move_of_the_user(hardour, ardour) -> None:
    number = {s.name: s.ssid for s in ardour.strips() if s.kind == "AT"}
    moves = Moves()
    with ardour.watch(moves.move):
        hardour.send("/strip/gain", number["Ride"], -9.0)
        hardour.send("/strip/gain", number["Kick"], -9.5)
        moves.until(lambda m: any(one.track_name == "Kick" for one in m.told))
    assert {m.track_name for m in moves.told} == {"Kick"}


def test_what_automation_has_moved_is_none_either_when_all_is_read_anew() -> None:
    """An automated fader that stands elsewhere at that moment; without sound, Ardour plays none."""
    ride = MixerStrip(ssid=1, kind="AT", name="Ride", inputs=1, muted=False, gain_db=-3.0, pan=0.0)
    state = State()
    assert state.settle((ride,), (ride,)) == ()
    state.take(Message(address="/strip/gain/automation", tags="if", arguments=(1, 1.0)))
    moved = replace(ride, gain_db=-29.2, pan=0.5)
    (told,) = state.settle((moved,), (moved,))
    assert (told.fader_db, told.pan) == (None, 0.5)
    state.take(Message(address="/strip/gain/automation", tags="if", arguments=(1, 0.0)))
    (told,) = state.settle((moved,), (moved,))
    assert told.fader_db == -29.2


def test_a_new_bus_before_the_master_does_not_get_the_masters_value(tmp_path) -> None:
    """The master stands last, so its number changes; the client still has the old list when it sets."""
    session, moves = make_session(tmp_path / "grows", [MadeTrack(name="Kick")]), Moves()
    with running(session) as started, Ardour(port=started.port) as ardour:
        assert ardour.set_gain("master", -1.0).ok
        started.send("/strip/select", 1, 0)
        started.send("/select/add_fldbck_send", "Phones")
        with Ardour(port=started.port) as second, second.watch(moves.move):
            wait_until(lambda: len(second.strips()) == 3, SOON_S, "no bus came")
            assert ardour.set_gain("master", -2.0).ok
            moves.until(lambda m: any(one.track_name == "Master" for one in m.told))
        gains = {s.kind: s.gain_db for s in ardour.strips()}
    told = [m for m in moves.told if m.track_name == "Master"]
    assert [m.fader_db for m in told] == [pytest.approx(-2.0, abs=GAIN_TOLERANCE_DB)]
    assert gains["MA"] == pytest.approx(-2.0, abs=GAIN_TOLERANCE_DB)
    assert (gains["FB"], gains["AT"]) == (0.0, 0.0)


def test_an_ardour_that_goes_away_is_told_within_two_seconds(tmp_path) -> None:
    session = make_session(tmp_path / "short", [MadeTrack(name="Kick")])
    moves = Moves()
    with (
        running(session) as started,
        Ardour(port=started.port) as ardour,
        ardour.watch(moves.move, on_lost=moves.gone),
    ):
        assert ardour.alive()
        started.end()
        for use in (ardour.strips, lambda: ardour.set_gain("Kick", -3.0), ardour.session_name):
            began_s = time.monotonic()
            with pytest.raises(DeliveryError) as error:
                use()
            assert error.value.code == "AMA-704"
            assert time.monotonic() - began_s < TIMEOUT_S
        assert not ardour.alive()
        moves.until(lambda m: m.lost, 10.0)
        assert moves.lost[0].code == "AMA-704"
