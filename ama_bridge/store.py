"""What must survive a crash: sessions, plans, decisions and receipts, each a file in the state folder.

    state/
      lock                        held by the service that uses the folder
      sessions/NAME.json          what a DAW told of a session (`Draft`)
      plans/SESSION-0001.json     plans as `ama suggest` writes them
      decisions/SESSION-0001.json what the user said to each suggestion
      deliveries/SESSION-0001-1/  what `apply` handed over, with receipt.json
      stems/                      what stems of sessions are made of, parts of mixes (`stem_folders`)
      renders/                    audio that clients asked for
      pictures/                   tonal balances of plans, drawn when the page asks for them
      preferences.json            what was learned of the user; preferences.lock is held while it is changed
      log/ama.log

Every file is written whole or not at all. A file that cannot be read is set aside as NAME.damaged with a line in the log, and the rest
goes on. File names are made of session names: letters, digits, "-" and "_" stay, the rest becomes "_" with a checksum behind it. What is
in an id, `session_of` and `plan_of` tell.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, TypeVar

from ama_analysis.codec import CodecError, Json, from_json, to_json
from ama_analysis.errors import AmaError, DeliveryError, PlanError
from ama_analysis.plan import MixPlan
from ama_analysis.preferences import NO_PREFERENCES, Preferences
from ama_analysis.reference import Reference
from ama_analysis.session import Track
from ama_bridge import json_text, wire
from ama_bridge.atomic import write_atomically
from ama_bridge.lock import briefly_locked
from ama_bridge.preference_file import (
    OtherVersionError,
    preferences_bytes,
    preferences_from_bytes,
)

T = TypeVar("T")
Verdict: TypeAlias = Literal["accept", "reject", "edit"]
SCHEMA: Final = "ama.state/1"
AUDITION: Final = "audition-"
"""How the names of renders begin that are made to be heard once; of these the newest stay."""
AUDITIONS: Final = 12
_NAME_CHARS: Final = 60
_DELIVERY: Final = re.compile(r"(?P<plan>.+?)(-\d+-reverted)?-\d+")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A session as it arrives, track by track; `tracks` is by index, as text. `with_faders`: the stems contain fader and pan already.

    `folder` is where it was opened from, if it was: a folder or a DAW's own file, which is read anew whenever the session is needed. `locked` are the ids of
    tracks that stay as they are.
    """

    name: str
    daw: str
    sample_rate_hz: int
    track_count: int
    tracks: dict[str, Track] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    mix: Path | None = None
    committed: bool = False
    with_faders: bool = False
    folder: Path | None = None
    locked: tuple[str, ...] = ()

    def missing(self) -> tuple[int, ...]:
        """Return the indices for which no track has come."""
        return tuple(i for i in range(self.track_count) if str(i) not in self.tracks)

    def in_order(self) -> tuple[Track, ...]:
        """Return the tracks by index."""
        return tuple(self.tracks[key] for key in sorted(self.tracks, key=int))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the user said to a suggestion; an edit carries all values in their fixed order as JSON values by name."""

    verdict: Verdict
    kind: str = ""
    values: dict[str, float] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


def file_name(name: str) -> str:
    """Return a name for files that is safe in every file system and differs where names differ."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "_", name)[:_NAME_CHARS]
    if safe and safe == name and safe.lower() == safe:
        return safe
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{safe}-{mark}".lstrip("-")


def session_of(plan_id: str) -> str:
    """Return the name that files of a plan's session have (`file_name`)."""
    return plan_id.rpartition("-")[0]


def plan_of(delivery: str) -> str:
    """Return the id of the plan of which something was handed over, or taken back, by the folder's name; empty for another name."""
    match = _DELIVERY.fullmatch(delivery)
    return match["plan"] if match else ""


