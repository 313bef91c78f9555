"""One OSC request and the way back to whoever sent it, and those who subscribed to what others do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from ama_analysis.errors import AmaError, OptionError
from ama_bridge.handlers import Exchange
from ama_bridge.osc_clients import Client, Clients, Endpoint
from ama_bridge.osc_packets import Argument
from ama_bridge.osc_table import PREFIX

_PORTS: Final = range(1, 2**16)


class Sends(Protocol):
    """The way out: sends one message to every endpoint, from any thread."""

    def __call__(
        self, to: tuple[Endpoint, ...], address: str, arguments: tuple[Argument, ...]
    ) -> None:
        """Send."""


@dataclass(slots=True, kw_only=True)
class OscExchange:
    """A request that came as a datagram; where its answers go is settled when it comes, or by its own hello."""

    rid: str
    sender: Endpoint
    clients: Clients
    send: Sends
    client: Client = field(init=False)
    answers_at: tuple[Endpoint, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.clients.of(self.sender)
        self.answers_at = self.clients.answers_at(self.sender)

    @property
    def plan(self) -> str | None:
        """The newest plan that was made for the sender."""
        return self.client.plan

    def made(self, plan_id: str) -> None:
        """Remember the newest plan of the sender."""
        self.client.plan = plan_id

    def hello(self, client: str, reply_port: int) -> None:
        """Remember the sender, and the port to which its answers go."""
        if reply_port and reply_port not in _PORTS:
            message = f"{reply_port} is not a port."
            raise OptionError(message, hint="Ports go from 1 to 65535.")
        self.clients.hello(self.sender, client, reply_port)
        self.answers_at = self.clients.answers_at(self.sender)

    def subscribe(self, *, on: bool) -> None:
        """Tell the sender of the work of others, under this request's id."""
        self.client.subscription = self.rid if on else ""

    def say(self, path: str, *arguments: Argument) -> None:
        """Answer."""
        self.send(self.answers_at, PREFIX + path, (self.rid, *arguments))

    def fail(self, error: AmaError) -> None:
        """Answer with an error."""
        self.say("/error", error.code, error.sentence())


@dataclass(frozen=True, slots=True)
class OscSubscribers:
    """Senders that subscribed."""

    clients: Clients
    send: Sends

    def event(self, event: str, subject: str) -> None:
        """Tell of something that was done."""
        for to, rid in self.clients.subscribers():
            self.send((to,), f"{PREFIX}/event", (rid, event, subject))

    def progress(self, exchange: Exchange, fraction: float, stage: str) -> None:
        """Tell how far a job is, but for whoever asked for it and hears it anyway."""
        told = exchange.answers_at if isinstance(exchange, OscExchange) else ()
        for to, rid in self.clients.subscribers():
            if to not in told:
                self.send((to,), f"{PREFIX}/progress", (rid, fraction, stage))
