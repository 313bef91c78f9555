"""Filters and bands of a plan as stages of Ardour's equaliser and filter, exactly wherever its ranges allow.

All of these filters, Pedalboard's and Ardour's, are analogue ones behind the bilinear transform with a prewarped corner, so that they can be
compared on the axis w = tan(pi f / rate), where each is a quotient of quadratics in s = jw.

    bell     a-eq's is the cookbook's; its bandwidth is 2 asinh(1 / 2Q) / ln 2 octaves.
    shelf    a-eq's has its poles at the corner with quality sqrt(1/2), its zeros sqrt(A) octaves' worth beside them; the cookbook's has poles
             and zeros on both sides of the corner. So the corner moves by the square root of A = 10^(gain/40). Another quality is two bells,
             one over the poles and one over the zeros, each replacing one quality by the other: s2 + s w/q + w2 over s2 + s w/p + w2 is a bell
             at w of gain p/q and quality sqrt(p q).
    filter   A Butterworth filter of order n is n // 2 sections of second order with their own qualities: one High/Low Pass filter each (several
             equal ones, as its steepness gives, are 0.56 dB off at 24 dB/oct and 2 dB at 48). The odd section, and 6 dB/oct, is a section of such
             a low quality (0.1, or more where the range of corners ends) that its second pole lies outside of the band.

What exceeds a range is brought to its end; a bell or shelf of more than 20 dB becomes two. `error_db` says how far the stages are from what
was heard in the audition. Formulas: Bristow-Johnson, Audio EQ Cookbook; Ardour's a-eq.c and HiAndLowPass.lua, measured in tests/daw/ardour/test_ace.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, assert_never

import numpy as np
from numpy.typing import NDArray

from ama_analysis.plan import EqBand, HighPass, LowPass, MasterEq
from ama_bridge.daw.ardour import ace
from ama_bridge.daw.bandwidth import bandwidth_of, q_of

Floats: TypeAlias = NDArray[np.float64]
Linear: TypeAlias = EqBand | MasterEq | HighPass | LowPass
"""The actions that are linear filters."""

BUTTERWORTH_Q: Final = math.sqrt(0.5)
_TOP_OF_RATE: Final = 0.49
"""The audition leaves bands at or above this share of the rate out (`render.plugins`)."""
_PLAIN_SHELF_DB: Final = 0.1
"""A shelf whose quality (0.70 to 0.715) is worth less than that is taken for a plain one."""
HEARD_DB: Final = -40.0
"""What a filter turns down further than that is not compared."""
_LOW_HZ, _HIGH_HZ = 20.0, 20_000.0
_POINTS: Final = 241


@dataclass(frozen=True, slots=True)
class Bell:
    """A bell of a-eq."""

    freq_hz: float
    gain_db: float
    q: float


@dataclass(frozen=True, slots=True)
class Shelf:
    """A shelf of a-eq, at its own corner."""

    side: Literal["low", "high"]
    freq_hz: float
    gain_db: float


@dataclass(frozen=True, slots=True)
class Level:
    """a-eq's master gain."""

    gain_db: float


@dataclass(frozen=True, slots=True)
class Pass:
    """One side of the High/Low Pass filter, 12 dB/oct."""

    side: Literal["high", "low"]
    freq_hz: float
    q: float


Stage: TypeAlias = Bell | Shelf | Level | Pass


def stages_of(action: Linear, sample_rate_hz: int) -> tuple[Stage, ...]:
    """Return what does in Ardour what an action asks for; nothing for what the audition leaves out too (a bell above the band)."""
    freq_hz = action.freq_hz if isinstance(action, EqBand | MasterEq) else action.cutoff_hz
    if freq_hz >= _TOP_OF_RATE * sample_rate_hz:
        return _above_the_band(action)
    match action.kind:
        case "eq_band" | "master_eq":
            return _band_stages(action, sample_rate_hz)
        case "high_pass" | "low_pass":
            return _filter_stages(action, sample_rate_hz)
        case _:
            assert_never(action.kind)


def _above_the_band(action: Linear) -> tuple[Stage, ...]:
    if isinstance(action, EqBand | MasterEq) and action.type == "low_shelf":
        return tuple(Level(gain_db) for gain_db in _halves(action.gain_db))
    return ()


def _halves(gain_db: float) -> tuple[float, ...]:
    """Return a gain as one, or as two where a-eq's range is too small."""
    return (gain_db,) if abs(gain_db) <= ace.PORTS[ace.EQ][1].high else (gain_db / 2.0,) * 2


