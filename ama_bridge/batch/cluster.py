"""Sessions on a Dask cluster that is there already: one at a time on each worker, in a process of its own.

Folders are named, not sent: every worker must see them under the same names, and must have the same AMA. The only place that imports Dask.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from ama_analysis.crew import Crew
from ama_analysis.errors import AmaError, CancelledError, DeliveryError, OptionError, WorkError
from ama_analysis.models.extra import required
from ama_analysis.progress import OnProgress
from ama_bridge.batch.job import Job, code
from ama_bridge.batch.local import PATIENCE_S, apart
from ama_bridge.batch.outcome import Outcome, Tally, failed
from ama_bridge.batch.session_work import RESULT

CONNECT_S: Final = 5.0
"""A scheduler that does not answer sooner counts as none."""
LOST_S: Final = 60.0
"""So long are workers waited for when all of them have gone: some clusters start them anew."""
_LOOK_EVERY_S: Final = 0.2
_ASK_EVERY_S: Final = 1.0
"""So often does a worker ask whether the batch was stopped."""


def on_cluster(jobs: Sequence[Job], tally: Tally, *, address: str, on_progress: OnProgress) -> None:
    """Do the jobs on the workers of the scheduler at an address; `OptionError` (AMA-501) where it or one of them cannot be used.

    Sessions that are at work when this is stopped are called off.
    """
    required("distributed", extra="batch")
    import distributed

    for name in ("distributed", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong is told here
    _check_answers(address)
    with distributed.Client(address, timeout=CONNECT_S) as client:
        _check_workers(client, address)
        stop = distributed.Event(f"ama-batch-{secrets.token_hex(8)}", client=client)
        shift = _Shift(client, stop, jobs, tally, on_progress)
        try:
            shift.work()
        except BaseException:
            shift.call_off()
            raise


def _check_answers(address: str) -> None:
    """Refuse an address at which no scheduler answers; a client would not say so for a quarter of a minute."""
    from distributed.core import rpc
    from distributed.security import Security

    async def kind() -> object:
        known = Security().get_connection_args("client")
        async with rpc(address, timeout=CONNECT_S, connection_args=known) as server:
            return (await server.identity())["type"]

    try:
        if asyncio.run(asyncio.wait_for(kind(), CONNECT_S)) == "Scheduler":
            return
    except (OSError, ValueError, TypeError, RuntimeError):
        pass  # nothing that Dask can speak to
    message = f"No Dask scheduler answers at {address}."
    hint = "Start one with `dask scheduler`, and name the address that it says."
    raise OptionError(message, hint=hint)


def _check_workers(client: Any, address: str) -> None:  # noqa: ANN401  # Dask has no types
    """Refuse a cluster without workers, or with one that would not give the same plans."""
    told: Mapping[str, Any] = client.run(code, on_error="return")
    if not told:
        message = f"The Dask scheduler at {address} has no workers."
        raise OptionError(message, hint=f"Start some: dask worker {address}")
    for worker, version in told.items():
        if version != code():
            has = version if isinstance(version, str) else "not this AMA"
            message = f"The worker {worker} has {has}, here it is {code()}."
            hint = "Install the same version of AMA and of its libraries on both."
            raise OptionError(message, hint=hint)


class _Shift:
    """Jobs on their way through the workers that there are, whoever comes and goes meanwhile."""

    def __init__(
        self,
        client: Any,  # noqa: ANN401  # Dask has no types
        stop: Any,  # noqa: ANN401
        jobs: Sequence[Job],
        tally: Tally,
        on_progress: OnProgress,
    ) -> None:
        self._client, self._stop, self._tally = client, stop, tally
        self._on_progress = on_progress
        self._total = len(jobs)
        self._waiting = deque(jobs)
        self._busy: dict[Any, tuple[str, Job]] = {}
        self._seen_s = time.monotonic()

    def work(self) -> None:
        while self._waiting or self._busy:
            try:
                workers = list(self._client.scheduler_info()["workers"])
            except OSError:
                workers = []
            if workers:
                self._seen_s = time.monotonic()
            elif time.monotonic() > self._seen_s + LOST_S:
                self._give_up()
                return
            self._hand_out(workers)
            self._take_in()

    def call_off(self) -> None:
        """Tell the workers to stop, and wait until they have."""
        from distributed import wait

        with suppress(Exception):  # a scheduler that has gone cannot be told
            self._stop.set()
            wait(list(self._busy), timeout=PATIENCE_S + _ASK_EVERY_S)

    def _hand_out(self, workers: Sequence[str]) -> None:
        """Give each worker that has nothing to do a session, which another may take over where that one goes."""
        used = {worker for worker, _ in self._busy.values()}
        for worker in workers:
            if worker in used or not self._waiting:
                continue
            job = self._waiting.popleft()
            future = self._client.submit(
                at_work,
                job,
                self._stop.name,
                workers=[worker],
                allow_other_workers=True,
                pure=False,
                key=f"{self._stop.name}-{job.name}",
            )
            self._busy[future] = (worker, job)

    def _take_in(self) -> None:
        from distributed import wait

        if self._busy:
            with suppress(asyncio.TimeoutError, TimeoutError):
                wait(list(self._busy), timeout=_LOOK_EVERY_S, return_when="FIRST_COMPLETED")
        for future in [one for one in self._busy if one.done()]:
            worker, job = self._busy.pop(future)
            self._tally.add(_outcome(future, worker, job))
        over = self._total - len(self._waiting) - len(self._busy)
        now = ", ".join(job.name for _, job in self._busy.values())
        stage = f"{over} of {self._total} sessions done; {now or 'waiting for workers'}"
        self._on_progress(over / self._total, stage)

    def _give_up(self) -> None:
        message = f"No worker of the cluster has answered for {LOST_S:.0f} s."
        error = WorkError(message, hint="Start workers and run this again: what is done stays.")
        for job in (*(job for _, job in self._busy.values()), *self._waiting):
            self._tally.add(failed(job, error))


def _outcome(future: Any, worker: str, job: Job) -> Outcome:  # noqa: ANN401  # Dask has no types
    """Return what a worker made of a session; where it went wrong, the sentence names the worker."""
    error: AmaError
    if future.status == "finished":
        outcome: Outcome = future.result()
        if outcome.state == "failed":
            return replace(outcome, error=f"{outcome.error} (Worker {worker}.)")
        if (outcome.out / RESULT).is_file():
            return outcome
        error = DeliveryError(
            f"What the worker {worker} wrote to {outcome.out} cannot be seen here.",
            hint="Choose a folder that all machines share.",
        )
    else:
        error = WorkError(
            f"The worker {worker} ended before the session was done.",
            hint="Perhaps its memory ran out.",
        )
    return failed(job, error)


def at_work(job: Job, stop_name: str) -> Outcome:
    """Do a job on a worker, in a process of its own, until it is done or the batch is stopped."""
    from distributed import Event

    stop, asked_s = Event(stop_name), time.monotonic()

    def on_progress(_fraction: float, _stage: str) -> None:
        nonlocal asked_s
        if time.monotonic() < asked_s + _ASK_EVERY_S:
            return
        asked_s = time.monotonic()
        if stop.is_set():
            message = f"The work on session {job.name!r} was stopped."
            raise CancelledError(message)

    with Crew(1, patience_s=PATIENCE_S) as crew:
        return apart(crew, job, on_progress)
