"""What the audition's true-peak limiter does to a sound, told from its envelope.

Pedalboard's BrickwallLimiter: both channels together; the gain drops at once to ceiling over peak, 5 ms before the peak comes; it stays for as
long and does not rise while anything lies above the ceiling; then it goes back to unity with a time constant of 100 ms. What lies between
samples is higher than the samples are: by how much is given once for the whole sound.

The loop over steps is short, since only stretches with peaks above the ceiling are walked through.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.envelope import Envelope, Steps
from ama_analysis.suggest.envelope_figures import figures_of

GUARD_DB: Final = 0.15
"""As much lower the audition's limiter aims (`render.plugins.LIMITER_GUARD_DB`)."""
RELEASE_S: Final = 0.1
LOOKAHEAD_S: Final = 0.005
"""As the audition's limiter is set (`render.plugins`)."""
_LANE_S: Final = 2.0
_WARM_S: Final = 1.0
"""Ten time constants."""
_LEAST: Final = np.float32(1e-9)
_CLOSE_LU: Final = 0.05
_STRIDE_DB: Final = 1.0
_LEAST_STRIDE_DB: Final = 0.1
"""The walk of `gain_to_loudness_db`."""


def limited(envelope: Envelope, *, gain_db: float, ceiling_dbtp: float) -> Envelope:
    """Return the envelope behind a gain and a limiter."""
    loud = envelope.scaled(gain_db)
    ceiling = np.float32(10.0 ** ((ceiling_dbtp - GUARD_DB) / 20.0))
    true_peak = loud.peak.max(axis=0) * np.float32(10.0 ** (loud.between_db / 20.0))
    if true_peak.max(initial=0.0) <= ceiling:
        return loud
    gain = _gains(true_peak, ceiling, envelope.step_s)
    square = gain * gain
    peak = np.minimum(loud.peak * gain, ceiling)
    room_db = 20.0 * math.log10(float(ceiling / peak.max(initial=_LEAST)))
    return Envelope(
        step_s=loud.step_s,
        between_db=min(loud.between_db, room_db),
        peak=peak,
        peak_at=loud.peak_at,
        power=loud.power * square,
        k_power=loud.k_power * square,
    )


def gain_to_loudness_db(
    envelope: Envelope, loudness_lufs: float, *, ceiling_dbtp: float, most_db: float
) -> float:
    """Return the least gain before the limiter with which a sound comes out at a loudness, or nearest to it below `most_db`.

    What limiting takes is made up for. There is a point from which more gain makes the sound quieter, since the limiter does not let go any
    more: the walk up, decibel by decibel, ends there.
    """

    def missing_lu(gain_db: float) -> float:
        out = limited(envelope, gain_db=gain_db, ceiling_dbtp=ceiling_dbtp)
        return loudness_lufs - figures_of(out).loudness_lufs

    gain_db = min(loudness_lufs - figures_of(envelope).loudness_lufs, most_db)
    missing = missing_lu(gain_db)
    while missing > _CLOSE_LU and gain_db < most_db:
        next_db = min(gain_db + max(min(missing, _STRIDE_DB), _LEAST_STRIDE_DB), most_db)
        left = missing_lu(next_db)
        if left > missing:
            break
        if left < -_CLOSE_LU:
            return gain_db + (next_db - gain_db) * missing / (missing - left)
        gain_db, missing = next_db, left
    return gain_db


def _gains(peak: Steps, ceiling: np.float32, step_s: float) -> Steps:
    """Return the gain of each step."""
    target = np.minimum(ceiling / np.maximum(peak, _LEAST), np.float32(1.0))
    lane, warm = round(_LANE_S / step_s), round(_WARM_S / step_s)
    lanes = -(-target.size // lane)
    padded = np.pad(target, (warm, lanes * lane - target.size), constant_values=1.0)
    starts = _lanes_with_work(padded, lanes, lane, warm)
    gains = np.ones((lanes, lane), np.float32)
    if starts.size:
        index = np.arange(warm + lane)[:, None] + starts[None, :] * lane
        gains[starts] = _walk(padded[index], step_s)[warm:].T
    return _ahead(gains.reshape(-1)[: target.size], step_s)


def _lanes_with_work(padded: Steps, lanes: int, lane: int, warm: int) -> NDArray[np.int64]:
    starts = range(0, lanes * lane, lane)
    return np.array(
        [nth for nth, at in enumerate(starts) if padded[at : at + warm + lane].min() < 1.0],
        dtype=np.int64,
    )


def _walk(target: Steps, step_s: float) -> Steps:
    """Return the gain over time for lanes side by side, (steps, lanes)."""
    hold = np.float32(LOOKAHEAD_S / step_s)
    rise = np.float32(1.0 - math.exp(-step_s / RELEASE_S))
    gain = np.ones(target.shape[1], np.float32)
    held = np.zeros_like(gain)
    out = np.empty_like(target)
    one = np.float32(1.0)
    for step in range(target.shape[0]):
        aim = target[step]
        over = aim < one
        held = np.where(over, hold, held - one)
        free = (held < 0.0) & ~over
        gain = np.where(free, gain + rise * (one - gain), np.minimum(gain, aim))
        out[step] = gain
    return out


def _ahead(gain: Steps, step_s: float) -> Steps:
    """Return the gain as it meets the delayed sound: so many steps earlier."""
    steps = round(LOOKAHEAD_S / step_s)
    moved = np.concatenate((gain[steps:], np.full(min(steps, gain.size), gain[-1:].max(initial=0))))
    return moved[: gain.size].astype(np.float32)
