"""The effects of one strip as they fill up: gates, equalisers as long as they have bands, then dynamics in the order in which they come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from ama_bridge.daw.documents import Result
from ama_bridge.daw.reaper.request import Band, Device, Insert, Part, Request, Value

Devices: TypeAlias = Literal["cockos", "ama"]
"""Whose effects a user wants: REAPER's own, or AMA's JSFX where there is one."""

_BANDS: Final[dict[Devices, int]] = {"cockos": 5, "ama": 8}
"""How many bands an equaliser has: ReaEQ as it is inserted, AMA EQ."""
_EQUALISER: Final[dict[Devices, Device]] = {"cockos": "reaeq", "ama": "ama_eq"}
_COMPRESSOR: Final[dict[Devices, Device]] = {"cockos": "reacomp", "ama": "ama_compressor"}
_NAMES: Final[dict[Device, str]] = {
    "reaeq": "ReaEQ",
    "reacomp": "ReaComp",
    "realimit": "ReaLimit",
    "ama_eq": "AMA EQ (JSFX)",
    "ama_compressor": "AMA Compressor (JSFX)",
    "ama_gate": "AMA Gate (JSFX)",
}
NOT_VERIFIED: Final = "set and read back, its sound is not verified"
OWN: Final = "the audition's formulas, tested outside REAPER"
_OWN: Final[frozenset[Device]] = frozenset({"ama_eq", "ama_compressor", "ama_gate"})


def note_of(device: Device) -> str:
    """Return how sure AMA is of an effect's sound: in one clause."""
    return f"{_NAMES[device]}, {OWN if device in _OWN else NOT_VERIFIED}"


def notes_of(request: Request, result: Result) -> tuple[str, ...]:
    """Return what is to be said of the sound of what was applied, once for each kind of effect."""
    applied = {one.suggestion for one in result.applied}
    inserts = [insert for strip in request.strips for insert in strip.inserts]
    devices = [i.device for i in inserts if any(part.suggestion in applied for part in i.parts)]
    return tuple(f"{note_of(device)}." for device in dict.fromkeys(devices))


@dataclass(kw_only=True)
class _Effect:
    """An effect that is being filled."""

    key: str
    label: str
    device: Device
    sidechain_from: str | None = None
    bands: int = 0
    parts: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def insert(self) -> Insert:
        missing = f"{_NAMES[self.device]} is not installed in REAPER (`ama install reaper`)"
        return Insert(
            key=self.key,
            label=self.label,
            device=self.device,
            parts=tuple(self.parts),
            sidechain_from=self.sidechain_from,
            if_missing=missing if self.device in _OWN else "",
            note="; ".join(dict.fromkeys((note_of(self.device), *self.notes))),
        )


class Rack:
    """Takes bands and dynamics, gives inserts."""

    def __init__(self, devices: Devices) -> None:
        """Begin with nothing."""
        self.devices = devices
        self._gates: list[_Effect] = []
        self._equalisers: list[_Effect] = []
        self._dynamics: list[_Effect] = []

    def inserts(self) -> tuple[Insert, ...]:
        """Return the effects in their order."""
        return tuple(one.insert() for one in (*self._gates, *self._equalisers, *self._dynamics))

    def add_gate(self, suggestion: str, values: tuple[Value, ...]) -> Device:
        """Put a gate behind the gates that are there, in front of all else; return its device: REAPER has none of this law, so it is AMA's for everybody."""
        effect = _numbered("gate", "AMA Gate", "ama_gate", self._gates)
        effect.parts.append(Part(suggestion=suggestion, values=values))
        self._gates.append(effect)
        return effect.device

    def add_bands(self, suggestion: str, bands: Sequence[Band], note: str) -> Device:
        """Put the bands of a suggestion into the first equaliser that has room for them; return which device that is."""
        most = _BANDS[self.devices]
        device = _EQUALISER[self.devices]
        there = (one for one in self._equalisers if one.bands + len(bands) <= most)
        effect = next(there, None)
        if effect is None:
            effect = _numbered("eq", "AMA EQ", device, self._equalisers)
            self._equalisers.append(effect)
        effect.bands += len(bands)
        effect.parts.append(Part(suggestion=suggestion, bands=tuple(bands)))
        _note(effect, note)
        return device

    def add_compressor(
        self, suggestion: str, values: tuple[Value, ...], *, sidechain_from: str | None = None
    ) -> Device:
        """Put a compressor behind what is there; return which device it is."""
        ducks = sidechain_from is not None
        key, label = ("duck", "AMA Ducker") if ducks else ("comp", "AMA Comp")
        device = _COMPRESSOR[self.devices]
        effect = _numbered(key, label, device, self._alike(label))
        effect.sidechain_from = sidechain_from
        effect.parts.append(Part(suggestion=suggestion, values=values))
        self._dynamics.append(effect)
        return device

    def add_level(self, suggestion: str, values: tuple[Value, ...]) -> None:
        """Put a ReaComp that only raises the level behind what is there."""
        effect = _numbered("level", "AMA Level", "reacomp", self._alike("AMA Level"))
        effect.parts.append(Part(suggestion=suggestion, values=values))
        self._dynamics.append(effect)

    def add_limiter(self, suggestion: str, values: tuple[Value, ...]) -> None:
        """Put ReaLimit behind what is there."""
        effect = _numbered("limiter", "AMA Limiter", "realimit", self._alike("AMA Limiter"))
        effect.parts.append(Part(suggestion=suggestion, values=values))
        self._dynamics.append(effect)

    def _alike(self, label: str) -> list[_Effect]:
        return [one for one in self._dynamics if one.label.startswith(label)]


def _note(effect: _Effect, note: str) -> None:
    if note:
        effect.notes.append(note)


def _numbered(key: str, label: str, device: Device, there: Sequence[_Effect]) -> _Effect:
    """Return a new effect; the second of a kind is called so."""
    nth = len(there) + 1
    if nth > 1:
        return _Effect(key=f"{key}{nth}", label=f"{label} {nth}", device=device)
    return _Effect(key=key, label=label, device=device)
