"""What of a session's measurements is kept in a cache, and under which keys.

A track: its figures and its grid, by content, rate and length of the grid's slots. A close pair's delay: by the contents of both and the
section that was compared. All pairs of a session: by everything that they follow from. A key is None where a content is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from ama_analysis.audio import Sound
from ama_analysis.bands import ERB_COUNT
from ama_analysis.cache import Cache, key_of, recalled, remembered
from ama_analysis.errors import AudioFileError
from ama_analysis.measure.alignment import Alignment
from ama_analysis.measure.masking import slots_of
from ama_analysis.measure.spectrum import Slots
from ama_analysis.measure.track import MeasuredTrack, measure_track
from ama_analysis.measurements import PairMeasurements, TrackMeasurements
from ama_analysis.packed import pack_value, unpack, value_of
from ama_analysis.progress import OnProgress
from ama_analysis.session import Track
from ama_analysis.tasks import Task, kept_task

_Pairs = tuple[PairMeasurements, ...]
_Found = tuple[Alignment, ...]


def track_task(
    open_sound: Callable[[], Sound],
    *,
    sample_rate_hz: int,
    slot_s: float,
    content: Callable[[], str | None],
    cache: Cache,
) -> Task[MeasuredTrack]:
    """Return the task of measuring a track; its grid has as many slots of `slot_s` as the sound needs.

    What the cache has is not opened. A sound that cannot be opened is a task that fails.
    """

    def recall() -> MeasuredTrack | Task[MeasuredTrack]:
        key = track_key(content(), sample_rate_hz=sample_rate_hz, slot_s=slot_s)
        found = recalled(cache, key, unpack_track)
        if found is not None:
            return found
        try:
            sound = open_sound()
        except AudioFileError as error:
            return Task(make=partial(_fail, error), cost_s=0.0, recall=lambda: None)
        return kept_task(
            partial(_measured, sound, slot_s),
            cost_s=sound.frames / sound.sample_rate_hz,
            cache=cache,
            key=lambda: key,
            pack=pack_track,
            unpack=unpack_track,
        )

    return Task(make=_unopened, cost_s=0.0, recall=recall)


def _unopened(_on_progress: OnProgress) -> MeasuredTrack:
    raise AssertionError  # `recall` gives the track, or a task that opened it


def _fail(error: AudioFileError, _on_progress: OnProgress) -> MeasuredTrack:
    raise error


def measured_track(
    sound: Sound,
    *,
    slot_s: float,
    content: str | None,
    cache: Cache,
    on_progress: OnProgress,
) -> MeasuredTrack:
    """Return what the cache has of a content, else measure the sound."""
    return remembered(
        cache,
        track_key(content, sample_rate_hz=sound.sample_rate_hz, slot_s=slot_s),
        lambda: _measured(sound, slot_s, on_progress),
        pack=pack_track,
        unpack=unpack_track,
    )


def _measured(sound: Sound, slot_s: float, on_progress: OnProgress) -> MeasuredTrack:
    slots = slots_of(sound.frames / sound.sample_rate_hz, slot_s)
    return measure_track(sound, slots=slots, on_progress=on_progress)


def track_key(content: str | None, *, sample_rate_hz: int, slot_s: float) -> str | None:
    """Return the key of a track's figures at a rate."""
    return None if content is None else key_of("track", content, sample_rate_hz, slot_s)


def pack_track(track: MeasuredTrack) -> bytes:
    """Return a track as bytes."""
    return pack_value(track.measurements, TrackMeasurements, grid=track.grid)


def unpack_track(data: bytes) -> MeasuredTrack | None:
    """Return the track in bytes."""
    packed = unpack(data)
    if packed is None:
        return None
    measurements = value_of(packed, TrackMeasurements)
    grid = packed.arrays.get("grid")
    if measurements is None or grid is None:
        return None
    fits = grid.ndim == 2 and grid.shape[1] == ERB_COUNT and grid.dtype == np.float32
    return MeasuredTrack(measurements=measurements, grid=grid) if fits else None


def pairs_key(
    heard: Sequence[tuple[Track, str | None]], *, sample_rate_hz: int, slots: Slots
) -> str | None:
    """Return the key of all pairs of these tracks (with their contents), in this order and at their faders."""
    parts: list[str | float] = []
    for track, content in heard:
        if content is None:
            return None
        parts += [track.id, track.name, track.role, track.fader_db, content]
    return key_of("pairs", sample_rate_hz, slots.slot_s, slots.count, *parts)


def pack_pairs(pairs: _Pairs) -> bytes:
    """Return pairs as bytes."""
    return pack_value(pairs, _Pairs)


def unpack_pairs(data: bytes) -> _Pairs | None:
    """Return the pairs in bytes."""
    packed = unpack(data)
    return None if packed is None else value_of(packed, _Pairs)


def alignment_key(
    first: str | None, second: str | None, *, sample_rate_hz: int, section_s: tuple[float, float]
) -> str | None:
    """Return the key of what comparing a section of two contents gave."""
    if first is None or second is None:
        return None
    return key_of("alignment", first, second, sample_rate_hz, *section_s)


def pack_alignment(found: _Found) -> bytes:
    """Return an alignment, or none, as bytes."""
    return pack_value(found, _Found)


def unpack_alignment(data: bytes) -> _Found | None:
    """Return the alignment, or none, in bytes."""
    packed = unpack(data)
    return None if packed is None else value_of(packed, _Found)
