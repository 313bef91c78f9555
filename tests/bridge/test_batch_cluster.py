"""`ama batch --scheduler`: a real Dask scheduler and real workers, each a process, on loopback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.errors import OptionError
from ama_analysis.progress import silent
from ama_bridge.batch import Outcome, Tally, cluster, code
from tests.bridge.batches import (
    CHECKOUT,
    FILES,
    TIMEOUT_S,
    begun,
    job_of,
    states_in,
    write_long,
    write_sessions,
)
from tests.bridge.processes import posix_only

needs_dask = pytest.mark.skipif(
    find_spec("distributed") is None, reason="distributed (Dask) is not installed here"
)


def run_ama(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ama_bridge", *map(str, arguments)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_S,
    )


@contextmanager
def dask(kind: str, *arguments: str, until: str, folder: Path) -> Iterator[str]:
    """Run a Dask program and yield the line in which it says what was waited for."""
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments]
    home = {"DASK_TEMPORARY_DIRECTORY": str(folder)}
    with subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env={**os.environ, **home},  # noqa: TID251  # handed on
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            said = ""
            for line in process.stderr:
                said += line
                if until in line:
                    break
            else:
                pytest.fail(f"dask {kind} has ended: {said}")
            rest = threading.Thread(target=process.stderr.read)  # or its pipe would be full one day
            rest.start()
            yield line
            process.terminate()
            rest.join()
        finally:
            process.kill()


@contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    arguments = ("--host", "127.0.0.1", "--port", "0", "--dashboard-address", "127.0.0.1:0")
    with dask("scheduler", *arguments, until="Scheduler at:", folder=folder) as line:
        yield line.split()[-1]


@contextmanager
def worker(address: str, folder: Path, *more: str) -> Iterator[None]:
    arguments = (address, "--host", "127.0.0.1", "--no-dashboard", "--nthreads", "2", *more)
    with dask("worker", *arguments, until="Registered to:", folder=folder):
        yield


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers."""
    folder = tmp_path_factory.mktemp("dask")
    with ExitStack() as running:
        where = running.enter_context(scheduler(folder))
        for _ in range(2):
            running.enter_context(worker(where, folder))
        yield where


@needs_dask
def test_a_cluster_makes_the_same_plans_as_this_machine(address: str, tmp_path: Path) -> None:
    folder = write_sessions(tmp_path / "sessions")
    (folder / "third").mkdir()
    (folder / "third" / "kick.wav").write_text("no sound")
    here, there = tmp_path / "here", tmp_path / "there"
    assert run_ama("batch", folder, "--out", here).returncode == 1
    ran = run_ama("batch", folder, "--out", there, "--scheduler", address, "--json")
    assert ran.returncode == 1, ran.stderr
    for name in ("first", "second"):
        assert {path.name for path in (there / name).iterdir()} == {*FILES, "presets"}
        for file in ("plan.json", "settings.txt", "before.wav", "after.wav"):
            assert (there / name / file).read_bytes() == (here / name / file).read_bytes(), file
    states = {one["session"]: one["state"] for one in json.loads(ran.stdout)["sessions"]}
    assert states == {"first": "done", "second": "done", "third": "failed"}
    (said,) = [line for line in ran.stderr.splitlines() if line.startswith("ama: ")]
    assert said.startswith("ama: third: ")
    assert "(Worker tcp://127.0.0.1:" in said
    again = run_ama("batch", folder, "--out", there, "--scheduler", address)
    assert states_in(there) == {"first": "kept", "second": "kept", "third": "failed"}, again.stderr


@needs_dask
@posix_only
def test_ctrl_c_calls_the_workers_off(address: str, tmp_path: Path) -> None:
    folder, out = write_sessions(tmp_path / "sessions"), tmp_path / "out"
    shutil.rmtree(folder / "second")
    write_long(folder / "second")
    with begun(folder, out, "--scheduler", address) as process:
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, said) == (130, "ama: stopped.\n")
    assert states_in(out) == {"first": "done", "second": "stopped"}
    assert sorted(path.name for path in out.iterdir() if path.is_dir()) == ["first"]


