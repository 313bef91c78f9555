"""What a DAW's answers become: receipts."""

from __future__ import annotations

from typing import Final

from ama_analysis.plan import MixPlan
from ama_bridge.daw.documents import Result
from ama_bridge.daw.port import ReadBack, Receipt, Skipped

_KEEP: Final = "keep"
"""The rule that says that a fader stays: there is nothing to set, and the dialog does not ask for it."""
_STAYS: Final = "the fader stays where it is"


def staying_in(plan: MixPlan) -> tuple[str, ...]:
    """Return the suggestions by which a fader stays: nothing is asked of the DAW for them."""
    return tuple(s.id for s in plan.suggestions if s.rule == _KEEP)


def moving_in(plan: MixPlan) -> frozenset[str]:
    """Return all others."""
    return frozenset(s.id for s in plan.suggestions if s.rule != _KEEP)


def receipt_of(
    daw: str, plan_id: str, result: Result, staying: tuple[str, ...], notes: tuple[str, ...]
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
