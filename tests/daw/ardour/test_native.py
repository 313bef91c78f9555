"""AMA's client of Ardour's OSC surface against the real Ardour."""

from __future__ import annotations

import math
import struct
import time

import pytest

from ama_analysis.errors import DeliveryError, OptionError, SessionError
from ama_bridge.daw.ardour.native import Ardour
from ama_bridge.daw.ardour.native.values import (
    GAIN_TOLERANCE_DB,
    OFF_DB,
    PAN_TOLERANCE,
    coefficient_of_answer,
    gain_db_of_answer,
)
from tests.daw.ardour.hardour import free_port, needs_hardour, running, wait_until
from tests.daw.ardour.made_sessions import MadeTrack, make_session
from tests.daw.ardour.native_peer import answer_of_coefficient

pytestmark = [pytest.mark.ardour, needs_hardour]

ODD = "Vöx 🎸 'a' \"b\" /strip/1, #reply %s \\n"
EQ, COMP, FILTER = "ACE EQ", "ACE Compressor", "ACE High/Low Pass Filter"
ROUNDING_DB = 3e-5
"""What 32-bit numbers leave of a fader's answer above -100 dB: steps of 2e-6 of a log2 of 17 (1.2e-5 dB), of 8e-6 of the dB, twice, and five decimals."""
TIMEOUT_S = 2.0
"""So soon it must be told that no Ardour answers."""
SOON_S = 5.0
"""A move arrives within a tenth of a second; a busy machine may need longer."""

EFFECTS = """
local eq = ARDOUR.LuaAPI.new_plugin(Session, "urn:ardour:a-eq", ARDOUR.PluginType.LV2, "")
track:add_processor_by_index(eq, 0, nil, true)
track:add_processor_by_index(ARDOUR.LuaAPI.new_luaproc(Session, "ACE High/Low Pass Filter"), 0, nil, true)
track:add_processor_by_index(ARDOUR.LuaAPI.new_plugin(Session, "urn:ardour:a-comp", ARDOUR.PluginType.LV2, ""), -1, nil, true)
"""
TWICE = """
for n = 1, 2 do
  track:add_processor_by_index(ARDOUR.LuaAPI.new_plugin(Session, "urn:ardour:a-eq", ARDOUR.PluginType.LV2, ""), 0, nil, true)
end
"""
ROUTES = """
Session:new_audio_track(1, 1, nil, 1, "One side", ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
Session:new_audio_route(2, 2, nil, 1, "Drum bus", ARDOUR.PresentationInfo.Flag.AudioBus, ARDOUR.PresentationInfo.max_order)
Session:new_midi_track(ARDOUR.ChanCount(ARDOUR.DataType("midi"), 1), ARDOUR.ChanCount(ARDOUR.DataType("audio"), 2), true,
  ARDOUR.PluginInfo(), nil, nil, 1, "Keys", ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
Session:vca_manager():create_vca(1, "Kick")
Session:route_by_name("Drum bus"):gain_control():set_value(0.25, PBD.GroupControlDisposition.NoGroup)
Session:route_by_name("Drum bus"):mute_control():set_value(1, PBD.GroupControlDisposition.NoGroup)
Session:route_by_name("Wide"):pan_azimuth_control():set_value(0.1, PBD.GroupControlDisposition.NoGroup)
Session:route_by_name("Ride"):gain_control():set_automation_state(ARDOUR.AutoState.Play)
"""


@pytest.fixture(scope="module")
def hardour(tmp_path_factory):
    folder = tmp_path_factory.mktemp("native")
    tracks = [
        MadeTrack(name="Kick"),
        MadeTrack(name=ODD, lua=EFFECTS),
        MadeTrack(name="Pad", channels=2),
        MadeTrack(name="Ride", lua=TWICE),
        MadeTrack(name="Wide", channels=2),
    ]
    session = make_session(folder / "song", tracks, lua=ROUTES)
    with running(session) as started:
        yield started


@pytest.fixture
def ardour(hardour):
    with Ardour(port=hardour.port) as client:
        yield client


def route(xml, name):
    return next(r for r in xml.iter("Route") if r.get("name") == name)


