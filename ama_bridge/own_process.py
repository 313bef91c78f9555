"""How the process of `ama` treats threads and memory (to be set before numpy is loaded), and how it is stopped.

A matrix product wakes OpenBLAS's threads, which then turn in circles for a while on a core that AMA's own threads need. And the C library of Linux
gives the memory of every array back at once, to ask for it again for the next. With both settings a plan takes a twentieth less processor time.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

_ENDING: Final = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""A program is asked to end, its window was closed."""
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
def stopped_by_signals() -> Iterator[list[int]]:
    """Let SIGTERM, and SIGHUP unless it is ignored (`nohup`), stop the work as Ctrl-C does, so that what it began is taken back or called off.

    Yields the list in which the signal will stand. What comes after the first one does not disturb the taking back.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    heard = [each for each in _ENDING if signal.getsignal(each) is not signal.SIG_IGN]

    def stop(number: int, _: object) -> None:
        for each in heard:
            signal.signal(each, signal.SIG_IGN)
        came.append(number)
        raise KeyboardInterrupt

    before = {each: signal.signal(each, stop) for each in heard}
    try:
        yield came
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
