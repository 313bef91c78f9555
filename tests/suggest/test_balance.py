"""The balance: physics that must hold whatever the taste."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.roles import Role
from ama_analysis.suggest.balance import RAISE_MOST_DB, REACH_DB, balance, common_shift_db
from ama_analysis.suggest.level import leave_fader, move_fader
from ama_analysis.suggest.rule import scene_of
from tests.suggest import factory

ROUNDING_DB = 0.11
BAND: dict[str, Role] = {
    "Kick": "kick",
    "Bass": "bass",
    "Gtr": "guitar",
    "Keys": "keys",
    "Vox": "lead vocal",
}


def scene(faders=None, stems=None, roles=None):
    roles = roles or BAND
    faders = faders or {}
    tracks = [factory.track(n, role, fader_db=faders.get(n, 0.0)) for n, role in roles.items()]
    heard = {name: factory.stem(**(stems or {}).get(name, {})) for name in roles}
    return scene_of(factory.session(*tracks), factory.measured(heard), factory.pop())


def settled():
    """Return faders of the band with every track in its place."""
    places = balance(scene())
    return {p.voice.track.id: p.wanted_lu - p.now_lu for p in places}


def faders_after(places):
    return {p.voice.track.id: p.voice.track.fader_db + p.delta_db for p in places}


@pytest.mark.parametrize("name", BAND)
@pytest.mark.parametrize("fault_db", [-10.0, 10.0])
def test_one_fader_that_is_far_off_comes_back_and_no_other_moves(name, fault_db):
    balanced = settled()
    moves = {
        p.voice.track.id: p.delta_db
        for p in balance(scene(balanced | {name: balanced[name] + fault_db}))
    }
    assert -fault_db * moves.pop(name) >= fault_db**2 / 2.0
    assert set(moves.values()) == {0.0}


def test_who_is_too_loud_is_told_against_the_others_not_against_the_mix():
    """Against the mix, of which it is nearly all, a track cannot be louder than 0 LU."""
    balanced = settled()
    usual, loud = (
        next(
            p
            for p in balance(scene(balanced | {"Bass": balanced["Bass"] + more}))
            if p.voice.role == "bass"
        )
        for more in (0.0, 20.0)
    )
    assert loud.now_lu == pytest.approx(usual.now_lu + 20.0, abs=ROUNDING_DB)
    assert loud.wanted_lu == usual.wanted_lu


@pytest.mark.parametrize(
    ("off_db", "shift_db"),
    [
        ([0.5, -0.5, 0.0, 1.0, 10.0], 0.5),
        ([-1.0, 3.0], 0.0),
        ([4.0, 2.0], 2.0),
        ([0.0, 1.0, -40.0, -30.0, 2.0, -50.0], 1.0),
    ],
)
def test_balance_is_laid_at_the_median_as_near_to_the_present_loudness_as_serves(off_db, shift_db):
    assert common_shift_db(off_db) == shift_db


def test_a_move_ends_within_half_the_tolerance_of_its_place():
    places = balance(scene({"Kick": 11.0, "Bass": -10.0, "Gtr": 9.0, "Keys": -11.0}))
    moved = [p for p in places if p.moves and not p.short]
    assert len(moved) > 2
    for p in moved:
        left = abs(p.now_lu + p.delta_db - p.wanted_lu)
        assert left <= p.voice.style.tolerance_lu / 2.0 + 2 * ROUNDING_DB


def test_a_track_is_as_loud_as_what_it_plays_whatever_its_pauses_hold():
    track, stem = factory.track("Toms", "toms", fader_db=-2.0), factory.stem(lufs=-27.0)
    bled = replace(stem, loudness=replace(stem.loudness, foreground_lufs=-20.0))
    seen = scene_of(factory.session(track), factory.measured({"Toms": bled}), factory.pop())
    assert seen.voices[0].level_lufs == pytest.approx(-22.0)


def test_raising_all_faders_together_changes_nothing():
    low, high = balance(scene()), balance(scene(dict.fromkeys(BAND, 5.0)))
    assert [p.delta_db for p in low] == [p.delta_db for p in high]


def test_a_second_pass_finds_nothing_left_to_do():
    faders = {"Kick": 9.0, "Bass": -7.0, "Gtr": 4.0, "Keys": -11.0, "Vox": -3.0}
    for _ in range(2):
        places = balance(scene(faders))
        faders = faders_after(places)
    assert not any(p.moves for p in balance(scene(faders)))


def test_offsets_stay_within_six_decibels_of_equal_loudness():
    roles = {"Hat": "overheads", "Snare": "snare", "Gtr": "guitar", "Pad": "synth"}
    stems = {"Hat": {"centroid_hz": 9000.0, "crest": 30.0}}
    faders = {"Hat": 11.0, "Snare": 9.0, "Gtr": -9.0, "Pad": -11.0}
    places = balance(scene(faders, stems, roles))
    levels = [p.voice.level_lufs + p.delta_db for p in places if p.moves]
    assert max(levels) - min(levels) <= 2 * REACH_DB + ROUNDING_DB


def test_two_guitars_share_the_budget_of_one():
    pair = {
        "Gtr 1": "guitar",
        "Gtr 2": "guitar",
        "Keys": "keys",
        "Bass": "bass",
        "Kick": "kick",
        "Snare": "snare",
    }
    one = {name: role for name, role in pair.items() if name != "Gtr 2"}
    wanted = {
        len(roles): next(
            p.wanted_lu
            for p in balance(scene({"Gtr 1": 20.0}, None, roles))
            if p.voice.track.id == "Gtr 1"
        )
        for roles in (one, pair)
    }
    assert wanted[len(pair)] < wanted[len(one)] - 0.5


def test_guitars_that_take_turns_share_nothing():
    roles = {"Gtr 1": "guitar", "Gtr 2": "guitar", "Keys": "keys"}
    apart = {"Gtr 1": {"active": 0.05}, "Gtr 2": {"active": 0.05}}
    together = balance(scene({"Gtr 1": 15.0}, None, roles))[0]
    turns = balance(scene({"Gtr 1": 15.0}, apart, roles))[0]
    assert turns.wanted_lu > together.wanted_lu


def test_bright_and_peaky_tracks_are_put_lower():
    roles = {"A": "keys", "B": "keys", "C": "bass"}
    faders = {"A": 12.0, "B": 12.0}
    for harsh in ({"centroid_hz": 8000.0}, {"crest": 26.0}):
        harsh_one, mild_one, _ = balance(scene(faders, {"A": harsh}, roles))
        assert harsh_one.wanted_lu < mild_one.wanted_lu


@pytest.mark.parametrize("present_db", [-14.0, 0.0, 12.0])
def test_lead_comes_to_its_place_against_the_others(present_db):
    place = next(p for p in balance(scene({"Vox": present_db})) if p.voice.role == "lead vocal")
    against_the_mix_lu = -10.0 * math.log10(1.0 + 10.0 ** (-place.wanted_lu / 10.0))
    assert abs(against_the_mix_lu - place.voice.style.level_lu) <= place.voice.style.tolerance_lu


def test_nothing_is_raised_by_more_than_twelve_decibels():
    place = balance(scene({"Keys": -60.0}))[3]
    assert place.delta_db <= RAISE_MOST_DB + ROUNDING_DB


def test_unknown_tracks_move_by_three_decibels_at_most():
    roles = {"A": "other", "B": "guitar", "C": "keys"}
    place = balance(scene({"A": -20.0}, None, roles))[0]
    assert place.moves
    assert place.delta_db == 3.0


def test_muted_track_does_not_weigh_on_the_others():
    tracks = [factory.track(n, role) for n, role in BAND.items()]
    stems = {name: factory.stem() for name in BAND}
    muted = [replace(t, muted=True) if t.id == "Kick" else t for t in tracks]
    with_it = scene_of(factory.session(*muted), factory.measured(stems), factory.pop())
    without = scene_of(factory.session(*tracks[1:]), factory.measured(stems), factory.pop())
    assert [p.delta_db for p in balance(with_it)] == [p.delta_db for p in balance(without)]


@pytest.mark.parametrize("bed_db", [-190.0, -100.0, 40.0])
def test_lead_over_next_to_nothing_or_under_a_wall_is_still_placed(bed_db):
    roles: dict[str, Role] = {"Host": "lead vocal", "Music": "other"}
    places = balance(scene({"Music": bed_db}, None, roles))
    assert all(math.isfinite(p.delta_db) and math.isfinite(p.wanted_lu) for p in places)


def test_the_further_a_fader_is_moved_the_less_sure_that_is():
    balanced = settled()
    sure = [
        next(s.confidence for s in move_fader(scene(balanced | {"Bass": balanced["Bass"] + off})))
        for off in (4.0, 8.0, 16.0)
    ]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] > sure[-1] + 0.1


def test_a_lead_that_is_hardly_heard_is_no_matter_of_taste():
    balanced = settled()
    said = {
        name: next(iter(move_fader(scene(balanced | {name: balanced[name] - 20.0}))))
        for name in ("Vox", "Keys")
    }
    assert "leave it if that is meant" in said["Keys"].because
    assert "leave it if that is meant" not in said["Vox"].because
    assert said["Vox"].confidence > said["Keys"].confidence


@pytest.mark.parametrize("seed", range(4))
def test_reasons_agree_with_their_own_numbers(seed):
    rng = np.random.default_rng(seed)
    faders = {name: float(rng.uniform(-12, 12)) for name in BAND}
    for said in (*move_fader(scene(faders)), *leave_fader(scene(faders))):
        now, wanted, tolerance = (
            float(re.search(pattern, said.because)[1])  # type: ignore[index]  # it is said
            for pattern in (r"sits at (\S+) LU", r" at (\S+) \+-", r"\+-(\S+) LU")
        )
        delta = said.action.delta_db  # type: ignore[union-attr]  # a fader's move
        inside = abs(now - wanted) <= tolerance + 2 * ROUNDING_DB
        assert inside if delta == 0.0 else (wanted - now) * delta > 0.0
        if delta and "as far as" not in said.because:
            assert abs(now + delta - wanted) <= tolerance / 2.0 + 2 * ROUNDING_DB
