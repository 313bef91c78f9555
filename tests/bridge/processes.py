"""`ama` in processes of its own: run to its end, or a service that is started and stopped."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from tests.bridge.services import PATIENCE_S

CHECKOUT = Path(__file__).resolve().parents[2]
posix_only = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


def ama(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ama_bridge", *arguments]


def ran(
    command: Sequence[str],
    *,
    timeout_s: float = PATIENCE_S,
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a command line in the checkout to its end, and return what it said."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
        cwd=CHECKOUT,
        env=environment,
    )


def refused(done: subprocess.CompletedProcess[str], code: str) -> None:
    """Assert that a command has failed with one sentence."""
    assert done.returncode == 1
    assert code in done.stderr
    assert len(done.stderr.splitlines()) == 1


@dataclass(frozen=True)
class Service:
    process: subprocess.Popen[str]
    port: int
    state: Path

    def stop(self, with_signal: signal.Signals) -> int:
        self.process.send_signal(with_signal)
        self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode

    @property
    def log(self) -> str:
        return (self.state / "log/ama.log").read_text(encoding="utf-8")


@contextmanager
def started(state: Path, port: int = 0) -> Iterator[Service]:
    process = subprocess.Popen(
        ama("serve", "--osc-port", str(port), "--state", str(state)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
    )
    try:
        line = Lines(process.stdout).next()
        assert "127.0.0.1:" in line, line or process.communicate()[1]
        yield Service(process, int(line.partition("127.0.0.1:")[2].split()[0]), state)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


class Lines:
    """The lines of a program as they come."""

    def __init__(self, stream: IO[str] | None) -> None:
        assert stream is not None
        self._stream = stream
        self._lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._stream:
            self._lines.put(line)

    def next(self, timeout_s: float = PATIENCE_S) -> str:
        """Return the next line, or nothing where none comes."""
        try:
            return self._lines.get(timeout=timeout_s)
        except queue.Empty:
            return ""
