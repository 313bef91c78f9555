"""Presets for Ardour's preset menus: LV2 bundles of a-EQ, a-Compressor and a-Expander settings.

A bundle is a folder NAME.lv2 with a manifest, which says which preset is for which plugin, and one Turtle file a preset (LV2's presets
extension, lv2plug.in/ns/ext/presets). Hosts look for them in `~/.lv2`. AMA's bundles have a name of their own (the name of what they were made of and
a checksum of it), begin with a line that says who wrote them, and only such a bundle is written over. What a plugin does not take from a preset
(its switch, its meters) is left out.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.errors import DeliveryError, OptionError
from ama_bridge.atomic import write_atomically
from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.request import Setting

_MARK: Final = (
    "# Written by AMA (ama presets export). Remove this folder to take the presets back.\n"
)
_MANIFEST: Final = "manifest.ttl"
_PREFIXES: Final = (
    "@prefix lv2: <http://lv2plug.in/ns/lv2core#> .\n"
    "@prefix pset: <http://lv2plug.in/ns/ext/presets#> .\n"
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
)
_NOT_IN_PRESETS: Final = frozenset({"enable"})
"""The host's own switch."""
_NAME_CHARS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Lv2Preset:
    """All settings of one plugin under a label; `values` are by port symbol."""

    label: str
    uri: str
    values: tuple[tuple[str, float], ...]

    def turtle(self) -> str:
        """Return the preset's own file."""
        ports = " ,\n".join(
            f'    [ lv2:symbol "{symbol}" ; pset:value {value:.9g} ]'
            for symbol, value in self.values
        )
        head = f"<> a pset:Preset ;\n  lv2:appliesTo <{self.uri}> ;\n  rdfs:label {_literal(self.label)} ;\n"
        return f"{_MARK}{_PREFIXES}\n{head}  lv2:port\n{ports} .\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A folder of presets, as it will be written: `files` by name."""

    folder_name: str
    files: dict[str, bytes]
    presets: tuple[Lv2Preset, ...]


def preset_of(label: str, uri: str, settings: Sequence[Setting]) -> Lv2Preset:
    """Return the preset that puts a plugin of `ace` into a state: its defaults, then the settings in their order."""
    values = {which: port.default for which, port in enumerate(ace.PORTS[uri]) if _in_preset(port)}
    for one in settings:
        if one.which in values:
            values[one.which] = ace.in_range(uri, one.which, one.value)
    symbols = ((ace.PORTS[uri][which].symbol, value) for which, value in values.items())
    return Lv2Preset(label=_one_line(label), uri=uri, values=tuple(symbols))


def _in_preset(port: ace.Port) -> bool:
    return not port.output and port.symbol not in _NOT_IN_PRESETS


def bundle_of(name: str, presets: Sequence[Lv2Preset]) -> Bundle:
    """Return the bundle of presets that were made of what has this name (a session, a chain)."""
    files: dict[str, bytes] = {}
    entries = []
    for at, preset in enumerate(presets, start=1):
        file = f"{at:02d}-{_file_safe(preset.label)}.ttl"
        files[file] = preset.turtle().encode()
        entries.append(
            f"<{file}> a pset:Preset ;\n  lv2:appliesTo <{preset.uri}> ;\n  rdfs:seeAlso <{file}> .\n"
        )
    files[_MANIFEST] = "\n".join([_MARK + _PREFIXES, *entries]).encode()
    checksum = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return Bundle(
        folder_name=f"AMA-{_file_safe(name)}-{checksum}.lv2", files=files, presets=tuple(presets)
    )


def write_bundle(bundle: Bundle, folder: Path) -> Path:
    """Write a bundle into a folder of bundles and return where it lies; an older one of AMA's under that name makes room.

    `DeliveryError` (AMA-701) where it cannot be written, or where what has its name is not AMA's.
    """
    there = folder / bundle.folder_name
    for stale in _own_files(there) - set(bundle.files):
        (there / stale).unlink(missing_ok=True)
    for name, data in sorted(bundle.files.items(), key=lambda item: item[0] == _MANIFEST):
        write_atomically(there / name, data)
    return there


def _own_files(there: Path) -> set[str]:
    """Return the names of the files of AMA's that lie in a bundle already."""
    if not there.exists():
        return set()
    try:
        found = {path.name: path.read_bytes() for path in there.glob("*.ttl")}
    except OSError as error:
        message = f"{there} cannot be read ({error.strerror})."
        raise DeliveryError(message, hint="Check the folder.") from error
    if not there.is_dir() or not found.get(_MANIFEST, _MARK.encode()).startswith(_MARK.encode()):
        message = f"{there} is there and not AMA's."
        raise DeliveryError(message, hint="Name another folder with --out.")
    return {name for name, data in found.items() if data.startswith(_MARK.encode())}


def user_bundles() -> Path:
    """Return the folder in which LV2 hosts look for the user's own bundles; `OptionError` where nobody knows the user's home."""
    try:
        home = Path.home()
    except RuntimeError as error:
        message = "Nothing says where your home folder is."
        raise OptionError(message, hint="Set HOME, or name a folder with --out.") from error
    return home / "AppData" / "Roaming" / "LV2" if sys.platform == "win32" else home / ".lv2"


def _file_safe(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text)[:_NAME_CHARS].strip("-") or "preset"


def _one_line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", text).split())


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
