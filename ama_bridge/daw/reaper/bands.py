"""Filters and bands of a plan as bands of ReaEQ, or of AMA's own equaliser for REAPER.

ReaEQ is closed: what its bands do to sound is not known, only their values. They are taken for the cookbook's (Bristow-Johnson, Audio EQ
Cookbook), which is AMA's own:

    bell     quality Q as 2 asinh(1 / 2Q) / ln 2 octaves, the cookbook's bandwidth of the analogue bell (between the points of half its gain in
             dB). Above some 5 kHz a digital bell is narrower; whether ReaEQ makes up for that is not known.
    shelf    the same relation, for which the cookbook has none: with it ReaEQ's own default of 2 octaves is Q 0.67, a shelf without overshoot.
    filter   ReaEQ's have 12 dB/oct. A Butterworth filter of order n is n // 2 such sections of quality 1 / 2 sin(pi (2k + 1) / 2n) each. The odd
             section, and 6 dB/oct, is one of such a low quality that its second pole lies outside of the band: 12 times as far out
             as the cutoff with ReaEQ's widest band, less where its frequencies end. What that pole adds is told where it can be heard, and too much is refused.

AMA EQ has a plan's own units and slopes: one band for each action.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

from ama_analysis.plan import EqBand, HighPass, LowPass, MasterEq
from ama_bridge.daw.bandwidth import bandwidth_of, q_of
from ama_bridge.daw.reaper.request import Band, Shape

Linear: TypeAlias = EqBand | MasterEq | HighPass | LowPass
"""The actions that are linear filters."""

LOWEST_HZ: Final = 20.0
HIGHEST_HZ: Final = 24_000.0
HIGHEST_DB: Final = 12.0
NARROWEST_OCT: Final = 0.01
WIDEST_OCT: Final = 4.0
"""ReaEQ's ranges (REAPER 7.79, facts of other projects; the scripts read every value back)."""
_TOP_OF_RATE: Final = 0.49
"""The audition leaves bands at or above this share of the rate out (`render.plugins`)."""
_TOLD_DB: Final = 0.1
_TOO_FAR_DB: Final = 3.0
"""A filter that is further off at the end of the hearing range is another one."""
_HEARD_FROM_HZ: Final = 20.0
_HEARD_TO_HZ: Final = 20_000.0


class CannotError(Exception):
    """ReaEQ cannot do it; the text is a clause that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bands:
    """What stands for an action, and what is to be said of it (a clause, or nothing)."""

    bands: tuple[Band, ...]
    note: str = ""


LOWEST_Q: Final = q_of(WIDEST_OCT)


def in_reaeq(action: Linear, sample_rate_hz: int) -> Bands:
    """Return ReaEQ's bands for an action; `CannotError` where it has no such band, or the audition leaves it out."""
    freq_hz = _checked_hz(action, sample_rate_hz)
    if not LOWEST_HZ <= freq_hz <= HIGHEST_HZ:
        raise CannotError("ReaEQ's bands go from 20 Hz to 24 kHz")
    if isinstance(action, HighPass | LowPass):
        return _filter(action, sample_rate_hz)
    if action.gain_db > HIGHEST_DB:
        raise CannotError(f"ReaEQ's bands end at +{HIGHEST_DB:g} dB")
    octaves = min(max(bandwidth_of(action.q), NARROWEST_OCT), WIDEST_OCT)
    band = _band(action.type, freq_hz, q_of(octaves), gain_db=action.gain_db)
    wider = bandwidth_of(action.q) > WIDEST_OCT
    note = f"its band ends at {WIDEST_OCT:g} octaves (asked for Q {action.q:g})" if wider else ""
    return Bands(bands=(band,), note=note)


