"""Strips in a row, the scramble, and the two errors."""

from __future__ import annotations

import math

import pytest

from ama_analysis.evaluate.balance import (
    SCRAMBLE_DB,
    SCRAMBLE_PAN,
    Strip,
    fader_error_db,
    pan_error,
    scramble,
    strip_of,
)

EXACT = 1e-9
HUMAN = {name: Strip(gain_db=0.0, pan=0.0) for name in ("a", "b", "c", "d", "e")}


@pytest.mark.parametrize("pan", [-1.0, -0.7, 0.0, 0.3, 1.0])
def test_a_strip_is_told_by_its_factors(pan: float) -> None:
    back = strip_of(*Strip(gain_db=-4.0, pan=pan).factors())
    assert (back.gain_db, back.pan) == pytest.approx((-4.0, pan), abs=EXACT)


def test_a_pan_is_undone_by_its_opposite_and_six_decibels() -> None:
    both = Strip(gain_db=0.0, pan=0.5).then(Strip(gain_db=20.0 * math.log10(2.0), pan=-0.5))
    assert (both.gain_db, both.pan) == pytest.approx((0.0, 0.0), abs=EXACT)


def test_a_scramble_is_the_same_for_a_seed_and_within_its_bounds() -> None:
    assert scramble(HUMAN, 3) == scramble(dict(reversed(HUMAN.items())), 3)
    assert scramble(HUMAN, 3) != scramble(HUMAN, 4)
    drawn = [strip for seed in range(200) for strip in scramble(HUMAN, seed).values()]
    gains, pans = [s.gain_db for s in drawn], [s.pan for s in drawn]
    assert SCRAMBLE_DB - 0.2 < max(gains) <= SCRAMBLE_DB
    assert -SCRAMBLE_PAN <= min(pans) < -SCRAMBLE_PAN + 0.02


def test_a_common_offset_is_no_fader_error() -> None:
    louder = {name: Strip(gain_db=5.0, pan=0.1) for name in HUMAN}
    assert fader_error_db(louder, HUMAN) == 0.0
    assert pan_error(louder, HUMAN) == pytest.approx(0.1, abs=EXACT)


def test_one_fader_off_counts_by_its_share() -> None:
    found = {**HUMAN, "a": Strip(gain_db=10.0, pan=0.0)}
    assert fader_error_db(found, HUMAN) == pytest.approx(2.0, abs=EXACT)
