"""The worker: order, progress, cancelling, and errors that nobody foresaw."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from ama_analysis.errors import AmaError, CancelledError, DeliveryError, OptionError, RenderError
from ama_analysis.progress import OnProgress
from ama_bridge.jobs import REMEMBERED, Jobs, Listener

PATIENCE_S = 20.0


@dataclass
class Ear:
    """Hears one job to its end."""

    over: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: AmaError | None = None
    stages: list[tuple[float, str]] = field(default_factory=list)

    def listener(self) -> Listener[Any]:
        return Listener(
            on_done=lambda result: self._end(result, None),
            on_error=lambda error: self._end(None, error),
            on_progress=lambda fraction, stage: self.stages.append((fraction, stage)),
        )

    def _end(self, result: Any, error: AmaError | None) -> None:
        self.result, self.error = result, error
        self.over.set()

    def wait(self) -> Ear:
        assert self.over.wait(PATIENCE_S)
        return self


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs("test")
    yield made
    assert made.close()


def run(jobs: Jobs, work: Callable[[OnProgress], Any]) -> Ear:
    ear = Ear()
    jobs.submit("work", "song", work, ear.listener())
    return ear


def until_cancelled(started: threading.Event) -> Callable[[OnProgress], None]:
    def work(on_progress: OnProgress) -> None:
        tick = threading.Event()
        started.set()
        while True:
            on_progress(0.5, "working")
            tick.wait(0.005)

    return work


def test_a_job_gives_its_result_and_its_progress(jobs: Jobs) -> None:
    def work(on_progress: OnProgress) -> int:
        on_progress(0.5, "half")
        return 42

    ear = run(jobs, work).wait()
    assert ear.result == 42
    assert ear.stages == [(0.0, "starting"), (0.5, "half")]
    assert jobs.job("work-1").state == "done"


def test_jobs_run_one_after_the_other_in_their_order(jobs: Jobs) -> None:
    order: list[int] = []
    ears = [run(jobs, lambda _, n=n: order.append(n)) for n in range(5)]  # type: ignore[misc]  # a default as closure
    for ear in ears:
        ear.wait()
    assert order == [0, 1, 2, 3, 4]


def test_errors_of_ama_are_passed_on_as_they_are(jobs: Jobs) -> None:
    wrong = RenderError("The mix cannot be rendered.")

    def work(_: OnProgress) -> None:
        raise wrong

    assert run(jobs, work).wait().error is wrong
    assert jobs.job("work-1").state == "failed"


def test_an_unforeseen_error_is_logged_answered_and_survived(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    def work(_: OnProgress) -> None:
        raise KeyError("gone")

    error = run(jobs, work).wait().error
    assert error is not None
    assert error.code == "AMA-999"
    assert "KeyError" in error.message
    assert "Traceback" in caplog.text
    assert run(jobs, lambda _: "next").wait().result == "next"


def test_an_answer_that_fails_does_not_end_the_worker(
    jobs: Jobs, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise OSError("nobody listens")

    jobs.submit("work", "song", lambda _: 1, Listener(on_done=broken, on_error=broken))
    assert run(jobs, lambda _: "next").wait().result == "next"
    assert "could not be told" in caplog.text


def test_a_finished_job_whose_answer_fails_stays_done_and_is_answered_once(jobs: Jobs) -> None:
    heard: list[object] = []

    def broken(result: int) -> None:
        heard.append(result)
        raise DeliveryError("The disk is full.")

    job = jobs.submit("work", "song", lambda _: 1, Listener(on_done=broken, on_error=heard.append))
    run(jobs, lambda _: "next").wait()
    assert jobs.job(job.id).state == "done"
    assert heard == [1]


def test_a_job_whose_queueing_cannot_be_told_is_done_all_the_same(jobs: Jobs) -> None:
    def broken(_: object) -> None:
        raise DeliveryError("The disk is full.")

    ear = Ear()
    jobs.submit("work", "song", lambda _: 1, replace(ear.listener(), on_queued=broken))
    assert ear.wait().result == 1
    assert not [job for job in jobs.unfinished() if job.state == "queued"]


def test_a_running_job_is_cancelled_at_its_next_step(jobs: Jobs) -> None:
    started = threading.Event()
    ear = run(jobs, until_cancelled(started))
    assert started.wait(PATIENCE_S)
    jobs.cancel("work-1")
    assert isinstance(ear.wait().error, CancelledError)
    assert jobs.job("work-1").state == "cancelled"


def test_a_waiting_job_is_cancelled_at_once(jobs: Jobs) -> None:
    started, ran = threading.Event(), threading.Event()
    first = run(jobs, until_cancelled(started))
    second, third = run(jobs, lambda _: ran.set()), run(jobs, lambda _: 3)
    assert jobs.cancel("work-2").state == "cancelled"
    assert second.over.is_set()
    assert isinstance(second.error, CancelledError)
    assert [job.id for job in jobs.unfinished()] == ["work-1", "work-3"]
    jobs.cancel("work-1")
    assert isinstance(first.wait().error, CancelledError)
    assert third.wait().result == 3
    assert not ran.is_set()


def test_cancelling_what_is_over_changes_nothing(jobs: Jobs) -> None:
    run(jobs, lambda _: 1).wait()
    jobs.cancel("work-1")
    assert jobs.job("work-1").state == "done"


def test_an_unknown_job_is_an_error(jobs: Jobs) -> None:
    with pytest.raises(OptionError):
        jobs.cancel("work-7")


def test_closing_cancels_what_runs_and_refuses_what_comes() -> None:
    jobs, started = Jobs("test"), threading.Event()
    first, second = run(jobs, until_cancelled(started)), run(jobs, lambda _: 1)
    assert started.wait(PATIENCE_S)
    assert jobs.close()
    assert isinstance(first.wait().error, CancelledError)
    assert isinstance(second.wait().error, CancelledError)
    with pytest.raises(CancelledError):
        run(jobs, lambda _: 1)


def test_old_jobs_are_forgotten(jobs: Jobs) -> None:
    ears = [run(jobs, lambda _: 1) for _ in range(REMEMBERED + 5)]
    for ear in ears:
        ear.wait()
    run(jobs, lambda _: 1).wait()
    with pytest.raises(OptionError):
        jobs.job("work-1")


def test_the_worker_outlives_a_long_queue_behind_an_answer_that_fails(jobs: Jobs) -> None:
    answering, filled = threading.Event(), threading.Event()

    def slow(_: object) -> None:
        answering.set()
        assert filled.wait(PATIENCE_S)
        raise OSError("nobody listens")

    jobs.submit("work", "song", lambda _: 1, Listener(on_done=slow, on_error=slow))
    assert answering.wait(PATIENCE_S)
    ears = [run(jobs, lambda _: 1) for _ in range(REMEMBERED + 5)]
    filled.set()
    assert ears[-1].wait().result == 1
