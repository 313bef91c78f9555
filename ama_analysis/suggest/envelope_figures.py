"""What the meters will read of a sound whose envelope is known: loudness, loudness range, crest and how far a compressor turned it down.

The gates are those of `measure.loudness` (BS.1770, Tech 3342) and `measure.dynamics`, on steps instead of samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.bands import Floats
from ama_analysis.envelope import Envelope
from ama_analysis.k_weighting import OFFSET_LU

ABSOLUTE_GATE_LUFS: Final = -70.0
RELATIVE_GATE_LU: Final = -10.0
"""BS.1770."""
RANGE_GATE_LU: Final = -20.0
RANGE_PERCENT: Final = (10.0, 95.0)
"""Tech 3342."""
PLAYING_DB: Final = -20.0
"""A step counts as played that lies no more than this below the mean, as in `measure.dynamics`."""
_HOP_S: Final = 0.1
_MOMENTARY: Final = 4
_SHORT_TERM: Final = 30
_RANGE_HOP: Final = 10
"""In hops: blocks of 400 ms; 3 s, 1 s apart."""
_SILENCE: Final = 1e-16
"""Power, -160 dBFS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterReadings:
    """What meters read; the loudness of silence is the absolute gate."""

    loudness_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float
    crest_db: float

    @property
    def plr_db(self) -> float:
        """Peak to loudness ratio."""
        return self.true_peak_dbtp - self.loudness_lufs

    def moved(self, before: MeterReadings, after: MeterReadings) -> MeterReadings:
        """Return these figures, changed by what a model says changes from before to after."""
        return MeterReadings(
            loudness_lufs=self.loudness_lufs + after.loudness_lufs - before.loudness_lufs,
            loudness_range_lu=max(
                self.loudness_range_lu + after.loudness_range_lu - before.loudness_range_lu, 0.0
            ),
            true_peak_dbtp=self.true_peak_dbtp + after.true_peak_dbtp - before.true_peak_dbtp,
            crest_db=self.crest_db + after.crest_db - before.crest_db,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reduction:
    """How far a compressor turns a sound down: in the mean over the steps in which it plays, and at most, dB (positive)."""

    mean_db: float
    most_db: float


def figures_of(envelope: Envelope) -> MeterReadings:
    """Return what the meters read; a mono sound is one channel, as the standard has it. Crest is the mean of the channels'."""
    hops = _hop_powers(envelope)
    peaks = np.maximum(envelope.peak.max(axis=1, initial=0.0), math.sqrt(_SILENCE))
    powers = np.maximum(envelope.power.mean(axis=1, dtype=np.float64), _SILENCE)
    crests = 20.0 * np.log10(peaks) - 10.0 * np.log10(powers)
    return MeterReadings(
        loudness_lufs=_loudness_lufs(hops),
        loudness_range_lu=_range_lu(hops),
        true_peak_dbtp=20.0 * math.log10(float(peaks.max())) + envelope.between_db,
        crest_db=float(crests.mean()),
    )


def reduction_of(before: Envelope, after: Envelope) -> Reduction:
    """Return how far the sound was turned down, the channels weighed alike."""
    playing = playing_steps(before)
    if not playing.any():
        return Reduction(mean_db=0.0, most_db=0.0)
    first = np.maximum(before.power[:, playing], np.float32(_SILENCE))
    last = np.maximum(after.power[:, playing], np.float32(_SILENCE))
    down_db = 10.0 * np.log10(first / last)
    return Reduction(
        mean_db=float(down_db.mean(dtype=np.float64)),
        most_db=float(down_db.max()),
    )


def playing_steps(envelope: Envelope) -> NDArray[np.bool_]:
    """Return which steps belong to what is played, not to pauses."""
    power = envelope.power.mean(axis=0)
    audible = power > 10.0 ** (ABSOLUTE_GATE_LUFS / 10.0)
    if not audible.any():
        return audible
    gate = float(power[audible].mean(dtype=np.float64)) * 10.0 ** (PLAYING_DB / 10.0)
    playing: NDArray[np.bool_] = audible & (power > gate)
    return playing


def _hop_powers(envelope: Envelope) -> Floats:
    """Return the K-weighted power of the channels together, per 100 ms; a sound shorter than a block is followed by silence."""
    steps = round(_HOP_S / envelope.step_s)
    power = envelope.k_power.sum(axis=0, dtype=np.float64)
    missing = max(_MOMENTARY * steps - power.size, 0)
    power = np.pad(power, (0, missing))
    hops = power.size // steps
    means: Floats = power[: hops * steps].reshape(hops, steps).mean(axis=1)
    return means


def _windows(hops: Floats, size: int) -> Floats:
    sums = np.concatenate(([0.0], np.cumsum(hops)))
    means: Floats = np.maximum((sums[size:] - sums[:-size]) / size, _SILENCE)
    return means


def _gated(powers: Floats, relative_db: float) -> Floats:
    """Return the powers that pass the absolute gate and the relative one."""
    audible = powers[_lufs(powers) > ABSOLUTE_GATE_LUFS]
    if not audible.size:
        return audible
    return audible[audible > audible.mean() * 10.0 ** (relative_db / 10.0)]


def _lufs(powers: Floats) -> Floats:
    levels: Floats = OFFSET_LU + 10.0 * np.log10(powers)
    return levels


def _loudness_lufs(hops: Floats) -> float:
    gated = _gated(_windows(hops, _MOMENTARY), RELATIVE_GATE_LU)
    return float(_lufs(gated.mean())) if gated.size else ABSOLUTE_GATE_LUFS


def _range_lu(hops: Floats) -> float:
    if hops.size < _SHORT_TERM:
        return 0.0
    gated = _gated(_windows(hops, _SHORT_TERM)[::_RANGE_HOP], RANGE_GATE_LU)
    if not gated.size:
        return 0.0
    low, high = np.percentile(_lufs(gated), RANGE_PERCENT, method="nearest")
    return float(high - low)
