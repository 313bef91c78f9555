"""What AMA Export in REAPER tells beside what every session.json has: pan modes and laws, automation, polarity, delay, whose effects the user wants.

    {"schema": "ama.session/1", "daw": "reaper", "devices": "cockos", ...,
     "tracks": [{"id": "{GUID}", ..., "pan_mode": 3, "pan_law_db": 0.0, "automated": ["fader", "pan"], "inverted": false, "delay_ms": 0.0}]}

It lies beside the stems; where AMA has made others of them (without fader and pan), a copy of it beside those (`exported.json`). Of a plan that was
made of a project on disk, the project says the same. Where neither is there any more, nothing is known, and REAPER's own defaults are assumed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from ama_analysis.errors import SessionError
from ama_analysis.session import Session, Track
from ama_bridge import json_text
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.reaper.bands import CannotError
from ama_bridge.daw.reaper.project.file import is_project_file, project_chunk
from ama_bridge.daw.reaper.project.strip import strips_of
from ama_bridge.daw.reaper.rack import Devices

FILE_NAME: Final = "session.json"
COPY_NAME: Final = "exported.json"
SCHEMA: Final = "ama.session/1"
DAW: Final = "reaper"
CLASSIC, BALANCE, STEREO_PAN, DUAL_PAN = 0, 3, 5, 6
"""REAPER's pan modes (I_PANMODE)."""
_PANNERS: Final = {STEREO_PAN: "stereo pan, which moves both channels", DUAL_PAN: "dual pan, one for each channel"}  # fmt: skip
_LEAST_LAW_DB: Final = 0.05
_LEAST_LAW: Final = 1e-6
_GUID: Final = re.compile(r"\{[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}")


Heard: TypeAlias = Literal["all", "delay", "none"]
"""What the stems have of a track's polarity and delay: both, where they are behind the fader or AMA has made them of the project; the delay alone,
behind the effects (whether the polarity too is not known); nothing, where they are read from the items."""
_HEARD: Final[Mapping[str, Heard]] = {"post_fader": "all", "post_effects": "delay", "raw": "none"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Panner:
    """How a track pans, what of it follows automation, and how its polarity and delay stand; None where nothing was told."""

    mode: int | None = None
    law_db: float | None = None
    automated: frozenset[str] = frozenset()
    inverted: bool = False
    delay_ms: float = 0.0
    heard: Heard = "all"

    def turned(self) -> float:
        """Return what polarity has to be, 0 or 1, so that what AMA heard is turned; `CannotError` where that is not known."""
        if self.inverted and self.heard == "delay":
            raise CannotError(
                "its polarity is turned already, and REAPER does not tell whether stems before the fader contain that: try its button"
            )
        return 0.0 if self.inverted and self.heard == "all" else 1.0

    def delayed_ms(self, by_ms: float) -> float:
        """Return what the delay has to be so that what AMA heard is delayed by so much."""
        return by_ms if self.heard == "none" else self.delay_ms + by_ms

    def obstacle(self) -> str:
        """Return why AMA cannot set a pan here, in a clause; empty where it can."""
        if "pan" in self.automated:
            return "its pan follows automation"
        if self.mode in _PANNERS:
            return f"its pan mode is {_PANNERS[self.mode]}: choose balance in its pan menu"
        return ""

    def note(self) -> str:
        """Return how a pan differs from the audition's, in a clause; empty where it is taken for the same."""
        if self.law_db is None or abs(self.law_db) < _LEAST_LAW_DB:
            return ""
        return (
            f"the track's pan law is {self.law_db:+.1f} dB, the audition's 0 dB, so that panning changes its level"
            " by up to as much"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was told of a project."""

    devices: Devices = "cockos"
    project: str | None = None
    """Its name in REAPER, empty while it has never been saved; None where nothing was told."""
    panners: Mapping[str, Panner] = field(default_factory=dict)

    def panner(self, track: Track) -> Panner:
        """Return what was told of a track."""
        return self.panners.get(track.id, Panner())


def is_reapers(track: Track) -> bool:
    """Return whether a track's id is REAPER's (a GUID), not a stem's name."""
    return _GUID.fullmatch(track.id) is not None


def exported_with(session: Session) -> Exported:
    """Return what the session.json beside the stems of a session tells."""
    folders = dict.fromkeys(track.path.parent for track in session.tracks)
    files = (folder / name for folder in folders for name in (FILE_NAME, COPY_NAME))
    return next((one for one in map(_in, files) if one is not None), _of_project(session.project))


def _of_project(file: Path | None) -> Exported:
    """Return what the project says of which a plan was made; nothing where it was none of REAPER's, or cannot be read any more."""
    if file is None or not is_project_file(file):
        return Exported()
    try:
        strips = [strip for _, strip in strips_of(project_chunk(file))]
    except SessionError:
        return Exported()
    panners = {
        strip.id: Panner(
            mode=strip.pan_mode,
            law_db=20.0 * math.log10(max(strip.pan_law, _LEAST_LAW)),
            automated=strip.automated,
            inverted=strip.turned,
            delay_ms=1000.0 * strip.later_s,
        )
        for strip in strips
    }
    return Exported(panners=panners)


def keep_beside(exported: Path, stems: Path) -> None:
    """Copy what AMA Export told in a folder beside stems that AMA made of those there."""
    write_atomically(stems / COPY_NAME, (exported / FILE_NAME).read_bytes())


def _in(file: Path) -> Exported | None:
    try:
        found = json_text.from_bytes(file.read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or (found.get("schema"), found.get("daw")) != (SCHEMA, DAW):
        return None
    tracks = found.get("tracks")
    entries = [one for one in tracks if isinstance(one, dict)] if isinstance(tracks, list) else []
    name = found.get("name")
    heard = _HEARD.get(str(found.get("bounced")), "delay")
    return Exported(
        devices="ama" if found.get("devices") == "ama" else "cockos",
        project=name if isinstance(name, str) else None,
        panners={str(one.get("id")): _panner(one, heard) for one in entries},
    )


def _panner(entry: dict[str, Any], heard: Heard) -> Panner:
    automated = entry.get("automated")
    mode = _number(entry.get("pan_mode"))
    return Panner(
        mode=None if mode is None else round(mode),
        law_db=_number(entry.get("pan_law_db")),
        automated=frozenset(map(str, automated)) if isinstance(automated, list) else frozenset(),
        inverted=entry.get("inverted") is True,
        delay_ms=_number(entry.get("delay_ms")) or 0.0,
        heard=heard,
    )


def _number(value: Any) -> float | None:  # noqa: ANN401  # any JSON value
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
