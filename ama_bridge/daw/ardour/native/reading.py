"""Reading Ardour's mixer through a `Surface`: the list of strips, what each strip shows, and the controls of a plugin.

Names and places are asked for together with the values; when Ardour says meanwhile that strips moved, all of it is read again. The list
is asked for twice in one bundle, first with /strip/list, then with /strip: Ardour answers the first from what it knew of the strips, and
looks at them anew behind the answer, so that only the second is what all numbers mean from then on. Where both agree, neither is out of date
and no datagram got lost.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, TypeAlias, TypeVar

from ama_analysis.errors import DeliveryError, SessionError
from ama_bridge.daw.ardour.native.surface import Surface
from ama_bridge.daw.ardour.native.values import (
    Listed,
    MixerStrip,
    Parameter,
    Plugin,
    gain_db_of_answer,
    listed,
    number,
    pan_of_position,
    parameter,
    plugins,
)
from ama_bridge.osc_packets import Argument, Message, bundled, encode

MASTER_NAME: Final = "master"
_ROUNDS: Final = 6
_LIST_ROUNDS: Final = 8
"""In the second half of them what was heard in the round before counts too, so that a long list gets whole although datagrams get lost."""
_Key: TypeAlias = tuple[str, int]


class Named(Protocol):
    """What is told by a name: a strip, or its line in the list."""

    @property
    def name(self) -> str:
        """The name."""

    @property
    def kind(self) -> str:
        """The kind, as Ardour abbreviates it."""


N = TypeVar("N", bound=Named)


def the_one(strips: Sequence[N], name: str) -> N:
    """Return the strip of that name (not a VCA, which may share it); "master" is the master bus where no strip is called so.

    `SessionError` (AMA-203) where there is none, or more than one, so that it is not certain which is meant.
    """
    routes = [strip for strip in strips if strip.kind != "V"]
    found = [strip for strip in routes if strip.name == name]
    if not found:
        plain = unicodedata.normalize("NFC", name)
        found = [s for s in routes if unicodedata.normalize("NFC", s.name) == plain]
    if not found and name == MASTER_NAME:
        found = [strip for strip in routes if strip.kind == "MA"]
    if len(found) == 1:
        return found[0]
    if not found:
        message = f"Ardour has no strip called {name!r}."
        known = ", ".join(strip.name for strip in routes)
        raise SessionError(message, hint=f"It has: {known}.", code="AMA-203")
    message = f"Ardour has {len(found)} strips called {name!r}."
    raise SessionError(message, hint="Give each its own name.", code="AMA-203")


def listing(surface: Surface) -> tuple[Listed, ...]:
    """Return the lines of Ardour's list of strips, in its order; `DeliveryError` where no session is open."""
    addresses = ("/strip/list", "/strip", "/set_surface")
    question = bundled(encode(address, ()) for address in addresses)
    told: dict[str, dict[int, Listed]] = {}
    for attempt in range(_LIST_ROUNDS):
        if surface.moved or attempt < _LIST_ROUNDS // 2:
            surface.moved = False
            told.clear()
        for heard in surface.ask({"": question}, _list_line).get("", []):
            line = listed(heard)
            if line is not None:
                told.setdefault(heard.address, {})[line.ssid] = line
        once = told.get("/strip", {})
        whole = once == told.get("/reply") and sorted(once) == list(range(1, len(once) + 1))
        if once and whole and not surface.moved:
            return tuple(once[ssid] for ssid in sorted(once))
    message = "Ardour does not tell its strips."
    raise DeliveryError(message, hint="Open a session in Ardour.", code="AMA-704")


def _list_line(message: Message) -> tuple[str, bool] | None:
    is_end = message.address == "/set_surface"
    return ("", is_end) if is_end or listed(message) is not None else None


def strips(surface: Surface) -> tuple[MixerStrip, ...]:
    """Return all strips with what they show and the names of their plugins."""
    for _ in range(_ROUNDS):
        lines = listing(surface)
        found = _shown(surface, lines)
        if found is not None and not surface.moved:
            return found
    message = "Ardour's strips keep changing, or it does not tell their faders."
    raise DeliveryError(message, hint="Try again when the session is loaded.", code="AMA-704")


