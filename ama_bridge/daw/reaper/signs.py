"""Small files in the mailbox by which REAPER's scripts and a service know that the other is there.

    heartbeat.json   about once a second from the AMA script that waits in REAPER; away when it ends
    actions.json     under which command ids REAPER knows AMA's scripts
    service.json     about every two seconds from a running `ama serve`; away when it ends
    status.json      how far the service is with an export

They come and go all the time and say nothing that lasts, so they are not flushed to the disk; who reads one while it is written takes it
for missing.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ama_analysis.codec import Json
from ama_analysis.whole_file import whole_file
from ama_bridge import json_text

HEARTBEAT_SCHEMA: Final = "ama.heartbeat/1"
ACTIONS_SCHEMA: Final = "ama.actions/1"
SERVICE_SCHEMA: Final = "ama.service/1"
STATUS_SCHEMA: Final = "ama.status/1"
YOUNG_S: Final = 3.0
"""A heartbeat that is older is of a script that has ended, or of a REAPER that has gone."""
SERVICE_EVERY_S: Final = 2.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A script that waits in REAPER."""

    time_s: float
    script: str = ""
    version: str = ""
    resource_path: str = ""
    project: str = ""

    @property
    def young(self) -> bool:
        """Whether the script waits now."""
        return abs(time.time() - self.time_s) < YOUNG_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """Command ids by the names of AMA's scripts, in the REAPER of one resource folder."""

    resource_path: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Signs:
    """The files in one mailbox."""

    folder: Path
    _told_s: float = -SERVICE_EVERY_S

    def heartbeat(self) -> Heartbeat | None:
        """Return the last heartbeat, None where no script waits."""
        found = self._document("heartbeat.json", HEARTBEAT_SCHEMA)
        time_s = found.get("time_s")
        if not isinstance(time_s, int | float):
            return None
        texts = ("script", "version", "resource_path", "project")
        return Heartbeat(time_s=time_s, **{name: _text(found.get(name)) for name in texts})

    def listening(self) -> bool:
        """Return whether a script waits in REAPER for requests."""
        heartbeat = self.heartbeat()
        return heartbeat is not None and heartbeat.young

    def still_there(self, patience_s: float) -> Callable[[], bool]:
        """Return what says whether a script that was heard since now is still there; one that never was is taken to be."""
        last_s: float | None = None

        def there() -> bool:
            nonlocal last_s
            now_s = time.monotonic()
            if self.listening():
                last_s = now_s
            return last_s is None or now_s - last_s < patience_s

        return there

    def actions(self) -> Actions:
        """Return what is known of command ids."""
        known = self._document("actions.json", ACTIONS_SCHEMA)
        ids = known.get("actions")
        if not isinstance(ids, dict):
            return Actions()
        return Actions(
            resource_path=_text(known.get("resource_path")),
            ids={name: _text(one) for name, one in ids.items() if _text(one)},
        )

    def tell_service(self) -> None:
        """Say that a service runs, where it was not said just now."""
        now_s = time.monotonic()
        if now_s - self._told_s >= SERVICE_EVERY_S:
            self._told_s = now_s
            self._write(
                "service.json",
                {"schema": SERVICE_SCHEMA, "pid": os.getpid(), "time_s": round(time.time(), 1)},
            )

    def end_service(self) -> None:
        """Say that no service runs any more."""
        (self.folder / "service.json").unlink(missing_ok=True)

    def tell_status(self, export: str, share: float, stage: str, error: str) -> None:
        """Say how far the work on an export is."""
        self._write(
            "status.json",
            {
                "schema": STATUS_SCHEMA,
                "id": export,
                "share": round(min(max(share, 0.0), 1.0), 3),
                "stage": stage,
                "error": error,
            },
        )

    def _document(self, name: str, schema: str) -> dict[str, Any]:
        try:
            found = json_text.from_bytes((self.folder / name).read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) and found.get("schema") == schema else {}

    def _write(self, name: str, document: Json) -> None:
        path = self.folder / name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as part:
                part.write_bytes(json_text.to_bytes(document))
        except OSError as error:  # Windows, while a script reads it; or a full disk
            _log.debug("%s is not written: %s", path, error)


def _text(value: Any) -> str:  # noqa: ANN401  # any JSON value
    return value if isinstance(value, str) else ""
