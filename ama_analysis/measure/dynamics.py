"""Levels over time: RMS, crest factor, noise floor, and the part in which a track plays.

The gate that tells playing from pauses is built like that of EBU Tech 3342: frames of 50 ms count that lie above -70 dBFS and no more than 20 dB
below the mean power of all frames above -70 dBFS. The noise floor is the mean power of the quietest tenth of the frames above
-120 dBFS (below that lies digital silence, which says nothing of the room or the amplifier). Power is the mean over left and right, without
the mean of each frame, so that an offset is no level.

Noise that goes on in the pauses is no playing either. Hiss and hum are told by being steady: the quietest windows of 400 ms are all as loud as each other, and so are the frames in them.
Rumble is as uneven as music, but loses far more than the track where the lows are taken out of both. Then a frame must stand above that floor too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis.audio import Block
from ama_analysis.bands import Floats
from ama_analysis.measure.histogram import LevelHistogram
from ama_analysis.measure.windows import Windows
from ama_analysis.measurements import TwoLevels

ABSOLUTE_GATE_DBFS: Final = -70.0
RELATIVE_GATE_DB: Final = -20.0
"""Both as in Tech 3342, in dB of plain power."""
DIGITAL_SILENCE_DBFS: Final = -120.0
QUIETEST_SHARE: Final = 0.1
STEADY_DB: Final = 0.15
STEADY_PEAK_DB: Final = 1.0
"""In hiss and hum the quietest fifth of the windows differs by no more than that (standard deviation; planted ones read 0.06 at most, 78 stems of ten real sessions 0.46 and more
where they lie above the gate), and their loudest frames stand no further above them: a programmed pattern has windows that are all the same, but hits in them (AMA's choice)."""
FLOOR_BELOW_DB: Final = 4.0
"""So far below the mean the floor lies at least: a steady track has no pauses (AMA's choice)."""
ABOVE_FLOOR_DB: Final = 6.0
"""What stands that far above the floor plays: noise of a bandwidth of 20 Hz, as rumble is, does so in 2 % of the frames."""
RUMBLE_SPREAD_DB: Final = 1.5
RUMBLE_LOSES_DB: Final = 6.0
"""By so much more than the track the floor falls without its lows, and that is its spread: planted rumble loses 8 to 11 dB, the tails of a kick 4 (AMA's choice)."""
_QUIETEST: Final = 0.2
_LEAST_WINDOWS: Final = 25
_WINDOW_FRAMES: Final = 8
_LOWS_S: Final = 0.005
"""Means over about this time are the lows: -3 dB at 90 Hz, and 12 dB less at 30 Hz."""
_FRAMES_PER_S: Final = 20
_GROUP: Final = 128
"""Windows a call: so many that two threads seldom wait for the interpreter's lock, few enough for the cache (DECISIONS 26)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelFigures:
    """What `LevelMeter` found: levels in dBFS (None where there is none), `gate_dbfs` the level above which the track plays."""

    noise_floor_dbfs: float | None
    active_fraction: float
    active_rms_dbfs: float | None
    gate_dbfs: float
    two_levels: TwoLevels | None
    steady_noise_dbfs: float | None


class LevelMeter:
    """Takes blocks of (channels, n) one after the other; `result` ends the measurement."""

    def __init__(self, *, sample_rate_hz: int, channels: int) -> None:
        """Prepare for a rate."""
        size = round(sample_rate_hz / _FRAMES_PER_S)
        self._size, self._parts = size, _parts_of(size, sample_rate_hz * _LOWS_S)
        self._windows = Windows(channels=channels, size=size, hop=size, group=_GROUP)
        self._whole, self._highs = _Powers(), _Powers()

    def add(self, block: Block) -> None:
        """Measure on."""
        for group in self._windows.add(block):
            self._read(group)

    def result(self) -> LevelFigures:
        """End the measurement and return it."""
        for group in self._windows.finish(self._size - 1):
            self._read(group)
        whole = self._whole
        frames, gate_dbfs, floor = whole.frames, whole.gate_dbfs, whole.floor()
        playing, playing_gate_dbfs, noise_dbfs = frames, gate_dbfs, None
        if floor is not None and floor.steady:
            noise_dbfs = floor.level_dbfs
            gate_dbfs = playing_gate_dbfs = max(gate_dbfs, floor.level_dbfs + ABOVE_FLOOR_DB)
        elif floor is not None and floor.level_dbfs > gate_dbfs - ABOVE_FLOOR_DB / 2.0:
            highs = self._highs.floor()
            if highs is not None and floor.loses_its_lows(highs):
                gate_dbfs = max(gate_dbfs, floor.level_dbfs + ABOVE_FLOOR_DB)
                playing = self._highs.frames
                playing_gate_dbfs = max(self._highs.gate_dbfs, highs.level_dbfs + ABOVE_FLOOR_DB)
        total = frames.total
        return LevelFigures(
            noise_floor_dbfs=level_db(frames.mean_of_quietest(QUIETEST_SHARE)),
            active_fraction=playing.count_above(playing_gate_dbfs) / total if total else 0.0,
            active_rms_dbfs=level_db(playing.mean_above(playing_gate_dbfs)),
            gate_dbfs=gate_dbfs,
            two_levels=two_levels(frames),
            steady_noise_dbfs=noise_dbfs,
        )

    def _read(self, group: Block) -> None:
        """Take frames (channels, n, size): their power, less that of their mean, and less that of the means of their parts."""
        channels, count, size = group.shape
        power = np.einsum("cwn,cwn->w", group, group) / (channels * size)
        length = size // self._parts
        sums = np.einsum("cpn->cp", group.reshape(channels, -1, length))
        parts = sums.reshape(channels, count, self._parts) / np.float32(length)
        lows = np.einsum("cwp,cwp->w", parts, parts) / (channels * self._parts)
        means = parts.mean(axis=2)
        offset = np.einsum("cw,cw->w", means, means) / channels
        self._whole.add(np.maximum(power - offset, 0.0))
        self._highs.add(np.maximum(power - lows, 0.0))


def _parts_of(size: int, length: float) -> int:
    """Return into how many equal parts of about a length a frame can be cut."""
    whole = [count for count in range(1, size + 1) if size % count == 0]
    return min(whole, key=lambda count: abs(math.log(size / count / length)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Floor:
    """The quietest windows of 400 ms: their mean, its spread, their loudest frames, and the mean of all that is audible."""

    level_dbfs: float
    spread_db: float
    peak_dbfs: float
    mean_dbfs: float

    @property
    def steady(self) -> bool:
        """Whether it is hiss or hum."""
        even = self.peak_dbfs - self.level_dbfs <= STEADY_PEAK_DB
        return even and self.spread_db <= STEADY_DB and self.below_db >= FLOOR_BELOW_DB

    @property
    def below_db(self) -> float:
        return self.mean_dbfs - self.level_dbfs

    def loses_its_lows(self, highs: _Floor) -> bool:
        """Whether it is rumble, given what is left of all without the lows."""
        even = self.spread_db <= RUMBLE_SPREAD_DB
        return even and highs.below_db >= self.below_db + RUMBLE_LOSES_DB


class _Powers:
    """The powers of frames, and of windows of eight."""

    def __init__(self) -> None:
        self.frames = _histogram()
        self._windows, self._peaks = _histogram(), _histogram()

    def add(self, powers: Floats) -> None:
        self.frames.add(powers)
        windows = powers[: powers.size - powers.size % _WINDOW_FRAMES].reshape(-1, _WINDOW_FRAMES)
        self._windows.add(windows.mean(axis=1))
        self._peaks.add(windows.max(axis=1))

    @property
    def gate_dbfs(self) -> float:
        return playing_gate_db(self.frames)

    def floor(self) -> _Floor | None:
        """Return what the track never falls below; None where it is too short, or not audible."""
        level = level_db(self._windows.mean_of_quietest(_QUIETEST))
        mean = level_db(self.frames.mean_above(ABSOLUTE_GATE_DBFS))
        if self._windows.count_above() < _LEAST_WINDOWS or level is None or mean is None:
            return None
        if level <= ABSOLUTE_GATE_DBFS:
            return None
        return _Floor(
            level_dbfs=level,
            spread_db=self._windows.spread_of_quietest_db(_QUIETEST),
            peak_dbfs=level_db(self._peaks.mean_of_quietest(_QUIETEST)) or level,
            mean_dbfs=mean,
        )


def _histogram() -> LevelHistogram:
    return LevelHistogram(low_db=DIGITAL_SILENCE_DBFS, high_db=40.0, step_db=0.05)


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
