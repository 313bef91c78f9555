"""All tracks of a session, measured side by side, and all pairs of them.

Tracks are measured on as many cores as there are; each needs a few MiB whatever its length. Muted and silent tracks are measured, but make
no pairs. Progress is reported from the calling thread; what it raises stops the others at their next block. With a cache, only tracks whose
content is new are measured (`measure.kept`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Final, TypeAlias

from ama_analysis.audio import Sound, open_audio
from ama_analysis.cache import NO_CACHE, Cache, remembered
from ama_analysis.errors import AudioFileError
from ama_analysis.measure import kept
from ama_analysis.measure.alignment import LONGEST_S, Alignment, align, close_pair, section_of
from ama_analysis.measure.masking import (
    Layer,
    common_section,
    fitted,
    layer_of,
    pair_of,
    slots_for,
)
from ama_analysis.measure.spectrum import Slots
from ama_analysis.measure.track import MeasuredTrack
from ama_analysis.measurements import PairMeasurements, SessionMeasurements, TrackMeasurements
from ama_analysis.parallel import in_threads
from ama_analysis.progress import OnProgress, part_of, silent
from ama_analysis.session import Session, Track
from ama_analysis.tasks import Outcome, Task, carried_out

ALIKE_FROM: Final = 0.25
"""Close pairs are compared as waveforms from this spectral overlap on: two microphones on one source hear like spectra."""
_TRACKS_SHARE: Final = 0.9


def _unknown(_track: Track) -> None:
    """Know no content."""


ContentOf: TypeAlias = Callable[[Track], str | None]
"""Gives the hash of a track's file, None where it is not known; may be called from several threads."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Audible:
    """An audible track with what its pairs need."""

    track: Track
    content: str | None
    layer: Layer


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SessionMeter:
    """The measurements of a session in two steps: tasks for its tracks, which do not wait for each other, and all pairs when these are done.

    `sound_of` gives sounds at the session's rate, which can be pickled; it is called again for a track that is compared with a close one.
    """

    session: Session
    sound_of: Callable[[Track], Sound]
    cache: Cache = NO_CACHE
    content_of: ContentOf = _unknown

    @property
    def _slots(self) -> Slots:
        return slots_for(self.session.duration_s)

    def tasks(self) -> list[Task[MeasuredTrack]]:
        """Return what measures each track, in their order."""
        return [
            kept.track_task(
                partial(self.sound_of, track),
                sample_rate_hz=self.session.sample_rate_hz,
                slot_s=self._slots.slot_s,
                content=partial(self.content_of, track),
                cache=self.cache,
            )
            for track in self.session.tracks
        ]

    def together(
        self, outcomes: Sequence[Outcome[MeasuredTrack]], on_progress: OnProgress
    ) -> SessionMeasurements:
        """Return the session's measurements, given what came of the tasks; tracks whose sound failed go to `skipped`."""
        measured: dict[str, MeasuredTrack] = {}
        skipped: dict[str, str] = {}
        heard: list[tuple[Track, str | None, MeasuredTrack]] = []
        for track, outcome in zip(self.session.tracks, outcomes, strict=True):
            if isinstance(outcome, AudioFileError):
                skipped[track.id] = outcome.sentence()
                continue
            one = replace(outcome, grid=fitted(outcome.grid, self._slots.count))
            measured[track.id] = one
            if not track.silenced and not one.measurements.silent:
                heard.append((track, self.content_of(track), one))
        pairs = self._pairs(heard, on_progress)
        on_progress(1.0, "comparing tracks")
        return SessionMeasurements(
            tracks={track_id: one.measurements for track_id, one in measured.items()},
            pairs=pairs,
            skipped=skipped,
        )

    def _pairs(
        self, heard: Sequence[tuple[Track, str | None, MeasuredTrack]], on_progress: OnProgress
    ) -> tuple[PairMeasurements, ...]:
        """Return the measurements of all pairs of these tracks."""

        def measured() -> tuple[PairMeasurements, ...]:
            layers = [
                _Audible(track=t, content=c, layer=layer_of(one.grid, fader_db=t.fader_db))
                for t, c, one in heard
            ]
            return self._measured_pairs(layers, on_progress)

        rate = self.session.sample_rate_hz
        named = [(track, content) for track, content, _ in heard]
        return remembered(
            self.cache,
            kept.pairs_key(named, sample_rate_hz=rate, slots=self._slots),
            measured,
            pack=kept.pack_pairs,
            unpack=kept.unpack_pairs,
        )

    def _measured_pairs(
        self, heard: Sequence[_Audible], on_progress: OnProgress
    ) -> tuple[PairMeasurements, ...]:
        measured = [
            (pair_of(one.track.id, one.layer, other.track.id, other.layer), one, other)
            for one, other in combinations(heard, 2)
        ]

        def compared(
            work: tuple[PairMeasurements, _Audible, _Audible], _: OnProgress
        ) -> PairMeasurements:
            pair, one, other = work
            alike = pair.overlap >= ALIKE_FROM and close_pair(one.track, other.track)
            return self._with_alignment(pair, one, other) if alike else pair

        stage = "comparing tracks"
        return tuple(in_threads(measured, compared, stage=lambda _: stage, on_progress=on_progress))

    def _with_alignment(
        self, pair: PairMeasurements, one: _Audible, other: _Audible
    ) -> PairMeasurements:
        section_s = common_section(one.layer, other.layer, slots=self._slots, longest_s=LONGEST_S)

        def measured() -> tuple[Alignment, ...]:
            sounds = [self.sound_of(heard.track) for heard in (one, other)]
            first, second = (section_of(sound, *section_s) for sound in sounds)
            found = align(first, sounds[0].sample_rate_hz, second, sounds[1].sample_rate_hz)
            return () if found is None else (found,)

        rate = self.session.sample_rate_hz
        try:
            found = remembered(
                self.cache,
                kept.alignment_key(
                    one.content, other.content, sample_rate_hz=rate, section_s=section_s
                ),
                measured,
                pack=kept.pack_alignment,
                unpack=kept.unpack_alignment,
            )
        except AudioFileError:
            return pair
        for each in found:
            return replace(
                pair, delay_ms=each.delay_ms, inverted=each.inverted, coherence=each.coherence
            )
        return pair


