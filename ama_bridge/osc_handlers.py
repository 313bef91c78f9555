"""What each OSC request means: parse, one call of the Assistant, encode. The handlers know nothing of sockets.

An answer is sent by `Exchange.say`, which adds the request id and finds the way to whoever asked. Handlers run on the socket's thread
and do nothing that takes long; what does is a job, whose answers come from the worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar, get_args

from ama_analysis.errors import AmaError, OptionError
from ama_analysis.reference import parse_reference
from ama_analysis.roles import role_from_name
from ama_analysis.session import Session, Track
from ama_bridge.assistant import Assistant, Suggested
from ama_bridge.handover import Applied, TakenBack
from ama_bridge.jobs import Job, Listener
from ama_bridge.osc_clients import Client, Clients, Endpoint
from ama_bridge.osc_packets import Argument
from ama_bridge.osc_table import PREFIX, PROTOCOL
from ama_bridge.store import Verdict
from ama_bridge.version import version
from ama_bridge.wire import flat_values

T = TypeVar("T")
Arguments = dict[str, Any]
PROGRESS_EVERY_S: Final = 0.1
"""At most so often is progress sent while the stage stays the same."""
_MIN_PORT: Final = 1


class Sends(Protocol):
    """The way out: sends one message to every endpoint, from any thread."""

    def __call__(
        self, to: tuple[Endpoint, ...], address: str, arguments: tuple[Argument, ...]
    ) -> None:
        """Send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and the way back to whoever asked."""

    rid: str
    sender: Endpoint
    client: Client
    answers_at: tuple[Endpoint, ...]
    send: Sends

    def say(self, path: str, *arguments: Argument) -> None:
        """Answer."""
        self.send(self.answers_at, PREFIX + path, (self.rid, *arguments))

    def fail(self, error: AmaError) -> None:
        """Answer with an error."""
        self.say("/error", error.code, error.sentence())


class Handlers:
    """One method for each address."""

    def __init__(self, assistant: Assistant, clients: Clients, send: Sends) -> None:
        """Take the Assistant to ask and the way out."""
        self._assistant = assistant
        self._clients = clients
        self._send = send
        self._by_path: dict[str, Callable[[Exchange, Arguments], None]] = {
            "/hello": self._hello,
            "/session/begin": self._begin,
            "/session/track": self._track,
            "/session/reference": self._reference,
            "/session/mix": self._mix,
            "/session/commit": self._commit,
            "/suggest": self._suggest,
            "/decide": self._decide,
            "/apply": self._apply,
            "/revert": self._revert,
            "/daw/text": self._daw_text,
            "/render": self._render,
            "/cancel": self._cancel,
            "/status": self._status,
            "/ping": self._ping,
            "/subscribe": self._subscribe,
        }

    def handle(self, address: str, exchange: Exchange, arguments: Arguments) -> None:
        """Answer a request whose arguments were read; `AmaError` where it is refused."""
        self._by_path[address.removeprefix(PREFIX)](exchange, arguments)

    def _hello(self, exchange: Exchange, arguments: Arguments) -> None:
        port = arguments.get("reply_port", 0)
        if port and port not in range(_MIN_PORT, 2**16):
            message = f"{port} is not a port."
            raise OptionError(message, hint="Ports go from 1 to 65535.")
        self._clients.hello(exchange.sender, arguments["client"], port)
        there = self._clients.answers_at(exchange.sender)
        self._send(there, f"{PREFIX}/welcome", (exchange.rid, version(), PROTOCOL))

    def _begin(self, exchange: Exchange, arguments: Arguments) -> None:
        self._assistant.begin(
            arguments["session"],
            daw=arguments["daw"],
            sample_rate_hz=arguments["sample_rate"],
            track_count=arguments["track_count"],
            with_faders=arguments.get("bounced") == "post_fader",
        )
        exchange.say("/ok")
        self._tell("session/begin", arguments["session"])

    def _track(self, exchange: Exchange, arguments: Arguments) -> None:
        role = role_from_name(arguments["name"])
        plugins = arguments["plugins"].replace(";", "\n").splitlines()
        track = Track(
            id=arguments["track_id"],
            name=arguments["name"] or arguments["track_id"],
            path=Path(arguments["stem_path"]),
            role=role.role,
            role_confidence=role.confidence,
            fader_db=arguments["fader_db"],
            pan=arguments["pan"],
            muted=bool(arguments["mute"]),
            plugins=tuple(name.strip() for name in plugins if name.strip()),
        )
        self._assistant.add_track(arguments["session"], arguments["index"], track)
        exchange.say("/ok")

    def _reference(self, exchange: Exchange, arguments: Arguments) -> None:
        self._assistant.add_reference(arguments["session"], parse_reference(arguments["path"]))
        exchange.say("/ok")

    def _mix(self, exchange: Exchange, arguments: Arguments) -> None:
        self._assistant.set_mix(arguments["session"], Path(arguments["path"]))
        exchange.say("/ok")

    def _commit(self, exchange: Exchange, arguments: Arguments) -> None:
        def done(session: Session) -> None:
            for warning in session.warnings:
                exchange.say("/session/warning", warning)
            exchange.say("/ok")
            self._tell("session/commit", session.name)

        listener = Listener(on_done=done, on_error=exchange.fail)
        self._assistant.commit(arguments["session"], listener)

    def _suggest(self, exchange: Exchange, arguments: Arguments) -> None:
        def done(made: Suggested) -> None:
            exchange.client.plan = made.plan_id
            for suggestion in made.plan.suggestions:
                action = suggestion.action
                exchange.say(
                    f"/suggestion/{action.kind}",
                    suggestion.id,
                    suggestion.track,
                    *flat_values(action),
                    float(suggestion.confidence),
                    suggestion.because,
                )
            exchange.say("/suggestions/end", len(made.plan.suggestions), str(made.path))
            self._tell("suggest", made.plan_id)
            if offer_in:
                self._assistant.offer(made, offer_in, self._applying(exchange, offer_in))

        offer_in = arguments.get("daw", "")
        self._assistant.suggest(
            arguments["session"],
            arguments.get("engine", "auto"),
            self._long(exchange, done),
            offer_in=offer_in,
        )

    def _decide(self, exchange: Exchange, arguments: Arguments) -> None:
        verdict = arguments["decision"]
        if verdict not in get_args(Verdict):
            message = f"{verdict!r} is not a decision."
            raise OptionError(message, hint="Send accept, reject or edit.")
        plan_id = self._assistant.decide(
            arguments["suggestion_id"],
            verdict,
            arguments.get("value", ()),
            plan=exchange.client.plan,
        )
        exchange.say("/ok")
        self._tell(f"decide/{verdict}", f"{plan_id} {arguments['suggestion_id']}")

    def _apply(self, exchange: Exchange, arguments: Arguments) -> None:
        ask = bool(arguments.get("ask", 1))
        listener = self._applying(exchange, arguments["daw"])
        self._assistant.apply(arguments["plan_or_session"], arguments["daw"], listener, ask=ask)

    def _applying(self, exchange: Exchange, daw: str) -> Listener[Applied]:
        def done(applied: Applied) -> None:
            receipt = applied.receipt
            left = len(receipt.skipped) + len(receipt.conflicting)
            exchange.say("/applied", len(receipt.applied), left, str(applied.path))
            self._tell("apply", receipt.plan)

        if self._assistant.asks(daw):
            return self._long(exchange, done)
        return Listener(on_done=done, on_error=exchange.fail)

    def _revert(self, exchange: Exchange, arguments: Arguments) -> None:
        def done(back: TakenBack) -> None:
            reverted = back.reverted
            exchange.say(
                "/reverted", len(reverted.restored), len(reverted.conflicting), str(back.path)
            )
            self._tell("revert", reverted.id)

        ask = bool(arguments.get("ask", 0))
        self._assistant.revert(arguments["daw"], self._long(exchange, done), ask=ask)

    def _daw_text(self, exchange: Exchange, arguments: Arguments) -> None:
        part = (arguments["part"], arguments["parts"])
        self._assistant.take_text(arguments["what"], arguments["id"], part, arguments["chunk"])
        exchange.say("/ok")

    def _render(self, exchange: Exchange, arguments: Arguments) -> None:
        def done(rendered: Any) -> None:  # noqa: ANN401  # advise.Rendered, whose import would load the analysis
            exchange.say("/rendered", str(rendered.after.path))
            self._tell("render", str(rendered.after.path))

        self._assistant.render(
            arguments["plan"],
            arguments["out_name"],
            arguments.get("before_name", ""),
            self._long(exchange, done),
        )

    def _cancel(self, exchange: Exchange, arguments: Arguments) -> None:
        self._assistant.cancel(arguments["job"])
        exchange.say("/ok")

    def _status(self, exchange: Exchange, _: Arguments) -> None:
        status = self._assistant.status()
        running = next((job for job in status.jobs if job.state == "running"), None)
        exchange.say(
            "/status",
            version(),
            len(status.sessions),
            status.plans,
            len(status.jobs),
            running.id if running else "",
            running.fraction if running else 0.0,
            running.stage if running else "",
            str(status.state_folder),
        )

    def _ping(self, exchange: Exchange, _: Arguments) -> None:
        exchange.say("/pong")

    def _subscribe(self, exchange: Exchange, arguments: Arguments) -> None:
        exchange.client.subscription = exchange.rid if arguments.get("on", 1) else ""
        exchange.say("/ok")

    def _long(self, exchange: Exchange, done: Callable[[T], None]) -> Listener[T]:
        """Return a listener that answers with the job's id and its progress, and tells subscribers of both."""

        def queued(job: Job) -> None:
            exchange.say("/job", job.id)
            self._tell("job", job.id)

        return Listener(
            on_done=done,
            on_error=exchange.fail,
            on_progress=_Paced(lambda f, s: self._progress(exchange, f, s)),
            on_queued=queued,
        )

    def _progress(self, exchange: Exchange, fraction: float, stage: str) -> None:
        exchange.say("/progress", fraction, stage)
        for to, rid in self._clients.subscribers():
            if to not in exchange.answers_at:
                self._send((to,), f"{PREFIX}/progress", (rid, fraction, stage))

    def _tell(self, event: str, subject: str) -> None:
        for to, rid in self._clients.subscribers():
            self._send((to,), f"{PREFIX}/event", (rid, event, subject))


class _Paced:
    """Lets progress through when the stage changes, at the end, and every now and then."""

    def __init__(self, on_progress: Callable[[float, str], None]) -> None:
        self._on_progress = on_progress
        self._stage = ""
        self._next_s = 0.0

    def __call__(self, fraction: float, stage: str) -> None:
        now_s = time.monotonic()
        if stage == self._stage and now_s < self._next_s and fraction < 1.0:
            return
        self._stage, self._next_s = stage, now_s + PROGRESS_EVERY_S
        self._on_progress(min(max(float(fraction), 0.0), 1.0), stage)
