"""`ama install reaper` and REAPER's lines in `ama doctor`: every place at once, portable ones by the folder that the user has named.

A portable REAPER cannot be found by looking, so where AMA was installed into one is noted beside its mailbox, in `installed.json`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.codec import Json
from ama_analysis.errors import DeliveryError
from ama_bridge import json_text
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.marked import Report
from ama_bridge.daw.port import Standing
from ama_bridge.daw.reaper import install
from ama_bridge.daw.reaper.install import ShippedFile
from ama_bridge.daw.reaper.places import Place, Surfaces, place_at, places, surfaces_of
from ama_bridge.daw.reaper.running import reaper_runs
from ama_bridge.daw.reaper.shipped import items
from ama_bridge.daw.reaper.signs import Actions, Signs

INSTALLED: Final = "installed.json"
INSTALLED_SCHEMA: Final = "ama.installed/1"
_DAW: Final = "reaper"
_TWICE: Final = "ReaPack has installed AMA too ({}): take one of the two out"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaperSetup:
    """Where REAPER keeps the user's things, and the folder through which AMA and the scripts hand each other files."""

    home: Path | None
    mailbox: Path

    def places(self) -> tuple[Place, ...]:
        """Return the resource folders that are known: the user's own, and portable ones into which AMA was installed."""
        return places(self.home, _noted(self.mailbox / INSTALLED))

    def items(self) -> tuple[ShippedFile, ...]:
        """Return what is installed, with this AMA's mailbox and command filled in."""
        return items(mailbox=str(self.mailbox), command=own_command())

    def install(self, *, into: Path | None, remove: bool, dry_run: bool) -> tuple[str, ...]:
        """Put AMA's files into REAPER's folders, or with `remove` take them out; return the lines.

        `DeliveryError` (AMA-706) where there is no such folder or a file cannot be read, before anything is changed.
        """
        found = self.places() if into is None else (place_at(into.absolute()),)
        if not found:
            message = f"No REAPER has settings in {self.home}."
            hint = "Start REAPER once, or name a portable one's folder with --into."
            raise DeliveryError(message, hint=hint, code="AMA-706")
        wanted = () if remove else self.items()
        reports = [_work(place, wanted, dry_run=True) for place in found]
        if not dry_run:
            reports = [_work(place, wanted, dry_run=False) for place in found]
            self._note(found, into=into, remove=remove)
        lines = tuple(line for report in reports for line in report.lines)
        if dry_run:
            return lines
        left = install.AFTER_REMOVING if remove else install.next_steps(found)
        twice = tuple(_TWICE.format(place.reapack) for place in found if place.reapack.is_dir())
        return (*lines, *twice, *left)

    def lines(self) -> tuple[str, ...]:
        """Return how each REAPER stands, a line each."""
        found = self.places()
        wanted = self.items() if found else ()
        actions = Signs(self.mailbox).actions() if found else Actions()
        return tuple(f"{place.folder}: {_standing(place, wanted, actions)}" for place in found)

    def standing(self) -> Standing:
        """Return how REAPER stands for whoever wants to hand something over: the place of a script that waits, else the first."""
        found = self.places()
        signs = Signs(self.mailbox)
        listening = signs.listening()
        running = listening or reaper_runs()
        if not found:
            about = "No REAPER has settings here; into a portable one AMA is installed with `ama install reaper --into FOLDER`."
            return Standing(daw=_DAW, running=running, installed=False, about=about)
        try:
            installed = _complete(install.standing(found[0], self.items()))
            doors = surfaces_of(found[0])
        except DeliveryError as error:
            about = error.sentence()
            return Standing(daw=_DAW, running=running, installed=None, about=about)
        known = bool(signs.actions().ids)
        started = known and (bool(doors.web) or doors.trigger is not None)
        about = _about(running=running, installed=installed, waits=listening, started=started)
        return Standing(daw=_DAW, running=running, installed=installed, about=about)

    def _note(self, found: Sequence[Place], *, into: Path | None, remove: bool) -> None:
        path = self.mailbox / INSTALLED
        before = _noted(path)
        if remove:
            gone = {place.folder for place in found}
            after = [folder for folder in before if folder not in gone]
        else:
            self.mailbox.mkdir(parents=True, exist_ok=True)
            after = [*before, into.absolute()] if into is not None else before
        after = list(dict.fromkeys(after))
        if after != before:
            folders: list[Json] = [str(folder) for folder in after]
            document: Json = {"schema": INSTALLED_SCHEMA, "folders": folders}
            write_atomically(path, json_text.to_bytes(document))


