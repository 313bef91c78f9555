"""Suggestions from spectra: in values that a hand would set, within what a track bears, with reasons and foretold effects."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.audio import Audio
from ama_analysis.cross_spectra import band_centres_hz
from ama_analysis.distance import distance, tonal_error_db
from ama_analysis.plan import (
    MASTER,
    Compressor,
    EqBand,
    Gain,
    MasterEq,
    Pan,
    Suggestion,
)
from ama_analysis.session import track_of
from ama_analysis.suggest import by_hand, scene_of
from ama_analysis.suggest.match import KnownBalance, KnownFader, Matcher
from ama_analysis.suggest.match.bus import APART_OCT, BOOST_MOST_DB, CUT_MOST_DB
from ama_analysis.suggest.match.expect import boosts_db, expectations
from ama_analysis.suggest.match.layout import Band
from ama_analysis.suggest.match.linear import response_db
from ama_analysis.suggest.match.reasons import span_hz
from ama_analysis.suggest.response import band_response_db
from ama_analysis.suggest.rule import Scene
from ama_analysis.target import Target
from tests.render.material import says
from tests.signals import silence
from tests.suggest.match.material import RATE_HZ, Made, made_session, made_stems, target_of

ROUNDED_DB = 0.11
"""A fader is set to 0.1 dB."""
ROUNDED_PAN = 0.011
EQ_DB = 1.0
"""Between an equaliser on the mix and the bands that undo it, 31 Hz to 16 kHz; 0.75 measured."""
EFFECT = 0.1
"""Of the largest rendered effect; 0.03 measured."""
AUDIBLE = 2e-3
"""Effects on AF* from here on must have the sign that the render has (the engine drops what harms by as much)."""


def scene(made: Made, target: Target) -> Scene:
    return scene_of(made.session, made.measured, target)


def matcher(made: Made, target: Target, known: KnownBalance | None = None) -> Matcher:
    return Matcher(scene(made, target), made.spectra, made.before, known)


def balance_of(
    faders_db: Mapping[str, float], *, error_db: float = 0.01, pan: float = 0.0
) -> KnownBalance:
    """Return faders as a reference has them, all at one pan."""
    return KnownBalance(
        reference="rough.wav",
        read_from="waveform",
        faders={
            track: KnownFader(fader_db=fader, error_db=error_db, pan=pan, pan_error=0.001)
            for track, fader in faders_db.items()
        },
    )


def faders(suggestions: Sequence[Suggestion]) -> dict[str, Gain]:
    return {s.track: s.action for s in suggestions if isinstance(s.action, Gain)}


@pytest.fixture(scope="module")
def made() -> Made:
    """The six made stems; those whose names are roles have them."""
    plain = made_session()
    roles = tuple(
        replace(track, role=known.role, role_confidence=known.role_confidence)
        for track in plain.tracks
        for known in [track_of(track.path)]
    )
    return Made(tracks=roles, stems=plain.stems)


@pytest.fixture(scope="module")
def far(made) -> tuple[Made, Target]:
    """The stems at random faders and pans, to be matched to a mix of them at others that went through an equaliser."""
    random = np.random.default_rng(11)
    aim = made.at(random.uniform(-6.0, 6.0, 6), random.uniform(-0.5, 0.5, 6))
    eq = says(MASTER, MasterEq(type="high_shelf", freq_hz=4000.0, gain_db=4.0, q=0.7))
    start = made.at(np.round(random.uniform(-8.0, 8.0, 6), 1), np.zeros(6))
    return start, target_of(aim.profile(eq))


@pytest.fixture(scope="module")
def matched(far) -> tuple[Suggestion, ...]:
    start, target = far
    return matcher(start, target).tracks(())


def test_every_audible_track_is_spoken_of_with_a_number(far, matched):
    assert set(faders(matched)) == {track.id for track in far[0].tracks}
    assert any(s.rule != "keep" for s in matched)
    for suggestion in matched:
        assert any(letter.isdigit() for letter in suggestion.because)
        assert suggestion.because.endswith(".")
    assert len({s.id for s in matched}) == len(matched)


def test_the_mix_comes_nearer_and_with_the_master_equaliser_nearer_still(far, matched):
    start, target = far
    tracks = start.profile(*matched)
    bus = matcher(start, target).master_eq(matched, tracks)
    before, between, after = (
        distance(profile, target).total
        for profile in (start.before, tracks, start.profile(*matched, *bus))
    )
    assert after < between < before
    assert after < 0.3 * before


def test_values_are_those_that_a_hand_would_set(far, matched):
    start, _ = far
    for suggestion in matched:
        action = suggestion.action
        if isinstance(action, Gain):
            now = start.session.track(suggestion.track).fader_db
            assert action.delta_db == by_hand.decibel(action.delta_db)
            assert action.fader_db == pytest.approx(now + action.delta_db)
            assert (action.delta_db == 0.0) == (suggestion.rule == "keep")
        elif isinstance(action, Pan):
            assert action.pan == by_hand.pan(action.pan)
        else:
            assert isinstance(action, EqBand)
            assert action.freq_hz == by_hand.frequency(action.freq_hz)
            assert action.gain_db == by_hand.decibel(action.gain_db)
            assert action.q == by_hand.quality(action.q)
    for track in start.tracks:
        bands = [s for s in matched if s.track == track.id and isinstance(s.action, EqBand)]
        assert len(bands) <= 3


def test_the_same_session_gets_the_same_suggestions(far, matched):
    assert matcher(*far).tracks(()) == matched


def test_effects_are_foretold_as_renders_find_them(far, matched):
    """Each suggestion left out, rendered whole and measured."""
    start, target = far
    told = matcher(start, target).with_effects(matched)
    assert [s.id for s in told] == [s.id for s in matched]
    effects = [s.effect for s in told if s.effect is not None]
    assert len(effects) == len(told)
    assert all(effect.predicted and effect.excerpt_s == 0.0 for effect in effects)

    def af(suggestions: Sequence[Suggestion]) -> float:
        far_off = distance(start.profile(*suggestions), target)
        return far_off.total - far_off.crest

    whole = af(matched)
    foretold = np.array([effect.distance_delta for effect in effects])
    rendered = np.array([whole - af([o for o in matched if o is not s]) for s in matched])
    assert np.abs(foretold - rendered).max() < EFFECT * np.abs(rendered).max()
    large = np.abs(rendered) > AUDIBLE
    assert large.any()
    assert np.array_equal(np.sign(foretold[large]), np.sign(rendered[large]))


def test_a_move_of_nothing_has_no_effect_and_a_fader_moves_its_track(far, matched):
    for suggestion in matcher(*far).with_effects(matched):
        effect = suggestion.effect
        assert effect is not None
        if isinstance(suggestion.action, Gain):
            delta_db = suggestion.action.delta_db
            assert effect.track_loudness_delta_lu == pytest.approx(delta_db, abs=1e-6)
        if suggestion.rule == "keep":
            assert effect.distance_delta == pytest.approx(0.0, abs=1e-12)


def test_dynamics_have_no_foretold_effect(far):
    compressor = says(
        "bass", Compressor(threshold_db=-20.0, ratio=2.0, attack_ms=10.0, release_ms=100.0)
    )
    (told,) = matcher(*far).with_effects([compressor])
    assert told.effect is None


def test_a_balanced_mix_that_is_its_own_reference_stays_as_it_is():
    """Six stems of no known role, about equally loud; neither the roles nor the spectrum ask for anything."""
    made = made_session().at((0.0, 0.0, 0.0, 0.0, 0.0, -2.0), np.zeros(6))
    own = target_of(made.before)
    suggestions = matcher(made, own).tracks(())
    assert [s.rule for s in suggestions] == ["keep"] * 6
    assert matcher(made, own).master_eq(suggestions, made.before) == ()


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


def test_muted_and_silent_tracks_get_nothing(far):
    start, target = far
    tracks = tuple(replace(track, muted=track.id == "hats") for track in start.tracks)
    extra = replace(tracks[0], id="quiet", name="quiet")
    stems = {**start.stems, "quiet": silence(duration_s=6.0, sample_rate_hz=RATE_HZ)}
    suggestions = matcher(Made(tracks=(*tracks, extra), stems=stems), target).tracks(())
    assert {s.track for s in suggestions} == {"kick", "bass", "keys", "vocals", "pad"}


def test_one_track_alone_is_heard_without_fail(far):
    _, target = far
    alone = made_session({"pad": made_stems()["pad"]})
    suggestions = matcher(alone, target).tracks(())
    assert set(faders(suggestions)) == {"pad"}
    told = matcher(alone, target).with_effects(suggestions)
    assert all(np.isfinite(s.effect.distance_delta) for s in told if s.effect)


def test_two_tracks_of_one_sound_are_treated_alike(far):
    _, target = far
    stems = made_stems()
    twins = made_session({"one": stems["pad"], "two": stems["pad"], "bass": stems["bass"]})
    suggestions = matcher(twins, target).tracks(())

    def of(track: str) -> list[object]:
        return [s.action for s in suggestions if s.track == track]

    assert of("one") == of("two")


def test_left_and_right_of_one_recording_get_the_same(far):
    _, target = far
    stems = made_stems()
    sides = {
        "Pad L": Audio(stems["pad"].samples[:1], RATE_HZ),
        "Pad R": Audio(0.7 * stems["keys"].samples[:1], RATE_HZ),
        "bass": stems["bass"],
        "kick": stems["kick"],
    }
    start = made_session(sides).at((-17.0, -8.0, 0.0, 0.0), np.zeros(4))
    suggestions = matcher(start, target).tracks(())
    left, right = ([s for s in suggestions if s.track == side] for side in ("Pad L", "Pad R"))
    assert faders(left)["Pad L"].delta_db == faders(right)["Pad R"].delta_db != 0.0
    pans = [s.action.pan for s in (*left, *right) if isinstance(s.action, Pan)]
    assert pans[0] < -0.5
    assert sum(pans) == pytest.approx(0.0, abs=by_hand.PAN_STEP)
    bands = [[s.action for s in some if isinstance(s.action, EqBand)] for some in (left, right)]
    assert bands[0] == bands[1] != []


def test_only_what_is_there_may_be_raised(far):
    """A band 30 dB below a track's loudest is bleed, hiss or rumble."""
    voices = {voice.track.id: voice for voice in scene(*far).voices}
    at_hz = band_centres_hz()
    kick, hats = (boosts_db(voices[name]) for name in ("kick", "hats"))
    assert np.all((kick >= 0.0) & (hats >= 0.0))
    assert kick[(at_hz > 45.0) & (at_hz < 100.0)] == pytest.approx(6.0)
    assert np.all(kick[at_hz > 1200.0] == 0.0)
    assert hats[(at_hz > 8000.0) & (at_hz < 14_000.0)] == pytest.approx(6.0)
    assert np.all(hats[at_hz < 2000.0] == 0.0)


