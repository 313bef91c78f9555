"""Checks of what clients send: names, files, sizes. Each refusal is one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from ama_analysis.errors import AudioFileError, OptionError
from ama_analysis.rates import MAX_RATE_HZ, MIN_RATE_HZ

MAX_TRACKS: Final = 1000
MAX_NAME_BYTES: Final = 200
"""Ids and names travel in every suggestion, and a datagram stays below 1024 bytes."""
RENDER_SUFFIXES: Final = (".wav", ".flac", ".aiff", ".aif", ".ogg")


def check_session(name: str, *, sample_rate_hz: float, track_count: int) -> None:
    """Refuse a session that cannot be begun."""
    check_name("session", name)
    if not 1 <= track_count <= MAX_TRACKS:
        message = f"A session of {track_count} tracks cannot be begun."
        raise OptionError(message, hint=f"Send 1 to {MAX_TRACKS}.")
    if not MIN_RATE_HZ <= sample_rate_hz <= MAX_RATE_HZ:
        message = f"The sample rate is {sample_rate_hz:g} Hz."
        raise OptionError(message, hint=f"It goes from {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz.")


def check_name(what: str, name: str) -> None:
    """Refuse a name that is empty, too long or not printable."""
    size = len(name.encode("utf-8", "replace"))
    if not name.strip() or not name.isprintable() or size > MAX_NAME_BYTES:
        shown = name if len(name) <= 40 else f"{name[:40]}..."
        message = f"{shown!r} cannot be a {what}."
        hint = f"It must be printable text of 1 to {MAX_NAME_BYTES} bytes."
        raise OptionError(message, hint=hint)


def check_file(path: Path, *, or_folder: bool = False) -> None:
    """Refuse a path that is not a full path of a sound file, or a folder of stems, that is there."""
    _check_there(path, path.is_file, *((path.is_dir,) if or_folder else ()), what="sound file")


def check_path(path: Path) -> None:
    """Refuse a path that is not a full path of a folder or a file that is there."""
    _check_there(path, path.exists, what="folder")


def check_folder(path: Path) -> None:
    """Refuse a path that is not a full path of a folder that is there."""
    _check_there(path, path.is_dir, what="folder")


def _check_there(path: Path, *looks: Callable[[], bool], what: str) -> None:
    try:
        found = any(look() for look in looks)
    except (OSError, ValueError):
        found = False
    if not found:
        message = f"{path} is not there."
        hint = f"Send the full path of a {what} on this machine."
        raise AudioFileError(message, hint=hint, code="AMA-101")
    if not path.is_absolute():
        message = f"{path} is not a full path."
        raise AudioFileError(message, hint="Send it from the root on.", code="AMA-101")


def check_render_name(name: str) -> None:
    """Refuse what is not the plain name of a sound file that AMA writes."""
    plain = name not in {"", ".", ".."} and not name.startswith(".")
    if not plain or any(c in name for c in '/\\:*?"<>|') or not name.isprintable():
        message = f"{name!r} is not a plain file name."
        hint = "Renders go into the state folder's renders/; name a file without a folder."
        raise OptionError(message, hint=hint)
    check_name("file name", name)
    if Path(name).suffix.lower() not in RENDER_SUFFIXES:
        message = f"{name!r} has an ending that AMA does not write."
        raise OptionError(message, hint=f"Choose one of {', '.join(RENDER_SUFFIXES)}.")
