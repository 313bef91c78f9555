"""What plain OSC can do of a request, in the real Ardour: applied, read back, skipped with reasons, taken back."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import soundfile

from ama_analysis.errors import DeliveryError
from ama_analysis.session import Session, Track
from ama_bridge.daw.ardour.native import Ardour, Levels, apply_natively, refreshed, revert_natively
from ama_bridge.daw.ardour.native.survey import CANNOT_INSERT
from ama_bridge.daw.ardour.native.values import GAIN_TOLERANCE_DB, HIGHEST_DB, PAN_TOLERANCE
from ama_bridge.daw.ardour.request import Request, Strip
from ama_bridge.daw.documents import Offered, entries_of
from ama_bridge.daw.port import Skipped
from tests.daw.ardour.hardour import needs_hardour, running
from tests.daw.ardour.made_sessions import MadeTrack, make_session
from tests.daw.ardour.requests import EQ, EQ_OFF, EXP, LEVEL, bell, control, eq, gate, part

pytestmark = [pytest.mark.ardour, needs_hardour]

SESSION = "song"
WITH_EQ = """
for n = 1, 2 do
  track:add_processor_by_index(ARDOUR.LuaAPI.new_plugin(Session, "urn:ardour:a-eq", ARDOUR.PluginType.LV2, ""), 0, nil, true)
