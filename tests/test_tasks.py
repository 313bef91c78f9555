"""Tasks are carried out in threads and in processes alike; processes that fail, print or die do no harm."""

from __future__ import annotations

import os
import signal
import threading
import time
from functools import partial

import numpy as np
import pytest

from ama_analysis import tasks
from ama_analysis.crew import Crew
from ama_analysis.errors import AudioFileError, CancelledError, OptionError, WorkError
from ama_analysis.progress import silent
from ama_analysis.tasks import Task, carried_out, kept_value_task

LONG_S = 60.0
"""Longer than any test may take."""
SOON_S = 10.0


def words(_done):
    return "working"


def twice(value, on_progress):
    on_progress(0.5, "halfway")
    return 2 * value


def process_of(_value, _on_progress):
    return os.getpid()


def fails(error, _on_progress):
    raise error


def prints(_value, _on_progress):
    os.write(1, b"a library says something\n")
    print("and so does this", flush=True)  # noqa: T201  that is the point
    return "done"


def dies(_value, _on_progress):
    os.kill(os.getpid(), signal.SIGKILL)


def waits(_value, on_progress):
    until = time.monotonic() + LONG_S
    while time.monotonic() < until:
        on_progress(0.1, "waiting")
        threading.Event().wait(0.01)


def blas_threads(_value, _on_progress):
    return os.environ["OPENBLAS_NUM_THREADS"]  # noqa: TID251  what the process was given


def task(work, value, **options):
    return Task(make=partial(work, value), cost_s=1.0, recall=lambda: None, **options)


@pytest.fixture(params=["threads", "processes"])
def anyhow(request, monkeypatch):
    """Both ways of carrying out, whatever the cost."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    least = 0.0 if request.param == "processes" else float("inf")
    monkeypatch.setattr(tasks, "PROCESSES_FROM_S", least)
    return request.param


def carried(some):
    return carried_out(some, stage=words, on_progress=silent)


def test_results_come_in_the_order_of_the_tasks(anyhow):
    assert carried([task(twice, n) for n in range(7)]) == [0, 2, 4, 6, 8, 10, 12]


def test_arrays_come_back_to_the_last_bit(anyhow):
    arrays = [np.random.default_rng(n).standard_normal((2, 1000)) for n in range(3)]
    for sent, got in zip(arrays, carried([task(twice, a) for a in arrays]), strict=True):
        np.testing.assert_array_equal(got, 2 * sent)


def test_processes_are_other_processes_and_threads_are_not(anyhow):
    found = set(carried([task(process_of, n) for n in range(4)]))
    assert (os.getpid() in found) == (anyhow == "threads")


def test_a_sound_that_cannot_be_read_is_an_outcome(anyhow):
    error = AudioFileError("x.wav is damaged.", hint="Export it again.", code="AMA-102")
    first, second = carried([task(fails, error), task(twice, 1)])
    assert isinstance(first, AudioFileError)
    assert (first.sentence(), first.code) == ("x.wav is damaged. Export it again.", "AMA-102")
    assert second == 2


def test_any_other_error_is_raised_with_all_that_it_says(anyhow):
    error = OptionError("No such thing.", hint="Choose another.", code="AMA-502")
    with pytest.raises(OptionError, match="No such thing") as raised:
        carried([task(twice, 1), task(fails, error)])
    assert (raised.value.hint, raised.value.code) == ("Choose another.", "AMA-502")


def test_whoever_cancels_does_not_wait(anyhow):
    def stop(fraction, _stage):
        if fraction > 0.0:
            raise CancelledError("Enough.")

    start = time.monotonic()
    with pytest.raises(CancelledError):
        carried_out([task(waits, n) for n in range(3)], stage=words, on_progress=stop)
    assert time.monotonic() - start < SOON_S


def test_progress_counts_by_cost_and_ends_at_one(anyhow):
    seen = []
    some = [task(twice, n) for n in range(4)]
    carried_out(some, stage=words, on_progress=lambda f, _: seen.append(f))
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_what_is_printed_in_a_process_does_not_get_between(capfd):
    with Crew(1) as crew:
        assert crew.do(partial(prints, 1), silent) == "done"
    said = capfd.readouterr()
    assert said.out == ""
    assert "a library says something" in said.err


def test_a_process_that_dies_is_told_and_replaced():
    with Crew(1) as crew:
        with pytest.raises(WorkError, match="ended before its work was done"):
            crew.do(partial(dies, 1), silent)
        assert crew.do(partial(twice, 4), silent) == 8


def test_what_cannot_be_pickled_is_done_here(anyhow):
    lock = threading.Lock()
    some = [Task(make=lambda _: lock.locked(), cost_s=1.0, recall=lambda: None) for _ in range(3)]
    assert carried(some) == [False] * 3


def test_a_process_has_one_thread_of_blas():
    with Crew(1) as crew:
        assert crew.do(partial(blas_threads, 1), silent) == "1"


class Kept:
    """A cache in memory."""

    def __init__(self):
        self.entries = {}

    def get(self, key):
        return self.entries.get(key)

    def put(self, key, data):
        self.entries[key] = data


def test_what_is_kept_is_not_made_again(anyhow):
    cache = Kept()

    def one(value):
        return kept_value_task(
            partial(twice, value), cost_s=1.0, cache=cache, key=lambda: f"key {value}", hint=int
        )

    assert carried([one(1), one(2)]) == [2, 4]
    assert set(cache.entries) == {"key 1", "key 2"}
    again = [
        kept_value_task(partial(dies, 1), cost_s=1.0, cache=cache, key=lambda: "key 1", hint=int)
    ]
    assert carried(again) == [2]


def test_where_a_part_is_kept_a_smaller_task_is_made(anyhow):
    smaller = task(twice, 3, keep=lambda made: made + 1)
    whole = Task(make=partial(dies, 1), cost_s=1.0, recall=lambda: smaller)
    assert carried([whole, task(twice, 5)]) == [7, 10]


def begins(folder, on_progress):
    """Make a folder, wait as long as nobody stops it, and put the folder away in the end."""
    folder.mkdir()
    try:
        on_progress(0.5, "begun")
        threading.Event().wait(LONG_S)
    finally:
        folder.rmdir()


def test_a_process_that_is_stopped_with_patience_puts_away_what_it_began(tmp_path):
    def stop(_fraction, _stage):
        raise CancelledError("Enough.")

    with Crew(1, patience_s=LONG_S) as crew:
        with pytest.raises(CancelledError):
            crew.do(partial(begins, tmp_path / "begun"), stop)
        assert not (tmp_path / "begun").exists()
        assert crew.do(partial(twice, 4), silent) == 8
