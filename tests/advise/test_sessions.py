"""Which files make a session, and what is said of those that do not."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from ama_analysis.advise import complete_session, session_from_paths, stems_of
from ama_analysis.audio import write_audio
from ama_analysis.errors import AudioFileError, SessionError
from ama_analysis.reference import Reference
from ama_analysis.session import track_of
from tests.real_data import SESSIONS, needs_real_data
from tests.signals import sine


def write_tone(path, *, sample_rate_hz=44_100, duration_s=1.0, channels=2):
    write_audio(
        path,
        sine(220, duration_s=duration_s, sample_rate_hz=sample_rate_hz, channels=channels),
        subtype="PCM_16",
    )
    return path


@pytest.fixture
def folder(tmp_path):
    stems = tmp_path / "song"
    stems.mkdir()
    for name in ("bass.wav", "Drums.flac", "vox lead.aiff", "mix.wav", "Mix.flac", "master.wav"):
        write_tone(stems / name)
    (stems / "notes.txt").write_text("call the drummer")
    (stems / ".hidden.wav").write_bytes(b"")
    return stems


def test_a_folder_means_its_sound_files_but_the_mix(folder):
    session = session_from_paths([folder])
    assert [t.id for t in session.tracks] == ["Drums", "bass", "vox lead"]
    assert [t.name for t in session.tracks] == ["Drums", "bass", "vox lead"]
    assert session.name == "song"
    assert session.sample_rate_hz == 44_100
    assert session.duration_s == pytest.approx(1.0)


def test_a_master_in_the_folder_is_left_out_and_said_so(folder):
    assert any("master.wav" in w for w in session_from_paths([folder]).warnings)


def test_files_named_are_taken_as_they_are(folder):
    session = session_from_paths([folder / "bass.wav", folder / "mix.wav", folder / "master.wav"])
    assert [t.id for t in session.tracks] == ["bass", "mix", "master_track"]


def test_two_stems_of_one_name_get_two_ids(folder, tmp_path):
    other = write_tone(tmp_path / "bass.flac")
    session = session_from_paths([folder / "bass.wav", other])
    assert [t.id for t in session.tracks] == ["bass", "bass-2"]


def test_a_stem_named_twice_counts_once(folder):
    assert len(session_from_paths([folder / "bass.wav", folder / "bass.wav"]).tracks) == 1


def test_a_bad_stem_becomes_a_warning_and_the_others_go_on(folder):
    (folder / "bad.wav").write_text("no")
    session = session_from_paths([folder])
    assert "bad" not in {t.id for t in session.tracks}
    assert any("bad.wav" in w and "left out" in w for w in session.warnings)


def test_no_usable_stem_is_an_error_that_says_why(tmp_path):
    (tmp_path / "bad.wav").write_text("no")
    with pytest.raises(SessionError, match=r"bad\.wav"):
        session_from_paths([tmp_path])
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(SessionError, match=r"holds no stems"):
        session_from_paths([empty])
    with pytest.raises(SessionError, match=r"does not exist"):
        session_from_paths([tmp_path / "gone.wav"])


def test_a_reference_that_cannot_be_read_is_an_error(folder):
    with pytest.raises(AudioFileError, match=r"gone\.wav does not exist"):
        session_from_paths([folder], references=[Reference(path=folder / "gone.wav")])


def test_the_rate_is_the_one_that_most_stems_have(tmp_path):
    for name, rate in (("a", 48_000), ("b", 48_000), ("c", 44_100)):
        write_tone(tmp_path / f"{name}.wav", sample_rate_hz=rate, duration_s=1 + (name == "c"))
    session = session_from_paths([tmp_path])
    assert session.sample_rate_hz == 48_000
    assert session.duration_s == pytest.approx(2.0)
    assert any("Resampled to 48000 Hz: c." in w for w in session.warnings)
    sounds = {t.id: stems_of(session)(t) for t in session.tracks}
    assert {s.sample_rate_hz for s in sounds.values()} == {48_000}
    assert sounds["c"].frames == 96_000


def test_the_daw_may_say_the_rate(tmp_path):
    track = track_of(write_tone(tmp_path / "a.wav"))
    assert complete_session("s", [track], sample_rate_hz=96_000).sample_rate_hz == 96_000


def test_mono_and_stereo_stems_live_in_one_session(tmp_path):
    write_tone(tmp_path / "a.wav", channels=1)
    write_tone(tmp_path / "b.wav")
    soundfile.write(tmp_path / "c.wav", np.zeros((100, 4)), 44_100)
    session = session_from_paths([tmp_path])
    assert [t.id for t in session.tracks] == ["a", "b"]
    assert any("4 channels" in w for w in session.warnings)


@needs_real_data
@pytest.mark.parametrize("name", sorted(p.name for p in SESSIONS.glob("*")))
def test_every_real_session_is_understood(name):
    session = session_from_paths([SESSIONS / name])
    assert len(session.tracks) >= 2
    assert session.duration_s > 5
