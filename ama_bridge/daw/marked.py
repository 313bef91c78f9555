"""Files that AMA writes into a DAW's own folders, told from the user's: their first line says who wrote them, and the SHA-256 of the rest.

What carries the mark and still has that sum is AMA's to renew and to remove. What carries it and has another sum was changed since: it is kept
beside its successor when it is renewed, and stays when AMA goes. What carries none is the user's.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ama_analysis.errors import DeliveryError
from ama_bridge.atomic import write_atomically

_COMMENTS: Final = {".lua": "--", ".jsfx": "//", ".ReaperOSC": "#"}
"""How a line that says nothing to the DAW begins, by the file's ending."""
_MARKED: Final = re.compile(
    rb"(?:--|//|#) Written by AMA \(`ama install [a-z]+`\); SHA-256 of what follows: ([0-9a-f]{64})\n"
)


def marked(text: str, *, daw: str, ending: str) -> bytes:
    """Return a file's bytes, the mark before the text; `KeyError` for an ending whose comments are not known."""
    body = text.encode("utf-8")
    what = f"Written by AMA (`ama install {daw}`); SHA-256 of what follows"
    return f"{_COMMENTS[ending]} {what}: {hashlib.sha256(body).hexdigest()}\n".encode() + body


def is_ours(data: bytes) -> bool:
    """Return whether AMA wrote this, whoever may have changed it since."""
    return _MARKED.match(data) is not None


def is_untouched(data: bytes) -> bool:
    """Return whether this is just what AMA wrote."""
    match = _MARKED.match(data)
    return (
        match is not None and hashlib.sha256(data[match.end() :]).hexdigest().encode() == match[1]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One file: what it is to hold (None: nothing, it goes), and in words what that does."""

    path: Path
    data: bytes | None
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was done, or with `dry_run` would be, line by line."""

    lines: tuple[str, ...]
    changed: bool


def written(path: Path, data: bytes) -> Iterable[Change]:
    """Yield what is to be done so that a file holds this; nothing where it does."""
    there = bytes_of(path)
    if there != data:
        yield Change(path=path, data=data, what=f"{'writes' if there is None else 'renews'} {path}")


def removed(paths: Iterable[Path], kept: list[str]) -> Iterable[Change]:
    """Yield the removal of those files that are just as AMA wrote them; those that were changed are told in `kept`."""
    for path in sorted(paths):
        data = bytes_of(path) or b""
        if is_untouched(data):
            yield Change(path=path, data=None, what=f"removes {path}")
        elif is_ours(data):
            kept.append(f"keeps {path}, since it was changed")


def bytes_of(path: Path) -> bytes | None:
    """Return what a file holds, None where there is none; `DeliveryError` (AMA-706) where it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); nothing was changed."
        raise DeliveryError(message, hint="Check the folder.", code="AMA-706") from error


def carried_out(changes: Sequence[Change], *, who: str, dry_run: bool) -> Report:
    """Do it, and keep what it replaces beside it unless AMA wrote just that; each line of the report begins with `who`."""
    lines = []
    for change in changes:
        there = bytes_of(change.path)
        keep = there is not None and not (change.data is None or is_untouched(there))
        backup = backup_path(change.path)
        if not dry_run:
            if keep and there is not None:
                write_atomically(backup, there)
            _write(change)
        lines.append(change.what + (f"; keeps {backup.name}" if keep else ""))
    if not changes:
        lines.append("nothing to do")
    return Report(lines=tuple(f"{who}: {line}" for line in lines), changed=bool(changes))


def _write(change: Change) -> None:
    if change.data is not None:
        write_atomically(change.path, change.data)
        return
    try:
        change.path.unlink(missing_ok=True)
    except OSError as error:
        message = f"{change.path} cannot be removed ({error.strerror})."
        raise DeliveryError(message, hint="Check the folder.") from error


def backup_path(path: Path) -> Path:
    """Return a free name beside a file, with the time in it."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    number = 0
    while True:
        name = f"{path.name}.{stamp}{f'-{number}' if number else ''}.bak"
        if not path.with_name(name).exists():
            return path.with_name(name)
        number += 1
