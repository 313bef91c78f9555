"""The actions that a chain of Pedalboard plugins stands for, so that a chain can be translated like a plan.

It is the way back from `ama_analysis.render.plugins`: first-order filters and bells at one cutoff are a Butterworth filter, two compressors with
the same times are one with a knee, a gain behind them is make-up. What has no counterpart is returned as it is, in words.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ama_analysis.chains import PluginSetting
from ama_analysis.plan import (
    SLOPES_DB_PER_OCT,
    Action,
    Compressor,
    EqBand,
    FilterShape,
    Gate,
    HighPass,
    Limiter,
    LowPass,
    Polarity,
)

_HALF_KNEE: Final = 1.0 - math.sqrt(0.5)
"""How `render.plugins.compressor_settings` makes a knee of two compressors."""
_LIMITER_GUARD_DB: Final = 0.15
"""`render.plugins.LIMITER_GUARD_DB`."""
_CLOSE: Final = 1e-3
"""Chain files keep six digits."""
_SHAPES: Final[dict[str, FilterShape]] = {
    "PeakFilter": "bell",
    "LowShelfFilter": "low_shelf",
    "HighShelfFilter": "high_shelf",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainActions:
    """What a chain asks for, in its order; its gains that belong to no compressor or limiter; and plugins that are no action."""

    actions: tuple[Action, ...]
    gain_db: float = 0.0
    unread: tuple[str, ...] = ()


def actions_of(plugins: Sequence[PluginSetting]) -> ChainActions:
    """Return the actions of a chain's plugins."""
    waiting = list(plugins)
    actions: list[Action] = []
    gain_db, unread = 0.0, []
    while waiting:
        found = _first_action(waiting)
        if found is not None:
            action, used = found
            del waiting[:used]
            actions.append(action)
        elif (one := waiting.pop(0)).plugin == "Gain":
            gain_db += _of(one, "gain_db")
        else:
            unread.append(one.plugin)
    return ChainActions(actions=tuple(actions), gain_db=gain_db, unread=tuple(unread))


def _first_action(plugins: Sequence[PluginSetting]) -> tuple[Action, int] | None:
    """Return the action that a chain begins with and how many plugins it takes; None where it begins with none, or with no valid one."""
    try:
        return _filter(plugins) or _compressor(plugins) or _limiter(plugins) or _single(plugins[0])
    except ValueError:
        return None


def _of(one: PluginSetting, name: str) -> float:
    return float(one.parameters[name])


def _same(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=_CLOSE, abs_tol=_CLOSE)


def _filter(plugins: Sequence[PluginSetting]) -> tuple[Action, int] | None:
    """Return the Butterworth filter that a chain begins with, and how many plugins make it."""
    plugin = plugins[0].plugin
    if plugin not in {"HighpassFilter", "LowpassFilter"}:
        return None
    cutoff_hz = _of(plugins[0], "cutoff_frequency_hz")
    order = 0
    while (
        order < len(plugins)
        and plugins[order].plugin == plugin
        and _same(_of(plugins[order], "cutoff_frequency_hz"), cutoff_hz)
    ):
        order += 1
    while order and not (6 * order in SLOPES_DB_PER_OCT and _sections(plugins, order, cutoff_hz)):
        order -= 1
    kind = HighPass if plugin == "HighpassFilter" else LowPass
    return kind(cutoff_hz=cutoff_hz, slope_db_per_oct=6 * order), order + order // 2


def _sections(plugins: Sequence[PluginSetting], order: int, cutoff_hz: float) -> bool:
    """Say whether behind `order` first-order filters stand the bells that make Butterworth sections of them."""
    bells = plugins[order : order + order // 2]
    if len(bells) < order // 2:
        return False
    for section, bell in enumerate(bells):
        quality = 1.0 / math.sin(math.pi * (2 * section + 1) / (2 * order))
        asked = (cutoff_hz, 20.0 * math.log10(quality), math.sqrt(quality) / 2.0)
        if bell.plugin != "PeakFilter":
            return False
        given = (_of(bell, name) for name in ("cutoff_frequency_hz", "gain_db", "q"))
        if not all(_same(a, b) for a, b in zip(asked, given, strict=True)):
            return False
    return True


def _compressor(plugins: Sequence[PluginSetting]) -> tuple[Action, int] | None:
    """Return the compressor that a chain begins with: one plugin, or two that make a knee, and the gain behind them."""
    if plugins[0].plugin != "Compressor":
        return None
    first = plugins[0]
    action = Compressor(
        threshold_db=_of(first, "threshold_db"),
        ratio=_of(first, "ratio"),
        attack_ms=_of(first, "attack_ms"),
        release_ms=_of(first, "release_ms"),
    )
    used = 1
    if len(plugins) > 1 and (joined := _with_knee(action, plugins[1])):
        action, used = joined, 2
    if len(plugins) > used and plugins[used].plugin == "Gain":
        action = replace(action, makeup_db=_of(plugins[used], "gain_db"))
        used += 1
    return action, used


def _with_knee(first: Compressor, second: PluginSetting) -> Compressor | None:
    """Return the compressor with a knee of which two make the lower and the upper corner, None where they do not."""
    if second.plugin != "Compressor" or first.ratio >= 2.0:
        return None
    slope = 1.0 / first.ratio
    ratio = 1.0 / (2.0 * slope - 1.0)
    half_db = (_of(second, "threshold_db") - first.threshold_db) / (2.0 * slope)
    times = (_of(second, "attack_ms"), _of(second, "release_ms"))
    as_one = (
        _same(_of(second, "ratio"), ratio * slope)
        and half_db > 0
        and all(map(_same, times, (first.attack_ms, first.release_ms)))
    )
    if not as_one:
        return None
    return replace(
        first,
        threshold_db=first.threshold_db + half_db,
        ratio=ratio,
        knee_db=half_db / _HALF_KNEE,
    )


def _limiter(plugins: Sequence[PluginSetting]) -> tuple[Action, int] | None:
    """Return the limiter that a chain begins with, with the gain before it."""
    used = 1 if plugins[0].plugin == "Gain" else 0
    if len(plugins) <= used or plugins[used].plugin != "BrickwallLimiter":
        return None
    gain_db = _of(plugins[0], "gain_db") if used else 0.0
    ceiling_db = min(_of(plugins[used], "ceiling_db") + _LIMITER_GUARD_DB, 0.0)
    return Limiter(ceiling_dbtp=ceiling_db, gain_db=gain_db), used + 1


def _single(one: PluginSetting) -> tuple[Action, int] | None:
    """Return the action of one plugin by itself."""
    if one.plugin in _SHAPES:
        band = EqBand(
            type=_SHAPES[one.plugin],
            freq_hz=_of(one, "cutoff_frequency_hz"),
            gain_db=_of(one, "gain_db"),
            q=_of(one, "q"),
        )
        return band, 1
    if one.plugin == "NoiseGate":
        gate = Gate(
            threshold_db=_of(one, "threshold_db"),
            ratio=_of(one, "ratio"),
            attack_ms=_of(one, "attack_ms"),
            release_ms=_of(one, "release_ms"),
        )
        return gate, 1
    if one.plugin == "Invert":
        return Polarity(invert=True), 1
    if one.plugin == "Delay":
        return Polarity(invert=False, delay_ms=1000.0 * _of(one, "delay_seconds")), 1
    return None
