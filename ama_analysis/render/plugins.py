"""Actions to settings of Pedalboard plugins, and settings to plugins.

Filters: Pedalboard's HighpassFilter and LowpassFilter are of first order (6 dB/oct), its bell and shelves are the biquads of the RBJ audio
EQ cookbook. A Butterworth filter of order n is n // 2 second-order sections of quality Qk (and one of first order where n is odd), and
each section is exactly two first-order filters and a bell at the cutoff with gain 20 log10(2 Qk) and quality sqrt(2 Qk) / 2: the bell's
numerator cancels the double real pole, its denominator is the section's. So every slope is a plain Pedalboard chain.

Coefficients are 32-bit inside. From 100 Hz on (200 Hz at 96 kHz) bands are within 0.05 dB of their formula and cutoffs within 0.05 dB of
-3 dB; down to 40 Hz and Q 2 within 0.25 dB at 44.1 and 48 kHz (tests/render/test_filters.py). At 20 to 40 Hz with a high Q, or in the
deep bass at 96 kHz and more, a band may be a dB off.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final, assert_never

import pedalboard

from ama_analysis.chains import PluginSetting
from ama_analysis.errors import RenderError
from ama_analysis.plan import (
    Action,
    Compressor,
    EqBand,
    FilterShape,
    Gate,
    HighPass,
    Limiter,
    LowPass,
    MasterEq,
    Polarity,
    Sidechain,
)

LIMITER_GUARD_DB: Final = 0.15
"""The limiter aims this much lower, dB: at 16 times oversampling Pedalboard's BrickwallLimiter (which looks at 4 times) let up to 0.12 dB
through on finished songs at +8 dB (measured, tests/render/test_limiter.py)."""
LIMITER_RELEASE_MS: Final = 100.0
"""Pedalboard's own default."""
LIMITER_LOOKAHEAD_MS: Final = 5.0
"""Pedalboard's own default."""
_DELAY_ROUNDING_S: Final = 1e-6
"""Pedalboard's Delay cuts to whole samples: without this a delay of just n samples may become n - 1."""
_HALF_KNEE: Final = 1.0 - math.sqrt(0.5)
"""Where two hard knees come nearest to a quadratic one, as a share of its width: see `compressor_settings`."""
_TOP_OF_RATE: Final = 0.49
"""Filters at or above this share of the sample rate are left out (Pedalboard gives NaN from a half on)."""


def setting(plugin: str, **parameters: float | bool) -> PluginSetting:
    """Return the setting of one plugin."""
    return PluginSetting(plugin=plugin, parameters=parameters)


def settings_of(action: Action) -> tuple[PluginSetting, ...]:  # noqa: PLR0911  # one line a kind
    """Return the plugins that do what an action asks for, in their order; none for what Pedalboard cannot hold.

    Fader, pan and side-chain are not plugins: `strip` renders them.
    """
    match action.kind:
        case "gain" | "pan" | "sidechain":
            return ()
        case "polarity":
            return _polarity_settings(action)
        case "high_pass" | "low_pass":
            return butterworth_settings(action)
        case "eq_band" | "master_eq":
            return (_band_setting(action),)
        case "compressor":
            return (*compressor_settings(action), *_makeup(action.makeup_db))
        case "gate":
            return (_gate_setting(action),)
        case "limiter":
            return _limiter_settings(action)
        case _:
            assert_never(action.kind)


def _polarity_settings(action: Polarity) -> tuple[PluginSetting, ...]:
    settings = [setting("Invert")] if action.invert else []
    if action.delay_ms > 0.0:
        delay_s = action.delay_ms / 1000.0 + _DELAY_ROUNDING_S
        settings.append(setting("Delay", delay_seconds=delay_s, feedback=0.0, mix=1.0))
    return tuple(settings)


