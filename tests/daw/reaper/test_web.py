"""Starting an action through a web interface like REAPER's, over real HTTP on loopback."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from ama_analysis.errors import DeliveryError, OptionError
from ama_bridge.daw.reaper import web
from tests.daw.reaper.web_server import Reaper, serving

COMMAND = "_RS0a1b2c3d4e5f67890a1b2c3d4e5f67890a1b2c3d"
WITHIN_S = 2.0 + 0.5
"""The wait that AMA promises, and what a loaded machine adds."""


@pytest.mark.parametrize("command", [COMMAND, "40029", "_AMA_APPLY", "_" + "x" * 1022])
def test_an_action_is_started_once(command: str) -> None:
    with serving(Reaper()) as reaper:
        web.trigger(reaper.server_port, command)
        assert reaper.commands == [command]
        assert reaper.lines == [f"GET /_/{command} HTTP/1.1"]


@pytest.mark.parametrize(
    "command",
    ["", "RS1", "_RS1;40029", "_RS1/SET/EXTSTATE", "_RS 1", "_RS1\r\nHost: x", "_é", "-3", "_" + "x" * 1023],
)  # fmt: skip
def test_what_is_no_command_id_is_not_sent(command: str) -> None:
    with serving(Reaper()) as reaper:
        with pytest.raises(OptionError):
            web.trigger(reaper.server_port, command)
        assert not reaper.lines


def test_name_and_password_are_given() -> None:
    with serving(Reaper(login="ama:sécret:x")) as reaper:
        web.trigger(reaper.server_port, COMMAND, "ama:sécret:x")
        web.trigger(reaper.server_port, COMMAND, "sécret:x", user="ama")
        assert reaper.commands == [COMMAND, COMMAND]


@pytest.mark.parametrize("password", [None, "", "ama:wrong"])
def test_a_password_that_is_wanted_is_told(password: str | None) -> None:
    with serving(Reaper(login="ama:secret")) as reaper:
        with pytest.raises(DeliveryError, match="asks for another name or password") as refused:
            web.trigger(reaper.server_port, COMMAND, password)
        assert refused.value.code == "AMA-701"
        assert not reaper.commands


@pytest.mark.parametrize("status", [404, 500, 302])
def test_another_server_at_the_port_is_told(status: int) -> None:
    with (
        serving(Reaper(status=status)) as other,
        pytest.raises(DeliveryError, match=f"answers {status}"),
    ):
        web.trigger(other.server_port, COMMAND)


def test_where_nothing_listens_it_is_said_soon() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    begun_s = time.monotonic()
    with pytest.raises(DeliveryError, match="No REAPER answers over the web") as refused:
        web.trigger(port, COMMAND)
    assert refused.value.code == "AMA-704"
    assert time.monotonic() - begun_s < WITHIN_S


def test_a_server_that_does_not_answer_leaves_a_doubt() -> None:
    with serving(Reaper(slow=threading.Event())) as reaper:
        begun_s = time.monotonic()
        with pytest.raises(DeliveryError, match="did not answer") as doubt:
            web.trigger(reaper.server_port, COMMAND)
        assert doubt.value.code == "AMA-705"
        assert time.monotonic() - begun_s < WITHIN_S
        assert len(reaper.lines) == 1


@pytest.mark.parametrize("answer", [b"", b"not http\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_no_http_is_told(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def odd() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=odd)
        thread.start()
        with pytest.raises(DeliveryError) as refused:
            web.trigger(listening.getsockname()[1], COMMAND)
        thread.join(5.0)
    assert refused.value.code == "AMA-705"
