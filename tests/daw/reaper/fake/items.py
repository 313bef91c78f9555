"""What lies on tracks. A track with `sound` has one item that holds it; one with `midi` has one of notes; `items` says it in detail."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tests.daw.reaper.fake.project import Project, Track

NOTES_S = 4.0
"""Length of a MIDI item that nobody has described."""


@dataclass(eq=False)
class Take:
    midi: bool = False
    lua_type = "MediaItem_Take"


@dataclass(eq=False)
class Item:
    position_s: float = 0.0
    length_s: float = 1.0
    muted: bool = False
    take: Take | None = field(default_factory=Take)
    lua_type = "MediaItem"


def items_of(project: Project, track: Track) -> list[Item]:
    """Return a track's items, the same ones every time."""
    if track.items is None:
        track.items = []
        if track.sound is not None:
            frames = np.atleast_2d(track.sound).shape[1]
            track.items.append(Item(length_s=frames / project.sample_rate_hz))
        if track.midi:
            track.items.append(Item(length_s=NOTES_S, take=Take(midi=True)))
    return track.items


def length_s(project: Project) -> float:
    """Return where the last item ends."""
    items = [item for track in project.tracks for item in items_of(project, track)]
    return max((item.position_s + item.length_s for item in items), default=0.0)