def control(xml, name, control_name):
    found = route(xml, name).iter("Controllable")
    return next(float(c.get("value")) for c in found if c.get("name") == control_name)


def test_all_strips_are_read(ardour) -> None:
    strips = {(s.kind, s.name): s for s in ardour.strips()}
    assert set(strips) == {
        ("AT", "Kick"),
        ("AT", ODD),
        ("AT", "Pad"),
        ("AT", "Ride"),
        ("AT", "Wide"),
        ("AT", "One side"),
        ("B", "Drum bus"),
        ("MT", "Keys"),
        ("V", "Kick"),
        ("MA", "Master"),
    }
    assert [p.name for p in strips["AT", ODD].plugins] == [FILTER, EQ, COMP]
    assert (strips["AT", "Pad"].inputs, strips["AT", "Kick"].inputs) == (2, 1)
    assert strips["B", "Drum bus"].gain_db == pytest.approx(20 * math.log10(0.25), abs=ROUNDING_DB)
    assert strips["B", "Drum bus"].muted
    assert not strips["AT", "Pad"].muted
    assert strips["AT", "Wide"].pan == pytest.approx(-0.8, abs=PAN_TOLERANCE)
    assert strips["AT", "One side"].pan is None
    assert strips["V", "Kick"].pan is None
    assert strips["V", "Kick"].inverted is None


def test_the_session_is_told_by_its_name(ardour) -> None:
    assert ardour.session_name() == "song"


def test_a_track_is_not_taken_for_the_vca_of_its_name(ardour) -> None:
    assert ardour.strip("Kick").kind == "AT"
    assert ardour.set_gain("Kick", -3.0).ok
    gains = {s.kind: s.gain_db for s in ardour.strips() if s.name == "Kick"}
    assert gains["V"] == 0.0
    assert gains["AT"] == pytest.approx(-3.0, abs=GAIN_TOLERANCE_DB)


def test_the_master_bus_is_called_master(ardour) -> None:
    assert ardour.strip("master").kind == "MA"
    assert ardour.set_gain("master", -1.5).ok
    assert ardour.set_gain("Master", 0.0).ok


def test_a_strip_that_is_not_there_is_named(ardour) -> None:
    with pytest.raises(SessionError, match="no strip called 'Snare'"):
        ardour.set_gain("Snare", 0.0)


def test_faders_are_read_as_they_were_set_over_their_whole_range(ardour) -> None:
    worst_db = 0.0
    for step in range(-960, 49):
        read = ardour.set_gain("Pad", step / 8)
        assert read.ok, read
        if step / 8 > -100:
            worst_db = max(worst_db, abs(read.read - step / 8))
    assert worst_db < ROUNDING_DB
    ardour.set_gain("Pad", 0.0)


def test_what_is_read_is_what_ardour_saves(hardour, ardour) -> None:
    ardour.set_gain("Kick", -7.25)
    ardour.set_pan("Kick", -0.4)
    ardour.set_polarity(ODD, 1.0)
    saved = hardour.save()
    assert 20 * math.log10(control(saved, "Kick", "gaincontrol")) == pytest.approx(-7.25, abs=1e-5)
    assert control(saved, "Kick", "pan-azimuth") == pytest.approx(0.3, abs=1e-6)
    assert ardour.strip(ODD).inverted
    ardour.set_polarity(ODD, 0.0)
    assert not ardour.strip(ODD).inverted


def test_hard_left_is_the_left_side(hardour, ardour) -> None:
    assert ardour.set_pan("Kick", -1.0).ok
    assert control(hardour.save(), "Kick", "pan-azimuth") == 0.0
    assert ardour.strip("Kick").pan == -1.0


def test_a_fader_at_the_bottom_is_off(ardour) -> None:
    assert ardour.set_gain("Pad", OFF_DB).ok
    assert ardour.strip("Pad").gain_db == OFF_DB
    assert ardour.set_gain("Pad", 0.0).ok


def test_a_fader_above_the_top_is_told(ardour) -> None:
    read = ardour.set_gain("Pad", 9.0)
    assert not read.ok
    assert read.read == pytest.approx(20 * math.log10(2.0), abs=ROUNDING_DB)
    ardour.set_gain("Pad", 0.0)


