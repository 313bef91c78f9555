"""The master equaliser of the matcher: it undoes what an equaliser did, within its bounds, and says what it does."""

from __future__ import annotations

import numpy as np

from ama_analysis.distance import tonal_error_db
from ama_analysis.plan import MASTER, MasterEq
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.match.bus import APART_OCT, BOOST_MOST_DB, CUT_MOST_DB
from ama_analysis.suggest.match.linear import response_db
from tests.render.material import says
from tests.suggest.match.matching import matcher
from tests.suggest.match.material import made_session, target_of

EQ_DB = 1.0
"""Between an equaliser on the mix and the bands that undo it, 31 Hz to 16 kHz; 0.75 measured."""


def test_the_master_equaliser_undoes_what_an_equaliser_did():
    """The target is the same mix through three bands."""
    made = made_session()
    bands = (
        says(MASTER, MasterEq(type="low_shelf", freq_hz=100.0, gain_db=2.5, q=0.7)),
        says(MASTER, MasterEq(type="bell", freq_hz=1000.0, gain_db=4.0, q=1.0), number=2),
        says(MASTER, MasterEq(type="high_shelf", freq_hz=7000.0, gain_db=-3.0, q=0.7), number=3),
    )
    here, target = made.before, target_of(made.profile(*bands))
    found = matcher(made, target).master_eq((), here)
    assert 0 < len(found) <= 8
    assert [s.track for s in found] == [MASTER] * len(found)
    actions = [s.action for s in found if isinstance(s.action, MasterEq)]
    assert len(actions) == len(found)
    assert [a.freq_hz for a in actions] == sorted(a.freq_hz for a in actions)
    for action in actions:
        assert 0.5 <= abs(action.gain_db) <= 6.0
        assert action.freq_hz == by_hand.frequency(action.freq_hz)
    off = sum(response_db(a) for a in actions) - sum(response_db(s.action) for s in bands)
    heard = np.asarray(off)[4:58]
    assert np.abs(heard - np.median(heard)).max() < EQ_DB
    before, after = (
        tonal_error_db(profile.third_octave_db, target) for profile in (here, made.profile(*found))
    )
    assert after < 0.3 * before


def test_the_master_equaliser_keeps_within_bounds_however_far_the_target_is():
    """The target is the same mix through bands of twice what the bus may do."""
    made = made_session()
    bands = (
        says(MASTER, MasterEq(type="low_shelf", freq_hz=90.0, gain_db=-20.0, q=0.8)),
        says(MASTER, MasterEq(type="bell", freq_hz=600.0, gain_db=14.0, q=0.8), number=2),
        says(MASTER, MasterEq(type="high_shelf", freq_hz=6000.0, gain_db=-18.0, q=0.8), number=3),
    )
    target = target_of(made.profile(*bands))
    found = matcher(made, target).master_eq((), made.before)
    curve = sum(response_db(s.action) for s in found)
    assert np.max(curve) <= BOOST_MOST_DB + SOFT_DB
    assert np.min(curve) >= -CUT_MOST_DB - SOFT_DB
    freqs = [s.action.freq_hz for s in found if isinstance(s.action, MasterEq)]
    assert len(freqs) > 2
    assert min(np.diff(np.log2(freqs))) >= APART_OCT - ROUNDED_OCT
    after = tonal_error_db(made.profile(*found).third_octave_db, target)
    assert after < tonal_error_db(made.before.third_octave_db, target)


SOFT_DB = 1.0
"""The curve's bounds are a price in the bands that the model sees; 0.6 measured."""
ROUNDED_OCT = 0.1
"""Frequencies are rounded to two figures or steps of a hand."""
