"""The benchmark's ruler: the field's metrics of a mix against one reference, on whole arrays.

Written from the definitions (Diff-MST's audio-feature loss, Vanka et al. 2024; IEC 61260 third-octaves; BS.1770), not from the streamed
meters of `measure` that AMA itself steers by. Both sounds are brought to 44.1 kHz and to -16 LUFS first, so that no row pays for
loudness; the rows about peaks and range do not depend on it. With one reference there is no spread, so there is no deadband.

    AF   0.1 mse(RMS) + 0.001 mse(crest, dB) + (difference of widths)^2 + (difference of imbalances)^2 + 0.1 mse(ln Bark of L+R, L-R)
    AF*  the same with the side's bands floored 40 dB below the mid's and the absolute imbalance
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis.audio import Audio, as_stereo, resampled
from ama_analysis.bands import Floats
from ama_analysis.evaluate.loudness import (
    integrated_lufs,
    k_weighted,
    loudness_range_lu,
    true_peak,
)

RATE_HZ: Final = 44_100
LEVEL_LUFS: Final = -16.0
FFT_SIZE: Final = 32_768
HOP: Final = 8_192
BARK_BANDS: Final = 24
_LEAST: Final = 1e-8
_SIDE_FLOOR_LN: Final = -40.0 / 20.0 * math.log(10.0)
_WIDTH_LIMIT_DB: Final = 60.0
_BAND_FLOOR: Final = 1e-8
_FRAMES_AT_ONCE: Final = 32

ROWS: Final[Mapping[str, str]] = {
    "af_star": "AF*",
    "af": "AF",
    "tonal_db": "1/3-octave error, dB",
    "bark_mid_db": "Bark error of L+R, dB",
    "width_db": "width error, dB",
    "crest_db": "crest difference, dB",
    "plr_db": "PLR difference, dB",
    "lra_lu": "loudness-range difference, LU",
    "correlation": "correlation difference",
}
"""What `compare` returns, all of it as errors: 0 is best."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Features:
    """One sound at -16 LUFS: arrays are (2,) left and right, (24,) Bark bands, (28,) third-octaves, (10,) octaves."""

    integrated_lufs: float
    loudness_range_lu: float
    plr_db: float
    rms: Floats
    crest_db: Floats
    width: float
    width_db: float
    imbalance: float
    correlation: float
    bark_mid_ln: Floats
    bark_side_ln: Floats
    third_octave_db: Floats


def features_of(sound: Audio) -> Features | None:
    """Return the features of a sound, None for silence."""
    samples = as_stereo(resampled(sound, RATE_HZ).samples).astype(np.float64)
    if samples.shape[1] < FFT_SIZE:
        samples = np.pad(samples, ((0, 0), (0, FFT_SIZE - samples.shape[1])))
    weighted = k_weighted(samples, RATE_HZ)
    loudness = integrated_lufs(weighted, RATE_HZ)
    if not math.isfinite(loudness):
        return None
    samples *= 10.0 ** ((LEVEL_LUFS - loudness) / 20.0)
    power = np.mean(np.square(samples), axis=1)
    rms = np.sqrt(np.maximum(power, _LEAST))
    middle = float(np.mean(np.square(samples[0] + samples[1])))
    side = float(np.mean(np.square(samples[0] - samples[1])))
    both = math.sqrt(float(power[0] * power[1]))
    magnitude, bin_power = _mid_side_spectra(samples)
    bark = np.log(magnitude @ _bark_weights().T + _LEAST)
    return Features(
        integrated_lufs=loudness,
        loudness_range_lu=loudness_range_lu(weighted, RATE_HZ),
        plr_db=20.0 * math.log10(true_peak(samples)) - LEVEL_LUFS,
        rms=rms,
        crest_db=20.0 * np.log10(np.maximum(np.max(np.abs(samples), axis=1), 1e-4) / rms),
        width=side / max(middle, _LEAST),
        width_db=_ratio_db(side, middle),
        imbalance=float(power[1] - power[0]) / max(float(power.sum()), _LEAST),
        correlation=float(np.mean(samples[0] * samples[1])) / both if both > 0.0 else 1.0,
        bark_mid_ln=bark[0],
        bark_side_ln=bark[1],
        third_octave_db=_third_octaves_db(bin_power.sum(axis=0)),
    )


def _ratio_db(side: float, middle: float) -> float:
    ratio = 10.0 * math.log10(max(side, 1e-16) / max(middle, 1e-16))
    return min(max(ratio, -_WIDTH_LIMIT_DB), _WIDTH_LIMIT_DB)