class Store:
    """The state folder of one service."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when something is kept."""
        self.folder = folder
        self._last_number = 0

    @property
    def renders(self) -> Path:
        """Where audio goes that clients ask for."""
        return self.folder / "renders"

    def tidy_renders(self) -> None:
        """Remove renders that were made to be heard once, but for the newest ones."""
        found = [p for p in self.renders.glob(f"{AUDITION}*") if p.is_file()]
        for path in sorted(found, key=lambda p: p.stat().st_mtime, reverse=True)[AUDITIONS:]:
            path.unlink(missing_ok=True)

    def keep_draft(self, draft: Draft) -> None:
        """Keep a session as far as it has come."""
        self._write(self._path("sessions", file_name(draft.name)), to_json(draft, Draft))

    def drafts(self) -> dict[str, Draft]:
        """Return all sessions by name."""
        found = (self._read(path, _draft) for path in self._files("sessions"))
        return {draft.name: draft for draft in found if draft is not None}

    def remove_draft(self, name: str) -> None:
        """Forget a session."""
        self._path("sessions", file_name(name)).unlink(missing_ok=True)

    def remove_plan(self, plan_id: str) -> None:
        """Remove a plan, what was said to it, its picture and what was rendered of it to be heard once; what was handed over stays."""
        self._last_number = max(self._last_number, _number(plan_id))
        auditions = self.renders.glob(f"{AUDITION}{plan_id}-*")
        said = self._path("decisions", plan_id)
        for path in (*auditions, self.picture_path(plan_id), said, self.plan_path(plan_id)):
            path.unlink(missing_ok=True)

    def keep_plan(self, plan: MixPlan) -> str:
        """Keep a new plan and return its id: the session's name, and a number that counts all plans of the folder, removed ones too."""
        newest = self.plan_ids()[-1:]
        number = 1 + max(self._last_number, *map(_number, newest), 0)
        name = file_name(plan.session.name)
        while self._is_used(plan_id := f"{name}-{number:04d}"):
            number += 1
        write_atomically(self.plan_path(plan_id), wire.plan_bytes(plan))
        return plan_id

    def _is_used(self, plan_id: str) -> bool:
        """Return whether something is left of a plan that was removed, by hand or before the service began."""
        left = (self._path("decisions", plan_id), self.picture_path(plan_id))
        return any(path.exists() for path in left) or bool(self.deliveries(plan_id))

    def picture_path(self, plan_id: str) -> Path:
        """Return where the tonal balance of a plan lies, once it was drawn."""
        return self.folder / "pictures" / f"{plan_id}.png"

    def plan_path(self, plan_id: str) -> Path:
        """Return where a plan of that id lies, or would."""
        return self._path("plans", plan_id)

    def plan_ids(self) -> list[str]:
        """Return the ids of all plans, the one made last at the end."""
        stems = (path.stem for path in self._files("plans"))
        return sorted((s for s in stems if re.search(r"-\d{4,}$", s)), key=_number)

    def plan(self, plan_id: str) -> MixPlan:
        """Return a plan; `PlanError` where there is none of that id (AMA-402) or its file is damaged (AMA-401)."""
        path = self.plan_path(plan_id)
        try:
            data = path.read_bytes()
        except OSError as error:
            message = f"There is no plan {plan_id!r}."
            raise PlanError(message, hint="Ask for one with suggest.", code="AMA-402") from error
        return wire.plan_from_bytes(data, name=str(path), folder=path.parent)

    def keep_decisions(self, plan_id: str, decisions: dict[str, Decision]) -> None:
        """Keep what the user said to a plan's suggestions, by suggestion id."""
        document = {"schema": SCHEMA, "decisions": to_json(decisions, dict[str, Decision])}
        write_atomically(self._path("decisions", plan_id), json_text.to_bytes(document))

    def decisions(self, plan_id: str) -> dict[str, Decision]:
        """Return what the user has said to a plan's suggestions so far."""
        path = self._path("decisions", plan_id)
        return (self._read(path, _decisions) if path.is_file() else None) or {}

    @property
    def preferences_path(self) -> Path:
        """Where it lies what was learned of the user, if anything was."""
        return self.folder / "preferences.json"

    def preferences(self) -> Preferences:
        """Return what was learned of the user; `OptionError` for a file of another version, which is left as it is, `DeliveryError` where it cannot be read."""
        path = self.preferences_path
        try:
            return preferences_from_bytes(path.read_bytes(), name=str(path))
        except FileNotFoundError:
            return NO_PREFERENCES
        except OSError as error:
            message = f"{path} cannot be read ({error.strerror})."
            raise DeliveryError(message, hint="Check the folder.") from error
        except OtherVersionError:
            raise
        except AmaError as error:
            _set_aside(path, error)
            return NO_PREFERENCES

    def change_preferences(self, change: Callable[[Preferences], Preferences]) -> None:
        """Keep what becomes of what was learned, so that nothing is lost that another process learns at the same time.

        Nothing learned leaves no file. Raises what `preferences` raises, and the file stays as it is then.
        """
        with briefly_locked(self.preferences_path.with_suffix(".lock")):
            preferences = change(self.preferences())
            if preferences.lessons:
                write_atomically(self.preferences_path, preferences_bytes(preferences))
            else:
                self.preferences_path.unlink(missing_ok=True)

    def deliveries(self, plan_id: str) -> list[Path]:
        """Return the folders of a plan's deliveries, the newest first."""
        found = (self.folder / "deliveries").glob(f"{plan_id}-*")
        own = [f for f in found if f.name.removeprefix(f"{plan_id}-").isdigit()]
        return sorted(own, key=lambda folder: _number(folder.name), reverse=True)

    def taken_back(self, delivery: str) -> Path | None:
        """Return the newest file that says what of a delivery, by its folder's name, was taken back; None where nothing was."""
        found = (self.folder / "deliveries").glob(f"{file_name(delivery)}-reverted-*/reverted.json")
        return max(found, key=lambda path: _number(path.parent.name), default=None)

    def new_delivery(self, plan_id: str) -> Path:
        """Make and return a folder of its own for one delivery of a plan."""
        before = self.deliveries(plan_id)
        number = 1 + (_number(before[0].name) if before else 0)
        while True:
            folder = self.folder / "deliveries" / f"{plan_id}-{number}"
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                number += 1
            else:
                return folder

    def _path(self, kind: str, stem: str) -> Path:
        return self.folder / kind / f"{stem}.json"

    def _files(self, kind: str) -> Iterator[Path]:
        return (p for p in (self.folder / kind).glob("*.json") if not p.name.startswith("."))

    def _write(self, path: Path, document: Json) -> None:
        write_atomically(path, json_text.to_bytes({"schema": SCHEMA, "session": document}))

    def _read(self, path: Path, decode: Callable[[Any], T]) -> T | None:
        try:
            return decode(_checked(json_text.from_bytes(path.read_bytes())))
        except (OSError, ValueError, CodecError, AmaError) as error:
            _set_aside(path, error)
            return None


def _set_aside(path: Path, error: Exception) -> None:
    _log.warning("%s is damaged and set aside: %s", path, error)
    path.replace(path.with_suffix(".damaged"))


def _number(plan_id: str) -> int:
    return int(plan_id.rpartition("-")[2])


def _checked(document: Json) -> dict[str, Json]:
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise CodecError("schema", f"is not {SCHEMA!r}")
    return document


def _draft(document: dict[str, Json]) -> Draft:
    draft: Draft = from_json(document.get("session"), Draft, "session")
    if any(not key.isdigit() for key in draft.tracks):
        raise CodecError("session.tracks", "holds an index that is not a number")
    return draft


def _decisions(document: dict[str, Json]) -> dict[str, Decision]:
    return from_json(document.get("decisions"), dict[str, Decision], "decisions")
