"""The test signals of EBU Tech 3341 (2023, table 1) and Tech 3342 (2023, table 1) that are defined by tones, as data and as sound.

Segments are (seconds, dBFS of a stereo 1 kHz sine's peak); None is silence. Case 6 (five channels) and the two authentic programmes (7, 8) are not
among them: AMA mixes mono and stereo, and the programmes are recordings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ama_analysis.audio import Audio

RATE_HZ = 48_000
TOLERANCE_LU = 0.1
"""Tech 3341: every loudness of table 1."""
RANGE_TOLERANCE_LU = 1.0
"""Tech 3342, table 1."""
PEAK_ABOVE_DB = 0.2
PEAK_BELOW_DB = 0.4
"""Tech 3341: cases 15 to 23."""

Segments = tuple[tuple[float, float | None], ...]


@dataclass(frozen=True)
class Case:
    """A numbered case with the reading that the standard expects."""

    number: int
    segments: Segments
    expected: float


INTEGRATED = (
    Case(1, ((20.0, -23.0),), -23.0),
    Case(2, ((20.0, -33.0),), -33.0),
    Case(3, ((10.0, -36.0), (60.0, -23.0), (10.0, -36.0)), -23.0),
    Case(4, ((10.0, -72.0), (10.0, -36.0), (60.0, -23.0), (10.0, -36.0), (10.0, -72.0)), -23.0),
    Case(5, ((20.0, -26.0), (20.1, -20.0), (20.0, -26.0)), -23.0),
)
SHORT_TERM = (
    Case(9, ((1.34, -20.0), (1.66, -30.0)) * 5, -23.0),
    *(Case(10, ((0.15 * i, None), (3.0, -23.0), (1.0, None)), -23.0) for i in range(20)),
)
MOMENTARY = (
    Case(12, ((0.18, -20.0), (0.22, -30.0)) * 25, -23.0),
    *(Case(13, ((0.02 * i, None), (0.4, -23.0), (1.0, None)), -23.0) for i in range(20)),
)
RISING_SHORT_TERM = tuple(
    Case(11, ((0.15 * i, None), (3.0, -38.0 + i), (3.0 - 0.15 * i, None)), -38.0 + i)
    for i in range(20)
)
RISING_MOMENTARY = tuple(
    Case(14, ((0.02 * i, None), (0.4, -38.0 + i), (0.4 - 0.02 * i, None)), -38.0 + i)
    for i in range(20)
)
"""Cases 11 and 14 are played one after the other: the maximum so far rises by 1 LU with each."""
RANGE = (
    Case(1, ((20.0, -20.0), (20.0, -30.0)), 10.0),
    Case(2, ((20.0, -20.0), (20.0, -15.0)), 5.0),
    Case(3, ((20.0, -40.0), (20.0, -20.0)), 20.0),
    Case(4, ((20.0, -50.0), (20.0, -35.0), (20.0, -20.0), (20.0, -35.0), (20.0, -50.0)), 15.0),
)


@dataclass(frozen=True)
class PeakCase:
    """A sine of rate / `divisor`, its amplitude re full scale, its phase, and the true peak."""

    number: int
    divisor: int
    amplitude: float
    phase_degrees: float
    expected_dbtp: float


PEAKS = (
    PeakCase(15, 4, 0.50, 0.0, -6.0),
    PeakCase(16, 4, 0.50, 45.0, -6.0),
    PeakCase(17, 6, 0.50, 60.0, -6.0),
    PeakCase(18, 8, 0.50, 67.5, -6.0),
    PeakCase(19, 4, 1.41, 45.0, 3.0),
)
OFFSETS = ((20, 0), (21, 1), (22, 2), (23, 3))
"""Case number and the offset, in samples at four times the rate, with which the burst is brought down to the rate; 0 dBTP."""


def tones(segments: Segments, rate_hz: int = RATE_HZ) -> Audio:
    """Return the segments as stereo sound, the sine running on in phase."""
    level = np.concatenate(
        [
            np.full(round(duration_s * rate_hz), 0.0 if db is None else 10.0 ** (db / 20.0))
            for duration_s, db in segments
        ]
    )
    sine = np.sin(2.0 * np.pi * 1000.0 * np.arange(level.size) / rate_hz)
    return Audio(np.tile((level * sine).astype(np.float32), (2, 1)), rate_hz)


def peak_tone(case: PeakCase, rate_hz: int = RATE_HZ) -> Audio:
    """Return one second of the tone under fades of 10 ms."""
    phase = 2.0 * np.pi * np.arange(rate_hz) / case.divisor + np.deg2rad(case.phase_degrees)
    tone = case.amplitude * np.sin(phase) * _fades(rate_hz, rate_hz // 100)
    return Audio(np.tile(tone.astype(np.float32), (2, 1)), rate_hz)


def burst(offset: int, rate_hz: int = RATE_HZ) -> Audio:
    """Return a sine of rate/6 at 0.5 with one period of rate/4 at 1.0 in it, made at four times the rate, low-passed, decimated."""
    around = 0.5 * np.sin(2.0 * np.pi * np.arange(24 * 200) / 24)
    single = np.sin(2.0 * np.pi * np.arange(16) / 16)
    fine = np.concatenate((around, single, around))
    fine *= _fades(fine.size, 400)
    taps = np.sinc(np.arange(-256, 257) / 4.0) * np.kaiser(513, 8.0) / 4.0
    low = np.convolve(fine, taps, mode="same")[offset::4]
    return Audio(np.tile(low.astype(np.float32), (2, 1)), rate_hz)


def _fades(frames: int, fade: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    gain = np.ones(frames)
    gain[:fade] = np.arange(fade) / fade
    gain[-fade:] = gain[:fade][::-1]
    return gain
