"""How the level of a sound goes over time, in short steps: what a compressor or a limiter will do to it can be told from that.

`measure.envelope` makes it, `suggest.compression` reads it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Steps = NDArray[np.float32]
"""(channels, steps), linear, re full scale."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Envelope:
    """A sound in steps of `step_s`, each channel for itself.

    `peak` is the largest magnitude of a step, `peak_at` where in the step it lies (0..1), `power` the mean square, `k_power` the mean square behind the K-weighting of BS.1770.
    The last step is as long as the others: what lies behind the end of the sound is silence. `between_db` is by how much the true peak of
    the whole exceeds its sample peak.
    """

    step_s: float
    between_db: float = 0.0
    peak: Steps
    peak_at: Steps
    power: Steps
    k_power: Steps

    def __post_init__(self) -> None:
        shapes = {one.shape for one in (self.peak, self.peak_at, self.power, self.k_power)}
        if len(shapes) > 1:
            message = "all of an envelope must have the same channels and steps"
            raise ValueError(message)

    @property
    def channels(self) -> int:
        """One or two."""
        return int(self.peak.shape[0])

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return int(self.peak.shape[1])

    def taken(self, steps: NDArray[np.int64]) -> Envelope:
        """Return these steps, one after the other."""
        return Envelope(
            step_s=self.step_s,
            between_db=self.between_db,
            peak=self.peak[:, steps],
            peak_at=self.peak_at[:, steps],
            power=self.power[:, steps],
            k_power=self.k_power[:, steps],
        )

    def scaled(self, gain_db: float) -> Envelope:
        """Return the envelope of the sound turned up or down."""
        factor = np.float32(10.0 ** (gain_db / 20.0))
        return Envelope(
            step_s=self.step_s,
            between_db=self.between_db,
            peak=self.peak * factor,
            peak_at=self.peak_at,
            power=self.power * factor**2,
            k_power=self.k_power * factor**2,
        )
