"""Gates, compressors and limiters of a plan as values of AMA Gate, ReaComp, AMA Compressor and ReaLimit.

A plan's times are those of the audition's compressor: to 99.8 % of a step, 2 pi time constants (DECISIONS 16). ReaComp is closed; that its
attack and release are time constants (63 % of a step), as in the compressors that come with REAPER as readable JSFX, is the best guess.
So a plan's times are divided by 2 pi for it. Its RMS size is 0, since the audition senses peaks. The knee is
taken over as a width in dB, and make-up is its Wet, which ends at +6 dB: what is beyond stands in a second ReaComp of ratio 1, "AMA Level".

ReaLimit raises what it gets by ceiling less threshold; so the threshold is the ceiling less the plan's gain.

AMA Compressor and AMA Gate are the audition's: they take a plan's values as they are. ReaGate is not used: it has no ratio (what is below its threshold
is shut), so it would not be what was heard.
"""

from __future__ import annotations

import math
from typing import Final

from ama_analysis.plan import Compressor, Gate, Limiter, Sidechain
from ama_bridge.daw.reaper.bands import CannotError
from ama_bridge.daw.reaper.request import Value

HIGHEST_WET_DB: Final = 20.0 * math.log10(2.0)
"""Where ReaComp's Wet ends: a coefficient of 2 (REAPER 7.79)."""
LIMITER_RELEASE_MS: Final = 100.0
"""As the audition's (`render.plugins.LIMITER_RELEASE_MS`)."""
_THRESHOLDS_DB: Final = (-60.0, 12.0)
"""ReaLimit's range (REAPER 7.79)."""
_SHORTEST_MS: Final = 0.001
_LEAST_DB: Final = 0.005
"""Smaller gains are no gains."""


def time_constant_ms(plan_ms: float) -> float:
    """Return the time constant of a time in a plan."""
    return plan_ms / (2.0 * math.pi)


def reacomp_values(action: Compressor | Sidechain) -> tuple[Value, ...]:
    """Return ReaComp's values."""
    return _values(
        threshold_db=action.threshold_db,
        ratio=action.ratio,
        attack_ms=max(time_constant_ms(action.attack_ms), _SHORTEST_MS),
        release_ms=time_constant_ms(action.release_ms),
        knee_db=action.knee_db,
        makeup_db=min(action.makeup_db, HIGHEST_WET_DB),
        rms_ms=0.0,
    )


def level_values(action: Compressor | Sidechain) -> tuple[tuple[Value, ...], ...]:
    """Return the values of each further ReaComp that only raises the level."""
    levels = []
    rest_db = action.makeup_db - HIGHEST_WET_DB
    while rest_db > _LEAST_DB:
        step_db = min(rest_db, HIGHEST_WET_DB)
        levels.append(_level(step_db))
        rest_db -= step_db
    return tuple(levels)


def _level(gain_db: float) -> tuple[Value, ...]:
    return _values(
        threshold_db=0.0,
        ratio=1.0,
        attack_ms=1.0,
        release_ms=100.0,
        knee_db=0.0,
        makeup_db=gain_db,
        rms_ms=0.0,
    )


def ama_compressor_values(action: Compressor | Sidechain) -> tuple[Value, ...]:
    """Return the values of AMA Compressor."""
    return _values(
        threshold_db=action.threshold_db,
        ratio=action.ratio,
        attack_ms=action.attack_ms,
        release_ms=action.release_ms,
        knee_db=action.knee_db,
        makeup_db=action.makeup_db,
    )


def ama_gate_values(action: Gate) -> tuple[Value, ...]:
    """Return the values of AMA Gate."""
    return _values(
        threshold_db=action.threshold_db,
        ratio=action.ratio,
        attack_ms=action.attack_ms,
        release_ms=action.release_ms,
    )


def realimit_values(action: Limiter) -> tuple[Value, ...]:
    """Return ReaLimit's values; `CannotError` where its threshold does not go there."""
    threshold_db = action.ceiling_dbtp - action.gain_db
    lowest_db, highest_db = _THRESHOLDS_DB
    if not lowest_db <= threshold_db <= highest_db:
        raise CannotError(
            f"ReaLimit's threshold goes from {lowest_db:g} to +{highest_db:g} dB, {threshold_db:.1f} dB are needed"
        )
    return _values(
        threshold_db=threshold_db,
        ceiling_db=action.ceiling_dbtp,
        release_ms=LIMITER_RELEASE_MS,
    )


def _values(**values: float) -> tuple[Value, ...]:
    return tuple(Value(name=name, value=value) for name, value in values.items())
