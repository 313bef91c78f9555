"""The file chooser: what lies in a folder of this machine, as far as AMA can open it. Reads names and sizes, never contents."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from ama_analysis.errors import AudioFileError
from ama_bridge.service.opening import held, is_sound, project_kind
from ama_bridge.web.documents import Document

MOST_ENTRIES: Final = 5000
"""What is beyond it in one folder is not listed."""
MOST_LOOKED_INTO: Final = 300
"""So many folders are looked into for what they hold; of further ones it is not told."""
MOST_NAMES: Final = 400
"""How many names are read of each of these."""


def listing(folder: str) -> Document:
    """Return what lies in a folder, "" for the user's own; `AudioFileError` (AMA-101) where it cannot be read."""
    path = Path(folder).expanduser() if folder else Path.home()
    if not path.is_absolute():
        message = f"{folder!r} is not a full path."
        raise AudioFileError(message, hint="Name a folder from the root on.", code="AMA-101")
    path = Path(os.path.normpath(path))
    try:
        entries = sorted(_shown(path, MOST_ENTRIES), key=lambda e: e.name.casefold())
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"The folder {path} cannot be read ({reason})."
        raise AudioFileError(message, hint="Choose another.", code="AMA-101") from error
    folders = [entry for entry in entries if _is_folder(entry)]
    files = [entry for entry in entries if not _is_folder(entry)]
    return {
        "folder": str(path),
        "parent": str(path.parent) if path.parent != path else None,
        "holds": held({entry.name for entry in entries}),
        "folders": [_folder(entry, at) for at, entry in enumerate(folders)],
        "projects": [
            {"name": e.name, "path": e.path, "holds": project_kind(e.name)}
            for e in files
            if project_kind(e.name)
        ],
        "sounds": [
            {"name": e.name, "path": e.path, "size_bytes": _size_bytes(e)}
            for e in files
            if is_sound(e.name)
        ],
    }


def _shown(path: str | Path, most: int) -> Iterator[os.DirEntry[str]]:
    with os.scandir(path) as found:
        yield from islice((entry for entry in found if not entry.name.startswith(".")), most)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _size_bytes(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_size
    except OSError:  # a link to nothing
        return 0


def _folder(entry: os.DirEntry[str], at: int) -> Document:
    holds = ""
    if at < MOST_LOOKED_INTO:
        try:
            holds = held({inner.name for inner in _shown(entry.path, MOST_NAMES)})
        except OSError:  # it is shown, and choosing it says why it cannot be read
            holds = ""
    return {"name": entry.name, "path": entry.path, "holds": holds}