@needs_dask
def test_a_cluster_without_workers_is_refused(tmp_path: Path) -> None:
    folder = write_sessions(tmp_path / "sessions")
    with scheduler(tmp_path) as where:
        ran = run_ama("batch", folder, "--out", tmp_path / "out", "--scheduler", where)
    assert ran.returncode == 2
    assert ran.stderr.startswith("ama: ")
    assert len(ran.stderr.splitlines()) == 1
    assert "has no workers" in ran.stderr


@needs_dask
def test_an_address_that_nobody_answers_at_is_refused(tmp_path: Path) -> None:
    folder = write_sessions(tmp_path / "sessions")
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes calls and says nothing
        port = silent.getsockname()[1]
        where = f"tcp://127.0.0.1:{port}"
        ran = run_ama("batch", folder, "--out", tmp_path / "out", "--scheduler", where)
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"ama: No Dask scheduler answers at {where}.")
    assert len(ran.stderr.splitlines()) == 1


class _Workers:
    """A client of a cluster whose workers answer as they are told to."""

    def __init__(self, **answers: object) -> None:
        self._answers = answers

    def run(self, *_: object, **__: object) -> dict[str, object]:
        return self._answers


@pytest.mark.parametrize(
    ("answer", "said"),
    [("0.0.9 (0123abcd)", "0.0.9 (0123abcd)"), (ModuleNotFoundError(), "not this AMA")],
)
def test_a_worker_of_another_version_is_refused(answer: object, said: str) -> None:
    with pytest.raises(OptionError, match="The worker other has ") as raised:
        cluster._check_workers(_Workers(good=code(), other=answer), "tcp://x:1")
    assert said in raised.value.message
    assert code() in raised.value.message
    cluster._check_workers(_Workers(good=code(), other=code()), "tcp://x:1")


class _Future:
    """What a cluster says of a session."""

    def __init__(self, status: str, outcome: Outcome | None = None) -> None:
        self.status, self._outcome = status, outcome

    def result(self) -> Outcome | None:
        return self._outcome


def test_a_worker_that_ends_and_results_that_nobody_sees_are_sentences(tmp_path: Path) -> None:
    job = job_of(tmp_path / "first", tmp_path / "out" / "first")
    written = Outcome(session="first", folder=job.folder, out=job.out, state="done")
    for future, said in (
        (_Future("error"), "The worker tcp://x:1 ended before the session was done"),
        (_Future("finished", written), "cannot be seen here"),
    ):
        outcome = cluster._outcome(future, "tcp://x:1", job)
        assert outcome.state == "failed"
        assert said in outcome.error
    job.out.mkdir(parents=True)
    (job.out / "result.json").touch()
    assert cluster._outcome(_Future("finished", written), "tcp://x:1", job) == written


class _Deserted:
    """A client of a cluster that has lost its workers."""

    def scheduler_info(self) -> dict[str, object]:
        return {"workers": {}}


def test_sessions_without_workers_are_given_up_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "LOST_S", -1.0)
    jobs = [job_of(tmp_path / name, tmp_path / "out" / name) for name in ("first", "second")]
    tally = Tally(jobs, lambda *_: None)
    cluster._Shift(_Deserted(), None, jobs, tally, silent).work()
    assert [one.state for one in tally.outcomes()] == ["failed", "failed"]
    assert "No worker of the cluster has answered" in tally.outcomes()[0].error


def test_without_dask_a_sentence_names_the_extra(
    ama: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    folder = write_sessions(tmp_path / "sessions")
    ran = ama("batch", folder, "--out", tmp_path / "out", "--scheduler", "tcp://127.0.0.1:1")
    assert "pip install 'ama-bridge[batch]'" in ran.sentence(1)
