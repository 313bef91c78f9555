"""What AMA and its scripts in a DAW hand each other, as far as it is the same for every DAW: what is offered, and what became of it.

A request holds `Offered` suggestions and the DAW's own strips. An `Entry` of a strip (a fader's value, the part of an insert) belongs to one
suggestion. It is written when that suggestion is ticked, all of the suggestions in `when` are ticked too, and none of those in `unless` is
(`holds`). So two suggestions that share a fader each have their value for themselves and one for both together.

A file that does not fit is a `DeliveryError` with one sentence that names the file and the key.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Final, Literal, Protocol, TypeVar

from ama_analysis.codec import CodecError, from_json, to_json
from ama_analysis.errors import DeliveryError
from ama_analysis.plan import MixPlan
from ama_analysis.session import Session
from ama_bridge import json_text
from ama_bridge.daw.port import Skipped

RESULT_SCHEMA: Final = "ama.result/1"


class Document(Protocol):
    """A dataclass whose field `schema` tells of which kind a file is."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def schema(self) -> str:
        """The kind and its version."""


class Asked(Document, Protocol):
    """A request, of whichever DAW."""

    @property
    def id(self) -> str:
        """What its answer is called by."""


_D = TypeVar("_D", bound=Document)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A suggestion as the DAW's dialog shows it; `track` is an id or "master", `ticked` how its box stands at first."""

    id: str
    track: str
    track_name: str
    label: str
    because: str
    ticked: bool


class Entry(Protocol):
    """Something that is set for a suggestion."""

    @property
    def suggestion(self) -> str:
        """For which it is set."""

    @property
    def when(self) -> tuple[str, ...]:
        """Which others must be ticked too."""

    @property
    def unless(self) -> tuple[str, ...]:
        """Which others must not be."""


def holds(entry: Entry, ticked: Collection[str]) -> bool:
    """Return whether an entry is to be written when these suggestions are ticked."""
    return (
        entry.suggestion in ticked
        and all(other in ticked for other in entry.when)
        and not any(other in ticked for other in entry.unless)
    )


class Parts(Protocol):
    """An insert of a strip."""

    @property
    def parts(self) -> Sequence[Entry]:
        """What each suggestion sets of it."""


class AskedStrip(Protocol):
    """A strip, of whichever DAW."""

    @property
    def track(self) -> str:
        """The id of its track, or "master"."""

    @property
    def controls(self) -> Sequence[Entry]:
        """Its faders, pans and switches."""

    @property
    def inserts(self) -> Sequence[Parts]:
        """Its plugins."""


def check_offers(
    suggestions: Sequence[Offered], skipped: Sequence[Skipped], strips: Iterable[AskedStrip]
) -> None:
    """Raise `ValueError` where a suggestion stands twice, is offered but set in no strip, or set but not offered."""
    offered = [one.id for one in suggestions]
    done = {entry.suggestion for strip in strips for entry in entries_of(strip)}
    _check_once([*offered, *(one.suggestion for one in skipped)])
    _check_subset(done, offered, "is set in a strip but not offered")
    _check_subset(offered, done, "is offered but set in no strip")


def entries_of(strip: AskedStrip) -> Iterator[Entry]:
    """Yield all that is asked of a strip."""
    yield from strip.controls
    for insert in strip.inserts:
        yield from insert.parts


def _check_once(names: Iterable[str]) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        message = f"suggestion {twice[0]!r} stands twice"
        raise ValueError(message)


def _check_subset(names: Iterable[str], known: Collection[str], what: str) -> None:
    for name in names:
        if name not in known:
            message = f"suggestion {name!r} {what}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRead:
    """A value that was written and then read: a control's name, or an insert's label and what of it ("AMA EQ 5")."""

    what: str
    asked: float
    read: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A suggestion that was applied."""

    suggestion: str
    values: tuple[ValueRead, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of a request: each suggestion stands in just one of the three lists.

    `notes` are sentences on what else was done; `journal` is a file's path, or empty.
    """

    schema: Literal["ama.result/1"] = RESULT_SCHEMA
    id: str
    applied: tuple[Applied, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    conflicting: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()
    journal: str = ""

    def __post_init__(self) -> None:
        told = [one.suggestion for one in self.applied]
        told += [one.suggestion for one in (*self.skipped, *self.conflicting)]
        _check_once(told)


def plan_mark(plan_id: str, plan: MixPlan) -> str:
    """Return what tells a plan from others of the same DAW session, however many of its suggestions are handed over: a file's name may come again."""
    heard = json_text.to_bytes(to_json(plan.session, Session))
    return f"{plan_id} {hashlib.blake2b(heard, digest_size=6).hexdigest()}"


def document_bytes(document: Document) -> bytes:
    """Return the file's bytes."""
    return json_text.to_bytes(to_json(document, type(document)))


def document_from_bytes(kind: type[_D], data: bytes, *, name: str) -> _D:
    """Return what is in a file's bytes; `DeliveryError` in one sentence that begins with `name` where it does not fit."""
    try:
        return _read(kind, json_text.from_bytes(data))
    except (CodecError, ValueError) as error:
        message = f"{name} is not a valid {kind.__name__.lower()}: {error}."
        raise DeliveryError(message, hint="Apply the plan again.") from error


def _read(kind: type[_D], document: Any) -> _D:  # noqa: ANN401  # any JSON value
    schema = next(field.default for field in fields(kind) if field.name == "schema")
    given = document.get("schema") if isinstance(document, dict) else None
    if given != schema:
        raise CodecError("schema", f"is {given!r}, this version reads {schema!r}")
    return from_json(document, kind)
