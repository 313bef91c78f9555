"""Starting an action through REAPER's web interface, where the user has it on: `GET /_/COMMAND`, with a name and password where it asks for them.

An answer says that REAPER heard, not that a script began. A command is at most 1,023 characters long.
"""

from __future__ import annotations

import base64
import http.client
import re
import socket
from typing import Final
from urllib.parse import quote

from ama_analysis.errors import DeliveryError, OptionError
from ama_bridge.config import HOST

WAIT_S: Final = 2.0
LONGEST_COMMAND: Final = 1023
_COMMAND: Final = re.compile(r"_[A-Za-z0-9_]+|[1-9][0-9]{0,8}")
_MOST_BYTES: Final = 65_536


def trigger(
    port: int,
    command_id: str,
    password: str | None = None,
    *,
    user: str = "",
    host: str = HOST,
) -> None:
    """Start an action once, by its number or its command id ("_RS..."). `password` is that of the web interface, or "user:password".

    `OptionError` (AMA-501) for what is no command id; `DeliveryError` within two seconds: AMA-704 where nothing listens there, AMA-705 where REAPER took the
    request and did not answer, AMA-701 where it refuses it.
    """
    if not _COMMAND.fullmatch(command_id) or len(command_id) > LONGEST_COMMAND:
        message = f"{command_id[:60]!r} is no command id of REAPER's."
        raise OptionError(message, hint="It is a number, or begins with _RS.")
    status = _asked(host, port, f"/_/{quote(command_id, safe='')}", _headers(user, password or ""))
    if status in {401, 403}:
        message = f"REAPER's web interface at {host}:{port} asks for another name or password."
        hint = "It is in Preferences > Control/OSC/web > Web browser interface."
        raise DeliveryError(message, hint=hint)
    if status != 200:
        message = (
            f"What listens at {host}:{port} answers {status}; it is no web interface of REAPER's."
        )
        raise DeliveryError(message, hint=_LOOK)


_LOOK: Final = "Look at the port in Preferences > Control/OSC/web > Web browser interface."


def _headers(user: str, password: str) -> dict[str, str]:
    if not user and ":" in password:
        user, _, password = password.partition(":")
    headers = {"Connection": "close", "User-Agent": "AMA"}
    if user or password:
        text = f"{user}:{password}".encode("utf-8", "surrogateescape")
        headers["Authorization"] = f"Basic {base64.b64encode(text).decode('ascii')}"
    return headers


def _asked(host: str, port: int, path: str, headers: dict[str, str]) -> int:
    """Return the status of the answer. A request is sent once: a second one could start the action twice."""
    connection = http.client.HTTPConnection(host, port, timeout=WAIT_S)
    try:
        try:
            connection.connect()
        except OSError as error:
            message = f"No REAPER answers over the web at {host}:{port}."
            raise DeliveryError(message, hint=_LOOK, code="AMA-704") from error
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read(_MOST_BYTES)
        except TimeoutError as error:
            message = (
                f"REAPER took the request at {host}:{port} and did not answer within {WAIT_S:g} s."
            )
            hint = "Look into REAPER whether the action runs."
            raise DeliveryError(message, hint=hint, code="AMA-705") from error
        except (OSError, http.client.HTTPException) as error:
            message = f"What listens at {host}:{port} does not answer as REAPER's web interface does ({_reason(error)})."
            raise DeliveryError(message, hint=_LOOK, code="AMA-705") from error
        return answer.status
    finally:
        connection.close()


def _reason(error: Exception) -> str:
    reset = isinstance(error, ConnectionError | socket.timeout)
    return "the connection ended" if reset else type(error).__name__
