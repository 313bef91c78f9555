"""What each suggestion brings: the mix with it against the mix without it, rendered on an excerpt and measured.

The excerpt is the loudest stretch of the mix. The mix before the master bus is a sum, so leaving out one suggestion means rendering one
track anew and exchanging it in the sum; leaving out a master suggestion means running the sum through the rest of the bus.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np

from ama_analysis.audio import Audio, Block, in_memory
from ama_analysis.distance import Distance, distance
from ama_analysis.measure import LoudnessMeter, measure_mix
from ama_analysis.parallel import in_threads
from ama_analysis.plan import Effect, Gain, Suggestion
from ama_analysis.progress import OnProgress, silent
from ama_analysis.render import bus_sound, track_sound
from ama_analysis.session import Session, Track
from ama_analysis.target import Target

EXCERPT_S: Final = 10.0
"""The stretch over which Diff-MST computes its AF loss."""
MARK_ABOVE: Final = 2e-4
"""A suggestion that raises AF* by more than this does not bring the mix nearer: a hundredth of what two halves of one song differ by."""
DROP_ABOVE: Final = 2e-3
"""One that raises it by more than this (or by `DROP_SHARE` of the distance before) is dropped."""
DROP_SHARE: Final = 0.02

REPAIRS: Final = frozenset({"polarity"})
"""Two microphones that cancel are a fault, however the sum suits the target."""
STAYING: Final = REPAIRS | {"limiter"}
AS_GIVEN: Final = frozenset(
    {"read_level", "read_pan", "heard_level", "heard_pan", "cnn_level", "cnn_pan", "level"}
)
"""What a reference of these very tracks says of faders and pans is offered as it is, and so is what the gain predictor and the balance of the roles say:
a balance is not told by the target's spectrum. Such moves are marked, and fall only where the whole plan would be worse."""

YOURS: Final = 0.5
"""A fader's move of which this part or more is there because the user usually has the role so is marked, not dropped, as a repair is."""

