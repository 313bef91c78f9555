"""What Ardour's answers become: receipts, at once or when the user has answered an offer that waited in the mailbox."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from ama_bridge.atomic import write_atomically
from ama_bridge.daw.ardour.mailbox import Mailbox
from ama_bridge.daw.ardour.request import Request, Result, document_from_bytes
from ama_bridge.daw.ardour.texts import Text
from ama_bridge.daw.port import ReadBack, Receipt, Skipped, receipt_bytes

DAW: Final = "ardour"
_WAITS: Final = "it waits in Ardour: press AMA Apply there"
_STAYS: Final = "the fader stays where it is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """An offer that waits in the mailbox: its delivery's folder, and what its receipt says beside what the script answers."""

    folder: Path
    plan_id: str
    staying: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LeftOffers:
    """Offers that nobody could be shown yet, by request id; as long as the service runs."""

    _left: dict[str, Left] = field(default_factory=dict)

    def leave(self, request: Request, mailbox: Mailbox, left: Left) -> Result:
        """Leave an offer in the mailbox; the script then answers to the service's own port."""
        self._left[request.id] = left
        mailbox.post(replace(request, answer_port=0))
        waits = tuple(Skipped(suggestion=s.id, reason=_WAITS) for s in request.suggestions)
        return Result(id=request.id, skipped=(*request.skipped, *waits))

    def settle(self, text: Text) -> None:
        """Write the receipt of an offer anew, now that the user has answered it; `DeliveryError` where the answer cannot be read."""
        left = self._left.pop(text.id, None)
        if left is None:
            return
        data = text.text.encode("utf-8")
        result = document_from_bytes(Result, data, name="What AMA Apply answered")
        receipt = receipt_of(left.plan_id, result, left.staying, ())
        write_atomically(left.folder / "result.json", data)
        write_atomically(left.folder / "receipt.json", receipt_bytes(receipt))


def receipt_of(
    plan_id: str, result: Result, staying: tuple[str, ...], notes: tuple[str, ...]
) -> Receipt:
    """Return the receipt of what AMA Apply, or plain OSC, answered; `staying` are the faders that stay."""
    stays = tuple(Skipped(suggestion=name, reason=_STAYS) for name in staying)
    return Receipt(
        plan=plan_id,
        daw=DAW,
        applied=tuple(one.suggestion for one in result.applied),
        skipped=(*result.skipped, *stays),
        conflicting=result.conflicting,
        files=("request.json", "result.json"),
        read_back=tuple(
            ReadBack(suggestion=one.suggestion, what=v.what, asked=v.asked, read=v.read)
            for one in result.applied
            for v in one.values
        ),
        notes=notes,
    )
