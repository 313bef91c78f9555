"""Sounds that do something on the way: remember where they are loudest, write themselves to a file, tell how far they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from ama_analysis.audio import BLOCK_FRAMES, AudioWriter, Block, DerivedSound
from ama_analysis.progress import OnProgress


@dataclass(frozen=True, slots=True)
class Watched(DerivedSound):
    """A sound that remembers its energy second by second, and may be copied to a writer while it passes."""

    writer: AudioWriter | None = None
    energies: list[float] = field(default_factory=list)

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Yield the sound's blocks, watching them."""
        self.energies[:] = [0.0] * (self.frames // self.sample_rate_hz + 1)
        at, written = 0, list[Future[None]]()
        with ThreadPoolExecutor(1, thread_name_prefix="writer") as pool:
            for block in self.sound.blocks(block_frames):
                second = min(at // self.sample_rate_hz, len(self.energies) - 1)
                self.energies[second] += float(np.einsum("cn,cn->", block, block))
                at += block.shape[1]
                for future in written:
                    future.result()
                if self.writer is not None:
                    written = [pool.submit(self.writer.write, block.copy())]
                yield block
            for future in written:
                future.result()

    def loudest_part_s(self, length_s: float) -> tuple[float, float]:
        """Return start and stop of the loudest stretch of about `length_s` (whole seconds), once the sound has passed."""
        return loudest_part_s(self.energies, length_s, self.frames / self.sample_rate_hz)


def loudest_part_s(
    energies: Sequence[float], length_s: float, duration_s: float
) -> tuple[float, float]:
    """Return start and stop of the loudest stretch of about `length_s`, given the energy second by second; all of a shorter sound."""
    count = max(1, round(length_s))
    if len(energies) <= count:
        return 0.0, duration_s
    start = int(np.argmax(np.convolve(energies, np.ones(count), mode="valid")))
    return float(start), float(start + count)


@dataclass(frozen=True, slots=True)
class Reported(DerivedSound):
    """A sound that tells how much of it has passed."""

    stage: str
    on_progress: OnProgress

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Yield the sound's blocks and report after each."""
        at, frames = 0, max(self.frames, 1)
        for block in self.sound.blocks(block_frames):
            yield block
            at += block.shape[1]
            self.on_progress(at / frames, self.stage)
