"""Levels over time: RMS, crest factor, noise floor, and the part in which a track plays.

The gate that tells playing from pauses is built like that of EBU Tech 3342: frames of 50 ms count that lie above -70 dBFS and no more than 20 dB
below the mean power of all frames above -70 dBFS. The noise floor is the mean power of the quietest tenth of the frames above
-120 dBFS (below that lies digital silence, which says nothing of the room or the amplifier). Power is the mean over left and right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis.audio import Block
from ama_analysis.measure.histogram import LevelHistogram
from ama_analysis.measure.windows import Windows
from ama_analysis.measurements import TwoLevels

ABSOLUTE_GATE_DBFS: Final = -70.0
RELATIVE_GATE_DB: Final = -20.0
"""Both as in Tech 3342, in dB of plain power."""
DIGITAL_SILENCE_DBFS: Final = -120.0
QUIETEST_SHARE: Final = 0.1
_FRAMES_PER_S: Final = 20
_GROUP: Final = 128
"""Windows a call: so many that two threads seldom wait for the interpreter\'s lock, few enough for the cache (DECISIONS 26)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFigures:
    """What `LevelMeter` found: levels in dBFS (None where there is none), `gate_dbfs` the level above which the track plays."""

    noise_floor_dbfs: float | None
    active_fraction: float
    active_rms_dbfs: float | None
    gate_dbfs: float
    two_levels: TwoLevels | None


class LevelMeter:
    """Takes blocks of (channels, n) one after the other; `result` ends the measurement."""

    def __init__(self, *, sample_rate_hz: int, channels: int) -> None:
        """Prepare for a rate."""
        size = round(sample_rate_hz / _FRAMES_PER_S)
        self._size = size
        self._windows = Windows(channels=channels, size=size, hop=size, group=_GROUP)
        self._powers = LevelHistogram(low_db=DIGITAL_SILENCE_DBFS, high_db=40.0, step_db=0.05)

    def add(self, block: Block) -> None:
        """Measure on."""
        for group in self._windows.add(block):
            self._read(group)

    def result(self) -> LevelFigures:
        """End the measurement and return it."""
        for group in self._windows.finish(self._size - 1):
            self._read(group)
        gate_dbfs = playing_gate_db(self._powers)
        playing = self._powers.mean_above(gate_dbfs)
        total = self._powers.total
        return LevelFigures(
            noise_floor_dbfs=level_db(self._powers.mean_of_quietest(QUIETEST_SHARE)),
            active_fraction=self._powers.count_above(gate_dbfs) / total if total else 0.0,
            active_rms_dbfs=level_db(playing),
            gate_dbfs=gate_dbfs,
            two_levels=two_levels(self._powers),
        )

    def _read(self, group: Block) -> None:
        self._powers.add(np.einsum("cwn,cwn->w", group, group) / (group.shape[0] * self._size))


def playing_gate_db(powers: LevelHistogram) -> float:
    """Return the level above which a track plays."""
    audible = powers.mean_above(ABSOLUTE_GATE_DBFS)
    if audible is None:
        return ABSOLUTE_GATE_DBFS
    return max(ABSOLUTE_GATE_DBFS, 10.0 * math.log10(audible) + RELATIVE_GATE_DB)


def two_levels(powers: LevelHistogram) -> TwoLevels | None:
    """Return the two levels of what is audible; None where it has only one."""
    parted = powers.parted(ABSOLUTE_GATE_DBFS)
    if parted is None:
        return None
    return TwoLevels(
        split_dbfs=parted.split_db,
        loud_dbfs=parted.above_db,
        quiet_dbfs=parted.below_db,
        quiet_fraction=parted.below_share,
        audible_fraction=powers.count_above(ABSOLUTE_GATE_DBFS) / powers.total,
    )


def level_db(power: float | None) -> float | None:
    """Return 10 log10 of a power, None for nothing."""
    return 10.0 * math.log10(power) if power else None
