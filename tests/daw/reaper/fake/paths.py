r"""Paths as the system writes them that REAPER is said to run on: on Windows `C:\...` stands for the real root, with either slash."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Paths:
    """Turns real paths into what a script sees, and back."""

    windows: bool

    @property
    def separator(self) -> str:
        return "\\" if self.windows else "/"

    def outward(self, path: Path | str) -> str:
        text = str(path)
        return "C:" + text.replace("/", "\\") if self.windows and text.startswith("/") else text

    def inward(self, text: str) -> str:
        if not self.windows:
            return text
        return text.removeprefix("C:").replace("\\", "/")
