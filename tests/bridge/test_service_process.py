"""The service as a process of its own: start, stop by signal, ports and folders in use, and liblo's tools as an independent client."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ama_bridge.lock import FolderLock
from ama_bridge.offline import read_plan
from tests.bridge.processes import CHECKOUT, Lines, ama, posix_only, ran, refused, started
from tests.bridge.services import PATIENCE_S, Client, tell_session, write_stems
from tests.bridge.stems import write_song

KNOCKS = 40
KNOCK_S = 0.5
needs_liblo = pytest.mark.skipif(
    shutil.which("oscsend") is None or shutil.which("oscdump") is None,
    reason="oscsend and oscdump are not installed (Debian package liblo-tools)",
)


@posix_only
@pytest.mark.parametrize("with_signal", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_service_cleanly(tmp_path: Path, with_signal: signal.Signals) -> None:
    with started(tmp_path) as service:
        client = Client(service.port)
        assert client.ask("/ping", "p").path == "/pong"
        client.close()
        assert service.stop(with_signal) == 0
        assert service.log.rstrip().endswith("stopped")
        with FolderLock(tmp_path):
            pass
        again = Client(service.port)
        again.close()


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's")
def test_a_log_on_a_full_disk_stops_no_service_and_prints_nothing(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "ama.log").symlink_to("/dev/full")
    with started(tmp_path) as service:
        service.process.send_signal(signal.SIGTERM)
        _, said = service.process.communicate(timeout=PATIENCE_S)
        assert (service.process.returncode, said) == (0, "")


@posix_only
def test_a_signal_cancels_the_running_job(tmp_path: Path) -> None:
    stems = write_stems(tmp_path / "stems", seconds=120.0)
    with started(tmp_path / "state") as service:
        client = Client(service.port)
        client.ask("/session/begin", "b", "song", "test", 44_100.0, len(stems))
        for at, (name, path) in enumerate(stems.items()):
            values = (name, name, 0.0, 0.0, 0, str(path), "")
            client.ask("/session/track", "t", "song", at, *values)
        client.send("/session/commit", "c", "song")
        client.until("/ok")
        client.send("/suggest", "s", "song", "auto")
        client.until("/progress")
        service.process.send_signal(signal.SIGTERM)
        ended = client.until("/error", "/suggestions/end")[-1]
        client.close()
        assert ended.arguments[:2] == ["s", "AMA-801"]
        service.process.communicate(timeout=PATIENCE_S)
        assert service.process.returncode == 0
        assert not list((tmp_path / "state").glob("plans/*"))


@posix_only
def test_a_service_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    stems = write_song(tmp_path / "stems")
    state = tmp_path / "state"
    with started(state) as service:
        client = Client(service.port)
        tell_session(client, stems)
        client.send("/suggest", "s", "song", "auto")
        client.until("/progress")
        assert service.stop(signal.SIGKILL) == -signal.SIGKILL
        client.close()
    with started(state) as service:
        client = Client(service.port)
        client.send("/suggest", "s", "song", "auto")
        answers = client.until("/suggestions/end", "/error")
        client.close()
    assert answers[-1].path == "/suggestions/end"
    plan = read_plan(Path(str(answers[-1].arguments[2])))
    assert {track.id for track in plan.session.tracks} == set(stems)


def test_a_port_in_use_is_one_sentence_and_exit_code_1(tmp_path: Path) -> None:
    with started(tmp_path / "one") as service:
        second = ran(
            ama("serve", "--osc-port", str(service.port), "--state", str(tmp_path / "two"))
        )
    refused(second, "AMA-703")


def test_a_state_folder_in_use_is_one_sentence_and_exit_code_1(tmp_path: Path) -> None:
    with started(tmp_path):
        second = ran(ama("serve", "--osc-port", "0", "--state", str(tmp_path)))
    refused(second, "AMA-703")


def test_status_tells_how_the_service_stands(tmp_path: Path) -> None:
    with started(tmp_path) as service:
        asked = ran(ama("status", "--osc-port", str(service.port)))
        assert asked.returncode == 0, asked.stderr
    assert f"127.0.0.1:{service.port}" in asked.stdout
    assert "0 sessions" in asked.stdout
    assert str(tmp_path) in asked.stdout


def test_status_without_a_service_is_one_sentence_and_exit_code_1() -> None:
    nobody = Client(0)
    asked = ran(ama("status", "--osc-port", str(nobody.port)))
    nobody.close()
    refused(asked, "AMA-702")


@needs_liblo
def test_liblo_tools_hold_a_conversation_with_the_service(tmp_path: Path) -> None:
    stems = write_stems(tmp_path / "stems")
    ear = Client(0)
    port = ear.port
    ear.close()
    with started(tmp_path / "state") as service, dumping(port) as dump:

        def send(path: str, tags: str, *values: str) -> None:
            command = ["oscsend", "127.0.0.1", str(service.port), f"/ama/v1{path}", tags, *values]
            subprocess.run(command, check=True, timeout=PATIENCE_S)

        welcome = ""
        for at in range(KNOCKS):  # oscdump takes a moment to open its port
            send("/hello", "ssi", f"h{at}", "oscsend", str(port))
            welcome = dump.next(KNOCK_S)
            if welcome:
                break
        assert "/ama/v1/welcome ssi" in welcome
        send("/ping", "s", "p1")
        assert '/ama/v1/pong s "p1"' in dump.next()
        send("/session/begin", "sssfi", "b1", "song", "liblo", "44100", "2")
        assert '/ama/v1/ok s "b1"' in dump.next()
        for at, (name, path) in enumerate(stems.items()):
            values = (name, name, "-3", "0", "0", str(path), "")
            send("/session/track", "ssissffiss", f"t{at}", "song", str(at), *values)
            assert f'/ama/v1/ok s "t{at}"' in dump.next()
        send("/session/commit", "ss", "c1", "song")
        assert '/ama/v1/ok s "c1"' in dump.next()
        send("/suggest", "sSS", "s1", "song", "nonsense")
        assert '/ama/v1/error sss "s1" "AMA-501"' in dump.next()
        send("/nothing", "s", "n1")
        assert '/ama/v1/error sss "n1" "AMA-502"' in dump.next()


@contextmanager
def dumping(port: int) -> Iterator[Lines]:
    process = subprocess.Popen(["oscdump", "-L", str(port)], stdout=subprocess.PIPE, text=True)
    try:
        yield Lines(process.stdout)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        assert process.stdout is not None
        process.stdout.close()


@posix_only
def test_a_signal_that_another_thread_catches_wakes_the_service_too(tmp_path: Path) -> None:
    script = (
        "import pathlib, signal, sys, threading\n"
        "from ama_bridge import bootstrap\n"
        "from ama_bridge.config import Settings\n"
        "def ready(port):\n"
        "    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])\n"
        "    def other():\n"
        "        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])\n"
        "        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)\n"
        "    threading.Timer(0.3, other).start()\n"
        "bootstrap.serve(Settings(state_dir=pathlib.Path(sys.argv[1]), osc_port=0), on_ready=ready)\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, timeout=PATIENCE_S, check=False, cwd=CHECKOUT)
    assert done.returncode == 0
