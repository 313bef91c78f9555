"""Old deliveries, and what is left of plans that are gone: what goes, and that numbers go on."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from ama_bridge.atomic import write_atomically
from ama_bridge.daw.ardour.request import Request
from ama_bridge.daw.mailbox import Mailbox
from ama_bridge.service.housekeeping import NEWEST, OLD_S, Removed, kept, tidy
from ama_bridge.store import Decision, Store
from tests.bridge.made_state import later, made_of, read


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def deliver(store: Store, plan_id: str, age_s: float, *, more: str = "") -> Path:
    """Make a delivery as a folder of files gets it."""
    folder = store.new_delivery(plan_id)
    for name in (
        "settings.txt",
        "plan.json",
        "receipt.json",
        "presets/vox.json",
        *([more] if more else []),
    ):
        write_atomically(folder / name, b"{}")
    made_s = time.time() - age_s
    os.utime(folder, (made_s, made_s))
    return folder


def test_old_deliveries_go_but_for_the_newest_and_what_is_still_open(
    store: Store, tmp_path: Path
) -> None:
    session, _ = read(store, tmp_path)
    plan_id = store.keep_plan(made_of(session))
    box = Mailbox(tmp_path / "box", "REAPER")
    old_s = OLD_S + NEWEST * 10.0
    going = deliver(store, plan_id, old_s + 99.0)
    newest_of_plan = deliver(store, plan_id, old_s + 50.0)
    waiting, revertible = (deliver(store, "else", old_s + at) for at in (40.0, 30.0))
    foreign = deliver(store, "else", old_s + 20.0, more="my notes.txt")
    write_atomically(box.request, json.dumps({"id": waiting.name}).encode())
    index = {"schema": "ama.journals/1", "ids": [revertible.name]}
    write_atomically(box.folder / "journals.json", json.dumps(index).encode())
    newest = [deliver(store, "many", OLD_S + 5.0 * at) for at in range(NEWEST)]
    young = deliver(store, "young", OLD_S - 60.0)
    over = newest[-1]  # the young one is one of the newest
    assert tidy(store, (box,)).count == 2
    assert not going.exists()
    assert not over.exists()
    stay = (newest_of_plan, waiting, revertible, foreign, young, *newest[:-1])
    assert all((folder / "presets/vox.json").is_file() for folder in stay)


def test_what_is_left_of_plans_that_are_gone_goes_and_is_told_until_then(
    store: Store, tmp_path: Path
) -> None:
    session, _ = read(store, tmp_path)
    stays, gone = (store.keep_plan(made_of(session)) for _ in range(2))
    for plan_id in (stays, gone):
        store.keep_decisions(plan_id, {"a": Decision(verdict="accept")})
        write_atomically(store.picture_path(plan_id), b"PNG")
    assert tidy(store, ()) == Removed()
    assert {"decisions", "pictures"} <= {one.kind for one in kept(store.folder)}
    store.plan_path(gone).unlink()
    assert tidy(store, ()).count == 1
    assert (store.picture_path(stays).exists(), store.picture_path(gone).exists()) == (True, False)
    assert store.decisions(gone)
    assert tidy(store, (), now_s=later(OLD_S)).count == 1
    assert not store.decisions(gone)
    assert store.decisions(stays)


def test_a_new_plan_never_takes_over_what_is_left_of_one_that_was_removed(
    store: Store, tmp_path: Path
) -> None:
    session, _ = read(store, tmp_path)
    for leave in (
        lambda plan_id: store.keep_decisions(plan_id, {"a": Decision(verdict="reject")}),
        lambda plan_id: write_atomically(store.picture_path(plan_id), b"PNG"),
        store.new_delivery,
    ):
        first = store.keep_plan(made_of(session))
        leave(first)
        store.plan_path(first).unlink()
        second = store.keep_plan(made_of(session))
        assert second != first
        assert (store.decisions(second), store.deliveries(second)) == ({}, [])
        store.plan_path(second).unlink()


def test_numbers_of_deliveries_go_on_where_older_ones_went(store: Store) -> None:
    first, second = (store.new_delivery("song-0001") for _ in range(2))
    first.rmdir()
    assert [first.name, second.name] == ["song-0001-1", "song-0001-2"]
    assert store.new_delivery("song-0001").name == "song-0001-3"


def test_an_old_answer_to_a_number_that_is_used_again_counts_no_more(tmp_path: Path) -> None:
    box = Mailbox(tmp_path, "REAPER")
    box.call_off("song-0001-1")
    box.path_of("result", "song-0001-1").write_bytes(b"{}")
    box.post(
        Request(
            id="song-0001-1",
            session="",
            mailbox=str(tmp_path),
            ask=False,
            answer_port=0,
            suggestions=(),
        )
    )
    assert {path.name for path in tmp_path.iterdir()} == {"request.json"}
