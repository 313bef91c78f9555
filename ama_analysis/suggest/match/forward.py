"""One evaluation of a mix's distance, forwards and back: figures from a setting, and the derivative of the cost by every gain and pan."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis.bands import NEPER_PER_DB, Floats
from ama_analysis.cross_spectra import SPLIT
from ama_analysis.distance import (
    WEIGHT_BARK,
    WEIGHT_IMBALANCE,
    WEIGHT_RMS,
    WEIGHT_WIDTH,
    beyond,
    compared_bands,
)
from ama_analysis.k_weighting import OFFSET_LU, REFERENCE_LUFS
from ama_analysis.style_profile import SIDE_FLOOR_DB
from ama_analysis.suggest.match.figures import Calibration, Predicted, Setting
from ama_analysis.suggest.match.tables import (
    TINY,
    TONAL,
    Tables,
    bark_weights,
    ramp_slope,
    sides,
)
from ama_analysis.target import Target

_GATE: Final = 0.1
"""BS.1770's relative gate, -10 LU."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Charged:
    """The cost and its derivatives by the predicted figures."""

    af: float
    cost: float
    mid_ln: Floats
    side_ln: Floats
    rms: Floats
    width: float
    imbalance: float
    tonal_db: Floats


class Forward:
    """One evaluation; keeps what the way back needs."""

    def __init__(
        self,
        tables: Tables,
        setting: Setting,
        calibration: Calibration,
        sparse: tuple[Floats, Floats],
    ) -> None:
        """Evaluate a setting; `sparse` is what `Tables.sparseness` found near it."""
        self._tables, self._pan, self._shift = tables, setting.pan, calibration
        self._weights = bark_weights() * sparse[0], bark_weights() * sparse[1]
        lengths = tables.lengths
        self._amplitude = 10.0 ** (setting.curve_db.T / 20.0)
        self._sides = sides(setting.pan)
        self._left, self._right = (self._amplitude * side for side in self._sides)
        mid = np.concatenate((self._left, self._right), axis=1)
        side = np.concatenate((self._left, -self._right), axis=1)
        both = np.stack((mid, side), axis=2)
        bands, segments, rows, _ = tables.products.shape
        stacked = tables.products.reshape(bands, segments * rows, rows)
        self._sums = (stacked @ both).reshape(bands, segments, rows, 2)
        n = setting.pan.size
        self._mid = _power(self._sums[..., 0], mid) + TINY
        self._side = _power(self._sums[..., 1], side) + TINY
        self._of_left = (self._sums[:, :, :n, 0] + self._sums[:, :, :n, 1]) / 2.0
        self._of_right = (self._sums[:, :, n:, 0] - self._sums[:, :, n:, 1]) / 2.0
        left = _power(self._of_left, self._left)
        right = _power(self._of_right, self._right)
        loud = tables.loud @ (left + right)
        heard = loud > _GATE * float(lengths @ loud)
        self._gated = np.where(heard, lengths, 0.0) / float(lengths[heard].sum())
        self._power = float(self._gated @ loud)
        self._powers = np.array([float((left @ lengths).sum()), float((right @ lengths).sum())])
        self._per_band = (left + right) @ lengths
        self._mid_root, self._side_root = np.sqrt(self._mid), np.sqrt(self._side)
        self.figures = self._figures()

    def _figures(self) -> Predicted:
        lengths, shift = self._tables.lengths, self._shift
        loudness = OFFSET_LU + 10.0 * math.log10(self._power) + shift.loudness_lu
        self._gain_ln = (REFERENCE_LUFS - loudness) * NEPER_PER_DB
        self._mid_bark = self._weights[0] @ (self._mid_root @ lengths)
        self._side_bark = self._weights[1] @ (self._side_root @ lengths)
        mid_ln = np.log(self._mid_bark) + shift.mid_ln
        side = np.exp(np.log(self._side_bark) + shift.side_ln)
        floor = np.exp(mid_ln) * 10.0 ** (SIDE_FLOOR_DB / 20.0)
        total = np.hypot(side, floor)
        self._side_share = (side / total) ** 2
        self._whole_mid = float((self._mid @ lengths).sum())
        self._whole_side = float((self._side @ lengths).sum())
        tonal = self._per_band[TONAL].reshape(-1, SPLIT).sum(axis=1) + TINY
        self._tonal_power = tonal
        both = float(self._powers.sum())
        return Predicted(
            loudness_lufs=loudness,
            mid_ln=mid_ln + self._gain_ln,
            side_ln=np.log(total) + self._gain_ln,
            rms=np.sqrt(self._powers) * math.exp(self._gain_ln),
            width=self._whole_side / self._whole_mid * math.exp(shift.width_ln),
            imbalance=float(self._powers[1] - self._powers[0]) / both,
            tonal_db=10.0 * np.log10(tonal / tonal.sum()) + shift.tonal_db,
        )

    def charged(self, target: Target, tonal_weight: float) -> Charged:
        """Return the cost against a target and how it changes with each figure."""
        got, goal, spread = self.figures, target.profile, target.spread
        mid = beyond(got.mid_ln - np.array(goal.af_mid_ln), spread.af_mid_ln)
        side = beyond(got.side_ln - np.array(goal.af_side_ln), spread.af_side_ln)
        rms = got.rms - np.array(goal.af_rms)
        width = float(beyond(got.width - goal.af_width, spread.af_width))
        lean = float(beyond(got.imbalance, goal.af_imbalance))
        apart = got.tonal_db - np.array(goal.third_octave_db)
        wide = np.array(spread.third_octave_db)
        counted = compared_bands(target).astype(np.float64)
        apart = apart - float(apart @ counted) / float(counted.sum())
        tonal = beyond(apart, wide) * counted
        centred = tonal - counted * float(tonal.sum()) / float(counted.sum())
        count = mid.size + side.size
        af = (
            WEIGHT_BARK * float(mid @ mid + side @ side) / count
            + WEIGHT_RMS * float(rms @ rms) / 2.0
            + WEIGHT_WIDTH * width**2
        )
        charged_lean = abs(got.imbalance) - goal.af_imbalance
        return Charged(
            af=af + WEIGHT_IMBALANCE * charged_lean**2,
            cost=af + WEIGHT_IMBALANCE * lean**2 + tonal_weight * float(tonal @ tonal) / tonal.size,
            mid_ln=2.0 * WEIGHT_BARK * mid / count,
            side_ln=2.0 * WEIGHT_BARK * side / count,
            rms=WEIGHT_RMS * rms,
            width=2.0 * WEIGHT_WIDTH * width,
            imbalance=2.0 * WEIGHT_IMBALANCE * lean,
            tonal_db=2.0 * tonal_weight * centred / tonal.size,
        )

    def derivatives(self, by: Charged) -> tuple[float, Floats, Floats]:
        """Return the cost and its derivatives by gain (n, bands) and pan (n)."""
        lengths = self._tables.lengths
        by_mid_ln = by.mid_ln + by.side_ln * (1.0 - self._side_share)
        by_side_ln = by.side_ln * self._side_share
        root_mid = (by_mid_ln / self._mid_bark) @ self._weights[0]
        root_side = (by_side_ln / self._side_bark) @ self._weights[1]
        width = self.figures.width
        on_mid = (
            0.5 * root_mid[:, None] * lengths / self._mid_root
            - by.width * width / self._whole_mid * lengths
        )
        on_side = (
            0.5 * root_side[:, None] * lengths / self._side_root
            + by.width * width / self._whole_side * lengths
        )
        on_left, on_right = self._on_powers(by)
        by_mid = 2.0 * np.einsum("bs,bsi->bi", on_mid, self._sums[..., 0])
        by_side = 2.0 * np.einsum("bs,bsi->bi", on_side, self._sums[..., 1])
        n = self._pan.size
        by_left = (
            by_mid[:, :n] + by_side[:, :n] + 2.0 * np.einsum("bs,bsi->bi", on_left, self._of_left)
        )
        by_right = (
            by_mid[:, n:] - by_side[:, n:] + 2.0 * np.einsum("bs,bsi->bi", on_right, self._of_right)
        )
        by_curve = NEPER_PER_DB * (by_left * self._left + by_right * self._right).T
        by_pan = -ramp_slope(self._pan) * (by_left * self._amplitude).sum(axis=0)
        by_pan += ramp_slope(-self._pan) * (by_right * self._amplitude).sum(axis=0)
        return by.cost, by_curve, by_pan

    def _on_powers(self, by: Charged) -> tuple[Floats, Floats]:
        """Return the derivatives by the powers of left and right, (bands, segments)."""
        tables = self._tables
        by_gain_ln = float(by.mid_ln.sum() + by.side_ln.sum() + by.rms @ self.figures.rms)
        loud = -0.5 * by_gain_ln / self._power * np.outer(tables.loud, self._gated)
        per_decibel = 10.0 / math.log(10.0)
        share = self._tonal_power / self._tonal_power.sum()
        by_tonal = per_decibel * (by.tonal_db - share * by.tonal_db.sum()) / self._tonal_power
        tonal = np.zeros(tables.bands)
        tonal[TONAL] = np.repeat(by_tonal, SPLIT)
        both = float(self._powers.sum())
        common = loud + tonal[:, None] * tables.lengths
        lean = by.imbalance / both
        left, right = (
            common
            + (
                0.5
                * by.rms[place]
                * self.figures.rms[place]
                / max(float(self._powers[place]), TINY)
                + lean * (sign - self.figures.imbalance)
            )
            * tables.lengths
            for place, sign in ((0, -1.0), (1, 1.0))
        )
        return left, right


def _power(sums: Floats, weights: Floats) -> Floats:
    """Return quadratic forms (bands, segments); where tracks cancel, rounding would leave a little less than nothing."""
    return np.maximum(np.einsum("bsi,bi->bs", sums, weights), 0.0)
