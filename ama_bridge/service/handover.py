"""Handing a plan over to a DAW and taking it back: what is offered, what is agreed, and the file that says what became of it.

A DAW that asks (Ardour, in a dialog with tick boxes) is offered everything that was not rejected. Where nothing asks, only what was accepted or
edited is handed over. Either way the receipt says of every suggestion what became of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Final

from ama_analysis.errors import DeliveryError, OptionError
from ama_analysis.plan import MixPlan
from ama_analysis.progress import OnProgress, part_of
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
class Files:
    """How files are written: in a new folder in `into`, or in the delivery's own; with `render_mix` the mix beside them."""

    into: Path | None = None
    render_mix: Callable[[MixPlan, Path, OnProgress], object] | None = None


AS_USUAL: Final = Files()
MIX: Final = "mix.wav"


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
    files: Files = AS_USUAL,
    on_progress: OnProgress,
) -> Applied:
    """Hand a plan over, in a dialog of the DAW's with `ask` where it has one; the receipt lies in a delivery of its own."""
    ask = ask and to.daw.asks
    offered = previewed(plan, decisions) if ask else accepted(plan, decisions)
    folder = to.store.new_delivery(plan_id)
    written = _new_folder(files.into, folder.name) if files.into else folder
    receipt = to.daw.apply(
        offered,
        plan_id=plan_id,
        folder=written,
        ask=ask,
        agreed=frozenset(s.id for s in accepted(plan, decisions).suggestions),
        on_progress=on_progress,
    )
    if files.render_mix is not None:
        agreed = offered.only(frozenset(receipt.applied))
        files.render_mix(agreed, written / MIX, part_of(on_progress, 0.1, 1.0))
        receipt = replace(receipt, files=(MIX, *receipt.files))
    told = _told(receipt)
    skipped = tuple(s for s in _not_wanted(plan, decisions) if s.suggestion not in told)
    elsewhere = str(written) if files.into else ""
    receipt = replace(receipt, skipped=(*receipt.skipped, *skipped), folder=elsewhere)
    path = folder / "receipt.json"
    write_atomically(path, receipt_bytes(receipt))
    if to.learner is not None and to.daw.asks:  # what lies in a folder may never be used
        to.learner.handed_over(plan, decisions, receipt, path, asked=ask)
    return Applied(receipt=receipt, path=path)


def _new_folder(into: Path, name: str) -> Path:
    """Make and return a folder in another, numbered where one of the name is there; `DeliveryError` where none can be made."""
    for number in count(1):
        folder = into / (name if number == 1 else f"{name} ({number})")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        except OSError as error:
            message = f"No folder can be made in {into} ({error.strerror})."
            raise DeliveryError(message, hint="Choose another.") from error
        return folder
    raise AssertionError


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
