"""What to aim at: a style by name, or the references of the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from ama_analysis.advise.folders import by_song
from ama_analysis.advise.listening import Reported
from ama_analysis.advise.reference_parts import heard_parts, with_parts_of
from ama_analysis.advise.reference_stems import heard_stems, sound_of_stems, with_roles_of
from ama_analysis.advise.references import (
    WHOLE_TO_S,
    coherent_part_s,
    is_long,
    open_reference,
    programme_of,
)
from ama_analysis.audio import AudioFile, Sound
from ama_analysis.cache import NO_CACHE, Cache, Contents, key_of
from ama_analysis.errors import AudioFileError
from ama_analysis.measure import measure_mix, reference_target
from ama_analysis.measurements import MixProfile
from ama_analysis.models.umx_weights import UmxWeights, separating_libraries
from ama_analysis.presets import load_target
from ama_analysis.progress import OnProgress, part_of
from ama_analysis.reference import Reference, clock
from ama_analysis.roles import Role
from ama_analysis.target import Target
from ama_analysis.tasks import Outcome, Task, carried_out, kept_value_task

DEFAULT_STYLE: Final = "neutral"
_FOLDER_S: Final = 600.0
"""What a folder of stems is taken to cost: a song and its tracks."""
_SEPARATING_COST: Final = 40.0
"""Taking a second apart takes so many times as long as measuring it (0.16 against 0.004 s of processor time)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardReference:
    """What counts of a reference: its profile (None for silence), the part in seconds that was chosen where AMA chose one, its roles' levels.

    `roles` are those of a reference that is a folder of stems, `parts` those that separation heard.
    """

    profile: MixProfile | None
    part_s: tuple[int, int] | None = None
    roles: Mapping[Role, float] = field(default_factory=dict)
    parts: Mapping[Role, float] = field(default_factory=dict)


def target_for(
    style: str | None,
    references: Sequence[Reference],
    on_progress: OnProgress,
    *,
    cache: Cache = NO_CACHE,
    separation: UmxWeights | None = None,
) -> Target:
    """Return the target: the references where there are any (roles and ceiling from the style), else the style.

    Which part of a long reference was chosen, which folder was taken as songs, and which reference is silent, stands in the target's warnings. Profiles that `cache` has by
    the content of their files are not measured again.
    """
    told: list[str] = []
    references = by_song(references, told)
    tasks = reference_tasks(references, cache, Contents(cache), separation)

    def stage(done: Sequence[float]) -> str:
        at = next((i for i, part in enumerate(done) if part < 1.0), len(done) - 1)
        return f"listening to reference {references[at].name}"

    outcomes = carried_out(tasks, stage=stage, on_progress=on_progress)
    target = target_of(style, references, outcomes)
    return replace(target, warnings=(*told, *target.warnings))


def target_of(
    style: str | None, references: Sequence[Reference], outcomes: Sequence[Outcome[HeardReference]]
) -> Target:
    """Return the target, given what came of the references' tasks; raise the error of the first that cannot be read."""
    base = load_target(style or DEFAULT_STYLE)
    if not references:
        return base
    heard = []
    for outcome in outcomes:
        if isinstance(outcome, AudioFileError):
            raise outcome
        heard.append(outcome)
    profiles = [
        (reference.name, one.profile)
        for reference, one in zip(references, heard, strict=True)
        if one.profile is not None
    ]
    if not profiles:
        message = f"There is nothing to hear in {references[0]}."
        raise AudioFileError(message, hint="Give a reference with music in it.", code="AMA-103")
    target = reference_target(profiles, base)
    roles = with_parts_of(target.roles, [one.parts for one in heard])
    roles = with_roles_of(roles, [one.roles for one in heard])
    notes = (_note(reference, one) for reference, one in zip(references, heard, strict=True))
    return replace(target, roles=roles, warnings=(*filter(None, notes), *target.warnings))


def reference_tasks(
    references: Sequence[Reference],
    cache: Cache,
    contents: Contents,
    separation: UmxWeights | None = None,
) -> list[Task[HeardReference]]:
    """Return the tasks of listening to references, with `separation` to their parts too."""
    return [_task(reference, cache, contents, separation) for reference in references]


