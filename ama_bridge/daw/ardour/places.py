"""Where Ardour keeps a user's settings, version by version, and what those settings say of its OSC surface.

Ardour N looks into `ardourN` (Linux; `ArdourN` on macOS and Windows) in the user's folder of settings: action scripts in `ui_scripts`, Lua
files in `scripts/`, everything else in `config`. It reads them when it starts and writes them when it ends.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.sax.saxutils import quoteattr

from ama_analysis.errors import DeliveryError

VERSIONS: Final = (6, 7, 8, 9)
"""The Ardour versions that AMA's scripts are written for."""
OSC_PORT: Final = 3819
"""Ardour's default."""
PROTOCOL: Final = "Open Sound Control (OSC)"
_FOLDER: Final = re.compile(r"ardour(\d+)", re.IGNORECASE)
_TAG: Final = re.compile(rb'<Protocol\s[^>]*?name="Open Sound Control \(OSC\)"[^>]*?/?>')
_NODE: Final = f'<Protocol name={quoteattr(PROTOCOL)} active="1" config=""/>'
"""Ardour 9.6 and later pass over a protocol without `config`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The settings of one Ardour version."""

    version: int
    folder: Path

    @property
    def ui_scripts(self) -> Path:
        """The file with the scripts in action slots, and the hooks."""
        return self.folder / "ui_scripts"

    @property
    def scripts(self) -> Path:
        """The folder of Lua files that Ardour's Script Manager lists."""
        return self.folder / "scripts"

    @property
    def config(self) -> Path:
        """The file of global settings."""
        return self.folder / "config"


@dataclass(frozen=True, slots=True, kw_only=True)
class OscSetting:
    """What the global settings say of OSC; a session has its own switch, which wins."""

    switched_on: bool
    port: int = OSC_PORT


def places(config_home: Path | None) -> tuple[Place, ...]:
    """Return the settings that are there, oldest version first."""
    return tuple(sorted(_found(config_home), key=lambda place: place.version))


def _found(config_home: Path | None) -> Iterator[Place]:
    if config_home is None or not config_home.is_dir():
        return
    for folder in config_home.iterdir():
        match = _FOLDER.fullmatch(folder.name)
        if match and int(match[1]) in VERSIONS and folder.is_dir():
            yield Place(version=int(match[1]), folder=folder)


def osc_setting(place: Place) -> OscSetting:
    """Return what the settings say; where they cannot be read, Ardour's defaults."""
    try:
        root = ET.fromstring(place.config.read_bytes())  # noqa: S314  # the user's own settings
    except (OSError, ET.ParseError):
        return OscSetting(switched_on=False)
    port = root.find("./Config/Option[@name='osc-port']")
    text = port.get("value", "") if port is not None else ""
    node = root.find(f"./ControlProtocols/Protocol[@name='{PROTOCOL}']")
    return OscSetting(
        switched_on=node is not None and node.get("active") in {"1", "yes", "true"},
        port=int(text) if text.isdigit() and 0 < int(text) < 2**16 else OSC_PORT,
    )


def with_osc(config: bytes | None, *, name: str) -> bytes:
    """Return the settings file with OSC switched on and every other byte as it was; `DeliveryError` (AMA-706) where it is not understood."""
    if config is None:
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<Ardour>\n  <ControlProtocols>\n    '
        return f"{head}{_NODE}\n  </ControlProtocols>\n</Ardour>\n".encode()
    before = _root(config, name)
    if _TAG.search(config):
        changed = _TAG.sub(_switched_on, config, count=1)
    elif b"<ControlProtocols>" in config:
        inside = f"<ControlProtocols>\n    {_NODE}".encode()
        changed = config.replace(b"<ControlProtocols>", inside, 1)
    else:
        whole = f"  <ControlProtocols>\n    {_NODE}\n  </ControlProtocols>\n</Ardour>".encode()
        bare = re.sub(rb"[ \t]*<ControlProtocols\s*/>\n?", b"", config, count=1)
        changed = whole.join(bare.rsplit(b"</Ardour>", 1))
    node = _root(changed, name).find(f"./ControlProtocols/Protocol[@name='{PROTOCOL}']")
    if node is None or node.get("active") != "1" or len(_root(changed, name)) < len(before):
        raise _not_understood(name)
    return changed


def _switched_on(match: re.Match[bytes]) -> bytes:
    tag = re.sub(rb'\sactive="[^"]*"', b"", match[0])
    if not re.search(rb'\sconfig="', tag):
        tag = tag.replace(b'(OSC)"', b'(OSC)" config=""', 1)
    return tag.replace(b'(OSC)"', b'(OSC)" active="1"', 1)


def _root(config: bytes, name: str) -> ET.Element:
    try:
        root = ET.fromstring(config)  # noqa: S314  # the user's own settings
    except ET.ParseError as error:
        raise _not_understood(name) from error
    if root.tag != "Ardour":
        raise _not_understood(name)
    return root


def _not_understood(name: str) -> DeliveryError:
    message = f"{name} is not as AMA knows Ardour's settings; it is left as it is."
    hint = "Switch OSC on in Ardour: Edit > Preferences > Control Surfaces."
    return DeliveryError(message, hint=hint, code="AMA-706")
