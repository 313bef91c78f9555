"""HTTP: the verbs of the OSC namespace by POST, and what comes of jobs."""

from __future__ import annotations

import socket
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.bridge.plans import EVERY_ACTION, FakeAnalyst
from tests.bridge.services import PATIENCE_S, Client, tell_session
from tests.web.services import Ear, Served, Web

ANSWERS = 30
NAGLE_S = 0.03
"""The fastest of many answers takes two milliseconds or so, or 40 where it waits for an acknowledgement."""


def suggested(web: Web, ear: Ear, session: str = "song") -> str:
    """Ask for a plan and return its id."""
    answer = web.post("/suggest", session=session)
    assert (answer.status_code, answer.json()["answer"]) == (202, "job")
    job = ear.until_job("suggest", "done")
    assert job["id"] == answer.json()["job"]
    plan: str = job["result"]["plan"]
    return plan


def test_ping_is_answered_with_pong(web: Web) -> None:
    assert web.do("/ping") == {"answer": "pong"}


def test_hello_is_welcomed_the_way_it_came(web: Web) -> None:
    answer = web.do("/hello", client="page", reply_port=9)
    assert (answer["answer"], answer["protocol"]) == ("welcome", 1)


def test_small_answers_leave_at_once(at: Served) -> None:
    """Where this is off, every answer waits up to 40 ms for the receiver's acknowledgement (Nagle)."""
    with closing(socket.create_connection(("127.0.0.1", at.port), PATIENCE_S)) as line:
        took_s = []
        for _ in range(ANSWERS):
            began_s = time.perf_counter()
            line.sendall(
                b"POST /ama/v1/ping HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
            )
            heard = b""
            while not heard.endswith(b"}"):
                heard += line.recv(65_536)
            took_s.append(time.perf_counter() - began_s)
    assert min(took_s) < NAGLE_S


def test_status_has_its_arguments_by_name(web: Web, tmp_path: Path) -> None:
    answer = web.do("/status")
    assert answer["answer"] == "status"
    assert (answer["sessions"], answer["plans"], answer["job"]) == (0, 0, "")
    assert answer["state_folder"] == str(tmp_path / "state")


def test_a_session_told_over_http_is_the_one_that_osc_has(
    web: Web, osc: Client, ear: Ear, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    osc.send("/suggest", "s", "song")
    assert osc.until("/suggestions/end", "/error")[-1].path == "/suggestions/end"
    job = ear.until_job("suggest", "done")
    assert job["result"]["count"] == len(EVERY_ACTION)


def test_commit_answers_with_the_warnings(web: Web, stems: dict[str, Path]) -> None:
    web.tell_session(stems)
    answer = web.do("/session/commit", session="song")
    assert answer == {"answer": "ok", "warnings": ["Resampled to 44100 Hz: bass."]}


def test_a_job_stays_readable_with_its_result(web: Web, ear: Ear, stems: dict[str, Path]) -> None:
    web.tell_session(stems)
    plan = suggested(web, ear)
    job = web.get("/jobs/suggest-1")
    assert (job["kind"], job["subject"], job["state"]) == ("suggest", "song", "done")
    assert job["result"]["plan"] == plan
    assert Path(job["result"]["plan_path"]).is_file()
    assert job in web.get("/jobs")


def test_decide_apply_and_render_do_what_osc_does(
    web: Web, ear: Ear, stems: dict[str, Path]
) -> None:
    web.tell_session(stems)
    plan = suggested(web, ear)
    web.do("/decide", plan=plan, suggestion_id="gain:kick", decision="accept")
    web.do("/decide", plan=plan, suggestion_id="pan:bass", decision="reject")
    edit = ["bell", 400.0, -3.0]
    web.do("/decide", plan=plan, suggestion_id="eq_band:kick", decision="edit", value=edit)
    applied = web.do("/apply", plan_or_session=plan, daw="folder")
    assert (applied["answer"], applied["applied"]) == ("applied", 2)
    kept = web.get(f"/plans/{plan}")
    assert kept["decisions"]["pan:bass"]["verdict"] == "reject"
    assert kept["decisions"]["eq_band:kick"]["values"]["freq_hz"] == 400.0
    assert kept["plan"]["schema"] == "ama.plan/1"
    assert kept["deliveries"][0]["receipt"]["applied"] == ["gain:kick", "eq_band:kick"]
    answer = web.post("/render", plan=plan, out_name="a.wav", before_name="b.wav")
    assert answer.status_code == 202
    result = ear.until_job("render", "done")["result"]
    assert web.http.get(result["url"]).content[:4] == b"RIFF"
    assert web.http.get(result["before_url"]).content[:4] == b"RIFF"


@pytest.mark.parametrize(
    ("path", "arguments", "status", "code"),
    [
        ("/suggest", {"session": "nowhere"}, 404, "AMA-205"),
        ("/suggest", {}, 400, "AMA-501"),
        ("/suggest", {"session": 3}, 400, "AMA-501"),
        ("/suggest", {"session": "song", "loud": 1}, 400, "AMA-501"),
        ("/decide", {"suggestion_id": "x", "decision": "accept"}, 404, "AMA-402"),
        ("/decide", {"suggestion_id": "x", "decision": "edit", "value": 3.0}, 400, "AMA-501"),
        ("/cancel", {"job": "suggest-9"}, 404, "AMA-501"),
        ("/revert", {"daw": "tape"}, 404, "AMA-502"),
        ("/session/mix", {"session": "nowhere", "path": ""}, 404, "AMA-205"),
        ("/subscribe", {}, 400, "AMA-501"),
        ("/nothing", {}, 404, "AMA-502"),
    ],
)
def test_what_is_refused_has_a_status_a_code_and_a_sentence(
    web: Web, path: str, arguments: dict[str, Any], status: int, code: str
) -> None:
    answer = web.post(path, **arguments)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    message = answer.json()["message"]
    assert message.endswith(".")
    assert "\n" not in message


def test_an_error_that_nobody_foresaw_is_a_failed_job_and_the_service_goes_on(
    web: Web, ear: Ear, stems: dict[str, Path], analyst: FakeAnalyst
) -> None:
    analyst.fails_with = ZeroDivisionError("by chance")
    web.tell_session(stems)
    web.do("/suggest", session="song")
    job = ear.until_job("suggest", "failed")
    assert job["code"] == "AMA-999"
    assert "by chance" in job["error"]
    assert web.do("/ping") == {"answer": "pong"}


def test_a_suggestion_made_over_osc_is_heard_step_by_step(
    osc: Client, ear: Ear, stems: dict[str, Path], analyst: FakeAnalyst
) -> None:
    analyst.gate.clear()
    tell_session(osc, stems)
    osc.send("/suggest", "s", "song")
    heard = ear.until(lambda e: e.data.get("kind") == "suggest" and e.data["fraction"] == 0.5)
    assert heard[-1].data["stage"] == "measuring"
    assert (heard[-1].data["state"], heard[-1].data["subject"]) == ("running", "song")
    analyst.gate.set()
    heard += ear.until(lambda e: e.data.get("kind") == "suggest" and e.data["state"] == "done")
    changed = [(e.data["what"], e.data["subject"]) for e in heard if e.name == "changed"]
    assert changed.count(("plans", "song-0001")) == 1
    assert ("sessions", "song") in changed
