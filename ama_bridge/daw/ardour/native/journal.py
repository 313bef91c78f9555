"""What AMA set over OSC, so that it can be taken back value by value.

native-ID.json     in the mailbox folder, beside the scripts' journal-ID.json; written before the first value is set
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from ama_analysis.codec import CodecError, from_json, to_json
from ama_bridge import json_text
from ama_bridge.atomic import write_atomically

SCHEMA: Final = "ama.ardour.native/1"
NO_SCENE: Final = -1
_KEPT: Final = 20
"""So many journals of what was taken back stay in the folder."""
What: TypeAlias = Literal["gain", "pan", "polarity", "parameter"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSet:
    """A value that AMA set: gain in dB, pan -1 .. +1, polarity 0 or 1, a parameter of the plugin at `position` in its own unit."""

    strip: str
    what: What
    before: float
    after: float
    plugin: str = ""
    position: int = 0
    which: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeJournal:
    """One hand-over; `scene` is the mixer scene stored before it (from 0), and `scene_name` the name that Ardour gave it."""

    schema: Literal["ama.ardour.native/1"] = SCHEMA
    id: str
    session: str
    scene: int = NO_SCENE
    scene_name: str = ""
    values: tuple[ValueSet, ...] = ()
    reverted: bool = False


def path_of(folder: Path, name: str) -> Path:
    """Return where the journal of that id lies, or would."""
    return folder / f"native-{name}.json"


def keep(folder: Path, journal: NativeJournal) -> Path:
    """Write a journal and return its path."""
    path = path_of(folder, journal.id)
    write_atomically(path, json_text.to_bytes(to_json(journal, NativeJournal)))
    done = [one for one in journals(folder) if one.reverted]
    for old in done[:-_KEPT]:
        path_of(folder, old.id).unlink(missing_ok=True)
    return path


def journals(folder: Path) -> tuple[NativeJournal, ...]:
    """Return all journals of the folder, the newest last; one that cannot be read is passed over with a line in the log."""
    found = []
    paths = folder.glob("native-*.json")
    for path in sorted(paths, key=lambda p: (p.stat().st_mtime_ns, p.name)):
        try:
            found.append(from_json(json_text.from_bytes(path.read_bytes()), NativeJournal))
        except (OSError, ValueError, CodecError) as error:
            _log.warning("%s cannot be read: %s", path, error)
    return tuple(found)