def in_ama_eq(action: Linear, sample_rate_hz: int) -> Bands:
    """Return the band of AMA EQ for an action; `CannotError` where the audition leaves it out."""
    freq_hz = _checked_hz(action, sample_rate_hz)
    if isinstance(action, HighPass | LowPass):
        q = math.sqrt(0.5)
        return Bands(bands=(_band(action.kind, freq_hz, q, slope=action.slope_db_per_oct),))
    return Bands(bands=(_band(action.type, freq_hz, action.q, gain_db=action.gain_db),))


def _checked_hz(action: Linear, sample_rate_hz: int) -> float:
    match action.kind:
        case "eq_band" | "master_eq":
            freq_hz = action.freq_hz
        case "high_pass" | "low_pass":
            freq_hz = action.cutoff_hz
        case _:
            assert_never(action.kind)
    if freq_hz >= _TOP_OF_RATE * sample_rate_hz:
        raise CannotError(f"it lies above what a rate of {sample_rate_hz} Hz holds")
    return freq_hz


def _band(
    shape: Shape, freq_hz: float, q: float, *, gain_db: float = 0.0, slope: int | None = None
) -> Band:
    return Band(
        shape=shape,
        freq_hz=freq_hz,
        gain_db=gain_db,
        q=q,
        bandwidth_oct=bandwidth_of(q),
        slope_db_per_oct=slope,
    )


def _filter(action: HighPass | LowPass, rate: int) -> Bands:
    order = action.slope_db_per_oct // 6
    bands = [
        _band(action.kind, action.cutoff_hz, 0.5 / math.sin(math.pi * (2 * nth + 1) / (2 * order)))
        for nth in range(order // 2)
    ]
    if order % 2 == 0:
        return Bands(bands=tuple(bands))
    band, second_hz = _first_order(action, rate)
    error_db = _pole_db(action, second_hz, rate)
    if error_db > _TOO_FAR_DB:
        raise CannotError(f"ReaEQ has no 6 dB/oct, and its widest filter is {error_db:.1f} dB off")
    note = "ReaEQ has no 6 dB/oct: a wide filter of 12 dB/oct stands for it"
    if error_db > _TOLD_DB:
        note += f", {error_db:.1f} dB too steep at its end"
    return Bands(bands=(*bands, band), note=note)


def _first_order(action: HighPass | LowPass, rate: int) -> tuple[Band, float]:
    """Return a section with one pole at the cutoff and the other as far out as ReaEQ lets it be, and where that one is (Hz).

    Poles at x and 1/x times the corner have the quality 1 / (x + 1/x).
    """
    apart = (1.0 / LOWEST_Q + math.sqrt(LOWEST_Q**-2 - 4.0)) / 2.0
    away = 1.0 / apart if action.kind == "high_pass" else apart
    top_hz = min(HIGHEST_HZ, _TOP_OF_RATE * rate)
    corner_hz = min(max(_times(action.cutoff_hz, away, rate), LOWEST_HZ), top_hz)
    ratio = _ratio(corner_hz, action.cutoff_hz, rate)
    q = 1.0 / (ratio + 1.0 / ratio)
    return _band(action.kind, corner_hz, q), _times(corner_hz, ratio, rate)


def _times(freq_hz: float, factor: float, rate: int) -> float:
    """Return a frequency `factor` times as high on the axis of the bilinear transform."""
    return rate / math.pi * math.atan(math.tan(math.pi * freq_hz / rate) * factor)


def _ratio(freq_hz: float, other_hz: float, rate: int) -> float:
    return math.tan(math.pi * freq_hz / rate) / math.tan(math.pi * other_hz / rate)


def _pole_db(action: HighPass | LowPass, pole_hz: float, rate: int) -> float:
    """Return by how much a second pole turns the end of the hearing range down, dB."""
    if action.kind == "high_pass":
        away = _ratio(pole_hz, _HEARD_FROM_HZ, rate)
    else:
        away = _ratio(min(_HEARD_TO_HZ, _TOP_OF_RATE * rate), pole_hz, rate)
    return 10.0 * math.log10(1.0 + away**2)
