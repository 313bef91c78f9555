"""What a REAPER project does to its tracks that is not in their items, in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ama_bridge.daw.reaper.project.effects import effects_of, track_effects
from ama_bridge.daw.reaper.project.rpp import Chunk
from ama_bridge.daw.reaper.project.strip import (
    BALANCE_MODES,
    DUAL_PAN,
    STEREO_PAN,
    ProjectStrip,
    db_of,
    offset_in_samples,
)

_HEARD_DB: Final = 0.05
_HEARD_PAN: Final = 0.005
_PAN_MODES: Final = {STEREO_PAN: "stereo pan", DUAL_PAN: "dual pan"}
_MUTED_BIT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Where a track goes: the folders that it lies in (the outermost first), the tracks to which it has sends, those that send to it."""

    folders: tuple[tuple[Chunk, ProjectStrip], ...]
    sends: tuple[str, ...]
    receives: tuple[str, ...]
    to_parent: bool

    @property
    def group(self) -> str:
        """The folder right above it, empty where it lies in none."""
        return self.folders[-1][1].name if self.folders else ""

    @property
    def muted(self) -> bool:
        """Whether a folder that it lies in is muted."""
        return any(strip.muted for _, strip in self.folders)


def routings(tracks: Sequence[tuple[Chunk, ProjectStrip]]) -> list[Routing]:
    """Return each track's routing."""
    folders: list[tuple[Chunk, ProjectStrip]] = []
    sends: list[list[str]] = [[] for _ in tracks]
    receives: list[list[str]] = [[] for _ in tracks]
    above = []
    for at, (track, strip) in enumerate(tracks):
        above.append(tuple(folders))
        step = track.whole("ISBUS", 2)
        if step > 0:
            folders.append((track, strip))
        else:
            del folders[len(folders) + step :]
        for line in track.lines():
            source = line.whole(1, -1)
            if line.key == "AUXRECV" and 0 <= source < len(tracks) and not line.whole(5):
                sends[source].append(strip.name)
                receives[at].append(tracks[source][1].name)
    return [
        Routing(
            folders=above[at],
            sends=tuple(sends[at]),
            receives=tuple(receives[at]),
            to_parent=bool(track.whole("MAINSEND", 1, 1)),
        )
        for at, (track, _) in enumerate(tracks)
    ]


def track_notes(track: Chunk, strip: ProjectStrip, routing: Routing) -> Iterator[str]:
    """Yield what a track does to its sound that is not in its items."""
    if names := [effect.name for effect in track_effects(track) if effect.on]:
        yield f"its effects ({', '.join(names)}) are not in the items"
    if strip.automated:
        moving = ", ".join(sorted(strip.automated))
        yield f"its automation ({moving}) counts as it stood when it was saved"
    if routing.sends:
        yield f"its sends ({', '.join(routing.sends)}) are not counted"
    if routing.receives:
        yield f"what is sent to it ({', '.join(routing.receives)}) is not in its items"
    if not routing.to_parent and routing.sends:
        yield "it is heard through its sends alone, and counts as if it went to the master"
    yield from _pan_notes(strip)
    if offset_in_samples(track):
        yield "its playback offset is given in samples and is not counted"


def _pan_notes(strip: ProjectStrip) -> Iterator[str]:
    if strip.pan_mode not in BALANCE_MODES:
        mode = _PAN_MODES.get(strip.pan_mode, f"pan mode {strip.pan_mode}")
        yield f"its panner is a {mode}, which AMA takes as a balance"
    elif abs(db_of(strip.pan_law)) > _HEARD_DB:
        yield f"its pan law of {20 * math.log10(max(strip.pan_law, 1e-6)):+.1f} dB is not counted"


def folder_notes(tracks: Sequence[tuple[Chunk, ProjectStrip]]) -> Iterator[str]:
    """Yield what folders do to the tracks in them, as whole sentences."""
    for track, strip in tracks:
        if track.whole("ISBUS", 2) <= 0:
            continue
        does = []
        if abs(strip.fader_db) > _HEARD_DB:
            does.append(f"its fader at {strip.fader_db:+.1f} dB")
        if abs(strip.pan) > _HEARD_PAN:
            does.append(f"its pan at {strip.pan:+.2f}")
        if names := [effect.name for effect in track_effects(track) if effect.on]:
            does.append(f"its effects ({', '.join(names)})")
        if "fader" in strip.automated or "pan" in strip.automated:
            does.append("its automation")
        if does:
            yield f"The folder {strip.name} is not counted in the tracks inside it: {'; '.join(does)}."


def project_notes(project: Chunk, tracks: Sequence[tuple[Chunk, ProjectStrip]]) -> Iterator[str]:
    """Yield what master, solo and speed do to all tracks, as whole sentences."""
    effects = [
        effect.name
        for chain in project.of_kind("MASTERFXLIST")
        for effect in effects_of(chain, on=bool(project.whole("MASTER_FX", 1, 1)))
        if effect.on
    ]
    if effects:
        yield f"The master track has effects ({', '.join(effects)}) that are not counted."
    fader_db = db_of(project.number("MASTER_VOLUME", 1, 1.0))
    if abs(fader_db) > _HEARD_DB:
        yield f"The master fader stands at {fader_db:+.1f} dB, which is not counted."
    if project.whole("MASTERMUTESOLO", 1) & _MUTED_BIT:
        yield "The master track is muted, which is not counted."
    if soloed := [strip.name for _, strip in tracks if strip.soloed]:
        yield f"Solo is not counted ({', '.join(soloed)})."
    if abs(project.number("PLAYRATE", 1, 1.0) - 1.0) > 1e-6:
        yield f"The project plays at {project.number('PLAYRATE', 1, 1.0):g} of its speed, which is not counted."
