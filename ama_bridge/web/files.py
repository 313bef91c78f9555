"""The file chooser: what lies in a folder of this machine, as far as AMA can open it. Reads names and sizes, never contents."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from ama_analysis.errors import AudioFileError
from ama_bridge.service.opening import held, is_sound, project_kind
from ama_bridge.web.documents import Document

MOST_ENTRIES: Final = 5000
"""What is beyond it in one folder is not listed."""
MOST_LOOKED_INTO: Final = 300
"""So many folders are looked into for what they hold; of further ones it is not told."""
MOST_NAMES: Final = 400
"""How many names are read of each of these."""


def listing(named: str) -> Document:
    """Return what lies in a folder, "" for the user's own, or in the folder of a file, which is then told; `AudioFileError` (AMA-101) where it cannot be read."""
    path = _meant(named) if named else Path.home()
    if not path.is_absolute():
        message = f"{named} is not a full path."
        raise AudioFileError(message, hint="Name a folder from the root on.", code="AMA-101")
    file = str(path) if os.path.isfile(path) else None  # noqa: PTH113  # takes any text
    path = path.parent if file else path
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
        "file": file,
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


def _meant(text: str) -> Path:
    """Return the path that a text means as people copy one: as it is, in quotes, as a file's address, or with a shell's backslashes and $HOME."""
    plain = _normal(text)
    if os.path.exists(plain):  # noqa: PTH110  # takes any text
        return plain
    bare = text.strip()
    if bare[:1] == bare[-1:] and bare[:1] in {"'", '"'}:
        bare = bare[1:-1]
    if bare.startswith("file:///"):
        bare = unquote(bare.removeprefix("file://"))
    if bare == "$HOME" or bare.startswith("$HOME/"):
        bare = "~" + bare.removeprefix("$HOME")
    unescaped = _normal(re.sub(r"\\(.)", r"\1", bare))
    return unescaped if os.path.exists(unescaped) else _normal(bare)  # noqa: PTH110  # the same


def _normal(text: str) -> Path:
    return Path(os.path.normpath(os.path.expanduser(text)))  # noqa: PTH111  # it leaves unknown users alone


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
