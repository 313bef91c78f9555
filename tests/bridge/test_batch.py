"""`ama batch`: a folder of sessions on this machine. The same on a real Dask cluster stands in test_batch_cluster.py."""

from __future__ import annotations

import json
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.crew import Crew
from ama_analysis.errors import SessionError, WorkError
from ama_analysis.progress import silent
from ama_analysis.reference import Reference
from ama_bridge import cli
from ama_bridge.batch import Tally, code, local, name_of, sessions_in
from ama_bridge.batch.session_work import done
from ama_bridge.offline import measure_files, read_plan
from tests.bridge.batches import (
    FILES,
    TIMEOUT_S,
    begun,
    job_of,
    rows_in,
    states_in,
    write_long,
    write_sessions,
)
from tests.bridge.processes import posix_only
from tests.bridge.stems import write_song
from tests.daw.reaper.made_projects import MadeItem, MadeProject, MadeTrack

SAME_LEVEL_DB = 0.1
"""Two files that were brought to one loudness; both are measured from 24-bit samples."""


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sessions(tmp_path_factory.mktemp("sessions"))


@pytest.fixture(scope="module")
def made(sessions: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a batch of the two sessions wrote."""
    out = tmp_path_factory.mktemp("made")
    assert cli.main(["batch", str(sessions), "--out", str(out), "--target", "pop"]) == 0
    return out


@pytest.fixture
def own(sessions: Path, made: Path, tmp_path: Path) -> tuple[Path, Path]:
    """The sessions and what was made of them, to be changed by a test."""
    folder, out = tmp_path / "sessions", tmp_path / "out"
    shutil.copytree(sessions, folder)
    shutil.copytree(made, out)
    return folder, out


def lufs_of(path: Path) -> float:
    ((_, figures),) = measure_files([path], on_progress=silent).files
    assert figures.loudness.integrated_lufs is not None
    return figures.loudness.integrated_lufs


def test_each_session_gets_the_plan_that_suggest_makes(
    ama: Any, sessions: Path, made: Path, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        alone = tmp_path / f"{name}.json"
        assert ama("suggest", sessions / name, "--target", "pop", "--out", alone).code == 0
        assert (made / name / "plan.json").read_bytes() == alone.read_bytes()


def test_each_session_gets_both_mixes_presets_and_a_picture(made: Path) -> None:
    for name, tracks in (("first", {"kick", "bass", "hats"}), ("second", {"kick", "bass"})):
        there = {path.name for path in (made / name).iterdir()}
        assert there == {*FILES, "presets"}
        assert {p.stem for p in (made / name / "presets").iterdir()} == {*tracks, "master"}
        assert (made / name / "tonal_balance.png").read_bytes().startswith(b"\x89PNG")
    assert not [path for path in made.iterdir() if path.name.startswith(".")]


def test_the_summary_says_what_the_files_hold(made: Path) -> None:
    document = json.loads((made / "summary.json").read_text())
    assert document["schema"] == "ama.batch/1"
    rows = rows_in(made)
    assert list(rows) == [one["session"] for one in document["sessions"]] == ["first", "second"]
    for one in document["sessions"]:
        plan = read_plan(made / one["session"] / "plan.json")
        assert plan.verification is not None
        assert one["figures"]["distance_after"] == plan.verification.after
        row = rows[one["session"]]
        assert float(row["distance_before"]) == pytest.approx(plan.verification.before, abs=6e-4)
        heard_lufs = lufs_of(made / one["session"] / "after.wav")
        assert float(row["integrated_lufs_after"]) == pytest.approx(heard_lufs, abs=0.02)
    assert (made / "summary.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_there_and_unchanged_is_left_alone(ama: Any, own: tuple[Path, Path]) -> None:
    folder, out = own
    arguments = ("batch", folder, "--out", out, "--target", "pop")
    assert ama(*arguments).code == 0  # the folders have moved, so all is made anew
    assert states_in(out) == {"first": "done", "second": "done"}
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*/*")}
    ran = ama(*arguments, "--json")
    assert {one["state"] for one in ran.document["sessions"]} == {"kept"}
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*/*")} == before
    assert ran.document == json.loads((out / "summary.json").read_text())
    (folder / "second" / "bass.wav").unlink()
    (out / "first" / "after.wav").unlink()
    assert ama(*arguments).code == 0
    assert states_in(out) == {"first": "done", "second": "done"}
    assert (out / "first" / "after.wav").is_file()
    assert not (out / "second" / "presets" / "bass.json").exists()
    write_song(folder / "third")
    assert ama(*arguments).code == 0
    assert states_in(out) == {"first": "kept", "second": "kept", "third": "done"}


def test_what_is_wanted_otherwise_is_made_anew(ama: Any, sessions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["batch", sessions / "second", "--out", out, "--no-render"]
    assert ama(*arguments).code == 0
    assert ama(*arguments).err.endswith("(as it was)\n")
    for option in (("--lock", "kick"), ("--engine", "rules"), ("--fresh",)):
        arguments += option
        assert ama(*arguments).code == 0
        assert states_in(out) == {"second": "done"}, option


def test_a_session_that_fails_does_not_stop_the_others(
    ama: Any, sessions: Path, tmp_path: Path
) -> None:
    folder, out = tmp_path / "sessions", tmp_path / "out"
    shutil.copytree(sessions / "second", folder / "b_good")
    (folder / "a_bad").mkdir()
    (folder / "a_bad" / "kick.wav").write_text("no sound")
    ran = ama("batch", folder, "--out", out, "--no-render")
    assert ran.code == 1
    assert states_in(out) == {"a_bad": "failed", "b_good": "done"}
    (said,) = [line for line in ran.err.splitlines() if line.startswith("ama: a_bad: ")]
    assert "kick.wav" in said
    assert "[AMA-201]" in said
    row = rows_in(out)["a_bad"]
    assert row["error"] in said
    assert not (out / "a_bad").exists()
    assert "Traceback" not in ran.err
    assert not (out / "b_good" / "after.wav").exists()


def test_an_error_that_nobody_foresaw_is_one_sessions_own(
    sessions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("no one knew")

    monkeypatch.setattr("ama_bridge.offline.suggest_for_files", fail)
    outcome = done(job_of(sessions / "first", tmp_path / "first"), silent)
    assert (outcome.state, outcome.code) == ("failed", "AMA-999")
    assert "no one knew" in outcome.error
    assert list(tmp_path.iterdir()) == []


class _Dying(Crew):
    """A crew whose processes end before their work is done."""

    def do(self, work: Any, on_progress: Any) -> Any:
        message = "A process that worked for AMA ended before its work was done."
        raise WorkError(message)


def test_a_process_that_dies_takes_only_its_session_along(sessions: Path, tmp_path: Path) -> None:
    outcome = local.apart(_Dying(0), job_of(sessions / "first", tmp_path / "first"), silent)
    assert (outcome.state, outcome.session) == ("failed", "first")
    assert "ended before its work was done" in outcome.error


def test_another_version_refuses_the_work(sessions: Path, tmp_path: Path) -> None:
    job = replace(job_of(sessions / "first", tmp_path / "first"), code="0.0.9 (0123abcd)")
    outcome = done(job, silent)
    assert outcome.state == "failed"
    assert "0.0.9 (0123abcd)" in outcome.error
    assert code() in outcome.error


@pytest.mark.parametrize("missing", ["folder", "out"])
def test_a_path_that_a_machine_does_not_see_is_that_sessions_sentence(
    sessions: Path, tmp_path: Path, missing: str
) -> None:
    job = job_of(sessions / "first", tmp_path / "first")
    elsewhere = tmp_path / "elsewhere" / "first"
    job = replace(job, folder=elsewhere) if missing == "folder" else replace(job, out=elsewhere)
    outcome = done(job, silent)
    assert (outcome.state, outcome.code) == ("failed", "AMA-101")
    assert "must see it under this name" in outcome.error
    assert list(tmp_path.iterdir()) == []


def test_two_at_a_time_make_the_same_plans(
    ama: Any, sessions: Path, made: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    arguments = ("batch", sessions, "--out", out, "--target", "pop", "--jobs", "2")
    ran = ama(*arguments)
    assert ran.code == 0
    assert "2 done" in ran.out
    for name in ("first", "second"):
        for file in ("plan.json", "settings.txt", "before.wav", "after.wav"):
            assert (out / name / file).read_bytes() == (made / name / file).read_bytes(), file


def test_before_and_after_are_brought_to_one_loudness_if_asked(
    ama: Any, sessions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert ama("batch", sessions / "first", "--out", out, "--loudness-match").code == 0
    before_lufs, after_lufs = (lufs_of(out / "first" / f"{n}.wav") for n in ("before", "after"))
    assert before_lufs == pytest.approx(after_lufs, abs=SAME_LEVEL_DB)


def test_a_lock_counts_where_the_track_is(ama: Any, sessions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert ama("batch", sessions, "--out", out, "--no-render", "--lock", "hats").code == 0
    first, second = (read_plan(out / name / "plan.json") for name in ("first", "second"))
    assert [track.id for track in first.session.tracks if track.locked] == ["hats"]
    assert not any(track.locked for track in second.session.tracks)
    assert "no track 'hats' here to be locked" in rows_in(out)["second"]["notes"]
    assert "locked" not in rows_in(out)["first"]["notes"]


def test_a_project_of_reaper_keeps_its_stems_beside_its_plan(
    ama: Any, sessions: Path, tmp_path: Path
) -> None:
    folder, out = tmp_path / "sessions", tmp_path / "out"
    media = folder / "song" / "Media"
    shutil.copytree(sessions / "first", media)
    tracks = tuple(
        MadeTrack(name=path.stem, items=(MadeItem(file=f"Media/{path.name}", length_s=3.0),))
        for path in sorted(media.iterdir())
    )
    MadeProject(tracks=tracks).write(folder / "song" / "song.rpp")
    assert ama("batch", folder, "--out", out, "--no-render").code == 0
    plan = read_plan(out / "song" / "plan.json")
    stems = out / "song" / "stems"
    assert all(stems in track.path.parents for track in plan.session.tracks)
    assert ama("batch", folder, "--out", out, "--no-render").err.endswith("(as it was)\n")
    os.utime(media / "kick.wav", ns=(1, 1))
    assert ama("batch", folder, "--out", out, "--no-render").code == 0
    assert states_in(out) == {"song": "done"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere", "--out", "out"), "is not a folder"),
        (("empty", "--out", "out"), "holds no session"),
        (("sessions", "--out", "sessions"), "would write among the sessions"),
        (("sessions", "--out", "sessions/first/mixes"), "would write among the sessions"),
        (("sessions/first", "--out", "sessions"), "would write among the sessions"),
        (("sessions/first", "--out", "sessions/first/mixes"), "would write among the sessions"),
        (("sessions", "--out", "out", "--target", "polka"), "no target 'polka'"),
        (("sessions", "--out", "out", "--reference", "gone.wav"), "gone.wav is not there"),
        (("sessions", "--out", "out", "--reference", "bad.wav"), "bad.wav"),
        (("sessions", "--out", "out", "--engine", "reference"), "needs a reference"),
        (("sessions", "--out", "out", "--separate"), "--separate needs"),
        (("sessions", "--out", "out", "--jobs", "0"), "--jobs"),
        (("sessions", "--out", "out", "--jobs", "2", "--scheduler", "x"), "--jobs"),
    ],
)
def test_what_is_wrong_for_all_is_refused_before_anything_begins(
    ama: Any,
    sessions: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.wav").write_text("no sound")
    shutil.copytree(sessions, tmp_path / "sessions")
    assert said in ama("batch", *arguments).sentence()
    assert not (tmp_path / "out").exists()
    assert sorted(p.name for p in (tmp_path / "sessions").iterdir()) == ["first", "second"]


def test_folders_of_references_and_results_are_no_sessions(sessions: Path, tmp_path: Path) -> None:
    for name in ("first", "out", "songs", "papers"):
        (tmp_path / name).mkdir()
    for name in ("first/kick.wav", "out/after.wav", "songs/song.wav", "stray.wav"):
        shutil.copy(sessions / "first" / "kick.wav", tmp_path / name)
    aims = [Reference(path=tmp_path / "songs" / "song.wav")]
    found = sessions_in(tmp_path, out=tmp_path / "out", references=aims)
    assert found.sessions == (tmp_path / "first",)
    assert found.passed_over == ("papers", "songs", "stray.wav")
    folders = [Reference(path=tmp_path / "songs")]
    assert sessions_in(tmp_path, out=tmp_path / "out", references=folders) == found


def test_a_folder_of_stems_is_a_batch_of_one(sessions: Path, tmp_path: Path) -> None:
    assert sessions_in(sessions / "first", out=tmp_path).sessions == (sessions / "first",)
    with pytest.raises(SessionError):
        sessions_in(tmp_path, out=tmp_path / "out")


def test_a_session_json_beside_stems_says_that_the_folder_is_the_session(
    sessions: Path, tmp_path: Path
) -> None:
    song = tmp_path / "song"
    shutil.copytree(sessions / "first", song)
    shutil.copytree(sessions / "first", song / "references")
    out = tmp_path / "out"
    assert sessions_in(song, out=out).sessions == (song / "references",)
    (song / "session.json").write_text('{"name": "of somebody else\'s"}', encoding="utf-8")
    assert sessions_in(song, out=out).sessions == (song,)


def test_a_project_is_one_session_whatever_folders_it_has(sessions: Path, tmp_path: Path) -> None:
    shutil.copytree(sessions / "first", tmp_path / "Media")
    (tmp_path / "song.rpp").write_text("not read yet")
    assert sessions_in(tmp_path, out=tmp_path / "out").sessions == (tmp_path,)


def test_a_link_goes_by_its_own_name(sessions: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").symlink_to(sessions / "first", target_is_directory=True)
    found = sessions_in(tmp_path, out=tmp_path / "out")
    assert [name_of(path) for path in found.sessions] == ["mine"]
    assert name_of(Path("/")) == "session"


def test_who_was_not_heard_of_was_stopped(tmp_path: Path) -> None:
    job = job_of(tmp_path / "first", tmp_path / "out" / "first")
    assert [one.state for one in Tally([job], lambda *_: None).outcomes()] == ["stopped"]


@posix_only
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_keeps_what_is_whole_and_leaves_nothing_half_written(
    sessions: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    folder, out, spools = (tmp_path / name for name in ("sessions", "out", "spools"))
    spools.mkdir()
    shutil.copytree(sessions / "first", folder / "first")
    write_long(folder / "second")
    with begun(folder, out, TMPDIR=str(spools)) as process:
        process.send_signal(number)
        _, said = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, said) == (code, "ama: stopped.\n")
    assert states_in(out) == {"first": "done", "second": "stopped"}
    assert {path.name for path in out.iterdir()} == {"first", *(f"summary.{e}" for e in ("csv", "json", "png"))}  # fmt: skip
    assert {path.name for path in (out / "first").iterdir()} == {*FILES, "presets"}
    assert list(spools.iterdir()) == []
