"""Ardour sessions read from disk: what the real Ardour wrote and plays, and what no Ardour may make of AMA."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from ama_analysis.advise import session_from_paths
from ama_analysis.audio import EditList, open_audio, read_audio
from ama_analysis.errors import AmaError, AudioFileError, SessionError
from ama_analysis.session import Session
from ama_bridge import cli
from ama_bridge.daw.ardour import pan_law
from ama_bridge.daw.ardour.disk.elements import session_tree
from ama_bridge.daw.ardour.disk.file import ArdourSession, read_session_file, session_file_in
from ama_bridge.daw.ardour.disk.timeline import UnreadTimeError, timeline_of
from ama_bridge.daw.session_files import session_in
from tests.daw.ardour.ardour_lua import bench
from tests.daw.ardour.made_sessions import (
    MadeTrack,
    Take,
    bounced,
    make_session,
    needs_ardour,
)

DECODED_DB = -70.0
"""Curves are drawn by straight lines between Ardour's own points (32 a fade), which its spline leaves by less than a thousandth."""
FADER_TOLERANCE_DB = 1e-4
"""Ardour keeps gains as 32-bit numbers."""

_rng = np.random.default_rng(5)


def noise(frames, channels=1):
    return (0.2 * _rng.standard_normal((channels, frames))).astype(np.float32)


def rms_db(samples):
    return 10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-30)


TRACKS = [
    MadeTrack(
        name="Vox / Ü 'lead' \"1\" & <2>",
        takes=[Take(samples=noise(30_000))],
        lua="track:gain_control():set_value(0.5, PBD.GroupControlDisposition.NoGroup)\n"
        "track:pan_azimuth_control():set_value(0.25, PBD.GroupControlDisposition.NoGroup)",
    ),
    MadeTrack(
        name="Keys",
        channels=2,
        takes=[Take(samples=noise(20_000, 2), at=5_000)],
        lua="track:gain_control():set_value(0, PBD.GroupControlDisposition.NoGroup)\n"
        "track:pan_azimuth_control():set_value(0.75, PBD.GroupControlDisposition.NoGroup)\n"
        "track:mute_control():set_value(1, PBD.GroupControlDisposition.NoGroup)\n"
        'local eq = ARDOUR.LuaAPI.new_plugin(Session, "urn:ardour:a-eq", ARDOUR.PluginType.LV2, "")\n'
        "track:add_processor_by_index(eq, 0, nil, true)\n"
        'local comp = ARDOUR.LuaAPI.new_plugin(Session, "urn:ardour:a-comp#stereo", ARDOUR.PluginType.LV2, "")\n'
        "track:add_processor_by_index(comp, 1, nil, true)\n"
        "comp:to_insert():deactivate()",
    ),
    MadeTrack(
        name="Cut",
        takes=[
            Take(
                samples=noise(40_000),
                at=7,
                lua="region:cut_front(pos(5000)) region:cut_end(pos(30000)) audio:set_scale_amplitude(-0.5)",
            )
        ],
    ),
    MadeTrack(
        name="Comped",
        channels=2,
        takes=[
            Take(samples=noise(30_000, 2)),
            Take(
                samples=noise(30_000, 2),
                at=15_000,
                lua="audio:set_fade_in_length(6000) audio:set_fade_in_shape(ARDOUR.FadeShape.FadeConstantPower)\n"
                "audio:set_fade_out_length(3000) audio:set_fade_out_shape(ARDOUR.FadeShape.FadeSlow)",
            ),
            Take(
                samples=noise(5_000, 2),
                at=8_000,
                lua="region:set_opaque(false) audio:set_fade_in_length(1000) audio:set_fade_in_shape(ARDOUR.FadeShape.FadeFast)",
            ),
            Take(samples=noise(3_000, 2), at=20_000, lua="region:set_muted(true)"),
        ],
    ),
    MadeTrack(
        name="Ridden",
        takes=[
            Take(
                samples=noise(30_000),
                lua="audio:set_envelope_active(true) audio:set_fade_in_active(false)\n"
                "local e = audio:envelope() e:add(pos(0), 1, false, true) e:add(pos(9000), 0.25, false, true) e:add(pos(20000), 1.5, false, true)",
            )
        ],
    ),
    MadeTrack(name="Empty"),
]
AROUND = """
one(Session:new_midi_track(ARDOUR.ChanCount(ARDOUR.DataType("midi"), 1), ARDOUR.ChanCount(ARDOUR.DataType("audio"), 2), true,
  ARDOUR.PluginInfo(), nil, nil, 1, "Strings", ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true))
one(Session:new_audio_route(2, 2, nil, 1, "Reverb", ARDOUR.PresentationInfo.Flag.AudioBus, ARDOUR.PresentationInfo.max_order))
"""


