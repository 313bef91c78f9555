"""All tracks of a session, measured side by side, and all pairs of them.

Tracks are measured in as many threads as there are cores; each needs a few MiB whatever its length. Muted and silent tracks are measured, but make
no pairs. Progress is reported from the calling thread; what it raises stops the threads at their next block.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from ama_analysis.audio import Sound
from ama_analysis.errors import AudioFileError
from ama_analysis.measure.alignment import LONGEST_S, align, close_pair, section_of
from ama_analysis.measure.masking import Layer, common_section, layer_of, pair_of, slots_for
from ama_analysis.measure.spectrum import Slots
from ama_analysis.measure.track import MeasuredTrack, measure_track
from ama_analysis.measurements import PairMeasurements, SessionMeasurements
from ama_analysis.progress import OnProgress, part_of, silent
from ama_analysis.session import Session, Track

ALIKE_FROM: Final = 0.25
"""Close pairs are compared as waveforms from this spectral overlap on: two microphones on one source hear like spectra."""
_LOOK_EVERY_S: Final = 0.05
_TRACKS_SHARE: Final = 0.9


class _StoppedError(Exception):
    """The caller cancelled, or another track failed in a way that nobody foresaw."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Heard:
    """An audible track with what its pairs need."""

    track: Track
    layer: Layer


def measure_session(
    session: Session,
    sound_of: Callable[[Track], Sound],
    *,
    on_progress: OnProgress = silent,
) -> SessionMeasurements:
    """Return the measurements of all tracks and pairs; tracks whose sound fails with `AudioFileError` go to `skipped`.

    `sound_of` may be called from several threads, and twice for a track that is compared with a close one.
    """
    slots = slots_for(session.duration_s)
    on_tracks = part_of(on_progress, 0.0, _TRACKS_SHARE)
    outcomes = _measure_all(session.tracks, sound_of, slots, on_tracks)
    measured: dict[str, MeasuredTrack] = {}
    skipped: dict[str, str] = {}
    for track, outcome in zip(session.tracks, outcomes, strict=True):
        if isinstance(outcome, str):
            skipped[track.id] = outcome
        else:
            measured[track.id] = outcome
    heard = [
        _Heard(track=t, layer=layer_of(measured[t.id].grid, fader_db=t.fader_db))
        for t in session.tracks
        if t.id in measured and not t.muted and not measured[t.id].measurements.silent
    ]
    on_pairs = part_of(on_progress, _TRACKS_SHARE, 1.0)
    return SessionMeasurements(
        tracks={track_id: one.measurements for track_id, one in measured.items()},
        pairs=_measure_pairs(heard, sound_of, slots, on_pairs),
        skipped=skipped,
    )


def _measure_all(
    tracks: Sequence[Track],
    sound_of: Callable[[Track], Sound],
    slots: Slots,
    on_progress: OnProgress,
) -> list[MeasuredTrack | str]:
    """Return what was measured of each track, or the sentence that says why not."""
    done = [0.0] * len(tracks)
    stop = threading.Event()

    def work(index: int) -> MeasuredTrack | str:
        def tick(fraction: float, _stage: str) -> None:
            done[index] = fraction
            if stop.is_set():
                raise _StoppedError

        try:
            tick(0.0, "")
            return measure_track(sound_of(tracks[index]), slots=slots, on_progress=tick)
        except AudioFileError as error:
            return error.sentence()

    workers = max(1, min(len(tracks), os.cpu_count() or 1))
    with ThreadPoolExecutor(workers, thread_name_prefix="measure") as pool:
        futures = [pool.submit(work, index) for index in range(len(tracks))]
        try:
            _watch(futures, done, on_progress)
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
    return [future.result() for future in futures]


def _watch(
    futures: Sequence[Future[MeasuredTrack | str]], done: list[float], on_progress: OnProgress
) -> None:
    """Report progress until all futures are done; raise what one of them raises."""
    pending = set(futures)
    while pending:
        finished, pending = wait(pending, timeout=_LOOK_EVERY_S, return_when=FIRST_COMPLETED)
        for future in finished:
            future.result()
        left = len(pending)
        on_progress(sum(done) / len(done), f"measuring tracks ({len(done) - left}/{len(done)})")


def _measure_pairs(
    heard: Sequence[_Heard],
    sound_of: Callable[[Track], Sound],
    slots: Slots,
    on_progress: OnProgress,
) -> tuple[PairMeasurements, ...]:
    pairs = list(combinations(heard, 2))
    measured = []
    for index, (one, other) in enumerate(pairs):
        on_progress(index / len(pairs), "comparing tracks")
        pair = pair_of(one.track.id, one.layer, other.track.id, other.layer)
        if pair.overlap >= ALIKE_FROM and close_pair(one.track, other.track):
            pair = _with_alignment(pair, one, other, sound_of, slots)
        measured.append(pair)
    on_progress(1.0, "comparing tracks")
    return tuple(measured)


def _with_alignment(
    pair: PairMeasurements,
    one: _Heard,
    other: _Heard,
    sound_of: Callable[[Track], Sound],
    slots: Slots,
) -> PairMeasurements:
    start_s, stop_s = common_section(one.layer, other.layer, slots=slots, longest_s=LONGEST_S)
    try:
        sounds = [sound_of(heard.track) for heard in (one, other)]
        first, second = (section_of(sound, start_s, stop_s) for sound in sounds)
    except AudioFileError:
        return pair
    found = align(first, sounds[0].sample_rate_hz, second, sounds[1].sample_rate_hz)
    if found is None:
        return pair
    return replace(
        pair, delay_ms=found.delay_ms, inverted=found.inverted, coherence=found.coherence
    )
