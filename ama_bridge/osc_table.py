"""The namespace as data: every address, its arguments, its answers. OSC, HTTP and OSCQuery follow it, and docs/reference.md shows it.

An argument is written `type:name` with the types s (string; symbols too), i (whole number; h, T and F too, and a float without a
fraction) and f (float; d, i and h too). Those in brackets may be left out; one with "..." may come any number of times and may be
a string too; one in braces comes by its name alone, which is how HTTP sends arguments.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias, get_origin

from ama_bridge.wire import KINDS, value_types

PREFIX: Final = "/ama/v1"
PROTOCOL: Final = 1
RID: Final = "rid"

Row: TypeAlias = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One argument of an address."""

    type: str
    name: str
    optional: bool = False
    repeated: bool = False
    by_name: bool = False


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
        return parameters_of(self.arguments)


@lru_cache
def parameters_of(arguments: str) -> tuple[Parameter, ...]:
    """Return arguments, written as in the table, taken apart."""
    return tuple(_parameter(word) for word in arguments.split())


def _parameter(word: str) -> Parameter:
    kind, _, name = word.strip("[]{}").partition(":")
    return Parameter(
        type=kind,
        name=name.removesuffix("..."),
        optional=word[0] in "[{",
        repeated=name.endswith("..."),
        by_name=word.startswith("{"),
    )


