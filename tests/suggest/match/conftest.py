"""A session whose faders and pans are off, and the target that it should come near to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.plan import MASTER, MasterEq
from ama_analysis.session import track_of
from ama_analysis.target import Target
from tests.render.material import says
from tests.suggest.match.material import Made, made_session, target_of


@pytest.fixture(scope="package")
def made() -> Made:
    """The six made stems; those whose names are roles have them."""
    plain = made_session()
    roles = tuple(
        replace(track, role=known.role, role_confidence=known.role_confidence)
        for track in plain.tracks
        for known in [track_of(track.path)]
    )
    return Made(tracks=roles, stems=plain.stems)


@pytest.fixture(scope="package")
def far(made) -> tuple[Made, Target]:
    """The stems at random faders and pans, to be matched to a mix of them at others that went through an equaliser."""
    random = np.random.default_rng(11)
    aim = made.at(random.uniform(-6.0, 6.0, 6), random.uniform(-0.5, 0.5, 6))
    eq = says(MASTER, MasterEq(type="high_shelf", freq_hz=4000.0, gain_db=4.0, q=0.7))
    start = made.at(np.round(random.uniform(-8.0, 8.0, 6), 1), np.zeros(6))
    return start, target_of(aim.profile(eq))
