"""A service with its page in this process, and clients that ask it over HTTP and hear its events."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ama_bridge.assistant import Assistant
from ama_bridge.bootstrap import assistant_for
from ama_bridge.config import Settings
from ama_bridge.osc_server import OscServer
from ama_bridge.service.analyst import Analyst
from ama_bridge.web import Listening, PageServer
from tests.bridge.plans import RATE_HZ, FakeAnalyst
from tests.bridge.services import PATIENCE_S, service

API = "/ama/v1"


@dataclass(frozen=True)
class Served:
    """A running service: its OSC server, the address of its page, and what is behind both."""

    osc: OscServer
    url: str
    port: int
    assistant: Assistant
    page: PageServer


@contextmanager
def served(
    state: Path,
    analyst: Analyst | None = None,
    *,
    assistant: Assistant | None = None,
    http_port: int = 0,
) -> Iterator[Served]:
    assistant = assistant or assistant_for(Settings(state_dir=state), analyst or FakeAnalyst())
    listening = Listening(http_port)
    with service(state, assistant=assistant, http_port=listening.port) as osc:
        page = PageServer(listening, assistant, osc.handlers, osc_port=osc.port)
        page.start()
        try:
            yield Served(osc, listening.url, listening.port, assistant, page)
        finally:
            page.close()


class Web:
    """Asks as a program does."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=PATIENCE_S)

    def post(self, path: str, /, **arguments: Any) -> httpx.Response:
        return self.http.post(f"{API}{path}", json=arguments)

    def do(self, path: str, /, **arguments: Any) -> Any:
        """Return the answer to a verb that is not refused."""
        answer = self.post(path, **arguments)
        assert answer.is_success, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        """Return the document at a resource that is there."""
        answer = self.http.get(f"{API}{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state(self) -> Any:
        return self.get("/state")

    def tell_session(
        self, stems: dict[str, Path], session: str = "song", *, daw: str = "test"
    ) -> None:
        """Begin and commit a session of these stems."""
        self.do(
            "/session/begin",
            session=session,
            daw=daw,
            sample_rate=RATE_HZ,
            track_count=len(stems),
        )
        for at, (name, path) in enumerate(stems.items()):
            self.do("/session/track", **track(session, at, name, path))
        assert self.do("/session/commit", session=session)["answer"] == "ok"

    def close(self) -> None:
        self.http.close()


def track(session: str, index: int, name: str, path: Path) -> dict[str, object]:
    """Return the arguments of /session/track."""
    return {
        "session": session,
        "index": index,
        "track_id": name,
        "name": name.title(),
        "fader_db": -6.0,
        "pan": 0.0,
        "mute": 0,
        "stem_path": str(path),
        "plugins": "ReaEQ;ReaComp",
    }


@contextmanager
def web_of(at: Served) -> Iterator[Web]:
    asking = Web(at.url)
    try:
        yield asking
    finally:
        asking.close()


@dataclass(frozen=True)
class Heard:
    """One event."""

    name: str
    data: dict[str, Any]


@dataclass
class Ear:
    """Hears an event stream in a thread of its own."""

    url: str
    events: queue.Queue[Heard | None] = field(default_factory=queue.Queue)
    opened: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        assert self.opened.wait(PATIENCE_S)

    def _listen(self) -> None:
        name = ""
        with (
            httpx.Client(base_url=self.url, timeout=2 * PATIENCE_S) as http,
            http.stream("GET", f"{API}/events") as stream,
        ):
            assert stream.headers["content-type"].startswith("text/event-stream")
            for line in stream.iter_lines():
                if line.startswith("retry:"):
                    self.opened.set()
                elif line.startswith("event: "):
                    name = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self.events.put(Heard(name, json.loads(line.removeprefix("data: "))))
        self.events.put(None)

    def until(self, wanted: Callable[[Heard], bool]) -> list[Heard]:
        """Return what was heard up to an event that is wanted; nothing may end the stream before."""
        heard: list[Heard] = []
        while not heard or not wanted(heard[-1]):
            event = self.events.get(timeout=PATIENCE_S)
            assert event is not None, heard
            heard.append(event)
        return heard

    def until_job(self, kind: str, state: str) -> dict[str, Any]:
        """Return a job of this kind when it has come to this state."""
        found = self.until(
            lambda e: e.name == "job" and e.data["kind"] == kind and e.data["state"] == state
        )
        return found[-1].data

    def ended(self) -> bool:
        """Return whether the service ends the stream."""
        while self.events.get(timeout=PATIENCE_S) is not None:
            pass
        self._thread.join(PATIENCE_S)
        return not self._thread.is_alive()
