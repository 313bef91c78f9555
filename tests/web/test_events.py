"""The event stream: everything that anybody did, paced, never piling up, ended at once when the service stops."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ama_bridge.assistant import Assistant
from ama_bridge.daw.folder import FolderDaw
from ama_bridge.daw.port import Move, Standing
from ama_bridge.jobs import Job
from ama_bridge.service import daw_watch
from ama_bridge.service.news import Changed, Event, News
from ama_bridge.store import Store
from ama_bridge.web.events import MOST_STREAMS, PACE_S, Stream, Streams
from tests.bridge.daws import AskingDaw, assistant_with
from tests.bridge.plans import FakeAnalyst
from tests.bridge.services import PATIENCE_S, Client, client_of, tell_session
from tests.web.services import API, Ear, Served, Web, served, web_of

T = TypeVar("T")
STEPS = 3000
STOPPED_S = 3.0
"""`close` may take two seconds for what is being answered; an open event stream is not to take it."""


def test_two_listeners_hear_the_same(at: Served, web: Web, stems: dict[str, Path]) -> None:
    ears = [Ear(at.url), Ear(at.url)]
    web.tell_session(stems)
    web.do("/suggest", session="song")
    first, second = (ear.until_job("suggest", "done") for ear in ears)
    assert first == second


def test_who_comes_late_finds_everything_by_get(
    at: Served, osc: Client, web: Web, stems: dict[str, Path], analyst: FakeAnalyst
) -> None:
    analyst.gate.clear()
    tell_session(osc, stems)
    osc.send("/suggest", "s", "song")
    assert analyst.started.wait(PATIENCE_S)
    ear = Ear(at.url)
    (job,) = [j for j in web.state()["jobs"] if j["kind"] == "suggest"]
    assert job["state"] == "running"
    analyst.gate.set()
    done = ear.until_job("suggest", "done")
    assert done["id"] == job["id"]
    assert web.state()["plans"][0]["id"] == done["result"]["plan"]


def test_decisions_deliveries_renders_and_preferences_are_told(
    osc: Client, ear: Ear, stems: dict[str, Path]
) -> None:
    tell_session(osc, stems)
    osc.send("/suggest", "s", "song")
    osc.until("/suggestions/end")
    osc.ask("/decide", "d", "*", "accept")
    osc.send("/apply", "a", "song", "folder")
    osc.until("/applied")
    osc.send("/render", "r", "song", "x.wav")
    osc.until("/rendered")
    osc.ask("/preferences/reset", "p")
    heard = ear.until(lambda e: e.data.get("what") == "renders")
    heard += ear.until(lambda e: e.data.get("what") == "preferences")
    told = {(e.data["what"], e.data["subject"]) for e in heard if e.name == "changed"}
    assert told >= {
        ("sessions", "song"),
        ("plans", "song-0001"),
        ("decisions", "song-0001"),
        ("deliveries", "song-0001"),
        ("renders", "song-0001"),
    }


def test_what_scripts_in_a_daw_begin_is_told(tmp_path: Path, stems: dict[str, Path]) -> None:
    from tests.daw.reaper.plans import export_in, stems_in

    daw = AskingDaw(export=export_in(stems_in(tmp_path / "x"), {}))
    with (
        served(tmp_path / "s", assistant=assistant_with(tmp_path / "s", daw, FakeAnalyst())) as at,
        client_of(at.osc) as script,
    ):
        ear = Ear(at.url)
        assert script.ask("/daw/text", "session", "export-1", 0, 1, "{}").path == "/ok"
        made = ear.until_job("suggest", "done")
        assert made["subject"] == "studio"
        applied = ear.until_job("apply", "done")
        assert (applied["daw"], applied["subject"]) == ("studio", made["result"]["plan"])
        assert applied["result"]["receipt"]["daw"] == "studio"


def test_taking_back_is_told_with_what_it_took_back(tmp_path: Path) -> None:
    assistant = assistant_with(tmp_path / "s", AskingDaw(), FakeAnalyst())
    with served(tmp_path / "s", assistant=assistant) as at, web_of(at) as web:
        ear = Ear(at.url)
        assert web.post("/revert", daw="studio").status_code == 202
        job = ear.until_job("revert", "done")
        assert (job["daw"], job["subject"]) == ("studio", "studio")
        assert job["result"]["reverted"]["restored"] == ["bass: pan"]


def test_a_fader_that_moves_in_its_daw_is_told_and_stands_there_in_the_state(
    tmp_path: Path, stems: dict[str, Path]
) -> None:
    daw = AskingDaw()
    daw.moves = (Move(session="song", track_name="Kick", fader_db=-11.0, pan=0.5),)
    assistant = assistant_with(tmp_path / "s", daw, FakeAnalyst())
    with served(tmp_path / "s", assistant=assistant) as at, web_of(at) as web:
        ear = Ear(at.url)
        web.tell_session(stems, daw="studio")
        ear.until(lambda e: e.data == {"what": "faders", "subject": "song"})
        kick, bass = web.state()["sessions"][0]["tracks"]
    assert (kick["fader_db"], kick["pan"], bass["fader_db"]) == (-11.0, 0.5, -6.0)


def test_a_daw_that_comes_up_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daw_watch, "FRESH_S", 0.0)
    up = threading.Event()

    def look() -> Sequence[Standing]:
        return [Standing(daw="folder", running=up.is_set(), installed=None, about="There.")]

    daws = {"folder": FolderDaw()}
    assistant = Assistant(Store(tmp_path), daws, FakeAnalyst(), look=look)
    with served(tmp_path, assistant=assistant) as at, web_of(at) as web:

        def runs() -> bool | None:
            state: bool | None = web.state()["daws"][0]["running"]
            return state

        ear = Ear(at.url)
        while runs() is None:
            pass
        assert runs() is False
        up.set()
        runs()  # which begins another look
        ear.until(lambda e: e.data.get("what") == "daws" and bool(runs()))


def test_an_open_stream_ends_at_once_when_the_service_stops(tmp_path: Path) -> None:
    with served(tmp_path, FakeAnalyst()) as at:
        ears = [Ear(at.url) for _ in range(3)]
        began_s = time.monotonic()
        at.page.close()
        assert all(ear.ended() for ear in ears)
        assert time.monotonic() - began_s < STOPPED_S


def test_more_streams_than_can_be_are_refused(at: Served, web: Web) -> None:
    ears = [Ear(at.url) for _ in range(MOST_STREAMS)]
    answer = web.http.get(f"{API}/events")
    assert (answer.status_code, answer.json()["code"]) == (503, "AMA-501")
    assert web.do("/ping") == {"answer": "pong"}
    at.page.close()
    assert all(ear.ended() for ear in ears)


class Loop:
    """An event loop in a thread of its own, as the page's server has one."""

    def __init__(self, news: News) -> None:
        self.loop = asyncio.new_event_loop()
        self.streams = Streams(news, on_idle=lambda: None)
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE_S)

    async def opened(self) -> Stream:
        return self.streams.open()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(PATIENCE_S)
        self.loop.close()


