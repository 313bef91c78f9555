"""The OSC namespace as data: every address, its arguments, its answer. docs/reference.md shows this table, and the server follows it.

An argument is written `type:name` with the types s (string; symbols too), i (whole number; h, T and F too, and a float without a
fraction) and f (float; d, i and h too). Those in brackets may be left out; one with "..." may come any number of times and may be
a string too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, get_origin

from ama_analysis.errors import OptionError
from ama_bridge.osc_packets import Message
from ama_bridge.wire import KINDS, value_types

PREFIX: Final = "/ama/v1"
PROTOCOL: Final = 1
MAX_RID_BYTES: Final = 100
_I32: Final = range(-(2**31), 2**31)

Row: TypeAlias = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One argument of an address."""

    type: str
    name: str
    optional: bool = False
    repeated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One address that AMA listens to."""

    path: str
    arguments: str
    answer: str
    about: str

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The arguments, taken apart."""
        return tuple(_parameter(word) for word in self.arguments.split())


def _parameter(word: str) -> Parameter:
    optional = word.startswith("[")
    kind, _, name = word.strip("[]").partition(":")
    return Parameter(
        type=kind, name=name.removesuffix("..."), optional=optional, repeated=name.endswith("...")
    )


_OK: Final = "/ama/v1/ok s:rid"
_ROWS: Final[tuple[Row, ...]] = (
    (
        "/hello",
        "s:rid s:client [i:reply_port]",
        "/ama/v1/welcome s:rid s:version i:protocol",
        "Says who is there. With a reply port, this and all later answers for the sender go to that port of its machine.",
    ),
    (
        "/session/begin",
        "s:rid s:session s:daw f:sample_rate i:track_count [s:bounced]",
        _OK,
        "Begins a session, or begins it anew. bounced post_fader says that the stems contain fader and pan.",
    ),
    (
        "/session/track",
        "s:rid s:session i:index s:track_id s:name f:fader_db f:pan i:mute s:stem_path s:plugins",
        _OK,
        "Tells one track, index from 0; sending an index again replaces it. plugins: names, one a line or separated by ';'.",
    ),
    (
        "/session/reference",
        "s:rid s:session s:path",
        _OK,
        "Adds a reference track, or a section of one: /home/me/song.flac@1:02-1:34 (M:SS or seconds, either may be left out).",
    ),
    ("/session/mix", "s:rid s:session s:path", _OK, "Names the mix as it is now."),
    (
        "/session/commit",
        "s:rid s:session",
        "/ama/v1/session/warning s:rid s:message (any number), then /ama/v1/ok s:rid",
        "Says that all is told; an error names the missing indices.",
    ),
    (
        "/suggest",
        "s:rid s:session [s:engine] [s:daw]",
        "/ama/v1/job s:rid s:job, /ama/v1/progress s:rid f:fraction s:stage, one /ama/v1/suggestion/KIND each, "
        "/ama/v1/suggestions/end s:rid i:count s:plan_path",
        "Measures and suggests; engine auto (also when left out), rules, cnn or reference. With daw the plan is then offered there, as /apply does, in a dialog.",
    ),
    (
        "/decide",
        "s:rid s:suggestion_id s:decision [f:value...]",
        _OK,
        "accept, reject or edit (with new values in the order of the suggestion) for a suggestion of the sender's newest plan, "
        "else of the newest that has it; suggestion_id * means all of them.",
    ),
    (
        "/apply",
        "s:rid s:plan_or_session s:daw [i:ask]",
        "/ama/v1/applied s:rid i:applied i:skipped s:receipt_path; from a DAW that asks /ama/v1/job s:rid s:job and /progress before",
        "Hands the accepted suggestions over; daw folder writes the plan, a preset a track and one for the master. daw ardour or reaper shows all that was "
        "not rejected in a dialog there and sets what the user leaves ticked; with ask 0 it sets the accepted ones at once.",
    ),
    (
        "/revert",
        "s:rid s:daw [i:ask]",
        "/ama/v1/job s:rid s:job, /ama/v1/progress s:rid f:fraction s:stage, /ama/v1/reverted s:rid i:restored i:conflicting s:path",
        "Takes back what the last apply set in a DAW, where it still is as AMA left it; with ask 1 a dialog lists what is not.",
    ),
    (
        "/daw/text",
        "s:what s:id i:part i:parts s:chunk",
        "/ama/v1/ok s:what",
        "A part of a text that a script in a DAW sends by itself; what is begun, result, journal, revert or session, parts count from 0.",
    ),
    (
        "/render",
        "s:rid s:plan s:out_name [s:before_name]",
        "/ama/v1/job s:rid s:job, /ama/v1/progress s:rid f:fraction s:stage, /ama/v1/rendered s:rid s:path",
        "Renders all that was not rejected into the state folder's renders/. With before_name the mix before too, both equally loud.",
    ),
    (
        "/cancel",
        "s:rid s:job",
        _OK,
        "Stops a job; the request that began it gets the error AMA-801.",
    ),
    (
        "/status",
        "s:rid",
        "/ama/v1/status s:rid s:version i:sessions i:plans i:jobs s:job f:fraction s:stage s:state_folder",
        "Tells how the service stands; job is the one that runs, or empty.",
    ),
    ("/ping", "s:rid", "/ama/v1/pong s:rid", "Asks whether the service is there."),
    (
        "/subscribe",
        "s:rid [i:on]",
        "/ama/v1/ok s:rid, later /ama/v1/event s:rid s:event s:subject and /ama/v1/progress s:rid f:fraction s:stage",
        "Sends the sender what happens on behalf of others too, under this rid, until on is 0.",
    ),
)
ADDRESSES: Final[dict[str, Address]] = {
    PREFIX + path: Address(path=PREFIX + path, arguments=spec, answer=answer, about=about)
    for path, spec, answer, about in _ROWS
}
ANSWERS: Final = frozenset(
    PREFIX + path
    for path in (
        "/welcome",
        "/ok",
        "/session/warning",
        "/job",
        "/progress",
        "/suggestions/end",
        "/applied",
        "/reverted",
        "/rendered",
        "/pong",
        "/event",
        "/error",
        *(f"/suggestion/{kind}" for kind in KINDS),
    )
)
"""What AMA sends. When one of these comes in, it is dropped: two services answering each other's errors would never end."""


