"""What the parts of a reference say of the balance of roles."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ama_analysis.advise.reference_parts import FAMILY, ROLE_OF, heard_parts, with_parts_of
from ama_analysis.audio import Audio, Block
from ama_analysis.presets import load_target
from ama_analysis.progress import silent
from ama_analysis.roles import Role

RATE_HZ = 8_000
LU_TOLERANCE = 0.05
"""A fixed share of a sound is as many dB below it; gating hears the same blocks."""


class Shares:
    """A model whose parts are fixed shares of the mix."""

    targets = ("vocals", "drums", "bass", "other")
    sample_rate_hz = RATE_HZ

    def __init__(self, *shares: float) -> None:
        self.shares = np.array(shares, np.float32)

    def parts_of(self, samples: Block, tick: Any) -> Any:
        return self.shares[:, None, None] * samples


def song() -> Audio:
    samples = np.random.default_rng(2).normal(0.0, 0.1, (2, RATE_HZ * 6))
    return Audio(samples.astype(np.float32), RATE_HZ)


def test_roles_are_as_loud_as_their_parts_against_the_whole() -> None:
    levels = heard_parts(song(), Shares(0.5, 0.25, 0.2, 0.05), on_progress=silent)
    assert set(levels) == set(ROLE_OF.values())
    for role, share in (("lead vocal", 0.5), ("drums", 0.25), ("bass", 0.2)):
        assert levels[role] == pytest.approx(20.0 * np.log10(share), abs=LU_TOLERANCE)  # type: ignore[index]  # a role


def test_an_instrumental_has_no_voice() -> None:
    levels = heard_parts(song(), Shares(0.05, 0.4, 0.0, 0.55), on_progress=silent)
    assert set(levels) == {"drums"}


def test_the_drums_of_a_reference_move_the_whole_kit() -> None:
    styles = load_target("neutral").roles
    heard: dict[Role, float] = {"drums": styles["drums"].level_lu + 3.0}
    changed = with_parts_of(styles, [heard])
    for role in ("drums", *FAMILY["drums"]):
        assert changed[role].level_lu == pytest.approx(styles[role].level_lu + 3.0)
        assert changed[role].tolerance_lu >= 2.0
    assert all(changed[role] == styles[role] for role in styles if role not in ("drums", *FAMILY["drums"]))  # fmt: skip


def test_references_that_disagree_leave_more_room() -> None:
    styles = load_target("neutral").roles
    changed = with_parts_of(styles, [{"bass": -14.0}, {"bass": -6.0}, {}])
    assert changed["bass"].level_lu == pytest.approx(-10.0)
    assert changed["bass"].tolerance_lu == pytest.approx(4.0)
