"""A balance that a reference holds is taken over, as far as it is known and a suggestion may go."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.plan import Gain, Pan
from ama_analysis.suggest.match.expect import expectations
from tests.suggest.match.matching import ROUNDED_DB, ROUNDED_PAN, balance_of, faders, matcher, scene
from tests.suggest.match.material import target_of


def test_a_known_balance_that_the_session_has_already_is_left(far):
    start, _ = far
    here = {track.id: track.fader_db for track in start.tracks}
    suggestions = matcher(start, target_of(start.before), balance_of(here)).tracks(())
    assert [s.rule for s in suggestions] == ["keep"] * 6


def test_a_known_balance_is_taken_over(far):
    """But for what all faders have in common: that is laid where most of them stay."""
    start, target = far
    wanted = {track.id: level for track, level in zip(start.tracks, range(-3, 9, 2), strict=True)}
    known = balance_of({track: float(level) for track, level in wanted.items()}, pan=-0.33)
    suggestions = matcher(start, target, known).tracks(())
    off = [gain.fader_db - wanted[track] for track, gain in faders(suggestions).items()]
    assert np.ptp(off) < 2 * ROUNDED_DB
    pans = {s.track: s.action.pan for s in suggestions if isinstance(s.action, Pan)}
    assert set(pans) == set(wanted)
    assert list(pans.values()) == pytest.approx([-0.33] * 6, abs=ROUNDED_PAN)
    middle = sorted(gain.delta_db for gain in faders(suggestions).values())[2:4]
    assert middle[0] <= ROUNDED_DB
    assert middle[1] >= -ROUNDED_DB
    assert all("rough.wav" in s.because for s in suggestions if isinstance(s.action, Gain | Pan))


@pytest.mark.parametrize("fault_db", [10.0, -10.0])
def test_one_fader_that_is_off_a_known_balance_moves_alone(far, fault_db):
    start, target = far
    known = {track.id: track.fader_db for track in start.tracks}
    known["bass"] -= fault_db
    found = faders(matcher(start, target, balance_of(known)).tracks(()))
    moves = {track: gain.delta_db for track, gain in found.items()}
    assert moves.pop("bass") == pytest.approx(-fault_db, abs=ROUNDED_DB)
    assert set(moves.values()) == {0.0}


def test_what_is_known_of_some_tracks_is_taken_for_these(far):
    start, target = far
    now = start.session.track("keys").fader_db
    known = balance_of({"keys": now + 4.0, "pad": start.session.track("pad").fader_db})
    found = faders(matcher(start, target, known).tracks(()))
    moved = found["keys"].fader_db - found["pad"].fader_db
    wanted = now + 4.0 - start.session.track("pad").fader_db
    assert moved == pytest.approx(wanted, abs=2 * ROUNDED_DB)
    assert set(found) == {track.id for track in start.tracks}


def test_no_fader_moves_further_than_a_suggestion_may(far):
    start, target = far
    faders_db = {track.id: track.fader_db for track in start.tracks}
    known = balance_of({**faders_db, "keys": -170.0, "pad": faders_db["pad"] + 50.0})
    found = faders(matcher(start, target, known).tracks(()))
    assert found["keys"].delta_db == pytest.approx(-60.0)
    assert all(abs(gain.delta_db) <= 60.0 for gain in found.values())


def test_a_known_fader_is_as_sure_as_it_was_read(far):
    here = scene(*far)
    rough, sure = (
        expectations(here, balance_of({"keys": 2.0}, error_db=error))[2] for error in (3.0, 0.01)
    )
    assert (rough.gain_db, sure.gain_db) == (2.0, 2.0)
    assert rough.gain_sigma_db > sure.gain_sigma_db
    assert rough.gain_reach_db == sure.gain_reach_db == 0.0, "offered as it was read"
    assert sure.known is not None
    heard = balance_of({"keys": 2.0}, error_db=3.0, read_from="spectra")
    assert expectations(here, heard)[2].gain_reach_db == 3.0
