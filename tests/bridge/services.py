"""A service in this process, and a client that hears everything that comes to its socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from ama_analysis.audio import Audio, write_audio
from ama_bridge.assistant import Assistant
from ama_bridge.bootstrap import assistant_for
from ama_bridge.config import Settings
from ama_bridge.osc_server import OscServer
from ama_bridge.service.analyst import Analyst
from tests.bridge.plans import RATE_HZ, FakeAnalyst

PATIENCE_S = 20.0
"""How long a test waits for an answer before it fails; answers come within milliseconds."""
QUIET_S = 0.3
"""How long a test listens when it says that nothing comes."""


@dataclass(frozen=True)
class Answer:
    """One message that came, and the size of its datagram."""

    address: str
    arguments: list[object]
    size: int

    @property
    def path(self) -> str:
        return self.address.removeprefix("/ama/v1")


class Client:
    """A plain UDP socket that speaks through python-osc."""

    def __init__(self, port: int) -> None:
        self.service = ("127.0.0.1", port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]

    def send(self, path: str, *arguments: object, tags: str | None = None) -> None:
        builder = OscMessageBuilder(address=f"/ama/v1{path}")
        for at, value in enumerate(arguments):
            builder.add_arg(value, tags[at] if tags else None)  # type: ignore[arg-type]  # tests send all sorts
        self.send_bytes(builder.build().dgram)

    def send_bytes(self, datagram: bytes) -> None:
        self.socket.sendto(datagram, self.service)

    def next(self, timeout_s: float = PATIENCE_S) -> Answer:
        self.socket.settimeout(timeout_s)
        datagram = self.socket.recv(65_535)
        message = OscMessage(datagram)
        return Answer(message.address, list(message.params), len(datagram))

    def ask(self, path: str, *arguments: object, tags: str | None = None) -> Answer:
        self.send(path, *arguments, tags=tags)
        return self.next()

    def until(self, *paths: str) -> list[Answer]:
        """Return what comes, up to one at one of these paths."""
        answers = [self.next()]
        while answers[-1].path not in paths:
            answers.append(self.next())
        return answers

    def close(self) -> None:
        self.socket.close()


@contextmanager
def service(
    state: Path,
    analyst: Analyst | None = None,
    *,
    assistant: Assistant | None = None,
    http_port: int = 0,
) -> Iterator[OscServer]:
    """Run a service in a thread of this process."""
    assistant = assistant or assistant_for(Settings(state_dir=state), analyst or FakeAnalyst())
    server = OscServer(assistant, 0, http_port=http_port)
    thread = threading.Thread(target=server.serve, name="server")
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(PATIENCE_S)
        assistant.close()
        server.close()
        assert not thread.is_alive()


@contextmanager
def client_of(server: OscServer) -> Iterator[Client]:
    client = Client(server.port)
    try:
        yield client
    finally:
        client.close()


def write_stems(folder: Path, *, seconds: float = 0.1) -> dict[str, Path]:
    """Write a kick and a bass, quiet noise, and return their files by track id."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = round(seconds * RATE_HZ)
    files = {}
    for at, name in enumerate(("kick", "bass")):
        noise = np.random.default_rng(at).normal(0.0, 0.05, (1, frames)).astype(np.float32)
        files[name] = folder / f"{name}.wav"
        write_audio(files[name], Audio(noise, RATE_HZ))
    return files


def tell_session(
    client: Client, stems: dict[str, Path], session: str = "song", *, daw: str = "test"
) -> None:
    """Begin and commit a session of these stems."""
    answer = client.ask("/session/begin", "b", session, daw, float(RATE_HZ), len(stems))
    assert answer.path == "/ok", answer
    for at, (name, path) in enumerate(stems.items()):
        values = (name, name.title(), -6.0, 0.0, 0, str(path), "ReaEQ;ReaComp")
        answer = client.ask("/session/track", f"t{at}", session, at, *values)
        assert (answer.path, answer.arguments) == ("/ok", [f"t{at}"]), answer
    client.send("/session/commit", "c", session)
    assert client.until("/ok", "/error")[-1].path == "/ok"
