"""The effects of a chain in a project, by the names that REAPER shows, and whether they are on."""

from __future__ import annotations

from typing import Final, NamedTuple

from ama_bridge.daw.reaper.project.rpp import Chunk, Line

_OWN_NAME_AT: Final = {"VST": 4, "AU": 3, "DX": 2, "JS": 2, "CLAP": 3, "LV2": 3, "VIDEO_EFFECT": 2, "CONTAINER": 2}  # fmt: skip
"""Which word of an effect's first line is the name that the user gave it, empty where none was given."""
_KINDS: Final = frozenset(_OWN_NAME_AT)


class Effect(NamedTuple):
    """An effect; `on` is false where it is bypassed, offline, or in a chain that is."""

    name: str
    on: bool


def effects_of(chain: Chunk, *, on: bool = True) -> list[Effect]:
    """Return a chain's effects in their order; those in a container stand behind it."""
    found: list[Effect] = []
    switched_on = on
    for each in chain.content():
        if isinstance(each, Line):
            if each.key == "BYPASS":
                switched_on = on and not each.whole(1) and not each.whole(2)
        elif each.kind in _KINDS:
            found.append(Effect(_name(each), switched_on))
            if each.kind == "CONTAINER":
                found += effects_of(each, on=switched_on)
    return found


def track_effects(track: Chunk) -> list[Effect]:
    """Return the effects of a track (or of the master, whose chunk is the project's)."""
    on = bool(track.whole("FX", 1, 1))
    return [e for chain in track.of_kind("FXCHAIN") for e in effects_of(chain, on=on)]


def _name(effect: Chunk) -> str:
    own = effect.head.text(_OWN_NAME_AT[effect.kind])
    return own or effect.head.text(1) or effect.kind
