"""What tests of the bridge share: a service in this process with a fake analyst, a client, small stems, and `ama` as a function."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ama_bridge import cli
from ama_bridge.osc_server import OscServer
from tests.bridge.plans import FakeAnalyst
from tests.bridge.services import Client, client_of, service, write_stems
from tests.bridge.stems import write_song


@pytest.fixture
def analyst() -> FakeAnalyst:
    return FakeAnalyst()


@pytest.fixture
def server(tmp_path: Path, analyst: FakeAnalyst) -> Iterator[OscServer]:
    with service(tmp_path / "state", analyst) as running:
        yield running


@pytest.fixture
def client(server: OscServer) -> Iterator[Client]:
    with client_of(server) as talking:
        yield talking


@pytest.fixture
def stems(tmp_path: Path) -> dict[str, Path]:
    return write_stems(tmp_path / "stems")


class Ran:
    """What a run of `ama` said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    def sentence(self, code: int = 2) -> str:
        """Return the one sentence that a refusal says."""
        assert self.code == code, self.err
        assert len(self.err.splitlines()) == 1, self.err
        assert "Traceback" not in self.err
        assert self.err.startswith("ama: ")
        return self.err


@pytest.fixture
def ama(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str | Path) -> Ran:
        code = cli.main([str(a) for a in arguments])
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("song")
    write_song(folder)
    return folder


@pytest.fixture(scope="module")
def plan(song: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plan") / "plan.json"
    assert cli.main(["suggest", str(song), "--out", str(path)]) == 0
    return path
