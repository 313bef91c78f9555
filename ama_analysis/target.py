"""What a mix should come near to: a profile with a spread, levels to deliver at, and the balance of roles.

A target is made of two or three references (`measure.reference`) or of a style's preset (`presets.load_target`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from ama_analysis.measurements import Levels, MixProfile
from ama_analysis.roles import Role

ANYTHING_DB: Final = 300.0
"""The spread of a third-octave that says nothing: more than any two levels differ by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How far a mix may lie from the median without being charged (a deadband, half-width); zero for a single reference.

    The figures that `MixProfile` need not have are None where it has none of them.
    """

    third_octave_db: Levels
    width_db: float = 0.0
    plr_db: float = 0.0
    crest_db: float = 0.0
    loudness_range_lu: float = 0.0
    af_mid_ln: Levels
    af_side_ln: Levels
    af_width: float = 0.0
    erb_mid_db: Levels | None = None
    erb_side_db: Levels | None = None
    third_octave_quiet_db: Levels | None = None
    third_octave_loud_db: Levels | None = None
    band_range_db: Levels | None = None
    band_crest_db: Levels | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleStyle:
    """What a style asks of a role: its loudness relative to the mix (LU), with tolerance, and how far it is panned (0..1)."""

    level_lu: float
    tolerance_lu: float
    pan: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A target for the whole mix. `title` names what the mix is compared with, `style` whose roles and ceiling those are."""

    name: str
    kind: Literal["style", "reference"]
    title: str
    style: str
    profile: MixProfile
    spread: Spread
    loudness_lufs: float
    ceiling_dbtp: float
    roles: Mapping[Role, RoleStyle]
    references: tuple[str, ...] = ()
    warnings: tuple[str, ...] = field(default=())
