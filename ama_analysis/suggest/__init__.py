"""Numbers to suggestions: what AMA would change, and why. Pure: no audio, no files, no clock.

`suggest_tracks` speaks of every track, `suggest_master_eq` and `suggest_master_dynamics` of the bus, given the mix as it is with the track suggestions.
The rules stand in `RULES` in the order in which they speak. The same input gives the same suggestions, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ama_analysis.envelope import Envelope
from ama_analysis.measurements import MixProfile, SessionMeasurements
from ama_analysis.plan import Suggestion
from ama_analysis.preferences import NO_TASTE, Taste
from ama_analysis.session import Session
from ama_analysis.suggest.agree import agree
from ama_analysis.suggest.bus import limiter, master_compressor, master_eq
from ama_analysis.suggest.cleanup import high_pass, low_pass, polarity
from ama_analysis.suggest.compression import BUS_LIMITS
from ama_analysis.suggest.dynamics import compressor, sidechain
from ama_analysis.suggest.gating import gate
from ama_analysis.suggest.held import permitted
from ama_analysis.suggest.level import leave_fader, move_fader
from ama_analysis.suggest.master_dynamics import master_dynamics
from ama_analysis.suggest.rule import Bus, Rule, Scene, scene_of
from ama_analysis.suggest.space import pan, stereo_bass
from ama_analysis.suggest.stereo_pairs import alike, other_sides
from ama_analysis.suggest.tone import masking, mud, resonance
from ama_analysis.target import Target

__all__ = [
    "MASTER_RULES",
    "RULES",
    "TRACK_RULES",
    "agreed",
    "other_sides",
    "scene_of",
    "suggest_beside_learned",
    "suggest_cleaning",
    "suggest_master_dynamics",
    "suggest_master_eq",
    "suggest_tracks",
]

TRACK_RULES: Final[tuple[Rule[Scene], ...]] = (
    Rule(id="level", propose=move_fader),
    Rule(id="keep", propose=leave_fader),
    Rule(id="pan", propose=pan),
    Rule(id="stereo_bass", propose=stereo_bass),
    Rule(id="polarity", propose=polarity),
    Rule(id="gate", propose=gate),
    Rule(id="high_pass", propose=high_pass),
    Rule(id="low_pass", propose=low_pass),
    Rule(id="resonance", propose=resonance),
    Rule(id="mud", propose=mud),
    Rule(id="masking", propose=masking),
    Rule(id="compressor", propose=compressor),
    Rule(id="sidechain", propose=sidechain),
)
BESIDE_LEARNED: Final = tuple(rule for rule in TRACK_RULES if rule.id not in {"level", "keep"})
"""Those that speak beside the gain predictor."""
CLEANING_RULES: Final = tuple(
    rule
    for rule in TRACK_RULES
    if rule.id
    in {
        *("stereo_bass", "polarity", "gate", "high_pass", "low_pass"),
        *("resonance", "compressor", "sidechain"),
    }
)
"""Those that speak beside the engine that matches references: faders, pans and tone are its own."""
MASTER_RULES: Final[tuple[Rule[Bus], ...]] = (
    Rule(id="master_eq", propose=master_eq),
    Rule(id="master_compressor", propose=master_compressor),
    Rule(id="limiter", propose=limiter),
)
RULES: Final[tuple[Rule[Scene] | Rule[Bus], ...]] = (*TRACK_RULES, *MASTER_RULES)


def suggest_tracks(
    session: Session,
    measurements: SessionMeasurements,
    target: Target,
    *,
    envelopes: Mapping[str, Envelope] | None = None,
    taste: Taste = NO_TASTE,
) -> tuple[Suggestion, ...]:
    """Return what the track rules suggest, by track in the session's order.

    With envelopes of the stems compressors are set by what they do; with a taste faders go where this user usually has the role.
    Every audible track gets at least one (its level, or that its level is right); muted, shut, silent and unmeasured tracks get none.
    """
    scene = scene_of(session, measurements, target, envelopes=envelopes, taste=taste)
    return _said_by(TRACK_RULES, scene)


def suggest_beside_learned(scene: Scene) -> tuple[Suggestion, ...]:
    """Return what the track rules suggest beside faders that were learned."""
    return _said_by(BESIDE_LEARNED, scene)


def suggest_cleaning(scene: Scene) -> tuple[Suggestion, ...]:
    """Return what the rules of `CLEANING_RULES` suggest for the tracks of a scene."""
    return _said_by(CLEANING_RULES, scene)


def _said_by(rules: Iterable[Rule[Scene]], scene: Scene) -> tuple[Suggestion, ...]:
    """Return what rules say of a scene, merged: the same of both sides of a pair."""
    proposals = (proposal for rule in rules for proposal in rule.propose(scene))
    return agreed(scene, alike(scene.voices, proposals))


def agreed(scene: Scene, proposals: Iterable[Suggestion]) -> tuple[Suggestion, ...]:
    """Return proposals merged, few, in the order of the tracks, and none for what is not AMA's to change."""
    order = [voice.track.id for voice in scene.voices]
    return agree(permitted(scene.voices, proposals), order=order)


def suggest_master_eq(mix: MixProfile, target: Target) -> tuple[Suggestion, ...]:
    """Return the bands that the rule for the master equaliser suggests."""
    return master_eq(Bus(mix=mix, target=target))


def suggest_master_dynamics(
    mix: MixProfile, target: Target, envelope: Envelope, *, compressor: bool = True
) -> tuple[Suggestion, ...]:
    """Return compressor and limiter for a mix, fitted to its envelope behind the master equaliser; or the limiter alone."""
    limits = BUS_LIMITS if compressor else None
    bus = Bus(mix=mix, target=target, dynamics=master_dynamics(envelope, target, limits=limits))
    return (*master_compressor(bus), *limiter(bus))