def test_a_track_without_a_panner_says_so(ardour) -> None:
    with pytest.raises(SessionError, match="no panner"):
        ardour.set_pan("One side", 0.5)


def test_parameters_are_read_with_their_ranges(ardour) -> None:
    parameters = ardour.parameters("Ride", 1)
    assert [p.which for p in parameters] == list(range(24))
    gain = parameters[1]
    assert (gain.label, gain.low, gain.high, gain.value) == ("Gain L", -20.0, 20.0, 0.0)
    outputs = [p.which for p in ardour.parameters(ODD, COMP) if not p.is_input]
    assert outputs == [6, 7, 8]


def test_parameters_are_set_and_read_back(ardour) -> None:
    values = {1: -3.5, 2: 1234.5, 4: 0.7, 18: 0.0}
    read = ardour.set_parameters(ODD, EQ, values)
    assert {which: one.ok for which, one in read.items()} == dict.fromkeys(values, True)
    now = {p.which: p.value for p in ardour.parameters(ODD, EQ)}
    assert {w: now[w] for w in values} == pytest.approx(values, rel=1e-6)
    assert now[5] == 1000.0
    assert ardour.set_parameters(ODD, FILTER, {3: 0.0})[3].ok


def test_a_value_that_a_plugin_does_not_take_is_refused_before_anything_is_set(ardour) -> None:
    before = ardour.parameters(ODD, EQ)
    for values, words in (
        ({0: 200.0, 1: 44.0}, "does not take 44"),
        ({0: 200.0, 77: 1.0}, "no control 77"),
    ):
        with pytest.raises(OptionError, match=words):
            ardour.set_parameters(ODD, EQ, values)
    with pytest.raises(OptionError, match="Gain Reduction"):
        ardour.set_parameters(ODD, COMP, {6: 1.0})
    assert ardour.parameters(ODD, EQ) == before


def test_plugins_of_one_name_are_told_by_their_position(ardour) -> None:
    with pytest.raises(SessionError, match="2 plugins called 'ACE EQ'"):
        ardour.parameters("Ride", EQ)
    assert ardour.set_parameters("Ride", 2, {1: 5.0})[1].ok
    assert ardour.parameters("Ride", 1)[1].value == 0.0
    with pytest.raises(SessionError, match="no plugin 3"):
        ardour.parameters("Ride", 3)


def test_automation_is_told(ardour) -> None:
    assert ardour.automated() == {"Ride": frozenset({"gain"})}


def test_a_scene_brings_everything_back(hardour, ardour) -> None:
    ardour.set_gain("Kick", -6.0)
    ardour.set_pan("Pad", 0.25)
    ardour.set_parameters(ODD, EQ, {1: 2.0})
    before = ardour.strips(), ardour.parameters(ODD, EQ)
    assert set(ardour.scenes()) == {""}
    ardour.store_scene(5)
    assert [bool(name) for name in ardour.scenes()] == [n == 5 for n in range(8)]
    ardour.set_gain("Kick", -20.0)
    ardour.set_pan("Pad", -1.0)
    ardour.set_parameters(ODD, EQ, {1: -12.0})
    assert (ardour.strips(), ardour.parameters(ODD, EQ)) != before
    hardour.send("/recall_mixer_scene", 5)
    assert (ardour.strips(), ardour.parameters(ODD, EQ)) == before


def test_strips_that_move_are_found_by_their_names(hardour, ardour) -> None:
    """A strip's number is its place: hiding does not change it here, a new name does not either, so two tracks swap their names."""
    ardour.set_gain("Kick", -4.0)
    numbers = {s.name: s.ssid for s in ardour.strips() if s.kind == "AT"}
    try:
        hardour.send("/strip/name", numbers["Kick"], "Other")
        hardour.send("/strip/name", numbers["Pad"], "Kick")
        wait_until(lambda: ardour.strip("Kick").inputs == 2, SOON_S, "the names were not swapped")
        assert ardour.set_gain("Kick", -11.0).ok
        shown = {s.ssid: s.gain_db for s in ardour.strips()}
        assert shown[numbers["Pad"]] == pytest.approx(-11.0, abs=GAIN_TOLERANCE_DB)
        assert shown[numbers["Kick"]] == pytest.approx(-4.0, abs=GAIN_TOLERANCE_DB)
    finally:
        hardour.send("/strip/name", numbers["Pad"], "Pad")
        hardour.send("/strip/name", numbers["Kick"], "Kick")
        wait_until(lambda: ardour.strip("Kick").inputs == 1, SOON_S, "the names were not restored")


