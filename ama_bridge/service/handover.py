"""Handing a plan over to a DAW and taking it back: what is offered, what is agreed, and the file that says what became of it.

A DAW that asks (Ardour, in a dialog with tick boxes) is offered everything that was not rejected. Where nothing asks, only what was accepted or
edited is handed over. Either way the receipt says of every suggestion what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ama_analysis.errors import OptionError
from ama_analysis.plan import MixPlan
from ama_analysis.progress import OnProgress
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.port import Daw, Receipt, Reverted, Skipped, receipt_bytes, reverted_bytes
from ama_bridge.decisions import accepted, previewed
from ama_bridge.service.learning import Learner
from ama_bridge.store import Decision, Store, file_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where plans are handed over to, where it is written down, and who learns from it."""

    daw: Daw
    store: Store
    learner: Learner | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of a plan's suggestions, and the file that says so."""

    receipt: Receipt
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """What was taken back, and the file that says so."""

    reverted: Reverted
    path: Path


def daw_named(daws: Mapping[str, Daw], name: str) -> Daw:
    """Return the DAW that clients call so; `OptionError` (AMA-502) where this version has none of that name."""
    if name in daws:
        return daws[name]
    message = f"There is no DAW {name!r}."
    raise OptionError(message, hint=f"Known: {', '.join(daws)}.", code="AMA-502")


def hand_over(
    to: Delivery,
    plan_id: str,
    plan: MixPlan,
    decisions: Mapping[str, Decision],
    *,
    ask: bool,
    on_progress: OnProgress,
) -> Applied:
    """Hand a plan over, in a dialog of the DAW's with `ask` where it has one; the receipt lies in a delivery of its own."""
    ask = ask and to.daw.asks
    offered = previewed(plan, decisions) if ask else accepted(plan, decisions)
    folder = to.store.new_delivery(plan_id)
    receipt = to.daw.apply(
        offered,
        plan_id=plan_id,
        folder=folder,
        ask=ask,
        agreed=frozenset(s.id for s in accepted(plan, decisions).suggestions),
        on_progress=on_progress,
    )
    told = _told(receipt)
    skipped = tuple(s for s in _not_wanted(plan, decisions) if s.suggestion not in told)
    receipt = replace(receipt, skipped=(*receipt.skipped, *skipped))
    path = folder / "receipt.json"
    write_atomically(path, receipt_bytes(receipt))
    if to.learner is not None and to.daw.asks:  # what lies in a folder may never be used
        to.learner.handed_over(plan, decisions, receipt, path, asked=ask)
    return Applied(receipt=receipt, path=path)


def take_back(of: Delivery, *, ask: bool, on_progress: OnProgress) -> TakenBack:
    """Take back what the DAW was given last."""
    reverted = of.daw.revert(ask=ask, on_progress=on_progress)
    path = of.store.new_delivery(f"{file_name(reverted.id)}-reverted") / "reverted.json"
    write_atomically(path, reverted_bytes(reverted))
    return TakenBack(reverted=reverted, path=path)


def _told(receipt: Receipt) -> frozenset[str]:
    left = (entry.suggestion for entry in (*receipt.skipped, *receipt.conflicting))
    return frozenset((*receipt.applied, *left))


def _not_wanted(plan: MixPlan, decisions: Mapping[str, Decision]) -> tuple[Skipped, ...]:
    skipped = []
    for suggestion in plan.suggestions:
        decision = decisions.get(suggestion.id)
        if decision is None:
            skipped.append(Skipped(suggestion=suggestion.id, reason="not accepted yet"))
        elif decision.verdict == "reject":
            skipped.append(Skipped(suggestion=suggestion.id, reason="rejected"))
    return tuple(skipped)
