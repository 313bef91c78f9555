"""A session.json beside the stems: what it says counts, and what is wrong with it is told."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ama_analysis.advise import session_from_paths
from ama_analysis.errors import AmaError, SessionError
from tests.advise.conftest import write_tone


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


def test_what_follows_automation_is_told(folder):
    moving = {"id": "1", "name": "Synth", "stem": "bass.wav", "automated": ["fader"]}
    exported(folder, tracks=[moving, {"id": "2", "name": "Bass", "stem": "bass.wav"}])
    told = "The fader of Synth follows automation: it counts as it stood at the export, and AMA leaves it alone."
    session = session_from_paths([folder])
    assert told in session.warnings
    assert [track.automated for track in session.tracks] == [("fader",), ()]
    exported(folder, tracks=[moving], bounced="post_fader")
    session = session_from_paths([folder])
    assert "The fader of Synth follows automation: AMA leaves it alone." in session.warnings
    assert [track.automated for track in session.tracks] == [("fader",)]


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
    assert any("Track B was left out" in w for w in session.warnings)


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
def test_a_session_json_of_another_kind_is_passed_over_with_a_word(folder, text):
    (folder / "session.json").write_text(text)
    session = session_from_paths([folder])
    assert [t.id for t in session.tracks] == ["Drums", "bass", "vox lead"]
    assert "session.json is not ama.session/1 and was passed over." in session.warnings


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
