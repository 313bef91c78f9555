"""Stages as near as Ardour's ranges let them come, where they do not let them come exactly.

Corners end at 20 Hz and 20 kHz, bells at 4 octaves, a filter of 6 dB/oct is a section of second order whose second pole may be heard, and in the
deep bass the audition itself leaves its formula. There all
of an action's stages are moved together until the response, in dB, is nearest to what was asked for in the sense of least squares; a filter gets
a shelf beside it for that, and so does a bell whose audition does not come back to 0 dB below it (32 bits at 192 kHz). What comes out is only taken
if its largest error is smaller.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final, assert_never

import numpy as np

from ama_analysis.plan import EqBand, MasterEq
from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.stages import (
    HEARD_DB,
    Bell,
    Floats,
    Level,
    Linear,
    Pass,
    Shelf,
    Stage,
    auditioned_db,
    compared_hz,
    error_db,
    response_db,
    stages_of,
)
from ama_bridge.daw.bandwidth import q_of

GOOD_DB: Final = 0.1
"""Stages that are as near as that are not spoken of."""
_EXACT_DB: Final = 0.02
"""Stages that are as near as that stay as the formulas have them; several bands add up."""
_BESIDE: Final = {
    "high_pass": Shelf("low", 40.0, 0.1),
    "low_pass": Shelf("high", 12_000.0, 0.1),
    "bell": Shelf("low", 30.0, 0.1),
}
_INSIDE: Final = 1e-6
"""A search begins this share of its range inside of its bounds."""
_EVALUATIONS: Final = 60


def nearest_stages(action: Linear, sample_rate_hz: int) -> tuple[Stage, ...]:
    """Return what comes as near as Ardour can to an action (see `stages.stages_of`)."""
    best = stages_of(action, sample_rate_hz)
    error = error_db(action, best, sample_rate_hz)
    if error <= _EXACT_DB:
        return best
    for start in _starts(action, best):
        moved = _moved(action, start, sample_rate_hz)
        found = error_db(action, moved, sample_rate_hz)
        if found < error:
            best, error = moved, found
        if error <= GOOD_DB and isinstance(action, EqBand | MasterEq):
            break
    return best


def _starts(action: Linear, stages: tuple[Stage, ...]) -> Iterator[tuple[Stage, ...]]:
    """Yield what the search begins with: the formulas' stages, then with a shelf beside them."""
    yield stages
    shape = action.type if isinstance(action, EqBand | MasterEq) else action.kind
    if shape in _BESIDE:
        yield (*stages, _BESIDE[shape])


def _moved(action: Linear, stages: Sequence[Stage], rate: int) -> tuple[Stage, ...]:
    from scipy.optimize import least_squares

    freq_hz = compared_hz(rate)
    wanted = auditioned_db(action, freq_hz, rate)
    heard = wanted > HEARD_DB
    low, high = (np.array(ends) for ends in zip(*_bounds(stages), strict=True))
    inside = _INSIDE * (high - low)

    def apart(values: Floats) -> Floats:
        response = response_db(_with(stages, values), freq_hz, rate)
        differences: Floats = (response - wanted)[heard]
        return differences

    begin = np.clip(np.array(_values(stages)), low + inside, high - inside)
    found = least_squares(
        apart, begin, bounds=(low, high), x_scale=high - low, max_nfev=_EVALUATIONS
    )
    return _with(stages, found.x)


def _values(stages: Sequence[Stage]) -> list[float]:
    """Return the parameters of stages: corners and qualities as logarithms."""
    values: list[float] = []
    for stage in stages:
        match stage:
            case Bell():
                values += [math.log(stage.freq_hz), stage.gain_db, math.log(stage.q)]
            case Shelf():
                values += [math.log(stage.freq_hz), stage.gain_db]
            case Level():
                values.append(stage.gain_db)
            case Pass():
                values += [math.log(stage.freq_hz), math.log(stage.q)]
            case _:
                assert_never(stage)
    return values


def _bounds(stages: Sequence[Stage]) -> list[tuple[float, float]]:
    equaliser, filters = ace.PORTS[ace.EQ], ace.PORTS[ace.FILTERS]
    bell = ace.BELLS[0]
    gain = (equaliser[bell.gain].low, equaliser[bell.gain].high)
    freq = _logs(equaliser[bell.freq].low, equaliser[bell.freq].high)
    bounds: list[tuple[float, float]] = []
    for stage in stages:
        match stage:
            case Bell():
                widths = equaliser[bell.bandwidth]
                bounds += [freq, gain, _logs(q_of(widths.high), q_of(widths.low))]
            case Shelf():
                bounds += [freq, gain]
            case Level():
                bounds.append(gain)
            case Pass():
                ports = ace.HIGH_PASS if stage.side == "high" else ace.LOW_PASS
                for which in (ports.freq, ports.resonance):
                    bounds.append(_logs(filters[which].low, filters[which].high))
            case _:
                assert_never(stage)
    return bounds


def _logs(low: float, high: float) -> tuple[float, float]:
    return math.log(low), math.log(high)


def _with(stages: Sequence[Stage], values: Sequence[float] | Floats) -> tuple[Stage, ...]:
    """Return stages with other parameters, in the order of `_values`."""
    rest = iter(float(value) for value in values)
    return tuple(_next(stage, rest) for stage in stages)


def _next(stage: Stage, rest: Iterator[float]) -> Stage:
    match stage:
        case Bell():
            return Bell(math.exp(next(rest)), next(rest), math.exp(next(rest)))
        case Shelf():
            return Shelf(stage.side, math.exp(next(rest)), next(rest))
        case Level():
            return Level(next(rest))
        case Pass():
            return Pass(stage.side, math.exp(next(rest)), math.exp(next(rest)))
        case _:
            assert_never(stage)
