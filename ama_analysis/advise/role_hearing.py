"""Tracks whose names say nothing get their role from their sound, after measuring and before rules look at them.

A name that says something is never overruled. Of several voices without a name one is the lead, unless a name says who leads; the others are backing vocals. A lead is
one singer in the middle, while backing vocals are doubled, spread and echoed to the sides; so of the voices in the middle the one that weighs most leads (its
loudness at the present fader, for the time that it plays), and of all voices where none is there. Parts of a separated mix are called what they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from ama_analysis.advise.sessions import stems_of
from ama_analysis.cache import Cache, Contents
from ama_analysis.errors import AudioFileError, WeightsError
from ama_analysis.measure.masking import slots_for
from ama_analysis.measure.track import MeasuredTrack
from ama_analysis.models.role_net import RoleNet, role_net
from ama_analysis.models.role_sound import NOTHING, listen_task, role_of_chances
from ama_analysis.models.role_windows import loudest_windows
from ama_analysis.models.yamnet import encoder
from ama_analysis.progress import OnProgress
from ama_analysis.roles import Role, RoleGuess, spoken_role
from ama_analysis.session import Session, Track
from ama_analysis.tasks import Outcome, carried_out

_NO_VOICE: Final = -math.inf
_MIDDLE_WIDTH: Final = 0.25
"""Side over mid (12 dB down) and pan below which a voice is in the middle: leads of three songs lay below 0.15, their backing vocals above 0.39 (AMA's choice)."""
_FAR_BEHIND_DB: Final = 12.0
"""A voice in the middle that weighs so much less than the heaviest is an interjection, not the lead (AMA's choice; the leads of these songs lay at most 7.4 dB behind)."""
_CHOICE_DB: Final = 6.0
"""By so much must a voice outweigh another to be e times as likely the lead: faders stand that far off in scrambled and unfinished mixes (AMA's choice)."""


def with_roles_from_sound(
    session: Session,
    outcomes: Sequence[Outcome[MeasuredTrack]],
    *,
    cache: Cache,
    contents: Contents,
    on_progress: OnProgress,
) -> Session:
    """Return the session with roles for tracks whose names say none, given how its tracks measured; a warning says what they sound like."""
    asked = [
        (track, heard)
        for track, heard in zip(session.tracks, outcomes, strict=True)
        if isinstance(heard, MeasuredTrack) and unnamed(track) and not heard.measurements.silent
    ]
    if not asked or session.separated_from is not None:
        return session
    try:
        net, _ = role_net(), encoder()
    except WeightsError as error:
        told = f"Roles are told from names alone: {error.sentence()}"
        return replace(session, warnings=(*session.warnings, told))
    guesses = _guesses(session, asked, net, cache, contents, on_progress)
    guesses = _with_lead(session, guesses, {track.id: heard for track, heard in asked})
    tracks = tuple(_as_heard(track, guesses.get(track.id)) for track in session.tracks)
    said = told_of(tracks)
    return replace(session, tracks=tracks, warnings=(*session.warnings, *said))


def unnamed(track: Track) -> bool:
    """Return whether a track's name says nothing of its role."""
    nothing = track.role == "other" and track.role_confidence == 0.0
    return nothing or track.role_from == "sound"


def told_of(tracks: Sequence[Track]) -> tuple[str, ...]:
    """Return a sentence that names the tracks whose role is from their sound."""
    heard = [t for t in tracks if t.role_from == "sound"]
    if not heard:
        return ()
    each = ", ".join(f"{t.name} {spoken_role(t.role)} ({t.role_confidence:.2f})" for t in heard)
    return (f"By their sound, since their names do not say what they are: {each}.",)


def _guesses(
    session: Session,
    asked: Sequence[tuple[Track, MeasuredTrack]],
    net: RoleNet,
    cache: Cache,
    contents: Contents,
    on_progress: OnProgress,
) -> dict[str, RoleGuess]:
    """Return what each track sounds like, where that is sure enough."""
    step_s = slots_for(session.duration_s).slot_s
    sound_of = stems_of(session)
    tasks = [
        listen_task(
            partial(sound_of, track),
            net,
            loudest_windows([float(each) for each in heard.grid.sum(axis=1)], step_s),
            cache=cache,
            content=partial(contents, track.path),
        )
        for track, heard in asked
    ]
    outcomes = carried_out(tasks, stage=_stage, on_progress=on_progress)
    found = {}
    for (track, _), chances in zip(asked, outcomes, strict=True):
        guess = NOTHING if isinstance(chances, AudioFileError) else role_of_chances(chances)
        if guess != NOTHING:
            found[track.id] = guess
    return found


def _stage(done: Sequence[float]) -> str:
    return f"telling roles from sound ({sum(part == 1.0 for part in done)}/{len(done)})"


def _with_lead(
    session: Session, guesses: dict[str, RoleGuess], heard: dict[str, MeasuredTrack]
) -> dict[str, RoleGuess]:
    """Return the guesses with all voices but the leading one in the background, as sure as the choice among them is."""
    voices = [t for t in session.tracks if t.id in guesses and guesses[t.id].role == "lead vocal"]
    named = any(t.role == "lead vocal" and not unnamed(t) for t in session.tracks)
    chances = [0.0] * len(voices) if named else _chances_to_lead(voices, heard)
    lead = None if named or not voices else voices[chances.index(max(chances))]
    chosen = dict(guesses)
    for track, chance in zip(voices, chances, strict=True):
        role: Role = "lead vocal" if track is lead else "backing vocal"
        sure = guesses[track.id].confidence * (chance if track is lead else 1.0 - chance)
        chosen[track.id] = RoleGuess(role=role, confidence=round(sure, 3))
    return chosen


def _chances_to_lead(voices: Sequence[Track], heard: dict[str, MeasuredTrack]) -> list[float]:
    """Return how likely each voice is the one that leads; they add up to 1."""
    scores = [
        _weight(track, heard[track.id])
        + (_FAR_BEHIND_DB if _in_the_middle(track, heard[track.id]) else 0.0)
        for track in voices
    ]
    best = max(scores, default=0.0)
    if best == _NO_VOICE:
        return [1.0 / len(scores)] * len(scores)
    odds = [math.exp((score - best) / _CHOICE_DB) for score in scores]
    return [each / sum(odds) for each in odds]


def _in_the_middle(track: Track, heard: MeasuredTrack) -> bool:
    return max(heard.measurements.stereo.width, abs(track.pan)) <= _MIDDLE_WIDTH


def _weight(track: Track, heard: MeasuredTrack) -> float:
    lufs = heard.measurements.loudness.integrated_lufs
    if track.silenced or lufs is None:
        return _NO_VOICE
    active = max(heard.measurements.dynamics.active_fraction, 0.01)
    return lufs + track.fader_db + 10.0 * math.log10(active)


def _as_heard(track: Track, guess: RoleGuess | None) -> Track:
    """Return a track with the role of its sound; one that was told by its sound earlier and is not any more has none."""
    if guess is not None:
        sure = guess.confidence
        return replace(track, role=guess.role, role_confidence=sure, role_from="sound")
    if track.role_from == "sound":
        return replace(track, role="other", role_confidence=0.0, role_from="name")
    return track
