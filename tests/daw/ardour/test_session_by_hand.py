"""What an Ardour session file says, in files by hand: positions, levels, what is left out and what is told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import soundfile

from ama_analysis.errors import SessionError
from ama_bridge.daw.ardour.disk.file import read_session_file
from ama_bridge.daw.session_files import session_in
from tests.daw.ardour.ardour_lua import bench
from tests.daw.ardour.made_sessions import (
    MadeTrack,
    Take,
    make_session,
)
from tests.daw.ardour.written_sessions import by_hand_in, only_part, region, tempo_map


@pytest.fixture
def by_hand(tmp_path):
    return by_hand_in(tmp_path / "by hand")


@pytest.mark.parametrize(
    ("attributes", "version", "tempo", "expected"),
    [
        (
            {"position": "24000", "start": "12000", "length": "6000"},
            6000,
            "",
            (24_000, 12_000, 6_000),
        ),
        (
            {"start": "a70560000", "length": "a35280000@a141120000"},
            7002,
            tempo_map(),
            (24_000, 12_000, 6_000),
        ),
        (
            {"start": "a127008000", "length": "a63504000@a254016000"},
            7003,
            tempo_map(superclocks=508_032_000),
            (24_000, 12_000, 6_000),
        ),
        (
            {"start": "a70560000", "length": "b480@b1920"},
            7002,
            tempo_map((120, 0, "0:0")),
            (24_000, 12_000, 6_000),
        ),
        (
            {"start": "a70560000", "length": "b240@b1920"},
            7002,
            tempo_map((240, 0, "0:0"), (60, 35_280_000, "0:960")),
            (30_000, 12_000, 6_000),
        ),
    ],
    ids=["samples", "superclocks of 7", "superclocks of 9", "beats", "beats at two tempos"],
)
def test_positions_are_understood_as_each_version_writes_them(
    by_hand, attributes, version, tempo, expected
):
    marker = '<Locations><Location name="session" start="0" flags="IsSessionRange"/></Locations>'
    session = by_hand(regions=region(**attributes), version=version, locations=marker, tempo=tempo)
    part = only_part(session)
    assert (part.at_frame, part.skip_frames, part.frames) == expected


def test_a_file_that_is_played_whole_is_the_stem_itself(by_hand):
    session = by_hand(regions=region())
    assert session.tracks[0].stem == by_hand.audio / "a.wav"


def test_trim_and_polarity_are_in_the_stem(by_hand):
    session = by_hand(
        regions=region(),
        route='<Processor type="trim"><Controllable name="trimcontrol" value="0.5"/></Processor>'
        '<Controllable name="phase" phase-invert="1" value="1"/>',
    )
    assert only_part(session).gains == (-0.5,)


def test_the_polarity_of_the_right_side_is_the_left_digit(by_hand):
    session = by_hand(
        regions=region(),
        inputs=2,
        route='<Controllable name="phase" phase-invert="10" value="1"/>',
    )
    assert only_part(session).gains == (1.0, -1.0)


def test_a_mono_region_on_a_stereo_track_is_on_both_sides(by_hand):
    part = only_part(by_hand(regions=region(), inputs=2))
    assert [s.channel for s in part.sources] == [0, 0]


def test_stems_begin_where_the_session_begins(by_hand):
    hour = 3600 * 282_240_000
    marker = f'<Locations><Location start="a{hour}" flags="IsSessionRange"/></Locations>'
    late = region(length=f"a282240000@a{hour + 282_240_000}")
    assert only_part(by_hand(regions=late, locations=marker)).at_frame == 48_000
    early = region(length="a141120000@a141120000")
    assert only_part(by_hand(regions=early, locations=marker)).at_frame == 0


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"regions": ""}, "no audible region"),
        ({"regions": region(muted="1")}, "no audible region"),
        ({"regions": region(**{"source-0": "99"})}, "does not have"),
        ({"regions": region(**{"source-0": None})}, "has no source"),
        ({"regions": region(length="a0@a0")}, "is damaged"),
        ({"regions": region(length="zero")}, "cannot read"),
        ({"regions": region(length="b480@b0")}, "no tempo"),
        (
            {
                "regions": region(length="b480@b0"),
                "tempo": '<TempoMap><Tempos><Tempo npm="100" enpm="140" type="Tempo::Ramped" quarters="0:0" sclock="0"/></Tempos></TempoMap>',
            },
            "tempo changes gradually",
        ),
        (
            {"regions": region(), "sources": '<Source name="gone.wav" id="10" channel="0"/>'},
            "gone.wav is missing",
        ),
        (
            {"regions": region(), "sources": '<Source name="a.wav" id="10" playlist="7"/>'},
            "several in one",
        ),
        ({"regions": region(), "inputs": 6}, "6 channels"),
        ({"regions": region(), "flags": "MidiTrack"}, "MIDI"),
        ({"regions": region(), "flags": "AudioBus"}, "bus"),
    ],
)
def test_why_a_track_is_left_out(by_hand, parts, reason):
    with pytest.raises(SessionError, match=reason) as caught:
        by_hand(**parts)
    assert caught.value.code == "AMA-201"


def test_a_source_of_another_rate_is_left_out(by_hand):
    soundfile.write(by_hand.audio / "b.wav", by_hand.samples, 44_100)
    with pytest.raises(SessionError, match="44100 Hz and the session 48000 Hz"):
        by_hand(regions=region(), sources='<Source name="b.wav" type="audio" id="10" channel="0"/>')


def test_an_embedded_file_is_read_where_it_is(by_hand, tmp_path):
    soundfile.write(tmp_path / "far.wav", np.stack([by_hand.samples] * 2, axis=1), 48_000)
    session = by_hand(
        regions=region(**{"source-1": "11"}),
        inputs=2,
        sources="".join(
            f'<Source name="{tmp_path / "far.wav"}" id="{10 + c}" channel="{c}"/>' for c in (0, 1)
        ),
    )
    assert session.tracks[0].stem == tmp_path / "far.wav"


@pytest.mark.parametrize(
    ("route", "told"),
    [
        ('<Processor type="internal-send" name="to verb"/>', "sends"),
        ('<Processor type="vst3" name="Big Verb" active="1"/>', "Big Verb"),
        ('<Processor type="triggerbox"><Trigger region="7"/></Processor>', "cue slots"),
        (
            '<Processor type="amp"><Automation><AutomationList automation-id="gain" state="Play"/></Automation></Processor>',
            "automation",
        ),
        (
            '<Processor type="main-outs"><PannerShell bypassed="1"/></Processor>',
            "panner is bypassed",
        ),
        ('<Controllable name="solo" self-solo="1"/>', "Solo"),
    ],
)
def test_what_the_regions_do_not_say_is_told(by_hand, route, told):
    session = by_hand(regions=region(), route=route)
    assert len(session.warnings) == 1
    assert told in session.warnings[0]


AUTOMATION = """
local function play(control) control:set_automation_state(ARDOUR.AutoState.Play) end
play(Session:route_by_name("Snare"):gain_control()) play(Session:route_by_name("Tom"):pan_azimuth_control())
"""


def test_a_fader_and_a_pan_that_ardour_moves_are_not_amas_to_change(tmp_path):
    silence = np.zeros((1, 4_800), np.float32)
    tracks = [MadeTrack(name=n, takes=[Take(samples=silence)]) for n in ("Snare", "Tom", "Vox")]
    made = make_session(tmp_path / "song", tracks, lua=AUTOMATION)
    session = session_in(made, stems_dir=tmp_path / "stems")
    assert session is not None
    moved = {t.name: t.automated for t in session.tracks}
    assert moved == {"Snare": ("fader",), "Tom": ("pan",), "Vox": ()}


def test_automation_of_a_send_holds_no_fader(by_hand):
    level = '<Automation><AutomationList automation-id="gain" state="Play"/></Automation>'
    session = by_hand(
        regions=region(),
        route=f'<Processor type="internal-send" name="to verb">{level}</Processor>',
    )
    assert not session.tracks[0].automated


VCAS = """
local function vca(name) return Session:vca_manager():vca_by_name(name) end
local function at(control, value) control:set_value(value, PBD.GroupControlDisposition.NoGroup) end
Session:vca_manager():create_vca(1, "Drums") Session:vca_manager():create_vca(1, "All")
at(vca("Drums"):gain_control(), 0.8)
for _, name in ipairs({"Snare", "Tom"}) do Session:route_by_name(name):to_slavable():assign(vca("Drums")) end
vca("Drums"):to_slavable():assign(vca("All"))
at(Session:route_by_name("Snare"):gain_control(), 0.7) at(vca("Drums"):gain_control(), 0.4) at(vca("All"):gain_control(), 0.9)
at(vca("Drums"):mute_control(), 1)
"""


def test_faders_count_with_their_vcas_as_in_ardour(tmp_path):
    noise = np.random.default_rng(1).uniform(-0.1, 0.1, (1, 4_800)).astype(np.float32)
    tracks = [MadeTrack(name=n, takes=[Take(samples=noise)]) for n in ("Snare", "Tom", "Vox")]
    made = make_session(tmp_path / "song", tracks, lua=VCAS)
    desk = bench(made, tmp_path / "desk")
    said = desk.run(
        'for _, n in ipairs{"Snare", "Tom", "Vox"} do print(n, 20 * math.log(fader(n), 10), route(n):muted()) end'
    )
    lines = [line.split("\t") for line in said.splitlines() if "\t" in line]
    shown: Any = {
        name: (pytest.approx(float(db), abs=1e-4), muted == "true") for name, db, muted in lines
    }
    read = read_session_file(made)
    assert {t.name: (t.fader_db, t.muted) for t in read.tracks} == shown
    assert [float(db) < -2.0 for _, db, _ in lines] == [True, True, False]
    assert (
        "Snare, Tom: its fader and mute count together with those of the VCA Drums."
        in read.warnings
    )


def test_a_master_that_does_something_is_told(by_hand):
    master = (
        '<Route id="9" name="Out"><PresentationInfo flags="MasterOut"/>'
        '<Processor type="amp"><Controllable name="gaincontrol" value="0.5"/></Processor>'
        '<Processor type="lv2" name="Glue" active="1"/></Route>'
    )
    told = by_hand(regions=region(), routes=master).warnings
    assert told == (
        "The master bus has effects (Glue) that are not counted.",
        "The master fader stands at -6.0 dB, which is not counted.",
    )


def test_a_bus_on_the_way_is_told(by_hand):
    bus = '<Route id="8" name="Drums"><PresentationInfo flags="AudioBus"/></Route>'
    session = by_hand(
        regions=region(),
        routes=bus,
        route='<IO direction="Output"><Port><Connection other="Drums/audio_in 1"/></Port></IO>',
    )
    assert "A: it goes through Drums, of which AMA knows nothing here." in session.warnings
