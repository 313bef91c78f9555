"""What AMA set over OSC, so that it can be taken back value by value, and what AMA's scripts left in the plugins that they inserted.

    native-ID.json     in the mailbox folder, beside the scripts' journal-ID.json; written before the first value is set

OSC tells no ids, so a plugin of AMA's is known again by its settings: it is the one on its track that stands as AMA left it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from ama_analysis.codec import CodecError, from_json, to_json
from ama_bridge import json_text
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.ardour.request import JOURNAL_SCHEMA

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A plugin that AMA's scripts inserted and did not take back: on which track (Ardour's id, or "master"; and its name), and how they left it."""

    track: str
    name: str
    key: str
    uri: str
    settings: Mapping[int, float]


def left_by_scripts(folder: Path, session: str) -> tuple[Left, ...]:
    """Return the plugins that AMA's scripts inserted into this session, by what their journals say."""
    left: dict[str, Left] = {}
    for journal in _script_journals(folder, session):
        for entry in _dicts(journal.get("inserted")):
            if entry.get("uri"):
                left[str(entry.get("processor"))] = Left(
                    track=str(entry.get("track")),
                    name=str(entry.get("name", "")),
                    key=str(entry.get("key", "")),
                    uri=str(entry["uri"]),
                    settings=_settings(entry),
                )
        for entry in _dicts(journal.get("changed")):
            old = left.get(str(entry.get("processor")))
            if old is not None:
                settings = {**old.settings, **_settings(entry)}
                left[str(entry["processor"])] = replace(old, settings=settings)
    return tuple(one for one in left.values() if one.settings)


def _script_journals(folder: Path, session: str) -> Iterator[dict[str, Any]]:
    paths = folder.glob("journal-*.json")
    for path in sorted(paths, key=lambda p: (p.stat().st_mtime_ns, p.name)):
        try:
            document = json_text.from_bytes(path.read_bytes())
        except (OSError, ValueError) as error:
            _log.warning("%s cannot be read: %s", path, error)
            continue
        if not isinstance(document, dict) or document.get("schema") != JOURNAL_SCHEMA:
            continue
        if not document.get("reverted") and document.get("session", session) == session:
            yield document


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    return (
        (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())
    )


def _settings(entry: Mapping[str, Any]) -> dict[int, float]:
    found: dict[int, float] = {}
    for setting in _dicts(entry.get("settings")):
        which, value = setting.get("which"), setting.get("after", setting.get("value"))
        if isinstance(which, int) and isinstance(value, int | float):
            found[which] = float(value)
    return found
