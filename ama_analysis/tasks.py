"""Pieces of listening that do not wait for each other: what the cache has is recalled, the rest is made on every core."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Generic, TypeAlias, TypeVar

from ama_analysis.cache import Cache, recalled
from ama_analysis.crew import Crew, Work, can_start
from ama_analysis.errors import AudioFileError
from ama_analysis.packed import pack_value, value_in
from ama_analysis.parallel import in_threads
from ama_analysis.progress import OnProgress

T = TypeVar("T")
Outcome: TypeAlias = T | AudioFileError
"""A sound that cannot be read is an answer too: others can be heard without it."""

PROCESSES_FROM_S: Final = 600.0
"""From that cost on processes are worth their start (0.3 s each); threads wait for each other (DECISIONS 55)."""


def _as_it_is(made: T) -> T:
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Generic[T]):
    """One piece: `make` does it, perhaps in another process (so it and its result can be pickled).

    `recall` returns what is kept of an earlier time, a smaller task where a part is kept, None for nothing; `keep` keeps what was made and returns what counts. `cost_s` says that it
    takes as long as measuring so many seconds of a track.
    """

    make: Work[T]
    cost_s: float
    recall: Callable[[], T | Task[T] | None]
    keep: Callable[[T], T] = _as_it_is


def kept_task(
    make: Work[T],
    *,
    cost_s: float,
    cache: Cache,
    key: Callable[[], str | None],
    pack: Callable[[T], bytes],
    unpack: Callable[[bytes], T | None],
) -> Task[T]:
    """Return a task whose result the cache keeps under a key, which is asked for in a thread (see `cache.remembered`)."""

    def keep(made: T) -> T:
        under = key()
        if under is not None:
            cache.put(under, pack(made))
        return made

    return Task(make=make, cost_s=cost_s, recall=lambda: recalled(cache, key(), unpack), keep=keep)


def kept_value_task(
    make: Work[T],
    *,
    cost_s: float,
    cache: Cache,
    key: Callable[[], str | None],
    hint: Any,  # noqa: ANN401  # any annotated value
) -> Task[T]:
    """Return such a task whose result is a value annotated `hint` (see `packed`)."""
    return kept_task(
        make,
        cost_s=cost_s,
        cache=cache,
        key=key,
        pack=partial(pack_value, hint=hint),
        unpack=partial(value_in, hint=hint),
    )


def carried_out(
    tasks: Sequence[Task[T]],
    *,
    stage: Callable[[Sequence[float]], str],
    on_progress: OnProgress,
) -> list[Outcome[T]]:
    """Return each task's result, or the `AudioFileError` that it met, in their order; other errors end the others' work.

    Progress is reported from the calling thread with the words that `stage` has for how far each task is (0..1).
    """
    todo: dict[int, Task[T]] = {}
    outcomes: dict[int, Outcome[T]] = {}
    found = in_threads(tasks, lambda task, _: task.recall(), stage=stage, on_progress=_still)
    for at, one in enumerate(found):
        if one is None:
            todo[at] = tasks[at]
        elif isinstance(one, Task):
            todo[at] = one
        else:
            outcomes[at] = one
    order = sorted(todo, key=lambda at: -todo[at].cost_s)

    def all_done(done: Sequence[float]) -> str:
        whole = [1.0] * len(tasks)
        for at, part in zip(order, done, strict=True):
            whole[at] = part
        return stage(whole)

    made = _made([todo[at] for at in order], all_done, on_progress)
    for at, each in zip(order, made, strict=True):
        outcomes[at] = each if isinstance(each, AudioFileError) else todo[at].keep(each)
    return [outcomes[at] for at in range(len(tasks))]


def _still(fraction: float, stage: str) -> None:
    """Take progress of what takes no time."""


def _made(
    tasks: Sequence[Task[T]], stage: Callable[[Sequence[float]], str], on_progress: OnProgress
) -> list[Outcome[T]]:
    """Make them, the longest first."""
    costs = [task.cost_s for task in tasks]
    cores = os.cpu_count() or 1
    worth = min(cores, len(tasks)) > 1 and sum(costs) >= PROCESSES_FROM_S and can_start()
    with Crew(min(cores, len(tasks)) if worth else 0) as crew:

        def one(task: Task[T], tick: OnProgress) -> Outcome[T]:
            try:
                return crew.do(task.make, tick) if worth else task.make(tick)
            except AudioFileError as error:
                return error

        return in_threads(tasks, one, stage=stage, on_progress=on_progress, weights=costs)