@dataclass(frozen=True)
class Made:
    """A session as the real Ardour wrote it, as it plays it, and as AMA reads it."""

    file: Path
    rate: int
    heard: dict[str, np.ndarray]
    read: ArdourSession


@pytest.fixture(scope="module", params=[44_100, 48_000])
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"sessions{request.param}") / "Song one"
    file = make_session(folder, TRACKS, rate=request.param, lua=AROUND)
    read = read_session_file(file)
    return Made(file, request.param, bounced(file, rate=request.param), read)


def track(made, name):
    return next(t for t in made.read.tracks if t.name.startswith(name))


@needs_ardour
@pytest.mark.parametrize("name", ["Vox", "Keys", "Cut", "Comped", "Ridden"])
def test_a_stem_is_what_ardour_plays_of_its_playlist(made, name):
    found = track(made, name)
    assert isinstance(found.stem, EditList)
    ours = np.concatenate(list(found.stem.blocks(0, found.stem.frames, 4_096)), axis=1)
    theirs = made.heard[found.name]
    assert ours.shape == theirs.shape
    assert rms_db(ours - theirs) - rms_db(theirs) < DECODED_DB


@needs_ardour
def test_faders_pans_mutes_and_active_plugins_are_as_ardour_shows_them(made):
    vox, keys, cut = (track(made, name) for name in ("Vox", "Keys", "Cut"))
    assert vox.name == TRACKS[0].name
    assert vox.fader_db == pytest.approx(-6.0206, abs=FADER_TOLERANCE_DB)
    assert vox.pan == pytest.approx(-0.5)
    assert not vox.muted
    assert keys.fader_db == -200.0
    assert keys.pan == pytest.approx(0.5)
    assert keys.muted
    assert keys.plugins == ("ACE EQ",)
    assert (cut.fader_db, cut.pan, cut.plugins) == (0.0, 0.0, ())
    assert made.read.sample_rate_hz == made.rate


@needs_ardour
def test_what_cannot_be_read_is_left_out_with_its_reason(made):
    reasons = dict(made.read.left_out)
    assert set(reasons) == {"Empty", "Strings", "Reverb 1"} or set(reasons) == {
        "Empty",
        "Strings",
        "Reverb",
    }
    assert "no audible region" in reasons["Empty"]
    assert "MIDI" in reasons["Strings"]
    assert any("bus" in reason for name, reason in reasons.items() if name.startswith("Reverb"))


@needs_ardour
def test_effects_that_are_not_in_the_regions_are_told(made):
    assert "Keys: its effects (ACE EQ) are not in the regions." in made.read.warnings


@needs_ardour
def test_a_folder_and_its_session_file_are_the_same_session(made, tmp_path):
    by_folder = session_in(made.file.parent, stems_dir=tmp_path)
    by_file = session_in(made.file, stems_dir=tmp_path)
    assert isinstance(by_folder, Session)
    assert by_folder == by_file
    assert by_folder.name == "Song one"
    assert by_folder.sample_rate_hz == made.rate


