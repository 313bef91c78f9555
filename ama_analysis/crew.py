"""Processes that work for this one: what is heavy runs on every core, without waiting for the interpreter's lock.

Each process is a fresh interpreter that runs `serve` and is told what to do through a pipe: a call without arguments but for `on_progress`, pickled,
and so must be what it returns. It answers with progress and, at the end, with the result or the exception. (The standard library's process pools
import the main script anew where they do not fork, which ends in a loop for scripts without a guard; and forking a process with threads is not safe.)

The library of C is told to keep the memory that numpy gives back, since asking the system for it again for every array takes a seventh of the time
(DECISIONS 56); the memory goes when the process ends.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Final, Self, TypeAlias, TypeVar

from ama_analysis.errors import WorkError
from ama_analysis.progress import OnProgress

T = TypeVar("T")
Work: TypeAlias = Callable[[OnProgress], T]
_Answer: TypeAlias = tuple[Any, ...]
"""("progress", fraction, stage), ("done", result) or ("failed", exception)."""

_TELL_EVERY_S: Final = 0.05
"""So often does work say how far it is: each time both processes wait for their interpreter's lock, and nobody looks more often."""
_START: Final = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer);"
    " from ama_analysis.crew import serve; serve()"
)
_ENVIRONMENT: Final = {
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "MALLOC_TOP_PAD_": str(1 << 24),
}
"""A thread a process, and glibc's settings for large pages and for keeping freed memory (mallopt(3)); other libraries do not look at them."""


def can_start() -> bool:
    """Return whether this interpreter can be started again: not where Python is part of another program."""
    return Path(sys.executable or "").stem.lower().startswith(("python", "pypy"))


class _Worker:
    """One process and its two pipes; a process that has ended is followed by another when there is more to do."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter
                [sys.executable, "-c", _START],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **_ENVIRONMENT},  # noqa: TID251  handed on, not read
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
            self.send(pickle.dumps(sys.path))
        return self._process

    def send(self, order: bytes) -> None:
        pipe = _pipe(self.start().stdin)
        pipe.write(order)
        pipe.flush()

    def receive(self) -> _Answer:
        answer: _Answer = pickle.load(_pipe(self.start().stdout))  # noqa: S301  our own process
        return answer

    def end(self, *, patience_s: float) -> None:
        """End it now; with patience, after it has put away what it had begun."""
        process, self._process = self._process, None
        if process is None:
            return
        if patience_s:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(patience_s)
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):  # what it never read
                _pipe(pipe).close()
        process.wait()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # noqa: S101  both were asked for
    return pipe


def _put(pipe: IO[bytes], what: object) -> None:
    pickle.dump(what, pipe, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.flush()


class Crew:
    """Processes, started at once, that each do one piece of work at a time; a context manager, for several threads."""

    def __init__(self, size: int, *, patience_s: float = 0.0) -> None:
        """Start `size` processes; one that is stopped has `patience_s` for putting away what it has begun (files, folders), none unless said."""
        self._patience_s = patience_s
        self._workers = [_Worker() for _ in range(size)]
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)

    def __enter__(self) -> Self:
        """Return the crew."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.end(patience_s=self._patience_s)

    def do(self, work: Work[T], on_progress: OnProgress) -> T:
        """Return what `work` returns in one of the processes, waiting for one to be free; raise what it raises.

        Work that cannot be pickled is done in this process. What `on_progress` raises ends the other one. `WorkError` where that ends by itself.
        """
        try:
            order = pickle.dumps(work, protocol=pickle.HIGHEST_PROTOCOL)
        except (pickle.PicklingError, TypeError, AttributeError):
            return work(on_progress)
        worker = self._idle.get()
        try:
            result: T = _followed(worker, order, on_progress)
        except _AnsweredError as failure:
            raise failure.error from None
        except BaseException:
            worker.end(patience_s=self._patience_s)
            raise
        finally:
            self._idle.put(worker)
        return result


class _AnsweredError(Exception):
    """The work raised something; the process lives on."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error


def _followed(worker: _Worker, order: bytes, on_progress: OnProgress) -> Any:  # noqa: ANN401  # what the work returns
    try:
        worker.send(order)
        while True:
            kind, *said = worker.receive()
            match kind:
                case "progress":
                    on_progress(*said)
                case "done":
                    return said[0]
                case _:
                    raise _AnsweredError(said[0])
    except (EOFError, BrokenPipeError, ConnectionError) as error:
        message = "A process that worked for AMA ended before its work was done."
        raise WorkError(message, hint="Perhaps memory ran out; try fewer stems at once.") from error


def _ended(number: int, _: object) -> None:
    """Leave the work by way of all that puts things away; once is enough."""
    signal.signal(number, signal.SIG_IGN)
    raise SystemExit


def serve() -> None:
    """Do what comes through standard input, answer through standard output, until nothing more can come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _ended)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not get between

    told_s = 0.0

    def on_progress(fraction: float, stage: str) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        if now_s >= told_s + _TELL_EVERY_S:
            told_s = now_s
            _put(answers, ("progress", fraction, stage))

    while True:
        try:
            work = pickle.load(sys.stdin.buffer)  # noqa: S301  from the process that started this one
        except EOFError:
            return
        try:
            answer: _Answer = ("done", work(on_progress))
        except Exception as error:  # noqa: BLE001  # the other side raises it
            answer = ("failed", error)
        _put(answers, answer)
