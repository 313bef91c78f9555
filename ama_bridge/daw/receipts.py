"""What a DAW's answers become: receipts, at once or when the user has answered an offer that waited in the mailbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

from ama_analysis.plan import MixPlan
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.documents import Offered, Result, document_from_bytes
from ama_bridge.daw.port import ReadBack, Receipt, Skipped, receipt_bytes

_KEEP: Final = "keep"
"""The rule that says that a fader stays: there is nothing to set, and the dialog does not ask for it."""
_STAYS: Final = "the fader stays where it is"


class Waiting(Protocol):
    """A request, of whichever DAW."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def suggestions(self) -> tuple[Offered, ...]:
        """What it offers."""

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What cannot be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """An offer that waits in the mailbox: its delivery's folder, and what its receipt says beside what the script answers."""

    daw: str
    folder: Path
    plan_id: str
    staying: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOffers:
    """Offers that nobody could be shown yet, by request id; as long as the service runs."""

    _left: dict[str, Left] = field(default_factory=dict)

    def leave(self, request: Waiting, left: Left, *, waits: str) -> Result:
        """Remember an offer that was put into the mailbox; `waits` is the reason that its receipt gives until it is answered."""
        self._left[request.id] = left
        skipped = tuple(Skipped(suggestion=s.id, reason=waits) for s in request.suggestions)
        return Result(id=request.id, skipped=(*request.skipped, *skipped))

    def settle(self, request_id: str, data: bytes) -> None:
        """Write the receipt of an offer anew, now that the user has answered it; `DeliveryError` where the answer cannot be read."""
        left = self._left.pop(request_id, None)
        if left is None:
            return
        result = document_from_bytes(Result, data, name="What AMA Apply answered")
        receipt = receipt_of(left.daw, left.plan_id, result, left.staying)
        write_atomically(left.folder / "result.json", data)
        write_atomically(left.folder / "receipt.json", receipt_bytes(receipt))


def staying_in(plan: MixPlan) -> tuple[str, ...]:
    """Return the suggestions by which a fader stays: nothing is asked of the DAW for them."""
    return tuple(s.id for s in plan.suggestions if s.rule == _KEEP)


def moving_in(plan: MixPlan) -> frozenset[str]:
    """Return all others."""
    return frozenset(s.id for s in plan.suggestions if s.rule != _KEEP)


def receipt_of(
    daw: str, plan_id: str, result: Result, staying: tuple[str, ...], notes: tuple[str, ...] = ()
) -> Receipt:
    """Return the receipt of what AMA Apply, or plain OSC, answered; `staying` are the faders that stay."""
    stays = tuple(Skipped(suggestion=name, reason=_STAYS) for name in staying)
    return Receipt(
        plan=plan_id,
        daw=daw,
        applied=tuple(one.suggestion for one in result.applied),
        skipped=(*result.skipped, *stays),
        conflicting=result.conflicting,
        files=("request.json", "result.json"),
        read_back=tuple(
            ReadBack(suggestion=one.suggestion, what=v.what, asked=v.asked, read=v.read)
            for one in result.applied
            for v in one.values
        ),
        notes=(*notes, *result.notes),
    )
