"""What a list of plans shows of each, read from the beginning of its file: nine tenths of a plan are measurements, which stand at its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ama_analysis.errors import PlanError
from ama_analysis.plan import MixPlan, TargetSummary
from ama_bridge import json_text

_MEASUREMENTS: Final = b',\n  "measurements": '


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSummary:
    """One plan: how many suggestions, how far its mix was from the target and is; `made_s` in seconds since 1970."""

    id: str
    session: str
    engine: str
    target: str
    suggestions: int
    before: float | None
    after: float | None
    made_s: float


def summary_of(plan_id: str, plan: MixPlan, made_s: float) -> PlanSummary:
    """Return the summary of a plan that is at hand."""
    verified = plan.verification
    return PlanSummary(
        id=plan_id,
        session=plan.session.name,
        engine=plan.engine,
        target=_target(plan.target),
        suggestions=len(plan.suggestions),
        before=verified.before if verified else None,
        after=verified.after if verified else None,
        made_s=made_s,
    )


def _target(target: TargetSummary) -> str:
    return ", ".join(target.references) or target.name


def summary_in(path: Path) -> PlanSummary:
    """Return the summary of the plan in a file; `PlanError` (AMA-401) where it is none."""
    try:
        data = path.read_bytes()
        made_s = path.stat().st_mtime
        return _read(path.stem, _head(data), made_s)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path} is not a plan ({type(error).__name__}: {error})."
        raise PlanError(message, hint="Make one with suggest.") from error


def _head(data: bytes) -> Any:  # noqa: ANN401  # any JSON value
    head, found, _ = data.partition(_MEASUREMENTS)
    return json_text.from_bytes(head + b"}" if found else data)


def _read(plan_id: str, document: Any, made_s: float) -> PlanSummary:  # noqa: ANN401  # any JSON value
    verified = document["verification"] or {"before": None, "after": None}
    target = document["target"]
    return PlanSummary(
        id=plan_id,
        session=document["session"]["name"],
        engine=document["engine"],
        target=", ".join(target.get("references") or ()) or target["name"],
        suggestions=len(document["suggestions"]),
        before=verified["before"],
        after=verified["after"],
        made_s=made_s,
    )
