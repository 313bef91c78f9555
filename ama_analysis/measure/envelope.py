"""A sound to its envelope (`envelope.Envelope`): one pass, memory bounded by the length's own steps.

A step takes 2.5 ms. From the peak and the mean square of such steps Pedalboard's compressor is predicted to 0.1 dB (`suggest.compression`);
with 5 ms the error doubles, with 1.25 ms it hardly falls. Longer sounds get longer steps, so that there are never more than a million: 32 MB
for stereo.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Final

import numpy as np

from ama_analysis.audio import Block, Sound
from ama_analysis.envelope import Envelope, Steps
from ama_analysis.measure.loudness import KFilter
from ama_analysis.measure.true_peak import TruePeakMeter
from ama_analysis.measure.windows import Windows

STEPS_PER_S: Final = (400, 200, 100, 50)
"""Steps of 2.5, 5, 10 or 20 ms: a whole number of them makes the 100 ms of a gating block's hop."""
STEPS_MOST: Final = 1 << 20
"""44 minutes of 2.5 ms, 5.8 hours of 20 ms; what is longer still has more steps."""


def steps_per_s(duration_s: float) -> int:
    """Return how many steps a second a sound of a length gets."""
    return next((n for n in STEPS_PER_S if n * duration_s <= STEPS_MOST), STEPS_PER_S[-1])


class EnvelopeMeter:
    """Takes blocks of (channels, n) one after the other; `result` ends the measurement."""

    def __init__(self, *, sample_rate_hz: int, channels: int, steps_a_second: int) -> None:
        """Prepare for a rate; `steps_a_second` is one of `STEPS_PER_S`."""
        self._rate, self._each = sample_rate_hz, steps_a_second
        periods = math.gcd(sample_rate_hz, steps_a_second)
        self._period = sample_rate_hz // periods
        edges = [n * sample_rate_hz // steps_a_second for n in range(steps_a_second // periods + 1)]
        self._spans = list(pairwise(edges))
        self._plain, self._weighted = (
            Windows(channels=channels, size=sample_rate_hz, hop=sample_rate_hz, group=1)
            for _ in range(2)
        )
        self._true_peak = TruePeakMeter(sample_rate_hz=sample_rate_hz, channels=channels)
        self._filter = KFilter(sample_rate_hz, channels)
        nothing = np.zeros((channels, 0), np.float32)
        self._peaks, self._places = [nothing], [nothing]
        self._powers, self._k_powers = [nothing], [nothing]

    def add(self, block: Block) -> None:
        """Measure on."""
        self._true_peak.add(block)
        for second in self._plain.add(block):
            self._read(second[:, 0])
        for weighted in self._filter.add(block):
            for second in self._weighted.add(weighted):
                self._k_powers.append(self._each_step(second[:, 0], _mean_square))

    def result(self) -> Envelope:
        """End the measurement and return it."""
        for second in self._plain.finish(self._rate - 1):
            self._read(second[:, 0])
        for weighted in self._filter.finish():
            for second in self._weighted.add(weighted):
                self._k_powers.append(self._each_step(second[:, 0], _mean_square))
        for second in self._weighted.finish(self._rate - 1):
            self._k_powers.append(self._each_step(second[:, 0], _mean_square))
        steps = -(-self._plain.frames * self._each // self._rate)
        joined = (
            np.ascontiguousarray(np.concatenate(parts, axis=1)[:, :steps])
            for parts in (self._peaks, self._places, self._powers, self._k_powers)
        )
        peak, peak_at, power, k_power = joined
        true_peak, sample_peak = self._true_peak.true_peak_dbtp, self._true_peak.sample_peak_dbfs
        return Envelope(
            step_s=1.0 / self._each,
            between_db=0.0 if true_peak is None or sample_peak is None else true_peak - sample_peak,
            peak=peak,
            peak_at=peak_at,
            power=power,
            k_power=k_power,
        )

    def _read(self, second: Block) -> None:
        magnitude = np.abs(second)
        self._peaks.append(self._each_step(magnitude, _peak))
        self._places.append(self._each_step(magnitude, _place_of_peak))
        self._powers.append(self._each_step(second, _mean_square))

    def _each_step(self, second: Block, of: Callable[[Block], Steps]) -> Steps:
        """Return a figure of each step; steps differ by a sample where the rate is no multiple, in a pattern that comes again."""
        periods = second.reshape(second.shape[0], -1, self._period)
        found = [of(periods[:, :, first:last]) for first, last in self._spans]
        return np.stack(found, axis=2).reshape(second.shape[0], -1)


def _peak(steps: Block) -> Steps:
    highest: Steps = steps.max(axis=2)
    return highest


def _place_of_peak(steps: Block) -> Steps:
    places: Steps = (steps.argmax(axis=2) + np.float32(0.5)).astype(np.float32)
    places /= np.float32(steps.shape[2])
    return places


def _mean_square(steps: Block) -> Steps:
    powers: Steps = np.einsum("cpn,cpn->cp", steps, steps)
    powers /= np.float32(max(steps.shape[2], 1))
    return powers


def measure_envelope(sound: Sound) -> Envelope:
    """Return the envelope of a sound. Lets through what decoding (`AudioFileError`) raises."""
    meter = EnvelopeMeter(
        sample_rate_hz=sound.sample_rate_hz,
        channels=sound.channels,
        steps_a_second=steps_per_s(sound.frames / sound.sample_rate_hz),
    )
    for block in sound.blocks():
        meter.add(block)
    return meter.result()
