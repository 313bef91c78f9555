"""The same request over real OSC and over real HTTP, and its answer in one form, so that one test holds both doors."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from ama_bridge.osc_table import ADDRESSES, ANSWERS, PREFIX
from tests.bridge.services import PATIENCE_S, Answer, Client, client_of
from tests.web.services import Served, Web, web_of

ON_THE_WAY = ("/job", "/progress", "/session/warning")


@dataclass(frozen=True)
class Reply:
    """The last answer to a request: its path with its arguments by name, or an error's code and sentence."""

    path: str
    named: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    sentence: str = ""


class FrontEnd(Protocol):
    """Asks, and waits until all is done."""

    def ask(self, path: str, /, **named: Any) -> Reply: ...


@dataclass
class OverOsc:
    client: Client

    def ask(self, path: str, /, **named: Any) -> Reply:
        arguments: list[Any] = ["rid"]
        for parameter in ADDRESSES[PREFIX + path].parameters[1:]:
            if parameter.repeated:
                arguments += named.get(parameter.name, [])
            elif parameter.name in named:
                arguments.append(named[parameter.name])
            elif any(p.name in named for p in _after(path, parameter.name)):
                arguments.append("")  # what is left out before one that is not
        self.client.send(path, *arguments)
        return _reply(_last(self.client))


def _after(path: str, name: str) -> list[Any]:
    parameters = ADDRESSES[PREFIX + path].parameters
    at = [p.name for p in parameters].index(name)
    return [p for p in parameters[at + 1 :] if not p.by_name]


def _last(client: Client) -> Answer:
    while True:
        answer = client.next()
        if answer.path not in ON_THE_WAY and not answer.path.startswith(
            ("/suggestion/", "/dropped/")
        ):
            return answer


def _reply(answer: Answer) -> Reply:
    if answer.path == "/error":
        return Reply("/error", code=str(answer.arguments[1]), sentence=str(answer.arguments[2]))
    names = [p.name for p in ANSWERS[PREFIX + answer.path]]
    named = dict(zip(names, answer.arguments, strict=True))
    return Reply(answer.path, {k: v for k, v in named.items() if k != "rid"})


@dataclass
class OverHttp:
    web: Web

    def ask(self, path: str, /, **named: Any) -> Reply:
        answer = self.web.post(path, **named)
        document = answer.json()
        if not answer.is_success:
            return Reply("/error", code=document["code"], sentence=document["message"])
        if document["answer"] == "job":
            return self._outcome(document["job"])
        named = {k: v for k, v in document.items() if k not in {"answer", "warnings"}}
        return Reply(f"/{document['answer']}", named)

    def _outcome(self, job_id: str) -> Reply:
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            job = self.web.get(f"/jobs/{job_id}")
            if job["state"] == "done":
                return Reply(f"/{job['kind']}", job["result"])
            if job["state"] in {"failed", "cancelled"}:
                return Reply("/error", code=job["code"], sentence=job["error"])
        raise TimeoutError(job_id)


@contextmanager
def front_end(door: str, at: Served) -> Iterator[FrontEnd]:
    if door == "osc":
        with client_of(at.osc) as client:
            yield OverOsc(client)
    else:
        with web_of(at) as web:
            yield OverHttp(web)
