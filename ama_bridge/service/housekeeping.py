"""What AMA keeps in its state folder without being asked stays within bounds: what nothing refers to any more goes, after a while.

    stems/        folders of which no session, no plan and no delivery of the state folder is made, and no plan elsewhere that AMA wrote or read
                  (and that is still where it was), 30 days after they were used last; they are made again when they are wanted
    deliveries/   90 days after they were made, but for the newest 200, the newest of every plan that is kept, what waits in a DAW and
                  what can be taken back there
    decisions/    90 days after they were made, where their plan is gone
    pictures/     those of plans that are gone
    renders/      what was rendered to be heard once (`store.tidy_renders`); sums of tracks, while a service runs (`advise.KeptSums`)

Sessions, plans, their decisions and renders that were asked for stay until their user removes them. Folders in which lies what AMA did not write stay
as they are. `ama serve` does this when it starts, `ama suggest` when it is done; one process at a time.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.errors import DeliveryError
from ama_bridge import json_text
from ama_bridge.daw.mailbox import Mailbox
from ama_bridge.lock import FolderLock
from ama_bridge.stem_folders import PARTS, folders_in, remove_unused
from ama_bridge.store import Store, plan_of

OLD_S: Final = 90 * 86_400.0
NEWEST: Final = 200
_OWN: Final = re.compile(
    r"(plan|request|result|receipt|reverted)\.json|settings\.txt|mix\.wav|\..+\.part"
)
_TIDIED: Final = ("stems", "deliveries", "decisions", "pictures")
_KINDS: Final = (
    ("sessions", "sessions"),
    ("plans", "plans"),
    ("decisions", "decisions"),
    ("deliveries", "deliveries"),
    ("stems", "stems of sessions"),
    (f"stems/{PARTS}", "parts of mixes"),
    ("renders", "renders"),
    ("pictures", "pictures"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How much of one kind the state folder holds: `count` files, or folders where each thing is one."""

    kind: str
    count: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """How many folders and files were removed, and how large they were."""

    count: int = 0
    size_bytes: int = 0

    def sentence(self) -> str:
        """Say it."""
        what = "1 folder or file" if self.count == 1 else f"{self.count} folders and files"
        size = f"{self.size_bytes / 2**20:.1f} MiB"
        return f"Removed {what} in AMA's state folder to which nothing refers any more ({size})."


def tidy(store: Store, mailboxes: Sequence[Mailbox], *, now_s: float | None = None) -> Removed:
    """Remove what nothing refers to any more; nothing where another process does it now, or the folder cannot be written."""
    now_s = time.time() if now_s is None else now_s
    if not any((store.folder / name).is_dir() for name in _TIDIED):
        return Removed()
    try:
        with FolderLock(store.folder / "stems"):
            sizes = [*_old_deliveries(store, mailboxes, now_s)]
            sizes += _left_of_plans(store, now_s)
            sizes += remove_unused(store.folder / "stems", lambda: _documents(store.folder), now_s)
    except DeliveryError:
        return Removed()
    return Removed(count=len(sizes), size_bytes=sum(sizes))


def kept(folder: Path) -> list[Kept]:
    """Return what a state folder holds, kind by kind; kinds of which there is nothing are left out."""
    found = []
    for name, kind in _KINDS:
        things = [*_things(folder / name)]
        if name.startswith("stems"):
            things = [path for path in folders_in(folder / "stems") if path.parent == folder / name]
        if things:
            size = sum(_size(path) for path in things)
            found.append(Kept(kind=kind, count=len(things), size_bytes=size))
    return found


def _things(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from (path for path in folder.iterdir() if not path.name.startswith("."))


def _size(path: Path) -> int:
    with suppress(OSError):
        inside = path.rglob("*") if path.is_dir() else (path,)
        return sum(one.stat().st_size for one in inside if one.is_file())
    return 0


def _documents(folder: Path) -> Iterator[Path]:
    """Yield the files that may refer to stems; damaged ones that were set aside too."""
    for name in ("sessions", "plans"):
        yield from _things(folder / name)
    yield from (folder / "deliveries").glob("*/plan.json")


def _old_deliveries(store: Store, mailboxes: Sequence[Mailbox], now_s: float) -> Iterator[int]:
    """Remove old deliveries and yield their sizes."""
    made = {path: _made_s(path) for path in _things(store.folder / "deliveries") if path.is_dir()}
    newest_first = sorted(made, key=lambda path: made[path], reverse=True)
    open_ids = {name for box in mailboxes for name in _open(box)}
    plans, told = set(store.plan_ids()), set[str]()
    for at, path in enumerate(newest_first):
        plan = plan_of(path.name)
        newest_of_its_plan = plan in plans and plan not in told
        if "-reverted-" not in path.name:
            told.add(plan)
        old = at >= NEWEST and now_s - made[path] > OLD_S
        if plan and old and path.name not in open_ids and not newest_of_its_plan:
            yield from _removed(path)


def _left_of_plans(store: Store, now_s: float) -> Iterator[int]:
    """Remove what is left of plans that are gone and yield the sizes: pictures, and old decisions."""
    plans = set(store.plan_ids())
    pictures = [*(store.folder / "pictures").glob("*.png")]
    decisions = [*(store.folder / "decisions").glob("*.json")]
    old = (path for path in decisions if now_s - _made_s(path) > OLD_S)
    for path in (*pictures, *old):
        if path.stem not in plans:
            with suppress(OSError):
                size = path.stat().st_size
                path.unlink()
                yield size


def _made_s(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")


def _open(box: Mailbox) -> Iterator[str]:
    """Yield the ids of what waits in a DAW, and of what can be taken back there."""
    yield from box.journals()
    with suppress(OSError, ValueError):
        request = json_text.from_bytes(box.request.read_bytes())
        if isinstance(request, dict) and isinstance(request.get("id"), str):
            yield str(request["id"])


def _removed(folder: Path) -> Iterator[int]:
    """Remove a delivery and yield its size; one that holds what AMA did not write stays whole."""
    presets = folder / "presets"
    with suppress(OSError):
        files = [path for path in folder.iterdir() if path != presets]
        chains = [*presets.iterdir()] if presets.is_dir() else []
        own = all(_OWN.fullmatch(path.name) and path.is_file() for path in files)
        if not own or not all(path.suffix == ".json" and path.is_file() for path in chains):
            return
        size = sum(path.stat().st_size for path in (*files, *chains))
        for path in (*chains, *files):
            path.unlink(missing_ok=True)
        for path in (presets, folder):
            if path.is_dir():
                path.rmdir()
        yield size
