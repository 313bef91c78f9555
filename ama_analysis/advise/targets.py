"""What to aim at: a style by name, or the references of the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ama_analysis.advise.listening import Reported
from ama_analysis.advise.references import (
    WHOLE_TO_S,
    loudest_part_s,
    open_reference,
    programme_of,
)
from ama_analysis.audio import AudioFile
from ama_analysis.errors import AudioFileError
from ama_analysis.measure import measure_mix, reference_target
from ama_analysis.measurements import MixProfile
from ama_analysis.presets import load_target
from ama_analysis.progress import OnProgress, part_of
from ama_analysis.reference import Reference, clock
from ama_analysis.target import Target

DEFAULT_STYLE: Final = "neutral"


def target_for(
    style: str | None, references: Sequence[Reference], on_progress: OnProgress
) -> Target:
    """Return the target: the references where there are any (roles and ceiling from the style), else the style.

    Which part of a long reference was chosen, and which reference is silent, stands in the target's warnings.
    """
    base = load_target(style or DEFAULT_STYLE)
    if not references:
        return base
    profiles: list[tuple[str, MixProfile]] = []
    warnings: list[str] = []
    for at, reference in enumerate(references):
        share = part_of(on_progress, at / len(references), (at + 1) / len(references))
        profile, note = _heard(reference, share)
        warnings.extend([note] if note else [])
        if profile is not None:
            profiles.append((reference.name, profile))
    if not profiles:
        message = f"There is nothing to hear in {references[0]}."
        raise AudioFileError(message, hint="Give a reference with music in it.", code="AMA-103")
    target = reference_target(profiles, base)
    return replace(target, warnings=(*warnings, *target.warnings))


def _heard(reference: Reference, on_progress: OnProgress) -> tuple[MixProfile | None, str]:
    """Return the profile of what counts of a reference (None for silence), and a sentence where the user should know of it."""
    stage = f"listening to reference {reference.name}"
    file = open_reference(reference)
    if reference.start_s is None and file.duration_s > WHOLE_TO_S:
        profile, note = _loudest(file, stage, on_progress)
    else:
        profile, note = measure_mix(Reported(file, stage, on_progress)), ""
    if profile is None:
        return None, f"Reference {reference.name} is silent and was left out."
    return profile, note


def _loudest(file: AudioFile, stage: str, on_progress: OnProgress) -> tuple[MixProfile | None, str]:
    """Return the profile of a long file's loudest part in the frame of the whole, and the sentence that says which part it is."""
    programme = programme_of(Reported(file, stage, part_of(on_progress, 0.0, 0.6)))
    start_s, stop_s = loudest_part_s(programme.powers)
    loudest = Reported(file.section(start_s, stop_s), stage, part_of(on_progress, 0.6, 1.0))
    profile = measure_mix(loudest)
    if profile is None:
        return None, ""
    part = f"{clock(start_s)} to {clock(stop_s)}"
    note = f"Reference {file.path.name}: compared with its loudest part, {part}."
    return programme.around(profile), note
