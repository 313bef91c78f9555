"""The gain of filters as they are rendered, not as their formulas say: Pedalboard computes with 32 bits.

Its filters are JUCE's (dsp::IIR, after the Audio EQ Cookbook), whose coefficients are made and kept in 32 bits. Here they are made in the same steps,
each rounded as there; what they do follows from them in closed form. In the deep bass, where poles and zeros lie close to 1, that is tenths
of a dB away from the formula, and within 0.03 dB of what is measured on a rendered signal (tests/render/test_response.py). What it does not
tell is noise: where several bands cut deep, at 96 kHz and more, the rounding of samples fills up a tenth of a dB and more.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.chains import PluginSetting
from ama_analysis.plan import EqBand, HighPass, LowPass, MasterEq
from ama_analysis.render.plugins import in_order, settings_at, settings_of

Floats: TypeAlias = NDArray[np.float64]
_F = np.float32
_Coefficients: TypeAlias = tuple[tuple[np.float32, ...], tuple[np.float32, ...]]
"""Numerator and denominator in rising powers of 1/z, not yet divided by the denominator's first."""
_LEAST: Final = 1e-15


def rendered_response_db(
    actions: Iterable[EqBand | MasterEq | HighPass | LowPass],
    freq_hz: Floats,
    sample_rate_hz: int,
) -> Floats:
    """Return what filters and bands do to a sound at frequencies below half the rate, dB."""
    plugins = tuple(one for action in in_order(actions) for one in settings_of(action))
    total = np.zeros_like(freq_hz)
    delay = np.exp(-2j * np.pi * freq_hz / sample_rate_hz)
    for one in settings_at(plugins, sample_rate_hz):
        total += _gain_db(one, delay, sample_rate_hz)
    return total


def _gain_db(setting: PluginSetting, delay: NDArray[np.complex128], rate: int) -> Floats:
    if setting.plugin == "Gain":
        return np.full(delay.shape, float(setting.parameters["gain_db"]))
    above, below = _MADE[setting.plugin](setting.parameters, _F(rate))
    inverse = _F(1.0) / below[0]
    numerator = np.polyval([float(c * inverse) for c in reversed(above)], delay)
    denominator = np.polyval([*(float(c * inverse) for c in reversed(below[1:])), 1.0], delay)
    return np.asarray(20.0 * np.log10(np.maximum(np.abs(numerator / denominator), _LEAST)))


def _root_of_gain(parameters: Mapping[str, float]) -> np.float32:
    gain = _F(math.pow(10.0, float(_F(parameters["gain_db"]) * _F(0.05))))
    return _F(np.sqrt(gain))


def _angle(parameters: Mapping[str, float], rate: np.float32) -> tuple[np.float32, np.float32]:
    """Return sine and cosine of a corner."""
    omega = float(_F(2.0 * math.pi) * _F(parameters["cutoff_frequency_hz"]) / rate)
    return _F(math.sin(omega)), _F(math.cos(omega))


def _bell(parameters: Mapping[str, float], rate: np.float32) -> _Coefficients:
    root, (sine, cosine) = _root_of_gain(parameters), _angle(parameters, rate)
    alpha, middle = sine / (_F(parameters["q"]) * _F(2.0)), _F(-2.0) * cosine
    wide, narrow = alpha * root, alpha / root
    return (_F(1.0) + wide, middle, _F(1.0) - wide), (_F(1.0) + narrow, middle, _F(1.0) - narrow)


def _shelf(sign: np.float32) -> Callable[[Mapping[str, float], np.float32], _Coefficients]:
    """Return what makes a shelf, with -1 the low one, with 1 the high one: their formulas differ in the cosine's sign."""

    def made(parameters: Mapping[str, float], rate: np.float32) -> _Coefficients:
        root, (sine, cosine) = _root_of_gain(parameters), _angle(parameters, rate)
        less, more = root - _F(1.0), root + _F(1.0)
        beta, tilted = sine * np.sqrt(root) / _F(parameters["q"]), sign * (less * cosine)
        above = (
            root * (more + tilted + beta),
            root * (-sign * _F(2.0)) * (less + sign * (more * cosine)),
            root * (more + tilted - beta),
        )
        below = (
            more - tilted + beta,
            sign * _F(2.0) * (less - sign * (more * cosine)),
            more - tilted - beta,
        )
        return above, below

    return made


def _tangent(parameters: Mapping[str, float], rate: np.float32) -> np.float32:
    return _F(math.tan(float(_F(math.pi) * _F(parameters["cutoff_frequency_hz"]) / rate)))


def _high_pass(parameters: Mapping[str, float], rate: np.float32) -> _Coefficients:
    n = _tangent(parameters, rate)
    return (_F(1.0), _F(-1.0)), (n + _F(1.0), n - _F(1.0))


def _low_pass(parameters: Mapping[str, float], rate: np.float32) -> _Coefficients:
    n = _tangent(parameters, rate)
    return (n, n), (n + _F(1.0), n - _F(1.0))


_MADE: Final[dict[str, Callable[[Mapping[str, float], np.float32], _Coefficients]]] = {
    "PeakFilter": _bell,
    "LowShelfFilter": _shelf(_F(-1.0)),
    "HighShelfFilter": _shelf(_F(1.0)),
    "HighpassFilter": _high_pass,
    "LowpassFilter": _low_pass,
}
