"""How a reference lies to stems to the fraction of a frame, and which stems slipped against the others.

From products of spectra (`kin_products`), weighted so that each frequency of the reference counts alike, come the least-squares factors of the
stems, side by side, for any delays of the stems, without reading anything again. A stem's own delay is where the correlation of what the
others leave is highest, if that explains clearly more. The share that is explained tells whether the reference is a mix of the stems at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis import fourier
from ama_analysis.bands import Floats
from ama_analysis.measure.kin_products import FRAME, Products, Spectra, together

REACH_MS: Final = 10.0
SLIP_OVER: Final = 1.2
"""A stem's own peak is tried when it is this much higher than its correlation where the others lie."""
SLIP_GAIN: Final = 0.01
"""And believed when it takes away this part of what remained."""
JOIN_GAIN: Final = 5e-4
"""Of what remained, for a delay that another stem has too."""
NEAR: Final = 8
"""So many frames at most is a candidate off: it was found at an eighth of the rate."""
_RIDGE: Final = 1e-6
_ROUNDS: Final = 2


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Lie:
    """Delays of the reference against the stems in frames beyond the offset it was read at: of all, and of each against the others.

    `explained` is the share of the reference that the stems explain so in the median window.
    """

    common: float
    slips: tuple[float, ...]
    explained: float


def lie_of(windows: Sequence[Products], rate_hz: int) -> Lie:
    """Return how the reference lies to the stems by all windows (one at least) together."""
    products = together(windows)
    count = products.cross.shape[2]
    if not products.weights.any() or not count:
        return Lie(common=0.0, slips=(0.0,) * count, explained=0.0)
    common = _common(products)
    reach = round(REACH_MS * rate_hz / 1000.0)
    delays = np.full(count, common)
    for _ in range(_ROUNDS):
        before = delays
        delays = _slipped(products, delays, common, reach)
        if np.array_equal(before, delays):
            break
    delays = _joined(products, delays)
    common = _usual(delays, common)
    delays = _settled(products, delays, common)
    heard = _heard(products, delays)
    values = max(products.windows * products.energy.size, 1)
    explained = float(np.median([_explained(one, products.weights, heard) for one in windows]))
    return Lie(
        common=common,
        slips=tuple(float(delay - common) for delay in delays),
        explained=explained - 2.0 * count / values,
    )


def _common(products: Products) -> float:
    """Return the delay at which all stems together explain most."""
    count = products.cross.shape[2]
    near = np.arange(-NEAR, NEAR + 1)
    shares = [
        _explained(products, products.weights, _heard(products, np.full(count, float(delay))))
        for delay in near
    ]
    best = float(near[int(np.argmax(shares))])
    heard = _heard(products, np.full(count, best))
    product = np.einsum("sfi,sfi->f", np.conj(heard), products.cross)
    lags = _lags(products.weights * product, products.first_bin, 1)
    return best + _parabola(lags, 1)


def _slipped(products: Products, delays: Floats, common: float, reach: int) -> Floats:
    """Return the delays with those of single stems where these explain clearly more."""
    heard = _heard(products, delays)
    now = delays.copy()
    explained = _explained(products, products.weights, heard)
    turn = products.weights * np.exp(1j * products.angles * common)
    for index in range(delays.size):
        others = heard.copy()
        others[:, :, index] = 0.0
        left = products.cross[:, :, index] - np.einsum(
            "sfj,sfj->sf", products.gram[:, :, index], others
        )
        sides = [_lags(turn * left[side], products.first_bin, reach) for side in (0, 1)]
        lags = np.hypot(*sides)
        if lags.max() <= SLIP_OVER * lags[reach - 1 : reach + 2].max():
            continue
        tried = now.copy()
        at = min(max(int(lags.argmax()), 1), lags.size - 2)
        tried[index] = common + at - reach + _parabola(lags, at)
        gained = _explained(products, products.weights, _heard(products, tried))
        if gained - explained > SLIP_GAIN * (1.0 - explained):
            now, explained = tried, gained
    return now