def test_low_end_and_leads_are_kept_in_the_middle_and_all_within_their_limits(far):
    for one in expectations(scene(*far), None):
        assert -1.0 <= one.pan_low <= one.pan <= one.pan_high <= 1.0
        assert one.gain_sigma_db > 0.0
        assert one.pan_sigma > 0.0
        if one.voice.role in {"kick", "bass", "lead vocal"}:
            assert max(abs(one.pan_low), abs(one.pan_high)) <= 0.2


def test_a_known_fader_is_as_sure_as_it_was_read(far):
    here = scene(*far)
    rough, sure = (
        expectations(here, balance_of({"keys": 2.0}, error_db=error))[2] for error in (3.0, 0.01)
    )
    assert (rough.gain_db, sure.gain_db) == (2.0, 2.0)
    assert rough.gain_sigma_db > sure.gain_sigma_db
    assert rough.gain_reach_db == sure.gain_reach_db == 0.0, "offered as it was read"
    assert sure.known is not None
    heard = replace(balance_of({"keys": 2.0}, error_db=3.0), read_from="spectra")
    assert expectations(here, heard)[2].gain_reach_db == 3.0


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


def test_reasons_of_pans_and_bands_agree_with_what_they_do(far, matched):
    """Side lies below mid: "opens" is said where the mix is narrower than the target, a band's error has not its own sign."""
    start, target = far
    for suggestion in matched:
        told = re.search(
            r"Side lies (-?[\d.]+) dB .* and (-?[\d.]+) dB .* (opens|narrows) it",
            suggestion.because,
        )
        if told:
            assert (float(told[1]) > float(told[2])) == (told[3] == "opens"), suggestion.because
    mix = start.profile(*matched)
    bus = matcher(start, target).master_eq(matched, mix)
    assert bus
    for suggestion in bus:
        error = re.search(r"the mix lies ([+-][\d.]+) dB", suggestion.because)
        assert error
        assert isinstance(suggestion.action, MasterEq)
        assert float(error[1]) * suggestion.action.gain_db < 0.0, suggestion.because


