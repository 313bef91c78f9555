"""What tests of the HTTP side share: a service with its page and a fake analyst, a client, an ear for events, small stems."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bridge.plans import FakeAnalyst
from tests.bridge.services import Client, client_of, write_stems
from tests.web.services import Ear, Served, Web, served, web_of


@pytest.fixture
def analyst() -> FakeAnalyst:
    return FakeAnalyst()


@pytest.fixture
def at(tmp_path: Path, analyst: FakeAnalyst) -> Iterator[Served]:
    with served(tmp_path / "state", analyst) as running:
        yield running


@pytest.fixture
def web(at: Served) -> Iterator[Web]:
    with web_of(at) as asking:
        yield asking


@pytest.fixture
def osc(at: Served) -> Iterator[Client]:
    with client_of(at.osc) as talking:
        yield talking


@pytest.fixture
def ear(at: Served) -> Ear:
    return Ear(at.url)


@pytest.fixture
def stems(tmp_path: Path) -> dict[str, Path]:
    return write_stems(tmp_path / "stems")
