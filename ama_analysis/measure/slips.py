"""How a reference lies to stems to the fraction of a frame, and which stems slipped against the others.

From products of spectra (`kin_products`), weighted so that each frequency of the reference counts alike, come the least-squares factors of the
stems, side by side, for any delays of the stems, without reading anything again. A stem's own delay is where the correlation of what the
others leave is highest, if that explains clearly more. The share that is explained tells whether the reference is a mix of the stems at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

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
    laid, common = _common(products)
    reach = round(REACH_MS * rate_hz / 1000.0)
    for _ in range(_ROUNDS):
        before = laid
        laid = _slipped(laid, common, reach)
        if laid is before:
            break
    laid = _joined(laid)
    common = _usual(laid.delays, common)
    laid = _settled(laid, common)
    values = max(products.windows * products.energy.size, 1)
    factors, weights = laid.factors, laid.weights
    shares = [_Laid.of(one, weights, laid.delays).explained_by(factors) for one in windows]
    return Lie(
        common=common,
        slips=tuple(float(delay - common) for delay in laid.delays),
        explained=float(np.median(shares)) - 2.0 * count / values,
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Laid:
    """Stems laid on the reference, each at its delay (n,): products summed over frequency, gram (2, n, n) and cross (2, n), turned so (f, n)."""

    products: Products
    weights: Floats
    delays: Floats
    turn: NDArray[Any]
    gram: Floats
    cross: Floats

    @classmethod
    def of(cls, products: Products, weights: Floats, delays: Floats) -> _Laid:
        """Lay all stems."""
        turn = np.exp(1j * products.angles[:, None] * delays)
        weighted = weights[:, None] * turn
        rows = [_row(products, weighted[:, [i]], turn, i) for i in range(delays.size)]
        return cls(
            products=products,
            weights=weights,
            delays=delays,
            turn=turn,
            gram=np.stack(rows, axis=1),
            cross=(weighted * products.cross).sum(axis=1).real,
        )

    def together_at(self, delay: float) -> _Laid:
        """Return the same with all stems, which lie side by side, at another delay."""
        turn = np.exp(1j * self.products.angles * delay)
        delays, turns = (
            np.full_like(self.delays, delay),
            np.repeat(turn[:, None], self.delays.size, 1),
        )
        cross = ((self.weights * turn)[:, None] * self.products.cross).sum(axis=1).real
        return replace(self, delays=delays, turn=turns, cross=cross)

    def moved(self, index: int, delay: float) -> _Laid:
        """Return the same with one stem at another delay."""
        products, delays, turn = self.products, self.delays.copy(), self.turn.copy()
        delays[index], turn[:, index] = delay, np.exp(1j * products.angles * delay)
        weighted = self.weights[:, None] * turn[:, [index]]
        gram, cross = self.gram.copy(), self.cross.copy()
        gram[:, index] = gram[:, :, index] = _row(products, weighted, turn, index)
        cross[:, index] = (weighted * products.cross[:, :, [index]]).sum(axis=(1, 2)).real
        return replace(self, delays=delays, turn=turn, gram=gram, cross=cross)

    @property
    def factors(self) -> Floats:
        """The least-squares factors of the stems, (2, n)."""
        return np.stack([_solved(self.gram[side], self.cross[side]) for side in (0, 1)])

    @property
    def explained(self) -> float:
        """The share of the reference that the stems explain so."""
        return self.explained_by(self.factors)

    def explained_by(self, factors: Floats) -> float:
        """Return the share that they explain with these factors (2, n); 0 where they only add to it."""
        modelled = np.einsum("si,sij,sj->", factors, self.gram, factors)
        taken = float(2.0 * np.sum(factors * self.cross) - modelled)
        whole = float(self.weights @ self.products.energy.sum(axis=0))
        return max(taken / whole, 0.0) if whole > 0.0 else 0.0

    @property
    def heard(self) -> Spectra:
        """How each stem is heard in the reference: its factor turned by its delay, (2, f, n)."""
        heard: Spectra = np.conj(self.turn) * self.factors[:, None, :]
        return heard


def _row(products: Products, weighted: Spectra, turn: Spectra, index: int) -> Floats:
    """Return the products of one stem, turned and weighted (f, 1), with all stems, turned (f, n), summed over frequency, (2, n)."""
    turned = (weighted * np.conj(turn)) * products.gram[:, :, index]
    row: Floats = turned.sum(axis=1).real
    return row


def _common(products: Products) -> tuple[_Laid, float]:
    """Return the stems side by side where all together explain most, and that delay."""
    count = products.cross.shape[2]
    laid = _Laid.of(products, products.weights, np.zeros(count))
    near = [laid.together_at(float(delay)) for delay in range(-NEAR, NEAR + 1)]
    best = max(near, key=lambda one: one.explained)
    product = np.einsum("sfi,sfi->f", np.conj(best.heard), products.cross)
    lags = _lags(laid.weights * product, products.first_bin, 1)
    common = float(best.delays[0]) + _parabola(lags, 1)
    return laid.together_at(common), common


def _slipped(laid: _Laid, common: float, reach: int) -> _Laid:
    """Return the stems with single ones where these explain clearly more; the same where none do."""
    products, heard = laid.products, laid.heard
    now, explained = laid, laid.explained
    turn = laid.weights * np.exp(1j * products.angles * common)
    for index in range(laid.delays.size):
        others = heard.copy()
        others[:, :, index] = 0.0
        left = products.cross[:, :, index] - np.einsum(
            "sfj,sfj->sf", products.gram[:, :, index], others
        )
        sides = [_lags(turn * left[side], products.first_bin, reach) for side in (0, 1)]
        lags = np.hypot(*sides)
        if lags.max() <= SLIP_OVER * lags[reach - 1 : reach + 2].max():
            continue
        at = min(max(int(lags.argmax()), 1), lags.size - 2)
        tried = now.moved(index, common + at - reach + _parabola(lags, at))
        gained = tried.explained
        if gained - explained > SLIP_GAIN * (1.0 - explained):
            now, explained = tried, gained
    return now


def _joined(laid: _Laid) -> _Laid:
    """Return the stems with those that explain more where some other stem lies put there."""
    places = list(dict.fromkeys(laid.delays.tolist()))
    now, explained = laid, laid.explained
    for index in range(laid.delays.size):
        for place in places:
            if place == now.delays[index]:
                continue
            tried = now.moved(index, place)
            gained = tried.explained
            if gained - explained > JOIN_GAIN * (1.0 - explained):
                now, explained = tried, gained
    return now


def _usual(delays: Floats, common: float) -> float:
    """Return the delay near which most stems lie."""
    near = [int((np.abs(delays - delay) < 1.0).sum()) for delay in delays]
    lie_common = int((np.abs(delays - common) < 1.0).sum())
    return float(delays[int(np.argmax(near))]) if max(near) > lie_common else common


def _settled(laid: _Laid, common: float) -> _Laid:
    """Return the stems with those that may as well lie where most do put there."""
    now, explained = laid, laid.explained
    for index in np.flatnonzero(laid.delays != common).tolist():
        tried = now.moved(index, common)
        left = tried.explained
        if explained - left <= JOIN_GAIN * (1.0 - explained):
            now, explained = tried, left
    return now


def _solved(gram: Floats, cross: Floats) -> Floats:
    scale = np.sqrt(np.maximum(np.diagonal(gram), 0.0))
    plays = scale > 1e-6 * max(float(scale.max()), 1e-30)
    scale = np.where(plays, scale, 1.0)
    unit = gram / np.outer(scale, scale) + _RIDGE * np.eye(scale.size)
    solved = np.linalg.solve(unit, np.where(plays, cross / scale, 0.0))
    factors: Floats = np.where(plays, solved, 0.0) / scale
    return factors


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
