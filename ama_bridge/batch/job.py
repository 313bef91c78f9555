"""What is wanted of all sessions, and one session's share of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ama_analysis.cache import code_version
from ama_analysis.preferences import Preferences
from ama_bridge.daw.port import Daw
from ama_bridge.separating import Separating
from ama_bridge.version import version


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is wanted of every session; references as `parse_reference` reads them, all paths full ones.

    `daw` writes the settings as files. `locked` counts in the sessions that have such a track. With `caching` each machine uses a cache of its own.
    """

    references: tuple[str, ...]
    engine: str
    target: str | None
    locked: tuple[str, ...]
    separating: Separating
    preferences: Preferences
    gain_weights: Path | None
    caching: bool
    rendering: bool
    loudness_match: bool
    daw: Daw


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One session: its folder and the folder for what becomes of it. `code` is that of whoever asks, `fresh` makes anew what is there."""

    folder: Path
    out: Path
    wanted: Wanted
    code: str
    fresh: bool

    @property
    def name(self) -> str:
        """The session's name, which is that of its folder."""
        return self.out.name


def code() -> str:
    """Return what tells versions apart that may give other plans: AMA's, its source, the libraries below it and the kind of processor."""
    return f"{version()} ({code_version()[:8]})"
