"""The VCAs of a session file: what they do to the faders and mutes of the strips that follow them.

A strip's gain control names its masters by the ids of their gain controls, each with the gain at which it was assigned: what it does to the strip is
how far it has moved since (Ardour's SlavableAutomationControl). A VCA may follow another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from ama_bridge.daw.ardour.disk.elements import number


@dataclass(frozen=True, slots=True)
class Vcas:
    """VCAs by their numbers, and their gain controls by their ids."""

    _by_number: Mapping[str, Element]
    _gains: Mapping[str, Element]

    def gain(self, control: Element) -> float:
        """Return what a gain control does, its masters with it."""
        gain = number(control, "value", 1.0)
        for master in control.iterfind("masters/master"):
            name = master.get("id", "")
            assigned_at = number(master, "val-master", 1.0)
            if name in self._gains:
                others = {key: node for key, node in self._gains.items() if key != name}
                now = Vcas(self._by_number, others).gain(self._gains[name])
                gain *= now / assigned_at if assigned_at else now
        return gain

    def followed_by(self, strip: Element) -> tuple[str, ...]:
        """Return the names of the VCAs that a strip follows."""
        return tuple(vca.get("name", "?") for vca in self._masters(strip))

    def mute(self, strip: Element) -> bool:
        """Return whether a VCA that a strip follows is muted."""
        return any(
            number(node, "value", 0.0) > 0
            for vca in self._masters(strip)
            for node in _named(vca, "mute")
        )

    def _masters(self, strip: Element) -> list[Element]:
        numbers = (master.get("number", "") for master in strip.iterfind("Slavable/Master"))
        return [self._by_number[each] for each in numbers if each in self._by_number]


def vcas_of(root: Element) -> Vcas:
    """Return the VCAs of a session."""
    every = root.findall("VCAManager/VCA")
    gains = [control for vca in every for control in _named(vca, "gaincontrol")]
    return Vcas(
        {vca.get("number", ""): vca for vca in every},
        {control.get("id", ""): control for control in gains},
    )


def _named(strip: Element, name: str) -> list[Element]:
    return [node for node in strip.iterfind("Controllable") if node.get("name") == name]
