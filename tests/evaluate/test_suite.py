"""Reading a suite: the documented format, and a sentence for each thing that is wrong with one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ama_analysis.audio import read_audio
from ama_analysis.errors import AudioFileError, SessionError
from ama_analysis.evaluate.balance import Strip
from ama_analysis.evaluate.job import Job, answer_from_json, job_from_json
from ama_analysis.evaluate.material import loudness_of_tracks, mix_file, plain_stems, printed_stems
from ama_analysis.evaluate.runs import fader_rows
from ama_analysis.evaluate.suite import load_suite, read_session, references_of
from ama_analysis.evaluate.units import Unit, fader_units, match_units
from tests.evaluate.conftest import DURATION_S, HUMAN, RATE_HZ, human_sum, made_stems
from tests.real_data import SESSIONS, needs_real_data

SAMPLE = 1e-6
"""Sums of float32 in another order."""
ROUNDING = 10.0 ** (-78.0 / 20.0)
"""The stored mixes have 16 bits; the README of that data tells residuals below -80 dB."""


def test_a_suite_gives_its_sessions_by_name(suite: Path) -> None:
    first, second = load_suite(suite)
    assert [first.name, second.name] == ["first", "second"]
    assert {t.id: Strip(gain_db=t.gain_db, pan=t.pan) for t in first.tracks} == HUMAN
    assert (first.mix, second.mix) == (suite / "first" / "mix.wav", None)
    assert [s.name for s in load_suite(suite, ["second"])] == ["second"]
    assert [s.name for s in load_suite(suite / "first")] == ["first"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda d: d.pop("tracks"), "tracks"),
        (lambda d: d["tracks"].clear(), "no tracks"),
        (lambda d: d["tracks"][0].pop("gain_db"), "gain_db"),
        (lambda d: d["tracks"][0].update(pan=1.5), "1.5"),
        (lambda d: d["tracks"][0].update(gain_db="loud"), "gain_db is not a number"),
        (lambda d: d["tracks"][1].update(gain_db=1e9), r"tracks\[1\].gain_db is 1000000000.0"),
        (lambda d: d.update(tracks=5), "tracks is not a list"),
        (lambda d: d.update(tracks=[5]), r"tracks\[0\] is not an object"),
        (lambda d: d.update(mix="mix.wav"), "mix is not an object"),
        (lambda d: d["tracks"][0].update(file="gone.wav"), "gone.wav"),
        (lambda d: d["mix"].update(file="lost.wav"), "lost.wav"),
    ],
)
def test_a_document_that_says_too_little_is_named(
    suite: Path, tmp_path: Path, change: Callable[[Any], None], word: str
) -> None:
    folder = tmp_path / "odd"
    shutil.copytree(suite / "first", folder)
    document = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    change(document)
    (folder / "session.json").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises((SessionError, AudioFileError), match=word):
        read_session(folder)


def test_a_folder_without_sessions_and_a_name_it_does_not_have_are_refused(
    suite: Path, tmp_path: Path
) -> None:
    with pytest.raises(SessionError, match=r"session\.json"):
        load_suite(tmp_path)
    with pytest.raises(SessionError, match="third"):
        load_suite(suite, ["third"])


def test_references_are_files_and_what_lies_in_folders(song: Path, tmp_path: Path) -> None:
    assert references_of([song.parent, song]) == (song,)
    with pytest.raises(AudioFileError, match="nowhere"):
        references_of([tmp_path / "nowhere.wav"])
    with pytest.raises(AudioFileError, match="holds no sound files"):
        references_of([tmp_path])


def test_a_mix_that_has_no_file_is_summed_from_gains_and_pans(suite: Path, tmp_path: Path) -> None:
    _, second = load_suite(suite)
    summed = read_audio(mix_file(second, tmp_path))
    expected = human_sum(made_stems(2))
    assert np.max(np.abs(summed.samples - expected.samples)) < SAMPLE


def test_stems_that_can_be_read_as_they_are_are_not_copied(suite: Path, tmp_path: Path) -> None:
    first, _ = load_suite(suite)
    stems = plain_stems(first, tmp_path)
    assert [stem.path.parent for stem in stems] == [suite / "first"] * 2
    assert list(tmp_path.iterdir()) == []


def test_a_strip_is_printed_into_a_stem_and_its_span(suite: Path, tmp_path: Path) -> None:
    first, _ = load_suite(suite)
    strips = {"drums": Strip(gain_db=6.0, pan=-0.5), "pad": Strip(gain_db=0.0, pan=0.0)}
    stems = {s.id: s for s in printed_stems(first, strips, tmp_path, (1.0, 2.0))}
    drums, pad = (read_audio(stems[name].path) for name in ("drums", "pad"))
    plain = made_stems(1)
    part = slice(RATE_HZ, 2 * RATE_HZ)
    left, right = strips["drums"].factors()
    expected = plain["drums"].samples[:, part] * np.array([[left], [right]], np.float32)
    assert np.max(np.abs(drums.samples - expected)) < SAMPLE
    assert np.max(np.abs(pad.samples - plain["pad"].samples[:, part])) < SAMPLE


def test_units_cover_every_session_reference_seed_and_kind(suite: Path, song: Path) -> None:
    sessions = load_suite(suite)
    assert [len(unit.aims) for unit in match_units(sessions, [song])] == [1, 1]
    units = fader_units(sessions, [song], seeds=2, scrambled="audio")
    told = [(u.session.name, u.seed, u.half, [a.kind for a in u.aims]) for u in units]
    assert told[:2] == [
        ("first", 0, None, ["same section", "another song"]),
        ("first", 0, 0, ["another section"]),
    ]
    assert told[3] == ("first", 1, 1, ["another section"])
    assert len(units) == 8


def test_halves_do_not_overlap(suite: Path, tmp_path: Path) -> None:
    first, _ = load_suite(suite)
    half = fader_units([first], [], seeds=1, scrambled="audio")[1]
    reference = read_audio(half.reference(half.aims[0], tmp_path))
    whole = human_sum(made_stems(1))
    assert reference.frames == whole.frames // 2
    assert np.max(np.abs(reference.samples - whole.samples[:, whole.frames // 2 :])) < SAMPLE
    stem = read_audio(half.stems(tmp_path)[0].path)
    assert stem.frames == pytest.approx(DURATION_S / 2.0 * RATE_HZ, abs=1)


def test_the_scramble_is_in_the_audio_or_in_the_faders(suite: Path, tmp_path: Path) -> None:
    first, _ = load_suite(suite)
    unit = fader_units([first], [], seeds=1, scrambled="faders")[0]
    stems = {stem.id: stem for stem in unit.stems(tmp_path)}
    drums = read_audio(stems["drums"].path)
    assert np.max(np.abs(drums.samples - made_stems(1)["drums"].samples)) < SAMPLE
    assert stems["drums"].strip.gain_db != HUMAN["drums"].gain_db
    printed = fader_units([first], [], seeds=1, scrambled="audio")[0]
    assert {s.strip for s in printed.stems(tmp_path)} == {Strip(gain_db=0.0, pan=0.0)}
    moved = printed.printed["drums"].gain_db
    told = stems["drums"].strip.gain_db - HUMAN["drums"].gain_db
    assert told == pytest.approx(moved, abs=1e-9)


def test_a_track_that_is_silent_in_a_span_is_not_heard_there(suite: Path, tmp_path: Path) -> None:
    from ama_analysis.audio import Audio, write_audio

    folder = tmp_path / "late"
    shutil.copytree(suite / "first", folder)
    drums = made_stems(1)["drums"].samples.copy()
    drums[:, : drums.shape[1] // 2] = 0.0
    write_audio(folder / "drums.wav", Audio(drums, RATE_HZ), subtype="FLOAT")
    late = read_session(folder)
    assert set(loudness_of_tracks(late, (0.0, DURATION_S / 2.0))) == {"pad"}
    assert set(loudness_of_tracks(late)) == {"drums", "pad"}
    whole, first, second = (
        Unit(task="faders", session=late, aims=(), seed=0, half=half) for half in (None, 0, 1)
    )
    assert whole.heard() == whole.heard_there() == {"drums", "pad"}
    assert first.heard() == first.heard_there() == {"pad"}
    assert second.heard() == {"drums", "pad"}
    assert second.heard_there() == {"pad"}, "the drums do not play in the first half"


def test_faders_of_tracks_that_the_reference_does_not_hold_are_counted_apart(
    suite: Path, tmp_path: Path
) -> None:
    from dataclasses import replace

    first = load_suite(suite)[0]
    faint = tuple(
        replace(t, gain_db=t.gain_db - 80.0) if t.id == "drums" else t for t in first.tracks
    )
    unit = Unit(task="faders", session=replace(first, tracks=faint), aims=(), seed=0, half=0)
    rows = fader_rows(unit, dict.fromkeys(unit.human, Strip(gain_db=0.0, pan=0.0)))
    assert rows["fader_there_db"] == 0.0, "one track is right by itself"
    assert rows["fader_db"] == rows["fader_all_db"] > 30.0


def test_jobs_survive_their_document(suite: Path, tmp_path: Path) -> None:
    first, _ = load_suite(suite)
    job = Job(
        system="rules",
        session="first",
        stems=plain_stems(first, tmp_path),
        references=(tmp_path / "song.wav",),
        out=None,
    )
    assert job_from_json(json.loads(json.dumps(job.to_json()))) == job
    answer = answer_from_json({"strips": None, "moves": None, "peak_mb": 1.0}, wall_s=2.0)
    assert (answer.wall_s, answer.unavailable) == (2.0, "")


@needs_real_data
def test_the_real_suite_has_the_documented_format(tmp_path: Path) -> None:
    sessions = load_suite(SESSIONS)
    assert len(sessions) >= 10
    (session,) = load_suite(SESSIONS, ["lmms_makeme"])
    assert session.mix is not None
    stored = read_audio(session.mix).samples
    unmixed = type(session)(
        name=session.name, folder=session.folder, tracks=session.tracks, mix=None
    )
    summed = read_audio(mix_file(unmixed, tmp_path)).samples[:, : stored.shape[1]]
    gain = float(np.sum(summed * stored) / np.sum(summed * summed))
    apart = float(np.sqrt(np.mean((gain * summed - stored) ** 2) / np.mean(stored**2)))
    assert apart < ROUNDING
