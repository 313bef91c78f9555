"""Ardour's panners: measured on the real ones, and converted in both directions."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from ama_analysis.errors import AudioFileError
from ama_analysis.render.strip import StripSettings
from ama_analysis.session import Session, Track
from ama_bridge.daw.ardour.pan_law import (
    HIGHEST_DB,
    azimuth_of,
    coefficient,
    dialled,
    heard,
    mono_gains,
    sounding,
)
from tests.daw.ardour.made_sessions import CLOSING, OPENING, lua_text, needs_ardour, run_lua

AZIMUTHS = (0.0, 0.05, 0.2, 0.37, 0.5, 0.62, 0.85, 1.0)
ON_THE_REAL_ONE = 2e-6
"""32-bit arithmetic."""
EXACT = 1e-12
"""What double precision leaves."""

CONSTANT = """
ardour { ["type"] = "dsp", name = "AMA Test Constant", category = "Utility", license = "GPLv3", author = "AMA", description = "0.5 and 0.25" }
function dsp_ioconfig () return { { audio_in = -1, audio_out = -1 } } end
function dsp_run (ins, outs, n)
  for c = 1, #outs do ARDOUR.DSP.memset (outs[c], 0.5 ^ c, n) end
end
"""


def _measured(home: Path, *, channels: int) -> list[np.ndarray]:
    """Return left and right for 1 in all inputs, at each azimuth, as the real Ardour sends it to the bus."""
    scripts = home / ".config" / "ardour7" / "scripts"
    scripts.mkdir(parents=True)
    (scripts / "constant.lua").write_text(CONSTANT, encoding="utf-8")
    script = f"""
{OPENING}
create_session({lua_text(home / "panned")}, "panned", 48000)
for _, azimuth in ipairs({{ {", ".join(map(str, AZIMUTHS))} }}) do
  local track
  for each in Session:new_audio_track({channels}, 2, nil, 1, "at " .. azimuth, ARDOUR.PresentationInfo.max_order,
    ARDOUR.TrackMode.Normal, true):iter() do track = each end
  assert(track:add_processor_by_index(ARDOUR.LuaAPI.new_luaproc(Session, "AMA Test Constant"), 0, nil, true) == 0)
  track:pan_azimuth_control():set_value(azimuth, PBD.GroupControlDisposition.NoGroup)
  local region = track:bounce_range(0, 144000, ARDOUR.InterThreadInfo(), track:main_outs(), true, "out " .. azimuth, "")
  local audio = region:to_audioregion()
  tell("OUT", audio:source(0):to_filesource():path(), audio:source(1):to_filesource():path())
end
{CLOSING}"""
    said = run_lua(script, home=home)
    pairs = [line.split("\t")[1:] for line in said.splitlines() if line.startswith("OUT")]
    ends = [[soundfile.read(path)[0][-100:].mean() for path in pair] for pair in pairs]
    inputs = np.array([0.5, 0.5 if channels == 1 else 0.25])
    return [np.array(end) / inputs for end in ends]


@needs_ardour
def test_the_real_mono_panner_is_as_the_formula_has_it(tmp_path):
    for azimuth, found in zip(AZIMUTHS, _measured(tmp_path, channels=1), strict=True):
        assert found == pytest.approx(mono_gains(azimuth), abs=ON_THE_REAL_ONE)


@needs_ardour
def test_the_real_stereo_panner_is_the_balance_that_ama_renders(tmp_path):
    for azimuth, found in zip(AZIMUTHS, _measured(tmp_path, channels=2), strict=True):
        ours = StripSettings(
            plugins=(), sidechains=(), fader_db=0.0, pan=2 * azimuth - 1, muted=False
        )
        assert found == pytest.approx(ours.gains()[:, 0], abs=ON_THE_REAL_ONE)


PANS = [*np.linspace(-1, 1, 401), -1 + 1e-12, 1 - 1e-12, 1e-15, -1e-15, math.ulp(0.0)]


@pytest.mark.parametrize("fader_db", [-200.0, -3.7, 6.0])
def test_there_and_back_is_where_one_was(fader_db):
    for pan in map(float, PANS):
        there = dialled(fader_db=fader_db, pan=pan, channels=1)
        back = sounding(fader_db=there.fader_db, pan=there.pan, channels=1)
        assert back == pytest.approx((fader_db, pan), abs=EXACT)
        here = sounding(fader_db=fader_db, pan=pan, channels=1)
        again = dialled(fader_db=here.fader_db, pan=here.pan, channels=1)
        assert again == pytest.approx((fader_db, pan), abs=EXACT)


def test_a_mono_track_sounds_in_ardour_as_ama_renders_it():
    for pan in map(float, PANS):
        shown = dialled(fader_db=-4.0, pan=pan, channels=1)
        theirs = np.array(mono_gains(azimuth_of(shown.pan))) * coefficient(shown.fader_db)
        ours = StripSettings(plugins=(), sidechains=(), fader_db=-4.0, pan=pan, muted=False)
        assert theirs == pytest.approx(ours.gains()[:, 0], abs=1e-7)  # AMA's factors are 32-bit


def test_a_mono_track_in_the_centre_shows_three_decibels_more():
    assert dialled(fader_db=0.0, pan=0.0, channels=1) == pytest.approx((3.0, 0.0), abs=EXACT)
    assert dialled(fader_db=0.0, pan=-1.0, channels=1) == pytest.approx((0.0, -1.0), abs=EXACT)


def test_a_stereo_track_stays_as_it_is():
    assert dialled(fader_db=-2.0, pan=0.3, channels=2) == (-2.0, 0.3)
    assert sounding(fader_db=-2.0, pan=0.3, channels=2) == (-2.0, 0.3)


def test_pans_beyond_the_ends_are_at_the_ends():
    assert azimuth_of(-1.0 - 1e-7) == 0.0
    assert azimuth_of(1.5) == 1.0


def test_the_top_of_the_fader_is_a_coefficient_of_two():
    assert coefficient(HIGHEST_DB) == pytest.approx(2.0, abs=EXACT)


def _session(folder: Path) -> Session:
    tracks = []
    for name, channels in (("mono", 1), ("stereo", 2)):
        path = folder / f"{name}.wav"
        soundfile.write(path, np.zeros((480, channels)), 48_000)
        tracks.append(Track(id=name, name=name, path=path, fader_db=-6.0, pan=0.25))
    return Session(name="s", tracks=tuple(tracks), sample_rate_hz=48_000, duration_s=0.01)


def test_a_session_is_heard_by_the_channels_of_its_stems(tmp_path):
    session = _session(tmp_path)
    mono, stereo = heard(session).tracks
    assert stereo == session.tracks[1]
    assert (mono.fader_db, mono.pan) == sounding(fader_db=-6.0, pan=0.25, channels=1)
    assert replace(mono, fader_db=-6.0, pan=0.25) == session.tracks[0]


def test_a_closed_fader_stays_within_what_a_track_holds(tmp_path):
    session = _session(tmp_path)
    closed = replace(session, tracks=tuple(replace(t, fader_db=-200.0, pan=0.0) for t in session.tracks))  # fmt: skip
    assert [track.fader_db for track in heard(closed).tracks] == [-200.0, -200.0]


def test_a_stem_that_is_gone_is_told(tmp_path):
    session = _session(tmp_path)
    session.tracks[0].path.unlink()
    with pytest.raises(AudioFileError):
        heard(session)
