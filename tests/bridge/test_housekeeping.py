"""What goes from the state folder and what stays: sessions of real project files, plans of the command line, and two at once."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from ama_bridge import cli, stem_folders
from ama_bridge.atomic import write_atomically
from ama_bridge.lock import FolderLock
from ama_bridge.offline import read_plan
from ama_bridge.service.housekeeping import Removed, kept, tidy
from ama_bridge.stem_folders import folders_in, remove_unused
from ama_bridge.store import Store
from ama_bridge.wire import plan_bytes
from tests.bridge.made_state import later, made_of, project, read
from tests.bridge.processes import posix_only, started

ROUNDS = 200


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_stems_to_which_nothing_refers_go_after_a_month_and_come_back_when_wanted(
    store: Store, tmp_path: Path
) -> None:
    session, folder = read(store, tmp_path)
    stems = {track.path: track.path.read_bytes() for track in session.tracks}
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert tidy(store, ()) == Removed()
    assert tidy(store, (), now_s=later()) == Removed(count=1, size_bytes=size)
    assert not folder.exists()
    assert read(store, tmp_path)[0] == session
    assert {path: path.read_bytes() for path in stems} == stems


def test_using_a_folder_again_keeps_it(store: Store, tmp_path: Path) -> None:
    _, folder = read(store, tmp_path)
    os.utime(folder / ".used", (1e9, 1e9))
    read(store, tmp_path)
    assert tidy(store, ()) == Removed()
    os.utime(folder / ".used", (1e9, 1e9))
    assert tidy(store, ()).count == 1


def test_what_a_plan_or_a_session_of_the_state_folder_is_made_of_stays(
    store: Store, tmp_path: Path
) -> None:
    session, folder = read(store, tmp_path)
    plan_id = store.keep_plan(made_of(session))
    assert tidy(store, (), now_s=later()) == Removed()
    store.plan_path(plan_id).rename(store.plan_path(plan_id).with_suffix(".damaged"))
    assert tidy(store, (), now_s=later()) == Removed()
    store.plan_path(plan_id).with_suffix(".damaged").unlink()
    write_atomically(store.folder / "sessions/song.json", json.dumps(str(folder)).encode())
    assert tidy(store, (), now_s=later()) == Removed()
    (store.folder / "sessions/song.json").unlink()
    assert tidy(store, (), now_s=later()).count == 1


def test_a_plan_elsewhere_keeps_its_stems_as_long_as_it_is_there(
    store: Store, tmp_path: Path
) -> None:
    """Its place is noted when the plan is written, and again when it is read from another place."""
    session, folder = read(store, tmp_path)
    plan = tmp_path / "my plans" / "plän.json"
    moved = tmp_path / "moved.json"
    write_atomically(plan, plan_bytes(made_of(session)))
    read_plan(plan)
    assert tidy(store, (), now_s=later()) == Removed()
    plan.rename(moved)
    read_plan(moved)
    assert tidy(store, (), now_s=later()) == Removed()
    moved.write_text("{}")  # another plan of that name, of other stems
    assert tidy(store, (), now_s=later()).count == 1
    assert not folder.exists()


def test_folders_in_which_lies_what_ama_did_not_write_stay_whole(
    store: Store, tmp_path: Path
) -> None:
    _, folder = read(store, tmp_path)
    (folder / "notes.txt").write_text("mine")
    mine = store.folder / "stems" / "my takes"
    mine.mkdir()
    (mine / "vocals.wav").write_text("mine")
    linked = store.folder / "stems" / "song-0123456789ab"
    linked.symlink_to(tmp_path / "song", target_is_directory=True)
    before = contents(tmp_path)
    assert tidy(store, (), now_s=later()) == Removed()
    now = contents(tmp_path)
    assert {name: now[name] for name in before} == before


def test_a_folder_of_an_older_version_has_its_month_from_now(store: Store, tmp_path: Path) -> None:
    _, folder = read(store, tmp_path)
    (folder / ".used").unlink()
    os.utime(folder, (1e9, 1e9))
    assert tidy(store, ()) == Removed()
    assert tidy(store, (), now_s=later()).count == 1


def parts(store: Store, *, known: str = "vocals.wav") -> Path:
    """Make what `ama suggest song.wav` keeps of a mix that it took apart."""
    folder = store.folder / "stems/separated" / f"Süng 1-{'0' * 15}a-{'1' * 15}b"
    folder.mkdir(parents=True)
    for name in (known, ".bass.wav.0a1b2c3d.part", "separation.json"):
        (folder / name).write_bytes(b"x" * 100)
    stem_folders.used(folder)
    return folder


def test_parts_of_a_mix_go_too_with_what_was_left_half_written(store: Store) -> None:
    folder = parts(store)
    assert [one.kind for one in kept(store.folder)] == ["parts of mixes"]
    assert tidy(store, (), now_s=later()) == Removed(count=1, size_bytes=300)
    assert not folder.exists()
    assert kept(store.folder) == []


def test_parts_that_a_plan_names_stay_whatever_their_song_is_called(
    store: Store, tmp_path: Path
) -> None:
    folder = parts(store)
    note = tmp_path / "plan.json"
    note.write_text(json.dumps({"path": str(folder / "vocals.wav")}), encoding="ascii")
    stem_folders.note_plan(note, [folder / "vocals.wav"])
    assert tidy(store, (), now_s=later()) == Removed()


def test_what_was_left_when_a_removal_was_killed_goes_at_the_next(
    store: Store, tmp_path: Path
) -> None:
    _, folder = read(store, tmp_path)
    os.utime(folder / ".used", (1e9, 1e9))
    left = folder.rename(folder.with_name(f".going-{folder.name}"))
    session, again = read(store, tmp_path)
    store.keep_plan(made_of(session))
    assert tidy(store, ()).count == 1
    assert not left.exists()
    assert again == folder
    assert all(track.path.is_file() for track in session.tracks)


def test_a_folder_that_is_used_while_another_process_removes_it_is_there_afterwards(
    tmp_path: Path,
) -> None:
    stems = tmp_path / "stems"
    folder = stems / "song-0123456789ab"
    stem = folder / "vox.stem.json"
    begin, end = threading.Barrier(2), threading.Barrier(2)

    def remove() -> None:
        for _ in range(ROUNDS):
            begin.wait()
            remove_unused(stems, tuple, time.time())
            end.wait()

    remover = threading.Thread(target=remove)
    remover.start()
    removed = 0
    for _ in range(ROUNDS):
        write_atomically(stem, b"{}")
        stem_folders.used(folder)
        os.utime(folder / ".used", (1e9, 1e9))
        begin.wait()
        removed += not stem_folders.used(folder)  # what `session_files` does
        if not stem.is_file():
            write_atomically(stem, b"{}")
        stem_folders.used(folder)
        end.wait()
        assert stem.read_bytes() == b"{}"
    remover.join()
    assert [*folders_in(stems)][-1] == folder
    assert removed < ROUNDS


def test_while_one_process_does_it_another_leaves_it(store: Store, tmp_path: Path) -> None:
    _, folder = read(store, tmp_path)
    with FolderLock(store.folder / "stems"):
        assert tidy(store, (), now_s=later()) == Removed()
    assert folder.exists()


def test_a_state_folder_in_which_is_nothing_stays_empty(tmp_path: Path) -> None:
    assert tidy(Store(tmp_path), (), now_s=later()) == Removed()
    assert list(tmp_path.iterdir()) == []


def test_a_suggestion_tidies_up_and_says_so_and_doctor_tells_what_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMA_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("AMA_CACHE", "off")
    song = project(tmp_path / "song")
    plan = tmp_path / "plan.json"
    assert cli.main(["suggest", str(song), "--out", str(plan)]) == 0
    (before,) = folders_in(tmp_path / "state/stems")
    os.utime(before / ".used", (1e9, 1e9))
    project(tmp_path / "song", position_s=0.5)
    assert cli.main(["suggest", str(song), "--out", str(tmp_path / "other.json")]) == 0
    assert before.is_dir()
    assert "removed" not in capsys.readouterr().err
    os.utime(before / ".used", (1e9, 1e9))
    plan.unlink()
    assert cli.main(["suggest", str(song), "--out", str(tmp_path / "other.json")]) == 0
    assert (
        "1 folder or file in AMA's state folder to which nothing refers" in capsys.readouterr().err
    )
    assert not before.exists()
    assert cli.main(["render", str(tmp_path / "other.json"), "--out", str(tmp_path / "m.wav")]) == 0
    cli.main(["doctor"])
    assert "stems of sessions 1 (0.0 MiB)" in capsys.readouterr().out


@posix_only
def test_the_service_tidies_up_when_it_starts_and_logs_it(store: Store, tmp_path: Path) -> None:
    _, folder = read(store, tmp_path)
    os.utime(folder / ".used", (1e9, 1e9))
    with started(store.folder) as service:
        assert service.stop(signal.SIGTERM) == 0
    assert not folder.exists()
    assert "Removed 1 folder" in service.log
