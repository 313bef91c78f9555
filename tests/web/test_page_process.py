"""`ama serve` with its page as a process of its own: ports, addresses, stopping with event streams open, and what else it must not slow down."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from ama_bridge.lock import FolderLock
from tests.bridge.processes import CHECKOUT, Lines, ama, ran
from tests.bridge.services import PATIENCE_S, write_stems
from tests.web.services import Ear, Web

STOPPED_S = 5.0
"""A service without work stops at once; this allows for a machine that is busy."""
posix_only = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[str]
    lines: list[str]

    @property
    def url(self) -> str:
        return self.lines[1].split()[-1]

    @property
    def osc_port(self) -> int:
        found = re.search(r"127\.0\.0\.1:(\d+)", self.lines[0])
        assert found is not None
        return int(found[1])


@contextmanager
def serving(state: Path, *options: str, lines: int = 2) -> Iterator[Running]:
    command = ama("serve", "--osc-port", "0", "--state", str(state), *options)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=CHECKOUT
    )
    try:
        told = Lines(process.stdout)
        yield Running(process, [told.next() for _ in range(lines)])
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def run(
    *arguments: str, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return ran(ama(*arguments), environment=environment)


@posix_only
@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_service_at_once_with_event_streams_open(
    tmp_path: Path, with_signal: signal.Signals
) -> None:
    with serving(tmp_path) as service:
        ears = [Ear(service.url) for _ in range(2)]
        web = Web(service.url)
        assert web.do("/ping") == {"answer": "pong"}
        began_s = time.monotonic()
        service.process.send_signal(with_signal)
        assert all(ear.ended() for ear in ears)
        _, err = service.process.communicate(timeout=PATIENCE_S)
        assert time.monotonic() - began_s < STOPPED_S
        web.close()
        assert (service.process.returncode, err) == (0, "")
        log = (tmp_path / "log/ama.log").read_text(encoding="utf-8")
        assert log.rstrip().endswith("stopped")
        with FolderLock(tmp_path):
            pass


@posix_only
def test_a_signal_cancels_the_job_and_tells_everybody_before_the_streams_end(
    tmp_path: Path,
) -> None:
    stems = write_stems(tmp_path / "stems", seconds=120.0)
    with serving(tmp_path / "state") as service:
        ear, web = Ear(service.url), Web(service.url)
        web.tell_session(stems)
        web.do("/suggest", session="song")
        ear.until(lambda e: e.data.get("kind") == "suggest" and e.data["fraction"] > 0.0)
        service.process.send_signal(signal.SIGTERM)
        assert ear.until_job("suggest", "cancelled")["code"] == "AMA-801"
        assert ear.ended()
        web.close()
        service.process.communicate(timeout=PATIENCE_S)
        assert service.process.returncode == 0


def test_a_port_that_is_taken_is_one_sentence_that_names_the_option(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        ran = run("serve", "--osc-port", "0", "--http-port", port, "--state", str(tmp_path))
    assert ran.returncode == 1
    assert len(ran.stderr.splitlines()) == 1
    for word in (port, "--http-port", "AMA-703"):
        assert word in ran.stderr


def test_status_names_the_page(tmp_path: Path) -> None:
    with serving(tmp_path) as service:
        asked = run("status", "--osc-port", str(service.osc_port))
        assert f"page: {service.url}" in asked.stdout.splitlines()
        page = httpx.get(service.url, headers={"Accept": "text/html"}, timeout=PATIENCE_S)
        assert page.headers["content-type"].startswith("text/html")


@posix_only
def test_without_a_page_nothing_of_http_is_loaded(tmp_path: Path) -> None:
    with serving(tmp_path / "one", "--no-page", lines=1) as service:
        asked = run("status", "--osc-port", str(service.osc_port))
        assert "page: none" in asked.stdout.splitlines()
    script = (
        "import os, pathlib, signal, sys\n"
        "from ama_bridge import bootstrap\n"
        "from ama_bridge.config import Settings\n"
        "def ready(doors):\n"
        f"    print(doors.page_url, {_LOADED})\n"
        "    os.kill(os.getpid(), signal.SIGTERM)\n"
        "state = pathlib.Path(sys.argv[1])\n"
        "bootstrap.serve(Settings(state_dir=state, osc_port=0, page=False), on_ready=ready)\n"
    )
    assert _said(script, str(tmp_path / "two")) == " []"


def test_a_page_that_is_not_there_is_not_opened(tmp_path: Path) -> None:
    for more in (["--open"], ["--http-port", "9999"]):
        ran = run("serve", "--no-page", *more, "--state", str(tmp_path))
        assert ran.returncode == 2
        assert len(ran.stderr.splitlines()) == 1
        assert "--no-page" in ran.stderr


def browser_writing(seen: Path) -> dict[str, str]:
    """Return an environment in which the browser writes the address into a file."""
    browser = seen.with_name("browser.sh")
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}.part\nmv {seen}.part {seen}\n')
    browser.chmod(0o755)
    return {**os.environ, "BROWSER": f"{browser} %s"}  # noqa: TID251  # the path and all else


@posix_only
def test_where_ama_runs_already_its_page_is_opened(tmp_path: Path) -> None:
    seen, state = tmp_path / "seen", tmp_path / "state"
    environment = browser_writing(seen)
    with serving(state) as service:
        again = ("serve", "--osc-port", str(service.osc_port), "--http-port", "0")
        ran = run(*again, "--open", "--state", str(state), environment=environment)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert ran.stdout.split()[-1] == seen.read_text().strip() == service.url
        seen.unlink()
        for refused in (
            run(*again, "--state", str(state), environment=environment),
            run(*again, "--open", "--state", str(tmp_path / "other"), environment=environment),
        ):
            assert refused.returncode == 1
            assert "AMA-703" in refused.stderr
        assert not seen.exists()


@posix_only
def test_the_browser_is_opened_at_the_page(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    process = subprocess.Popen(
        ama("serve", "--osc-port", "0", "--open", "--state", str(tmp_path / "state")),
        stdout=subprocess.PIPE,
        text=True,
        cwd=CHECKOUT,
        env=browser_writing(seen),
    )
    try:
        told = Lines(process.stdout)
        url = [told.next() for _ in range(2)][1].split()[-1]
        until_s = time.monotonic() + PATIENCE_S
        while not seen.exists() and time.monotonic() < until_s:
            process.poll()
        assert seen.read_text().strip() == url
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_S)


@pytest.mark.parametrize("arguments", [("--help",), ("presets", "list"), ("status", "--help")])
def test_other_commands_load_nothing_of_http(arguments: tuple[str, ...]) -> None:
    command = f"cli.main({list(arguments)!r})"
    assert _said(f"import sys\nfrom ama_bridge import cli\n{command}\nprint({_LOADED})") == "[]"


_LOADED = "[m for m in ('starlette', 'uvicorn', 'h11', 'anyio') if m in sys.modules]"


def _said(script: str, *arguments: str) -> str:
    """Return the last line that a program says."""
    done = ran([sys.executable, "-c", script, *arguments])
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_doctor_tells_whether_the_pages_port_is_free(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        options = ("--state", str(tmp_path), "--osc-port", "0")
        ran = run("doctor", "--http-port", port, *options)
        assert f"page: TCP 127.0.0.1:{port} is taken" in ran.stdout
    assert "page: TCP 127.0.0.1:0 is free" in run("doctor", "--http-port", "0", *options).stdout
