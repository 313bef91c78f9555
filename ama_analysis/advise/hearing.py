"""All that a plan begins with, heard side by side: references, stems, the mix as it stands, and whether a reference holds the stems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from ama_analysis.advise.beginning import Beginning, beginning_task
from ama_analysis.advise.faults import faults_of
from ama_analysis.advise.known import balance_of, known_task
from ama_analysis.advise.role_hearing import with_roles_from_sound
from ama_analysis.advise.sessions import stems_of
from ama_analysis.advise.sums import without_sums
from ama_analysis.advise.targets import reference_tasks, target_of
from ama_analysis.cache import Cache, Contents
from ama_analysis.errors import AudioFileError, SessionError
from ama_analysis.measure import SessionMeter
from ama_analysis.measure.reference import compared_where_heard
from ama_analysis.measurements import SessionMeasurements
from ama_analysis.models.umx_weights import UmxWeights
from ama_analysis.progress import OnProgress, part_of
from ama_analysis.session import Session
from ama_analysis.suggest.match import KnownBalance
from ama_analysis.target import Target
from ama_analysis.tasks import Outcome, Task, carried_out

_SOUNDS_SHARE: Final = 0.95
"""Of the progress; the rest is comparing tracks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """What was heard: the target, the session (without tracks that cannot be read), its measurements, the mix before any suggestion.

    `known` is the balance of a reference that holds the session's own tracks.
    """

    target: Target
    session: Session
    measured: SessionMeasurements
    beginning: Beginning
    known: KnownBalance | None


def hearing_of(
    session: Session,
    style: str | None,
    *,
    matching: bool,
    cache: Cache,
    contents: Contents,
    separation: UmxWeights | None = None,
    on_progress: OnProgress,
) -> Hearing:
    """Listen to everything, and tell by their sound what tracks are whose names do not say it; with `matching` also to all tracks together, and for the session's tracks in the references.

    With `separation` the references are taken apart too.

    Raises `SessionError` (AMA-201) where no stem can be read, `AudioFileError` for a reference, and what `on_progress` raises.
    """
    references = reference_tasks(session.references, cache, contents, separation)
    meter = SessionMeter(
        session=session,
        sound_of=stems_of(session),
        cache=cache,
        content_of=lambda track: contents(track.path),
    )
    whole = partial(_whole, matching=matching, cache=cache, contents=contents)
    tasks: list[Task[Any]] = [*references, *meter.tasks(), *whole(session)]
    outcomes = carried_out(
        tasks, stage=_stage, on_progress=part_of(on_progress, 0.0, _SOUNDS_SHARE)
    )
    count = len(references)
    target = target_of(style, session.references, outcomes[:count])
    rest = part_of(on_progress, _SOUNDS_SHARE, 1.0)
    of_tracks = outcomes[count : count + len(session.tracks)]
    about_all = outcomes[count + len(session.tracks) :]
    session, of_tracks = without_sums(
        session, of_tracks, cache=cache, contents=contents, on_progress=rest
    )
    session = with_roles_from_sound(
        session, of_tracks, cache=cache, contents=contents, on_progress=rest
    )
    measured = replace(meter, session=session).together(of_tracks, rest)
    left = _without(session, measured)
    if len(left.tracks) < len(meter.session.tracks):
        about_all = carried_out(whole(left), stage=_stage, on_progress=rest)
    beginning, *looked = map(_sure, about_all)
    return Hearing(
        target=compared_where_heard(
            target, [measured.tracks[t.id] for t in left.tracks if not t.silenced]
        ),
        session=left,
        measured=measured,
        beginning=beginning,
        known=balance_of(left, looked[0]) if looked else None,
    )


def _whole(
    session: Session, *, matching: bool, cache: Cache, contents: Contents
) -> list[Task[Any]]:
    """Return the tasks that need all tracks."""
    beginning = beginning_task(session, together=matching, cache=cache, contents=contents)
    if not (matching and session.references):
        return [beginning]
    return [beginning, known_task(session, cache, contents)]


def _stage(done: Sequence[float]) -> str:
    return f"listening to stems and references ({sum(part == 1.0 for part in done)}/{len(done)})"


def _sure(outcome: Outcome[Any]) -> Any:  # noqa: ANN401  # any task's result
    if isinstance(outcome, AudioFileError):
        raise outcome
    return outcome


def _without(session: Session, measured: SessionMeasurements) -> Session:
    """Return the session without the tracks that could not be measured."""
    left = tuple(track for track in session.tracks if track.id not in measured.skipped)
    if not left:
        reason = next(iter(measured.skipped.values()))
        message = f"None of the stems can be used: {reason}"
        raise SessionError(message)
    names = {track.id: track.name for track in session.tracks}
    told = (f"Track {names[one]} was left out: {why}" for one, why in measured.skipped.items())
    warnings = (*session.warnings, *told, *faults_of(left, measured.tracks))
    return replace(session, tracks=left, warnings=warnings)
