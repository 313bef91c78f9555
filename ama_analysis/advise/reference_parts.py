"""How loud voice, drums and bass are in a finished reference: its parts by separation, each against the whole.

Ward et al. 2017 (WIMP) measured the relative loudness of separated parts within 1.2 LU RMS of the true stems', voices best.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ama_analysis.audio import Sound
from ama_analysis.measure import LoudnessMeter
from ama_analysis.models.separation import Model, separated
from ama_analysis.progress import OnProgress
from ama_analysis.roles import Role
from ama_analysis.target import RoleStyle

ROLE_OF: Final[dict[str, Role]] = {"vocals": "lead vocal", "drums": "drums", "bass": "bass"}
"""The rest, "other", says nothing of one role."""
FAMILY: Final[dict[Role, tuple[Role, ...]]] = {
    "lead vocal": ("backing vocal",),
    "drums": ("kick", "snare", "toms", "overheads", "percussion"),
    "bass": (),
}
"""Roles that are inside a part: they go up and down with it."""
FAINTEST_LU: Final = -20.0
"""A part further below the whole is leakage: an instrumental has no voice (AMA's choice)."""
TOLERANCE_LU: Final = 2.0
"""How far a role may lie from where separation heard it: more than its error of 1.2 LU, since leakage adds to it (AMA's choice)."""


def heard_parts(sound: Sound, model: Model, *, on_progress: OnProgress) -> dict[Role, float]:
    """Return the loudness of the roles that parts stand for against the whole, LU; roles that are not heard are left out."""
    meters: dict[str, LoudnessMeter] = {}
    for stretch in separated(sound, model, on_progress=on_progress):
        for name, block in {**stretch.parts, "": stretch.mix}.items():
            meter = meters.setdefault(name, _meter(sound))
            meter.add(block)
    whole = meters[""].result().integrated_lufs if meters else None
    levels: dict[Role, float] = {}
    for name, role in ROLE_OF.items():
        loudness = meters[name].result().integrated_lufs if name in meters else None
        if whole is not None and loudness is not None and loudness - whole > FAINTEST_LU:
            levels[role] = loudness - whole
    return levels


def _meter(sound: Sound) -> LoudnessMeter:
    return LoudnessMeter(
        sample_rate_hz=sound.sample_rate_hz, channels=sound.channels, dual_mono=True
    )


def with_parts_of(
    styles: Mapping[Role, RoleStyle], heard: Sequence[Mapping[Role, float]]
) -> Mapping[Role, RoleStyle]:
    """Return the roles of a style at the levels of references' parts: their median; roles inside a part are moved as far as the part is."""
    changed = dict(styles)
    for role, family in FAMILY.items():
        levels = [one[role] for one in heard if role in one]
        if not levels:
            continue
        level = float(np.median(levels))
        tolerance = max(float(np.ptp(levels)) / 2.0, TOLERANCE_LU)
        move = level - styles[role].level_lu
        for each in (role, *family):
            style = styles[each]
            changed[each] = replace(
                style,
                level_lu=style.level_lu + move,
                tolerance_lu=tolerance if each == role else max(tolerance, style.tolerance_lu),
            )
    return changed
