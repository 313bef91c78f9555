"""Stems that were bounced behind fader and panner come back as what they were before."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from ama_analysis.audio import read_audio
from ama_analysis.errors import SessionError
from ama_analysis.session import Track
from ama_bridge.daw.ardour import pan_law, post_fader
from ama_bridge.daw.session_files import session_beside, session_in

RATE_HZ = 48_000
ROUNDING = 1e-5
"""Two 32-bit products, there and back."""


@pytest.fixture
def exported(tmp_path):
    """Return a maker of an export: (name, samples before the fader, fader, pan) each, bounced as Ardour does."""
    folder = tmp_path / "export"
    folder.mkdir()

    def make(*tracks, **changed):
        told = []
        for at, (name, samples, fader_db, pan) in enumerate(tracks):
            gain = pan_law.coefficient(fader_db)
            if len(samples) == 1:
                sides = pan_law.mono_gains(pan_law.azimuth_of(pan))
                bounced = np.stack([samples[0] * gain * side for side in sides])
            else:
                balance = np.array([[1.0 - max(pan, 0.0)], [1.0 + min(pan, 0.0)]])
                bounced = samples * gain * balance
            soundfile.write(folder / f"{name}.wav", bounced.T, RATE_HZ, subtype="FLOAT")
            told.append(
                {
                    "id": str(at + 1),
                    "name": name,
                    "stem": f"{name}.wav",
                    "fader_db": fader_db,
                    "pan": pan,
                    "channels": len(samples),
                }
            )
        document = {
            "schema": "ama.session/1",
            "daw": "ardour",
            "name": "Song",
            "bounced": "post_fader",
            "tracks": told,
        }
        (folder / "session.json").write_text(json.dumps(document | changed))
        return folder

    return make


def noise(channels, seed=1):
    return 0.2 * np.random.default_rng(seed).standard_normal((channels, 4_800))


@pytest.mark.parametrize(
    ("channels", "fader_db", "pan"),
    [(1, -6.0, 0.0), (1, 4.0, -0.9), (1, -50.0, 1.0), (2, -3.0, 0.0), (2, -20.0, 0.7)],
)
def test_a_stem_is_as_it_was_and_the_track_stands_where_it_stood(
    exported, tmp_path, channels, fader_db, pan
):
    before = noise(channels)
    folder = exported(("Vox", before, fader_db, pan))
    session = session_in(folder, stems_dir=tmp_path / "stems")
    assert session is not None
    (track,) = session.tracks
    assert read_audio(track.path).samples == pytest.approx(before, abs=ROUNDING)
    stood = pan_law.sounding(fader_db=fader_db, pan=pan, channels=channels)
    assert (track.fader_db, track.pan) == pytest.approx(tuple(stood))
    assert post_fader.TAKEN_OFF in session.warnings


def test_a_side_that_a_balance_shut_stays_silent(exported, tmp_path):
    before = noise(2)
    session = session_in(exported(("Keys", before, 0.0, -1.0)), stems_dir=tmp_path / "stems")
    assert session is not None
    left, right = read_audio(session.tracks[0].path).samples
    assert left == pytest.approx(before[0], abs=ROUNDING)
    assert not right.any()


def test_a_track_whose_fader_is_shut_is_left_out(exported, tmp_path):
    folder = exported(("Vox", noise(1), 0.0, 0.0), ("Shut", noise(1, 2), -200.0, 0.0))
    session = session_in(folder, stems_dir=tmp_path / "stems")
    assert session is not None
    assert [t.name for t in session.tracks] == ["Vox"]
    assert any(w.startswith("Shut was left out: its fader is shut") for w in session.warnings)
    with pytest.raises(SessionError):
        session_in(exported(("Shut", noise(1), -200.0, 0.0)), stems_dir=tmp_path / "stems")


def test_a_stem_that_is_gone_is_said_by_whoever_opens_it(exported, tmp_path):
    folder = exported(("Vox", noise(1), 0.0, 0.0), ("Gone", noise(1), 0.0, 0.0))
    (folder / "Gone.wav").unlink()
    session = session_in(folder, stems_dir=tmp_path / "stems")
    assert session is not None
    assert any("Gone.wav does not exist" in w for w in session.warnings)


def test_tracks_that_came_over_osc_are_read_from_beside_their_stems(exported, tmp_path):
    folder = exported(("Vox", noise(1), -6.0, 0.3), ("Keys", noise(2), 2.0, 0.0))
    sent = [
        Track(id=str(at), name="x", path=folder / f"{name}.wav")
        for at, name in ((1, "Vox"), (2, "Keys"))
    ]
    assert session_beside(sent, tmp_path / "stems") == session_in(
        folder, stems_dir=tmp_path / "stems"
    )
    assert session_beside(sent[:1], tmp_path / "stems") is None
    (folder / "session.json").unlink()
    assert session_beside(sent, tmp_path / "stems") is None
