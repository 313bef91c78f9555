"""Setting values in Ardour's mixer so that they meet the strip that is meant, and reading them back.

A strip's number (ssid) is its place in a list that changes when a track is moved, added, hidden or removed. So a value travels in one bundle
behind the questions who has that number and what it shows: Ardour does a bundle without a pause, and the answers say whom the value met.
Where that was another strip, it gets its old value back, the list is read anew, and the value is sent again. All of it may be done twice,
so that datagrams may get lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ama_analysis.errors import DeliveryError, OptionError, SessionError
from ama_bridge.daw.ardour.native import reading
from ama_bridge.daw.ardour.native.surface import Surface
from ama_bridge.daw.ardour.native.values import (
    LOWEST_DB,
    OFF_DB,
    PAN_TOLERANCE,
    Listed,
    Parameter,
    SetAndRead,
    gain_db_of_answer,
    listed,
    number,
    pan_of_position,
    plugins,
    position_of_pan,
    same_gain,
)
from ama_bridge.osc_packets import Argument, Message, bundled, encode

_TRIES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """How a control of a strip travels: its address below /strip, to the wire and back, and when two values are the same."""

    path: str
    word: str
    out: Callable[[float], Argument]
    back: Callable[[float], float]
    same: Callable[[float, float], bool]


def _gain_out(db: float) -> float:
    return float(db) if db >= LOWEST_DB else OFF_DB


GAIN: Final = Wire(path="gain", word="fader", out=_gain_out, back=gain_db_of_answer, same=same_gain)
PAN: Final = Wire(
    path="pan_stereo_position",
    word="panner",
    out=position_of_pan,
    back=pan_of_position,
    same=lambda a, b: abs(a - b) <= PAN_TOLERANCE,
)
POLARITY: Final = Wire(
    path="polarity",
    word="polarity switch",
    out=lambda value: int(value > 0.5),
    back=float,
    same=lambda a, b: a == b,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Met:
    """Whom a value met, and what Ardour answered for the control before and after; None where it did not answer, or has no such control."""

    who: Listed | None
    before: float | None
    after: float | None
    has_control: bool

    def is_for(self, line: Listed) -> bool:
        return self.who is not None and _whose(self.who) == _whose(line)


class Writer:
    """Knows the list of strips, and sets what is asked for on the strip of a name."""

    def __init__(self, surface: Surface) -> None:
        """Take the surface; nothing is asked yet."""
        self._surface = surface
        self._lines: tuple[Listed, ...] = ()

    def lines(self) -> tuple[Listed, ...]:
        """Return the list of strips; it is read anew when Ardour said that it changed."""
        while self._surface.receive(0.0) is not None:
            pass
        if self._surface.moved or not self._lines:
            self._lines = reading.listing(self._surface)
        return self._lines

    def line(self, name: str) -> Listed:
        """Return the strip of that name as it is listed."""
        return reading.the_one(self.lines(), name)

    def set(self, name: str, control: Wire, value: float) -> SetAndRead:
        """Set a control; `SessionError` where the strip is not there, not the only one of its name, or has no such control."""
        for _ in range(_TRIES):
            line = self.line(name)
            met = self._sent(line, control, control.out(value))
            if met.is_for(line) and not met.has_control:
                message = f"{name!r} has no {control.word} in Ardour."
                raise SessionError(message, hint="Nothing was changed.", code="AMA-203")
            if met.is_for(line) and met.after is not None:
                read = control.back(met.after)
                return SetAndRead(asked=value, read=read, ok=control.same(value, read))
            self._surface.moved = True
            if met.who is not None and not met.is_for(line) and met.before is not None:
                self._put_back(met.who, control, control.back(met.before))
        raise _restless(name)

    def _put_back(self, whom: Listed, control: Wire, value: float) -> None:
        """Give a strip its old value that got another's while the list changed."""
        for _ in range(_TRIES):
            lines = [line for line in self.lines() if _whose(line) == _whose(whom)]
            if len(lines) != 1:
                break
            met = self._sent(lines[0], control, control.out(value))
            if met.is_for(lines[0]) and met.after is not None:
                return
            self._surface.moved = True
        message = f"{whom.name!r} got a value that was not for it while Ardour's strips moved."
        hint = f"Its {control.word} was {value:g}."
        raise DeliveryError(message, hint=hint, code="AMA-705")

    def _sent(self, line: Listed, control: Wire, value: Argument) -> _Met:
        path, at = f"/strip/{control.path}", f"/strip/{control.path}/{line.ssid}"
        question = bundled(
            (
                encode("/strip", (line.ssid,)),
                encode(path, (line.ssid,)),
                encode(path, (line.ssid, value)),
                encode(at, ()),
            )
        )
        heard = self._surface.ask({"": question}, lambda m: ("", m.address == at)).get("", [])
        before = [number(m) for m in heard if m.address == path and len(m.tags) == 1]
        after = [number(m) for m in heard if m.address == at]
        return _Met(
            who=_who(heard, line.ssid),
            before=before[0] if before else None,
            after=after[-1] if after else None,
            has_control=not after or after[-1] is not None,
        )

    def set_parameters(
        self, name: str, plugin: str | int, values: Mapping[int, float]
    ) -> dict[int, SetAndRead]:
        """Set controls of a plugin; `OptionError` before anything is set where there is no such control or it does not take the value."""
        for _ in range(_TRIES):
            line = self.line(name)
            chosen = reading.the_plugin(reading.plugin_list(self._surface, line.ssid), plugin, name)
            place = (line.ssid, chosen.position)
            known = reading.parameters(self._surface, *place)
            _check_values(known, values, f"{chosen.name} on {name!r}")
            if self._sent_parameters(line, chosen.position, chosen.name, values):
                now = {p.which: p for p in reading.parameters(self._surface, *place)}
                if set(values) <= set(now) and not self._surface.moved:
                    return {
                        which: SetAndRead(
                            asked=value, read=now[which].value, ok=now[which].is_at(value)
                        )
                        for which, value in values.items()
                    }
        raise _restless(name)

    def _sent_parameters(
        self, line: Listed, position: int, plugin: str, values: Mapping[int, float]
    ) -> bool:
        """Send values and return whether they met this plugin of this strip; another plugin gets its old values back."""
        sets = (
            encode("/strip/plugin/parameter", (line.ssid, position, which + 1, float(value)))
            for which, value in values.items()
        )
        questions = (
            encode("/strip", (line.ssid,)),
            encode("/strip/plugin/list", (line.ssid,)),
            encode("/strip/plugin/descriptor", (line.ssid, position)),
        )
        question = bundled((*questions, *sets, encode("/set_surface", ())))
        heard = self._surface.ask({"": question}, _up_to_surface).get("", [])
        who = _who(heard, line.ssid)
        lists = [plugins(m) for m in heard if m.address == "/strip/plugin/list"]
        there = {one.position: one.name for one in lists[-1]} if lists else {}
        if who is not None and _whose(who) == _whose(line) and there.get(position) == plugin:
            return True
        self._surface.moved = True
        before = reading.described(heard)
        old = {w: before[w].value for w, v in values.items() if w in before and before[w].takes(v)}
        if who is not None and old:
            self._give_back(who, position, old)
        return False

    def _give_back(self, whom: Listed, position: int, values: Mapping[int, float]) -> None:
        """Give the plugin of another strip, or another plugin of this one, its values back."""
        for line in self.lines():
            if _whose(line) == _whose(whom):
                known = reading.parameters(self._surface, line.ssid, position)
                named = {
                    p.which: value for p in known if (value := values.get(p.which)) is not None
                }
                for which, value in named.items():
                    arguments = (line.ssid, position, which + 1, value)
                    self._surface.put(encode("/strip/plugin/parameter", arguments))


def _whose(line: Listed) -> tuple[str, str]:
    return line.kind, line.name


def _who(heard: list[Message], ssid: int) -> Listed | None:
    """Return who answered to this number."""
    found = [line for m in heard if m.address == "/strip" and (line := listed(m)) is not None]
    return found[-1] if found and found[-1].ssid == ssid else None


def _up_to_surface(message: Message) -> tuple[str, bool]:
    return "", message.address == "/set_surface"


def _check_values(known: tuple[Parameter, ...], values: Mapping[int, float], where: str) -> None:
    by_which = {parameter.which: parameter for parameter in known}
    for which, value in values.items():
        one = by_which.get(which)
        if one is None:
            message = f"{where} has no control {which}."
            raise OptionError(message, hint=f"It has 0 to {len(known) - 1}.")
        if not one.takes(value):
            message = f"{one.label} of {where} does not take {value:g}."
            raise OptionError(message, hint=f"It goes from {one.low:g} to {one.high:g}.")


def _restless(name: str) -> DeliveryError:
    message = f"Ardour's strips keep moving; it is not certain that {name!r} was set."
    return DeliveryError(message, hint="Look at it in Ardour and try again.", code="AMA-705")
