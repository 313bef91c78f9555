"""Offers that nobody could be shown at once: they wait in the mailbox until the user presses AMA Apply, and get their receipt then.

Answers are looked for in the mailbox. What waits is noted there (`left-ID.json`), since whoever offered may have ended by then: the service, or the next
command, writes the receipt.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, Protocol, TypeAlias

from ama_analysis.codec import CodecError, from_json, to_json
from ama_analysis.errors import AmaError
from ama_bridge import json_text
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.documents import Asked, Offered, Result, document_from_bytes
from ama_bridge.daw.mailbox import Mailbox
from ama_bridge.daw.port import Receipt, Skipped, receipt_at, receipt_bytes
from ama_bridge.daw.receipts import receipt_of

LEFT_SCHEMA: Final = "ama.left/1"
REPLACED: Final = "a later plan took its place before it was answered"

Notes: TypeAlias = Callable[[Path, Result], tuple[str, ...]]
"""Takes the file of the request and what became of it; may raise `AmaError` or `OSError`."""

_log = logging.getLogger(__name__)


class Waiting(Asked, Protocol):
    """A request, of whichever DAW."""

    @property
    def suggestions(self) -> tuple[Offered, ...]:
        """What it offers."""

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What cannot be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is to be known for the receipt: the delivery's folder, the plan, faders that stay."""

    schema: Literal["ama.left/1"] = LEFT_SCHEMA
    id: str
    folder: str
    plan: str
    staying: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOffers:
    """The notes in one mailbox."""

    mailbox: Mailbox
    daw: str
    waits: str
    """The reason that a receipt gives until its offer is answered."""
    notes: Notes = lambda _request, _result: ()
    """What is to be said of what was applied."""

    def leave(
        self, request: Waiting, *, folder: Path, plan_id: str, staying: tuple[str, ...]
    ) -> Result:
        """Put an offer into the mailbox and note it."""
        note = Note(id=request.id, folder=str(folder.absolute()), plan=plan_id, staying=staying)
        write_atomically(self._path(request.id), json_text.to_bytes(to_json(note, Note)))
        self.mailbox.post(request)
        skipped = tuple(Skipped(suggestion=s.id, reason=self.waits) for s in request.suggestions)
        return Result(id=request.id, skipped=(*request.skipped, *skipped))

    def settle(self) -> None:
        """Write the receipts of the offers that were answered meanwhile."""
        for path, note in self._notes():
            data = self.mailbox.answer("result", note.id)
            if data is not None:
                self._settle(note, data)
                path.unlink(missing_ok=True)

    def give_way(self) -> None:
        """Take away the offer that nobody has seen yet, since another takes its place, and say so in its receipt."""
        for path, note in self._notes():
            if note.id != self._pending() or not self.mailbox.withdraw(self.mailbox.request):
                continue
            before = receipt_at(Path(note.folder) / "receipt.json")
            if before is not None:
                skipped = tuple(
                    replace(one, reason=REPLACED) if one.reason == self.waits else one
                    for one in before.skipped
                )
                _keep(Path(note.folder), replace(before, skipped=skipped))
            path.unlink(missing_ok=True)

    def _pending(self) -> str:
        """Return the id of the request that nobody has read yet."""
        try:
            document = json_text.from_bytes(self.mailbox.request.read_bytes())
        except (OSError, ValueError):
            return ""
        return str(document.get("id")) if isinstance(document, dict) else ""

    def _settle(self, note: Note, data: bytes) -> None:
        try:
            result = document_from_bytes(Result, data, name="What AMA Apply answered")
            told_of = self.notes(Path(note.folder) / "request.json", result)
            receipt = receipt_of(self.daw, note.plan, result, note.staying, told_of)
            before = receipt_at(Path(note.folder) / "receipt.json")
            told = {one.suggestion for one in (*receipt.skipped, *receipt.conflicting)}
            told.update(receipt.applied)
            others = before.skipped if before is not None else ()
            skipped = (*receipt.skipped, *(one for one in others if one.suggestion not in told))
            write_atomically(Path(note.folder) / "result.json", data)
            _keep(Path(note.folder), replace(receipt, skipped=skipped))
        except (AmaError, OSError) as error:
            _log.warning("the receipt of %s is not written: %s", note.id, error)

    def _notes(self) -> Iterator[tuple[Path, Note]]:
        for path in sorted(self.mailbox.folder.glob("left-*.json")):
            try:
                yield path, from_json(json_text.from_bytes(path.read_bytes()), Note)
            except (OSError, CodecError, ValueError):
                continue

    def _path(self, name: str) -> Path:
        return self.mailbox.folder / f"left-{name}.json"


def _keep(folder: Path, receipt: Receipt) -> None:
    write_atomically(folder / "receipt.json", receipt_bytes(receipt))
