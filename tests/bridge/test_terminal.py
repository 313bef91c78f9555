"""What people read of a plan in a terminal."""

from __future__ import annotations

from ama_analysis.plan import Gain, Sidechain
from ama_bridge.commands.terminal import in_words


def test_a_fader_is_told_by_its_step_alone():
    """Where it stands in the DAW depends on the DAW's pan law."""
    assert in_words(Gain(delta_db=2.0, fader_db=-4.0)) == "fader +2.0 dB"
    assert in_words(Gain(delta_db=0.0, fader_db=-4.0)) == "fader stays"


def test_a_side_chain_is_told_by_the_name_of_its_trigger():
    duck = Sidechain(trigger="121", threshold_db=-30.0, ratio=2.0, attack_ms=3.0, release_ms=90.0)
    assert in_words(duck, trigger="Kick").startswith("side-chain from Kick, -30.0 dB, 2.0:1")