def measure_session(
    session: Session,
    sound_of: Callable[[Track], Sound],
    *,
    cache: Cache = NO_CACHE,
    content_of: ContentOf | None = None,
    on_progress: OnProgress = silent,
) -> SessionMeasurements:
    """Return the measurements of all tracks and pairs; tracks whose sound fails with `AudioFileError` go to `skipped`.

    `sound_of` as in `SessionMeter`. What `cache` has by the contents that `content_of` tells is not measured again; the figures are the same either way.
    """
    meter = SessionMeter(
        session=session, sound_of=sound_of, cache=cache, content_of=content_of or _unknown
    )
    outcomes = carried_out(
        meter.tasks(), stage=_stage, on_progress=part_of(on_progress, 0.0, _TRACKS_SHARE)
    )
    return meter.together(outcomes, part_of(on_progress, _TRACKS_SHARE, 1.0))


def _stage(done: Sequence[float]) -> str:
    return f"measuring tracks ({sum(part == 1.0 for part in done)}/{len(done)})"


def measure_file(
    path: Path, *, content: str | None, cache: Cache, on_progress: OnProgress = silent
) -> TrackMeasurements:
    """Return the figures of a sound file by itself, at its own rate: what `measure_sound` gives, from the cache where that has its content."""
    file = open_audio(path)
    return kept.measured_track(
        file,
        slot_s=slots_for(file.duration_s).slot_s,
        content=content,
        cache=cache,
        on_progress=on_progress,
    ).measurements
