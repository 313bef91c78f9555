"""How AMA reaches a running REAPER from outside: its web interface or its OSC, as its settings have them switched on.

Either runs an action by the command id under which REAPER knows a script. REAPER invents these ids; the scripts tell theirs (`signs.Actions`). The web
interface says whether it is there, so it is asked first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from ama_analysis.errors import DeliveryError
from ama_bridge.daw.reaper import osc, web
from ama_bridge.daw.reaper.places import OscSurface, Place, Web, surfaces_of
from ama_bridge.daw.reaper.signs import Actions
from ama_bridge.daw.waiting import NotBegunError

Start: TypeAlias = Callable[[], None]
"""Starts a script; `DeliveryError` (AMA-704) where REAPER is known not to listen."""
_NO_ID: Final = (
    "REAPER has not told yet how {} is called there: run any of AMA's actions in it once"
)
_NO_DOOR: Final = "no AMA script waits in REAPER, and neither its OSC nor its web interface is on"


def start_of(script: str, actions: Actions, places: Sequence[Place]) -> Start:
    """Return how to start a script; `NotBegunError` where there is no way."""
    surfaces = [surfaces_of(place) for place in _used(places, actions.resource_path)]
    webs = [web for each in surfaces for web in each.web]
    oscs = [each.trigger for each in surfaces if each.trigger is not None]
    if not webs and not oscs:
        raise NotBegunError(_NO_DOOR)
    command_id = actions.ids.get(script)
    if command_id is None:
        raise NotBegunError(_NO_ID.format(script))
    return lambda: _start(command_id, webs, oscs)


def _start(command_id: str, webs: Sequence[Web], oscs: Sequence[OscSurface]) -> None:
    """Knock at one door after the other until one is open; the error of the last where none is."""
    trouble: DeliveryError | None = None
    for door in (*map(_by_web, webs), *map(_by_osc, oscs)):
        try:
            door(command_id)
        except DeliveryError as error:
            if error.code == "AMA-705":  # it took the request, and may be at work
                return
            trouble = error
        else:
            return
    if trouble is not None:
        raise trouble


def _by_web(there: Web) -> Callable[[str], None]:
    return partial(web.trigger, there.port, password=there.password, user=there.user)


def _by_osc(there: OscSurface) -> Callable[[str], None]:
    return partial(osc.trigger, there.receive_port)


def mixer_of(places: Sequence[Place]) -> OscSurface:
    """Return the OSC device by which REAPER tells of its mixer; `DeliveryError` (AMA-704) where none is set up."""
    found = next(_mixers(places), None)
    if found is None:
        message = "REAPER's OSC does not tell AMA of its mixer."
        raise DeliveryError(
            message, hint="docs/reaper.md says how to switch it on.", code="AMA-704"
        )
    return found


def _mixers(places: Sequence[Place]) -> Iterator[OscSurface]:
    for place in places:
        surface = surfaces_of(place).mixer
        if surface is not None:
            yield surface


def _used(places: Sequence[Place], resource_path: str) -> Sequence[Place]:
    """Return the places of the REAPER whose scripts ran last, all where that is not among them."""
    if not resource_path:
        return places
    used = [place for place in places if place.folder.resolve() == Path(resource_path).resolve()]
    return used or places