_OK: Final = "/ama/v1/ok s:rid"
_WORDS: Final = frozenset({"message", "stage"})
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
        "Tells one track, index from 0; sending an index again replaces it. fader_db -200 and all below, -inf too, is a fader that is shut. plugins: names, one a line or separated by ';'.",
    ),
    (
        "/session/open",
        "s:rid s:path [s:session]",
        "/ama/v1/session/warning s:rid s:message (any number), then /ama/v1/session/opened s:rid s:session i:tracks",
        "Opens and commits what `ama suggest` takes: a folder of stems, one with a session.json, an Ardour session, a REAPER project, or a project's own file. "
        "It is read anew at every commit and suggest.",
    ),
    (
        "/session/reference",
        "s:rid s:session s:path [i:on]",
        _OK,
        "Adds a reference track, or a section of one: /home/me/song.flac@1:02-1:34 (M:SS or seconds, either may be left out). With on 0 it is taken out again.",
    ),
    (
        "/session/mix",
        "s:rid s:session s:path",
        _OK,
        "Names the mix as it is now; an empty path takes it out.",
    ),
    (
        "/session/lock",
        "s:rid s:session s:track_id [i:on]",
        _OK,
        "Leaves a track as it is in the suggestions to come, and lets the balance of the others come to it; with on 0 it is free again.",
    ),
    (
        "/session/commit",
        "s:rid s:session",
        "/ama/v1/session/warning s:rid s:message (any number), then /ama/v1/ok s:rid",
        "Says that all is told; an error names the missing indices.",
    ),
    (
        "/session/remove",
        "s:rid s:session [s:plan]",
        _OK,
        "Removes a session with its plans and what was said to them, or just a plan of it, from the state folder: no file of yours, and nothing by which "
        "a DAW takes back what it was given. Refused while it is worked on.",
    ),
    (
        "/suggest",
        "s:rid s:session [s:engine] [s:daw] [s:target]",
        "/ama/v1/job s:rid s:job, /ama/v1/progress s:rid f:fraction s:stage, one /ama/v1/suggestion/KIND each, "
        "one /ama/v1/dropped/KIND for each that was tried and dropped, with the same arguments, /ama/v1/suggestions/end s:rid i:count s:plan_path",
        "Measures and suggests; engine auto (also when left out), rules, cnn or reference. With daw the plan is then offered there, as /apply does, in a dialog. "
        "target: a style, or a target of the user's own, by name.",
    ),
    (
        "/decide",
        "s:rid s:suggestion_id s:decision [f:value...] {s:plan}",
        _OK,
        "accept, reject, edit (with new values in the order of the suggestion) or clear (undecided again) for a suggestion of plan; where none is named "
        "of the sender's newest, else of the newest that has it; suggestion_id * means all of them.",
    ),
    (
        "/apply",
        "s:rid s:plan_or_session s:daw [i:ask] [s:folder] [i:mix]",
        "/ama/v1/applied s:rid i:applied i:skipped s:receipt_path; from a DAW that asks, and with mix, /ama/v1/job s:rid s:job and /progress before",
        "Hands the accepted suggestions over; daw folder writes a sheet of all settings, the plan, a preset a track and one for the master, into a new folder in folder, or "
        "in the state folder; with mix 1 the mix as it is then too, mix.wav. daw ardour or reaper shows all that was "
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
        "s:rid s:plan s:out_name [s:before_name] [s:only] [s:track] [s:reference]",
        "/ama/v1/job s:rid s:job, /ama/v1/progress s:rid f:fraction s:stage, /ama/v1/rendered s:rid s:path",
        "Renders all that was not rejected into the state folder's renders/. With before_name the mix before too, both equally loud. "
        "only: ids of suggestions, one a line or separated by ';'. track: the id of one track, which is then rendered by itself. reference: one of the "
        "plan's, of which then the part that AMA compares with is rendered, as loud as it is.",
    ),
    ("/preferences/reset", "s:rid", _OK, "Forgets all that was learned of the user."),
    (
        "/cancel",
        "s:rid s:job",
        _OK,
        "Stops a job; the request that began it gets the error AMA-801.",
    ),
    (
        "/status",
        "s:rid",
        "/ama/v1/status s:rid s:version i:sessions i:plans i:jobs s:job f:fraction s:stage s:state_folder i:http_port",
        "Tells how the service stands; job is the one that runs, or empty; http_port is where its page is, 0 where it has none.",
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
_ANSWER_ROWS: Final = (
    ("/welcome", "s:rid s:version i:protocol"),
    ("/ok", "s:rid"),
    ("/session/warning", "s:rid s:message"),
    ("/session/opened", "s:rid s:session i:tracks"),
    ("/job", "s:rid s:job"),
    ("/progress", "s:rid f:fraction s:stage"),
    ("/suggestions/end", "s:rid i:count s:plan_path"),
    ("/applied", "s:rid i:applied i:skipped s:receipt_path"),
    ("/reverted", "s:rid i:restored i:conflicting s:path"),
    ("/rendered", "s:rid s:path"),
    (
        "/status",
        "s:rid s:version i:sessions i:plans i:jobs s:job f:fraction s:stage s:state_folder i:http_port",
    ),
    ("/pong", "s:rid"),
    ("/event", "s:rid s:event s:subject"),
    ("/error", "s:rid s:code s:message"),
)
ANSWERS: Final[dict[str, tuple[Parameter, ...]]] = {
    PREFIX + path: parameters_of(arguments) for path, arguments in _ANSWER_ROWS
} | {f"{PREFIX}/{family}/{kind}": () for family in ("suggestion", "dropped") for kind in KINDS}
"""What AMA sends, by address, with the names of its arguments (those of a suggestion, kept or dropped: `suggestion_arguments`)."""
DROPPED: Final = frozenset(ANSWERS) - frozenset(ADDRESSES)
"""When one of these comes in, it is dropped: two services answering each other's errors would never end."""


def suggestion_arguments(kind: str) -> str:
    """Return the arguments of /ama/v1/suggestion/KIND in the table's notation."""
    letters = {float: "f", int: "i", bool: "i", str: "s"}
    values = [
        f"{'s' if get_origin(hint) else letters[hint]}:{name}"
        for name, hint in value_types(kind).items()
    ]
    return " ".join(["s:rid s:id s:track", *values, "f:confidence s:because"])


def ends_in_words(address: str) -> bool:
    """Return whether what AMA sends to an address ends in words for people, which may be cut, and not in a name or path."""
    arguments = ANSWERS[address]
    return not arguments or arguments[-1].name in _WORDS  # a suggestion ends in its reason


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