def _joined(products: Products, delays: Floats) -> Floats:
    """Return the delays with those of stems that explain more where some other stem lies."""
    places = list(dict.fromkeys(delays.tolist()))
    now = delays.copy()
    explained = _explained(products, products.weights, _heard(products, now))
    for index in range(delays.size):
        for place in places:
            tried = now.copy()
            tried[index] = place
            gained = _explained(products, products.weights, _heard(products, tried))
            if gained - explained > JOIN_GAIN * (1.0 - explained):
                now, explained = tried, gained
    return now


def _usual(delays: Floats, common: float) -> float:
    """Return the delay near which most stems lie."""
    near = [int((np.abs(delays - delay) < 1.0).sum()) for delay in delays]
    lie_common = int((np.abs(delays - common) < 1.0).sum())
    return float(delays[int(np.argmax(near))]) if max(near) > lie_common else common


def _settled(products: Products, delays: Floats, common: float) -> Floats:
    """Return the delays with those of stems that may as well lie where most do."""
    now = delays.copy()
    explained = _explained(products, products.weights, _heard(products, now))
    for index in np.flatnonzero(delays != common):
        tried = now.copy()
        tried[index] = common
        left = _explained(products, products.weights, _heard(products, tried))
        if explained - left <= JOIN_GAIN * (1.0 - explained):
            now, explained = tried, left
    return now


def _heard(products: Products, delays: Floats) -> Spectra:
    """Return how each stem is heard in the reference when it lies at its delay: its factor turned by that (2, f, n)."""
    angles, weights = products.angles, products.weights
    turn = np.exp(1j * angles[:, None] * delays)
    gram = ((weights[:, None] * turn)[:, :, None] * np.conj(turn)[:, None, :] * products.gram).sum(
        axis=1
    )
    cross = (weights[:, None] * turn * products.cross).sum(axis=1)
    factors = np.stack([_solved(gram[s].real, cross[s].real) for s in (0, 1)])
    heard: Spectra = factors[:, None, :] * np.conj(turn)
    return heard


def _solved(gram: Floats, cross: Floats) -> Floats:
    scale = np.sqrt(np.maximum(np.diagonal(gram), 0.0))
    plays = scale > 1e-6 * max(float(scale.max()), 1e-30)
    scale = np.where(plays, scale, 1.0)
    unit = gram / np.outer(scale, scale) + _RIDGE * np.eye(scale.size)
    solved = np.linalg.solve(unit, np.where(plays, cross / scale, 0.0))
    factors: Floats = np.where(plays, solved, 0.0) / scale
    return factors


def _explained(products: Products, weights: Floats, heard: Spectra) -> float:
    """Return the share of the reference that stems heard so (2, f, n) explain; 0 where they only add to it."""
    each = (products.gram @ heard[..., None])[..., 0]
    modelled = (np.conj(heard) * each).real.sum(axis=(0, 2))
    product = (np.conj(heard) * products.cross).real.sum(axis=(0, 2))
    whole = float(weights @ products.energy.sum(axis=0))
    taken = float(weights @ (2.0 * product - modelled))
    return max(taken / whole, 0.0) if whole > 0.0 else 0.0


def _lags(spectrum: Spectra, first_bin: int, reach: int) -> Floats:
    """Return the correlation at lags -reach..reach from its bins."""
    whole = np.zeros(FRAME // 2 + 1, np.complex128)
    whole[first_bin : first_bin + spectrum.size] = spectrum
    lags = fourier.irfft(whole, FRAME)
    found: Floats = np.concatenate((lags[-reach:], lags[: reach + 1]))
    return found


def _parabola(values: Floats, at: int) -> float:
    """Return where between its neighbours a peak lies, -0.5..0.5."""
    before, here, after = (float(value) for value in values[at - 1 : at + 2])
    bend = before - 2.0 * here + after
    return float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5)) if bend < 0.0 else 0.0
