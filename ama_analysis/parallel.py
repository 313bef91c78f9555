"""The same work on many things, in as many threads as there are cores; numpy and the decoders let go of the interpreter's lock."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Final, TypeVar

from ama_analysis.progress import OnProgress

_LOOK_EVERY_S: Final = 0.05
_UNFINISHED: Final = 1.0 - 1e-6
"""A thing counts as done when its work has returned, not when it says so."""

T = TypeVar("T")
R = TypeVar("R")


class _StoppedError(Exception):
    """The caller cancelled, or the work on another thing failed."""


def in_threads(
    things: Sequence[T],
    work: Callable[[T, OnProgress], R],
    *,
    stage: Callable[[Sequence[float]], str],
    on_progress: OnProgress,
    weights: Sequence[float] | None = None,
    threads: int | None = None,
) -> list[R]:
    """Return what `work` gives for each thing, in their order; in so many threads, else one a core.

    Progress is reported from the calling thread, as the mean over all things (by `weights`), with the words that `stage` has for how far each is (0..1). What
    `on_progress` raises, or the work on one of them, stops the others the next time they report.
    """
    if not things:
        return []
    done = [0.0] * len(things)
    weights = weights or [1.0] * len(things)
    stop = threading.Event()

    def one(index: int) -> R:
        def tick(fraction: float, _stage: str) -> None:
            done[index] = min(fraction, _UNFINISHED)
            if stop.is_set():
                raise _StoppedError

        tick(0.0, "")
        result = work(things[index], tick)
        done[index] = 1.0
        return result

    workers = min(len(things), threads or os.cpu_count() or 1)
    with ThreadPoolExecutor(workers, thread_name_prefix="ama") as pool:
        futures = [pool.submit(one, index) for index in range(len(things))]
        try:
            pending = set(futures)
            while pending:
                on_progress(_mean(done, weights), stage(done))
                finished, pending = wait(
                    pending, timeout=_LOOK_EVERY_S, return_when=FIRST_COMPLETED
                )
                for future in finished:
                    future.result()
            on_progress(1.0, stage(done))
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)
    return [future.result() for future in futures]


def _mean(done: Sequence[float], weights: Sequence[float]) -> float:
    whole = sum(weights)
    return sum(d * w for d, w in zip(done, weights, strict=True)) / whole if whole > 0.0 else 0.0
