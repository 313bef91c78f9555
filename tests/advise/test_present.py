"""A given mix tells the present faders, or says that it cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.advise import session_from_paths, stems_of
from ama_analysis.advise.engine import advise
from ama_analysis.advise.present import with_faders_of_mix
from ama_analysis.audio import Audio, in_memory, write_audio
from ama_analysis.render import Mixdown
from tests.signals import noise

FADERS_DB, PANS = {"bass": -9.0, "keys": 2.0, "vox": -4.0}, {"bass": 0.0, "keys": -0.5, "vox": 0.3}

CLIPPED_DB = 0.5
"""Of hard clipping, which is no gain over time, as much remains in the faders."""


@pytest.fixture
def session(tmp_path):
    for seed, name in enumerate(FADERS_DB):
        write_audio(tmp_path / f"{name}.wav", noise(seed=seed, duration_s=4.0, pink=True))
    return session_from_paths([tmp_path])


def mixed(session, path, change=lambda samples: samples):
    """Write the mix at the known faders and return the session that has it."""
    tracks = tuple(replace(t, fader_db=FADERS_DB[t.id], pan=PANS[t.id]) for t in session.tracks)
    known = replace(session, tracks=tracks)
    mix = in_memory(Mixdown(session=known, sound_of=stems_of(known)))
    write_audio(path, Audio(change(mix.samples), mix.sample_rate_hz))
    return replace(session, mix=path)


def test_a_session_without_a_mix_stays_as_it_is(session):
    assert with_faders_of_mix(session) is session


def test_the_plan_starts_from_the_faders_of_the_mix(session, tmp_path):
    plan = advise(mixed(session, tmp_path / "mix.wav"), target="pop")
    for track in plan.session.tracks:
        assert track.fader_db == pytest.approx(FADERS_DB[track.id], abs=0.1)
        assert track.pan == pytest.approx(PANS[track.id], abs=0.02)
    told = [w for w in plan.warnings if "read from mix.wav" in w]
    assert len(told) == 1
    assert "3 of 3 tracks, residual -" in told[0]


def test_a_limited_mix_is_read_with_its_error(session, tmp_path):
    """Peaks clipped by some 6 dB: the gain common to all is not taken for faders."""
    given = mixed(session, tmp_path / "mix.wav", lambda s: np.clip(2.0 * s, -0.5, 0.5))
    found = with_faders_of_mix(given)
    apart_db = [t.fader_db - FADERS_DB[t.id] for t in found.tracks]
    assert np.ptp(apart_db) < CLIPPED_DB
    assert np.median([t.fader_db for t in found.tracks]) == pytest.approx(0.0, abs=1e-6)
    assert "holds more than faders" in found.warnings[-1]


def test_a_mix_of_something_else_leaves_the_faders(session, tmp_path):
    write_audio(tmp_path / "mix.wav", noise(seed=77, duration_s=4.0, pink=True))
    found = with_faders_of_mix(replace(session, mix=tmp_path / "mix.wav"))
    assert found.tracks == session.tracks
    assert "is no mix of them" in found.warnings[-1]


def test_a_broken_stem_leaves_the_faders_and_says_why(session, tmp_path):
    import soundfile

    bad = noise(duration_s=4.0).samples.copy()
    bad[0, 100_000] = np.nan
    given = mixed(session, tmp_path / "mix.wav")
    soundfile.write(tmp_path / "vox.wav", bad.T, 48_000, subtype="FLOAT")
    found = with_faders_of_mix(given)
    assert found.tracks == session.tracks
    assert "could not be read from mix.wav" in found.warnings[-1]


def test_what_the_mix_lacks_is_muted_and_what_is_upside_down_is_told(session, tmp_path):
    given = mixed(session, tmp_path / "mix.wav", lambda samples: -samples)
    write_audio(tmp_path / "extra.wav", noise(seed=9, duration_s=4.0, pink=True))
    found = with_faders_of_mix(replace(session_from_paths([tmp_path]), mix=given.mix))
    assert [t.id for t in found.tracks if t.muted] == ["extra"]
    assert "Not in the mix, taken as muted: extra." in found.warnings[-1]
    assert "Upside down in the mix: bass, keys, vox." in found.warnings[-1]
