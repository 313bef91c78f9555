"""What a finished job says of its result, as the JSON documents that a client reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ama_analysis.codec import Json
from ama_analysis.plan import MixPlan
from ama_analysis.session import Session
from ama_bridge import json_text
from ama_bridge.daw.port import receipt_bytes, reverted_bytes
from ama_bridge.service.handover import Applied, TakenBack

if TYPE_CHECKING:
    from ama_analysis.advise import Rendered, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """A plan that a service made, with its id and file."""

    plan_id: str
    path: Path
    plan: MixPlan


def session_told(session: Session) -> Json:
    """Return what is said of a session that was looked into."""
    return {
        "session": session.name,
        "tracks": len(session.tracks),
        "warnings": list(session.warnings),
    }


def suggested_told(made: Suggested) -> Json:
    """Return what is said of a plan that was made."""
    return {
        "plan": made.plan_id,
        "count": len(made.plan.suggestions),
        "plan_path": str(made.path),
    }


def rendered_told(rendered: Rendered) -> Json:
    """Return what is said of a render: its file's name, and the levels of both files."""
    after, before = rendered.after, rendered.before
    return {
        "name": after.path.name,
        "before_name": before.path.name if before else None,
        "path": str(after.path),
        "after": _levels(after),
        "before": _levels(before) if before else None,
    }


def _levels(written: Written) -> Json:
    return {
        "integrated_lufs": written.integrated_lufs,
        "true_peak_dbtp": written.true_peak_dbtp,
        "gain_db": written.gain_db,
    }


def applied_told(applied: Applied) -> Json:
    """Return what is said of a hand-over, its receipt with it."""
    receipt = applied.receipt
    return {
        "applied": len(receipt.applied),
        "skipped": len(receipt.skipped) + len(receipt.conflicting),
        "receipt_path": str(applied.path),
        "receipt": json_text.from_bytes(receipt_bytes(receipt)),
    }


def taken_back_told(back: TakenBack) -> Json:
    """Return what is said of what was taken back."""
    reverted = back.reverted
    return {
        "restored": len(reverted.restored),
        "conflicting": len(reverted.conflicting),
        "path": str(back.path),
        "reverted": json_text.from_bytes(reverted_bytes(reverted)),
    }
