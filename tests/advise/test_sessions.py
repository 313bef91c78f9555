"""Which files make a session, and what is said of those that do not."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from ama_analysis.advise import complete_session, session_from_paths, stems_of
from ama_analysis.errors import AudioFileError, SessionError
from ama_analysis.reference import Reference
from ama_analysis.session import track_of
from tests.advise.conftest import write_tone
from tests.real_data import SESSIONS, needs_real_data


def test_a_folder_means_its_sound_files_but_the_mix(folder):
    session = session_from_paths([folder])
    assert [t.id for t in session.tracks] == ["Drums", "bass", "vox lead"]
    assert [t.name for t in session.tracks] == ["Drums", "bass", "vox lead"]
    assert session.name == "song"
    assert session.sample_rate_hz == 44_100
    assert session.duration_s == pytest.approx(1.0)


def test_a_master_in_the_folder_is_left_out_and_said_so(folder):
    assert any("master.wav" in w for w in session_from_paths([folder]).warnings)


def test_a_songs_title_before_every_name_is_no_role(tmp_path):
    for name in ("Kick", "Vox", "Thing 7"):
        write_tone(tmp_path / f"Bass Desires - {name}.wav")
    session = session_from_paths([tmp_path])
    roles = {track.name.removeprefix("Bass Desires - "): track.role for track in session.tracks}
    assert roles == {"Kick": "kick", "Vox": "lead vocal", "Thing 7": "other"}


def test_what_is_for_the_players_is_left_out_and_said_so(folder):
    for name in ("01 Click.wav", "Talkback.flac", "click perc.wav"):
        write_tone(folder / name)
    session = session_from_paths([folder])
    assert [t.id for t in session.tracks] == ["Drums", "bass", "click perc", "vox lead"]
    assert sum("for those who play" in warning for warning in session.warnings) == 2


def test_files_named_are_taken_as_they_are(folder):
    session = session_from_paths([folder / "bass.wav", folder / "mix.wav", folder / "master.wav"])
    assert [t.id for t in session.tracks] == ["bass", "mix", "master_track"]


def test_two_stems_of_one_name_get_two_ids(folder, tmp_path):
    other = write_tone(tmp_path / "bass.flac")
    session = session_from_paths([folder / "bass.wav", other])
    assert [(t.id, t.name) for t in session.tracks] == [("bass", "bass"), ("bass-2", "bass-2")]


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
    (empty / "Stems").mkdir()
    write_tone(empty / "Stems" / "bass.wav")
    with pytest.raises(SessionError) as found:
        session_from_paths([empty])
    assert "There are sounds in its folder Stems: name that." in found.value.sentence()
    with pytest.raises(SessionError, match=r"does not exist"):
        session_from_paths([tmp_path / "gone.wav"])


def test_a_reference_that_cannot_be_read_is_an_error(folder):
    with pytest.raises(AudioFileError, match=r"gone\.wav does not exist"):
        session_from_paths([folder], references=[Reference(path=folder / "gone.wav")])


def test_a_file_that_is_the_mix_or_a_reference_is_no_stem(folder):
    everything = sorted(folder.glob("*.*a*"))  # what a shell makes of song/*
    reference = Reference(path=folder / "Drums.flac", start_s=0.0)
    session = session_from_paths(everything, mix=folder / "mix.wav", references=[reference])
    assert [t.id for t in session.tracks] == ["Mix", "bass", "master_track", "vox lead"]
    assert "mix.wav is the mix, so it does not count as a stem." in session.warnings
    assert "Drums.flac is a reference, so it does not count as a stem." in session.warnings
    alone = session_from_paths([folder / "bass.wav"], mix=folder / "bass.wav")
    assert [t.id for t in alone.tracks] == ["bass"]


def as_reference(folder, stems):
    session = session_from_paths([stems], references=[Reference(path=folder)])
    return [reference.path.name for reference in session.references], session.warnings


def test_a_folder_of_songs_is_each_of_them(folder, tmp_path):
    songs = tmp_path / "like these"
    songs.mkdir()
    for name, duration_s in (("Sunday.wav", 1.0), ("On the run.flac", 1.5), ("Deep Bass.wav", 2.0)):
        write_tone(songs / name, duration_s=duration_s)
    (songs / "cover.jpg").write_bytes(b"")
    names, warnings = as_reference(songs, folder)
    assert names == ["Deep Bass.wav", "On the run.flac", "Sunday.wav"]
    assert any("like these is taken as a folder of songs" in warning for warning in warnings)
    (songs / "broken.wav").write_text("no")
    with pytest.raises(AudioFileError, match=r"broken\.wav"):
        as_reference(songs, folder)


@pytest.mark.parametrize(
    ("names", "lengths_s", "beside"),
    [
        (("bass", "drums", "x"), (1.0, 1.5, 2.0), None),  # names tell roles
        (("a", "b", "c"), (1.0, 1.05, 2.0), None),  # two end together
        (("a", "b", "mix"), (1.0, 1.5, 2.0), None),
        (("a", "b"), (1.0, 1.5), "session.json"),
    ],
)
def test_a_folder_of_stems_is_one_reference(folder, tmp_path, names, lengths_s, beside):
    stems = tmp_path / "stems"
    stems.mkdir()
    for name, duration_s in zip(names, lengths_s, strict=True):
        write_tone(stems / f"{name}.wav", duration_s=duration_s)
    if beside:
        (stems / beside).write_text("{}")
    assert as_reference(stems, folder) == (["stems"], session_from_paths([folder]).warnings)


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
