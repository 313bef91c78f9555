"""The time in the fake: it stands still until a test lets it go on, or is the real one."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Final

TICK_S: Final = 1 / 30
"""About how often REAPER runs deferred functions."""


@dataclass
class Clock:
    """Seconds since start (`time_precise`) and since 1970 (`os.time`)."""

    real: bool = False
    passed_s: float = 0.0
    began_s: float = field(default_factory=time.time)
    _began: float = field(default_factory=time.monotonic)

    def precise_s(self) -> float:
        return 1000.0 + (time.monotonic() - self._began if self.real else self.passed_s)

    def unix_s(self) -> float:
        return time.time() if self.real else self.began_s + self.passed_s

    def go_on(self, seconds: float) -> None:
        """Let a fake clock go on; the real one does by itself."""
        self.passed_s += seconds
