"""Suggestions from spectra: in values that a hand would set, within what a track bears, with reasons and foretold effects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.audio import Audio
from ama_analysis.cross_spectra import band_centres_hz
from ama_analysis.distance import distance
from ama_analysis.plan import Compressor, EqBand, Gain, MasterEq, Pan, Suggestion
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.match.expect import boosts_db, expectations
from ama_analysis.suggest.match.layout import Band
from ama_analysis.suggest.match.reasons import span_hz
from ama_analysis.suggest.response import band_response_db
from tests.render.material import says
from tests.signals import silence
from tests.suggest.match.matching import faders, matcher, scene
from tests.suggest.match.material import RATE_HZ, Made, made_session, made_stems, target_of

EFFECT = 0.1
"""Of the largest rendered effect; 0.03 measured."""
AUDIBLE = 2e-3
"""Effects on AF* from here on must have the sign that the render has (the engine drops what harms by as much)."""


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
