"""The eight classes into which roles from sound are scored, and what the classifier tells apart.

From sound alone a lead vocal and a backing vocal are both a voice, and an effect is what is none of the instruments; so roles are learned one by one,
and scores are given for these classes. "other" is a mix of several instruments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

from ama_analysis.roles import ROLES, Role

SoundClass: TypeAlias = Literal[
    "drums", "bass", "guitar", "keys", "synth", "strings/brass", "vocals", "other/fx"
]
CLASSES: Final[tuple[SoundClass, ...]] = get_args(SoundClass)
CLASS_OF: Final[Mapping[Role, SoundClass]] = {
    "kick": "drums",
    "snare": "drums",
    "toms": "drums",
    "overheads": "drums",
    "drums": "drums",
    "percussion": "drums",
    "bass": "bass",
    "guitar": "guitar",
    "acoustic guitar": "guitar",
    "keys": "keys",
    "synth": "synth",
    "strings": "strings/brass",
    "brass": "strings/brass",
    "lead vocal": "vocals",
    "backing vocal": "vocals",
    "fx": "other/fx",
    "other": "other/fx",
}
CLASS_AT: Final = tuple(CLASSES.index(CLASS_OF[role]) for role in ROLES)
"""The class of each role, in the order of `ROLES`."""
GENERAL: Final[Mapping[SoundClass, Role]] = {
    "drums": "drums",
    "bass": "bass",
    "guitar": "guitar",
    "keys": "keys",
    "synth": "synth",
    "strings/brass": "strings",
    "vocals": "lead vocal",
    "other/fx": "other",
}
"""The role that stands for a class where no single one of its roles is sure."""
