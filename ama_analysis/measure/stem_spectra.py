"""How loud a stem is in a mix of other bars, by its spectra: the stems as parts of the mix's spectrogram.

Each stem's spectrogram (24 bands an octave, left over right) is learnt as a few spectra that come and go (non-negative matrix factorisation
with the generalised Kullback-Leibler divergence; Lee & Seung, Nature 401, 1999). The mix's spectrogram is fitted with the spectra of all
stems, each stem with one factor on the left and one on the right (supervised separation: Smaragdis et al., ICA 2007; factors of channels:
Ozerov & Fevotte, IEEE TASLP 18, 2010). A stem's level while it plays, in the mix and in its own bars, gives its gain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from ama_analysis import fourier
from ama_analysis.audio import Block
from ama_analysis.bands import Floats, band_matrix
from ama_analysis.k_weighting import k_weighting_power

EXPONENT: Final = 1.0
"""Of power: powers of sounds that know nothing of each other add up. At 0.7 gains come out 1.3 dB
lower, before the bias is taken off (120 stems of 12 songs)."""
SPECTRA: Final = 8
"""A stem's spectra; with 16 the errors of those 120 are the same within 0.3 dB."""
LEARNING_STEPS: Final = 30
FITTING_STEPS: Final = 50
ACTIVE_DB: Final = 15.0
"""A stem plays where it is within this of the level that it exceeds in 2 % of the time."""
GROUPS: Final = 16
"""Groups of neighbouring bands, each of which tells the gain by itself."""
GROUP_EXPONENT: Final = 0.5
"""Of the power in a group of bands: its weight."""
_FFT: Final = 2048
_HOP: Final = 1024
_PER_OCTAVE: Final = 24
_LOWEST_HZ: Final = 40.0
_HIGHEST: Final = 0.46
_FACTOR_STEP: Final = 5
_FLOOR: Final = 1e-12


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StemSpectra:
    """A stem as spectra: (2 * bands, SPECTRA), each summing to one; its level while it plays, dB, by groups of bands (GROUPS,), and as it is heard (K-weighted)."""

    spectra: Floats
    level_db: Floats
    heard_db: float


def spectrogram(samples: Block, sample_rate_hz: int) -> Floats:
    """Return band powers (2, bands, time) of stereo samples."""
    matrix = _bands(sample_rate_hz)[0]
    window = np.hanning(_FFT + 1)[:-1].astype(np.float32)
    short = _FFT - samples.shape[1]
    if short > 0:
        samples = np.pad(samples, ((0, 0), (0, short)))
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FFT, axis=1)[:, ::_HOP]
    sides = []
    for side in frames:
        spectra = fourier.rfft(side * window)
        sides.append(matrix @ (spectra.real**2 + spectra.imag**2).T)
    return np.stack(sides)