def test_two_clients_do_not_disturb_each_other(hardour, ardour) -> None:
    with Ardour(port=hardour.port) as second:
        assert second.set_gain("Kick", -2.0).ok
        assert ardour.strip("Kick").gain_db == pytest.approx(-2.0, abs=GAIN_TOLERANCE_DB)
        assert ardour.set_gain("Kick", -1.0).ok
        assert second.strip("Kick").gain_db == pytest.approx(-1.0, abs=GAIN_TOLERANCE_DB)


def test_an_action_is_started_once(ardour) -> None:
    ardour.trigger("LuaAction/script-1")


def test_where_no_ardour_listens_it_is_told_within_two_seconds() -> None:
    began_s = time.monotonic()
    with pytest.raises(DeliveryError) as error, Ardour(port=free_port()):
        pass
    assert error.value.code == "AMA-704"
    assert time.monotonic() - began_s < TIMEOUT_S


def test_an_ardour_that_answers_to_a_fixed_port_is_told_to_answer_to_us(tmp_path) -> None:
    session = make_session(tmp_path / "manual", [MadeTrack(name="Kick")])
    with (
        running(session, manual_port=free_port()) as started,
        Ardour(port=started.port) as ardour,
    ):
        assert ardour.set_gain("Kick", -3.0).ok


def read_s(ardour: Ardour) -> float:
    began_s = time.monotonic()
    ardour.strips()
    return time.monotonic() - began_s


def test_thirty_two_tracks_are_read(tmp_path) -> None:
    tracks = [
        MadeTrack(name=f"Track {n:02d}", channels=1 + n % 2, lua="" if n % 4 else EFFECTS)
        for n in range(32)
    ]
    session = make_session(tmp_path / "large", tracks)
    with running(session) as started, Ardour(port=started.port) as ardour:
        strips = ardour.strips()
        assert len(strips) == 33
        assert sum(len(s.plugins) for s in strips) == 24
        print("read in s:", *(f"{read_s(ardour):.2f}" for _ in range(3)))  # noqa: T201  figures, not a verdict
        moved = {s.name: -0.5 * s.ssid for s in strips}
        assert all(ardour.set_gain(name, db).ok for name, db in moved.items())
        assert {s.name: s.gain_db for s in ardour.strips()} == pytest.approx(
            moved, abs=GAIN_TOLERANCE_DB
        )


def single(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def test_answers_for_gains_are_undone() -> None:
    """Ardour's own answers, as its 7.3 gave them for these faders."""
    for db, answer in (
        (-6.0, -6.018632888793945),
        (-20.0, -20.0452823638916),
        (-60.0, -60.18531036376953),
        (-0.1, -0.0932067334651947),
        (3.3, 3.2907681465148926),
        (0.0, -7.197542117864941e-07),
    ):
        assert gain_db_of_answer(answer) == pytest.approx(db, abs=ROUNDING_DB)
        assert answer_of_coefficient(10 ** (db / 20)) == pytest.approx(answer, abs=ROUNDING_DB)
    assert gain_db_of_answer(-766.79248046875) == OFF_DB


@pytest.mark.parametrize("db", [-150.0, -100.0, -60.2, -12.04, -6.0206, -0.001, 0.0, 6.0206])
def test_undoing_an_answer_leaves_only_rounding(db: float) -> None:
    coefficient = 10 ** (db / 20)
    answered = coefficient_of_answer(single(answer_of_coefficient(single(coefficient))))
    assert 20 * math.log10(answered / coefficient) == pytest.approx(0.0, abs=ROUNDING_DB)
