"""What a DAW adapter does: takes the accepted suggestions and says what became of each of them. It never ignores one silently."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from ama_analysis.codec import to_json
from ama_analysis.plan import MixPlan
from ama_bridge import json_text

RECEIPT_SCHEMA: Final = "ama.receipt/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A suggestion that was not handed over, and why."""

    suggestion: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a plan: every suggestion stands in just one of the three lists. `files` lie in the delivery's folder."""

    plan: str
    daw: str
    applied: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()
    conflicting: tuple[Skipped, ...] = ()
    files: tuple[str, ...] = ()


def receipt_bytes(receipt: Receipt) -> bytes:
    """Return the receipt file's bytes: schema, then the receipt's fields."""
    return json_text.to_bytes({"schema": RECEIPT_SCHEMA, **to_json(receipt, Receipt)})


class Daw(Protocol):
    """One way to hand settings over."""

    @property
    def name(self) -> str:
        """The word by which clients ask for it."""

    def apply(self, plan: MixPlan, *, plan_id: str, folder: Path) -> Receipt:
        """Hand over all suggestions of the plan, writing files into `folder` alone; `DeliveryError` where nothing could be done."""