def butterworth_settings(action: HighPass | LowPass) -> tuple[PluginSetting, ...]:
    """Return a Butterworth filter (maximally flat, -3 dB at the cutoff) of any of the slopes as first-order filters and bells."""
    plugin = "HighpassFilter" if action.kind == "high_pass" else "LowpassFilter"
    order = action.slope_db_per_oct // 6
    settings = [setting(plugin, cutoff_frequency_hz=action.cutoff_hz) for _ in range(order)]
    for section in range(order // 2):
        angle = math.pi * (2 * section + 1) / (2 * order)
        double_quality = 1.0 / math.sin(angle)
        settings.append(
            setting(
                "PeakFilter",
                cutoff_frequency_hz=action.cutoff_hz,
                gain_db=20.0 * math.log10(double_quality),
                q=math.sqrt(double_quality) / 2.0,
            )
        )
    return tuple(settings)


def _band_setting(action: EqBand | MasterEq) -> PluginSetting:
    return setting(
        _plugin_of_shape(action.type),
        cutoff_frequency_hz=action.freq_hz,
        gain_db=action.gain_db,
        q=action.q,
    )


def _plugin_of_shape(shape: FilterShape) -> str:
    match shape:
        case "bell":
            return "PeakFilter"
        case "low_shelf":
            return "LowShelfFilter"
        case "high_shelf":
            return "HighShelfFilter"
        case _:
            assert_never(shape)


def compressor_settings(action: Compressor | Sidechain) -> tuple[PluginSetting, ...]:
    """Return one compressor, or two in cascade where a knee is asked for (without the make-up gain).

    Pedalboard's Compressor has a hard knee. Two of them at T - a and T + a with the slope (1 + 1/R)/2 between make three straight
    lines; with a = (1 - sqrt(1/2)) W they lie nearest to the quadratic knee of width W (Giannoulis, Massberg, Reiss, "Digital Dynamic
    Range Compressor Design", JAES 60(6), 2012, eq. 4): the static error is at most 0.0215 (1 - 1/R) W dB, 0.1 dB for W = 6, R = 4.
    """
    if action.ratio == 1.0:
        return ()
    stages = [(action.threshold_db, action.ratio)]
    if action.knee_db > 0.0:
        half_db = _HALF_KNEE * action.knee_db
        slope = (1.0 + 1.0 / action.ratio) / 2.0
        first_db = action.threshold_db - half_db
        stages = [
            (first_db, 1.0 / slope),
            (first_db + 2.0 * half_db * slope, action.ratio * slope),
        ]
    return tuple(
        setting(
            "Compressor",
            threshold_db=threshold_db,
            ratio=ratio,
            attack_ms=action.attack_ms,
            release_ms=action.release_ms,
        )
        for threshold_db, ratio in stages
    )


def _gate_setting(action: Gate) -> PluginSetting:
    return setting(
        "NoiseGate",
        threshold_db=action.threshold_db,
        ratio=action.ratio,
        attack_ms=action.attack_ms,
        release_ms=action.release_ms,
    )


def _makeup(gain_db: float) -> tuple[PluginSetting, ...]:
    return (setting("Gain", gain_db=gain_db),) if gain_db else ()


def _limiter_settings(action: Limiter) -> tuple[PluginSetting, ...]:
    return (
        *_makeup(action.gain_db),
        setting(
            "BrickwallLimiter",
            ceiling_db=action.ceiling_dbtp - LIMITER_GUARD_DB,
            release_ms=LIMITER_RELEASE_MS,
            lookahead_ms=LIMITER_LOOKAHEAD_MS,
            true_peak=True,
        ),
    )


_ORDER: Final = (
    *("polarity", "gate", "high_pass", "low_pass", "eq_band", "master_eq"),
    *("compressor", "sidechain", "gain", "pan", "limiter"),
)


def in_order(actions: Iterable[Action]) -> tuple[Action, ...]:
    """Return actions in the order in which they are rendered; those of one kind keep theirs."""
    return tuple(sorted(actions, key=lambda action: _ORDER.index(action.kind)))


def settings_at(
    settings: Sequence[PluginSetting], sample_rate_hz: int
) -> tuple[PluginSetting, ...]:
    """Return the settings that have something to do at a sample rate: no bell, high shelf or low-pass above its band.

    A high-pass there would leave nothing: `RenderError`.
    """
    top_hz = _TOP_OF_RATE * sample_rate_hz
    kept = []
    for one in settings:
        if one.parameters.get("cutoff_frequency_hz", 0.0) < top_hz:
            kept.append(one)
        elif one.plugin == "HighpassFilter":
            cutoff_hz = one.parameters["cutoff_frequency_hz"]
            message = (
                f"A high-pass at {cutoff_hz:g} Hz leaves nothing of {sample_rate_hz} Hz audio."
            )
            raise RenderError(message, hint=f"Choose a cutoff below {top_hz:g} Hz.")
        elif one.plugin == "LowShelfFilter":
            kept.append(setting("Gain", gain_db=one.parameters["gain_db"]))
    return tuple(kept)


def board_of(settings: Iterable[PluginSetting]) -> pedalboard.Pedalboard:
    """Return fresh plugins for settings."""
    return pedalboard.Pedalboard(
        [getattr(pedalboard, one.plugin)(**one.parameters) for one in settings]
    )
