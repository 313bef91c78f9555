"""A reference given as a folder of stems: what the mix is like, and how loud each role is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ama_analysis.advise.folders import mix_in
from ama_analysis.advise.listening import Reported
from ama_analysis.advise.references import open_reference, section_of_file
from ama_analysis.advise.sessions import session_from_paths, stems_of
from ama_analysis.audio import Sound
from ama_analysis.measure import LoudnessMeter, measure_mix
from ama_analysis.measurements import MixProfile
from ama_analysis.progress import OnProgress, part_of
from ama_analysis.reference import Reference
from ama_analysis.render import Mixdown
from ama_analysis.roles import Role
from ama_analysis.session import Session, Track
from ama_analysis.target import RoleStyle

MEASURED_TOLERANCE_LU: Final = 1.0
"""How far a role may lie from where one reference has it: a step that is just heard (AMA's choice)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardStems:
    """The profile of a reference's mix (None for silence), and the loudness of its roles against it, LU."""

    profile: MixProfile | None
    roles: Mapping[Role, float]


def heard_stems(reference: Reference, on_progress: OnProgress) -> HeardStems:
    """Listen to a folder of stems: to its `mix.*` where there is one, else to their sum at unity, and to each role by itself.

    Tracks of unknown role say nothing of roles. Raises as `session_from_paths` and `open_reference` do.
    """
    session = session_from_paths([reference.path])
    sound = _mix_of(session, reference)
    profile = measure_mix(Reported(sound, "", part_of(on_progress, 0.0, 0.5)))
    if profile is None:
        return HeardStems(profile=None, roles={})
    whole_lufs = _loudness_lufs(_sum_of(session, reference))
    roles = sorted({track.role for track in session.tracks} - {"other"})
    levels: dict[Role, float] = {}
    for at, role in enumerate(roles):
        on_progress(0.5 + 0.5 * at / len(roles), "")
        mine = replace(session, tracks=tuple(t for t in session.tracks if t.role == role))
        loudness = _loudness_lufs(_sum_of(mine, reference))
        if loudness is not None and whole_lufs is not None:
            levels[role] = loudness - whole_lufs
    return HeardStems(profile=profile, roles=levels)


def sound_of_stems(reference: Reference) -> Sound:
    """Return the mix of a folder of stems, as `heard_stems` hears it."""
    return _mix_of(session_from_paths([reference.path]), reference)


def _mix_of(session: Session, reference: Reference) -> Sound:
    mix = mix_in(reference.path)
    return open_reference(replace(reference, path=mix)) if mix else _sum_of(session, reference)


def with_roles_of(
    styles: Mapping[Role, RoleStyle], heard: Sequence[Mapping[Role, float]]
) -> Mapping[Role, RoleStyle]:
    """Return the roles of a style with the levels of references that gave stems: their median, tolerated by half their range at least."""
    changed = dict(styles)
    for role in sorted({role for levels in heard for role in levels}):
        levels = [one[role] for one in heard if role in one]
        changed[role] = replace(
            styles[role],
            level_lu=float(np.median(levels)),
            tolerance_lu=max(float(np.ptp(levels)) / 2.0, MEASURED_TOLERANCE_LU),
        )
    return changed


def _sum_of(session: Session, reference: Reference) -> Mixdown:
    sound_of = stems_of(session)

    def section(track: Track) -> Sound:
        return section_of_file(sound_of(track), reference)

    return Mixdown(session=session, sound_of=section, master=False)


def _loudness_lufs(sound: Sound) -> float | None:
    meter = LoudnessMeter(
        sample_rate_hz=sound.sample_rate_hz, channels=sound.channels, dual_mono=True
    )
    for block in sound.blocks():
        meter.add(block)
    return meter.result().integrated_lufs
