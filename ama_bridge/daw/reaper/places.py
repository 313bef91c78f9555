r"""Where REAPER keeps a user's things, and what its settings say of OSC and of the web interface. Reads, and writes nothing.

REAPER has one resource folder (Options > Show REAPER resource path): `~/.config/REAPER` on Linux, `~/Library/Application Support/REAPER` on macOS,
`%APPDATA%\REAPER` on Windows, or the folder of the program itself, which then is a portable one, with `reaper.ini` beside the program.

`reaper.ini` lists control surfaces as `csurf_cnt=N` and `csurf_0=` .. `csurf_N-1=`. Of these AMA knows two kinds:

    OSC "name" flags receive_port "send_ip" send_port max_packet send_sleep "pattern"     flags: 1 receives, 2 sends, 4 binds messages to actions
    HTTP 0 port 'user:password' 'page' flags 'files'

The values stand between ", ' or `, or bare; older versions had no name, and newer ones may begin with @@@. Bytes that are no UTF-8 stay what they
are (surrogates), so that a name in an old encoding can be compared and written back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.errors import DeliveryError

INI: Final = "reaper.ini"
PATTERN: Final = "AMA"
"""The pattern file that AMA brings, as REAPER lists it: `AMA.ReaperOSC` without its ending."""
RECEIVES, SENDS = 1, 2
"""Flags of an OSC surface."""
_LOOPBACK: Final = re.compile(r"127\.\d+\.\d+\.\d+|localhost", re.IGNORECASE)
_TOKEN: Final = re.compile(r'"([^"]*)"|\'([^\']*)\'|`([^`]*)`|(\S+)')
_SURFACE: Final = re.compile(r"csurf_(\d+)\s*=\s*(.*)", re.IGNORECASE)
_MARK: Final = "@@@"
_MOST_SURFACES: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One resource folder of REAPER's."""

    folder: Path

    @property
    def ini(self) -> Path:
        """REAPER's settings."""
        return self.folder / INI

    @property
    def scripts(self) -> Path:
        """Where AMA's scripts lie."""
        return self.folder / "Scripts" / "AMA"

    @property
    def reapack(self) -> Path:
        """Where ReaPack puts AMA's scripts: below its index's name, in a folder for the category."""
        return self.scripts / "Mixing"

    @property
    def effects(self) -> Path:
        """Where AMA's JSFX lie."""
        return self.folder / "Effects" / "AMA"

    @property
    def osc(self) -> Path:
        """Where REAPER looks for pattern files."""
        return self.folder / "OSC"


@dataclass(frozen=True, slots=True, kw_only=True)
class OscSurface:
    """One OSC device in REAPER's settings, with the ports as REAPER sees them."""

    name: str
    flags: int
    receive_port: int
    send_host: str
    send_port: int
    pattern: str

    @property
    def takes(self) -> bool:
        """Whether REAPER listens to it."""
        return bool(self.flags & RECEIVES) and 0 < self.receive_port < 2**16

    @property
    def answers_here(self) -> bool:
        """Whether REAPER sends what it shows to this computer."""
        there = _LOOPBACK.fullmatch(self.send_host.strip()) is not None
        return bool(self.flags & SENDS) and there and 0 < self.send_port < 2**16

    @property
    def is_amas(self) -> bool:
        """Whether it works by AMA's pattern file."""
        return self.pattern.removesuffix(".ReaperOSC").casefold() == PATTERN.casefold()


@dataclass(frozen=True, slots=True)
class Web:
    """The web interface in REAPER's settings."""

    port: int
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surfaces:
    """What REAPER listens to and talks to, as far as AMA can use it."""

    osc: tuple[OscSurface, ...] = ()
    web: tuple[Web, ...] = ()

    @property
    def trigger(self) -> OscSurface | None:
        """The OSC device by which an action can be started: AMA's own before any other."""
        taking = sorted((s for s in self.osc if s.takes), key=lambda s: not s.is_amas)
        return taking[0] if taking else None

    @property
    def mixer(self) -> OscSurface | None:
        """The OSC device that tells of faders: AMA's own, and it must answer to this computer."""
        return next((s for s in self.osc if s.is_amas and s.takes and s.answers_here), None)


