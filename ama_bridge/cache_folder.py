"""The cache as a folder of files: figures of sound files, by content (`ama_analysis.cache`).

    cache/
      CACHEDIR.TAG     tells backup programs to leave the folder out (https://bford.info/cachedir/)
      3f/9c04...       an entry, named by its key: a mark, the key, a checksum, the bytes

The folder may be deleted at any time. It keeps within its limit: the entries that were not used for longest go first. Entries are
written under another name and then given theirs, so two processes may share the folder; one that is damaged, cut short or not ours is
taken as not there. Nothing that goes wrong here is an error: then figures are measured again.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.cache import NO_CACHE, Cache
from ama_analysis.whole_file import whole_file
from ama_bridge.config import Settings

_MARK: Final = b"AMA cache 1\n"
_CHECK_BYTES: Final = 16
_TAG: Final = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# AMA keeps measurements here, so that it need not measure again what has not changed.\n"
    "# The folder may be deleted at any time.\n"
)
_FOLDER: Final = re.compile(r"[0-9a-f]{2}")
_ENTRY: Final = re.compile(r"\.?[0-9a-f]{62}(\.\w+\.part)?")
_LOOK_SHARE: Final = 1 / 16
"""After so much of the limit was written, the folder is looked through..."""
_FULL_SHARE: Final = 7 / 8
"""...and where it holds more than this, the oldest entries go..."""
_CLEARED_SHARE: Final = 3 / 4
"""...until it holds no more than this: two processes at once stay within the limit, but for one large entry."""
_ENTRY_SHARE: Final = 1 / 4
"""No entry is larger."""
_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a cache folder holds."""

    entries: int
    size_bytes: int


def cache_of(settings: Settings) -> Cache:
    """Return the cache that the settings ask for."""
    if settings.cache_dir is None:
        return NO_CACHE
    return CacheFolder(settings.cache_dir, limit_bytes=settings.cache_mib * _MIB)


class CacheFolder:
    """A `Cache`; may be used from several threads, and from several processes with one folder."""

    def __init__(self, folder: Path, *, limit_bytes: int) -> None:
        """Name the folder; it is made when something is kept."""
        self._folder, self._limit = folder, limit_bytes
        self._lock = threading.Lock()
        self._unseen: int | None = None

    def get(self, key: str) -> bytes | None:
        """Return what was put under a key; None where it is not there or not whole."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        head = len(_head(key, b""))
        body = data[head:]
        if data[:head] != _head(key, body):
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)
        return body

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes under a key, unless they would take much of the folder or cannot be written."""
        size = len(data)
        if size > self._limit * _ENTRY_SHARE:
            return
        with self._lock, suppress(OSError):
            self._make_room(size)
        path = self._path(key)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(path, _head(key, data) + data)

    def held(self) -> Held:
        """Look what the folder holds."""
        sizes = [size for _, size, _ in self._entries()]
        return Held(entries=len(sizes), size_bytes=sum(sizes))

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key[2:]

    def _make_room(self, size: int) -> None:
        if self._unseen is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            tag = self._folder / "CACHEDIR.TAG"
            if not tag.exists():
                tag.write_text(_TAG, encoding="ascii")
        elif self._unseen + size <= self._limit * _LOOK_SHARE:
            self._unseen += size
            return
        self._unseen = size
        entries = sorted(self._entries())
        held = size + sum(entry_size for _, entry_size, _ in entries)
        if held <= self._limit * _FULL_SHARE:
            return
        for _, entry_size, path in entries:
            if held <= self._limit * _CLEARED_SHARE:
                return
            with suppress(OSError):
                os.unlink(path)  # noqa: PTH108  # thousands of them, named by scandir
                held -= entry_size

    def _entries(self) -> Iterator[tuple[int, int, str]]:
        """Yield time of last use (ns), size and path of what AMA put here, half-written entries too, and of nothing else."""
        for folder in _scanned(self._folder, _FOLDER):
            for entry in _scanned(folder, _ENTRY):
                with suppress(OSError):
                    told = entry.stat(follow_symlinks=False)
                    yield told.st_mtime_ns, told.st_size, entry.path


def _scanned(folder: Path | os.DirEntry[str], name: re.Pattern[str]) -> Iterator[os.DirEntry[str]]:
    with suppress(OSError), os.scandir(folder) as found:
        yield from (entry for entry in found if name.fullmatch(entry.name))


def _head(key: str, body: bytes) -> bytes:
    return _MARK + bytes.fromhex(key) + hashlib.blake2b(body, digest_size=_CHECK_BYTES).digest()


def _write(path: Path, data: bytes) -> None:
    with whole_file(path) as part:
        part.write_bytes(data)
