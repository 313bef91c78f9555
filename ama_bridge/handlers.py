"""What each request means: parse, one call of the Assistant, encode. The handlers know nothing of sockets, and serve every front end alike.

An answer is given by `Exchange.say`, which finds the way to whoever asked. Handlers run on the front end's thread and do nothing that
takes long; what does is a job, whose answers come from the worker.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar, get_args

from ama_analysis.errors import AmaError, OptionError, WorkError
from ama_analysis.plan import Suggestion
from ama_analysis.reference import parse_reference
from ama_analysis.roles import role_from_name
from ama_analysis.session import Session, Track
from ama_bridge.assistant import Assistant
from ama_bridge.jobs import Job, Listener
from ama_bridge.osc_packets import Argument
from ama_bridge.osc_table import PREFIX, PROTOCOL
from ama_bridge.service.handover import Applied, TakenBack
from ama_bridge.service.outcomes import Suggested
from ama_bridge.service.plan_book import Meant
from ama_bridge.service.rendering import Take
from ama_bridge.store import Verdict
from ama_bridge.version import version
from ama_bridge.wire import flat_values

T = TypeVar("T")
Arguments = dict[str, Any]
PROGRESS_EVERY_S: Final = 0.1
"""At most so often is progress sent while the stage stays the same."""
CLEAR: Final = "clear"
BOUNCED: Final = ("raw", "post_effects", "post_fader")
"""Where stems may be taken: before the effects, before fader and pan, after these."""

_log = logging.getLogger(__name__)


class Exchange(Protocol):
    """One request and the way back to whoever asked; answers may come from any thread."""

    @property
    def plan(self) -> str | None:
        """The newest plan that was made for whoever asks, where that is known."""

    def made(self, plan_id: str) -> None:
        """Remember the newest plan of whoever asks."""

    def hello(self, client: str, reply_port: int) -> None:
        """Remember who asks, and where answers go; 0: to where the request came from. `OptionError` where they cannot."""

    def subscribe(self, *, on: bool) -> None:
        """Tell whoever asks of the work of others too; `OptionError` where that goes another way."""

    def say(self, path: str, *arguments: Argument) -> None:
        """Answer."""

    def fail(self, error: AmaError) -> None:
        """Answer with an error."""


class Subscribers(Protocol):
    """Whoever wants to hear what happens on behalf of others."""

    def event(self, event: str, subject: str) -> None:
        """Tell of something that was done."""

    def progress(self, exchange: Exchange, fraction: float, stage: str) -> None:
        """Tell how far a job is that somebody else asked for."""


class Handlers:
    """One method for each address; any thread may call it."""

    def __init__(self, assistant: Assistant, subscribers: Subscribers, *, http_port: int) -> None:
        """Take the Assistant to ask, who else is told, and the port of the page (0: there is none)."""
        self._assistant = assistant
        self._subscribers = subscribers
        self._http_port = http_port
        self._by_path: dict[str, Callable[[Exchange, Arguments], None]] = {
            "/hello": self._hello,
            "/session/begin": self._begin,
            "/session/track": self._track,
            "/session/open": self._open,
            "/session/reference": self._reference,
            "/session/mix": self._mix,
            "/session/lock": self._lock,
            "/session/commit": self._commit,
            "/session/remove": self._remove,
            "/suggest": self._suggest,
            "/decide": self._decide,
            "/apply": self._apply,
            "/revert": self._revert,
            "/daw/text": self._daw_text,
            "/render": self._render,
            "/preferences/reset": self._reset,
            "/cancel": self._cancel,
            "/status": self._status,
            "/ping": self._ping,
            "/subscribe": self._subscribe,
        }

    def answer(self, address: str, exchange: Exchange, read: Callable[[], Arguments]) -> None:
        """Answer a request to an address of the table whose arguments `read` gives, whatever happens."""
        try:
            self._by_path[address.removeprefix(PREFIX)](exchange, read())
        except AmaError as error:
            _log.info("%s: %s %s", address, error.code, error.sentence())
            exchange.fail(error)
        except Exception as error:  # noqa: BLE001  # a request must never end the service
            _log.exception("%s met an error that AMA did not foresee", address)
            why = f"AMA met an error that it did not foresee ({type(error).__name__})."
            exchange.fail(WorkError(why, hint="The log in the state folder has the details."))

    def _hello(self, exchange: Exchange, arguments: Arguments) -> None:
        exchange.hello(arguments["client"], arguments.get("reply_port", 0))
        exchange.say("/welcome", version(), PROTOCOL)

    def _begin(self, exchange: Exchange, arguments: Arguments) -> None:
        bounced = arguments.get("bounced", "post_effects")
        if bounced not in BOUNCED:
            message = f"{bounced!r} is not a way to bounce stems."
            raise OptionError(message, hint=f"Send {', '.join(BOUNCED[:-1])} or {BOUNCED[-1]}.")
        self._assistant.begin(
            arguments["session"],
            daw=arguments["daw"],
            sample_rate_hz=arguments["sample_rate"],
            track_count=arguments["track_count"],
            with_faders=bounced == "post_fader",
        )
        exchange.say("/ok")
        self._subscribers.event("session/begin", arguments["session"])

    def _track(self, exchange: Exchange, arguments: Arguments) -> None:
        role = role_from_name(arguments["name"])
        track = Track(
            id=arguments["track_id"],
            name=arguments["name"] or arguments["track_id"],
            path=Path(arguments["stem_path"]),
            role=role.role,
            role_confidence=role.confidence,
            fader_db=arguments["fader_db"],
            pan=arguments["pan"],
            muted=bool(arguments["mute"]),
            plugins=_listed(arguments["plugins"]),
        )
        self._assistant.sessions.add_track(arguments["session"], arguments["index"], track)
        exchange.say("/ok")

    def _open(self, exchange: Exchange, arguments: Arguments) -> None:
        def done(session: Session) -> None:
            self._warn(exchange, session)
            exchange.say("/session/opened", session.name, len(session.tracks))
            self._subscribers.event("session/open", session.name)

        listener = Listener(on_done=done, on_error=exchange.fail)
        self._assistant.open(Path(arguments["path"]), arguments.get("session", ""), listener)

    def _reference(self, exchange: Exchange, arguments: Arguments) -> None:
        reference = parse_reference(arguments["path"])
        if arguments.get("on", 1):
            self._assistant.sessions.add_reference(arguments["session"], reference)
        else:
            self._assistant.sessions.drop_reference(arguments["session"], reference)
        exchange.say("/ok")

    def _mix(self, exchange: Exchange, arguments: Arguments) -> None:
        path = Path(arguments["path"]) if arguments["path"] else None
        self._assistant.sessions.set_mix(arguments["session"], path)
        exchange.say("/ok")

    def _lock(self, exchange: Exchange, arguments: Arguments) -> None:
        locked = bool(arguments.get("on", 1))
        self._assistant.sessions.lock(arguments["session"], arguments["track_id"], locked=locked)
        exchange.say("/ok")

    def _commit(self, exchange: Exchange, arguments: Arguments) -> None:
        def done(session: Session) -> None:
            self._warn(exchange, session)
            exchange.say("/ok")
            self._subscribers.event("session/commit", session.name)

        listener = Listener(on_done=done, on_error=exchange.fail)
        self._assistant.commit(arguments["session"], listener)

    def _remove(self, exchange: Exchange, arguments: Arguments) -> None:
        session, plan = arguments["session"], arguments.get("plan", "")
        self._assistant.remove(session, plan)
        exchange.say("/ok")
        self._subscribers.event("session/remove", f"{session} {plan}".rstrip())

    def _warn(self, exchange: Exchange, session: Session) -> None:
        for warning in session.warnings:
            exchange.say("/session/warning", warning)

    def _suggest(self, exchange: Exchange, arguments: Arguments) -> None:
        def done(made: Suggested) -> None:
            exchange.made(made.plan_id)
            for suggestion in made.plan.suggestions:
                _tell(exchange, "/suggestion", suggestion)
            for suggestion in made.plan.dropped:
                _tell(exchange, "/dropped", suggestion)
            exchange.say("/suggestions/end", len(made.plan.suggestions), str(made.path))
            self._subscribers.event("suggest", made.plan_id)
            if offer_in:
                listener = self._applying(exchange, offer_in)
                self._assistant.deliveries.offer(made, offer_in, listener)

        offer_in = arguments.get("daw", "")
        self._assistant.suggest(
            arguments["session"],
            arguments.get("engine", "auto"),
            self._long(exchange, done),
            offer_in=offer_in,
            target=arguments.get("target", ""),
        )

    def _decide(self, exchange: Exchange, arguments: Arguments) -> None:
        decision, suggestion_id = arguments["decision"], arguments["suggestion_id"]
        values = arguments.get("value", ())
        of = Meant(named=arguments.get("plan"), own=exchange.plan)
        if decision == CLEAR and not values:
            plan_id = self._assistant.undecide(suggestion_id, of=of)
        elif decision in get_args(Verdict):
            plan_id = self._assistant.decide(suggestion_id, decision, values, of=of)
        else:
            message = f"{decision!r} is not a decision."
            if decision == CLEAR:
                message = "clear takes no values."
            raise OptionError(message, hint="Send accept, reject, clear, or edit with values.")
        exchange.say("/ok")
        self._subscribers.event(f"decide/{decision}", f"{plan_id} {suggestion_id}")

    def _apply(self, exchange: Exchange, arguments: Arguments) -> None:
        with_mix = bool(arguments.get("mix", 0))
        into = arguments.get("folder", "")
        self._assistant.apply(
            arguments["plan_or_session"],
            arguments["daw"],
            self._applying(exchange, arguments["daw"], is_long=with_mix),
            ask=bool(arguments.get("ask", 1)),
            into=Path(into) if into else None,
            with_mix=with_mix,
        )

    def _applying(
        self, exchange: Exchange, daw: str, *, is_long: bool = False
    ) -> Listener[Applied]:
        def done(applied: Applied) -> None:
            receipt = applied.receipt
            left = len(receipt.skipped) + len(receipt.conflicting)
            exchange.say("/applied", len(receipt.applied), left, str(applied.path))
            self._subscribers.event("apply", receipt.plan)

        if is_long or self._assistant.deliveries.asks(daw):
            return self._long(exchange, done)
        return Listener(on_done=done, on_error=exchange.fail)

    def _revert(self, exchange: Exchange, arguments: Arguments) -> None:
        def done(back: TakenBack) -> None:
            reverted = back.reverted
            exchange.say(
                "/reverted", len(reverted.restored), len(reverted.conflicting), str(back.path)
            )
            self._subscribers.event("revert", reverted.id)

        ask = bool(arguments.get("ask", 0))
        listener = self._long(exchange, done)
        self._assistant.deliveries.revert(arguments["daw"], listener, ask=ask)

    def _daw_text(self, exchange: Exchange, arguments: Arguments) -> None:
        part = (arguments["part"], arguments["parts"])
        self._assistant.exports.take_text(
            arguments["what"], arguments["id"], part, arguments["chunk"]
        )
        exchange.say("/ok")

    def _render(self, exchange: Exchange, arguments: Arguments) -> None:
        def done(rendered: Any) -> None:  # noqa: ANN401  # advise.Rendered, whose import would load the analysis
            exchange.say("/rendered", str(rendered.after.path))
            self._subscribers.event("render", str(rendered.after.path))

        take = Take(
            name=arguments["out_name"],
            before_name=arguments.get("before_name", ""),
            only=_listed(arguments.get("only", "")),
            track=arguments.get("track", ""),
            reference=arguments.get("reference", ""),
        )
        self._assistant.render(arguments["plan"], take, self._long(exchange, done))

    def _reset(self, exchange: Exchange, _: Arguments) -> None:
        self._assistant.forget_preferences()
        exchange.say("/ok")
        self._subscribers.event("preferences/reset", "")

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
            len(status.plan_ids),
            len(status.jobs),
            running.id if running else "",
            running.fraction if running else 0.0,
            running.stage if running else "",
            str(status.state_folder),
            self._http_port,
        )

    def _ping(self, exchange: Exchange, _: Arguments) -> None:
        exchange.say("/pong")

    def _subscribe(self, exchange: Exchange, arguments: Arguments) -> None:
        exchange.subscribe(on=bool(arguments.get("on", 1)))
        exchange.say("/ok")

    def _long(self, exchange: Exchange, done: Callable[[T], None]) -> Listener[T]:
        """Return a listener that answers with the job's id and its progress, and tells subscribers of both."""

        def queued(job: Job) -> None:
            exchange.say("/job", job.id)
            self._subscribers.event("job", job.id)

        return Listener(
            on_done=done,
            on_error=exchange.fail,
            on_progress=_Paced(lambda f, s: self._progress(exchange, f, s)),
            on_queued=queued,
        )

    def _progress(self, exchange: Exchange, fraction: float, stage: str) -> None:
        exchange.say("/progress", fraction, stage)
        self._subscribers.progress(exchange, fraction, stage)


def _tell(exchange: Exchange, family: str, suggestion: Suggestion) -> None:
    action = suggestion.action
    exchange.say(
        f"{family}/{action.kind}",
        suggestion.id,
        suggestion.track,
        *flat_values(action),
        float(suggestion.confidence),
        suggestion.because,
    )


def _listed(text: str) -> tuple[str, ...]:
    """Return what stands one a line, or separated by semicolons."""
    return tuple(part.strip() for part in text.replace(";", "\n").splitlines() if part.strip())


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
