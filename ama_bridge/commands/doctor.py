"""`ama doctor`: whether this machine has what AMA needs. Looks, and changes nothing."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires
from importlib.metadata import version as installed
from pathlib import Path
from typing import Final, Literal, TypeAlias

from ama_analysis.data import data_folder
from ama_analysis.errors import WeightsError
from ama_analysis.models.umx_weights import weights_in
from ama_bridge.bootstrap import ardour_lines, reaper_lines
from ama_bridge.cache_folder import CacheFolder
from ama_bridge.config import HOST, OFF, Settings
from ama_bridge.service.housekeeping import kept
from ama_bridge.version import version

Verdict: TypeAlias = Literal["OK", "note", "PROBLEM"]
_EXTRAS: Final = {"torch": "ml", "openunmix": "separation"}
_NEEDED_FORMATS: Final = ("WAV", "AIFF", "FLAC", "OGG", "MP3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing looked at."""

    verdict: Verdict
    what: str
    detail: str


def findings(settings: Settings) -> Iterator[Finding]:
    """Yield what is there and what is missing."""
    yield Finding(
        verdict="OK", what="AMA", detail=f"{version()}, Python {platform.python_version()}"
    )
    yield _libraries()
    yield _formats()
    yield _data()
    yield _state(settings)
    yield _kept(settings)
    yield _cache(settings)
    yield _port("OSC port", "UDP", socket.SOCK_DGRAM, settings.osc_port)
    yield _port("page", "TCP", socket.SOCK_STREAM, settings.http_port)
    yield from _ardour(settings)
    yield from _reaper(settings)
    for module, extra in _EXTRAS.items():
        there = importlib.util.find_spec(module) is not None
        detail = (
            "installed" if there else f"not installed; pip install 'ama-bridge[{extra}]' adds it"
        )
        yield Finding(verdict="OK" if there else "note", what=f"extra {extra}", detail=detail)
    yield _weights(settings.weights_dir)


def _libraries() -> Finding:
    found, missing = [], []
    for name in _required():
        try:
            found.append(f"{name} {installed(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        detail = f"missing: {', '.join(missing)}; install AMA again"
        return Finding(verdict="PROBLEM", what="libraries", detail=detail)
    return Finding(verdict="OK", what="libraries", detail=", ".join(found))


def _required() -> list[str]:
    """Return what AMA's own metadata asks for, extras aside."""
    lines = [line for line in _metadata() if "extra ==" not in line]
    return [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in lines]


def _metadata() -> list[str]:
    try:
        return requires("ama-bridge") or []
    except PackageNotFoundError:
        return []


def _formats() -> Finding:
    try:
        import soundfile
    except (ImportError, OSError) as error:
        return Finding(verdict="PROBLEM", what="formats", detail=f"soundfile: {error}")
    formats = soundfile.available_formats()
    missing = [name for name in _NEEDED_FORMATS if name not in formats]
    if missing:
        detail = f"libsndfile {soundfile.__libsndfile_version__} lacks {', '.join(missing)}"
        return Finding(verdict="PROBLEM", what="formats", detail=detail)
    detail = f"{', '.join(_NEEDED_FORMATS)} by libsndfile {soundfile.__libsndfile_version__}"
    more = importlib.util.find_spec("av") is not None
    return Finding(verdict="OK", what="formats", detail=detail + (", AAC by PyAV" if more else ""))


def _data() -> Finding:
    counts = [
        f"{len(list((data_folder('presets') / folder).glob(pattern)))} {folder}"
        for folder, pattern in (("targets", "*.toml"), ("chains", "*.json"))
    ]
    example = (data_folder("examples") / "session.json").is_file()
    whole = example and not any(count.startswith("0 ") for count in counts)
    detail = f"{', '.join(counts)}, example {'there' if example else 'missing'}"
    return Finding(verdict="OK" if whole else "PROBLEM", what="presets", detail=detail)


def _state(settings: Settings) -> Finding:
    folder = settings.state_dir
    if not _writable(folder):
        detail = f"{folder} is not writable; name another with AMA_STATE"
        return Finding(verdict="PROBLEM", what="state folder", detail=detail)
    detail = f"{folder} is writable" if folder.exists() else f"{folder} can be made"
    return Finding(verdict="OK", what="state folder", detail=detail)


def _kept(settings: Settings) -> Finding:
    """Tell how much lies in the state folder, kind by kind."""
    held = [
        f"{one.kind} {one.count} ({one.size_bytes / 2**20:.1f} MiB)"
        for one in kept(settings.state_dir)
    ]
    return Finding(verdict="OK", what="kept", detail=", ".join(held) or "nothing yet")


def _writable(folder: Path) -> bool:
    there = next(f for f in (folder, *folder.absolute().parents) if f.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _cache(settings: Settings) -> Finding:
    folder = settings.cache_dir
    if folder is None:
        return Finding(verdict="OK", what="cache", detail=f"{OFF}: nothing is kept")
    if not _writable(folder):
        detail = f"{folder} is not writable, so nothing is kept; name another with AMA_CACHE"
        return Finding(verdict="note", what="cache", detail=detail)
    held = CacheFolder(folder, limit_bytes=0).held()
    detail = f"{folder} holds {held.entries} entries, {held.size_bytes / 2**20:.1f} of at most {settings.cache_mib} MiB"
    return Finding(verdict="OK", what="cache", detail=detail)


def _ardour(settings: Settings) -> Iterator[Finding]:
    lines = ardour_lines(settings)
    for line in lines:
        verdict: Verdict = "note" if "`ama install ardour`" in line else "OK"
        yield Finding(verdict=verdict, what="Ardour", detail=line)
    if not lines:
        yield Finding(verdict="note", what="Ardour", detail=_no_settings(settings.config_home))


def _reaper(settings: Settings) -> Iterator[Finding]:
    lines = reaper_lines(settings)
    for line in lines:
        verdict: Verdict = "note" if "`ama install reaper" in line else "OK"
        yield Finding(verdict=verdict, what="REAPER", detail=line)
    if not lines:
        yield Finding(verdict="note", what="REAPER", detail=_no_settings(settings.reaper_home))


def _no_settings(folder: Path | None) -> str:
    if folder is None:
        return "nothing says where its settings lie; set HOME"
    return f"no settings in {folder}"


def _weights(folder: Path) -> Finding:
    try:
        found = weights_in(folder)
    except WeightsError as error:
        return Finding(verdict="note", what="weights", detail=error.sentence())
    detail = f"{', '.join(found.targets)} in {folder}"
    return Finding(verdict="OK", what="weights", detail=detail)


def _port(what: str, transport: str, kind: socket.SocketKind, port: int) -> Finding:
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            detail = f"{transport} {HOST}:{port} is taken; `ama status` tells whether by AMA"
            return Finding(verdict="note", what=what, detail=detail)
    return Finding(verdict="OK", what=what, detail=f"{transport} {HOST}:{port} is free")