def _band_stages(action: EqBand | MasterEq, rate: int) -> tuple[Stage, ...]:
    match action.type:
        case "bell":
            return _bells(action.freq_hz, action.gain_db, action.q)
        case "low_shelf":
            return _shelf_stages("low", action, rate)
        case "high_shelf":
            return _shelf_stages("high", action, rate)
        case _:
            assert_never(action.type)


def _bells(freq_hz: float, gain_db: float, q: float) -> tuple[Stage, ...]:
    """Return a bell; one of too much gain as two that meet in the middle, at qualities on both sides of its own."""
    parts = _halves(gain_db)
    apart = 10.0 ** (gain_db / 80.0) if len(parts) > 1 else 1.0
    qualities = (q / apart, q * apart)
    return tuple(
        _bell(freq_hz, part_db, one) for part_db, one in zip(parts, qualities, strict=False)
    )


def _bell(freq_hz: float, gain_db: float, q: float) -> Bell:
    bandwidth = ace.in_range(ace.EQ, ace.BELLS[0].bandwidth, bandwidth_of(q))
    return Bell(
        ace.in_range(ace.EQ, ace.BELLS[0].freq, freq_hz),
        ace.in_range(ace.EQ, ace.BELLS[0].gain, gain_db),
        q_of(bandwidth),
    )


def _shelf_stages(
    side: Literal["low", "high"], action: EqBand | MasterEq, rate: int
) -> tuple[Stage, ...]:
    root = 10.0 ** (action.gain_db / 80.0)
    if side == "low":
        poles_hz = _moved(action.freq_hz, 1.0 / root, rate)
        zeros_hz = _moved(action.freq_hz, root, rate)
    else:
        poles_hz = _moved(action.freq_hz, root, rate)
        zeros_hz = _moved(action.freq_hz, 1.0 / root, rate)
    parts = _halves(action.gain_db)
    corners = (poles_hz, action.freq_hz)[: len(parts)]
    shelves = tuple(
        Shelf(side, ace.in_range(ace.EQ, ace.LOW_SHELF.freq, hz), part_db)
        for hz, part_db in zip(corners, parts, strict=True)
    )
    change_db = 20.0 * math.log10(BUTTERWORTH_Q / action.q)
    if abs(change_db) < _PLAIN_SHELF_DB:
        return shelves
    q = math.sqrt(BUTTERWORTH_Q * action.q)
    return (*shelves, *_bells(zeros_hz, change_db, q), *_bells(poles_hz, -change_db, q))


def _moved(freq_hz: float, factor: float, rate: int) -> float:
    """Return a corner `factor` times as high on the axis of the bilinear transform."""
    return rate / math.pi * math.atan(math.tan(math.pi * freq_hz / rate) * factor)