def places(folder: Path | None, noted: Sequence[Path] = ()) -> tuple[Place, ...]:
    """Return the resource folders that are there: the user's own, then those that are noted (portable ones), each once."""
    found: dict[Path, Place] = {}
    for each in (folder, *noted):
        if each is not None and (each / INI).is_file():
            found.setdefault(each.resolve(), Place(folder=each))
    return tuple(found.values())


def place_at(folder: Path) -> Place:
    """Return the resource folder that a user names; `DeliveryError` (AMA-706) where it is none."""
    if not (folder / INI).is_file():
        message = f"{folder} is no resource folder of REAPER: it holds no {INI}."
        hint = "Start that REAPER once; Options > Show REAPER resource path in explorer/finder tells the folder."
        raise DeliveryError(message, hint=hint, code="AMA-706")
    return Place(folder=folder)


def surfaces_of(place: Place) -> Surfaces:
    """Return what the settings say; nothing where they cannot be read."""
    try:
        return surfaces_in(place.ini.read_bytes())
    except OSError:
        return Surfaces()


def surfaces_in(ini: bytes) -> Surfaces:
    """Return the surfaces that the bytes of a `reaper.ini` list; lines that are not understood are passed over."""
    osc: list[OscSurface] = []
    web: list[Web] = []
    for line in _surface_lines(ini):
        kind, *values = [_value(match) for match in _TOKEN.finditer(line)] or [""]
        found = _osc(values) if kind == "OSC" else _web(values) if kind == "HTTP" else None
        if isinstance(found, OscSurface):
            osc.append(found)
        elif isinstance(found, Web):
            web.append(found)
    return Surfaces(osc=tuple(osc), web=tuple(web))


def _surface_lines(ini: bytes) -> Iterator[str]:
    """Yield the surfaces that REAPER would open, in its order."""
    lines: dict[int, str] = {}
    count: int | None = None
    section = ""
    for raw in ini.decode("utf-8-sig", "surrogateescape").splitlines():
        line = raw.strip()
        if line.startswith("["):
            section = line.strip("[]").casefold()
        if section != "reaper":
            continue
        match = _SURFACE.fullmatch(line)
        if match:
            lines.setdefault(int(match[1]), match[2])
        elif (told := re.fullmatch(r"csurf_cnt\s*=\s*(\d+)", line, re.IGNORECASE)) is not None:
            count = int(told[1]) if count is None else count
    most = min(count or 0, _MOST_SURFACES)
    yield from (lines[n] for n in sorted(lines) if n < most)


def _value(match: re.Match[str]) -> str:
    return next((group for group in match.groups() if group is not None), "")


def _osc(values: Sequence[str]) -> OscSurface | None:
    tokens = list(values[1:] if values[:1] == [_MARK] else values)
    numbers = [_whole(token) for token in tokens[:3]]
    named = len(numbers) == 3 and numbers[1] is not None and numbers[2] is not None
    name = tokens.pop(0) if named else ""
    if len(tokens) < 4:
        return None
    flags, receive, send = _whole(tokens[0]), _whole(tokens[1]), _whole(tokens[3])
    if flags is None or receive is None or send is None:
        return None
    return OscSurface(
        name=name,
        flags=flags,
        receive_port=receive,
        send_host=tokens[2],
        send_port=send,
        pattern=tokens[6] if len(tokens) > 6 else "",
    )


def _web(values: Sequence[str]) -> Web | None:
    port = _whole(values[1]) if len(values) > 1 else None
    if port is None or not 0 < port < 2**16:
        return None
    user, _, password = (values[2] if len(values) > 2 else "").partition(":")
    return Web(port=port, user=user, password=password)


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d{1,9}", text, re.ASCII) else None
