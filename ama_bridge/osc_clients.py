"""Who talks to the service, and where answers go.

1. A sender that said hello with a reply port gets its answers at that port.
2. A sender that said hello without one gets them at the port it sends from.
3. A sender that never said hello gets them at the port it sends from, and they go to the reply port that was registered last as well: a
   program such as `oscsend` sends each message from another port, says hello in one and asks in the next. Whoever listens there tells
   its own answers by their request ids.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, TypeAlias

Endpoint: TypeAlias = tuple[str, int]
REMEMBERED: Final = 256
"""How many senders are remembered; the one that was silent longest is forgotten first."""


@dataclass(slots=True, kw_only=True)
class Client:
    """What is known of one sender."""

    answers_at: Endpoint
    name: str = ""
    plan: str | None = None
    subscription: str = ""


class Clients:
    """All senders by endpoint."""

    def __init__(self) -> None:
        """Know nobody."""
        self._known: OrderedDict[Endpoint, Client] = OrderedDict()
        self._last_reply_port: Endpoint | None = None
        self._lock = threading.Lock()  # the worker reads while the socket's thread remembers

    def hello(self, sender: Endpoint, name: str, reply_port: int | None) -> None:
        """Remember a sender, and where its answers go."""
        answers_at = (sender[0], reply_port) if reply_port else sender
        client = self.of(sender)
        client.name, client.answers_at = name or "unnamed", answers_at
        if reply_port:
            self._last_reply_port = answers_at

    def of(self, sender: Endpoint) -> Client:
        """Return what is known of a sender; whoever is new is remembered."""
        with self._lock:
            if sender not in self._known:
                self._known[sender] = Client(answers_at=sender)
            self._known.move_to_end(sender)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
            return self._known[sender]

    def answers_at(self, sender: Endpoint) -> tuple[Endpoint, ...]:
        """Return where an answer for this sender goes."""
        client = self.of(sender)
        also = self._last_reply_port
        if client.name or also is None or also == client.answers_at:
            return (client.answers_at,)
        return (client.answers_at, also)

    def subscribers(self) -> list[tuple[Endpoint, str]]:
        """Return where events go, each with the subscription's request id."""
        with self._lock:
            known = tuple(self._known.values())
        return [(each.answers_at, each.subscription) for each in known if each.subscription]
