"""A stream cut into overlapping windows, many at a time.

Windows come in groups of a fixed number whatever the sizes of the blocks that went in, so figures do not depend on block sizes, not
even in the last bit, and the buffer never grows. Where windows do not overlap, what comes in long enough is given on as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from ama_analysis.audio import Block


class Windows:
    """Takes blocks of (channels, n), gives groups of windows (channels, windows, size) that are valid until the next one."""

    def __init__(self, *, channels: int, size: int, hop: int, group: int, lead: int = 0) -> None:
        """Begin with `lead` frames of silence; `hop` is at most `size`, `group` the number of windows given at once."""
        self._size, self._hop, self._group = size, hop, group
        self._buffer = np.zeros((channels, size + (group - 1) * hop), np.float32)
        self._whole = hop == size
        self._filled = lead
        self.frames = 0

    def add(self, block: Block) -> Iterator[Block]:
        """Take a block and yield the groups that it completes."""
        self.frames += block.shape[1]
        yield from self._take(block)

    def finish(self, tail: int) -> Iterator[Block]:
        """Add `tail` frames of silence, yield what is left of whole windows (nothing if nothing was ever added)."""
        if not self.frames:
            return
        yield from self._take(np.zeros((self._buffer.shape[0], tail), np.float32))
        if self._filled >= self._size:
            yield self._view((self._filled - self._size) // self._hop + 1)

    def _take(self, block: Block) -> Iterator[Block]:
        at, capacity = 0, self._buffer.shape[1]
        while at < block.shape[1]:
            if self._whole and not self._filled and block.shape[1] - at >= capacity:
                own = block[:, at : at + capacity]
                yield own.reshape(own.shape[0], self._group, self._size)
                at += capacity
                continue
            count = min(capacity - self._filled, block.shape[1] - at)
            self._buffer[:, self._filled : self._filled + count] = block[:, at : at + count]
            self._filled += count
            at += count
            if self._filled == capacity:
                yield self._view(self._group)
                kept = capacity - self._group * self._hop
                self._buffer[:, :kept] = self._buffer[:, capacity - kept :].copy()
                self._filled = kept

    def _view(self, count: int) -> Block:
        row, step = self._buffer.strides
        shape = (self._buffer.shape[0], count, self._size)
        return as_strided(self._buffer, shape, (row, self._hop * step, step), writeable=False)


@lru_cache(maxsize=4)
def power_window(size: int) -> NDArray[np.float32]:
    """Return the periodic Hann window so scaled that the powers of a frame's bins add up to its mean square."""
    window = np.sin(np.pi * np.arange(size) / size) ** 2
    scaled: NDArray[np.float32] = (
        window * math.sqrt(2.0 / (size * float(np.sum(window**2))))
    ).astype(np.float32)
    scaled.setflags(write=False)
    return scaled


def line_of(windows: Block, hop: int) -> Block:
    """Return the stretch (channels, n) that overlapping windows (channels, windows, size) of `Windows` were cut from; a view."""
    channels, count, size = windows.shape
    row, _, step = windows.strides
    shape = (channels, (count - 1) * hop + size)
    return as_strided(windows, shape, (row, step), writeable=False)
