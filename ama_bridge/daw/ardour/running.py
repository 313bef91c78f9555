"""Whether an Ardour runs that uses given settings: Ardour writes them when it ends, over whatever was changed meanwhile.

Linux tells every process with its program and, for one's own, its environment, so that an Ardour with other settings does not count.
Elsewhere the list of processes tells the programs, and an answer at Ardour's OSC port counts too.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_bridge.config import HOST
from ama_bridge.daw.ardour.places import Place, osc_setting
from ama_bridge.osc_packets import encode

PROC: Final = Path("/proc")
ANSWER_S: Final = 1.0
"""Ardour's OSC surface answers within milliseconds."""
LOADING_S: Final = 0.2
"""A program that is being loaded has its environment within a millisecond, on a busy machine within some."""
_PROGRAM: Final = re.compile(r"(?!.*(lua|vst|scan|export))h?ardour(gui)?[-_]?(\d[\w.~+-]*)?")
_LISTS: Final = {
    "darwin": ("ps", "-axo", "comm="),
    "win32": ("tasklist", "/fo", "csv", "/nh"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """An Ardour that runs; `settings` is the folder of its settings where that is known."""

    name: str
    process: int
    settings: Path | None


def ardours_with(
    place: Place,
    *,
    platform: str = sys.platform,
    proc: Path = PROC,
    listed: Callable[[], str] | None = None,
) -> tuple[str, ...]:
    """Return what shows that an Ardour runs with these settings, in words; nothing where none does."""
    if platform.startswith("linux") and (proc / "self").exists():
        return tuple(
            f"{program.name} (process {program.process})"
            for program in programs(proc)
            if program.settings is None or _same(program.settings, place.folder)
        )
    found = [line for line in (listed or _listed)().splitlines() if is_ardour(_first(line))]
    port = osc_setting(place).port
    if not found and osc_answers(port):
        return (f"a program that answers at OSC port {port}",)
    return tuple(_first(line) for line in found)


def is_ardour(program: str) -> bool:
    """Return whether a program's name or path is that of Ardour itself, with or without a window, not one of its helpers."""
    name = re.split(r"[/\\]", program.strip())[-1].lower().removesuffix(" (deleted)")
    return bool(_PROGRAM.fullmatch(name.removesuffix(".exe")))


def programs(proc: Path = PROC) -> Iterator[Program]:
    """Yield this user's Ardours, as Linux lists them."""
    for folder in proc.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            program = _program(folder)
        except OSError:  # it ended meanwhile, or is another user's, whose settings are others
            continue
        if program is not None:
            yield program


def _program(process: Path) -> Program | None:
    """Read a process as Linux lists it; Linux shows an empty environment for the moment in which a program is being loaded."""
    until_s = time.monotonic() + LOADING_S
    while is_ardour((process / "exe").readlink().name):
        environment = (process / "environ").read_bytes()
        if environment or time.monotonic() > until_s:
            name = (process / "exe").readlink().name.removesuffix(" (deleted)")
            settings = _settings_of(environment, name)
            return Program(name=name, process=int(process.name), settings=settings)
        time.sleep(LOADING_S / 20)  # noqa: TID251  # Linux tells nobody when it is loaded
    return None


def _settings_of(environment: bytes, program: str) -> Path | None:
    values = dict(line.split(b"=", 1) for line in environment.split(b"\0") if b"=" in line)
    version = re.search(r"\d+", program)
    named, home = values.get(b"XDG_CONFIG_HOME"), values.get(b"HOME")
    if version is None or not (named or home):
        return None
    root = Path(named.decode()) if named else Path((home or b"").decode()) / ".config"
    return root / f"ardour{version[0]}"


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _first(line: str) -> str:
    return line.split('","')[0].strip('" ')


def _listed() -> str:
    command = _LISTS.get(sys.platform, _LISTS["darwin"])
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)  # noqa: S603  # a fixed command
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


def port_is_taken(port: int) -> bool:
    """Return whether some program has this UDP port, without sending it anything: Ardour keeps a record of everyone who asks it something."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def osc_answers(port: int) -> bool:
    """Return whether something at this port answers as Ardour's OSC surface does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(ANSWER_S)
        try:
            asking.connect((HOST, port))
            asking.send(encode("/set_surface", ()))
            return b"/set_surface" in asking.recv(1024)
        except OSError:
            return False
