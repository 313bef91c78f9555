"""Everything that happens, as server-sent events: `job` with how a job stands, `changed` with what can be read anew.

A listener that is slow, or away for a moment, is told the newest state of each thing, never all that came between: what waits for it is
one entry a job and one a thing that changed, so it stays small, and no state is lost. Progress of a job within one stage comes every
`PACE_S` at most.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from ama_bridge.jobs import Job
from ama_bridge.service.news import Changed, Event, News
from ama_bridge.web.answering import Refused, json_bytes
from ama_bridge.web.documents import job_document

PACE_S: Final = 0.1
ALIVE_S: Final = 15.0
"""So often is a line sent that says nothing, so that both ends notice when the other has gone."""
MOST_STREAMS: Final = 64
_BEGINNING: Final = b"retry: 1000\n\n"
_STILL_HERE: Final = b":\n\n"


@dataclass(slots=True, kw_only=True)
class Stream:
    """What one listener has not been told yet; for the thread of its loop."""

    loop: asyncio.AbstractEventLoop
    on_idle: Callable[[], object]
    waiting: OrderedDict[object, Event] = field(default_factory=OrderedDict)
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    closed: bool = False

    def put(self, event: Event) -> None:
        """Take the newest state of a thing."""
        self.waiting[event.id if isinstance(event, Job) else event] = event
        self.woken.set()

    def close(self) -> None:
        """End it once all is told."""
        self.closed = True
        self.woken.set()

    async def texts(self) -> AsyncGenerator[bytes, None]:
        """Yield what goes over the line, until it is closed."""
        yield _BEGINNING
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(ALIVE_S):
                    await self.woken.wait()
            self.woken.clear()
            told = b"".join(map(_text, self.waiting.values()))
            self.waiting.clear()
            if told or not self.closed:
                yield told or _STILL_HERE
            if self.closed:
                return
            if not told:
                self.on_idle()


class Streams:
    """All who listen. Events come on any thread; streams are opened and ended on the thread of their loop."""

    def __init__(self, news: News, on_idle: Callable[[], object]) -> None:
        """Listen to a service; `on_idle` is called now and then while somebody listens, and must be quick."""
        self._on_idle = on_idle
        self._streams: tuple[Stream, ...] = ()
        self._told: dict[str, tuple[str, float]] = {}
        self._closed = False
        self._lock = threading.Lock()
        self._end = news.listen(self._heard)

    def open(self) -> Stream:
        """Return a new stream; `Refused` (503) where there are too many, or the service stops."""
        with self._lock:
            if self._closed:
                raise Refused(503, "The service is stopping.")
            if len(self._streams) >= MOST_STREAMS:
                message = f"{MOST_STREAMS} event streams are open already."
                raise Refused(503, message, hint="Close some pages.")
            stream = Stream(loop=asyncio.get_running_loop(), on_idle=self._on_idle)
            self._streams = (*self._streams, stream)
        return stream

    def leave(self, stream: Stream) -> None:
        """Tell a stream no more."""
        with self._lock:
            self._streams = tuple(each for each in self._streams if each is not stream)

    def close(self) -> None:
        """End all streams."""
        self._end()
        with self._lock:
            streams, self._streams, self._closed = self._streams, (), True
        for stream in streams:
            stream.loop.call_soon_threadsafe(stream.close)

    def _heard(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, Job) and not self._due(event):
                return
            for stream in self._streams:
                stream.loop.call_soon_threadsafe(stream.put, event)

    def _due(self, job: Job) -> bool:
        """Return whether a step of a job is to be told: another stage or state always, else every `PACE_S`."""
        stage, now_s = f"{job.state} {job.stage}", time.monotonic()
        told, at_s = self._told.get(job.id, ("", 0.0))
        if told == stage and now_s - at_s < PACE_S:
            return False
        if job.over:
            self._told.pop(job.id, None)
        else:
            self._told[job.id] = (stage, now_s)
        return True


def _text(event: Event) -> bytes:
    name = b"job" if isinstance(event, Job) else b"changed"
    return b"event: " + name + b"\ndata: " + json_bytes(_document(event)) + b"\n\n"


def _document(event: Event) -> dict[str, Any]:
    match event:
        case Job():
            return job_document(event)
        case Changed():
            return {"what": event.what, "subject": event.subject}