_NO_PAIRS: Final[Mapping[str, str]] = MappingProxyType({})
_NOTHING: Final = Effect(
    distance_delta=0.0,
    tonal_delta_db=0.0,
    width_delta_db=0.0,
    track_loudness_delta_lu=0.0,
    excerpt_s=0.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """An excerpt of a session's stems in memory, and the target to which its mixes are compared; the last mix of it is kept for who asks next."""

    session: Session
    stems: dict[str, Audio]
    target: Target
    _last: dict[tuple[Suggestion, ...], Block] = field(default_factory=dict, repr=False)

    @property
    def excerpt_s(self) -> float:
        """The length of the excerpt."""
        return max(stem.duration_s for stem in self.stems.values())

    def sound_of(self, track: Track) -> Audio:
        """Return a track's stem."""
        return self.stems[track.id]

    def track(self, track: Track, suggestions: Sequence[Suggestion]) -> Block:
        """Return a track as it arrives at the bus, (2, frames)."""
        sound = track_sound(self.session, track, suggestions, self.sound_of)
        samples = in_memory(sound).samples
        missing = round(self.excerpt_s * self.session.sample_rate_hz) - samples.shape[1]
        return np.pad(samples, ((0, 0), (0, max(missing, 0))))

    def tracks(self, suggestions: Sequence[Suggestion]) -> dict[str, Block]:
        """Return every track as it arrives at the bus."""
        heard = in_threads(
            self.session.tracks,
            lambda track, _: self.track(track, suggestions),
            stage=lambda _: "rendering the excerpt",
            on_progress=silent,
        )
        return {track.id: one for track, one in zip(self.session.tracks, heard, strict=True)}

    def mix(
        self, suggestions: Sequence[Suggestion], tracks: Mapping[str, Block] | None = None
    ) -> Block:
        """Return the mix before the master bus, (2, frames), from its tracks where they are rendered already."""
        asked = tuple(replace(suggestion, effect=None) for suggestion in suggestions)
        if asked not in self._last:
            heard = self.tracks(suggestions) if tracks is None else tracks
            self._last.clear()
            self._last[asked] = np.asarray(np.sum(list(heard.values()), axis=0), dtype=np.float32)
        return self._last[asked]

    def distance_of(self, mix: Block) -> Distance | None:
        """Return how far a mix of the excerpt lies from the target (None for silence)."""
        profile = measure_mix(Audio(mix, self.session.sample_rate_hz), movement=False)
        return None if profile is None else distance(profile, self.target)

    def loudness_of(self, samples: Block) -> float | None:
        """Return the loudness of a track or mix of the excerpt, LUFS (None for silence)."""
        meter = LoudnessMeter(sample_rate_hz=self.session.sample_rate_hz, channels=2)
        meter.add(samples)
        return meter.result().integrated_lufs


def bench_of(
    session: Session,
    open_section: Callable[[Track, float, float], Audio],
    span_s: tuple[float, float],
    target: Target,
) -> Bench:
    """Cut the excerpt `span_s` out of every stem; a stem that has ended before it is silent there."""
    stems = in_threads(
        session.tracks,
        lambda track, _: open_section(track, *span_s),
        stage=lambda _: "cutting the excerpt",
        on_progress=silent,
    )
    return Bench(
        session=session,
        stems={track.id: stem for track, stem in zip(session.tracks, stems, strict=True)},
        target=target,
    )


def with_track_effects(
    bench: Bench,
    suggestions: Sequence[Suggestion],
    *,
    ids: Collection[str] | None = None,
    on_progress: OnProgress = silent,
) -> tuple[Suggestion, ...]:
    """Return the suggestions for tracks, each (or those of these ids) with its effect on the mix before the master bus."""
    if ids is not None and not ids:
        return tuple(suggestions)
    tracks = bench.tracks(suggestions)
    whole = bench.mix(suggestions, tracks)
    with_all = bench.distance_of(whole)

    @cache
    def loudness_of(track_id: str) -> float | None:
        return bench.loudness_of(tracks[track_id])

    def weighed(suggestion: Suggestion, _: OnProgress) -> Suggestion:
        if ids is not None and suggestion.id not in ids:
            return suggestion
        if changes_nothing(suggestion):
            return suggestion.with_effect(replace(_NOTHING, excerpt_s=bench.excerpt_s))
        rest = [other for other in suggestions if other is not suggestion]
        without = bench.track(bench.session.track(suggestion.track), rest)
        mix = whole - tracks[suggestion.track] + without
        effect = _effect(bench, with_all, bench.distance_of(mix))
        delta_lu = _less(loudness_of(suggestion.track), bench.loudness_of(without))
        return suggestion.with_effect(replace(effect, track_loudness_delta_lu=delta_lu))

    stage = "weighing each suggestion"
    told = in_threads(suggestions, weighed, stage=lambda _: stage, on_progress=on_progress)
    return tuple(told)


def with_master_effects(
    bench: Bench,
    track_suggestions: Sequence[Suggestion],
    master: Sequence[Suggestion],
    *,
    ids: Collection[str] | None = None,
    on_progress: OnProgress = silent,
) -> tuple[Suggestion, ...]:
    """Return the suggestions for the master, each (or those of these ids) with its effect on the finished mix."""
    whole = Audio(bench.mix(track_suggestions), bench.session.sample_rate_hz)
    finished = in_memory(bus_sound(whole, master)).samples
    with_all, finished_lufs = bench.distance_of(finished), bench.loudness_of(finished)

    def weighed(suggestion: Suggestion, _: OnProgress) -> Suggestion:
        if ids is not None and suggestion.id not in ids:
            return suggestion
        rest = [other for other in master if other is not suggestion]
        mix = in_memory(bus_sound(whole, rest)).samples
        effect = _effect(bench, with_all, bench.distance_of(mix))
        delta_lu = _less(finished_lufs, bench.loudness_of(mix))
        return suggestion.with_effect(replace(effect, track_loudness_delta_lu=delta_lu))

    stage = "weighing the master bus"
    return tuple(in_threads(master, weighed, stage=lambda _: stage, on_progress=on_progress))


def _effect(bench: Bench, with_it: Distance | None, without: Distance | None) -> Effect:
    if with_it is None or without is None:
        return replace(_NOTHING, excerpt_s=bench.excerpt_s)
    delta = with_it.total - without.total
    return Effect(
        distance_delta=delta,
        tonal_delta_db=with_it.tonal_db - without.tonal_db,
        width_delta_db=with_it.width_db - without.width_db,
        track_loudness_delta_lu=None,
        excerpt_s=bench.excerpt_s,
        marked=delta > MARK_ABOVE,
    )


def _less(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first - second


def changes_nothing(suggestion: Suggestion) -> bool:
    """Return whether a suggestion only says that a fader is right."""
    return isinstance(suggestion.action, Gain) and suggestion.action.delta_db == 0.0


def sifted(
    suggestions: Sequence[Suggestion],
    before: float,
    other_sides: Mapping[str, str] = _NO_PAIRS,
) -> tuple[Suggestion, ...]:
    """Return the suggestions without those that take the mix away from the target by more than is allowed.

    The limiter stays: it holds the ceiling; and so does a repair (`REPAIRS`): it is marked, and falls only where the whole plan would be worse. What left
    and right of one recording get alike (`other_sides`, by track id) stays or goes together.
    """
    limit = max(DROP_ABOVE, DROP_SHARE * before)
    return tuple(
        s
        for s, alike in zip(suggestions, _alike(suggestions, other_sides), strict=True)
        if any(_stays(one) for one in alike) or _harm(alike) <= limit
    )


def _alike(
    suggestions: Sequence[Suggestion], other_sides: Mapping[str, str]
) -> list[tuple[Suggestion, ...]]:
    """Return for each suggestion itself and, where its track is a side of a pair, what the other side gets alike."""
    by_id = {s.id: s for s in suggestions}
    twins = (by_id.get(f"{s.rule}:{other_sides.get(s.track)}{s.tail}") for s in suggestions)
    return [(s,) if twin is None else (s, twin) for s, twin in zip(suggestions, twins, strict=True)]


def _stays(suggestion: Suggestion) -> bool:
    return (
        suggestion.action.kind in STAYING
        or suggestion.rule in AS_GIVEN
        or _mostly_yours(suggestion)
    )


def _mostly_yours(suggestion: Suggestion) -> bool:
    action = suggestion.action
    if not isinstance(action, Gain) or not suggestion.learned_db * action.delta_db > 0.0:
        return False
    return abs(suggestion.learned_db) >= YOURS * abs(action.delta_db)


def dropped(tried: Suggestion) -> Suggestion:
    """Return a suggestion that was tried and dropped, with that and what it did as part of its reason."""
    harm = _harm([tried])
    why = (
        f"it takes the mix away from the target (AF* {harm:+.4f})"
        if harm > 0.0
        else f"with others it takes the mix away from the target (AF* {harm:+.4f} by itself)"
    )
    return replace(tried, because=f"{tried.because} Tried and dropped: {why}.")


def _harm(suggestions: Sequence[Suggestion]) -> float:
    return sum(s.effect.distance_delta for s in suggestions if s.effect)


def most_harmful(
    suggestions: Sequence[Suggestion], other_sides: Mapping[str, str] = _NO_PAIRS
) -> frozenset[str]:
    """Return the ids of the suggestion (limiter aside) whose removal helps most, and of its twin on the other side of a pair; none when none is in the way."""
    candidates = [
        alike
        for alike in _alike(suggestions, other_sides)
        if alike[0].action.kind != "limiter" and _harm(alike) > 0.0
    ]
    return frozenset(s.id for s in max(candidates, key=_harm, default=()))
