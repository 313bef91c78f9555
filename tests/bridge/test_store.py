"""What survives a crash, a damaged file, and a second service."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from ama_analysis.errors import DeliveryError, PlanError
from ama_analysis.session import Track
from ama_bridge.atomic import write_atomically
from ama_bridge.lock import FolderLock
from ama_bridge.store import Decision, Draft, Store, file_name
from tests.bridge.plans import FakeAnalyst, plan_of, session_of
from tests.bridge.services import client_of, service, tell_session, write_stems


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def draft_of(folder: Path, name: str = "song") -> Draft:
    tracks = {str(i): t for i, t in enumerate(session_of(folder).tracks)}
    return Draft(
        name=name,
        daw="reaper",
        sample_rate_hz=48_000,
        track_count=3,
        tracks=tracks,
        references=session_of(folder).references,
        committed=True,
    )


def test_drafts_plans_and_decisions_are_read_back_as_they_were_kept(
    store: Store, tmp_path: Path
) -> None:
    draft, plan = draft_of(tmp_path), plan_of(session_of(tmp_path))
    decisions = {
        "gain:kick": Decision(verdict="accept", kind="gain"),
        "eq_band:kick": Decision(
            verdict="edit", kind="eq_band", values={"q": 2.0}, words={"type": "bell"}
        ),
    }
    store.keep_draft(draft)
    plan_id = store.keep_plan(plan)
    store.keep_decisions(plan_id, decisions)
    again = Store(store.folder)
    assert again.drafts() == {"song": draft}
    assert again.plan(plan_id) == plan
    assert again.decisions(plan_id) == decisions


def test_plans_are_numbered_in_the_order_in_which_they_were_made(
    store: Store, tmp_path: Path
) -> None:
    plan = plan_of(session_of(tmp_path))
    other = plan_of(session_of(tmp_path, name="song-2"))
    ids = [store.keep_plan(plan), store.keep_plan(other), store.keep_plan(plan)]
    assert ids == ["song-0001", "song-2-0002", "song-0003"]
    assert store.plan_ids() == ids


def test_missing_indices_are_told_in_order(tmp_path: Path) -> None:
    assert replace(draft_of(tmp_path), track_count=12).missing() == tuple(range(2, 12))


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"garbage",
        b"\xff\xfe",
        b'{"schema": "ama.state/9"}',
        b'{"schema": "ama.state/1"}',
        b"[1]",
    ],
)
def test_a_damaged_file_is_set_aside_and_the_rest_is_read(
    store: Store, tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("broken", "whole"):
        store.keep_draft(draft_of(tmp_path, name))
    (store.folder / "sessions/broken.json").write_bytes(damage)
    assert list(store.drafts()) == ["whole"]
    assert (store.folder / "sessions/broken.damaged").read_bytes() == damage
    assert "broken.json is damaged" in caplog.text
    assert list(store.drafts()) == ["whole"]


def test_a_damaged_plan_is_an_error_and_stays_where_it_is(store: Store, tmp_path: Path) -> None:
    plan_id = store.keep_plan(plan_of(session_of(tmp_path)))
    store.plan_path(plan_id).write_bytes(b"{")
    with pytest.raises(PlanError) as caught:
        store.plan(plan_id)
    assert caught.value.code == "AMA-401"
    assert store.plan_path(plan_id).read_bytes() == b"{"


def test_an_unknown_plan_is_an_error(store: Store) -> None:
    with pytest.raises(PlanError) as caught:
        store.plan("song-0001")
    assert caught.value.code == "AMA-402"


def test_what_a_crash_left_half_written_is_not_read(store: Store, tmp_path: Path) -> None:
    store.keep_draft(draft_of(tmp_path))
    (store.folder / "sessions/.song.json.part").write_bytes(b'{"schema": "ama.st')
    assert list(store.drafts()) == ["song"]


def test_a_write_that_fails_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.json"
    write_atomically(path, b"old")
    monkeypatch.setattr("os.fsync", partial(_fail, OSError(errno.ENOSPC, "No space left")))
    with pytest.raises(DeliveryError) as caught:
        write_atomically(path, b"new")
    assert caught.value.code == "AMA-701"
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file.json"]


def _fail(error: Exception, *_: object) -> None:
    raise error


@pytest.mark.parametrize(
    "name", ["a/b", "../up", "CON?", "Ünïcode", "", ".", "x" * 300, "Song", "a b", "\udcff"]
)
def test_file_names_stay_in_their_folder(name: str) -> None:
    made = file_name(name)
    assert made
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    assert len(made) < 80


def test_names_that_differ_get_files_that_differ() -> None:
    names = ["song", "Song", "SONG", "song ", "song/", "söng", "sång", ""]
    assert len({file_name(n).lower() for n in names}) == len(names)


def test_two_services_never_share_a_state_folder(tmp_path: Path) -> None:
    with FolderLock(tmp_path), pytest.raises(DeliveryError) as caught, FolderLock(tmp_path):
        pass
    assert caught.value.code == "AMA-703"
    with FolderLock(tmp_path):
        pass


def test_the_lock_dies_with_its_process(tmp_path: Path) -> None:
    script = (
        "import sys, os, pathlib\n"
        "from ama_bridge.lock import FolderLock\n"
        "FolderLock(pathlib.Path(sys.argv[1])).__enter__()\n"
        "os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False, timeout=60)
    assert done.returncode == 9
    with FolderLock(tmp_path):
        pass


@pytest.mark.skipif(os.name != "posix", reason="the state folder's path is a file: POSIX words")
def test_a_state_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DeliveryError) as caught, FolderLock(tmp_path / "file" / "state"):
        pass
    assert caught.value.code == "AMA-701"


def test_a_service_that_is_started_again_knows_sessions_plans_and_decisions(
    tmp_path: Path,
) -> None:
    stems, state = write_stems(tmp_path / "stems"), tmp_path / "state"
    with service(state, FakeAnalyst()) as server, client_of(server) as client:
        tell_session(client, stems)
        client.send("/suggest", "s", "song", "auto")
        client.until("/suggestions/end")
        client.ask("/decide", "d", "gain:kick", "accept")
    with service(state, FakeAnalyst()) as server, client_of(server) as client:
        assert client.ask("/decide", "d", "pan:bass", "accept").path == "/ok"
        client.send("/apply", "a", "song", "folder")
        assert client.until("/applied", "/error")[-1].arguments[1] == 2
        client.send("/suggest", "s", "song", "auto")
        path = str(client.until("/suggestions/end", "/error")[-1].arguments[2])
        assert Path(path).name == "song-0002.json"


def test_tracks_with_plugins_and_odd_names_survive(store: Store, tmp_path: Path) -> None:
    track = Track(id="a/b", name="\u202eodd\t", path=tmp_path / "ü.wav", plugins=("A;B", ""))
    draft = replace(draft_of(tmp_path, "ödd"), tracks={"0": track})
    store.keep_draft(draft)
    assert store.drafts() == {"ödd": draft}


LEARNING = """
import sys
from pathlib import Path
from ama_analysis.preferences import Lesson
from ama_bridge.store import Store
store, who = Store(Path(sys.argv[1])), sys.argv[2]
sys.stdin.readline()
for at in range(20):
    lesson = Lesson(plan=f"{who}-{at}", session=who, style="pop")
    store.change_preferences(lambda learned: learned.with_lesson(lesson))
"""


def test_what_two_processes_learn_at_the_same_time_is_all_kept(store: Store) -> None:
    command = [sys.executable, "-c", LEARNING, str(store.folder)]
    both = [
        subprocess.Popen([*command, who], stdin=subprocess.PIPE, text=True) for who in ("a", "b")
    ]
    for one in both:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in both:
        one.communicate(timeout=30.0)
        assert one.returncode == 0
    learned = {lesson.plan for lesson in store.preferences().lessons}
    assert learned == {f"{who}-{at}" for who in ("a", "b") for at in range(20)}
