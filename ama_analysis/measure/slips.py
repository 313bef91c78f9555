"""How a reference lies to stems to the fraction of a frame, and which stems slipped against the others.

Within a few windows the spectra of stems and reference (mono) are multiplied with each other: products of stems (f, n, n) and of stems with
the reference (f, n). Weighted by the reference's inverse power (so that each frequency counts alike) they give the least-squares share of
each stem, for any delays of the stems, without reading anything again. A stem's own delay is where the correlation of what the others leave
is highest. The share of the reference that is explained tells whether it is a mix of the stems at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Sound
from ama_analysis.bands import Floats
from ama_analysis.measure.pieces import Pieces

Spectra: TypeAlias = NDArray[np.complexfloating[Any, Any]]

FRAME: Final = 4096
"""Frames a window; slips within a quarter of it are found."""
REACH_MS: Final = 10.0
LOWEST_HZ, HIGHEST_HZ = 40.0, 5_000.0
SLIP_OVER: Final = 1.2
"""A stem's own peak counts when it is this much higher than its correlation where the others lie."""
SLIP_UNITS: Final = 12.0
"""And this many times as high as its correlation is on average."""
_ROUNDS: Final = 3
_RIDGE: Final = 1e-6
_SMOOTH_BINS: Final = 9


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CrossSpectra:
    """Products summed over windows: stems (f, n, n), stems by reference (f, n), reference (f,); and the length of a window."""

    gram: Spectra
    cross: Spectra
    energy: Floats
    rate_hz: int
    windows: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Lie:
    """Delays of the reference against each stem in frames beyond the offset it was read at, and the share of it that the stems explain."""

    common: float
    slips: tuple[float, ...]
    explained: float


