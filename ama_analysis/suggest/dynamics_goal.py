"""Where the dynamics of a sound shall be, and what it is charged for lying elsewhere.

The charges are in units of AF* (see `distance`), which knows the crest; PLR, loudness range and loudness to deliver count beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ama_analysis.distance import WEIGHT_CREST
from ama_analysis.suggest.envelope_figures import MeterReadings

WEIGHT_PLR: Final = 0.0005
WEIGHT_RANGE: Final = 0.0005
"""Per dB^2 and LU^2: half of what AF* charges for the crest; AF* does not know them, people do (AMA's choice)."""
WEIGHT_LOUDNESS: Final = 0.001
"""Per LU^2 that the limiter stays below the loudness to deliver: as much as AF* charges for the crest (AMA's choice)."""
DEEP_LIMITING_DB: Final = 3.0
"""1 to 3 dB of limiting are transparent."""
WEIGHT_LIMITING: Final = 0.001
"""Per dB^2 of limiting beyond that (AMA's choice)."""
_DEPTHS: Final = tuple(step / 8.0 for step in range(9))
"""Shares of the limiting that the loudness would take, among which the cheapest is foretold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A figure to come to; differences up to `spread` are not charged."""

    value: float
    spread: float = 0.0

    def beyond(self, figure: float) -> float:
        """Return how far a figure lies beyond, with its sign."""
        over = figure - self.value
        return max(over - self.spread, 0.0) + min(over + self.spread, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DynamicsGoal:
    """Where the dynamics shall be, None for what does not count.

    `plr_held_db` is the PLR to which a limiter must bring the sound for the loudness to be delivered, as far as `limiting_most_db` goes: what
    it takes off the peaks need not be compressed.
    """

    crest_db: Aim | None = None
    plr_db: Aim | None = None
    loudness_range_lu: Aim | None = None
    plr_held_db: float | None = None
    limiting_most_db: float = 6.0

    def cost(self, figures: MeterReadings, before: MeterReadings) -> float:
        """Return what figures before the limiter are charged, the limiter set as is best; `before` are those without a compressor."""
        full_db = self._full_limiting_db(figures)
        if full_db <= 0.0:
            return self.charge(figures, before)
        return min(self._limited_cost(figures, before, share) for share in _DEPTHS)

    def _full_limiting_db(self, figures: MeterReadings) -> float:
        return 0.0 if self.plr_held_db is None else max(figures.plr_db - self.plr_held_db, 0.0)

    def _limited_cost(self, figures: MeterReadings, before: MeterReadings, share: float) -> float:
        full_db = self._full_limiting_db(figures)
        depth_db = share * min(full_db, self.limiting_most_db)
        return (
            self.charge(figures, before, limited_db=depth_db)
            + WEIGHT_LOUDNESS * (full_db - depth_db) ** 2
            + WEIGHT_LIMITING * max(depth_db - DEEP_LIMITING_DB, 0.0) ** 2
        )

    def charge(
        self, figures: MeterReadings, before: MeterReadings, *, limited_db: float = 0.0
    ) -> float:
        """Return what crest, PLR and range are charged, with the peaks lowered by `limited_db`.

        A slow attack lets hits through and may raise crest and PLR. Where they lay below their aim that is not counted in favour: a
        compressor is there to take away.
        """
        down = limited_db
        rows = (
            (WEIGHT_CREST, self.crest_db, figures.crest_db, before.crest_db, down),
            (WEIGHT_PLR, self.plr_db, figures.plr_db, before.plr_db, down),
            (
                WEIGHT_RANGE,
                self.loudness_range_lu,
                figures.loudness_range_lu,
                before.loudness_range_lu,
                0.0,
            ),
        )
        charged = 0.0
        for weight, aim, figure, had, less in rows:
            if aim is not None:
                counted = min(figure, had) if aim.beyond(had) <= 0.0 else figure
                charged += weight * aim.beyond(counted - less) ** 2
        return charged

    def asks_for_less(self, figures: MeterReadings) -> bool:
        """Return whether there is something to take away: a range, or peaks, while the crest does not lie below its aim already."""
        over_range, over_plr, crest = (
            0.0 if aim is None else aim.beyond(figure)
            for aim, figure in (
                (self.loudness_range_lu, figures.loudness_range_lu),
                (self.plr_db, figures.plr_db),
                (self.crest_db, figures.crest_db),
            )
        )
        over_peaks = crest > 0.0 or over_plr > 0.0
        too_deep = self._full_limiting_db(figures) > DEEP_LIMITING_DB
        return over_range > 0.0 or (crest >= 0.0 and (over_peaks or too_deep))
