"""Ardour's mailbox: `daw.mailbox`, and what scripts send over OSC where Ardour's sandbox keeps them from writing files.

sent/ID/          a session that came over OSC
"""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.codec import Json
from ama_analysis.errors import SessionError
from ama_bridge import json_text
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.ardour.texts import Text
from ama_bridge.daw.mailbox import FILES, JOURNALS_SCHEMA, Mailbox

BEGUN: Final = "begun"
"""The kind of text by which a script says that it has read what AMA wants."""
_SENT_KEPT: Final = 50
"""How many sessions that came over OSC stay; each is read as soon as it is there."""
_ID: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ArdourMailbox(Mailbox):
    """The folder."""

    daw: str = "Ardour"

    def keep(self, text: Text) -> bool:
        """Write what a script sent, where it could not write it itself; return whether it is a text that AMA knows.

        `SessionError` (AMA-204) for a session that is none.
        """
        if text.what == BEGUN:
            return True
        if text.what not in {*FILES, "session"} or not _ID.fullmatch(text.id):
            _log.warning("a text %r of %r is passed over", text.what, text.id[:40])
            return False
        if text.what == "session":
            _check_session(text.text)
            write_atomically(self.sent_session(text.id), text.text.encode("utf-8"))
            self._tidy_sent()
            return True
        path = self.path_of(text.what, text.id)
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

    def _tidy_sent(self) -> None:
        sent = sorted(self.folder.glob("sent/*/session.json"), key=lambda p: p.stat().st_mtime_ns)
        for path in sent[:-_SENT_KEPT]:
            with suppress(OSError):
                path.unlink()
                path.parent.rmdir()

    def _index(self, journal: Text) -> None:
        """List a journal, or strike it off where it says that it was taken back."""
        ids = [name for name in self.journals() if name != journal.id]
        with suppress(ValueError):
            document = json_text.from_bytes(journal.text.encode("utf-8"))
            if not (isinstance(document, dict) and document.get("reverted")):
                ids.append(journal.id)
        index: Json = {"schema": JOURNALS_SCHEMA, "ids": [*ids]}
        write_atomically(self.folder / "journals.json", json_text.to_bytes(index))


def _check_session(text: str) -> None:
    found: object = None
    with suppress(ValueError):
        found = json_text.from_bytes(text.encode("utf-8"))
    if not isinstance(found, dict):
        message = "The session that Ardour sent cannot be read: it is no JSON object."
        raise SessionError(message, hint="Export it again.", code="AMA-204")