def cross_spectra(
    stems: Sequence[Sound],
    reference: Sound,
    offset: int,
    spans: Sequence[tuple[int, int]],
    *,
    on_span: Callable[[int], None],
) -> CrossSpectra:
    """Return the products within `spans` (start and frames, in the stems' time) of a reference that lies `offset` frames later."""
    from scipy import fft

    count, bins = len(stems), FRAME // 2 + 1
    gram = np.zeros((bins, count, count), np.complex64)
    cross = np.zeros((bins, count), np.complex64)
    energy, windows = np.zeros(bins), 0
    window = np.hanning(FRAME + 1)[:-1].astype(np.float32)
    readers, heard = [Pieces(stem) for stem in stems], Pieces(reference)
    for number, (start, frames) in enumerate(sorted(spans)):
        on_span(number)
        rows = np.stack(
            [reader.read(start, frames).mean(axis=0) for reader in readers]
            + [heard.read(start + offset, frames).mean(axis=0)]
        )
        framed = np.lib.stride_tricks.sliding_window_view(rows, FRAME, axis=1)[:, :: FRAME // 2]
        spectra = fft.rfft(framed * window, workers=1).transpose(2, 0, 1)
        stem, mix = spectra[:, :count], spectra[:, count]
        gram += np.conj(stem) @ stem.transpose(0, 2, 1)
        cross += (np.conj(stem) @ mix[:, :, None])[:, :, 0]
        energy += np.square(np.abs(mix)).sum(axis=1)
        windows += framed.shape[1]
    return CrossSpectra(
        gram=gram,
        cross=cross,
        energy=energy,
        rate_hz=reference.sample_rate_hz,
        windows=windows,
    )


def lie_of(products: CrossSpectra) -> Lie:
    """Return how the reference lies to the stems."""
    weights, angles = _weights(products)
    count = products.cross.shape[1]
    if not weights.any() or not count:
        return Lie(common=0.0, slips=(0.0,) * count, explained=0.0)
    reach = round(REACH_MS * products.rate_hz / 1000.0)
    factors, _ = _solved(products, weights, angles, np.zeros(count))
    together = weights * (products.cross @ factors)
    common = _peak(_lags(together, reach), reach, 8)
    delays = np.full(count, common)
    for _ in range(_ROUNDS):
        factors, _ = _solved(products, weights, angles, delays)
        moved = _own(products, weights, angles, factors, delays, common, reach)
        if np.array_equal(moved, delays):
            break
        delays = moved
    _, explained = _solved(products, weights, angles, delays)
    slips = tuple(float(delay - common) for delay in delays)
    return Lie(common=float(common), slips=slips, explained=explained)


def _weights(products: CrossSpectra) -> tuple[Floats, Floats]:
    """Return a weight per bin, and each bin's angle for a delay of one frame."""
    from scipy.ndimage import uniform_filter1d

    bins = np.arange(products.energy.size)
    hz = bins * products.rate_hz / FRAME
    usable = (hz >= LOWEST_HZ) & (hz <= min(HIGHEST_HZ, 0.45 * products.rate_hz))
    level = uniform_filter1d(products.energy, _SMOOTH_BINS)
    floor = 1e-7 * float(level[usable].max()) if usable.any() else 0.0
    weights = np.where(usable & (level > floor), 1.0 / np.maximum(level, floor + 1e-30), 0.0)
    return weights, 2.0 * np.pi * bins / FRAME


def _solved(
    products: CrossSpectra, weights: Floats, angles: Floats, delays: Floats
) -> tuple[Floats, float]:
    """Return the stems' factors at these delays and the explained share of the reference, less what as many random stems would explain."""
    turn = np.exp(1j * angles[:, None] * delays)
    gram = np.einsum("f,fi,fij,fj->ij", weights, turn, products.gram, np.conj(turn)).real
    cross = np.einsum("f,fi,fi->i", weights, turn, products.cross).real
    scale = np.sqrt(np.diagonal(gram))
    plays = scale > 1e-6 * max(float(scale.max()), 1e-30)
    scale = np.where(plays, scale, 1.0)
    unit = gram / np.outer(scale, scale) + _RIDGE * np.eye(scale.size)
    factors = np.where(plays, np.linalg.solve(unit, np.where(plays, cross / scale, 0.0)), 0.0)
    whole = float(weights @ products.energy)
    share = float(factors @ (cross / scale)) / whole if whole > 0.0 else 0.0
    values = max(products.windows * int((weights > 0).sum()), 1)
    chance = float(plays.sum()) / values
    return factors / scale, (share - chance) / (1.0 - min(chance, 0.5))


def _lags(spectrum: Spectra, reach: int) -> Floats:
    """Return the correlation at lags -reach..reach."""
    from scipy import fft

    lags = fft.irfft(spectrum, n=FRAME, workers=1)
    found: Floats = np.concatenate((lags[-reach:], lags[: reach + 1]))
    return found


def _peak(lags: Floats, reach: int, within: int) -> float:
    """Return the lag of the largest magnitude within so many frames of the middle, between frames by a parabola."""
    first = max(reach - within, 1)
    near = np.abs(lags[first : reach + within + 1])
    at = first + int(near.argmax())
    if not 0 < at < lags.size - 1:
        return float(at - reach)
    before, here, after = (float(value) for value in np.abs(lags[at - 1 : at + 2]))
    bend = before - 2.0 * here + after
    shift = 0.5 * (before - after) / bend if bend < 0.0 else 0.0
    return at - reach + float(np.clip(shift, -0.5, 0.5))


def _own(
    products: CrossSpectra,
    weights: Floats,
    angles: Floats,
    factors: Floats,
    delays: Floats,
    common: float,
    reach: int,
) -> Floats:
    """Return each stem's delay: where it correlates best with what the others leave, if that is clearly elsewhere than the common one."""
    moved = np.full_like(delays, common)
    heard = np.conj(np.exp(1j * angles[:, None] * delays)) * factors
    for index in range(delays.size):
        others = heard.copy()
        others[:, index] = 0.0
        left = products.cross[:, index] - np.einsum("fj,fj->f", products.gram[:, index], others)
        turned = weights * left * np.exp(1j * angles * common)
        lags = np.abs(_lags(turned, reach))
        best = float(lags.max())
        chance = float(np.sqrt(np.mean(np.square(lags)))) + 1e-30
        near = float(lags[reach - 1 : reach + 2].max())
        if best > SLIP_OVER * near and best > SLIP_UNITS / 4.0 * chance:
            moved[index] = common + _peak(lags, reach, reach - 1)
    return moved
