"""The balance: physics that must hold whatever the taste."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.roles import Role
from ama_analysis.suggest.balance import RAISE_MOST_DB, REACH_DB, balance
from ama_analysis.suggest.rule import scene_of
from tests.suggest import factory

HEADROOM_DB = 1.5
"""Moves may change the loudness of the mix by this: those who stay bind the others (`COMMON_LIMIT_DB` is 1), and values are rounded."""
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


def faders_after(places):
    return {p.voice.track.id: p.voice.track.fader_db + p.delta_db for p in places}


def mix_after(places):
    power = sum(p.voice.active * 10 ** ((p.voice.level_lufs + p.delta_db) / 10) for p in places)
    return 10 * math.log10(power)


@pytest.mark.parametrize("seed", range(8))
def test_mix_stays_about_as_loud_however_the_faders_stood(seed):
    rng = np.random.default_rng(seed)
    faders = {name: float(rng.uniform(-12, 12)) for name in BAND}
    before = scene(faders)
    assert mix_after(balance(before)) == pytest.approx(before.mix_lufs, abs=HEADROOM_DB)


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
    assert abs(place.wanted_lu - place.voice.style.level_lu) <= place.voice.style.tolerance_lu


def test_nothing_is_raised_by_more_than_eighteen_decibels():
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