@lru_cache(maxsize=4)
def _bands(rate: int) -> tuple[Floats, Floats]:
    """Return the weights (bands, bins) of bands 1/24 octave wide, at least one bin, and their centres, Hz."""
    step = rate / _FFT
    edges = [_LOWEST_HZ]
    while edges[-1] < _HIGHEST * rate:
        edges.append(max(edges[-1] + step, edges[-1] * 2.0 ** (1.0 / _PER_OCTAVE)))
    limits = np.array(edges)
    matrix = band_matrix(limits, np.arange(_FFT // 2 + 1) * step).astype(np.float32)
    matrix.setflags(write=False)
    return matrix, np.sqrt(limits[:-1] * limits[1:])


def spectra_of(stem: Block, sample_rate_hz: int, random: np.random.Generator) -> StemSpectra:
    """Learn the spectra of a stem, (2, frames), that is not silent."""
    powers = spectrogram(stem, sample_rate_hz)
    values = np.concatenate(list(powers)) ** EXPONENT
    whole = float(values.max())
    values = values / whole + _FLOOR
    energy = values.sum(axis=0, dtype=np.float64)
    first = random.choice(energy.size, size=SPECTRA, p=energy / energy.sum())
    spectra = values[:, first] + 1e-6 * values.mean()
    spectra /= spectra.sum(axis=0)
    activity = np.tile(energy.astype(np.float32) / SPECTRA, (SPECTRA, 1))
    for _ in range(LEARNING_STEPS):
        activity *= spectra.T @ (values / (spectra @ activity + _FLOOR))
        spectra *= (values / (spectra @ activity + _FLOOR)) @ activity.T
        spectra /= np.maximum(spectra.sum(axis=0), _FLOOR)
    return StemSpectra(
        spectra=spectra.astype(np.float32),
        level_db=_levels_db(spectra, activity * whole),
        heard_db=_playing_db(np.tensordot(_ear(sample_rate_hz), powers.sum(axis=0), axes=1)),
    )


@lru_cache(maxsize=4)
def _ear(rate: int) -> Floats:
    return k_weighting_power(_bands(rate)[1], rate)


def _playing_db(power: Floats) -> float:
    """Return the mean level of the frames in which something plays."""
    gate = np.quantile(power, 0.98) * 10.0 ** (-ACTIVE_DB / 10.0)
    return float(10.0 * np.log10(max(float(power[power >= gate].mean()), 1e-30)))


def _levels_db(spectra: Floats, activity: Floats) -> Floats:
    """Return the level in each group of bands while the part plays there."""
    bands = spectra.shape[0] // 2
    both = spectra[:bands] + spectra[bands:]
    edges = np.linspace(0, bands, GROUPS + 1).round().astype(int)
    rows = [both[a:b].sum(axis=0) @ activity for a, b in pairwise(edges)]
    return np.array([_playing_db(np.maximum(row, 0) ** (1.0 / EXPONENT)) for row in rows])


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FittedGains:
    """Gains (parts, 2) of the stems on each side, how far bands differ about them, and the divergence of mix and fit over that of mix and its mean spectrum."""

    gains: Floats
    spread_db: Floats
    divergence: float


def fitted_gains(parts: Sequence[StemSpectra], powers: Floats) -> FittedGains:
    """Fit a mix's band powers (2, bands, time) with the parts."""
    count, bands = len(parts), powers.shape[1]
    values = np.concatenate(list(powers)) ** EXPONENT
    whole = max(float(values.mean()), 1e-30)
    values = (values / whole + 1e-9).astype(np.float32)
    spectra = np.concatenate([part.spectra for part in parts], axis=1)
    activity = np.tile(values.sum(axis=0) / (count * SPECTRA), (count * SPECTRA, 1))
    sides = np.ones((count, 2), np.float32)
    halves = (slice(0, bands), slice(bands, 2 * bands))
    model = spectra
    for step in range(FITTING_STEPS):
        model = spectra * np.repeat(np.repeat(sides, SPECTRA, axis=0).T, bands, axis=0)
        ratio = values / (model @ activity + _FLOOR)
        activity *= (model.T @ ratio) / np.maximum(model.sum(axis=0), _FLOOR)[:, None]
        if step < _FACTOR_STEP:
            continue
        ratio = values / (model @ activity + _FLOOR)
        for side, half in enumerate(halves):
            wanted = (spectra[half] * (ratio[half] @ activity.T)).sum(axis=0)
            given = spectra[half].sum(axis=0) * activity.sum(axis=1)
            sides[:, side] *= _by_part(wanted, count) / np.maximum(_by_part(given, count), _FLOOR)
        largest = np.maximum(sides.max(axis=1, keepdims=True), _FLOOR)
        sides /= largest
        activity *= np.repeat(largest, SPECTRA, axis=0)
    shared = np.maximum(sides, 1e-6) ** (0.5 / EXPONENT)
    told = np.array(
        [
            _gain_db(part.level_db, _levels_db(part.spectra, rows * whole))
            for part, rows in zip(parts, activity.reshape(count, SPECTRA, -1), strict=True)
        ]
    )
    mean = values.mean(axis=1, keepdims=True) * values.sum(axis=0) / values.mean(axis=0).sum()
    return FittedGains(
        gains=10.0 ** (told[:, :1] / 20.0) * shared,
        spread_db=told[:, 1],
        divergence=_divergence(values, model @ activity) / max(_divergence(values, mean), _FLOOR),
    )


def _gain_db(own_db: Floats, there_db: Floats) -> tuple[float, float]:
    """Return the median over the groups of bands, those that matter in the stem weighing more, and how far apart they are.

    A fader moves all bands alike: groups that say otherwise are other sounds. The spread is half of what lies between the quartiles.
    """
    apart = there_db - own_db
    weights = 10.0 ** (GROUP_EXPONENT * (own_db - own_db.max()) / 10.0)
    order = np.argsort(apart, kind="stable")
    ranks = (np.cumsum(weights[order]) - 0.5 * weights[order]) / weights.sum()
    low, middle, high = np.interp((0.25, 0.5, 0.75), ranks, apart[order]).tolist()
    return middle, 0.5 * (high - low)


def _by_part(values: Floats, count: int) -> Floats:
    return values.reshape(count, SPECTRA).sum(axis=1)


def _divergence(values: Floats, model: Floats) -> float:
    model = model + _FLOOR
    return float((values * np.log(values / model) - values + model).sum(dtype=np.float64))