def _mid_side_spectra(samples: Floats) -> tuple[Floats, Floats]:
    """Return mean magnitude and mean power per bin of L+R and L-R, each (2, bins), over frames under a periodic Hann window."""
    from scipy import fft

    signals = np.stack((samples[0] + samples[1], samples[0] - samples[1]))
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FFT_SIZE) / FFT_SIZE)
    views = np.lib.stride_tricks.sliding_window_view(signals, FFT_SIZE, axis=1)[:, ::HOP]
    magnitude = np.zeros((2, FFT_SIZE // 2 + 1))
    power = np.zeros_like(magnitude)
    for start in range(0, views.shape[1], _FRAMES_AT_ONCE):
        spectra = np.abs(fft.rfft(views[:, start : start + _FRAMES_AT_ONCE] * window, axis=2))
        magnitude += spectra.sum(axis=1)
        power += np.square(spectra).sum(axis=1)
    return magnitude / views.shape[1], power / views.shape[1]


def _bark(freq_hz: Floats) -> Floats:
    """Return Traunmueller's Bark values with his corrections at both ends."""
    value = 26.81 * freq_hz / (1960.0 + freq_hz) - 0.53
    value = value + np.where(value < 2.0, 0.15 * (2.0 - value), 0.0)
    return value + np.where(value > 20.1, 0.22 * (value - 20.1), 0.0)


def _bark_weights() -> Floats:
    """Return 24 triangles (24, bins) whose corners are equally spaced in Bark from 20 Hz to 20 kHz and whose sides are straight in Hz."""
    grid_hz = np.linspace(20.0, 20_000.0, 200_000)
    low, high = _bark(np.array([20.0, 20_000.0]))
    corners = np.interp(np.linspace(low, high, BARK_BANDS + 2), _bark(grid_hz), grid_hz)
    bins = np.fft.rfftfreq(FFT_SIZE, 1.0 / RATE_HZ)
    points = [(corners[at], corners[at + 1], corners[at + 2]) for at in range(BARK_BANDS)]
    return np.stack([np.interp(bins, point, (0.0, 1.0, 0.0)) for point in points])


def _third_octaves_db(power: Floats) -> Floats:
    """Return the 28 bands from 31.5 Hz to 16 kHz of powers per bin, normalised to their sum."""
    edges = 1000.0 * 10.0 ** ((np.arange(-15, 14) - 0.5) / 10.0)
    step = RATE_HZ / FFT_SIZE
    until = np.concatenate(([0.0], np.cumsum(power)))
    bands = np.diff(np.interp(edges, (np.arange(until.size) - 0.5) * step, until))
    return 10.0 * np.log10(np.maximum(bands / bands.sum(), _BAND_FLOOR))


def _mse(first: Floats, second: Floats) -> float:
    return float(np.mean(np.square(first - second)))


def _af(mix: Features, reference: Features, *, floored: bool) -> float:
    sides, imbalances = [], []
    for sound in (mix, reference):
        floor = sound.bark_mid_ln + (_SIDE_FLOOR_LN if floored else -math.inf)
        sides.append(np.maximum(sound.bark_side_ln, floor))
        imbalances.append(abs(sound.imbalance) if floored else sound.imbalance)
    spectra = np.concatenate((mix.bark_mid_ln, sides[0]))
    return (
        0.1 * _mse(mix.rms, reference.rms)
        + 0.001 * _mse(mix.crest_db, reference.crest_db)
        + (mix.width - reference.width) ** 2
        + (imbalances[0] - imbalances[1]) ** 2
        + 0.1 * _mse(spectra, np.concatenate((reference.bark_mid_ln, sides[1])))
    )


def compare(mix: Features, reference: Features) -> dict[str, float]:
    """Return the rows of `ROWS`."""
    tones = mix.third_octave_db - reference.third_octave_db
    bark = (mix.bark_mid_ln - reference.bark_mid_ln) * 20.0 / math.log(10.0)
    return {
        "af_star": _af(mix, reference, floored=True),
        "af": _af(mix, reference, floored=False),
        "tonal_db": float(np.mean(np.abs(tones - np.median(tones)))),
        "bark_mid_db": float(np.mean(np.abs(bark))),
        "width_db": abs(mix.width_db - reference.width_db),
        "crest_db": abs(float(np.mean(mix.crest_db - reference.crest_db))),
        "plr_db": abs(mix.plr_db - reference.plr_db),
        "lra_lu": abs(mix.loudness_range_lu - reference.loudness_range_lu),
        "correlation": abs(mix.correlation - reference.correlation),
    }
