"""What to aim at: a style by name, or the references of the session."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from ama_analysis.advise.listening import Reported
from ama_analysis.audio import open_audio
from ama_analysis.errors import AudioFileError
from ama_analysis.measure import measure_mix, reference_target
from ama_analysis.measurements import MixProfile
from ama_analysis.presets import load_target
from ama_analysis.progress import OnProgress, part_of
from ama_analysis.target import Target

DEFAULT_STYLE: Final = "neutral"


def target_for(style: str | None, references: Sequence[Path], on_progress: OnProgress) -> Target:
    """Return the target: the references where there are any (roles and ceiling from the style), else the style."""
    base = load_target(style or DEFAULT_STYLE)
    if not references:
        return base
    profiles: list[tuple[str, MixProfile]] = []
    warnings: list[str] = []
    for at, path in enumerate(references):
        share = part_of(on_progress, at / len(references), (at + 1) / len(references))
        stage = f"listening to reference {path.name}"
        profile = measure_mix(Reported(open_audio(path), stage, share))
        if profile is None:
            warnings.append(f"Reference {path.name} is silent and was left out.")
        else:
            profiles.append((path.name, profile))
    if not profiles:
        message = f"There is nothing to hear in {references[0]}."
        raise AudioFileError(message, hint="Give a reference with music in it.", code="AMA-103")
    target = reference_target(profiles, base)
    return replace(target, warnings=(*warnings, *target.warnings))
