"""Whether a project is still as it was when a plan was made of it, as far as the plan goes: its tracks, names, faders, pans, mutes, and what they play."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ama_analysis.audio import EditList
from ama_analysis.audio.edit_list import is_edit_list, read_edit_list
from ama_analysis.errors import AudioFileError
from ama_analysis.plan import MixPlan
from ama_analysis.session import Track
from ama_bridge.daw.reaper.project.file import ReaperProject, ReaperTrack

_SAME_DB: Final = 1e-3
_SAME_PAN: Final = 1e-4


def changes_since(plan: MixPlan, project: ReaperProject) -> Iterator[str]:
    """Yield what differs, each as a clause."""
    now = {track.id: track for track in project.tracks}
    for track in plan.session.tracks:
        there = now.get(track.id)
        if there is None:
            yield f"the track {track.name} is not there, or cannot be read any more"
        else:
            yield from _differences(track, there, of_project=plan.session.project is not None)
    known = {track.id for track in plan.session.tracks}
    if plan.session.project is not None:
        yield from (f"the track {t.name} is new" for t in project.tracks if t.id not in known)


def _differences(seen: Track, now: ReaperTrack, *, of_project: bool) -> Iterator[str]:
    if abs(seen.fader_db - now.fader_db) > _SAME_DB:
        yield f"the fader of {now.name} was at {seen.fader_db:+.2f} dB and is at {now.fader_db:+.2f} dB"
    if abs(seen.pan - now.pan) > _SAME_PAN:
        yield f"the pan of {now.name} was at {seen.pan:+.2f} and is at {now.pan:+.2f}"
    if seen.muted != now.muted:
        yield f"{now.name} is {'muted' if now.muted else 'not muted any more'}"
    if seen.name != now.name:
        yield f"the track {seen.name} is called {now.name}"
    if of_project and not _same_stem(seen, now):
        yield f"the items of {now.name} are others"


def _same_stem(seen: Track, now: ReaperTrack) -> bool:
    if not isinstance(now.stem, EditList):
        return seen.path == now.stem
    if not is_edit_list(seen.path):
        return False
    try:
        return read_edit_list(seen.path) == now.stem
    except AudioFileError:
        return False
