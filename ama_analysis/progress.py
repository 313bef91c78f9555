"""How long work tells where it is, and how it is stopped.

A function that takes a while accepts `on_progress`, a callable that takes a fraction 0..1 and a stage in words. It is called often
(at least once a block of audio). To cancel, the callable raises `errors.CancelledError`; the work lets it through.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

OnProgress: TypeAlias = Callable[[float, str], None]


def silent(fraction: float, stage: str) -> None:
    """Take progress and do nothing with it."""


def part_of(on_progress: OnProgress, start: float, stop: float) -> OnProgress:
    """Return a callable whose 0..1 fills `start`..`stop` of the whole."""

    def scaled(fraction: float, stage: str) -> None:
        on_progress(start + (stop - start) * min(max(fraction, 0.0), 1.0), stage)

    return scaled
