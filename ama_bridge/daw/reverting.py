"""What "AMA Revert" answers: what was taken back, what somebody changed since, and what is not there any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from ama_analysis.codec import CodecError, from_json
from ama_analysis.errors import DeliveryError
from ama_bridge import json_text
from ama_bridge.daw.port import Reverted

SCHEMA: Final = "ama.taken_back/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that AMA set or inserted: what, and on which track."""

    what: str
    track: str
    name: str
    reason: str = ""

    def in_words(self) -> str:
        """Return it as a line."""
        line = f"{self.name}: {self.what}"
        return f"{line} ({self.reason})" if self.reason else line


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The document; `reason` says why nothing was done at all."""

    schema: Literal["ama.taken_back/1"] = "ama.taken_back/1"
    id: str
    restored: tuple[Item, ...]
    gone: tuple[Item, ...]
    conflicting: tuple[Item, ...]
    reason: str = ""


def reverted_from(data: bytes, *, daw: str) -> Reverted:
    """Return what was taken back; `DeliveryError` (AMA-705) where the answer cannot be read."""
    try:
        answer: Answer = from_json(json_text.from_bytes(data), Answer)
    except (CodecError, ValueError) as error:
        message = f"What AMA Revert answered cannot be read: {error}."
        raise DeliveryError(message, hint="Look at the mixer.", code="AMA-705") from error
    return Reverted(
        daw=daw,
        id=answer.id,
        restored=tuple(item.in_words() for item in answer.restored),
        conflicting=tuple(item.in_words() for item in answer.conflicting),
        gone=tuple(item.in_words() for item in answer.gone),
        note=answer.reason,
    )