@pytest.fixture
def news() -> News:
    return News()


@pytest.fixture
def loop(news: News) -> Iterator[Loop]:
    running = Loop(news)
    yield running
    running.close()


def test_a_listener_who_does_not_read_holds_one_entry_a_thing(news: News, loop: Loop) -> None:
    stream = loop.run(loop.opened())
    for at in range(STEPS):
        news.tell(Job(id="suggest-1", kind="suggest", subject="song", stage=f"step {at}"))
        news.changed("sessions", "song")
    news.changed("decisions", "song-0001")

    async def waiting() -> list[Event]:
        return list(stream.waiting.values())

    assert loop.run(waiting()) == [
        Job(id="suggest-1", kind="suggest", subject="song", stage=f"step {STEPS - 1}"),
        Changed(what="sessions", subject="song"),
        Changed(what="decisions", subject="song-0001"),
    ]


def test_progress_within_a_stage_is_paced(news: News, loop: Loop) -> None:
    async def told(stream: Stream) -> bytes:
        return b"".join([text async for text in stream.texts()])

    stream = loop.run(loop.opened())
    reading = asyncio.run_coroutine_threadsafe(told(stream), loop.loop)
    began_s = time.monotonic()
    while time.monotonic() - began_s < 3 * PACE_S:
        share = (time.monotonic() - began_s) / (3 * PACE_S)
        news.tell(_running("one", share))
    most = 2 + (time.monotonic() - began_s) / PACE_S
    news.tell(_running("two", 0.0))
    loop.streams.close()
    heard = reading.result(PATIENCE_S)
    assert 2 <= heard.count(b'"stage":"one"') <= most
    assert heard.count(b'"stage":"two"') == 1


def _running(stage: str, share: float) -> Job:
    return Job(id="a-1", kind="a", subject="s", state="running", fraction=share, stage=stage)


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_how_a_job_ends_is_told_with_its_sentence(
    web: Web, ear: Ear, stems: dict[str, Path], analyst: FakeAnalyst, state: str
) -> None:
    web.tell_session(stems)
    if state == "failed":
        analyst.fails_with = ValueError("odd")
    else:
        analyst.gate.clear()
    job_id = web.do("/suggest", session="song")["job"]
    if state == "cancelled":
        assert analyst.started.wait(PATIENCE_S)
        web.do("/cancel", job=job_id)
    job = ear.until_job("suggest", state)
    assert job["id"] == job_id
    assert job["code"] == {"failed": "AMA-999", "cancelled": "AMA-801"}[state]
    assert job["error"].endswith(".")
    assert job["result"] is None
