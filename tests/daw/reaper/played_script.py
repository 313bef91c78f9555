"""The part of AMA's scripts in REAPER, `played` by a thread.

The scripts themselves run in the tests with FakeReaper.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from ama_bridge.daw.documents import Applied, Result, ValueRead, document_bytes
from ama_bridge.daw.port import Skipped
from tests.daw.played import Play, played


def beat(mailbox: Path, *, age_s: float = 0.0, **more: Any) -> None:
    """Write a heartbeat, as the script does that waits."""
    mailbox.mkdir(parents=True, exist_ok=True)
    document = {
        "schema": "ama.heartbeat/1",
        "time_s": time.time() - age_s,
        "script": "AMA Listen",
        "version": "7.38",
        "resource_path": "",
        "project": "Song",
    }
    (mailbox / "heartbeat.json").write_text(json.dumps(document | more), encoding="utf-8")


def result_of(request: dict[str, Any]) -> Result:
    """Answer as AMA Apply does that applied the first and left out the others."""
    first, *others = [one["id"] for one in request["suggestions"]]
    return Result(
        id=request["id"],
        applied=(
            Applied(suggestion=first, values=(ValueRead(what="fader_db", asked=-3.0, read=-3.0),)),
        ),
        skipped=tuple(Skipped(suggestion=name, reason="not ticked in REAPER") for name in others),
    )


def answers(request: dict[str, Any], mailbox: Path) -> None:
    """Write the result of a request."""
    path = mailbox / f"result-{request['id']}.json"
    part = path.with_suffix(".part")
    part.write_bytes(document_bytes(result_of(request)))
    part.replace(path)


def says_nothing(request: dict[str, Any], mailbox: Path) -> None:
    """Begin, and bring no result."""


def script(
    mailbox: Path,
    play: Play = answers,
    *,
    wish: str = "request.json",
    started: threading.Event | None = None,
) -> AbstractContextManager[None]:
    return played(mailbox, play, wish=wish, started=started)
