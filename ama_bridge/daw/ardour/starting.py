"""Which Ardour of this machine is meant, and by which of its action slots a script of AMA's starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ama_bridge.daw.ardour.install import slots_of, sources_of
from ama_bridge.daw.ardour.places import Place
from ama_bridge.daw.ardour.running import programs
from ama_bridge.daw.lua_scripts import quoted
from ama_bridge.daw.waiting import NotBegunError

_NOT_INSTALLED: Final = "AMA's scripts are not installed in Ardour (`ama install ardour`)"
_ELSEWHERE: Final = (
    "AMA's scripts in Ardour are installed for another state folder (`ama install ardour --state`)"
)


def used_of(places: Sequence[Place]) -> Place | None:
    """Return the settings of the Ardour that runs, else those whose scripts were written last."""
    running = {p.settings for p in programs()} if len(places) > 1 else frozenset()
    used = [place for place in places if place.folder in running]
    return max(used or places, key=_written_at, default=None)


def _written_at(place: Place) -> float:
    return place.ui_scripts.stat().st_mtime if place.ui_scripts.is_file() else 0.0


def slot_of(script: str, places: Sequence[Place], mailbox: Path) -> int:
    """Return the action slot of a script; `NotBegunError` where it is not installed, or looks into another mailbox."""
    place = used_of(places)
    slot = slots_of(place).get(script) if place else None
    if place is None or slot is None:
        raise NotBegunError(_NOT_INSTALLED)
    if quoted(str(mailbox)).encode() not in sources_of(place)[script]:
        raise NotBegunError(_ELSEWHERE)
    return slot
