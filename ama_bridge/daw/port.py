"""What a DAW adapter does: takes suggestions and says what became of each of them, and takes back what it set. It never ignores one silently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final, Protocol, TypeAlias, runtime_checkable

from ama_analysis.codec import CodecError, from_json, to_json
from ama_analysis.plan import MixPlan
from ama_analysis.progress import OnProgress, silent
from ama_analysis.session import Session
from ama_bridge import json_text

RECEIPT_SCHEMA: Final = "ama.receipt/1"
REVERTED_SCHEMA: Final = "ama.reverted/1"
NOT_TICKED: Final = "not ticked"
"""How a reason begins where the user was shown a suggestion and did not tick it (in the scripts: `request.NOT_TICKED`); nothing else may begin so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A suggestion that was not handed over, and why."""

    suggestion: str
    reason: str

    @property
    def is_unticked(self) -> bool:
        """Whether it was shown in the DAW and not ticked."""
        return self.reason.startswith(NOT_TICKED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBack:
    """A value that was set for a suggestion and then read, in the DAW's own units."""

    suggestion: str
    what: str
    asked: float
    read: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of a plan: every suggestion stands in just one of the three lists. `files` lie in `folder`, or where that is empty in the delivery's own."""

    plan: str
    daw: str
    applied: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()
    conflicting: tuple[Skipped, ...] = ()
    files: tuple[str, ...] = ()
    folder: str = ""
    read_back: tuple[ReadBack, ...] = ()
    notes: tuple[str, ...] = ()


def receipt_bytes(receipt: Receipt) -> bytes:
    """Return the receipt file's bytes: schema, then the receipt's fields."""
    return json_text.to_bytes({"schema": RECEIPT_SCHEMA, **to_json(receipt, Receipt)})


def receipt_at(path: Path) -> Receipt | None:
    """Return the receipt in a file, None where there is none that this version reads."""
    try:
        document = json_text.from_bytes(path.read_bytes())
        if not isinstance(document, dict) or document.pop("schema", None) != RECEIPT_SCHEMA:
            return None
        receipt: Receipt = from_json(document, Receipt, "receipt")
    except (OSError, ValueError, CodecError):
        return None
    return receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverted:
    """What was taken back, each thing in words; what was left because someone has changed it since; what is not there any more.

    `id` names the hand-over; `note` says why nothing was done, where nothing was.
    """

    daw: str
    id: str
    restored: tuple[str, ...]
    conflicting: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    note: str = ""


def reverted_bytes(reverted: Reverted) -> bytes:
    """Return the file's bytes: schema, then the fields."""
    return json_text.to_bytes({"schema": REVERTED_SCHEMA, **to_json(reverted, Reverted)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a DAW stands on this machine: whether it runs, and whether AMA's scripts are in it (None: that cannot be told), and in a sentence."""

    daw: str
    running: bool | None
    installed: bool | None
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A fader or pan that was moved in the DAW, as the DAW shows it; what is None did not move. Session and track are told by name."""

    track_name: str
    session: str = ""
    fader_db: float | None = None
    pan: float | None = None
    muted: bool | None = None


OnMove: TypeAlias = Callable[[Move], None]
OnStanding: TypeAlias = Callable[[], None]


class Daw(Protocol):
    """One way to hand settings over."""

    @property
    def name(self) -> str:
        """The word by which clients ask for it."""

    @property
    def asks(self) -> bool:
        """Whether the DAW itself can show the suggestions, with a tick box each, before anything is set."""

    def apply(  # what a hand-over is
        self,
        plan: MixPlan,
        *,
        plan_id: str,
        folder: Path,
        ask: bool = False,
        agreed: frozenset[str] | None = None,
        on_progress: OnProgress = silent,
    ) -> Receipt:
        """Hand over the suggestions of the plan, writing files into `folder` alone; `DeliveryError` where nothing could be done.

        With `ask` the DAW shows all of them and the user ticks. Where it does not ask, or cannot, only those in `agreed` are handed over
        (None: all). Waiting calls `on_progress` often, which may raise `CancelledError`.
        """

    def revert(self, *, ask: bool = False, on_progress: OnProgress = silent) -> Reverted:
        """Take back what the last hand-over set, where it still is as AMA left it; with `ask` the DAW lists what is not."""

    def heard(self, session: Session) -> Session:
        """Return the session with faders and pans that sound in AMA as this DAW's sound there."""

    def watch(self, on_move: OnMove, on_standing: OnStanding, stopping: Event) -> None:
        """Tell where faders and pans stand in the DAW and that this was all, then which are moved, until `stopping` is set.

        `DeliveryError` where it does not answer, or no more.
        """

    def take_text(self, what: str, name: str, part: tuple[int, int], chunk: str) -> str | None:
        """Take part of a text that a script in the DAW sends by itself: its kind, its id, (number, how many), and the piece.

        Returns the id of a session that is whole now, for `exported`.
        """

    def exported(self, name: str) -> Path:
        """Return the folder with the session.json that came as a text of this id; what is still to be done for it is done now."""

    def waiting_export(self) -> Path | None:
        """Return, once, the folder with the session.json of an export that no service has heard of; None where there is none."""


@runtime_checkable
class LookedAfter(Protocol):
    """A DAW whose scripts can send nothing: a service looks about once a second what they have left."""

    def attend(self) -> None:
        """Say that a service runs, and do what is to be done for what scripts have left; exports are told by `waiting_export`."""

    def leave(self) -> None:
        """Say that no service runs any more."""

    def tell(self, folder: Path, share: float, stage: str, error: str = "") -> None:
        """Say in the DAW how the work on the export in a folder goes (0..1), or why it ended."""
