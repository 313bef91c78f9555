"""Sessions in processes of this machine: one that dies takes its session with it, and no other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from ama_analysis.crew import Crew, can_start
from ama_analysis.errors import CancelledError, WorkError
from ama_analysis.parallel import in_threads
from ama_analysis.progress import OnProgress
from ama_bridge.batch.job import Job
from ama_bridge.batch.outcome import Outcome, Tally, failed
from ama_bridge.batch.session_work import done

PATIENCE_S: Final = 10.0
"""So long may a process that is stopped take to put away what it has begun."""


def on_this_machine(
    jobs: Sequence[Job], tally: Tally, *, processes: int, on_progress: OnProgress
) -> None:
    """Do the jobs in so many processes at a time."""
    count = min(processes, len(jobs))

    def stage(shares: Sequence[float]) -> str:
        over = sum(share >= 1.0 for share in shares)
        now = [job.name for job, share in zip(jobs, shares, strict=True) if 0.0 < share < 1.0]
        return f"{over} of {len(jobs)} sessions done; {', '.join(now)}".rstrip("; ")

    with Crew(count if can_start() else 0, patience_s=PATIENCE_S) as crew:

        def one(job: Job, tick: OnProgress) -> None:
            tally.add(apart(crew, job, tick) if can_start() else done(job, tick))

        in_threads(jobs, one, stage=stage, on_progress=on_progress, threads=count)


def apart(crew: Crew, job: Job, on_progress: OnProgress) -> Outcome:
    """Do a job in one of the crew's processes."""
    try:
        return crew.do(partial(done, job), on_progress)
    except CancelledError:
        raise
    except WorkError as error:  # `done` raises none: its process has ended
        return failed(job, error)
