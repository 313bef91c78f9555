"""Which files make a session, and what is said of those that do not."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from ama_analysis.advise import complete_session, session_from_paths, stems_of
from ama_analysis.audio import write_audio
from ama_analysis.errors import AmaError, AudioFileError, SessionError
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


def exported(folder, **changed):
    """Write a session.json beside the stems of `folder` and return what it holds."""
    document = {
        "schema": "ama.session/1",
        "daw": "ardour",
        "daw_version": "7.3.0",
        "name": "Night drive",
        "sample_rate_hz": 44_100,
        "bounced": "post_effects",
        "tracks": [
            {
                "id": "121",
                "name": "Lead Vox",
                "stem": "vox lead.aiff",
                "fader_db": -3.25,
                "pan": 0.5,
                "muted": False,
                "channels": 2,
                "group": "Voices",
                "plugins": [
                    {"name": "ACE EQ", "uri": "urn:ardour:a-eq", "enabled": True},
                    {"name": "ACE Compressor", "uri": "urn:ardour:a-comp", "enabled": False},
                ],
            },
            {"id": "189", "name": "Kit", "stem": "Drums.flac", "muted": True},
        ],
        "left_out": [{"name": "Drum bus", "reason": "busses cannot be bounced"}],
        "mix": None,
    } | changed
    (folder / "session.json").write_text(json.dumps(document), encoding="utf-8")
    return document


def test_a_session_json_says_which_tracks_there_are_and_how_they_stand(folder):
    exported(folder)
    session = session_from_paths([folder])
    vox, kit = session.tracks
    assert session.name == "Night drive"
    assert (vox.id, vox.name, vox.role) == ("121", "Lead Vox", "lead vocal")
    assert (vox.fader_db, vox.pan, vox.muted) == (-3.25, 0.5, False)
    assert vox.path == folder / "vox lead.aiff"
    assert vox.plugins == ("ACE EQ",)
    assert (kit.id, kit.fader_db, kit.pan, kit.muted) == ("189", 0.0, 0.0, True)
    assert "Drum bus was left out: busses cannot be bounced." in session.warnings


def test_stems_of_a_session_json_may_lie_elsewhere(folder, tmp_path):
    there = write_tone(tmp_path / "elsewhere.wav", duration_s=2.0)
    exported(folder, tracks=[{"id": "1", "name": "A", "stem": str(there)}])
    assert session_from_paths([folder]).duration_s == pytest.approx(2.0)


def test_stems_after_the_fader_count_as_unity_and_the_reader_is_told(folder):
    exported(folder, bounced="post_fader")
    session = session_from_paths([folder])
    assert {(t.fader_db, t.pan) for t in session.tracks} == {(0.0, 0.0)}
    assert any("on top of where the fader stands" in w for w in session.warnings)


def test_stems_before_effects_that_are_on_are_told(folder):
    exported(folder, bounced="raw")
    warnings = session_from_paths([folder]).warnings
    assert any("before the effects of Lead Vox." in w for w in warnings)


def test_the_mix_that_was_exported_along_is_used_unless_another_is_named(folder, tmp_path):
    exported(folder, mix="mix.wav")
    other = write_tone(tmp_path / "other.wav")
    assert session_from_paths([folder]).mix == folder / "mix.wav"
    assert session_from_paths([folder], mix=other).mix == other
    exported(folder, mix="gone.wav")
    session = session_from_paths([folder])
    assert session.mix is None
    assert any("gone.wav" in w for w in session.warnings)


@pytest.mark.parametrize("shut", [float("-inf"), None, "-inf", -1000])
def test_a_shut_fader_is_as_low_as_faders_go(folder, shut):
    exported(folder, tracks=[{"id": "1", "name": "A", "stem": "bass.wav", "fader_db": shut}])
    assert session_from_paths([folder]).tracks[0].fader_db == -200.0


def test_a_stem_that_was_not_exported_is_left_out_with_a_warning(folder):
    tracks = [
        {"id": "1", "name": "A", "stem": "bass.wav"},
        {"id": "2", "name": "B", "stem": "b.wav"},
    ]
    exported(folder, tracks=tracks)
    session = session_from_paths([folder])
    assert [t.id for t in session.tracks] == ["1"]
    assert any("Track 2 was left out" in w for w in session.warnings)


def test_keys_that_are_not_known_are_passed_over(folder):
    document = exported(folder)
    track = document["tracks"][0] | {"colour": 12, "plugins": [{"name": "X", "preset": "loud"}]}
    exported(folder, tracks=[track], exported_at="today")
    assert session_from_paths([folder]).tracks[0].plugins == ("X",)


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "kept by hand", "tracks": 7}',
        '{"schema": "ama.session/2", "tracks": []}',
        "[]",
        "7",
        "null",
    ],
)
def test_a_session_json_of_another_kind_is_passed_over(folder, text):
    (folder / "session.json").write_text(text)
    assert [t.id for t in session_from_paths([folder]).tracks] == ["Drums", "bass", "vox lead"]


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"tracks": "no"}, "tracks is not an array"),
        ({"tracks": [7]}, r"tracks\[0\] is not an object"),
        ({"tracks": [{"name": "A", "stem": "bass.wav"}]}, r"tracks\[0\].id is missing"),
        ({"tracks": [{"id": 5, "name": "A", "stem": "bass.wav"}]}, r"tracks\[0\].id is 5"),
        ({"tracks": [{"id": "1", "name": "A", "stem": "bass.wav", "pan": 3}]}, "has pan 3"),
        ({"tracks": [{"id": "1", "name": "A", "stem": "bass.wav", "fader_db": 99}]}, "99.0 dB"),
        ({"tracks": [{"id": "", "name": "A", "stem": "bass.wav"}]}, "has no id"),
        ({"tracks": [{"id": "master", "name": "A", "stem": "bass.wav"}]}, "'master'"),
        ({"bounced": "sideways"}, "bounced is 'sideways'"),
        ({"sample_rate_hz": 3}, "sample rate is 3 Hz"),
        ({"tracks": []}, "no tracks"),
        ({"left_out": [{"name": "A"}]}, r"left_out\[0\].reason is missing"),
    ],
)
def test_what_is_wrong_with_a_session_json_is_said_in_a_sentence(folder, changed, complaint):
    exported(folder, **changed)
    with pytest.raises(SessionError, match=complaint) as caught:
        session_from_paths([folder])
    assert "\n" not in caught.value.sentence()


def test_two_exported_tracks_of_one_id_are_an_error(folder):
    track = {"id": "1", "name": "A", "stem": "bass.wav"}
    exported(folder, tracks=[track, track])
    with pytest.raises(SessionError, match="Two tracks have the id '1'"):
        session_from_paths([folder])


@pytest.mark.parametrize("data", [b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_session_json_that_is_no_json_is_an_error(folder, data):
    (folder / "session.json").write_bytes(data)
    with pytest.raises(SessionError, match="not valid JSON"):
        session_from_paths([folder])


def test_a_session_json_that_is_damaged_anywhere_is_a_sentence_or_a_session(folder):
    text = json.dumps(exported(folder))
    rng = np.random.default_rng(4)
    outcomes = set()
    for _ in range(400):
        at, span = int(rng.integers(len(text))), int(rng.integers(1, 12))
        junk = "".join(chr(c) for c in rng.integers(32, 127, span))
        damaged = text[:at] + junk + text[at + span :]
        (folder / "session.json").write_text(damaged, encoding="utf-8")
        try:
            session_from_paths([folder])
            outcomes.add("read")
        except AmaError as error:
            outcomes.add("a sentence" if "\n" not in error.sentence() else repr(error))
    assert outcomes == {"read", "a sentence"}
