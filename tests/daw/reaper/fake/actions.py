"""The actions list: scripts by path, each with a number of this start and a name for good."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

FIRST_COMMAND = 53_000


@dataclass
class Actions:
    """`names` have no underscore in front, as ReverseNamedCommandLookup gives them; the actions list and OSC show one."""

    paths: dict[int, Path] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    toggles: dict[int, int] = field(default_factory=dict)

    def register(self, path: str | Path) -> int:
        """Return a script's number; it is added where it is not known yet."""
        place = Path(path)
        for command, known in self.paths.items():
            if known == place:
                return command
        command = FIRST_COMMAND + len(self.names)
        self.paths[command] = place
        self.names[command] = (
            "RS" + hashlib.sha1(str(place).encode(), usedforsecurity=False).hexdigest()
        )
        return command

    def remove(self, path: str | Path) -> int:
        command = next((each for each, known in self.paths.items() if known == Path(path)), 0)
        self.paths.pop(command, None)
        return command

    def lookup(self, name: str) -> int:
        """Return the number of `_RS...`; 0 for one that is not there."""
        return next(
            (
                each
                for each, known in self.names.items()
                if f"_{known}" == name and each in self.paths
            ),
            0,
        )