def _filter_stages(action: HighPass | LowPass, rate: int) -> tuple[Stage, ...]:
    side: Literal["high", "low"] = "high" if action.kind == "high_pass" else "low"
    ports = ace.HIGH_PASS if side == "high" else ace.LOW_PASS
    order = action.slope_db_per_oct // 6
    freq_hz = ace.in_range(ace.FILTERS, ports.freq, action.cutoff_hz)
    sections: list[Stage] = [
        Pass(side, freq_hz, 0.5 / math.sin(math.pi * (2 * nth + 1) / (2 * order)))
        for nth in range(order // 2)
    ]
    if order % 2:
        sections.append(_first_order(side, action.cutoff_hz, rate))
    return tuple(sections)


def _first_order(side: Literal["high", "low"], cutoff_hz: float, rate: int) -> Pass:
    """Return a section with one pole at the cutoff and the other as far outside of the band as the ranges let it.

    Poles at x and 1/x times the corner have the quality 1 / (x + 1/x).
    """
    ports = ace.HIGH_PASS if side == "high" else ace.LOW_PASS
    lowest_q = ace.PORTS[ace.FILTERS][ports.resonance].low
    apart = (1.0 / lowest_q + math.sqrt(lowest_q**-2 - 4.0)) / 2.0
    corner_hz = _moved(cutoff_hz, 1.0 / apart if side == "high" else apart, rate)
    corner_hz = ace.in_range(ace.FILTERS, ports.freq, corner_hz)
    corner, cutoff = (math.tan(math.pi * hz / rate) for hz in (corner_hz, cutoff_hz))
    ratio = corner / cutoff
    return Pass(side, corner_hz, 1.0 / (ratio + 1.0 / ratio))


def response_db(stages: Sequence[Stage], freq_hz: Floats, sample_rate_hz: int) -> Floats:
    """Return the gain of stages in Ardour, dB."""
    total = np.zeros_like(freq_hz)
    for stage in stages:
        total += _stage_db(stage, freq_hz, sample_rate_hz)
    return total


def _stage_db(stage: Stage, freq_hz: Floats, rate: int) -> Floats:
    if isinstance(stage, Level):
        return np.full_like(freq_hz, stage.gain_db)
    w = np.tan(np.pi * freq_hz / rate) / math.tan(math.pi * stage.freq_hz / rate)
    match stage:
        case Bell():
            a = 10.0 ** (stage.gain_db / 40.0)
            return _db(w, (1.0, a / stage.q, 1.0), (1.0, 1.0 / (a * stage.q), 1.0))
        case Shelf():
            a, root = 10.0 ** (stage.gain_db / 40.0), math.sqrt(2.0)
            zeros = (a * a, root * a, 1.0)
            return _db(w, zeros if stage.side == "high" else zeros[::-1], (1.0, root, 1.0))
        case Pass():
            top = (1.0, 0.0, 0.0)
            zeros = top if stage.side == "high" else top[::-1]
            return _db(w, zeros, (1.0, 1.0 / stage.q, 1.0))
        case _:
            assert_never(stage)


def wanted_db(action: Linear, freq_hz: Floats, sample_rate_hz: int) -> Floats:
    """Return the gain that an action asks for, dB: the cookbook's bands, Butterworth filters (`render.plugins`)."""
    rate = sample_rate_hz
    corner_hz = action.freq_hz if isinstance(action, EqBand | MasterEq) else action.cutoff_hz
    if corner_hz >= _TOP_OF_RATE * rate:
        return response_db(_above_the_band(action), freq_hz, rate)
    w = np.tan(np.pi * freq_hz / rate) / math.tan(math.pi * corner_hz / rate)
    if isinstance(action, HighPass | LowPass):
        ratio = 1.0 / w if isinstance(action, HighPass) else w
        return np.asarray(-10.0 * np.log10(1.0 + ratio ** (2 * (action.slope_db_per_oct // 6))))
    a = 10.0 ** (action.gain_db / 40.0)
    if action.type == "bell":
        return _db(w, (1.0, a / action.q, 1.0), (1.0, 1.0 / (a * action.q), 1.0))
    middle = math.sqrt(a) / action.q
    above, below = (a * a, a * middle, a), (1.0, middle, a)
    if action.type == "low_shelf":
        above, below = above[::-1], below[::-1]
    return _db(w, above, below)


def auditioned_db(action: Linear, freq_hz: Floats, sample_rate_hz: int) -> Floats:
    """Return the gain that an action has in the audition, dB.

    A filter's is the formula's: where 32 bits put it off, it has been turned down by 20 dB and more.
    """
    if isinstance(action, HighPass | LowPass):
        return wanted_db(action, freq_hz, sample_rate_hz)
    from ama_analysis.render import rendered_response_db

    return rendered_response_db((action,), freq_hz, sample_rate_hz)


def _db(w: Floats, above: tuple[float, float, float], below: tuple[float, float, float]) -> Floats:
    """Return |a2 s2 + a1 s + a0| over |b2 s2 + b1 s + b0| at s = jw, dB."""
    zeros, poles = ((c0 - c2 * w * w) ** 2 + (c1 * w) ** 2 for c2, c1, c0 in (above, below))
    return np.asarray(10.0 * np.log10(np.maximum(zeros, 1e-300) / poles))


def error_db(action: Linear, stages: Sequence[Stage], sample_rate_hz: int) -> float:
    """Return how far stages are from the audition at most, dB, from 20 Hz to 20 kHz where that is not turned down by more than 40 dB."""
    freq_hz = compared_hz(sample_rate_hz)
    wanted = auditioned_db(action, freq_hz, sample_rate_hz)
    apart = np.abs(wanted - response_db(stages, freq_hz, sample_rate_hz))
    return float(np.max(apart[wanted > HEARD_DB], initial=0.0))


def compared_hz(sample_rate_hz: int) -> Floats:
    """Return the frequencies at which responses are compared: 20 Hz to 20 kHz, as far as the rate goes."""
    return np.geomspace(_LOW_HZ, min(_HIGH_HZ, _TOP_OF_RATE * sample_rate_hz), _POINTS)
