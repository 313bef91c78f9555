"""Envelopes of tracks and takes: whether they move anything, and a take's volume as a curve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ama_bridge.daw.reaper.project.rpp import Chunk

_SAME: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An envelope that is on: its points (s, value). `straight` says that straight lines lie between them; `neutral` is the value that changes nothing."""

    points: tuple[tuple[float, float], ...]
    straight: bool
    neutral: float

    @property
    def moves(self) -> bool:
        """Whether it changes anything at all."""
        return any(abs(value - self.neutral) > _SAME for _, value in self.points)


def envelope_of(chunk: Chunk, *, neutral: float) -> Envelope | None:
    """Return an envelope, None where it is switched off or has no points."""
    if not chunk.whole("ACT", 1, 1):
        return None
    points = [line for line in chunk.lines() if line.key == "PT"]
    if not points:
        return None
    envelope = Envelope(
        points=tuple((line.number(1, 0.0), line.number(2, neutral)) for line in points),
        straight=not any(line.whole(3) for line in points[:-1]) and not chunk.whole("VOLTYPE", 1),
        neutral=neutral,
    )
    return envelope if envelope.moves else None
