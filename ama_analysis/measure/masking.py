"""Which track covers which, told from time x frequency grids of their power.

Grids are mean powers (slots of time, 40 ERB bands) at the tracks' present faders. A track plays in a slot that passes the gate of `dynamics`
(-70 dBFS, and 20 dB below the mean of its slots above that). It has something to say in the bands that come within 15 dB of its
strongest band in that slot (the "essential" bands of Hafezi & Reiss, JAES 63(5), 2015; the figure is ours). Such a band is covered where the
other track's excitation exceeds it by 6 dB: noise masks what lies 6 dB and more below it in the same critical band (ISO/IEC 11172-3,
psychoacoustic model 2: 5.5 dB), and excitation spreads over the bands, 10 dB per band upwards and 25 dB downwards (Terhardt, Hearing
Research 1, 1979, at middle levels; a band is 0.96 ERB wide, Glasberg & Moore, Hearing Research 47, 1990).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.bands import erb_bands
from ama_analysis.measure.dynamics import ABSOLUTE_GATE_DBFS, RELATIVE_GATE_DB
from ama_analysis.measure.spectrum import Slots
from ama_analysis.measurements import PairMeasurements

MARGIN_DB: Final = 6.0
ESSENTIAL_DB: Final = 15.0
UPWARD_DB: Final = -10.0
DOWNWARD_DB: Final = -25.0
LOW_HZ: Final = 150.0
SHORTEST_SLOT_S: Final = 0.4
MOST_SLOTS: Final = 2048

_ERB_HZ: Final = erb_bands()[0]


def slots_for(duration_s: float) -> Slots:
    """Return the slots for a session: 400 ms, doubled until there are no more than 2048.

    Doubled, so that a session may grow without all its tracks' grids being cut anew.
    """
    slot_s = SHORTEST_SLOT_S
    while duration_s > MOST_SLOTS * slot_s:
        slot_s *= 2.0
    return slots_of(duration_s, slot_s)


def slots_of(duration_s: float, slot_s: float) -> Slots:
    """Return the slots of a length that a duration takes, at least one."""
    return Slots(slot_s=slot_s, count=max(1, int(np.ceil(duration_s / slot_s))))


def fitted(grid: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Return a grid of just `count` slots: silence after its end, or what lies beyond in the last slot."""
    if grid.shape[0] <= count:
        return np.pad(grid, ((0, count - grid.shape[0]), (0, 0)))
    cut = grid[:count].copy()
    cut[-1] += grid[count:].sum(axis=0)
    return cut


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Layer:
    """What a pair needs of one track: power and excitation (slots, bands), bands that matter, slots that play, shares of each slot."""

    power: NDArray[np.float32]
    excitation: NDArray[np.float32]
    essential: NDArray[np.bool_]
    plays: NDArray[np.bool_]
    shares: NDArray[np.float32]


def layer_of(grid: NDArray[np.float32], *, fader_db: float) -> Layer:
    """Prepare a track's grid."""
    plays = _plays(grid)
    strongest = grid.max(axis=1, keepdims=True)
    matters = np.float32(10.0 ** (-ESSENTIAL_DB / 10.0)) * strongest
    total = grid.sum(axis=1, keepdims=True)
    power = grid * np.float32(10.0 ** (fader_db / 10.0))
    return Layer(
        power=power,
        excitation=_spread(power),
        essential=(grid >= matters) & plays[:, None],
        plays=plays,
        shares=np.where(plays[:, None], grid / np.where(total > 0.0, total, 1.0), 0.0),
    )


def _plays(grid: NDArray[np.float32]) -> NDArray[np.bool_]:
    power = grid.sum(axis=1, dtype=np.float64)
    audible = power > 10.0 ** (ABSOLUTE_GATE_DBFS / 10.0)
    if not audible.any():
        return audible
    return audible & (power > power[audible].mean() * 10.0 ** (RELATIVE_GATE_DB / 10.0))


def _spread(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the excitation: each band's power and what spreads into it from its neighbours."""
    up, down = np.float32(10.0 ** (UPWARD_DB / 10.0)), np.float32(10.0 ** (DOWNWARD_DB / 10.0))
    from_below, from_above = power.copy(), power.copy()
    for band in range(1, power.shape[1]):
        from_below[:, band] += up * from_below[:, band - 1]
    for band in range(power.shape[1] - 2, -1, -1):
        from_above[:, band] += down * from_above[:, band + 1]
    return from_below + from_above - power


def pair_of(first: str, one: Layer, second: str, other: Layer) -> PairMeasurements:
    """Return overlap and masking of two tracks (no waveform figures)."""
    margin = np.float32(10.0 ** (-MARGIN_DB / 10.0))
    first_covered = one.essential & (other.excitation * margin > one.power)
    second_covered = other.essential & (one.excitation * margin > other.power)
    bands = first_covered.sum(axis=0) + second_covered.sum(axis=0)
    rarer = min(int(one.plays.sum()), int(other.plays.sum()))
    shared = np.minimum(one.shares, other.shares).sum(axis=0, dtype=np.float64) / max(rarer, 1)
    return PairMeasurements(
        first=first,
        second=second,
        overlap=min(float(shared.sum()), 1.0),
        low_overlap=min(float(shared[_ERB_HZ < LOW_HZ].sum()), 1.0),
        first_masked=_share(first_covered, one.essential),
        second_masked=_share(second_covered, other.essential),
        masked_freq_hz=float(_ERB_HZ[bands.argmax()]) if bands.any() else None,
    )


def _share(covered: NDArray[np.bool_], essential: NDArray[np.bool_]) -> float:
    count = int(essential.sum())
    return int(covered.sum()) / count if count else 0.0


def common_section(
    one: Layer, other: Layer, *, slots: Slots, longest_s: float
) -> tuple[float, float]:
    """Return start and stop (s) of the section of at most `longest_s` in which both tracks are loudest together."""
    together = np.sqrt(one.power.sum(axis=1) * other.power.sum(axis=1), dtype=np.float64)
    width = min(max(1, int(longest_s / slots.slot_s)), together.size)
    running = np.concatenate(([0.0], np.cumsum(together)))
    start = int((running[width:] - running[:-width]).argmax()) * slots.slot_s
    return start, start + min(longest_s, width * slots.slot_s)