@needs_ardour
def test_the_session_sounds_under_amas_law_as_under_ardours(made, tmp_path):
    session = session_in(made.file, stems_dir=tmp_path)
    assert session is not None
    vox, keys = session.tracks[0], session.tracks[1]
    wanted = pan_law.sounding(fader_db=-6.0206, pan=-0.5, channels=1)
    assert vox.fader_db == pytest.approx(wanted.fader_db, abs=FADER_TOLERANCE_DB)
    assert vox.pan == pytest.approx(wanted.pan, abs=1e-6)
    assert keys.fader_db == -200.0
    assert keys.pan == pytest.approx(0.5)
    assert any(w.startswith("Reverb") and "was left out" in w for w in session.warnings)


@needs_ardour
def test_stems_are_described_in_small_files_and_found_again(made, tmp_path):
    session = session_in(made.file, stems_dir=tmp_path / "stems")
    assert session is not None
    written = sorted((tmp_path / "stems").rglob("*.stem.json"))
    assert len(written) == len(session.tracks)
    assert sum(p.stat().st_size for p in written) < 100_000
    before = {p: p.stat().st_mtime_ns for p in written}
    again = session_in(made.file, stems_dir=tmp_path / "stems")
    assert again == session
    now = (tmp_path / "stems").rglob("*.stem.json")
    assert {p: p.stat().st_mtime_ns for p in now} == before


@needs_ardour
def test_a_section_of_a_stem_is_that_part_of_it(made, tmp_path):
    session = session_in(made.file, stems_dir=tmp_path)
    assert session is not None
    file = open_audio(session.track(track(made, "Comped").id).path)
    whole = np.concatenate(list(file.blocks()), axis=1)
    part = file.section(0.2, 0.5)
    start, stop = round(0.2 * made.rate), round(0.5 * made.rate)
    assert np.array_equal(np.concatenate(list(part.blocks(777)), axis=1), whole[:, start:stop])


@needs_ardour
def test_reading_leaves_the_session_as_it_is(made, tmp_path):
    def state():
        return {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in made.file.parent.rglob("*")}

    before = state()
    session_in(made.file.parent, stems_dir=tmp_path)
    assert state() == before


# Below: session files by hand, for what headless Ardours of one version cannot write.


def session_xml(
    *,
    version=7002,
    regions,
    sources='<Source name="a.wav" type="audio" id="10" channel="0" gain="1"/>',
    tempo='<TempoMap superclocks-per-second="282240000"/>',
    route="",
    routes="",
    locations="",
    flags="AudioTrack,OrderSet",
    inputs=1,
):
    ports = '<Port type="audio" name="A/audio_in"/>' * inputs
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Session version="{version}" name="by hand" sample-rate="48000">
  <Sources>{sources}</Sources>{locations}
  <Routes>
    <Route id="1" name="Master"><PresentationInfo flags="MasterOut,OrderSet"/></Route>
    <Route id="2" name="A" active="1" audio-playlist="3"><PresentationInfo flags="{flags}"/>
      <IO direction="Input">{ports}</IO>
      <IO direction="Output"><Port type="audio"><Connection other="Master/audio_in 1"/></Port></IO>
      <Processor type="amp"><Controllable name="gaincontrol" value="1"/></Processor>{route}
    </Route>{routes}
  </Routes>
  <Playlists><Playlist id="3" name="A" type="audio">{regions}</Playlist></Playlists>
  {tempo}
