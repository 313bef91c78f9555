"""The real Ardour without a window, reached over OSC: `hardour`, started for the tests alone.

    session = make_session(tmp_path / "song", [MadeTrack(name="Vox")])       # tests/daw/ardour/made_sessions.py
    with running(session) as ardour:
        ... ardour.port, ardour.session, ardour.log()
        ... ardour.save()                                                    # the session file as XML, saved just now

Its home folder and its OSC port are its own, and it is ended, whatever happens.

hardour asks for the audio backend "JACK" and knows no other. With jackd's dummy driver two starts in ten broke (Debian's jackd2 1.9.21 and
Ardour 7.3, on two busy cores): two threads of Ardour write to libjack's one socket at the same time. So it gets Ardour's own dummy backend
under that name: a copy of the library in which the name is changed. Everything but the sound card is the real one.
"""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from ama_bridge.osc_packets import encode

LIBRARIES = Path("/usr/lib")
START_S, STARTS = 20.0, 3
"""How long it may take to start on a busy machine (one second is usual), and how often it is tried."""
END_S = 10.0
POLL_S = 0.05
DUMMY, WANTED = b"None (Dummy)\0", b"JACK\0".ljust(13, b"\0")
"""The backend that sounds nowhere, and the name under which hardour looks for one."""
_counter = itertools.count()


def hardour_program() -> Path | None:
    """Return the newest hardour that is installed beside its libraries, None where there is none."""
    found = sorted(LIBRARIES.glob("ardour[0-9]*/hardour-*"))
    return found[-1] if found else None


needs_hardour = pytest.mark.skipif(
    hardour_program() is None, reason="needs hardour (apt install ardour)"
)


@dataclass(frozen=True, kw_only=True)
class Hardour:
    """A running Ardour with a session open."""

    port: int
    session: Path
    process: subprocess.Popen[bytes]
    log_file: Path

    def log(self) -> str:
        """Return what it printed so far."""
        return self.log_file.read_text(errors="replace")

    def end(self) -> None:
        """Kill it at once, as a crash would."""
        self.process.kill()
        self.process.wait(END_S)

    def send(self, address: str, *arguments: str | float) -> None:
        """Send a message from a socket of our own; for what is to happen by other means than AMA's client."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.sendto(encode(address, arguments), ("127.0.0.1", self.port))

    def save(self) -> ET.Element:
        """Save the session and return its file as it is then."""
        before = self.session.stat().st_mtime_ns
        self.send("/save_state")
        wait_until(
            lambda: self.session.stat().st_mtime_ns != before, END_S, "the session was not saved"
        )
        return _parsed(self.session).getroot()


def wait_until(is_so, timeout_s, what):
    """Look again and again; fails the test with `what` (a text, or what makes one) after that long."""
    until_s, idle = time.monotonic() + timeout_s, threading.Event()
    while not is_so():
        if time.monotonic() > until_s:
            pytest.fail(what() if callable(what) else what)
        idle.wait(POLL_S)


def free_port() -> int:
    """Return a UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def listens(session: Path, *, manual_port: int | None = None) -> None:
    """Switch on OSC in a session's file; with `manual_port` Ardour answers there and nowhere else until it is told otherwise."""
    tree = _parsed(session)
    for protocol in tree.iter("Protocol"):
        if protocol.get("name") == "Open Sound Control (OSC)":
            protocol.attrib.update(
                {
                    "active": "1",
                    "config": "",
                    "debugmode": "0",
                    "address-only": "0" if manual_port is None else "1",
                    "remote-port": str(manual_port or 8000),
                    "banksize": "0",
                    "striptypes": "159",
                    "feedback": "0",
                    "gainmode": "0",
                    "send-page-size": "0",
                    "plug-page-size": "0",
                }
            )
    tree.write(session, encoding="UTF-8", xml_declaration=True)


def _parsed(session: Path) -> ET.ElementTree[ET.Element]:
    return ET.parse(session)  # noqa: S314  # a session that Ardour wrote for this test


@contextmanager
def running(session: Path, *, manual_port: int | None = None) -> Iterator[Hardour]:
    """Run an Ardour with a session file open, until the context ends."""
    listens(session, manual_port=manual_port)
    started = _started(session, manual_port)
    try:
        yield started
    finally:
        _end(started.process)


def _started(session: Path, manual_port: int | None) -> Hardour:
    """Start it, up to three times: a port that was free may be taken a moment later."""
    said = ""
    for _ in range(STARTS):
        started = _begun(session)
        until_s = time.monotonic() + START_S
        while started.process.poll() is None and time.monotonic() < until_s:
            if _answers(started.port, manual_port or 0):
                return started
        _end(started.process)
        said += started.log()
    pytest.fail(f"hardour did not start: {said}")


def _begun(session: Path) -> Hardour:
    program = hardour_program()
    assert program is not None
    home = session.parent.parent / f"hardour-{next(_counter)}"
    port = free_port()
    config = home / ".config" / program.parent.name / "config"
    config.parent.mkdir(parents=True)
    config.write_text(f'<Ardour><Config><Option name="osc-port" value="{port}"/></Config></Ardour>')
    log = home / "hardour.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(program), str(session.parent), session.stem],
            env=_environment(program, home),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    return Hardour(port=port, session=session, process=process, log_file=log)


def _environment(program: Path, home: Path) -> dict[str, str]:
    """Return what /usr/bin/ardour sets, and a home of our own, without a screen and without JACK."""
    name = program.parent.name
    here = dict(os.environ)  # noqa: TID251  # the path and the locale
    here.pop("DISPLAY", None)
    return here | {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "LD_LIBRARY_PATH": str(program.parent),
        "ARDOUR_DATA_PATH": f"/usr/share/{name}",
        "ARDOUR_CONFIG_PATH": f"/etc/{name}",
        "ARDOUR_DLL_PATH": str(_libraries(program.parent, home / "libraries")),
        "VAMP_PATH": str(program.parent / "vamp"),
    }


def _libraries(real: Path, folder: Path) -> Path:
    """Return a folder with all of Ardour's libraries, of whose backends only the dummy is there, under JACK's name."""
    (folder / "backends").mkdir(parents=True)
    for each in real.iterdir():
        if each.name != "backends":
            (folder / each.name).symlink_to(each)
    code = (real / "backends" / "libdummy_audiobackend.so").read_bytes()
    assert code.count(DUMMY) == 1, "Ardour's dummy backend has another name"
    (folder / "backends" / "libdummy_audiobackend.so").write_bytes(code.replace(DUMMY, WANTED))
    return folder


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(END_S)


def _answers(port: int, answers_at: int) -> bool:
    """Ask once, and return whether an Ardour with a session answers (at a port of its choice: 0); takes a fifth of a second where none does.

    Each question comes from another address of the loopback: what Ardour hears before it has read its settings makes it answer that
    address at port 8000 for good.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind((f"127.0.1.{next(_counter) % 250 + 1}", answers_at))
        asking.settimeout(0.2)
        asking.sendto(encode("/transport_frame", ()), ("127.0.0.1", port))
        with suppress(OSError):
            return bool(asking.recv(65_535))
    return False
