"""What a mix has beyond its stems: one tone and one gain over time, and how much of either there is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.bands import Floats
from ama_analysis.measure.kin_cells import Cells

MOST_TONE: Final = 0.35
MOST_GAIN: Final = 0.5
RESTING: Final = 0.95
"""Quantile of a side's gains at which its compressor is taken to rest."""
_LEAST_SPREAD: Final = 1e-3
SIDES: Final = np.array([1.0, -1.0])


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Master:
    """The common part: how much each band has to say (b,), 0 for nothing; tone in ln (b,) and its phase (b,); gains of the slots in ln (t, 2).

    A slot's two gains are the mean of the sides and half their difference.
    """

    evidence: Floats
    tone: Floats
    phase: Floats
    gains: Floats
    tone_spread: float
    gain_spread: Floats

    @property
    def says(self) -> NDArray[np.bool_]:
        """Return which bands say anything, (b,)."""
        says: NDArray[np.bool_] = self.evidence > 0.0
        return says

    def mean_tone(self, tone: Floats) -> float:
        """Return the mean of values of the bands, each with what it has to say."""
        return float(tone @ self.evidence) / max(float(self.evidence.sum()), 1e-30)

    @property
    def side_gains(self) -> Floats:
        """Return the gains of both sides, (2, t), as factors."""
        mean, half = self.gains.T
        return np.exp(np.stack((mean + half, mean - half)))


def learned(
    cells: Cells, factors: Floats, master: Master, weights: Floats, unsure: Floats
) -> Master:
    """Return the master with its phase, and the spreads that its tone and gains have (a step of expectation and maximisation)."""
    sums = (cells.cross * factors[:, None, None, :].astype(np.float32)).sum(axis=-1)
    turned = (weights * master.side_gains[:, :, None] * sums).sum(axis=(0, 1))
    tone = np.sqrt(master.mean_tone(np.square(master.tone)))
    gains = np.sqrt(np.mean(np.square(master.gains) + unsure, axis=0))
    return replace(
        master,
        phase=np.angle(turned),
        tone_spread=float(np.clip(tone, _LEAST_SPREAD, MOST_TONE)),
        gain_spread=np.clip(gains, _LEAST_SPREAD, MOST_GAIN),
    )


def centred(
    cells: Cells, factors: Floats, master: Master, weights: Floats
) -> tuple[Floats, Master]:
    """Move what tone and gains have in common into the factors: the mean gain of both sides, and of what sides differ by the highest.

    A compressor or limiter that treats the sides apart lets both through alike where it rests, which is where its gain is highest.
    """
    heard = (weights * cells.energy).sum(axis=2) + 1e-12
    side = np.log(master.side_gains)
    mean = float(np.mean([np.average(side[s], weights=heard[s]) for s in (0, 1)]))
    resting = [_quantile(side[s], heard[s]) for s in (0, 1)]
    half = (resting[0] - resting[1]) / 2.0
    middle = master.mean_tone(master.tone)
    return factors * np.exp(mean + half * SIDES[:, None] + middle), replace(
        master,
        tone=np.where(master.says, master.tone - middle, 0.0),
        gains=master.gains - np.array([mean, half]),
    )


def _quantile(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order])
    return float(values[order[int(np.searchsorted(reached, RESTING * reached[-1]))]])
