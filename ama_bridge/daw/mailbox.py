"""The folder through which AMA and its scripts in a DAW hand each other files (see scripts/shared/mailbox.lua, the other side).

    request.json      what "AMA Apply" is to offer and set         result-ID.json     what became of it
    revert.json       what "AMA Revert" is to take back             reverted-ID.json   what became of that
    journal-ID.json   what was changed                              journals.json      ids not taken back yet, oldest first
    called-off-ID.json  nobody waits any more: a dialog that is open does nothing
    exported.json     where AMA Export wrote, until a service knows

One request at a time: whoever posts holds the folder's lock.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.codec import Json
from ama_analysis.errors import DeliveryError
from ama_bridge import json_text
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.documents import Asked, document_bytes
from ama_bridge.lock import FolderLock

JOURNALS_SCHEMA: Final = "ama.journals/1"
REVERT_SCHEMA: Final = "ama.revert/1"
EXPORTED_SCHEMA: Final = "ama.exported/1"
CALLED_OFF_SCHEMA: Final = "ama.called_off/1"
_KEPT: Final = 50
"""How many results, and journals of what was taken back, stay in the folder."""
FILES: Final = {"result": "result", "journal": "journal", "revert": "reverted"}
TEXTS: Final = ("begun", *FILES, "session")
"""The kinds of texts that scripts send, where a DAW lets them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Where AMA Export wrote a session, and its id."""

    id: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The folder; `daw` as people write it."""

    folder: Path
    daw: str

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
            message = f"AMA waits for {self.daw} already."
            hint = f"Answer the dialog in {self.daw}, or cancel the other job first."
            raise DeliveryError(message, hint=hint, code="AMA-703") from error
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    def post(self, request: Asked) -> None:
        """Put a request there, in the place of an older one; what was once answered to one of its id counts no more."""
        self._tidy()
        for path in (self.path_of("result", request.id), self._called_off(request.id)):
            self.withdraw(path)
        write_atomically(self.request, document_bytes(request))

    def post_revert(self, *, wish_id: str, ask: bool, answer_port: int = 0) -> None:
        """Put the wish there that the last hand-over be taken back; by `wish_id` it can be called off."""
        document: Json = {
            "schema": REVERT_SCHEMA,
            "id": "",
            "wish": wish_id,
            "ask": ask,
            "answer_port": answer_port,
        }
        write_atomically(self.revert, json_text.to_bytes(document))

    def call_off(self, wish_id: str) -> None:
        """Tell a script that has taken a wish and asks its user: nobody waits for the answer any more, nothing is to be done."""
        document: Json = {"schema": CALLED_OFF_SCHEMA, "id": wish_id}
        write_atomically(self._called_off(wish_id), json_text.to_bytes(document))

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
            return self.path_of(what, name).read_bytes()
        except OSError:
            return None

    def next_answer(self, what: str) -> Callable[[], bytes | None]:
        """Return how to look for an answer of this kind that is written from now on."""
        before = self._answers(what)

        def found() -> bytes | None:
            now = self._answers(what)
            new = [path for path, written_ns in now.items() if before.get(path) != written_ns]
            return new[0].read_bytes() if new else None

        return found

    def _answers(self, what: str) -> dict[Path, int]:
        """Return the answers of a kind with the times at which they were written (ns)."""
        return {p: p.stat().st_mtime_ns for p in self.folder.glob(f"{FILES[what]}-*.json")}

    def waiting_export(self) -> Path | None:
        """Return, once, the folder that AMA Export wrote and no service has heard of."""
        export = self.take_export()
        return None if export is None else export.folder

    def take_export(self, name: str = "exported.json") -> Export | None:
        """Return, once, what AMA Export wrote and no service has heard of, or what another note of its kind says."""
        note = self.folder / name
        try:
            document = json_text.from_bytes(note.read_bytes())
        except (OSError, ValueError):
            return None
        note.unlink(missing_ok=True)
        if not isinstance(document, dict):
            return None
        folder, id_ = document.get("folder"), document.get("id")
        if not isinstance(folder, str) or not Path(folder).is_dir():
            return None
        return Export(id=id_ if isinstance(id_, str) else "", folder=Path(folder))

    def note_export(self, export: Export, name: str) -> None:
        """Write a note of an export."""
        document: Json = {
            "schema": EXPORTED_SCHEMA,
            "id": export.id,
            "folder": str(export.folder),
        }
        write_atomically(self.folder / name, json_text.to_bytes(document))

    def journals(self) -> tuple[str, ...]:
        """Return the ids of what was not taken back yet, oldest first."""
        try:
            document = json_text.from_bytes((self.folder / "journals.json").read_bytes())
        except (OSError, ValueError):
            return ()
        ids = document.get("ids") if isinstance(document, dict) else None
        return tuple(name for name in ids if isinstance(name, str)) if isinstance(ids, list) else ()

    def path_of(self, what: str, name: str) -> Path:
        """Return where the answer of this kind and id lies."""
        return self.folder / f"{FILES[what]}-{name}.json"

    def _called_off(self, wish_id: str) -> Path:
        return self.folder / f"called-off-{wish_id}.json"

    def _tidy(self) -> None:
        """Remove old answers and old journals; a journal of what can be taken back stays."""
        stay = {self.path_of("journal", name) for name in self.journals()}
        for kind in ("result", "reverted", "called-off", "journal"):
            found = [path for path in self.folder.glob(f"{kind}-*.json") if path not in stay]
            for path in sorted(found, key=_written_ns)[:-_KEPT]:
                path.unlink(missing_ok=True)
                path.with_suffix(".sent").unlink(missing_ok=True)


def _written_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # a script has just written it anew
        return sys.maxsize