def _task(
    reference: Reference, cache: Cache, contents: Contents, separation: UmxWeights | None
) -> Task[HeardReference]:
    if reference.path.is_dir():
        return Task(make=partial(_heard_folder, reference), cost_s=_FOLDER_S, recall=lambda: None)
    duration_s = open_reference(reference).duration_s

    def key() -> str | None:
        content = contents(reference.path)
        model = () if separation is None else (separation.content, *separating_libraries())
        return None if content is None else key_of("reference", content, reference.section, *model)

    apart_s = 0.0 if separation is None else min(duration_s, WHOLE_TO_S) * _SEPARATING_COST
    return kept_value_task(
        partial(_heard, reference, separation),
        cost_s=duration_s + apart_s,
        cache=cache,
        key=key,
        hint=HeardReference,
    )


def _heard_folder(reference: Reference, on_progress: OnProgress) -> HeardReference:
    stems = heard_stems(reference, on_progress)
    return HeardReference(profile=stems.profile, roles=stems.roles)


def _heard(
    reference: Reference, separation: UmxWeights | None, on_progress: OnProgress
) -> HeardReference:
    """Listen to what counts of a reference, and with `separation` to its parts."""
    if separation is None:
        return _as_a_whole(reference, on_progress)
    heard = _as_a_whole(reference, part_of(on_progress, 0.0, 0.1))
    if heard.profile is None:
        return heard
    from ama_analysis.models.umx_model import UmxModel

    model, share = UmxModel(separation), part_of(on_progress, 0.1, 1.0)
    return replace(
        heard, parts=heard_parts(_to_take_apart(reference, heard), model, on_progress=share)
    )


def _to_take_apart(reference: Reference, heard: HeardReference) -> AudioFile:
    """Return what counts of a reference, of a long section its loudest part: the balance of a minute says enough."""
    file, part_s = open_reference(reference), heard.part_s
    if part_s is None and file.duration_s > WHOLE_TO_S:
        part_s = coherent_part_s(programme_of(file).powers)
    return file if part_s is None else file.section(*part_s)


def _as_a_whole(reference: Reference, on_progress: OnProgress) -> HeardReference:
    """Listen to what counts of a reference: the section that was chosen, else all of it, or the loudest part of a long one."""
    file = open_reference(reference)
    if not is_long(reference, file):
        return HeardReference(profile=measure_mix(Reported(file, "", on_progress)))
    programme = programme_of(Reported(file, "", part_of(on_progress, 0.0, 0.6)))
    start_s, stop_s = coherent_part_s(programme.powers)
    loudest = Reported(file.section(start_s, stop_s), "", part_of(on_progress, 0.6, 1.0))
    profile = measure_mix(loudest)
    if profile is None:
        return HeardReference(profile=None)
    return HeardReference(profile=programme.around(profile), part_s=(start_s, stop_s))


def counted_sound(reference: Reference, on_progress: OnProgress) -> Sound:
    """Return what counts of a reference as a sound: its section, all of it, or the loudest part of a long one; of a folder of stems their mix."""
    if reference.path.is_dir():
        return sound_of_stems(reference)
    file = open_reference(reference)
    if not is_long(reference, file):
        return file
    return file.section(*coherent_part_s(programme_of(Reported(file, "", on_progress)).powers))


def _note(reference: Reference, heard: HeardReference) -> str:
    """Return the sentence that the user should read of a reference, empty for none."""
    if heard.profile is None:
        return f"Reference {reference.name} is silent and was left out."
    if heard.roles:
        return f"Reference {reference.name}: the balance of its stems counts for {', '.join(heard.roles)}."
    notes = []
    if heard.part_s is not None:
        part = " to ".join(clock(time_s) for time_s in heard.part_s)
        notes.append(f"compared with its loudest part, {part}")
    if heard.parts:
        notes.append(f"the balance of its separated parts counts for {', '.join(heard.parts)}")
    return f"Reference {reference.name}: {'; '.join(notes)}." if notes else ""
