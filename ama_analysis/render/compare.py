"""Comparing two sounds fairly: the louder one is turned down, never the quieter one up."""

from __future__ import annotations

from typing import NamedTuple


class MatchGains(NamedTuple):
    """Gains, 0 dB or less, that bring two sounds to one loudness."""

    before_db: float
    after_db: float


def loudness_match_gains(before_lufs: float | None, after_lufs: float | None) -> MatchGains:
    """Return the gains that bring both to the loudness of the quieter one; none where one of them is silent (None)."""
    if before_lufs is None or after_lufs is None:
        return MatchGains(0.0, 0.0)
    quieter = min(before_lufs, after_lufs)
    return MatchGains(quieter - before_lufs, quieter - after_lufs)


def trim_for(true_peak_dbtp: float | None, ceiling_dbtp: float) -> float:
    """Return the gain, 0 dB or less, that brings a measured true peak to the ceiling (for `Mixdown.with_trim`)."""
    if true_peak_dbtp is None:
        return 0.0
    return min(0.0, ceiling_dbtp - true_peak_dbtp)
