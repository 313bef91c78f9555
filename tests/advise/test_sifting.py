"""What is dropped because it takes the mix away from the target, what is marked only, and what is said of it."""

from __future__ import annotations

import pytest

from ama_analysis.advise.effects import sifted, without
from ama_analysis.plan import Action, Effect, Gain, Pan, Suggestion
from tests.suggest import factory

HARM = 0.01
"""Several times what is allowed (`effects.DROP_ABOVE`)."""
SESSION = factory.session(factory.track("Vox", "lead vocal", fader_db=-3.0))


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
    assert sifted(SESSION, [move], 0.05) == (move,)


def test_what_was_moved_for_the_spectrum_is_dropped_with_a_reason_in_its_place():
    kept = sifted(SESSION, [harmful("match_level", Gain(delta_db=6.0, fader_db=3.0))], 0.05)
    assert [s.id for s in kept] == ["dropped:Vox"]
    assert "+6.0 dB was meant for Vox" in kept[0].because
    assert sifted(SESSION, [harmful("pan", Pan(pan=0.4))], 0.05) == ()


def test_leaving_a_fader_is_as_sure_as_moving_it_was_unsure():
    kept = without(SESSION, [harmful("level", Gain(delta_db=6.0, fader_db=3.0))], {"level:Vox"})
    assert kept[0].action == Gain(delta_db=0.0, fader_db=-3.0)
    assert kept[0].confidence == pytest.approx(0.3)