def _shown(surface: Surface, lines: Sequence[Listed]) -> tuple[MixerStrip, ...] | None:
    """Return the strips of these lines; None where a fader is not told."""
    questions: dict[_Key, bytes] = {}
    for line in lines:
        questions["gain", line.ssid] = encode(f"/strip/gain/{line.ssid}", ())
        if line.is_route:
            for what in ("pan_stereo_position", "polarity"):
                questions[what, line.ssid] = encode(f"/strip/{what}/{line.ssid}", ())
            questions["plugin/list", line.ssid] = encode("/strip/plugin/list", (line.ssid,))
    answers = surface.ask(questions, _value_of)
    whats = ("gain", "pan_stereo_position", "polarity", "plugin/list")
    found = []
    for line in lines:
        told = {what: a[-1] for what in whats if (a := answers.get((what, line.ssid)))}
        gain = number(told["gain"]) if "gain" in told else None
        if gain is None:
            return None
        found.append(_strip(line, gain, told))
    return tuple(found)


def _strip(line: Listed, gain_answer: float, told: Mapping[str, Message]) -> MixerStrip:
    pan = number(told["pan_stereo_position"]) if "pan_stereo_position" in told else None
    polarity = number(told["polarity"]) if "polarity" in told else None
    return MixerStrip(
        ssid=line.ssid,
        kind=line.kind,
        name=line.name,
        inputs=line.inputs,
        muted=line.muted,
        gain_db=gain_db_of_answer(gain_answer),
        pan=None if pan is None else pan_of_position(pan),
        inverted=None if polarity is None else polarity > 0.0,
        plugins=plugins(told["plugin/list"]) if "plugin/list" in told else (),
    )


def _value_of(message: Message) -> tuple[_Key, bool] | None:
    """Sort /strip/WHAT/SSID and /strip/plugin/list SSID ..."""
    if message.address == "/strip/plugin/list":
        ssid = message.arguments[0] if message.tags.startswith("i") else None
        return (("plugin/list", ssid), True) if isinstance(ssid, int) else None
    what, _, ssid_text = message.address.removeprefix("/strip/").rpartition("/")
    return ((what, int(ssid_text)), True) if ssid_text.isascii() and ssid_text.isdigit() else None


def plugin_list(surface: Surface, ssid: int) -> tuple[Plugin, ...]:
    """Return a strip's plugins."""
    key: _Key = ("plugin/list", ssid)
    answers = surface.ask({key: encode("/strip/plugin/list", (ssid,))}, _value_of)
    return plugins(answers[key][-1]) if key in answers else ()


def the_plugin(found: Sequence[Plugin], plugin: str | int, strip: str) -> Plugin:
    """Return the plugin of that name or position; `SessionError` (AMA-203) where there is none, or the name stands for several."""
    fits = [p for p in found if plugin in {p.name, p.position}]
    if len(fits) == 1:
        return fits[0]
    if fits:
        message = f"{strip!r} has {len(fits)} plugins called {plugin!r}."
        raise SessionError(message, hint="Name its position, from 1.", code="AMA-203")
    message = f"{strip!r} has no plugin {plugin!r}."
    known = ", ".join(p.name for p in found) or "none"
    raise SessionError(message, hint=f"It has: {known}.", code="AMA-203")


def parameters(surface: Surface, ssid: int, position: int) -> tuple[Parameter, ...]:
    """Return the controls of the plugin at that position (from 1), by `which`; empty where there is none.

    It is asked until two rounds have told the same controls, without a gap, so that a datagram that got lost is noticed.
    """
    question = {"": encode("/strip/plugin/descriptor", (ssid, position))}
    found: dict[int, Parameter] = {}
    for _ in range(_ROUNDS):
        known = set(found)
        found |= described(surface.ask(question, descriptor_of(ssid, position)).get("", []))
        if set(found) == known and known == set(range(len(known))):
            break
    return tuple(found[which] for which in sorted(found))


def described(messages: Sequence[Message]) -> dict[int, Parameter]:
    """Return what descriptors tell, by `which`."""
    told = (parameter(message) for message in messages)
    return {one.which: one for one in told if one is not None}


def descriptor_of(ssid: int, position: int) -> Callable[[Message], tuple[str, bool] | None]:
    """Return what sorts the answers about one plugin."""
    place = (ssid, position)

    def sort(message: Message) -> tuple[str, bool] | None:
        if message.arguments[:2] != place:
            return None
        is_end = message.address == "/strip/plugin/descriptor_end"
        return ("", is_end) if is_end or message.address == "/strip/plugin/descriptor" else None

    return sort


def reported(surface: Surface, bits: int) -> tuple[Message, ...]:
    """Return what Ardour reports at once when it is asked to report this; it is not asked to go on."""
    questions = {"": bundled((_feedback(surface.feedback | bits), encode("/set_surface", ())))}
    heard = surface.ask(questions, lambda m: ("", m.address == "/set_surface"))
    surface.put(_feedback(surface.feedback))
    return tuple(heard.get("", ()))


def _feedback(bits: int) -> bytes:
    arguments: tuple[Argument, ...] = (bits,)
    return encode("/set_surface/feedback", arguments)
