"""Ardour sessions read from disk: what the real Ardour wrote and plays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.audio import EditList, open_audio
from ama_analysis.session import Session
from ama_bridge.daw.ardour import pan_law
from ama_bridge.daw.ardour.disk.file import ArdourSession, read_session_file
from ama_bridge.daw.session_files import session_in
from tests.daw.ardour.made_sessions import (
    MadeTrack,
    Take,
    bounced,
    make_session,
    needs_ardour,
)
from tests.daw.ardour.written_sessions import noise

DECODED_DB = -70.0
"""Curves are drawn by straight lines between Ardour's own points (32 a fade), which its spline leaves by less than a thousandth."""
FADER_TOLERANCE_DB = 1e-4
"""Ardour keeps gains as 32-bit numbers."""


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
