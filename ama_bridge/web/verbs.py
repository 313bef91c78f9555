"""Requests by POST: the verbs of the OSC namespace with a JSON object for their arguments, answered by the very handlers that OSC has.

The first answer that ends a conversation over OSC is the answer here: "ok" and its kin as 200, a job as 202, an error with its status.
What a job does after that is told by events and at its own address.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ama_analysis.errors import AmaError, OptionError
from ama_bridge.arguments import address_at, answer_named, read_named
from ama_bridge.handlers import Handlers
from ama_bridge.osc_packets import Argument
from ama_bridge.osc_table import PREFIX
from ama_bridge.web.answering import TOO_LARGE, Refused, error_response, json_response

MOST_BYTES: Final = 1 << 20
"""The largest body that is taken: arguments are names, paths and numbers."""
DRAINED_BYTES: Final = 8 * MOST_BYTES
"""Beyond it nothing more is read, and the line is closed."""
_WARNING: Final = "/session/warning"
_WARNS: Final = frozenset({"/session/commit", "/session/open"})
_JOB: Final = "/job"
_ON_THE_WAY: Final = frozenset({_WARNING, "/progress"})


class WebExchange:
    """One request by POST; the first answer that is none on the way is the one that is given."""

    plan: str | None = None

    def __init__(self, path: str) -> None:
        """Take the verb's path, without the prefix."""
        self.answer: Future[Response] = Future()
        self._warnings: list[Argument] = []
        self._warns = path in _WARNS

    def made(self, plan_id: str) -> None:
        """Forget it: whoever asks over HTTP names the plan that is meant."""

    def hello(self, client: str, reply_port: int) -> None:
        """Take note of nobody: an answer goes back the way that its request came."""

    def subscribe(self, *, on: bool) -> None:  # noqa: ARG002  # either way it goes elsewhere
        """Refuse: events have an address of their own."""
        message = "Over HTTP nothing is subscribed to."
        raise OptionError(message, hint=f"Listen to the event stream at {PREFIX}/events.")

    def say(self, path: str, *arguments: Argument) -> None:
        """Give the answer, unless it was given already."""
        if path == _WARNING:
            self._warnings.extend(arguments)
        if path in _ON_THE_WAY or self.answer.done():
            return
        named = answer_named(PREFIX + path, ("", *arguments))
        document: dict[str, Any] = {"answer": path.removeprefix("/"), **named}
        if self._warns:
            document["warnings"] = self._warnings
        self._give(json_response(document, 202 if path == _JOB else 200))

    def fail(self, error: AmaError) -> None:
        """Give an error as the answer, unless one was given already; the job tells of what fails later."""
        self._give(error_response(error))

    def _give(self, response: Response) -> None:
        with suppress(InvalidStateError):  # given already, or whoever asked has gone
            self.answer.set_result(response)


async def answer(handlers: Handlers, request: Request) -> Response:
    """Return the answer to a verb."""
    address = address_at(request.scope["path"])
    body = read_json(await body_of(request))
    exchange = WebExchange(address.path.removeprefix(PREFIX))
    await run_in_threadpool(
        handlers.answer, address.path, exchange, lambda: read_named(address, body)
    )
    return await asyncio.wrap_future(exchange.answer)


async def body_of(request: Request) -> bytes:
    """Return a body; `Refused` (413) where it is larger than `MOST_BYTES`.

    What is somewhat too large is read to its end, or a sender that is not done yet would find the line closed in place of the answer.
    """
    body, size = bytearray(), 0
    try:
        async for part in request.stream():
            size += len(part)
            if size <= MOST_BYTES:
                body += part
            elif size > DRAINED_BYTES:
                break
    except ClientDisconnect as error:
        raise Refused(400, "The request ended before its end.") from error
    if size > MOST_BYTES:
        message = "The request is too large."
        raise Refused(TOO_LARGE, message, hint=f"Send at most {MOST_BYTES} bytes.")
    return bytes(body)


def read_json(body: bytes) -> Mapping[str, Any]:
    """Return the object in a body, an empty one where it is empty; `Refused` (400) where it holds something else."""
    try:
        found = json.loads(body.decode("utf-8") or "{}")
    except (ValueError, RecursionError) as error:
        message = f"The request is not JSON ({error})."
        raise Refused(400, message, hint="Send a JSON object in UTF-8.") from error
    if not isinstance(found, dict):
        message = "The request is no JSON object."
        raise Refused(400, message, hint="Send the arguments by name.")
    return found
