"""What AMA's scripts in Ardour changed, as they write it for "AMA Revert" (scripts/ardour/journal.lua), and in which plugins they left it.

    journal-ID.json     in the mailbox folder

OSC tells no ids, so a plugin of AMA's is known again by its settings: it is the one on its track that stands as AMA left it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from ama_analysis.errors import DeliveryError
from ama_bridge.daw.ardour.request import ControlName, Setting
from ama_bridge.daw.documents import document_from_bytes

JOURNAL_SCHEMA: Final = "ama.ardour.journal/1"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSet:
    """A control that AMA set, and what it was before; `track` is an id or "master"."""

    track: str
    control: ControlName
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Inserted:
    """A plugin that AMA inserted, or a send for its side-chain: Ardour's id of the processor, and the settings as they were read back.

    `unique` is what the processor is (the plugin's own id, the send's name), since Ardour may give an id out again. `to` and `serves` are, of a
    send, the track that hears it and the plugin there; `name` is what the track was called, and with `base` the plugin does nothing.
    """

    track: str
    processor: str
    uri: str
    settings: tuple[Setting, ...] = ()
    unique: str = ""
    key: str = ""
    label: str = ""
    name: str = ""
    base: tuple[Setting, ...] = ()
    kind: Literal["plugin", "send"] = "plugin"
    to: str = ""
    serves: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingChanged:
    """The value of one control port before and after."""

    which: int
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A plugin of AMA's from an earlier request that got new settings."""

    track: str
    processor: str
    unique: str
    uri: str
    key: str
    label: str
    settings: tuple[SettingChanged, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What AMA changed, for "AMA Revert", by which `plan`; `scene` is the number of the mixer scene stored before (from 0), -1 where there is none.

    When it was taken back, `reverted` is true, and what is left in it is what somebody had changed since.
    """

    schema: Literal["ama.ardour.journal/1"] = JOURNAL_SCHEMA
    id: str
    plan: str = ""
    session: str = ""
    session_path: str = ""
    scene: int = -1
    scene_name: str = ""
    controls: tuple[ControlSet, ...] = ()
    inserted: tuple[Inserted, ...] = ()
    changed: tuple[Changed, ...] = ()
    reverted: bool = False


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
    for journal in _standing(folder, session):
        for one in journal.inserted:
            if one.uri:
                settings = {each.which: each.value for each in one.settings}
                left[one.processor] = Left(
                    track=one.track, name=one.name, key=one.key, uri=one.uri, settings=settings
                )
        for change in journal.changed:
            old = left.get(change.processor)
            if old is not None:
                changed = {each.which: each.after for each in change.settings}
                left[change.processor] = replace(old, settings={**old.settings, **changed})
    return tuple(one for one in left.values() if one.settings)


def _standing(folder: Path, session: str) -> Iterator[Journal]:
    """Yield the journals of a session that are not taken back, the newest last; one that cannot be read is passed over with a line in the log."""
    paths = folder.glob("journal-*.json")
    for path in sorted(paths, key=lambda p: (p.stat().st_mtime_ns, p.name)):
        try:
            journal = document_from_bytes(Journal, path.read_bytes(), name=path.name)
        except (OSError, DeliveryError) as error:
            _log.warning("%s cannot be read: %s", path, error)
            continue
        if not journal.reverted and journal.session == session:
            yield journal
