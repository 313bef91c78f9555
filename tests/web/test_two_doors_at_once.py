"""OSC and HTTP at the same time, from several clients: nothing is lost, nothing is mixed up, nobody waits for the work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bridge.plans import EVERY_ACTION, FakeAnalyst
from tests.bridge.services import PATIENCE_S, client_of, tell_session
from tests.web.services import Ear, Served, Web, track, web_of

TRACKS = 60
ROUNDS = 6
READERS = 2


def at_once(*works: Callable[[], None]) -> None:
    """Do all at the same time; the first error of any is raised."""
    errors: list[BaseException] = []
    begin = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        try:
            begin.wait(PATIENCE_S)
            work()
        except BaseException as error:  # noqa: BLE001  # told to the test
            errors.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3 * PATIENCE_S)
        assert not thread.is_alive()
    if errors:
        raise errors[0]


def test_tracks_of_one_session_may_come_through_both_doors(
    at: Served, web: Web, stems: dict[str, Path]
) -> None:
    web.do("/session/begin", session="s", daw="d", sample_rate=48_000, track_count=TRACKS)

    def over_osc() -> None:
        with client_of(at.osc) as client:
            for index in range(0, TRACKS, 2):
                values = (f"t{index}", "", -6.0, 0.0, 0, str(stems["kick"]), "")
                assert client.ask("/session/track", "t", "s", index, *values).path == "/ok"

    def over_http() -> None:
        with web_of(at) as own:
            for index in range(1, TRACKS, 2):
                own.do("/session/track", **track("s", index, f"t{index}", stems["kick"]))

    at_once(over_osc, over_http)
    assert web.do("/session/commit", session="s")["answer"] == "ok"
    assert [t["id"] for t in web.state()["sessions"][0]["tracks"]] == [
        f"t{index}" for index in range(TRACKS)
    ]


def test_decisions_through_both_doors_are_all_kept(
    at: Served, web: Web, ear: Ear, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    web.do("/suggest", session="song")
    plan = ear.until_job("suggest", "done")["result"]["plan"]
    ids = [f"{action.kind}:{on}" for on, action in EVERY_ACTION]

    def decide_over_osc() -> None:
        with client_of(at.osc) as client:
            for _ in range(ROUNDS):
                for suggestion in ids[0::2]:
                    client.ask("/decide", "d", suggestion, "clear")
                    assert client.ask("/decide", "d", suggestion, "accept").path == "/ok"

    def decide_over_http() -> None:
        with web_of(at) as own:
            for _ in range(ROUNDS):
                for suggestion in ids[1::2]:
                    own.do("/decide", plan=plan, suggestion_id=suggestion, decision="clear")
                    own.do("/decide", plan=plan, suggestion_id=suggestion, decision="reject")

    at_once(decide_over_osc, decide_over_http)
    decisions = web.get(f"/plans/{plan}")["decisions"]
    assert {name: one["verdict"] for name, one in decisions.items()} == {
        name: "reject" if at % 2 else "accept" for at, name in enumerate(ids)
    }


def test_everything_at_once_loses_no_job_and_no_event(
    at: Served, web: Web, ear: Ear, stems: dict[str, Path]
) -> None:
    done = threading.Event()
    states: list[dict[str, Any]] = []

    def sessions_over_osc() -> None:
        with client_of(at.osc) as client:
            for n in range(ROUNDS):
                tell_session(client, stems, f"osc {n}")
                client.send("/suggest", "s", f"osc {n}")
                assert client.until("/suggestions/end", "/error")[-1].path == "/suggestions/end"

    def sessions_over_http() -> None:
        with web_of(at) as own:
            for n in range(ROUNDS):
                own.tell_session(stems, f"http {n}")
                own.do("/suggest", session=f"http {n}")

    def read() -> None:
        with web_of(at) as own:
            while not done.is_set():
                states.append(own.state())

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    try:
        at_once(sessions_over_osc, sessions_over_http)
        finished: set[str] = set()
        while len(finished) < 2 * ROUNDS:
            finished.add(ear.until_job("suggest", "done")["id"])
    finally:
        done.set()
        for reader in readers:
            reader.join(PATIENCE_S)
    assert finished == {f"suggest-{n}" for n in range(1, 2 * ROUNDS + 1)}
    names = {f"{door} {n}" for door in ("osc", "http") for n in range(ROUNDS)}
    last = web.state()
    assert {s["name"] for s in last["sessions"]} == names
    assert {p["session"] for p in last["plans"]} == names
    assert all(s["newest_plan"] for s in last["sessions"])
    assert states
    counts = [len(state["plans"]) for state in states]
    assert max(counts) <= 2 * ROUNDS


def test_both_doors_answer_while_a_job_runs(
    at: Served, web: Web, stems: dict[str, Path], analyst: FakeAnalyst
) -> None:
    analyst.gate.clear()
    web.tell_session(stems)
    job = web.do("/suggest", session="song")["job"]
    assert analyst.started.wait(PATIENCE_S)
    began_s = time.monotonic()
    with client_of(at.osc) as client:
        assert client.ask("/ping", "p").path == "/pong"
    assert web.do("/status")["job"] == job
    assert web.state()["jobs"][-1]["state"] in {"running", "done"}
    assert time.monotonic() - began_s < PATIENCE_S / 4
    analyst.gate.set()


def test_subscribers_over_osc_hear_of_what_is_done_over_http(
    at: Served, web: Web, stems: dict[str, Path]
) -> None:
    with client_of(at.osc) as client:
        assert client.ask("/subscribe", "sub").path == "/ok"
        web.tell_session(stems)
        web.do("/suggest", session="song")
        heard = []
        while ("suggest", "song-0001") not in heard:
            answer = client.next()
            if answer.path == "/event":
                heard.append(tuple(answer.arguments[1:]))
    assert ("session/begin", "song") in heard
    assert ("job", "suggest-1") in heard
