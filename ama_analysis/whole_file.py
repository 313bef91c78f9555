"""Files that are whole or not there."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import EACCES
from pathlib import Path
from typing import Final

_SOMEBODY_WRITES: Final = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield where to write what `path` shall hold: a hidden name beside it, of this writer alone, that becomes `path` when all went well and is removed when not.

    A link is followed, and what a file allows stays as it was. A device or a pipe cannot be replaced: it is yielded itself. `OSError` where
    there is an `obstacle`.
    """
    if why := obstacle(path):
        raise PermissionError(EACCES, f"it {why}", str(path))
    there = path.exists()
    if there and not path.is_file():
        yield path
        return
    target = Path(os.path.realpath(path))
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        if there:
            with suppress(FileNotFoundError):
                shutil.copymode(target, part)
        part.replace(target)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise


def obstacle(path: Path) -> str:
    """Return what keeps a file from being written under a name ("is a folder", "is read-only"), empty where nothing is seen.

    What nobody may write is left alone by the administrator too, who could.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"cannot be used ({error.strerror})"
    if stat.S_ISDIR(mode):
        return "is a folder"
    if not mode & _SOMEBODY_WRITES or not os.access(path, os.W_OK):
        return "is read-only"
    return ""
