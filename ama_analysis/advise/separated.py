"""Tracks that are parts of a finished mix: which files they are, and how their suggestions are marked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from ama_analysis.models.separation_document import SeparationDocument
from ama_analysis.models.umx_weights import RESIDUAL
from ama_analysis.plan import MASTER, MixPlan, Suggestion

CONFIDENCE_FACTOR: Final = 0.7
"""A part holds traces of the others: what is said of it is less sure (AMA's choice)."""
RESIDUAL_COUNTS_DB: Final = -40.0
"""A residual that lies further below the mix is no track of its own (AMA's choice)."""


def parts_in(folder: Path, separation: SeparationDocument, warnings: list[str]) -> list[Path]:
    """Return the files that are tracks; what the user should know is told in `warnings`."""
    name = separation.mix.name
    warnings.append(
        f"The tracks are parts that AMA separated from {name}; each holds traces of the others, so listen before you trust a suggestion for one."
    )
    files = [folder / file for part, file in separation.parts.items() if part != RESIDUAL]
    if RESIDUAL in separation.parts and separation.residual_db > RESIDUAL_COUNTS_DB:
        files.append(folder / separation.parts[RESIDUAL])
        warnings.append(
            f"The track {RESIDUAL!r} is what the parts leave of {name}, {separation.residual_db:.0f} dB against it."
        )
    return files


def marked(plan: MixPlan) -> MixPlan:
    """Return the plan with suggestions for separated parts marked as such, in words and by less confidence; others as they are."""
    mix = plan.session.separated_from
    if mix is None:
        return plan
    told = tuple(_marked(one, mix) for one in plan.suggestions)
    return replace(plan, suggestions=told)


def _marked(suggestion: Suggestion, mix: Path) -> Suggestion:
    if suggestion.track == MASTER:
        return suggestion
    return replace(
        suggestion,
        because=f"{suggestion.because} (Heard in a part that was separated from {mix.name}.)",
        confidence=suggestion.confidence * CONFIDENCE_FACTOR,
    )
