"""The samples of a plain WAV file of 16 or 24 bits, read as the array that they are.

libsndfile converts value by value, which takes four times as long as all of this (DECISIONS 54). It still opens the file, and where its view of
the length differs from what is found here, or the file is of any other kind, it reads the samples too.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio.sound import Block

_PLAIN: Final = 1
_EXTENSIBLE: Final = 0xFFFE
_FORMAT: Final = struct.Struct("<HHIIHH")
"""Tag, channels, rate, bytes a second, bytes a frame, bits."""
_SUBTYPE_AT: Final = 24
"""Where in an extensible format chunk the tag of the samples stands (Microsoft, WAVEFORMATEXTENSIBLE)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainPcm:
    """Where in a file its samples lie."""

    path: Path
    offset: int
    frames: int
    channels: int
    sample_bytes: int

    def blocks(self, start: int, count: int, block_frames: int) -> Iterator[Block]:
        """Yield (channels, n) float32 of `count` frames from frame `start` on, fewer where the file ends before."""
        width = self.channels * self.sample_bytes
        spare = 4 - self.sample_bytes
        kept = np.zeros(spare + block_frames * width, np.uint8)
        read_into = kept.data[spare:]
        with self.path.open("rb", buffering=0) as file:
            file.seek(self.offset + start * width)
            left = count
            while left > 0:
                got = _filled(file, read_into[: min(left, block_frames) * width]) // width
                if not got:
                    return
                yield self._block(kept, got)
                left -= got

    def _block(self, kept: NDArray[np.uint8], frames: int) -> Block:
        """Return frames as float32: each sample is the upper bytes of a word of four that ends with it.

        A channel at a time is copied to whole words first: numpy shifts and scales those several at once, and scattered ones one by one.
        """
        spare, width = 4 - self.sample_bytes, self.channels * self.sample_bytes
        block, words = np.empty((self.channels, frames), np.float32), np.empty(frames, np.int32)
        for channel in range(self.channels):
            at = channel * self.sample_bytes
            np.copyto(words, np.ndarray((frames,), "<i4", kept.data, at, (width,)))
            np.right_shift(words, 8 * spare, out=words)
            np.multiply(
                words, np.float32(2.0 ** (8 * spare - 31)), out=block[channel], dtype=np.float32
            )
        return block


def _filled(file: BinaryIO, room: memoryview) -> int:
    """Read until the room is full or the file ends; return how many bytes came."""
    filled = 0
    while filled < len(room):
        got = file.readinto(room[filled:])  # type: ignore[attr-defined]  # a raw file has it
        if not got:
            break
        filled += got
    return filled


def plain_pcm(path: Path, *, frames: int, channels: int) -> PlainPcm | None:
    """Return where the samples lie in a RIFF file of 16 or 24 bits that holds just so many frames and channels, else None."""
    with path.open("rb") as file:
        found = _chunks(file)
    if found is None:
        return None
    form, offset, size = found
    tag, own_channels, _, _, width, bits = _FORMAT.unpack_from(form)
    if tag == _EXTENSIBLE and len(form) >= _SUBTYPE_AT + 2:
        (tag,) = struct.unpack_from("<H", form, _SUBTYPE_AT)
    fits = tag == _PLAIN and bits in {16, 24} and own_channels == channels
    if not fits or width * 8 != channels * bits or size != frames * width:
        return None
    return PlainPcm(
        path=path, offset=offset, frames=frames, channels=channels, sample_bytes=bits // 8
    )


def _chunks(file: BinaryIO) -> tuple[bytes, int, int] | None:
    """Return a RIFF file's format chunk, and where its data chunk begins and how long it is."""
    head = file.read(12)
    if head[:4] != b"RIFF" or head[8:] != b"WAVE":
        return None
    form = b""
    while len(head := file.read(8)) == 8:
        name, size = head[:4], int.from_bytes(head[4:], "little")
        if name == b"data":
            return (form, file.tell(), size) if len(form) >= _FORMAT.size else None
        if name == b"fmt ":
            form = file.read(size)
            file.seek(size & 1, 1)
        else:
            file.seek(size + (size & 1), 1)
    return None
