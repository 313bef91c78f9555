"""Faders and pans: the scramble, what two of them make together, and how far a result lies from the human's.

A strip is a gain and a linear balance (L *= 1 - max(pan, 0), R *= 1 + min(pan, 0)). Two strips in a row are a strip again: the product
of both channels' factors, whose larger one is the gain.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

SCRAMBLE_DB: Final = 12.0
SCRAMBLE_PAN: Final = 0.7
_SILENCE_DB: Final = -200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A gain in dB and a pan, -1 left to +1 right."""

    gain_db: float
    pan: float

    def factors(self) -> tuple[float, float]:
        """Return what left and right are multiplied by."""
        gain: float = 10.0 ** (self.gain_db / 20.0)
        return gain * (1.0 - max(self.pan, 0.0)), gain * (1.0 + min(self.pan, 0.0))

    def then(self, later: Self) -> Strip:
        """Return the one strip that does what this and a later one do."""
        return strip_of(
            *(one * other for one, other in zip(self.factors(), later.factors(), strict=True))
        )


def strip_of(left: float, right: float) -> Strip:
    """Return the strip with these factors (0 or more)."""
    largest = max(left, right)
    if largest <= 0.0:
        return Strip(gain_db=_SILENCE_DB, pan=0.0)
    return Strip(gain_db=20.0 * math.log10(largest), pan=(right - left) / largest)


def scramble(human: Mapping[str, Strip], seed: int) -> dict[str, Strip]:
    """Return a random strip for each track, in the order of the ids: up to 12 dB up or down, up to 0.7 to either side."""
    random = np.random.default_rng(seed)
    return {
        name: Strip(
            gain_db=float(random.uniform(-SCRAMBLE_DB, SCRAMBLE_DB)),
            pan=float(random.uniform(-SCRAMBLE_PAN, SCRAMBLE_PAN)),
        )
        for name in sorted(human)
    }


def fader_error_db(found: Mapping[str, Strip], human: Mapping[str, Strip]) -> float:
    """Return the mean over tracks of |gain - human gain - median of the differences|, dB."""
    apart = np.array([found[name].gain_db - human[name].gain_db for name in human])
    return float(np.mean(np.abs(apart - np.median(apart))))


def pan_error(found: Mapping[str, Strip], human: Mapping[str, Strip]) -> float:
    """Return the mean over tracks of |pan - human pan|."""
    return float(np.mean([abs(found[name].pan - human[name].pan) for name in human]))
