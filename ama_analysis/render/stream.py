"""Sounds as steps of one length, and steps as blocks of any length.

Inside, everything is rendered in steps of `STEP_FRAMES`, whatever blocks are asked for: so the result does not depend on them, and what
is held does not grow with the length of the sound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import pedalboard

from ama_analysis.audio import BLOCK_FRAMES, Block, DerivedSound, Sound
from ama_analysis.chains import PluginSetting
from ama_analysis.render.plugins import board_of, settings_at

STEP_FRAMES: Final = 1 << 16
_LIMITER: Final = "BrickwallLimiter"


def steps(sound: Sound) -> Iterator[Block]:
    """Yield a sound as (channels, STEP_FRAMES), then silence without end."""
    for block in sound.blocks(STEP_FRAMES):
        missing = STEP_FRAMES - block.shape[1]
        yield np.pad(block, ((0, 0), (0, missing))) if missing else block
    silence = np.zeros((sound.channels, STEP_FRAMES), np.float32)
    while True:
        yield silence


def through(
    board: pedalboard.Pedalboard, parts: Iterator[Block], sample_rate_hz: int
) -> Iterator[Block]:
    """Yield parts as the plugins leave them.

    A plugin that looks ahead holds its latency back from the first part, so that what comes out is in its place.
    """
    for part in parts:
        yield board.process(part, sample_rate_hz, reset=False)


def ahead(parts: Iterator[Block]) -> Iterator[Block]:
    """Yield endless parts, each while the next one is made in another thread."""
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming = pool.submit(next, parts)
        while True:
            part, coming = coming.result(), pool.submit(next, parts)
            yield part


def cut(parts: Iterator[Block], frames: int, block_frames: int) -> Iterator[Block]:
    """Yield the first `frames` of endless parts in blocks of `block_frames`, the last one shorter."""
    held: Block | None = None
    while frames > 0:
        wanted = min(block_frames, frames)
        while held is None or held.shape[1] < wanted:
            part = next(parts)
            held = np.concatenate((held, part), axis=1) if held is not None else part
        yield held[:, :wanted]
        held = held[:, wanted:] if held.shape[1] > wanted else None
        frames -= wanted


@dataclass(frozen=True, slots=True)
class Scaled(DerivedSound):
    """A sound turned up or down by `gain_db`."""

    gain_db: float

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Yield the sound's blocks, scaled."""
        factor = np.float32(10.0 ** (self.gain_db / 20.0))
        for block in self.sound.blocks(block_frames):
            yield block * factor


@dataclass(frozen=True, slots=True)
class Exchanged(DerivedSound):
    """A sum some of whose parts are exchanged: those in `was` taken out, those in `now` put in; as long as the sum."""

    was: tuple[Sound, ...]
    now: tuple[Sound, ...]

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Yield the sum's blocks as they are now."""
        return cut(self._steps(), self.frames, block_frames)

    def _steps(self) -> Iterator[Block]:
        was = [ahead(steps(sound)) for sound in self.was]
        now = [ahead(steps(sound)) for sound in self.now]
        for block in steps(self.sound):
            changed = block.copy()
            for part in was:
                changed -= next(part)
            for part in now:
                changed += next(part)
            yield changed


@dataclass(frozen=True, slots=True)
class Chained(DerivedSound):
    """A sound through a chain of plugins: as long as the sound, latencies made up for."""

    plugins: tuple[PluginSetting, ...]

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Render, each time with fresh plugins; `RenderError` for a high-pass above the band."""
        parts = steps(self.sound)
        for plugins in _side_by_side(settings_at(self.plugins, self.sample_rate_hz)):
            parts = through(board_of(plugins), ahead(parts), self.sample_rate_hz)
        return cut(parts, self.frames, block_frames)


def _side_by_side(plugins: Sequence[PluginSetting]) -> list[Sequence[PluginSetting]]:
    """Return plugins in groups that work at the same time, one a step behind the other: a limiter takes as long as all that is before it."""
    at = next((i for i, one in enumerate(plugins) if one.plugin == _LIMITER), len(plugins))
    return [group for group in (plugins[:at], plugins[at:]) if group]
