"""Tracks that are sums of others are left out: a bus or a mix that was bounced along with its stems, and would count twice.

Who looks like one in the grids that measuring made is read as a mix is read (`recover`), on its loudest seconds: a sum of faders and pans is
proof. A mix stays one behind a master or a lossy codec; a bus that was worked on may be meant to be heard beside its tracks, so it is only told
(from three parts on: two are not enough to know them by).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache as kept
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from ama_analysis.advise.keys import contents_of
from ama_analysis.advise.sessions import section_of
from ama_analysis.audio import Audio
from ama_analysis.cache import Cache, Contents, key_of
from ama_analysis.measure.masking import fitted, slots_for
from ama_analysis.measure.sums import suspects
from ama_analysis.measure.track import MeasuredTrack
from ama_analysis.packed import remembered_value
from ama_analysis.progress import OnProgress
from ama_analysis.session import Session, Track
from ama_analysis.tasks import Outcome

EXCERPT_S: Final = 20.0
"""So much of a suspect is read: the loudest part, where most of its parts play."""
NEARLY_ALL: Final = 0.8
"""A sum of this share of all other tracks, or more, is a mix."""


STRONGEST: Final = 12
HARDLY_DB: Final = -1.0
"""What the strongest of many possible parts explain of a suspect tells at once that it is no sum: of tracks twelve others leave -0.2 dB and more, of mixes of forty tracks, plain and
mastered, -6 dB and less (three real sessions, and three sums of their stems)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What a track is to others: their sum, the same worked on, or nothing of the kind; `lacks` are those that play and are not in it."""

    kind: Literal["sum", "processed", "none"]
    lacks: tuple[str, ...] = ()


def without_sums(
    session: Session,
    outcomes: Sequence[Outcome[MeasuredTrack]],
    *,
    cache: Cache,
    contents: Contents,
    on_progress: OnProgress,
) -> tuple[Session, list[Outcome[MeasuredTrack]]]:
    """Return the session without tracks that are sums of others, and what was measured of those that stay; warnings say which and why."""
    pairs = list(zip(session.tracks, outcomes, strict=True))
    slots = slots_for(session.duration_s)
    heard = [
        (track, fitted(outcome.grid, slots.count))
        for track, outcome in pairs
        if isinstance(outcome, MeasuredTrack)
        and not (track.silenced or outcome.measurements.silent)
    ]
    tracks = [track for track, _ in heard]
    out: set[str] = set()
    told: list[str] = []
    found = suspects([grid for _, grid in heard])
    for at, suspect in enumerate(found):
        on_progress(at / len(found), "looking for tracks that hold others")
        doubtful = {tracks[one.track].id for one in found[at:]}
        track, grid = heard[suspect.track]
        rest = [other for other in tracks if other.id not in doubtful | out]
        start_s = slots.slot_s * _loudest(grid.sum(axis=1), round(EXCERPT_S / slots.slot_s))
        suspected = [tracks[part] for part in suspect.parts]
        strongest = [part for part in suspected if part in rest][:STRONGEST]
        read = _read(replace(session, tracks=(track, *rest)), strongest, start_s, cache, contents)
        wanted = {part.id for part in suspected} - set(read.lacks)
        parts = [other for other in rest if other.id in wanted]
        if read.kind == "none" or len(parts) < 2:
            continue
        plain, whole = read.kind == "sum", len(parts) >= NEARLY_ALL * len(rest)
        told.append(_told(track, parts, plain=plain, whole=whole))
        if plain or whole:
            out.add(track.id)
    kept = [(track, outcome) for track, outcome in pairs if track.id not in out]
    left = replace(
        session,
        tracks=tuple(track for track, _ in kept),
        warnings=(*session.warnings, *told),
    )
    return left, [outcome for _, outcome in kept]


def _read(
    session: Session,
    strongest: Sequence[Track],
    start_s: float,
    cache: Cache,
    contents: Contents,
) -> _Read:
    """Return what the first track of a session is to the others, read from that time on; where they are many, `strongest` are asked first."""
    from ama_analysis.measure.recover import recover_faders, residual_db

    first, *others = session.tracks

    @kept
    def excerpt(track: Track) -> Audio:
        return section_of(session, track, start_s, start_s + EXCERPT_S)

    def read() -> _Read:
        if len(others) > STRONGEST:
            parts = [excerpt(track) for track in strongest]
            if not parts or residual_db(parts, excerpt(first)) > HARDLY_DB:
                return _Read(kind="none")
        found = recover_faders(replace(session, tracks=tuple(others)), excerpt, excerpt(first))
        sure = [fader for fader in found.faders if fader.error_db is not None and not fader.absent]
        if len(sure) < 2 or not (found.linear or found.kinship > 0.0):
            return _Read(kind="none")
        lacks = tuple(fader.track for fader in found.faders if fader.absent)
        return _Read(kind="sum" if found.linear else "processed", lacks=lacks)

    hashes = contents_of(session, contents)
    key = key_of("sum", session.sample_rate_hz, start_s, *hashes) if hashes else None
    return remembered_value(cache, key, _Read, read)


def _loudest(powers: NDArray[np.floating[Any]], slots: int) -> int:
    """Return where the loudest so many slots begin."""
    if powers.size <= slots:
        return 0
    return int(np.convolve(powers, np.ones(max(slots, 1)), mode="valid").argmax())


def _told(track: Track, parts: Sequence[Track], *, plain: bool, whole: bool) -> str:
    if whole:
        how = "" if plain else ", mastered or coded with losses"
        return (
            f"Track {track.name} was left out: it is a mix of the other tracks{how}, which would count twice. "
            "Given as the mix (--mix) it tells their present faders."
        )
    names = f"{', '.join(part.name for part in parts[:-1])} and {parts[-1].name}"
    if plain:
        return (
            f"Track {track.name} was left out: it is the sum of {names}, which would count twice."
        )
    return (
        f"Track {track.name} is {names} together, worked on: if it takes their place, mute one or the other, "
        "since they count twice."
    )
