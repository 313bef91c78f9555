"""`ama install ardour`, Ardour's lines in `ama doctor`, and how it stands for whoever wants to hand something over: every version's settings at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.errors import DeliveryError
from ama_bridge.daw import lua_scripts
from ama_bridge.daw.ardour import install
from ama_bridge.daw.ardour.install import Script
from ama_bridge.daw.ardour.places import VERSIONS, Place, osc_setting, places
from ama_bridge.daw.ardour.running import ardours_with, osc_answers, port_is_taken
from ama_bridge.daw.marked import Report
from ama_bridge.daw.port import Standing

_SWITCH_OSC_ON: Final = "In Ardour, switch on Edit > Preferences > Control Surfaces > Open Sound Control (OSC); each session keeps its own switch."
_OSC_IS_ON: Final = "OSC is on for new sessions; one that is there already keeps its own switch (Edit > Preferences > Control Surfaces)."
_STAYS: Final = (
    "Copies that AMA kept of what it replaced stay, and so does OSC where it was switched on."
)
_OSC_OFF: Final = "switch it on in this session (Preferences > Control Surfaces)"
_INSTALL: Final = "`ama install ardour`"
_DAW: Final = "ardour"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArdourSetup:
    """Where Ardour keeps the user's settings, and what AMA's scripts in it are told: the mailbox's folder and the service's OSC port.

    `ardour_port` is where Ardour itself listens, if its settings are not to be asked.
    """

    config_home: Path | None
    mailbox: Path
    service_port: int
    ardour_port: int | None = None

    def places(self) -> tuple[Place, ...]:
        """Return the settings that are there, oldest version first."""
        return places(self.config_home)

    def scripts(self) -> list[Script]:
        """Return what is installed, with this AMA's mailbox and port filled in."""
        values: dict[str, lua_scripts.Value] = {
            "mailbox": str(self.mailbox),
            "port": self.service_port,
        }
        return [
            Script(
                name=title,
                file=f"ama_{name.partition('/')[2]}.lua",
                text=lua_scripts.script(name, values),
            )
            for name, title in lua_scripts.SCRIPTS.items()
            if name.startswith(f"{_DAW}/")
        ]

    def install(self, *, remove: bool, dry_run: bool, enable_osc: bool) -> tuple[str, ...]:
        """Put AMA's scripts into every Ardour, or with `remove` take them out; return the lines.

        `DeliveryError` (AMA-706) where there is none, one runs or a file of its is odd, before anything is changed.
        """
        found = self.places()
        if not found:
            message = (
                f"No Ardour {VERSIONS[0]} to {VERSIONS[-1]} has settings in {self.config_home}."
            )
            raise DeliveryError(message, hint="Start Ardour once, and close it.", code="AMA-706")
        scripts = self.scripts()

        def work(place: Place, *, dry_run: bool) -> Report:
            if remove:
                return install.uninstall(place, dry_run=dry_run)
            return install.install(place, scripts, enable_osc=enable_osc, dry_run=dry_run)

        reports = [
            work(place, dry_run=True) for place in found
        ]  # what is refused is refused before anything changes
        told: tuple[str, ...] = ()
        if not dry_run:
            reports = [work(place, dry_run=False) for place in found]
            told = (_STAYS,)
            if not remove:
                self.mailbox.mkdir(parents=True, exist_ok=True)
                told = (_OSC_IS_ON if enable_osc else _SWITCH_OSC_ON,)
        return tuple(line for report in reports for line in report.lines) + told

    def lines(self) -> tuple[str, ...]:
        """Return how each Ardour stands, a line each: settings, scripts, OSC, whether it runs."""
        wanted = self._wanted()
        return tuple(self._line(place, wanted) for place in self.places())

    def standing(self) -> Standing:
        """Return how the Ardour stands that would be handed something: the one that runs, else the newest. Ardour itself is not asked."""
        found = self.places()
        if not found:
            about = f"No Ardour {VERSIONS[0]} to {VERSIONS[-1]} was ever started by this user."
            return Standing(daw=_DAW, running=False, installed=False, about=about)
        running = [place for place in found if ardours_with(place)]
        place = (running or found)[-1]
        installed = _installed(place, self._wanted())
        about = self._about(place, running=bool(running), installed=installed)
        return Standing(daw=_DAW, running=bool(running), installed=installed, about=about)

    def _about(self, place: Place, *, running: bool, installed: bool) -> str:
        name = f"Ardour {place.version}"
        if running and not installed:
            return f"{name} runs without AMA's scripts, and only OSC can set something: close it, run {_INSTALL}, start it again."
        if not installed:
            return f"AMA's scripts are not in {name}, or are others than these: run {_INSTALL}."
        if not running:
            return f"{name} does not run: open the session there."
        port = self._port(place)
        if not port_is_taken(port):
            return f"{name} runs, but nothing listens at OSC port {port}: {_OSC_OFF}."
        return f"{name} runs, with AMA's scripts and OSC."

    def _port(self, place: Place) -> int:
        return self.ardour_port or osc_setting(place).port

    def _wanted(self) -> dict[str, bytes]:
        return {script.name: script.marked() for script in self.scripts()}

    def _line(self, place: Place, wanted: dict[str, bytes]) -> str:
        switched = (
            "on" if osc_setting(place).switched_on else "off (Preferences > Control Surfaces)"
        )
        port = self._port(place)
        heard = f"OSC for new sessions is {switched}, port {port}"
        runs = "not running"
        if ardours_with(place):
            runs = "running"
            heard = (
                f"OSC answers at port {port}"
                if osc_answers(port)
                else f"nothing answers at OSC port {port}: {_OSC_OFF}"
            )
        return f"{place.version} ({place.folder}), {runs}; {_scripts(place, wanted)}; {heard}"


def _scripts(place: Place, wanted: dict[str, bytes]) -> str:
    slots = install.slots_of(place)
    missing: Sequence[str] = [name for name in wanted if name not in slots]
    if not slots:
        return f"AMA's scripts are not installed ({_INSTALL})"
    if missing:
        return f"{', '.join(missing)} missing ({_INSTALL})"
    told = ", ".join(f"{name} in slot {slots[name]}" for name in wanted)
    if _installed(place, wanted):
        return told
    return f"{told}, of another version, state folder or port ({_INSTALL} renews them)"


def _installed(place: Place, wanted: dict[str, bytes]) -> bool:
    sources = install.sources_of(place)
    return all(sources.get(name) == text for name, text in wanted.items())