def suggestion_arguments(kind: str) -> str:
    """Return the arguments of /ama/v1/suggestion/KIND in the table's notation."""
    letters = {float: "f", int: "i", bool: "i", str: "s"}
    values = [
        f"{'s' if get_origin(hint) else letters[hint]}:{name}"
        for name, hint in value_types(kind).items()
    ]
    return " ".join(["s:rid s:id s:track", *values, "f:confidence s:because"])


def reference_table() -> tuple[Row, ...]:
    """Return the rows of the reference: address, arguments, answer, what it does; requests first, then suggestions, then the error."""
    requests = [(a.path, a.arguments, a.answer, a.about) for a in ADDRESSES.values()]
    suggestions = [
        (f"{PREFIX}/suggestion/{kind}", suggestion_arguments(kind), "", "An answer to /suggest.")
        for kind in KINDS
    ]
    error = (
        f"{PREFIX}/error",
        "s:rid s:code s:message",
        "",
        "The answer to anything that went wrong; rid is empty where the request had none that could be read.",
    )
    return (*requests, *suggestions, error)


def read_arguments(address: Address, message: Message) -> dict[str, Any]:
    """Return the arguments by name; those left out are missing. `OptionError` (AMA-501) says which one does not fit."""
    given = list(message.arguments)
    found: dict[str, Any] = {}
    for at, parameter in enumerate(address.parameters):
        if parameter.repeated:
            found[parameter.name] = tuple(_any(address, parameter, v) for v in given[at:])
            return found
        if at >= len(given):
            if parameter.optional:
                return found
            raise _unfit(address, f"the argument {parameter.name} is missing")
        found[parameter.name] = _value(address, parameter, given[at])
    if len(given) > len(address.parameters):
        raise _unfit(address, f"it has {len(given)} arguments")
    return found


def address_of(message: Message) -> Address:
    """Return the address that a message is for; `OptionError` (AMA-502) where AMA has none of that name."""
    address = ADDRESSES.get(message.address)
    if address is None:
        complaint = f"AMA has no address {_shown(message.address)}."
        hint = f"All begin with {PREFIX}/, see the reference."
        raise OptionError(complaint, hint=hint, code="AMA-502")
    return address


def check_rid(message: Message) -> None:
    """Refuse a message without a usable request id."""
    if not message.rid:
        hint = "Begin every request with an id of your choice, a string that is not empty."
        complaint = f"{_shown(message.address)} came without a request id."
        raise OptionError(complaint, hint=hint)
    if len(message.rid.encode("utf-8")) > MAX_RID_BYTES:
        complaint = f"The request id is longer than {MAX_RID_BYTES} bytes."
        raise OptionError(complaint, hint="Choose a shorter one.")


def _value(address: Address, parameter: Parameter, value: object) -> Any:  # noqa: ANN401  # told by the type
    if parameter.type == "s":
        if isinstance(value, str):
            return value
    elif parameter.type == "i":
        whole = _whole(value)
        if whole is not None:
            return whole
    elif isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    needed = {"s": "a string", "i": "a whole number", "f": "a number"}[parameter.type]
    raise _unfit(address, f"{parameter.name} must be {needed}, not {_shown(value)}")


def _whole(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return int(value) if isinstance(value, int) and value in _I32 else None


def _any(address: Address, parameter: Parameter, value: object) -> str | float:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return float(value)
    number: float = _value(address, parameter, value)
    return number


def _unfit(address: Address, why: str) -> OptionError:
    message = f"{address.path} does not fit: {why}."
    return OptionError(message, hint=f"It takes: {address.arguments}.")


def _shown(value: Sequence[Any] | object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
