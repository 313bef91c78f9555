"""What is dropped because it takes the mix away from the target, what is marked only, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ama_analysis.advise.effects import dropped, sifted
from ama_analysis.plan import Action, Compressor, Effect, EqBand, Gain, Pan, Suggestion

HARM = 0.01
"""Several times what is allowed (`effects.DROP_ABOVE`)."""


def harmful(rule: str, action: Action) -> Suggestion:
    effect = Effect(
        distance_delta=HARM,
        tonal_delta_db=0.0,
        width_delta_db=0.0,
        track_loudness_delta_lu=0.0,
        excerpt_s=10.0,
        marked=True,
    )
    return Suggestion(
        id=f"{rule}:Vox",
        track="Vox",
        action=action,
        because="It is buried.",
        confidence=0.7,
        effect=effect,
    )


@pytest.mark.parametrize("rule", ["level", "cnn_level", "read_level", "heard_level"])
def test_a_balance_is_not_told_by_a_spectrum_so_its_moves_are_marked(rule):
    move = harmful(rule, Gain(delta_db=6.0, fader_db=3.0))
    assert sifted([move], 0.05) == (move,)


@pytest.mark.parametrize(
    "action",
    [
        Gain(delta_db=6.0, fader_db=3.0),
        Pan(pan=0.4),
        EqBand(type="bell", freq_hz=300.0, gain_db=-3.0, q=1.2),
        Compressor(threshold_db=-20.0, ratio=3.0, attack_ms=10.0, release_ms=100.0),
    ],
)
def test_what_harms_is_dropped_whatever_its_kind(action):
    assert sifted([harmful("match", action)], 0.05) == ()


def test_what_was_dropped_keeps_its_values_its_reason_and_what_it_did():
    tried = harmful("pan", Pan(pan=0.4))
    told = dropped(tried)
    assert (told.id, told.action, told.effect) == ("pan:Vox", tried.action, tried.effect)
    assert told.because == (
        "It is buried. Tried and dropped: it takes the mix away from the target (AF* +0.0100)."
    )


def test_what_only_harms_with_others_says_so():
    tried = harmful("pan", Pan(pan=0.4))
    assert tried.effect is not None
    helpful = tried.with_effect(replace(tried.effect, distance_delta=-0.001))
    assert "with others it takes the mix away" in dropped(helpful).because
