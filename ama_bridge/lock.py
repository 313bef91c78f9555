"""Locks that die with their process: on a folder, so that two services never share one state folder; on a file, for as long as it is read and written anew."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from ama_analysis.errors import DeliveryError


class FolderLock:
    """Holds `folder/lock`; the system lets go of it when the process ends, however it ends."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; nothing is locked yet."""
        self._path = folder / "lock"
        self._file: int | None = None

    def __enter__(self) -> Self:
        """Take the lock; `DeliveryError` AMA-703 where another process holds it, AMA-701 where the folder is not writable."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            message = f"The state folder {self._path.parent} cannot be used ({error.strerror})."
            raise DeliveryError(message, hint="Name another with --state.") from error
        try:
            _lock(file)
        except OSError as error:
            os.close(file)
            message = f"Another AMA service uses the state folder {self._path.parent}."
            hint = "Stop that one, or name another folder with --state."
            raise DeliveryError(message, hint=hint, code="AMA-703") from error
        self._file = file
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


@contextmanager
def briefly_locked(path: Path) -> Iterator[None]:
    """Hold a lock file for a moment and wait for whoever holds it, another thread too; `DeliveryError` (AMA-701) where it cannot be made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        message = f"{path} cannot be written ({error.strerror})."
        raise DeliveryError(message, hint="Check the folder.") from error
    try:
        _wait_for(file)
        yield
    finally:
        os.close(file)


if sys.platform == "win32":

    def _lock(file: int) -> None:
        import msvcrt

        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)

    def _wait_for(file: int) -> None:
        import msvcrt

        msvcrt.locking(file, msvcrt.LK_LOCK, 1)

else:

    def _lock(file: int) -> None:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _wait_for(file: int) -> None:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