@pytest.mark.parametrize("q", [0.5, 1.0, 2.0])
def test_a_bell_is_said_to_work_where_it_does_half_its_gain(q):
    band = Band(track=0, shape="bell", freq_hz=500.0, q=q, gain_db=4.0)
    low_hz, high_hz = span_hz(band)
    ends = band_response_db("bell", 500.0, 4.0, q, np.array([low_hz, high_hz]))
    assert ends == pytest.approx([2.0, 2.0], abs=0.05)


def test_a_mix_of_one_channel_can_be_matched(far):
    """Hard left: there is nothing on the right, so that mid and side are alike."""
    _, target = far
    stems = {name: made_stems()[name] for name in ("kick", "vocals")}
    left = made_session(stems).at([0.0, 0.0], [-1.0, -1.0])
    suggestions = matcher(left, target).tracks(())
    assert {s.track for s in suggestions if isinstance(s.action, Pan)} == {"kick", "vocals"}


def test_stems_of_the_opposite_polarity_do_not_break_the_arithmetic(far):
    _, target = far
    pad = made_stems()["pad"]
    stems = {
        "pad": pad,
        "inverted": Audio(np.float32(-0.98) * pad.samples, RATE_HZ),
        "kick": made_stems()["kick"],
    }
    suggestions = matcher(made_session(stems), target).tracks(())
    assert set(faders(suggestions)) == set(stems)
