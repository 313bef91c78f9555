"""A port for figures that are kept, so that what was measured once is not measured again.

The core asks a `Cache` by key and hands over bytes (`ama_analysis.packed` makes them); where they lie is the shell's affair. A key is a hash
of everything that a figure follows from: the content of the sound files (`Contents`), the settings that matter, the kind of
figure, and the code that measures. So an entry is never out of date, and what is not found is measured.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol, TypeVar

MEASURING_VERSION: Final = 1
"""To be raised where figures change though the core's source does not (a format of entries, data that measuring reads)."""
_LIBRARIES: Final = ("numpy", "scipy", "soundfile", "soxr", "av", "pedalboard")
"""What decodes and computes: another version of one may give another last bit."""
_READ_BYTES: Final = 1 << 18
_DIGEST_BYTES: Final = 32

T = TypeVar("T")


class Cache(Protocol):
    """What the core asks of a cache; it may be asked from several threads, and forgets as it likes."""

    def get(self, key: str) -> bytes | None:
        """Return what was put under a key, None where it is not there (any more)."""

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes under a key (64 hexadecimal digits); failing to is no error."""


class NoCache:
    """Keeps nothing."""

    def get(self, key: str) -> bytes | None:  # noqa: ARG002  # the port's signature
        """Return None."""
        return None

    def put(self, key: str, data: bytes) -> None:
        """Do nothing."""


NO_CACHE: Final = NoCache()


def key_of(kind: str, *parts: str | float | None) -> str:
    """Return the key of a kind of figure made of these parts, by this code."""
    text = json.dumps([code_version(), kind, *parts])
    return hashlib.blake2b(text.encode("ascii"), digest_size=_DIGEST_BYTES).hexdigest()


def remembered(
    cache: Cache,
    key: str | None,
    make: Callable[[], T],
    *,
    pack: Callable[[T], bytes],
    unpack: Callable[[bytes], T | None],
) -> T:
    """Return what the cache has under a key, else what `make` gives, which is then kept; without a key just the latter.

    `unpack` returns None for bytes that it does not understand; they count as not there.
    """
    found = recalled(cache, key, unpack)
    if found is not None:
        return found
    made = make()
    if key is not None:
        cache.put(key, pack(made))
    return made


def recalled(cache: Cache, key: str | None, unpack: Callable[[bytes], T | None]) -> T | None:
    """Return what the cache has under a key and `unpack` understands, else None."""
    data = None if key is None else cache.get(key)
    return None if data is None else unpack(data)


def content_of(path: Path) -> str | None:
    """Return the hash of a file's bytes, None where it is no file that can be read; a block at a time, without the interpreter's lock.

    SHA-256, for which processors have instructions: 1.7 GB a second, BLAKE2b 0.85 (a Zen core); of 16 stems every second of it counts.
    """
    content = hashlib.sha256(usedforsecurity=False)
    block = memoryview(bytearray(_READ_BYTES))
    try:
        if not path.is_file():  # a pipe would be waited for
            return None
        with path.open("rb", buffering=0) as file:
            while count := file.readinto(block):
                content.update(block[:count])
    except OSError:
        return None
    return content.hexdigest()


class Contents:
    """The content hashes of files, each worked out when it is first asked for; for one piece of work, during which files do not change."""

    def __init__(self, cache: Cache) -> None:
        """Know nothing yet; and never anything where the cache keeps nothing, since then no key is needed."""
        self._wanted = cache is not NO_CACHE
        self._known: dict[Path, str | None] = {}

    def __call__(self, path: Path) -> str | None:
        """Return `content_of` a file; may be asked from several threads."""
        if not self._wanted:
            return None
        if path not in self._known:
            self._known[path] = content_of(path)
        return self._known[path]


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return a hash of all that turns samples into figures: the core's own source, the libraries below it, the kind of processor.

    All of the core counts, not only `measure`, so that no list of modules can fall behind what figures depend on.
    """
    folder = Path(__file__).parent
    code = hashlib.blake2b(f"{MEASURING_VERSION} {platform.machine()}".encode())
    for path in sorted(folder.rglob("*.py")):
        code.update(path.relative_to(folder).as_posix().encode())
        code.update(path.read_bytes())
    for library in _LIBRARIES:
        code.update(f"{library} {installed_version(library)}".encode())
    return code.hexdigest()[:_DIGEST_BYTES]


def installed_version(library: str) -> str:
    """Return the version of an installed library, nothing where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # it loads the parser of mails

    try:
        return version(library)
    except PackageNotFoundError:
        return ""
