"""A script of AMA's in a DAW, played by a thread: it takes what AMA wants out of the mailbox, and answers as a test says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENT_S = 10.0
Play = Callable[[dict[str, Any], Path], None]


@contextmanager
def played(
    mailbox: Path,
    play: Play,
    *,
    wish: str = "request.json",
    started: threading.Event | None = None,
) -> Iterator[None]:
    """Take what AMA wants out of the mailbox when it comes (and not before `started`), then do what the test says."""
    ended = threading.Event()

    def run() -> None:
        while started is not None and not started.wait(0.01):
            if ended.is_set():
                return
        path = mailbox / wish
        while not path.is_file():
            if ended.wait(0.01):
                return
        document = json.loads(path.read_text(encoding="utf-8"))
        path.unlink()
        play(document, mailbox)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(PATIENT_S)


def wait_until(done: Callable[[], object], what: str) -> None:
    """Look until something is so; the test fails where it does not become so."""
    until_s = time.monotonic() + PATIENT_S
    pause = threading.Event()
    while not done():
        assert time.monotonic() < until_s, f"no {what}"
        pause.wait(0.01)
