"""What a track is, told from its sound: asked where its name says nothing.

    listen_task     figures of a track's loudest windows to how likely each role is; kept by content
    role_of_chances that to a role with its confidence, or to "other" with none where no answer is sure enough

A confidence is how often such answers were right on sessions that were held out (models/roles.md). Where no single role of a class is sure the class
speaks: "drums" for what may be a snare or a clap. A voice is only a voice; which of several leads is for the session to say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np

from ama_analysis.audio import Sound
from ama_analysis.cache import Cache, key_of
from ama_analysis.models.role_classes import CLASS_AT, CLASSES, GENERAL
from ama_analysis.models.role_net import RoleNet
from ama_analysis.models.role_windows import figures_at
from ama_analysis.models.yamnet import encoder
from ama_analysis.progress import OnProgress
from ama_analysis.roles import ROLES, RoleGuess
from ama_analysis.tasks import Task, kept_value_task

LEAST_SURE: Final = 0.7
"""Less sure answers are none (AMA's choice; models/roles.md has what share is right above it)."""
NOTHING: Final = RoleGuess(role="other", confidence=0.0)
_COST_S: Final = 25.0
"""Listening to six windows takes about as long as measuring so many seconds of a track."""

Chances = tuple[float, ...]
"""How likely each of `ROLES` is, in their order; empty for a sound in which nothing is heard."""


def listen_task(
    open_sound: Callable[[], Sound],
    net: RoleNet,
    starts_s: Sequence[float],
    *,
    cache: Cache,
    content: Callable[[], str | None],
) -> Task[Chances]:
    """Return the task of listening to the windows of a sound that begin there."""

    def key() -> str | None:
        known = content()
        return (
            None
            if known is None
            else key_of("role", known, net.sha256, encoder().sha256, *starts_s)
        )

    return kept_value_task(
        partial(_heard, open_sound, net, tuple(starts_s)),
        cost_s=_COST_S,
        cache=cache,
        key=key,
        hint=Chances,
    )


def _heard(
    open_sound: Callable[[], Sound],
    net: RoleNet,
    starts_s: Sequence[float],
    on_progress: OnProgress,
) -> Chances:
    on_progress(0.0, "listening for roles")
    figures = figures_at(open_sound(), starts_s)
    return tuple(float(each) for each in net.chances(figures)) if figures.shape[0] else ()


def role_of_chances(chances: Chances) -> RoleGuess:
    """Return the role that is likely enough, else the role that stands for a class that is; `NOTHING` where no class is, and for mixes."""
    if not chances:
        return NOTHING
    likely = np.asarray(chances)
    classes = np.bincount(np.array(CLASS_AT), weights=likely, minlength=len(CLASSES))
    best = int(classes.argmax())
    role = ROLES[int(np.where(np.array(CLASS_AT) == best, likely, -1.0).argmax())]
    name = CLASSES[best]
    if name == "vocals":
        found = RoleGuess(role="lead vocal", confidence=round(float(classes[best]), 3))
    elif likely[ROLES.index(role)] >= LEAST_SURE:
        found = RoleGuess(role=role, confidence=round(float(likely[ROLES.index(role)]), 3))
    else:
        found = RoleGuess(role=GENERAL[name], confidence=round(float(classes[best]), 3))
    return found if found.role != "other" and found.confidence >= LEAST_SURE else NOTHING
