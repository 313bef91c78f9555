"""A client of Ardour's own OSC surface: reads the mixer, sets faders, pans and plugins, and reads each value back. No scripts needed.

Strips are told by their names, since OSC knows no ids. What OSC cannot do at all: insert or move plugins, tell which plugin a name stands
for, undo.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Final, Self

from ama_analysis.errors import DeliveryError
from ama_bridge.config import HOST
from ama_bridge.daw.ardour.native import reading
from ama_bridge.daw.ardour.native.levels import Levels
from ama_bridge.daw.ardour.native.surface import MASTER, SCENES, VALUES, WAITS_S, Surface
from ama_bridge.daw.ardour.native.values import MixerStrip, Parameter, SetAndRead
from ama_bridge.daw.ardour.native.watch import OnLost, Watch
from ama_bridge.daw.ardour.native.writing import GAIN, PAN, POLARITY, Writer
from ama_bridge.daw.port import OnMove
from ama_bridge.osc_packets import Argument, Message, bundled, encode

PORT: Final = 3819
"""Where Ardour listens unless told otherwise; it takes one of the next 19 where that is in use."""
VISIBLE_SCENES: Final = 8
"""Of so many mixer scenes, from 0, Ardour tells the names over OSC."""
_AUTOMATION: Final = {
    "/strip/gain/automation": "gain",
    "/strip/pan_stereo_position/automation": "pan",
}


class Ardour:
    """A running Ardour. A context manager, for one thread; each makes a surface of its own in Ardour, so keep one rather than open many."""

    def __init__(self, host: str = HOST, port: int = PORT) -> None:
        """Name where it listens; it is asked when the context opens."""
        self._where = (host, port)
        self._surface = Surface(host, port)
        self._writer = Writer(self._surface)

    def __enter__(self) -> Self:
        """Return the client; `DeliveryError` (AMA-704) within two seconds where no Ardour answers."""
        self._surface.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the socket."""
        self._surface.__exit__(None, None, None)

    def session_name(self) -> str:
        """Return the open session's name."""
        told = reading.reported(self._surface, MASTER)
        return next((str(m.arguments[0]) for m in told if m.address == "/session_name"), "")

    def strips(self) -> tuple[MixerStrip, ...]:
        """Return all strips of the mixer, the master bus among them, hidden ones too, as they are now."""
        return reading.strips(self._surface)

    def heard_strips(self, levels: Levels) -> tuple[MixerStrip, ...]:
        """Return all strips, each fader with what AMA Level adds to it."""
        return levels.added(self._surface, self.strips())

    def strip(self, name: str) -> MixerStrip:
        """Return the strip of that name; "master" is the master bus. `SessionError` where none or several are called so."""
        return reading.the_one(self.strips(), name)

    def automated(self) -> dict[str, frozenset[str]]:
        """Return which of "gain" and "pan" are not in manual mode, by the strip's name: automation moves them, or they write it."""
        names = {line.ssid: line.name for line in self._writer.lines() if line.is_route}
        found: dict[str, frozenset[str]] = {}
        for message in reading.reported(self._surface, VALUES):
            what = _AUTOMATION.get(message.address)
            if what is None or message.tags != "if" or message.arguments[1] == 0.0:
                continue
            name = names.get(int(str(message.arguments[0])))
            if name is not None:
                found[name] = found.get(name, frozenset()) | {what}
        return found

    def parameters(self, name: str, plugin: str | int) -> tuple[Parameter, ...]:
        """Return the controls of a strip's plugin, which is told by its name or its position from 1."""
        ssid = self._writer.line(name).ssid
        chosen = reading.the_plugin(reading.plugin_list(self._surface, ssid), plugin, name)
        return reading.parameters(self._surface, ssid, chosen.position)

    def set_gain(self, name: str, gain_db: float) -> SetAndRead:
        """Set a fader, dB; below -192 dB is silence, and Ardour stops at +6.02 dB."""
        return self._writer.set(name, GAIN, gain_db)

    def set_pan(self, name: str, pan: float) -> SetAndRead:
        """Set a panner, -1 left .. +1 right; `SessionError` where the strip has none."""
        return self._writer.set(name, PAN, pan)

    def set_polarity(self, name: str, inverted: float) -> SetAndRead:
        """Set the polarity of all channels of a strip: 0, or 1 for inverted."""
        return self._writer.set(name, POLARITY, inverted)

    def set_parameters(
        self, name: str, plugin: str | int, values: Mapping[int, float]
    ) -> dict[int, SetAndRead]:
        """Set controls of a plugin; `OptionError` before anything is set where there is no such control or it does not take the value."""
        return self._writer.set_parameters(name, plugin, values)

    def scenes(self) -> tuple[str, ...]:
        """Return the names of the first eight mixer scenes; empty is a free place. Nothing where this Ardour has no scenes."""
        told = {m.address: m for m in reading.reported(self._surface, SCENES)}
        names = (told.get(f"/mixer_scene/{n}/name") for n in range(VISIBLE_SCENES))
        return tuple(str(m.arguments[0]) for m in names if m is not None and m.tags == "s")

    def store_scene(self, number: int) -> None:
        """Keep the mixer as it is as scene `number` (from 0), in the place of what was there."""
        self._do("/store_mixer_scene", number)

    def trigger(self, action: str) -> None:
        """Run an action of Ardour's window once, such as "LuaAction/script-1"; `DeliveryError` (AMA-705) where it is not certain that it ran."""
        question = {"": _followed("/access_action", action)}
        if not self._surface.collect(question, _up_to_surface, waits_s=(sum(WAITS_S),)):
            message = f"Ardour did not answer when {action} was started."
            raise DeliveryError(message, hint="Look into Ardour whether it runs.", code="AMA-705")

    def alive(self) -> bool:
        """Return whether Ardour still answers."""
        try:
            self._surface.register()
        except DeliveryError:
            return False
        return True

    def watch(
        self, on_move: OnMove, *, on_lost: OnLost | None = None, levels: Levels | None = None
    ) -> AbstractContextManager[None]:
        """Tell of faders, pans and mutes that move in Ardour while the context is open, from a thread of its own.

        `on_lost` hears when Ardour falls silent; the watch goes on, and when Ardour is back it tells what has changed meanwhile.
        """
        return Watch(*self._where, on_move, on_lost, levels)

    def _do(self, address: str, number: int) -> None:
        if not self._surface.ask({"": _followed(address, number)}, _up_to_surface):
            raise self._surface.silence()


def _followed(address: str, argument: Argument) -> bytes:
    """Return a message and behind it a question that Ardour always answers, so that the answer says that both have come."""
    return bundled((encode(address, (argument,)), encode("/set_surface", ())))


def _up_to_surface(message: Message) -> tuple[str, bool]:
    return "", message.address == "/set_surface"
