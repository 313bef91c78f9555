"""Whether a REAPER runs, as far as the system tells: Linux lists every process with its program."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
_PROGRAM: Final = "reaper"


def reaper_runs(proc: Path = PROC, *, platform: str = sys.platform) -> bool | None:
    """Return whether this user runs a REAPER; None where the system does not tell."""
    if not platform.startswith("linux") or not (proc / "self").exists():
        return None
    return any(_program(folder) == _PROGRAM for folder in proc.iterdir() if folder.name.isdigit())


def _program(process: Path) -> str:
    try:
        name = (process / "exe").readlink().name
    except OSError:  # it ended meanwhile, or is another user's
        return ""
    return name.removesuffix(" (deleted)").lower()