def _complete(standing: install.Installed) -> bool:
    return not standing.missing and not standing.other


def _about(*, running: bool | None, installed: bool, waits: bool, started: bool) -> str:
    if waits:
        return "An AMA script waits in REAPER for what is handed over."
    if not installed:
        return (
            "AMA's scripts are not in REAPER, or are others than these: run `ama install reaper`."
        )
    if running is False:
        return "REAPER does not run: open the project there."
    if started:
        return "AMA can start AMA Apply in REAPER."
    return "What is handed over waits until you run AMA Apply in REAPER; with AMA Listen it comes up by itself."


def own_command() -> str:
    """Return the beginning of a command line that starts this `ama`, from a program that may know another PATH."""
    script = Path(sys.executable).with_name("ama.exe" if sys.platform == "win32" else "ama")
    if script.is_file():
        return f'"{script}"'
    return f'"{sys.executable}" -m ama_bridge'


def _work(place: Place, wanted: Sequence[ShippedFile], *, dry_run: bool) -> Report:
    if wanted:
        return install.install(place, wanted, dry_run=dry_run)
    return install.uninstall(place, dry_run=dry_run)


def _noted(path: Path) -> list[Path]:
    """Return the folders that a note lists; none where it is missing or odd."""
    try:
        document = json_text.from_bytes(path.read_bytes())
    except (OSError, ValueError):
        return []
    folders = document.get("folders") if isinstance(document, dict) else None
    return [Path(f) for f in folders if isinstance(f, str)] if isinstance(folders, list) else []


def _standing(place: Place, wanted: Sequence[ShippedFile], actions: Actions) -> str:
    try:
        told = [_scripts(install.standing(place, wanted)), _doors(surfaces_of(place))]
    except DeliveryError as error:
        return error.sentence()
    if place.reapack.is_dir():
        told.insert(1, _TWICE.format(place.reapack))
    if actions.resource_path and Path(actions.resource_path).resolve() == place.folder.resolve():
        told.append(f"actions that AMA can start: {', '.join(sorted(actions.ids))}")
    return "; ".join(told)


def _scripts(standing: install.Installed) -> str:
    if not standing.found:
        return "AMA is not installed (`ama install reaper`)"
    told = []
    if standing.missing:
        told.append(f"{', '.join(standing.missing)} missing (`ama install reaper`)")
    if standing.other:
        told.append(
            f"{', '.join(standing.other)} of another version, state folder or command (`ama install reaper` renews them)"
        )
    if standing.changed:
        told.append(f"{', '.join(standing.changed)} changed by you")
    return ", ".join(told) or "AMA's scripts, effects and OSC pattern are installed"


def _doors(surfaces: Surfaces) -> str:
    mixer, trigger = surfaces.mixer, surfaces.trigger
    if mixer is not None:
        osc = f"OSC by AMA's pattern, to port {mixer.receive_port} and back at {mixer.send_port}"
    elif trigger is not None:
        osc = f"OSC at port {trigger.receive_port}, not by AMA's pattern, so that faders are not read (docs/reaper.md)"
    else:
        osc = "OSC is off (docs/reaper.md)"
    web = f"web interface at port {surfaces.web[0].port}" if surfaces.web else "web interface off"
    return f"{osc}; {web}"
