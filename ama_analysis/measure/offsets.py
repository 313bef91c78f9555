"""By how much a mix lies later than the stems it was made of, as a whole and stem by stem.

The loudest half minute of the mix is correlated with the same place in each stem, whitened by half (see `alignment`). All stems vote for one
offset within +-2 s: their correlations, squared, are added. Near it each stem may have its own slip.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis import fourier
from ama_analysis.audio import Block, Sound
from ama_analysis.bands import Floats
from ama_analysis.measure.alignment import WHITENING, section_of

REACH_S: Final = 2.0
SECTION_S: Final = 30
SLIP_REACH_MS: Final = 10.0
SLIP_OVER: Final = 1.5
"""A stem's own peak counts when it is this much higher than its correlation at the common offset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offsets:
    """In frames, positive where the mix is late: the common offset, and for each stem what it deviates from that."""

    common: int
    slips: tuple[int, ...]


def offsets_of(stems: Sequence[Sound], mix: Sound, *, on_stem: Callable[[int], None]) -> Offsets:
    """Return the offsets of a mix against its stems, all at one rate; `on_stem` hears the number of each stem before it is read."""
    rate = mix.sample_rate_hz
    start_s = _loudest_s(mix)
    heard = section_of(mix, start_s, start_s + SECTION_S)
    size = heard.shape[1] + 2 * round(REACH_S * rate)
    spectrum = _spectrum(heard, size)
    reach = round(REACH_S * rate)
    curves = []
    for index, stem in enumerate(stems):
        on_stem(index)
        section = section_of(stem, start_s, start_s + heard.shape[1] / rate + REACH_S)
        curves.append(_correlation(section, spectrum, size, reach))
    votes = sum((curve**2 for curve in curves), np.zeros(2 * reach + 1))
    common = int(votes.argmax()) if votes.any() else reach
    slips = tuple(_slip(curve, common, rate) for curve in curves)
    return Offsets(common=common - reach, slips=slips)


def _spectrum(samples: Block, size: int) -> Floats:
    return fourier.rfft(samples[0].astype(np.float64), fourier.quick_size(size))


def _correlation(stem: Block, mix: Floats, size: int, reach: int) -> Floats:
    """Return the half-whitened correlation at lags -reach..reach; 1 would be a copy."""
    length = fourier.quick_size(size)
    cross = np.conj(_spectrum(stem, size)) * mix
    magnitude = np.abs(cross)
    peak = float(magnitude.max())
    if peak <= 0.0:
        return np.zeros(2 * reach + 1)
    weighted = cross / np.maximum(magnitude, peak * 1e-10) ** WHITENING
    lags = fourier.irfft(weighted, length) * (length / (2.0 * np.abs(weighted).sum()))
    found: Floats = np.concatenate((lags[-reach:], lags[: reach + 1]))
    return found


def _slip(curve: Floats, common: int, rate: int) -> int:
    """Return where near the common offset a stem correlates clearly better than there (0 where it does not)."""
    reach = round(SLIP_REACH_MS * rate / 1000.0)
    first = max(common - reach, 0)
    near = np.abs(curve[first : common + reach + 1])
    at = int(near.argmax())
    clear = near[at] > SLIP_OVER * np.abs(curve[common])
    return first + at - common if clear else 0


def _loudest_s(sound: Sound) -> float:
    """Return where the loudest `SECTION_S` of a sound begin, in whole seconds."""
    rate = sound.sample_rate_hz
    energies = np.zeros(sound.frames // rate + 2)
    at = 0
    for block in sound.blocks():
        energies[min(at // rate, energies.size - 1)] += float(
            np.square(block, dtype=np.float64).sum()
        )
        at += block.shape[1]
    if at <= SECTION_S * rate:
        return 0.0
    return float(np.convolve(energies, np.ones(SECTION_S), mode="valid").argmax())
