"""The folder through which AMA and its scripts in Ardour hand each other files (see scripts/ardour/mailbox.lua, the other side).

    request.json      what "AMA Apply" is to offer and set         result-ID.json     what became of it
    revert.json       what "AMA Revert" is to take back             reverted-ID.json   what became of that
    journal-ID.json   what was changed                              journals.json      ids not taken back yet, oldest first
    exported.json     where AMA Export wrote, until a service knows sent/ID/            a session that came over OSC

One request at a time: whoever posts holds the folder's lock. Where Ardour's sandbox keeps scripts from writing, AMA writes what they send.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.codec import Json
from ama_analysis.errors import DeliveryError
from ama_bridge import json_text
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.ardour.request import Request, document_bytes
from ama_bridge.daw.ardour.texts import Text
from ama_bridge.lock import FolderLock

JOURNALS_SCHEMA: Final = "ama.ardour.journals/1"
REVERT_SCHEMA: Final = "ama.ardour.revert/1"
BEGUN: Final = "begun"
"""The kind of text by which a script says that it has read what AMA wants."""
_KEPT: Final = 50
"""How many results stay in the folder."""
_ID: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")
_FILES: Final = {"result": "result", "journal": "journal", "revert": "reverted"}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The folder."""

    folder: Path

    @property
    def request(self) -> Path:
        """Where the pending request lies."""
        return self.folder / "request.json"

    @property
    def revert(self) -> Path:
        """Where the wish to take something back lies."""
        return self.folder / "revert.json"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep others from posting; `DeliveryError` (AMA-703) where another process or job waits for an answer."""
        try:
            lock = FolderLock(self.folder)
            lock.__enter__()
        except DeliveryError as error:
            if error.code != "AMA-703":
                raise
            message = "AMA waits for Ardour already."
            hint = "Answer the dialog in Ardour, or cancel the other job first."
            raise DeliveryError(message, hint=hint, code="AMA-703") from error
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    def post(self, request: Request) -> None:
        """Put a request there, in the place of an older one."""
        self._tidy()
        write_atomically(self.request, document_bytes(request))

    def post_revert(self, *, answer_port: int, ask: bool) -> None:
        """Put the wish there that the last hand-over be taken back."""
        document: Json = {
            "schema": REVERT_SCHEMA,
            "id": "",
            "ask": ask,
            "answer_port": answer_port,
        }
        write_atomically(self.revert, json_text.to_bytes(document))

    def withdraw(self, path: Path) -> bool:
        """Take back what nobody has read yet; return whether it was still there."""
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        return True

    def answer(self, what: str, name: str) -> bytes | None:
        """Return the bytes of the answer of this kind and id, None where none has come yet."""
        try:
            return self._path(what, name).read_bytes()
        except OSError:
            return None

    def answers(self, what: str) -> dict[Path, int]:
        """Return the answers of a kind with the times at which they were written (ns)."""
        return {p: p.stat().st_mtime_ns for p in self.folder.glob(f"{_FILES[what]}-*.json")}

    def keep(self, text: Text) -> bool:
        """Write what a script sent, where it could not write it itself; return whether it is a text that AMA knows."""
        if text.what == BEGUN:
            return True
        if text.what not in {*_FILES, "session"} or not _ID.fullmatch(text.id):
            _log.warning("a text %r of %r is passed over", text.what, text.id[:40])
            return False
        if text.what == "session":
            write_atomically(self.sent_session(text.id), text.text.encode("utf-8"))
            return True
        path = self._path(text.what, text.id)
        if text.what == "journal":
            sent = path.with_suffix(".sent")
            if (
                path.exists() and not sent.exists()
            ):  # the script writes it, and may have written a later one
                return True
            write_atomically(sent, b"")
            self._index(text)
        write_atomically(path, text.text.encode("utf-8"))
        return True

    def sent_session(self, name: str) -> Path:
        """Return where a session lies that came over OSC."""
        return self.folder / "sent" / name / "session.json"

    def waiting_export(self) -> Path | None:
        """Return, once, the folder that AMA Export wrote and no service has heard of."""
        note = self.folder / "exported.json"
        try:
            document = json_text.from_bytes(note.read_bytes())
        except (OSError, ValueError):
            return None
        note.unlink(missing_ok=True)
        folder = document.get("folder") if isinstance(document, dict) else None
        return Path(folder) if isinstance(folder, str) and Path(folder).is_dir() else None

    def _index(self, journal: Text) -> None:
        """List a journal, or strike it off where it says that it was taken back."""
        ids = [name for name in self.journals() if name != journal.id]
        with suppress(ValueError):
            document = json_text.from_bytes(journal.text.encode("utf-8"))
            if not (isinstance(document, dict) and document.get("reverted")):
                ids.append(journal.id)
        index: Json = {"schema": JOURNALS_SCHEMA, "ids": [*ids]}
        write_atomically(self.folder / "journals.json", json_text.to_bytes(index))

    def journals(self) -> tuple[str, ...]:
        """Return the ids of what was not taken back yet, oldest first."""
        try:
            document = json_text.from_bytes((self.folder / "journals.json").read_bytes())
        except (OSError, ValueError):
            return ()
        ids = document.get("ids") if isinstance(document, dict) else None
        return tuple(name for name in ids if isinstance(name, str)) if isinstance(ids, list) else ()

    def _path(self, what: str, name: str) -> Path:
        return self.folder / f"{_FILES[what]}-{name}.json"

    def _tidy(self) -> None:
        for kind in ("result", "reverted"):
            old = sorted(self.folder.glob(f"{kind}-*.json"), key=lambda p: p.stat().st_mtime)
            for path in old[:-_KEPT]:
                path.unlink(missing_ok=True)
