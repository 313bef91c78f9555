"""Session to verified plan.

present    faders and pans as a given mix holds them (`present`)
hearing    references, every stem and pair, the mix as it stands; for the matching engine all tracks together too (`hearing`)
tracks     what the engine suggests (`guide`); each suggestion weighed, the harmful ones dropped
master     what the bus still needs, judged on the whole mix with the track suggestions in it
after      the whole plan, rendered and measured (`renders`); while it is worse than before, the worst suggestion goes
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Final

from ama_analysis.advise import effects
from ama_analysis.advise.beginning import Beginning
from ama_analysis.advise.guide import Guide, LearnedGuide, RulesGuide, matching_guide
from ama_analysis.advise.hearing import hearing_of
from ama_analysis.advise.learned import predictions_for
from ama_analysis.advise.present import with_faders_of_mix
from ama_analysis.advise.renders import Renders
from ama_analysis.advise.separated import marked
from ama_analysis.advise.sessions import section_of
from ama_analysis.advise.targets import DEFAULT_STYLE
from ama_analysis.cache import NO_CACHE, Cache, Contents
from ama_analysis.cross_spectra import CrossSpectra
from ama_analysis.distance import METRIC, distance
from ama_analysis.errors import OptionError
from ama_analysis.measurements import MixProfile, SessionMeasurements
from ama_analysis.models.umx_weights import UmxWeights
from ama_analysis.plan import MASTER, MixPlan, Suggestion, TargetSummary, Verification
from ama_analysis.preferences import (
    NO_PREFERENCES,
    Preferences,
    Taste,
    style_word,
    taste_of,
    with_habits,
)
from ama_analysis.presets import load_target
from ama_analysis.progress import OnProgress, part_of, silent
from ama_analysis.reference import Reference
from ama_analysis.session import Session
from ama_analysis.suggest import other_sides, scene_of, suggest_master_dynamics
from ama_analysis.suggest.match import KnownBalance
from ama_analysis.target import Target

ENGINES: Final = ("auto", "rules", "cnn", "reference")
"""The words of the command line; `auto` means `reference` where references are given, else `rules`. `cnn` is the gain predictor, with the rules for all but faders."""
_TURNS: Final = 4
"""So often at most are the suggestions weighed against each other; each turn drops what harms, so few come to a second one."""
ALREADY_THERE: Final = (
    "Nothing that AMA would change brings this mix nearer to the target: it is already there."
)


def advise(
    session: Session,
    *,
    engine: str = "auto",
    target: str | None = None,
    cache: Cache = NO_CACHE,
    separation: UmxWeights | None = None,
    preferences: Preferences = NO_PREFERENCES,
    gain_weights: Path | None = None,
    on_progress: OnProgress = silent,
) -> MixPlan:
    """Return the plan for a session, rendered and measured; what `cache` has of files of the same content is not measured again.

    `engine` is one of `ENGINES` (`OptionError` for others and for those that this version lacks), `target` the name or path of a style;
    the session's references, where it has any, take its place as what the mix is compared with. With `separation` (checked weights) the balance of
    references' parts counts too, which takes about as long as the references are. `preferences` is what was learned of the user, `gain_weights` a file of the gain
    predictor's weights in place of those that ship. Raises `InputError`s for stems,
    references and targets that cannot be used, and `CancelledError` when `on_progress` does.
    """
    contents = Contents(cache)
    engine = engine_for(engine, session.references, target)
    session = with_faders_of_mix(session, on_progress=part_of(on_progress, 0.0, 0.02))
    hearing = hearing_of(
        session,
        target,
        matching=engine == "reference",
        cache=cache,
        contents=contents,
        separation=separation,
        on_progress=part_of(on_progress, 0.02, 0.55),
    )
    session, aim = hearing.session, hearing.target
    work = _Work(
        engine=engine,
        session=session,
        measured=hearing.measured,
        target=aim,
        beginning=hearing.beginning,
        known=hearing.known,
        taste=taste_of(preferences, style_word(aim)),
        gain_weights=gain_weights,
        cache=cache,
        contents=contents,
        on_progress=part_of(on_progress, 0.55, 1.0),
    )
    plan = work.plan()
    warnings = (*session.warnings, *aim.warnings, *plan.warnings)
    return marked(replace(plan, warnings=warnings))


def engine_for(engine: str, references: Sequence[Reference], style: str | None) -> str:
    """Return the engine that a word means for what is aimed at; a target saved from references counts as they do.

    `OptionError` (AMA-501) for a word that is none, or that needs a reference; `PresetError` for a style that cannot be used.
    """
    if engine not in ENGINES:
        message = f"There is no engine {engine!r}."
        raise OptionError(message, hint=f"Choose one of {', '.join(ENGINES)}.", code="AMA-501")
    matches = bool(references) or load_target(style or DEFAULT_STYLE).kind == "reference"
    if engine == "reference" and not matches:
        message = "The engine 'reference' needs a reference to match."
        raise OptionError(message, hint="Name a finished track to come near to.", code="AMA-501")
    if engine == "auto":
        return "reference" if matches else "rules"
    return engine


@dataclass(frozen=True, kw_only=True)
class _Work:
    """One session on its way to a plan."""

    engine: str
    session: Session
    measured: SessionMeasurements
    target: Target
    beginning: Beginning
    known: KnownBalance | None
    taste: Taste
    gain_weights: Path | None
    cache: Cache
    contents: Contents
    on_progress: OnProgress
    _tried: dict[str, Suggestion] = field(default_factory=dict)

    def plan(self) -> MixPlan:
        """Return the plan with the suggestions that help, verified."""
        beginning = self.beginning
        before = beginning.profile
        if before is None:
            return self._planned((), None, ("There is nothing to hear in these stems.",))
        span_s = beginning.loudest_part_s(effects.EXCERPT_S)
        bench = effects.bench_of(
            self.session, partial(section_of, self.session), span_s, self.target
        )
        guide = self._guide(bench, before, beginning.spectra)
        start = distance(before, self.target).total
        tracks = self._tracks(guide, start)
        with tempfile.TemporaryDirectory(prefix="ama-") as folder:
            renders = Renders(self.session, Path(folder), self.cache, self.contents)
            suggestions, after = self._finished(guide, tracks, before, renders)
        moves = [s for s in suggestions if not effects.changes_nothing(s)]
        warnings = guide.told if moves else (*guide.told, ALREADY_THERE)
        return self._planned(suggestions, self._verification(before, after), warnings)

    @cached_property
    def _other_sides(self) -> Mapping[str, str]:
        """By each track that is left or right of one recording the other one."""
        return other_sides(scene_of(self.session, self.measured, self.target).voices)

    def _guide(
        self, bench: effects.Bench, before: MixProfile, spectra: CrossSpectra | None
    ) -> Guide:
        """Return who proposes and weighs: the rules, the gain predictor with them, or the solver that matches references."""
        if self.engine == "cnn":
            return self._learned_guide(bench)
        if spectra is None:
            return RulesGuide(
                session=self.session, measured=self.measured, bench=bench, taste=self.taste
            )
        return matching_guide(
            self.session, self.measured, bench, before, spectra, self.known, self.taste
        )

    def _learned_guide(self, bench: effects.Bench) -> LearnedGuide:
        """Return the guide that asks the gain predictor; a style is told to it as a word, references as their spectrum."""
        matches = self.target.kind == "reference"
        said = predictions_for(
            self.session,
            self.measured,
            style="" if matches else self.target.style,
            reference=self.target.profile if matches else None,
            cache=self.cache,
            contents=self.contents,
            weights=self.gain_weights,
        )
        return LearnedGuide(
            session=self.session,
            measured=self.measured,
            bench=bench,
            learned=said,
            taste=self.taste,
        )

    def _tracks(self, guide: Guide, start: float) -> tuple[Suggestion, ...]:
        """Weigh what is proposed and drop what harms; as each weighs against the others, those that stay are weighed anew."""
        suggestions = guide.tracks()
        for turn in range(_TURNS):
            share = part_of(self.on_progress, _turn(turn), _turn(turn + 1))
            weighed = self._noted(guide.weighed(suggestions, on_progress=share))
            suggestions = effects.sifted(weighed, start, self._other_sides)
            if suggestions == weighed:
                break
        return suggestions

    def _finished(
        self,
        guide: Guide,
        tracks: tuple[Suggestion, ...],
        before: MixProfile,
        renders: Renders,
    ) -> tuple[tuple[Suggestion, ...], MixProfile]:
        """Add the master bus and verify; while the mix is worse than before, leave out what harms most."""
        start = distance(before, self.target).total
        left_out: set[str] = set()
        while True:
            if left_out & {s.id for s in tracks}:
                tracks = guide.weighed([s for s in tracks if s.id not in left_out])
            mix = renders.mix(tracks, part_of(self.on_progress, 0.3, 0.6))
            if mix is None:
                return (), before
            compressor = not any(one.startswith("master_compressor") for one in left_out)
            proposed = self._master(guide, tracks, mix, renders, start, compressor=compressor)
            master = tuple(s for s in proposed if s.id not in left_out)
            after = renders.finished(tracks, master, part_of(self.on_progress, 0.7, 1.0))
            if after is not None and distance(after, self.target).total <= start:
                return (*tracks, *master), after
            worst = effects.most_harmful((*tracks, *master), self._other_sides)
            if not worst:
                return tuple(s for s in tracks if effects.changes_nothing(s)), before
            left_out |= worst

    def _master(
        self,
        guide: Guide,
        tracks: Sequence[Suggestion],
        mix: MixProfile,
        renders: Renders,
        start: float,
        *,
        compressor: bool,
    ) -> tuple[Suggestion, ...]:
        """Return what is suggested for the bus and does no harm; where that is without its compressor, the limiter is set for it."""
        equaliser = guide.equaliser(tracks, mix)
        envelope = renders.envelope(tracks, equaliser)
        dynamics = suggest_master_dynamics(mix, self.target, envelope, compressor=compressor)
        share = part_of(self.on_progress, 0.6, 0.7)
        proposed = (*equaliser, *dynamics)
        weighed = self._noted(guide.weighed_master(tracks, proposed, on_progress=share))
        kept = effects.sifted(weighed, start)
        kinds = [{s.action.kind for s in some} for some in (weighed, kept)]
        if "compressor" in kinds[0] - kinds[1]:
            return self._master(guide, tracks, mix, renders, start, compressor=False)
        return kept

    def _noted(self, weighed: tuple[Suggestion, ...]) -> tuple[Suggestion, ...]:
        """Take note of what is tried, as it was weighed last."""
        self._tried.update((s.id, s) for s in weighed)
        return weighed

    def _dropped(self, kept: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
        """Return what was tried and is not kept, track by track, the master last."""
        ids = {s.id for s in kept}
        out = [s for s in self._tried.values() if s.id not in ids]
        order = [*(track.id for track in self.session.tracks), MASTER]
        moves = sorted(
            (s for s in out if not effects.changes_nothing(s)), key=lambda s: order.index(s.track)
        )
        return tuple(effects.dropped(s) for s in moves)

    def _verification(self, before: MixProfile, after: MixProfile) -> Verification:
        first, last = (distance(profile, self.target) for profile in (before, after))
        parts = {name: (value, last.parts()[name]) for name, value in first.parts().items()}
        return Verification(
            metric=METRIC,
            before=first.total,
            after=last.total,
            parts=parts,
            mix_before=before,
            mix_after=after,
            aim=self.target.profile,
            aim_spread_db=self.target.spread.third_octave_db,
        )

    def _planned(
        self,
        suggestions: tuple[Suggestion, ...],
        verification: Verification | None,
        warnings: tuple[str, ...] = (),
    ) -> MixPlan:
        target = self.target
        return MixPlan(
            engine=self.engine,
            target=TargetSummary(
                name=target.name,
                kind=target.kind,
                references=target.references,
                loudness_lufs=target.loudness_lufs,
                ceiling_dbtp=target.ceiling_dbtp,
            ),
            session=self.session,
            measurements=self.measured,
            suggestions=with_habits(suggestions, self.taste),
            verification=verification,
            warnings=warnings,
            dropped=self._dropped(suggestions),
        )


def _turn(turn: int) -> float:
    """Return where on the way a turn of weighing begins: the first takes half of the span 0 to 0.3, each next half of the rest."""
    return 0.3 - 0.3 * 0.5**turn
