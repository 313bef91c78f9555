"""Fader, pan, mute and polarity of a REAPER track as its project says, and where in the file they stand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from ama_bridge.daw.reaper.project.envelopes import envelope_of
from ama_bridge.daw.reaper.project.rpp import Chunk, Line

LOWEST_DB: Final = -200.0
HIGHEST_DB: Final = 60.0
"""Between these a `Track` holds its fader."""
BALANCE_MODES: Final = frozenset({0, 3})
"""Pan modes that are a balance: REAPER 3's, and the present default, "stereo balance / mono pan"."""
STEREO_PAN, DUAL_PAN = 5, 6
DEFAULT_MODE: Final = 3
_DEFAULT: Final = -1
_LONGEST_OFFSET_S: Final = 3600.0
"""A playback offset that is longer is damage."""
_UNITY: Final = 1.0
_AUTOMATION: Final = {
    "VOLENV": ("fader", 1.0),
    "VOLENV2": ("fader", 1.0),
    "VOLENV3": ("fader", 1.0),
    "PANENV": ("pan", 0.0),
    "PANENV2": ("pan", 0.0),
    "DUALPANENV": ("pan", 0.0),
    "DUALPANENV2": ("pan", 0.0),
    "DUALPANENVL": ("pan", 0.0),
    "DUALPANENVL2": ("pan", 0.0),
    "WIDTHENV": ("width", 1.0),
    "WIDTHENV2": ("width", 1.0),
    "MUTEENV": ("mute", 1.0),
}
"""A track's envelopes before and behind its effects: what they move, and the value that moves nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PanSettings:
    """How a project pans: `law` is the gain of a track in the centre, 1 for 0 dB."""

    mode: int
    law: float

    @staticmethod
    def of(project: Chunk) -> PanSettings:
        """Return a project's own."""
        return PanSettings(
            mode=project.whole("PANMODE", 1, DEFAULT_MODE), law=project.number("PANLAW", 1, _UNITY)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectStrip:
    """One track's settings; `volume` and `pan` are the file's own numbers."""

    id: str
    name: str
    volume: float
    pan: float
    muted: bool
    soloed: bool
    inverted: bool
    later_s: float
    pan_mode: int
    pan_law: float
    width: float
    automated: frozenset[str]

    @property
    def fader_db(self) -> float:
        """Where the fader stands; a fader that inverts (a negative volume) by its size."""
        return db_of(self.volume)

    @property
    def turned(self) -> bool:
        """Whether its polarity is turned, by the switch or by a negative volume."""
        return self.inverted != (self.volume < 0)


def db_of(volume: float) -> float:
    """Return a linear volume in dB, within what a session holds."""
    if not volume:
        return LOWEST_DB
    return min(max(20 * math.log10(abs(volume)), LOWEST_DB), HIGHEST_DB)


def strips_of(project: Chunk) -> list[tuple[Chunk, ProjectStrip]]:
    """Return the tracks in their order, each with its settings; ids are GUIDs, a second one of the same gets "-2"."""
    defaults = PanSettings.of(project)
    taken: dict[str, int] = {}
    found = []
    for number, track in enumerate(project.of_kind("TRACK"), 1):
        guid = _guid(track) or f"track {number}"
        taken[guid] = taken.get(guid, 0) + 1
        track_id = guid if taken[guid] == 1 else f"{guid}-{taken[guid]}"
        found.append((track, _strip(track, track_id, number, defaults)))
    return found


def _strip(track: Chunk, track_id: str, number: int, defaults: PanSettings) -> ProjectStrip:
    mode = track.whole("PANMODE", 1, _DEFAULT)
    law = track.number("VOLPAN", 3, _DEFAULT)
    pan = track.number("VOLPAN", 2, 0.0)
    name = track.line("NAME")
    return ProjectStrip(
        id=track_id,
        name=(name.text(1) if name else "") or f"Track {number}",
        volume=track.number("VOLPAN", 1, _UNITY),
        pan=min(max(pan, -1.0), 1.0),
        muted=bool(track.whole("MUTESOLO", 1)),
        soloed=bool(track.whole("MUTESOLO", 2)),
        inverted=bool(track.whole("IPHASE", 1)),
        later_s=_later_s(track.line("PLAYOFFS")),
        pan_mode=defaults.mode if mode == _DEFAULT else mode,
        pan_law=defaults.law if law < 0 else law,
        width=track.number("WIDTH", 1, 1.0),
        automated=frozenset(_automated(track)),
    )


def _later_s(line: Line | None) -> float:
    """Return a track's playback offset; 0 where it is switched off (bit 1). What is given in samples (bit 2) is told by `offset_in_samples`."""
    if line is None or line.whole(2) & 3:
        return 0.0
    return min(max(line.number(1, 0.0), -_LONGEST_OFFSET_S), _LONGEST_OFFSET_S)


def offset_in_samples(track: Chunk) -> bool:
    """Say whether a playback offset counts that is written in samples (of the device's rate, which the file does not know)."""
    line = track.line("PLAYOFFS")
    return line is not None and line.whole(2) & 3 == 2 and line.number(1, 0.0) != 0


def _automated(track: Chunk) -> list[str]:
    moved = []
    for chunk in track.of_kind(*_AUTOMATION):
        what, neutral = _AUTOMATION[chunk.kind]
        if envelope_of(chunk, neutral=neutral) is not None:
            moved.append(what)
    return moved


def _guid(track: Chunk) -> str:
    if found := track.head.text(1):
        return found
    line = track.line("TRACKID")
    return line.text(1) if line is not None else ""
