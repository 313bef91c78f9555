"""Who proposes and who weighs: the rules, with the gain predictor in their place for faders where it is asked for, or the solver that matches references.

All share everything else: measuring, cleaning, rendering, verification. The rules weigh each suggestion by leaving it out of a rendered excerpt; the
solver knows from its spectra what leaving out a fader, pan or filter does, and has the largest effects and all dynamics checked by render.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from ama_analysis.advise import effects
from ama_analysis.advise.known import told
from ama_analysis.cross_spectra import CrossSpectra
from ama_analysis.envelope import Envelope
from ama_analysis.measure.envelope import measure_envelope
from ama_analysis.measurements import MixProfile, SessionMeasurements
from ama_analysis.models.gain_predictor import Prediction
from ama_analysis.models.gain_suggest import suggest_learned
from ama_analysis.parallel import in_threads
from ama_analysis.plan import Suggestion
from ama_analysis.preferences import NO_TASTE, Taste
from ama_analysis.progress import OnProgress, silent
from ama_analysis.session import Session
from ama_analysis.suggest import (
    agreed,
    scene_of,
    suggest_beside_learned,
    suggest_cleaning,
    suggest_master_eq,
    suggest_tracks,
)
from ama_analysis.suggest.match import KnownBalance, Matcher
from ama_analysis.suggest.rule import Scene

CHECKED: Final = 3
"""So many of the largest predicted effects are rendered too."""
DISPUTED: Final = 2.0
"""A render that finds more than so many times what was foretold, or less than its part, contradicts it (AMA's choice)."""


class Guide(Protocol):
    """Proposes suggestions for tracks and bus, and says what each brings."""

    @property
    def bench(self) -> effects.Bench:
        """The excerpt on which effects are rendered."""

    @property
    def told(self) -> tuple[str, ...]:
        """What the user should know of how the suggestions came about."""

    def tracks(self) -> tuple[Suggestion, ...]:
        """Return suggestions for the tracks."""

    def weighed(
        self, suggestions: Sequence[Suggestion], *, on_progress: OnProgress = silent
    ) -> tuple[Suggestion, ...]:
        """Return the suggestions with their effects."""

    def equaliser(self, tracks: Sequence[Suggestion], mix: MixProfile) -> tuple[Suggestion, ...]:
        """Return bands for the bus, given the measured mix with the tracks' suggestions."""

    def weighed_master(
        self,
        tracks: Sequence[Suggestion],
        master: Sequence[Suggestion],
        *,
        on_progress: OnProgress = silent,
    ) -> tuple[Suggestion, ...]:
        """Return suggestions for the bus with their effects beside those for tracks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesGuide:
    """The rules."""

    session: Session
    measured: SessionMeasurements
    bench: effects.Bench
    told: tuple[str, ...] = ()
    taste: Taste = NO_TASTE

    def tracks(self) -> tuple[Suggestion, ...]:
        """Return what the track rules suggest."""
        return suggest_tracks(
            self.session,
            self.measured,
            self.bench.target,
            envelopes=stem_envelopes(self.bench),
            taste=self.taste,
        )

    def weighed(
        self, suggestions: Sequence[Suggestion], *, on_progress: OnProgress = silent
    ) -> tuple[Suggestion, ...]:
        """Return the suggestions with effects from renders."""
        return effects.with_track_effects(self.bench, suggestions, on_progress=on_progress)

    def equaliser(
        self,
        tracks: Sequence[Suggestion],  # noqa: ARG002  the rule looks at the mix alone
        mix: MixProfile,
    ) -> tuple[Suggestion, ...]:
        """Return what the rule for the master equaliser suggests."""
        return suggest_master_eq(mix, self.bench.target)

    def weighed_master(
        self,
        tracks: Sequence[Suggestion],
        master: Sequence[Suggestion],
        *,
        on_progress: OnProgress = silent,
    ) -> tuple[Suggestion, ...]:
        """Return the suggestions with effects from renders."""
        return effects.with_master_effects(self.bench, tracks, master, on_progress=on_progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedGuide(RulesGuide):
    """The gain predictor for faders, and for pans where it is sure; the rules for all else."""

    learned: Sequence[Prediction]

    def tracks(self) -> tuple[Suggestion, ...]:
        """Return the predictor's faders and pans, and what the other track rules suggest; one pan a track, the predictor's first."""
        envelopes = stem_envelopes(self.bench)
        scene = scene_of(
            self.session,
            self.measured,
            self.bench.target,
            envelopes=envelopes,
            taste=self.taste,
        )
        learned = suggest_learned(scene, self.learned)
        panned = {s.track for s in learned if s.action.kind == "pan"}
        rules = suggest_beside_learned(scene)
        beside = (s for s in rules if s.action.kind != "pan" or s.track not in panned)
        return agreed(scene, (*learned, *beside))


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingGuide:
    """The solver, and the rules that clean; neither filters nor bands where the one reference is these tracks, faders and pans, and nothing else (`as_read`)."""

    scene: Scene
    matcher: Matcher
    bench: effects.Bench
    told: tuple[str, ...] = ()
    as_read: bool = False

    def tracks(self) -> tuple[Suggestion, ...]:
        """Return what cleans the tracks, and the faders, pans and bands that match."""
        cleaning = () if self.as_read else suggest_cleaning(self.scene)
        return agreed(self.scene, (*self.matcher.tracks(cleaning), *cleaning))

    def weighed(
        self, suggestions: Sequence[Suggestion], *, on_progress: OnProgress = silent
    ) -> tuple[Suggestion, ...]:
        """Return the suggestions with predicted effects; those of dynamics and the largest ones from renders."""
        told = self.matcher.with_effects(suggestions)
        predicted = [s for s in told if s.effect is not None and s.effect.predicted]
        largest = sorted(predicted, key=_size, reverse=True)[:CHECKED]
        rendered = {s.id for s in told if s.effect is None or not s.effect.predicted}
        ids = rendered | {s.id for s in largest}
        checked = effects.with_track_effects(self.bench, told, ids=ids, on_progress=on_progress)
        return tuple(_joined(one, other) for one, other in zip(told, checked, strict=True))

    def equaliser(self, tracks: Sequence[Suggestion], mix: MixProfile) -> tuple[Suggestion, ...]:
        """Return what the solver leaves to the bus."""
        if self.as_read:
            return ()
        return self.matcher.master_eq(tracks, mix)

    def weighed_master(
        self,
        tracks: Sequence[Suggestion],
        master: Sequence[Suggestion],
        *,
        on_progress: OnProgress = silent,
    ) -> tuple[Suggestion, ...]:
        """Return the suggestions with predicted effects; those of dynamics from renders."""
        told = self.matcher.with_effects((*tracks, *master))[len(tracks) :]
        ids = {s.id for s in told if s.effect is None}
        return effects.with_master_effects(
            self.bench, tracks, told, ids=ids, on_progress=on_progress
        )


def stem_envelopes(bench: effects.Bench) -> dict[str, Envelope]:
    """Return the envelopes of the stems in the excerpt."""
    measured = in_threads(
        list(bench.stems.values()),
        lambda stem, _: measure_envelope(stem),
        stage=lambda _: "looking at the stems' envelopes",
        on_progress=silent,
    )
    return dict(zip(bench.stems, measured, strict=True))


def _joined(foretold: Suggestion, rendered: Suggestion) -> Suggestion:
    """Return a suggestion with what is foretold for the whole mix, and beside it what the excerpt says."""
    whole, part = foretold.effect, rendered.effect
    if whole is None or part is None or part is whole:
        return rendered
    checked = part.distance_delta
    return foretold.with_effect(
        replace(
            whole,
            checked_delta=checked,
            excerpt_s=part.excerpt_s,
            disputed=disputed(whole.distance_delta, checked),
        )
    )


def disputed(foretold: float, checked: float) -> bool:
    """Return whether an effect on the whole mix and a render of its loudest seconds say different things: another sign, or more than `DISPUTED` times as much, and not of next to nothing."""
    small, large = sorted((abs(foretold), abs(checked)))
    told_apart = foretold * checked < 0.0 or large > DISPUTED * small
    return told_apart and abs(foretold - checked) > effects.MARK_ABOVE


def _size(suggestion: Suggestion) -> float:
    return abs(suggestion.effect.distance_delta) if suggestion.effect else 0.0


def matching_guide(
    session: Session,
    measured: SessionMeasurements,
    bench: effects.Bench,
    before: MixProfile,
    spectra: CrossSpectra,
    known: KnownBalance | None = None,
    taste: Taste = NO_TASTE,
) -> MatchingGuide:
    """Return the guide for a session of which the mix as it stands and the unmuted tracks together (`spectra`) were heard."""
    envelopes = stem_envelopes(bench)
    scene = scene_of(session, measured, bench.target, envelopes=envelopes, taste=taste)
    return MatchingGuide(
        scene=scene,
        matcher=Matcher(scene, spectra, before, known),
        bench=bench,
        told=told(session, known),
        as_read=known is not None and known.plain and len(session.references) == 1,
    )
