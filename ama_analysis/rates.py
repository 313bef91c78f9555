"""The sample rates at which AMA works."""

from __future__ import annotations

from numbers import Integral
from typing import Final

MIN_RATE_HZ: Final = 8_000
MAX_RATE_HZ: Final = 192_000
RATES: Final = f"It must be a whole number from {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz."
"""What to say to any other."""


def is_rate(rate_hz: object) -> bool:
    """Return whether AMA works at this rate."""
    whole = isinstance(rate_hz, Integral) and not isinstance(rate_hz, bool)
    return whole and MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ  # type: ignore[operator]  # whole numbers compare