</Session>"""


def region(**attributes):
    text = {
        "name": "r",
        "muted": "0",
        "opaque": "1",
        "start": "a0",
        "length": "a282240000@a0",
        "source-0": "10",
        "fade-in-active": "0",
        "fade-out-active": "0",
        "layering-index": "0",
    } | {name.replace("_", "-"): value for name, value in attributes.items()}
    return "<Region " + " ".join(f'{k}="{v}"' for k, v in text.items() if v is not None) + "/>"


@dataclass(frozen=True)
class ByHand:
    """Writes a session by hand and returns what AMA reads; its one source, a.wav, is a second of noise."""

    folder: Path
    samples: np.ndarray

    @property
    def audio(self):
        return self.folder / "interchange" / "x" / "audiofiles"

    def __call__(self, **parts):
        file = self.folder / "by hand.ardour"
        file.write_text(session_xml(**parts), encoding="utf-8")
        return read_session_file(file)


@pytest.fixture
def by_hand(tmp_path):
    made = ByHand(tmp_path / "by hand", noise(48_000)[0])
    made.audio.mkdir(parents=True)
    soundfile.write(made.audio / "a.wav", made.samples, 48_000, subtype="FLOAT")
    return made


def only_part(session):
    (found,) = session.tracks
    assert isinstance(found.stem, EditList)
    (part,) = found.stem.parts
    return part


def tempo_map(*tempos, superclocks=282_240_000):
    inner = "".join(
        f'<Tempo npm="{npm}" enpm="{npm}" note-type="4" sclock="{clock}" quarters="{quarters}"/>'
        for npm, clock, quarters in tempos
    )
    return f'<TempoMap superclocks-per-second="{superclocks}"><Tempos>{inner}</Tempos></TempoMap>'


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


ENTITIES = ['<!ENTITY b0 "ha">', *(f'<!ENTITY b{n} "{f"&b{n - 1};" * 20}">' for n in range(1, 12))]
BOMB = f'<!DOCTYPE Session [{"".join(ENTITIES)}]><Session version="7002" name="&b11;"/>'
FAR_ENTITY = '<!DOCTYPE Session [<!ENTITY x SYSTEM "file:///etc/hostname">]><Session version="7002" name="&x;"/>'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (BOMB, "document type"),
        (FAR_ENTITY, "document type"),
        ("", "not an Ardour session"),
        ("no xml", "not an Ardour session"),
        ("<Session version='7002'>", "not an Ardour session"),
        ("<Project/>", "it holds a Project"),
        ("<Session version='3002'/>", "older than 6"),
        ("<Session/>", "older than 6"),
        ("<Session version='7002'/>", "sample rate of 0 Hz"),
        ("<Session version='7002' sample-rate='48000'/>", "no track that can be read"),
    ],
)
def test_a_file_that_is_no_session_is_one_sentence(tmp_path, text, complaint):
    file = tmp_path / "x.ardour"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SessionError, match=complaint) as caught:
        read_session_file(file)
    assert "\n" not in caught.value.sentence()


def test_a_session_that_is_damaged_anywhere_is_a_sentence_or_a_session(by_hand):
    text = session_xml(regions=region() + region(length="a141120000@a141120000"))
    rng = np.random.default_rng(9)
    file = by_hand.folder / "by hand.ardour"
    outcomes = set()
    for _ in range(300):
        at, span = int(rng.integers(len(text))), int(rng.integers(1, 40))
        junk = "".join(chr(c) for c in rng.integers(32, 127, span))
        file.write_text(text[:at] + junk + text[at + span :], encoding="utf-8")
        try:
            read_session_file(file)
            outcomes.add("read")
        except AmaError as error:
            outcomes.add("a sentence" if "\n" not in error.sentence() else repr(error))
    assert outcomes == {"read", "a sentence"}


def test_a_folder_is_its_own_session_not_a_snapshot(by_hand):
    by_hand(regions=region())
    (by_hand.folder / "a snapshot.ardour").write_text("<Session/>")
    assert session_file_in(by_hand.folder) == by_hand.folder / "by hand.ardour"
    (by_hand.folder / "by hand.ardour").rename(by_hand.folder / "other.ardour")
    with pytest.raises(SessionError, match="several sessions"):
        session_file_in(by_hand.folder)


def test_a_folder_of_stems_is_no_ardour_session(tmp_path):
    soundfile.write(tmp_path / "a.wav", noise(4_800)[0], 48_000)
    assert session_in(tmp_path, stems_dir=tmp_path / "stems") is None
    assert session_in(tmp_path / "a.wav", stems_dir=tmp_path / "stems") is None
    assert [t.id for t in session_from_paths([tmp_path]).tracks] == ["a"]


def test_an_export_beside_the_session_comes_first(by_hand):
    by_hand(regions=region())
    soundfile.write(by_hand.folder / "A.wav", by_hand.samples, 48_000)
    (by_hand.folder / "session.json").write_text(
        '{"schema": "ama.session/1", "daw": "ardour", "name": "out", "tracks": '
        '[{"id": "2", "name": "A", "stem": "A.wav", "fader_db": -1, "pan": 0}]}'
    )
    session = session_in(by_hand.folder, stems_dir=by_hand.folder / "stems")
    assert session is not None
    assert session.name == "out"
    heard = pan_law.sounding(fader_db=-1.0, pan=0.0, channels=1)
    assert session.tracks[0].fader_db == pytest.approx(heard.fader_db)
    assert not (by_hand.folder / "stems").exists()


def test_a_source_that_changed_since_is_said_so(by_hand, tmp_path):
    by_hand(regions=region(length="a141120000@a0"))
    session = session_in(by_hand.folder, stems_dir=tmp_path / "stems")
    assert session is not None
    stem = session.tracks[0].path
    assert np.array_equal(read_audio(stem).samples[0], by_hand.samples[:24_000])
    soundfile.write(by_hand.audio / "a.wav", by_hand.samples[:100], 48_000)
    with pytest.raises(AudioFileError, match="is gone or has changed"):
        open_audio(stem)
    (by_hand.audio / "a.wav").unlink()
    with pytest.raises(AudioFileError, match="is gone or has changed"):
        open_audio(stem)


def test_a_stems_description_that_is_damaged_is_a_sentence(by_hand, tmp_path):
    by_hand(regions=region(length="a141120000@a0"))
    session = session_in(by_hand.folder, stems_dir=tmp_path / "stems")
    assert session is not None
    stem = session.tracks[0].path
    good = stem.read_text()
    for bad in ("no", "[]", "{}", good.replace('"frames": 24000', '"frames": -1'), good[:50]):
        stem.write_text(bad)
        with pytest.raises(AudioFileError, match=re.escape("is not a stem's description")):
            open_audio(stem)


def test_times_that_are_no_times_are_told(tmp_path):
    file = tmp_path / "x.ardour"
    file.write_text(session_xml(regions=""), encoding="utf-8")
    timeline = timeline_of(session_tree(file))
    for text in ("", "a", "b", "c12", "a1e9", "nan", "12:00"):
        with pytest.raises(UnreadTimeError):
            timeline.position(text)


def test_suggest_takes_a_session_and_its_plan_can_be_rendered(
    by_hand, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("AMA_STATE", str(tmp_path / "state"))
    by_hand(regions=region(length="a211680000@a70560000"))
    plan, mix = tmp_path / "plan.json", tmp_path / "mix.wav"
    assert cli.main(["suggest", str(by_hand.folder), "--no-cache", "--out", str(plan)]) == 0
    assert cli.main(["render", str(plan), "--out", str(mix)]) == 0
    assert "suggest" not in capsys.readouterr().err
    assert soundfile.info(mix).frames == 36_000
    assert list((tmp_path / "state").rglob("*.wav")) == []


def test_suggest_says_in_one_sentence_what_is_wrong_with_a_session(by_hand, capsys):
    with pytest.raises(SessionError):
        by_hand(regions="")
    assert cli.main(["suggest", str(by_hand.folder)]) == 2
    said = capsys.readouterr().err.strip()
    assert "no audible region" in said
    assert "Traceback" not in said
