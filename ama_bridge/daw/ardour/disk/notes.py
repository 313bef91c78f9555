"""What an Ardour session does to its tracks that is not in their regions, in sentences; and the values of a route's own controls."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree.ElementTree import Element

from ama_bridge.daw.ardour.disk.elements import number, switched
from ama_bridge.daw.ardour.disk.vcas import Vcas

LOWEST_DB: Final = -200.0
_HEARD_DB: Final = 0.05
_MIXING: Final = (
    ("Processor[@type='amp']/", "gain"),
    ("Processor[@type='trim']/", "trim"),
    ("Pannable/", "pan-azimuth"),
    ("", "mute"),
)
"""Where a route keeps the automation of its own controls."""
_MOVING: Final = frozenset({"Play", "Touch", "Latch", "Write"})
_PLUGIN_TYPES: Final = frozenset(
    ["ladspa", "lv2", "vst", "windows-vst", "lxvst", "mac-vst", "vst3", "audiounit", "luaproc"]
)


def flags_of(route: Element) -> frozenset[str]:
    """Return what kind of route it is, in Ardour's words ("AudioTrack", "MasterOut")."""
    info = route.find("PresentationInfo")
    return frozenset((info.get("flags", "") if info is not None else "").split(","))


def control_of(route: Element, where: str, name: str, default: float) -> float:
    """Return the value of a control of the route's own (sends have faders and pans too)."""
    control = _control(route, where, name)
    return default if control is None else number(control, "value", default)


def _control(route: Element, where: str, name: str) -> Element | None:
    controls = route.iterfind(f"{where}Controllable")
    return next((control for control in controls if control.get("name") == name), None)


def fader_db_of(route: Element, vcas: Vcas) -> float:
    """Return where a route's fader stands with the VCAs that it follows, dB: what Ardour itself takes for its fader."""
    control = _control(route, "Processor[@type='amp']/", "gaincontrol")
    gain = 1.0 if control is None else vcas.gain(control)
    return max(20 * math.log10(gain), LOWEST_DB) if gain > 0 else LOWEST_DB


def active_plugins(route: Element) -> tuple[str, ...]:
    """Return the names of a route's plugins that are on."""
    plugins = [p for p in route.iterfind("Processor") if p.get("type") in _PLUGIN_TYPES]
    return tuple(p.get("name", "?") for p in plugins if switched(p, "active", default=True))


def automated_controls(route: Element) -> frozenset[str]:
    """Return which of "fader" and "pan" automation moves."""
    words = {"gain": "fader", "pan-azimuth": "pan"}
    return frozenset(words[one] for one in _automation(route) if one in words)


def _automation(route: Element) -> list[str]:
    """Return what of the route's own controls automation moves, in Ardour's words (its sends have faders and pans too)."""
    return sorted(
        word
        for where, word in _MIXING
        for found in route.iterfind(f"{where}Automation/AutomationList")
        if found.get("automation-id") == word and found.get("state") in _MOVING
    )


def track_notes(
    route: Element, plugins: Sequence[str], busses: frozenset[str], vcas: Vcas
) -> list[str]:
    """Return what a track does to its sound that is not in its regions."""
    notes = []
    if plugins:
        notes.append(f"its effects ({', '.join(plugins)}) are not in the regions")
    through = sorted(busses & _outputs(route))
    if through:
        notes.append(f"it goes through {', '.join(through)}, of which AMA knows nothing here")
    if moving := _automation(route):
        notes.append(f"its automation ({', '.join(moving)}) counts as it stood when it was saved")
    if any(p.get("type") in {"internal-send", "send"} for p in route.iterfind("Processor")):
        notes.append("its sends are not counted")
    if any(p.get("type") == "intreturn" for p in route.iterfind("Processor")):
        notes.append("what is sent to it is not in its regions")
    if any(trigger.get("region") for trigger in route.iter("Trigger")):
        notes.append("the clips in its cue slots are not counted")
    if followed := vcas.followed_by(route):
        notes.append(
            f"its fader and mute count together with those of the VCA {', '.join(followed)}"
        )
    panner = next(route.iter("PannerShell"), None)
    if panner is not None and switched(panner, "bypassed", default=False):
        notes.append("its panner is bypassed, so its pan has no effect")
    return notes


def _outputs(route: Element) -> frozenset[str]:
    """Return the names of the routes to which a track is connected."""
    return frozenset(
        connection.get("other", "").rpartition("/")[0]
        for io in route.iterfind("IO")
        if io.get("direction") == "Output"
        for connection in io.iter("Connection")
    )


def session_notes(routes: Sequence[Element], vcas: Vcas) -> Iterator[str]:
    """Yield what master and solo do to all tracks, as whole sentences."""
    for route in routes:
        if "MasterOut" not in flags_of(route):
            continue
        if plugins := active_plugins(route):
            yield f"The master bus has effects ({', '.join(plugins)}) that are not counted."
        if abs(fader_db := fader_db_of(route, vcas)) > _HEARD_DB:
            yield f"The master fader stands at {fader_db:+.1f} dB, which is not counted."
    if soloed := [route.get("name", "") for route in routes if _soloed(route)]:
        yield f"Solo is not counted ({', '.join(soloed)})."


def _soloed(route: Element) -> bool:
    return any(
        c.get("name") == "solo" and c.get("self-solo") == "1"
        for c in route.iterfind("Controllable")
    )
