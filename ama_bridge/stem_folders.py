"""The folders of stems in the state folder: marked when they are used, and removed when nothing refers to them any more.

    stems/SESSION-0123456789ab/                  a session's pieces of files (*.stem.json)
    stems/separated/SONG-<content>-<weights>/    the parts of a finished mix (*.wav, separation.json)
        .used                                    its time tells when AMA made or read it last
        plan-<digits>.path                       where a plan lies that was made of it, outside of the state folder

A folder is named by what it holds, so that one that was removed is made again, with the same name, when it is wanted. Any process may remove one
while another looks for it: it is given another name first, and gets its own back where it was used in that moment.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

PARTS: Final = "separated"
"""The folder of the parts of mixes."""
UNUSED_S: Final = 30 * 86_400.0
"""A folder that was used since stays, whoever refers to it."""
_STAMP: Final = ".used"
_GOING: Final = ".going-"
_NAMED: Final = re.compile(r".+-([0-9a-f]{12}|[0-9a-f]{16}-[0-9a-f]{16})")
"""AMA's folders; the digits are found in every plan and session that refers to one."""
_OWN: Final = re.compile(
    r"\.used|plan-[0-9a-f]{12}\.path|.+\.stem\.json|exported\.json|separation\.json"
    r"|(vocals|drums|bass|other|residual)\.wav|\..+\.part"
)
"""The files that AMA writes there."""


def used(folder: Path) -> bool:
    """Note that a folder is used now; return whether it is there."""
    try:
        (folder / _STAMP).touch()
    except FileNotFoundError:
        return False
    except OSError:  # a disk that is full or read only
        return folder.is_dir()
    return True


def note_plan(plan: Path, stems: Iterable[Path]) -> None:
    """Note beside the stems that lie in AMA's own folders that the plan in a file is made of them."""
    name = os.fsencode(plan.absolute())
    note = f"plan-{hashlib.sha256(name).hexdigest()[:12]}.path"
    for folder in {path.parent for path in stems}:
        if (folder / _STAMP).exists() and used(folder):
            with suppress(OSError):
                (folder / note).write_bytes(name)


def folders_in(stems: Path) -> Iterator[Path]:
    """Yield AMA's own folders of stems, and no others."""
    for root in (stems, stems / PARTS):
        for folder in sorted(_folders(root)):
            if _NAMED.fullmatch(folder.name.removeprefix(_GOING)):
                yield folder


def _folders(root: Path) -> list[Path]:
    try:
        return [path for path in root.iterdir() if path.is_dir() and not path.is_symlink()]
    except OSError:
        return []


def remove_unused(stems: Path, documents: Callable[[], Iterable[Path]], now_s: float) -> list[int]:
    """Remove the folders to which none of the documents refers, nor a plan that was noted, and which were not used lately; return their sizes in bytes.

    `documents` is called where there is a folder to judge. A folder that has no mark yet gets one, and its time begins.
    """
    for folder in folders_in(stems):
        if not (folder / _STAMP).exists() and not folder.name.startswith(_GOING):
            used(folder)
    old = [folder for folder in folders_in(stems) if _unused(folder, now_s)]
    if not old:
        return []
    wanted = _referred({_digits(folder) for folder in old}, documents())
    free = [f for f in old if _made_again(f) or not (_digits(f) in wanted or _noted(f))]
    return [size for folder in free if (size := _removed(folder, now_s)) is not None]


def _made_again(folder: Path) -> bool:
    """Return whether this is what was left of a folder that was wanted again while it went."""
    name = folder.name.removeprefix(_GOING)
    return name != folder.name and folder.with_name(name).exists()


def _digits(folder: Path) -> bytes:
    named = _NAMED.fullmatch(folder.name.removeprefix(_GOING))
    return named[1].encode() if named else b""


def _unused(folder: Path, now_s: float) -> bool:
    try:
        return now_s - (folder / _STAMP).stat().st_mtime > UNUSED_S
    except FileNotFoundError:
        return folder.name.startswith(_GOING)  # whoever removed it did not come to its end
    except OSError:
        return False


def _referred(digits: Collection[bytes], documents: Iterable[Path]) -> set[bytes]:
    """Return which of the folders any document names; one that cannot be read might name them all."""
    found: set[bytes] = set()
    for path in documents:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            continue
        except OSError:
            return set(digits)
        found |= {one for one in digits if one in data}
    return found


def _noted(folder: Path) -> bool:
    """Return whether a plan outside of the state folder is still there and still made of a folder's stems."""
    plans = (Path(os.fsdecode(note.read_bytes())) for note in folder.glob("plan-*.path"))
    return bool(_referred({_digits(folder)}, plans))


def _removed(folder: Path, now_s: float) -> int | None:
    """Remove a folder and return its size, None where it stays: it holds what AMA did not write, or was used in this moment."""
    name = folder.name.removeprefix(_GOING)
    going = folder.with_name(f"{_GOING}{name}")
    try:
        files = list(folder.iterdir())
        if not all(_OWN.fullmatch(path.name) and path.is_file() for path in files):
            return None
        if folder != going:
            folder.rename(going)
        if not _unused(going, now_s):
            going.rename(going.with_name(name))
            return None
        sizes = [path.stat().st_size for path in going.iterdir()]
        stamp = going / _STAMP
        for path in (*(path for path in going.iterdir() if path != stamp), stamp):
            path.unlink(missing_ok=True)
        going.rmdir()
    except OSError:
        return None
    return sum(sizes)
