"""Work that takes a while: one thread, a queue before it, progress, cancelling, and an answer for every job.

Here every exception is caught: what the work did not foresee is logged with its traceback and answered as AMA-999, what its listener
did not foresee is logged, and the next job goes on.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, Literal, TypeAlias, TypeVar

from ama_analysis.codec import Json
from ama_analysis.errors import AmaError, CancelledError, OptionError, WorkError
from ama_analysis.progress import OnProgress, silent

T = TypeVar("T")
State: TypeAlias = Literal["queued", "running", "done", "failed", "cancelled"]
REMEMBERED: Final = 200
"""How many finished jobs `job` still knows."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work and how far it is; `daw` is the one that it is for, if any.

    `error` and `code` say why it failed or was cancelled, `result` what came of it, as a JSON document.
    """

    id: str
    kind: str
    subject: str
    daw: str = ""
    state: State = "queued"
    fraction: float = 0.0
    stage: str = "waiting"
    error: str = ""
    code: str = ""
    result: Json = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in {"done", "failed", "cancelled"}


def _ignore(job: Job) -> None:
    """Take a job and do nothing with it."""


def _untold(_: object) -> Json:
    """Tell nothing of a result."""
    return None


class UnknownJobError(OptionError):
    """There is no job of that id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener(Generic[T]):
    """Who hears of a job: `on_queued` first, then progress, then just one of `on_done` and `on_error`.

    `on_queued` runs on the thread that submits, the others on the worker, but for the error of a job that is cancelled before its turn:
    that runs on the thread that cancels. What goes wrong in `on_queued`, `on_done` or `on_error` is logged, and changes nothing about the job.
    """

    on_done: Callable[[T], None]
    on_error: Callable[[AmaError], None]
    on_progress: OnProgress = silent
    on_queued: Callable[[Job], None] = _ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    id: str
    work: Callable[[OnProgress], Any]
    listener: Listener[Any]
    told: Callable[[Any], Json]


class Jobs:
    """A worker thread with its queue; `submit`, `job` and `cancel` may be called from any thread."""

    def __init__(self, name: str, on_change: Callable[[Job], None] = _ignore) -> None:
        """Start the thread; `on_change` hears of every step of every job, in order and at once, on whichever thread makes it."""
        self._on_change = on_change
        self._changed = threading.Condition()
        self._waiting: deque[_Order] = deque()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._cancelled: set[str] = set()
        self._count = 0
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"ama-{name}", daemon=True)
        self._thread.start()

    def submit(
        self,
        kind: str,
        subject: str,
        work: Callable[[OnProgress], T],
        listener: Listener[T],
        *,
        daw: str = "",
        told: Callable[[T], Json] = _untold,
    ) -> Job:
        """Queue work and return its job; `told` makes of what the work returns what the job says of it. `CancelledError` where the service is stopping."""
        with self._changed:
            if self._closed:
                message = "The service is stopping."
                raise CancelledError(message, hint="Start it again with `ama serve`.")
            self._count += 1
            name = f"{daw}-{kind}" if daw else kind
            job = Job(id=f"{name}-{self._count}", kind=kind, subject=subject, daw=daw)
            self._jobs[job.id] = job
            self._on_change(job)
            self._forget_old()
            _tell(job.id, listener.on_queued, job)  # before the worker can begin
            self._waiting.append(_Order(id=job.id, work=work, listener=listener, told=told))
            self._changed.notify_all()
        return job

    def job(self, job_id: str) -> Job:
        """Return how a job stands; `UnknownJobError` where none has that id."""
        with self._changed:
            if job_id in self._jobs:
                return self._jobs[job_id]
        message = f"There is no job {job_id!r}."
        raise UnknownJobError(message, hint="The answer to suggest names its job.")

    def knows(self, job_id: str) -> bool:
        """Return whether a job of that id is, or was, in this lane."""
        with self._changed:
            return job_id in self._jobs

    def unfinished(self) -> list[Job]:
        """Return the running job and those that wait, in this order."""
        with self._changed:
            return [job for job in self._jobs.values() if not job.over]

    def remembered(self) -> list[Job]:
        """Return the finished jobs that are still known, then those that are not finished, each in the order in which they came."""
        with self._changed:
            return sorted(self._jobs.values(), key=lambda job: not job.over)

    def cancel(self, job_id: str) -> Job:
        """Stop a job at its next step, or at once where it has not begun; a job that is over stays as it is."""
        with self._changed:
            job = self.job(job_id)
            order = next((each for each in self._waiting if each.id == job_id), None)
            if order is not None:
                self._waiting.remove(order)
            elif not job.over:
                self._cancelled.add(job_id)
        if order is not None:
            self._end(order, "cancelled", _cancelled(job_id))
        return self.job(job_id)

    def close(self, timeout_s: float = 10.0) -> bool:
        """Cancel everything, take no more work, and wait for the thread; return whether it has ended."""
        with self._changed:
            self._closed = True
            self._cancelled.update(job.id for job in self._jobs.values() if not job.over)
            self._changed.notify_all()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                order = self._waiting.popleft()
            self._do(order)

    def _do(self, order: _Order) -> None:
        try:
            progress = self._progress_of(order)
            self._set(order.id, state="running", stage="starting")
            _log.info("job %s begins", order.id)
            progress(0.0, "starting")
            result = order.work(progress)
            told = order.told(result)
        except CancelledError as error:
            self._end(order, "cancelled", error)
        except AmaError as error:
            self._end(order, "failed", error)
        except Exception as error:  # noqa: BLE001  # the worker must live on
            _log.exception("job %s met an error that AMA did not foresee", order.id)
            unforeseen = WorkError(
                f"AMA met an error that it did not foresee ({type(error).__name__}: {error}).",
                hint="The log in the state folder has the details.",
            )
            self._end(order, "failed", unforeseen)
        else:
            self._set(order.id, state="done", fraction=1.0, stage="done", result=told)
            _log.info("job %s is done", order.id)
            _tell(order.id, order.listener.on_done, result)

    def _progress_of(self, order: _Order) -> OnProgress:
        def on_progress(fraction: float, stage: str) -> None:
            if order.id in self._cancelled:
                raise _cancelled(order.id)
            self._set(order.id, fraction=min(max(float(fraction), 0.0), 1.0), stage=stage)
            order.listener.on_progress(fraction, stage)

        return on_progress

    def _end(self, order: _Order, state: State, error: AmaError) -> None:
        _log.info("job %s is %s: %s %s", order.id, state, error.code, error.sentence())
        self._set(order.id, state=state, error=error.sentence(), code=error.code, stage=state)
        _tell(order.id, order.listener.on_error, error)

    def _set(self, job_id: str, **changes: Any) -> None:  # noqa: ANN401  # any field of Job
        with self._changed:
            self._jobs[job_id] = replace(self._jobs[job_id], **changes)
            if self._jobs[job_id].over:
                self._cancelled.discard(job_id)
            self._on_change(self._jobs[job_id])
            self._changed.notify_all()

    def _forget_old(self) -> None:
        over = [job.id for job in self._jobs.values() if job.over]
        for job_id in over[: max(0, len(self._jobs) - REMEMBERED)]:
            del self._jobs[job_id]


def _cancelled(job_id: str) -> CancelledError:
    return CancelledError(f"Job {job_id} was cancelled.")


def _tell(job_id: str, hear: Callable[[T], None], what: T) -> None:
    """Let a listener hear something of a job; whatever goes wrong there is not the job's."""
    try:
        hear(what)
    except Exception:  # noqa: BLE001  # the worker must live on
        _log.exception("what became of job %s could not be told", job_id)
