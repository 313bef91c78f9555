"""File names as libsndfile takes them."""

from __future__ import annotations

import os
from pathlib import Path


def file_name(path: Path) -> str | bytes:
    """Return a path as soundfile can open it: as bytes where names are bytes, since not every name is Unicode."""
    return os.fsencode(path) if os.name == "posix" else str(path)
