"""What became of sessions, and who keeps count of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from ama_analysis.errors import AmaError
from ama_bridge.batch.job import Job

State: TypeAlias = Literal["done", "kept", "failed", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """A render's loudness and true peak; None for silence."""

    integrated_lufs: float | None
    true_peak_dbtp: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a plan brings: its distance to the target before and after, in total and by part, and the levels of the renders, where there are any."""

    engine: str
    target: str
    tracks: int
    duration_s: float
    suggestions: int
    distance_before: float
    distance_after: float
    parts: Mapping[str, tuple[float, float]]
    before: Levels | None
    after: Levels | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One session's end: "done", "kept" (as it was made before), "failed" with the sentence that says why, or "stopped" before it was done.

    `files` are below `out`.
    """

    session: str
    folder: Path
    out: Path
    state: State
    error: str = ""
    code: str = ""
    figures: Figures | None = None
    warnings: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


def failed(job: Job, error: AmaError) -> Outcome:
    """Return the outcome of a job that met an error."""
    return Outcome(
        session=job.name,
        folder=job.folder,
        out=job.out,
        state="failed",
        error=error.sentence(),
        code=error.code,
    )


class Tally:
    """Keeps count of outcomes as they come, from any thread; `heard` is told of each, with how many there are."""

    def __init__(self, jobs: Sequence[Job], heard: Callable[[Outcome, int], None]) -> None:
        """Begin with nothing done."""
        self._jobs = tuple(jobs)
        self._heard = heard
        self._outcomes: dict[Path, Outcome] = {}
        self._lock = threading.Lock()

    def add(self, outcome: Outcome) -> None:
        """Take what became of a session."""
        with self._lock:
            self._outcomes[outcome.out] = outcome
            self._heard(outcome, len(self._outcomes))

    def outcomes(self) -> tuple[Outcome, ...]:
        """Return the outcomes in the jobs' order; who has none yet was stopped."""
        with self._lock:
            return tuple(self._outcomes.get(job.out) or _stopped(job) for job in self._jobs)


def _stopped(job: Job) -> Outcome:
    return Outcome(session=job.name, folder=job.folder, out=job.out, state="stopped")