end
"""
WITH_GATE = """
track:add_processor_by_index(ARDOUR.LuaAPI.new_plugin(Session, "urn:ardour:a-exp", ARDOUR.PluginType.LV2, ""), 0, nil, true)
"""
MORE = """
Session:new_audio_track(1, 1, nil, 1, "One side", ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
Session:route_by_name("Ride"):gain_control():set_automation_state(ARDOUR.AutoState.Play)
"""
LEFT = EQ_OFF | {5: 800.0, 6: -3.0, 7: 1.0, 19: 1.0}
"""How AMA's script left its equaliser on Vox, which is the second of two there."""


@pytest.fixture(scope="module")
def hardour(tmp_path_factory):
    folder = tmp_path_factory.mktemp("apply")
    tracks = [
        MadeTrack(name="Kick"),
        MadeTrack(name="Vox", lua=WITH_EQ),
        MadeTrack(name="Pad", channels=2),
        MadeTrack(name="Ride"),
        MadeTrack(name="Tom", lua=WITH_GATE),
    ]
    session = make_session(folder / SESSION, tracks, lua=MORE)
    with running(session) as started:
        yield started


@pytest.fixture
def ardour(hardour):
    """The mixer as it was at first."""
    with Ardour(port=hardour.port) as client:
        for strip in client.strips():
            client.set_gain(strip.name, 0.0)
            client.set_polarity(strip.name, 0.0)
            if strip.pan is not None:
                client.set_pan(strip.name, 0.0)
        yield client


def asked(*strips, folder=None, ticked=None, **more):
    names = {e.suggestion: strip for strip in reversed(strips) for e in entries_of(strip)}
    offered = tuple(
        Offered(
            id=name,
            track=strip.track,
            track_name=strip.name,
            label=name,
            because="because",
            ticked=ticked is None or name in ticked,
        )
        for name, strip in sorted(names.items())
    )
    fields: dict[str, Any] = {
        "id": "plan-1",
        "session": SESSION,
        "ask": False,
        "answer_port": 0,
    } | more
    mailbox = "" if folder is None else str(folder)
    return Request(**fields, mailbox=mailbox, suggestions=offered, strips=strips)


def strip(name, *controls, inserts=(), track=None):
    return Strip(track=track or f"id of {name}", name=name, controls=controls, inserts=inserts)


def gain(suggestion, db, expected_db=None, **more):
    expected = None if expected_db is None else 10 ** (expected_db / 20)
    return control(suggestion, "gain", 10 ** (db / 20), expected, **more)


def decibels(coefficient):
    return 20 * math.log10(coefficient)


def reasons(skipped):
    return {one.suggestion: one.reason for one in skipped}


def test_faders_pans_and_polarity_are_applied_and_read_back(ardour, tmp_path) -> None:
    result = apply_natively(
        ardour,
        asked(
            strip("Kick", gain("gain:kick", -4.5, 0.0), control("pol:kick", "polarity", 1.0, 0.0)),
            strip("Pad", control("pan:pad", "pan", 0.25, 0.5)),
            strip("Master", gain("gain:master", -1.0, 0.0), track="master"),
            folder=tmp_path,
        ),
    )
    assert (result.skipped, result.conflicting) == ((), ())
    read = {
        v.what: v for one in result.applied for v in one.values if one.suggestion != "gain:master"
    }
    assert decibels(read["gain"].read) == pytest.approx(-4.5, abs=GAIN_TOLERANCE_DB)
    assert read["pan"].read == pytest.approx(0.25, abs=PAN_TOLERANCE)
    assert read["polarity"].read == 1.0
    now = {s.name: s for s in ardour.strips()}
    assert now["Kick"].gain_db == pytest.approx(-4.5, abs=GAIN_TOLERANCE_DB)
    assert now["Kick"].inverted
    assert now["Pad"].pan == pytest.approx(-0.5, abs=PAN_TOLERANCE)
    assert now["Master"].gain_db == pytest.approx(-1.0, abs=GAIN_TOLERANCE_DB)


def test_what_osc_cannot_do_is_skipped_with_the_reason(ardour, tmp_path) -> None:
    request = asked(
        strip("Kick", gain("gain:kick", -2.0), inserts=(eq(bell("eq:kick", 1, 500.0, -3.0)),)),
        strip("One side", control("pan:one", "pan", 0.2)),
        strip("Ride", gain("gain:ride", -2.0)),
        strip("Snare", gain("gain:snare", -2.0)),
        strip("Pad", gain("gain:pad", -2.0)),
        folder=tmp_path,
        ticked={"gain:kick", "eq:kick", "pan:one", "gain:ride", "gain:snare"},
    )
    request = replace(request, skipped=(Skipped(suggestion="lim", reason="no limiter"),))
    result = apply_natively(ardour, request)
    assert [one.suggestion for one in result.applied] == ["gain:kick"]
    told = reasons(result.skipped)
    assert told["eq:kick"] == CANNOT_INSERT
    assert "no panner" in told["pan:one"]
    assert "automation" in told["gain:ride"]
    assert "no strip called 'Snare'" in told["gain:snare"]
    assert told["gain:pad"] == "not ticked"
    assert told["lim"] == "no limiter"
    assert ardour.strip("Pad").gain_db == 0.0


def test_a_fader_that_was_moved_since_is_a_conflict_and_stays(ardour, tmp_path) -> None:
    ardour.set_gain("Kick", -9.0)
    ardour.set_pan("Pad", 0.5)
    request = asked(
        strip("Kick", gain("gain:kick", -4.0, 0.0)),
        strip("Pad", control("pan:pad", "pan", 0.25, 0.5)),
        strip("Vox", gain("gain:vox", -1.0, 0.05)),
        folder=tmp_path,
    )
    result = apply_natively(ardour, request)
    told = reasons(result.conflicting)
    assert told["gain:kick"] == "the fader was moved since (-9.0 dB instead of +0.0 dB)"
    assert told["pan:pad"] == "the panner was moved since (50% right instead of centre)"
    assert [one.suggestion for one in result.applied] == ["gain:vox"]
    assert ardour.strip("Kick").gain_db == pytest.approx(-9.0, abs=GAIN_TOLERANCE_DB)


def test_what_is_there_already_is_no_conflict(ardour, tmp_path) -> None:
    ardour.set_gain("Kick", -4.0)
    result = apply_natively(ardour, asked(strip("Kick", gain("g", -4.0, 0.0)), folder=tmp_path))
    assert [one.suggestion for one in result.applied] == ["g"]


def test_a_value_for_two_suggestions_gives_way_when_one_is_stopped(ardour, tmp_path) -> None:
    """Both together -6 dB, alone -4 and -2 dB: the one that needs a plugin is skipped, so the other one's own value holds."""
    request = asked(
        strip(
            "Kick",
            gain("a", -6.0, 0.0, when=("b",)),
            gain("a", -4.0, 0.0, unless=("b",)),
            gain("b", -2.0, 0.0, unless=("a",)),
            inserts=(eq(bell("b", 1, 500.0, -3.0)),),
        ),
        folder=tmp_path,
    )
    result = apply_natively(ardour, request)
    assert [one.suggestion for one in result.applied] == ["a"]
    assert reasons(result.skipped) == {"b": CANNOT_INSERT}
    assert ardour.strip("Kick").gain_db == pytest.approx(-4.0, abs=GAIN_TOLERANCE_DB)


def test_another_session_is_left_alone(ardour, tmp_path) -> None:
    request = asked(strip("Kick", gain("g", -4.0)), folder=tmp_path, session="another")
    result = apply_natively(ardour, request)
    assert "'another'" in reasons(result.skipped)["g"]
    assert (result.journal, list(tmp_path.iterdir())) == ("", [])
    assert ardour.strip("Kick").gain_db == 0.0


def test_what_was_applied_is_taken_back(ardour, tmp_path) -> None:
    before = ardour.strips()
    request = asked(
        strip("Kick", gain("gain:kick", -4.5, 0.0), control("pol:kick", "polarity", 1.0, 0.0)),
        strip("Pad", control("pan:pad", "pan", 0.25, 0.5)),
        folder=tmp_path,
    )
    result = apply_natively(ardour, request)
    assert result.journal == str(tmp_path / "native-plan-1.json")
    assert ardour.strips() != before
    taken = revert_natively(ardour, tmp_path)
    assert taken.conflicting == ()
    assert taken.id == "plan-1"
    assert set(taken.restored) == {"Kick: fader", "Kick: polarity", "Pad: pan"}
    assert ardour.strips() == before
    with pytest.raises(DeliveryError, match="not taken back"):
        revert_natively(ardour, tmp_path)


def test_what_the_user_moved_after_is_not_taken_back(ardour, tmp_path) -> None:
    request = asked(
        strip("Kick", gain("a", -4.5, 0.0)), strip("Vox", gain("b", -2.0, 0.0)), folder=tmp_path
    )
    apply_natively(ardour, request)
    ardour.set_gain("Kick", -7.0)
    taken = revert_natively(ardour, tmp_path)
    assert taken.restored == ("Vox: fader",)
    assert taken.conflicting == ("Kick: fader: it was changed since",)
    now = {s.name: s.gain_db for s in ardour.strips()}
    assert now["Kick"] == pytest.approx(-7.0, abs=GAIN_TOLERANCE_DB)
    assert now["Vox"] == 0.0


def test_the_scene_before_is_kept_in_one_place_and_brings_all_back(
    hardour, ardour, tmp_path
) -> None:
    before = ardour.strips()
    taken = [bool(name) for name in ardour.scenes()]
    kept = []
    for at in (1, 2):
        request = asked(strip("Kick", gain("g", -4.0 * at)), folder=tmp_path, id=f"plan-{at}")
        apply_natively(ardour, request)
        kept.append(json.loads((tmp_path / f"native-plan-{at}.json").read_bytes()))
        if at == 1:
            hardour.send("/recall_mixer_scene", kept[0]["scene"])
            assert ardour.strips() == before
    number = kept[0]["scene"]
    assert kept[1]["scene"] == number
    assert not taken[number]
    assert ardour.scenes()[number] == kept[1]["scene_name"]


def inserted(track, uri, key, label, values):
    return {
        "track": f"id of {track}",
        "processor": "4711",
        "uri": uri,
        "key": key,
        "label": label,
        "kind": "plugin",
        "settings": [{"which": which, "value": value} for which, value in values.items()],
    }


def left_by_scripts(folder, *, insert=None, **more):
    """Write the journal that "AMA Apply" would have written when it inserted an equaliser on Vox, or something else."""
    insert = insert or inserted("Vox", "urn:ardour:a-eq", "eq", "AMA EQ", LEFT)
    document = {
        "schema": "ama.ardour.journal/1",
        "id": "plan-0",
        "session": SESSION,
        "controls": [],
        "inserted": [insert],
        "changed": [],
        "reverted": False,
    }
    (folder / "journal-plan-0.json").write_text(json.dumps(document | more))


def test_amas_own_plugin_gets_the_new_settings_and_the_users_stays(ardour, tmp_path) -> None:
    ardour.set_parameters("Vox", 2, LEFT)
    users = ardour.parameters("Vox", 1)
    left_by_scripts(tmp_path)
    wish = strip("Vox", inserts=(eq(bell("eq:vox", 2, 2000.0, -5.0)),))
    result = apply_natively(ardour, asked(wish, folder=tmp_path))
    assert reasons(result.skipped) == {}
    told = {v.what: v.read for v in result.applied[0].values}
    assert told == {
        "AMA EQ 5": pytest.approx(2000.0),
        "AMA EQ 6": pytest.approx(-5.0),
        "AMA EQ 7": 1.0,
        "AMA EQ 19": 1.0,
    }
    assert ardour.parameters("Vox", 1) == users
    wish = strip("Vox", inserts=(eq(bell("eq:vox", 3, 3000.0, 2.0)),))
    again = apply_natively(ardour, asked(wish, folder=tmp_path, id="plan-2"))
    assert [one.suggestion for one in again.applied] == ["eq:vox"]
    now = {p.which: p.value for p in ardour.parameters("Vox", 2)}
    assert (now[19], now[20], now[9]) == (0.0, 1.0, pytest.approx(2.0))
    for _ in range(2):
        assert revert_natively(ardour, tmp_path).conflicting == ()
    now = {p.which: p.value for p in ardour.parameters("Vox", 2)}
    assert {which: now[which] for which in LEFT} == pytest.approx(LEFT)


def test_a_plugin_that_does_not_stand_as_ama_left_it_is_not_amas(ardour, tmp_path) -> None:
    ardour.set_parameters("Vox", 2, LEFT | {6: -12.0})
    left_by_scripts(tmp_path)
    wish = strip("Vox", inserts=(eq(bell("eq:vox", 2, 2000.0, -5.0)),))
    result = apply_natively(ardour, asked(wish, folder=tmp_path))
    assert reasons(result.skipped) == {"eq:vox": CANNOT_INSERT}
    ardour.set_parameters("Vox", 2, LEFT)
    left_by_scripts(tmp_path, reverted=True)
    result = apply_natively(ardour, asked(wish, folder=tmp_path))
    assert reasons(result.skipped) == {"eq:vox": CANNOT_INSERT}


def test_fader_and_level_are_one(ardour, tmp_path) -> None:
    """AMA Level stands at 4 dB over a fader at its top: AMA hears, expects and sets the sum."""
    left = EQ_OFF | {16: 4.0}
    ardour.set_parameters("Vox", 2, left)
    ardour.set_gain("Vox", HIGHEST_DB)
    levels = Levels(tmp_path, SESSION)
    level = inserted("Vox", EQ, LEVEL.key, LEVEL.label, left) | {"name": "Vox"}
    left_by_scripts(tmp_path, insert=level)
    assert levels.are_new()
    heard = {s.name: s.gain_db for s in ardour.heard_strips(levels)}
    assert not levels.are_new()
    assert (heard["Vox"], heard["Kick"]) == (pytest.approx(HIGHEST_DB + 4.0, abs=0.001), 0.0)
    wish = replace(strip("Vox", gain("g", 8.0, HIGHEST_DB + 4.0)), level=LEVEL)
    result = apply_natively(ardour, asked(wish, folder=tmp_path))
    assert (result.skipped, result.conflicting) == ((), ())
    now = {p.which: p.value for p in ardour.parameters("Vox", 2)}
    assert now[16] == pytest.approx(8.0 - HIGHEST_DB, abs=0.001)
    wish = replace(strip("Kick", gain("g", 8.0, 0.0)), level=LEVEL)
    result = apply_natively(ardour, asked(wish, folder=tmp_path, id="plan-2"))
    assert reasons(result.skipped) == {"g": CANNOT_INSERT}
    ardour.set_gain("Vox", -2.0)
    ardour.set_gain("Vox", -3.0)
    heard = {s.name: s.gain_db for s in ardour.heard_strips(levels)}
    assert heard["Vox"] == pytest.approx(-3.0 + 8.0 - HIGHEST_DB, abs=0.001)
    wish = replace(strip("Vox", gain("g", -6.0, HIGHEST_DB + 4.0)), level=LEVEL)
    result = apply_natively(ardour, asked(wish, folder=tmp_path, id="plan-3"))
    assert reasons(result.conflicting) == {
        "g": "the fader was moved since (-1.0 dB instead of +10.0 dB)"
    }


def test_a_session_is_brought_up_to_date_by_its_tracks_names(ardour, tmp_path) -> None:
    """A mono track in Ardour's centre is 3 dB down on both sides; a stereo track is as it shows."""
    stems = {"Kick": 1, "Pad": 2, "Gone": 1}
    for name, channels in stems.items():
        soundfile.write(tmp_path / f"{name}.wav", np.zeros((480, channels)), 48_000)
    tracks = tuple(
        Track(id=f"t{at}", name=name, path=tmp_path / f"{name}.wav", fader_db=1.0)
        for at, name in enumerate(stems)
    )
    session = Session(name=SESSION, tracks=tracks, sample_rate_hz=48_000, duration_s=0.01)
    ardour.set_gain("Kick", -6.0)
    ardour.set_gain("Pad", -2.0)
    ardour.set_pan("Pad", 0.5)
    now = refreshed(session, ardour.strips())
    assert now.track("t0").fader_db == pytest.approx(-9.0, abs=0.02)
    assert now.track("t0").pan == pytest.approx(0.0, abs=PAN_TOLERANCE)
    assert now.track("t1").fader_db == pytest.approx(-2.0, abs=GAIN_TOLERANCE_DB)
    assert now.track("t1").pan == pytest.approx(0.5, abs=PAN_TOLERANCE)
    assert now.track("t2") == session.track("t2")
    assert any("Gone is left as it was" in warning for warning in now.warnings)


def test_amas_own_gate_gets_the_new_settings_and_its_old_ones_back(ardour, tmp_path) -> None:
    left = {0: 0.5, 1: 120.0, 2: 1.0, 3: 2.0, 4: -30.0}
    ardour.set_parameters("Tom", 1, left)
    left_by_scripts(tmp_path, insert=inserted("Tom", EXP, "gate", "AMA Gate", left))
    wanted = {0: 0.3, 1: 260.0, 2: 2.0, 3: 3.5, 4: -24.0}
    wish = strip("Tom", inserts=(gate(part("gate:tom", wanted)),))
    result = apply_natively(ardour, asked(wish, folder=tmp_path))
    assert reasons(result.skipped) == {}
    now = {p.which: p.value for p in ardour.parameters("Tom", 1)}
    assert {which: now[which] for which in wanted} == pytest.approx(wanted, rel=1e-4)
    assert revert_natively(ardour, tmp_path).conflicting == ()
    now = {p.which: p.value for p in ardour.parameters("Tom", 1)}
    assert {which: now[which] for which in left} == pytest.approx(left, rel=1e-4)
