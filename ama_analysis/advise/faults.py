"""What no setting of a plan mends in a stem, one sentence each with what to do; only what is sure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from ama_analysis.measurements import TrackMeasurements
from ama_analysis.roles import Role
from ama_analysis.session import Track

CLIPS: Final = 10
"""So many clipped places are told: fewer, on peaks of a part normalised to full scale, are not heard (AMA's choice)."""
DEAD_SIDE_DB: Final = 40.0
"""A side so far below the other is not there (AMA's choice)."""
QUIET_SIDE_DB: Final = 4.5
QUIET_SIDE_CORRELATION: Final = 0.9
MIDDLE: Final[frozenset[Role]] = frozenset({"kick", "snare", "bass", "drums", "lead vocal"})
"""In what sits in the middle and is nearly the same on both sides a difference of levels is none of the room's or the player's; of 78 stems of ten real sessions the human's
own lie at most 0.5 dB apart there, and 5.3 dB where instruments have their place in the stem (AMA's choice)."""
ANTIPHASE: Final = -0.45
"""Correlation below which the sides oppose each other: widened backing vocals of real sessions read -0.37 at least (AMA's choice)."""
OFFSET: Final = 0.02
"""An offset of so much of full scale is told: real stems had 0.01 at most (AMA's choice)."""
NOISE_DBFS: Final = -65.0
NOISE_BELOW_DB: Final = 50.0
"""Noise is told above this level, and where it lies no further below what is played (AMA's choice)."""


def faults_of(tracks: Sequence[Track], heard: Mapping[str, TrackMeasurements]) -> Iterator[str]:
    """Yield what is wrong with tracks that are not muted."""
    audible = [(track, heard[track.id]) for track in tracks if not track.silenced]
    silent = [track.name for track, one in audible if one.silent]
    if silent:
        yield f"Nothing is to be heard in {', '.join(silent)}."
    sounding = [(track, one) for track, one in audible if not one.silent]
    same: dict[object, list[str]] = {}
    for track, one in sounding:
        figures = (one.loudness, one.dynamics, one.stereo, one.features)
        same.setdefault(figures, []).append(track.name)
    for names in (names for names in same.values() if len(names) > 1):
        yield f"{_listed(names)} are the same sound, which counts {len(names)} times in the mix: mute all but one unless that is meant."
    for track, one in sounding:
        for fault in _FAULTS:
            yield from fault(track, one)


def _clipped(track: Track, one: TrackMeasurements) -> Iterator[str]:
    if one.dynamics.clips >= CLIPS:
        yield (
            f"Track {track.name} is clipped: at {one.dynamics.clips} places samples in a row stand at full scale, which no setting"
            " undoes; export it again with its level lower, or as 32-bit float."
        )


def _one_sided(track: Track, one: TrackMeasurements) -> Iterator[str]:
    apart_db = one.stereo.balance_db
    weak, strong = ("right", "left") if apart_db < 0.0 else ("left", "right")
    if abs(apart_db) >= DEAD_SIDE_DB:
        yield (
            f"Track {track.name} is stereo, but its {weak} side is silent: unless it was panned so, export it again, or use its {strong} side as a mono track."
        )
    elif (
        track.role in MIDDLE
        and abs(apart_db) >= QUIET_SIDE_DB
        and one.stereo.correlation >= QUIET_SIDE_CORRELATION
    ):
        yield (
            f"The {weak} side of track {track.name} is {abs(apart_db):.1f} dB quieter than the {strong} one, though both sound alike: unless it was panned so,"
            " even them out, or export it in mono."
        )


def _opposed(track: Track, one: TrackMeasurements) -> Iterator[str]:
    if one.stereo.correlation <= ANTIPHASE:
        yield (
            f"Left and right of track {track.name} oppose each other (correlation {one.stereo.correlation:.2f}), so that it fades in mono:"
            " turn over the polarity of one side, or narrow it."
        )


def _offset(track: Track, one: TrackMeasurements) -> Iterator[str]:
    offset = one.dynamics.dc_offset
    if abs(offset) >= OFFSET:
        yield (
            f"Track {track.name} has a DC offset of {offset:+.2f} of full scale, which takes headroom and clicks at cuts: remove it in the editor."
        )


def _noisy(track: Track, one: TrackMeasurements) -> Iterator[str]:
    noise, played = one.dynamics.steady_noise_dbfs, one.dynamics.active_rms_dbfs
    if noise is None or played is None or noise < max(NOISE_DBFS, played - NOISE_BELOW_DB):
        return
    yield (
        f"Steady hum or hiss at {noise:.0f} dBFS goes on between the phrases of track {track.name}, {played - noise:.0f} dB below them:"
        " cut the pauses out, or take it off with a denoiser; a filter reaches only what lies beyond the notes."
    )


_Fault = Callable[[Track, TrackMeasurements], Iterator[str]]
_FAULTS: Final[tuple[_Fault, ...]] = (_clipped, _one_sided, _opposed, _offset, _noisy)


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
