"""How the process of `ama` treats threads and memory (to be set before numpy is loaded), and how it is stopped.

A matrix product wakes OpenBLAS's threads, which then turn in circles for a while on a core that AMA's own threads need. And the C library of Linux
gives the memory of every array back at once, to ask for it again for the next. With both settings a plan takes a twentieth less processor time.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""glibc's numbers for them, mallopt(3)."""
_KEPT_BYTES: Final = 64 << 20
"""So much freed memory is kept at most."""


def settle() -> None:
    """One thread a matrix product, unless the user wants more; keep some freed memory where the C library is glibc."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # noqa: TID251  set for libraries, not read
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL("libc.so.6")
        library.mallopt(_MMAP_THRESHOLD, _KEPT_BYTES)
        library.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)


@contextmanager
def stopped_by_sigterm() -> Iterator[None]:
    """Let SIGTERM stop the work as Ctrl-C does, so that what it began is taken back or called off."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
