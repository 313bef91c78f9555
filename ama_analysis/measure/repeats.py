"""Where a stem's own sound comes back in a mix of other bars: drum hits, samples and loops, laid on the mix piece by piece.

Quarter-second pieces of each stem are looked for in the mix by matched filtering: both are whitened by the mix's smoothed spectrum (the
best filter where the rest of the mix is noise of that spectrum; Turin, IRE Trans. IT-6, 1960), correlated, and found where the peak
stands out of what chance gives. The pieces found, laid at their places, make a copy of the stem as the mix plays it; weighted least
squares of the mix on all copies, side by side, finds the factors, with none below zero. What the copies explain is taken away and the
search repeated (matching pursuit; Mallat & Zhang, IEEE Trans. SP 41, 1993), so that quiet stems come out from under the loud ones.

A copy that is no exact repetition is explained in part, with a factor too small. Each piece has its own factor: exact repetitions agree,
others scatter. The share that agrees says how far a stem's factor can be believed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis import fourier
from ama_analysis.audio import Block
from ama_analysis.bands import Floats
from ama_analysis.measure.moving import moving_mean
from ama_analysis.measure.nonnegative import nonnegative_least_squares

PIECE_S: Final = 0.25
PIECES: Final = 24
"""The loudest so many pieces of a stem (whitened) are looked for; they overlap by half."""
QUIETEST_PIECE: Final = 0.01
"""Of the loudest piece's energy."""
STANDS_OUT: Final = 7.0
"""Standard deviations: chance reaches 5 in the million places that a search has."""
INDEPENDENT_SHARE: Final = 0.5
"""Of a piece's samples: it is tapered, and band-limited a little."""
PASSES: Final = 3
SETTLED: Final = 0.9
"""Agreement from which the last pass has nothing to add."""
AGREE_DB: Final = 1.0
KERNEL_DB: Final = 0.6
FALLS_SHORT_DB: Final = 3.0
"""Pieces that reach this much less than the agreed factor are other notes, and go."""
LOWEST_HZ: Final = 35.0
_WHITENING_FFT: Final = 8192
_BLOCK: Final = 1 << 15
_AT_ONCE: Final = 1 << 15
"""Frames whose products are added up at once, which bounds the memory."""
_FLOOR: Final = 1e-12


@dataclass(frozen=True, slots=True)
class _Place:
    """A piece of a stem (its first frame) and the frame of the mix where it is heard."""

    piece: int
    at: int
    height: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Repeats:
    """What came back of each stem.

    `factors` (stems, 2) on each side, the share 0..1 of pieces that agree and how many they are (stems,); `explained`, the share 0..1 of
    the mix's whitened energy that all copies make up; `copies` gives a stem's copy in the mix, (2, frames).
    """

    factors: Floats
    agreement: Floats
    counts: Floats
    explained: float
    copies: Callable[[int], Block]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Copy:
    places: tuple[_Place, ...] = ()
    samples: Block
    agreement: float = 0.0
    count: int = 0


def repeats_of(
    stems: Sequence[Block],
    mix: Block,
    sample_rate_hz: int,
    *,
    passes: int = PASSES,
    pieces: int = PIECES,
    promising: float = 0.0,
    on_step: Callable[[float], None],
) -> Repeats:
    """Return what of the stems, each (2, frames), comes back in the mix, (2, frames) at the same rate; `on_step` hears 0..1.

    With fewer passes and pieces of each stem less is found, in less time. There is one pass where that explains less than `promising`.
    """
    piece = round(PIECE_S * sample_rate_hz)
    response = _whitening(mix, sample_rate_hz)
    heard = _filtered(mix, response)
    whitened = [_filtered(stem, response) for stem in stems]
    copies = [_Copy(samples=np.zeros_like(heard)) for _ in stems]
    factors: Floats = np.zeros((len(stems), 2))
    rest, explained = heard, 0.0
    for step in range(passes):
        for index, stem in enumerate(whitened):
            on_step((step + index / len(stems)) / passes)
            if step == passes - 1 > 0 and copies[index].agreement > SETTLED:
                continue
            own = factors[index][:, None].astype(np.float32) * copies[index].samples
            copies[index] = _found(stem, rest + own, factors[index], piece, pieces)
        factors = _factors(copies, heard, rest)
        rest = heard - sum(
            (f[:, None].astype(np.float32) * copy.samples)
            for f, copy in zip(factors, copies, strict=True)
        )
        explained = _explained(heard, rest)
        if explained < promising:
            break
    window, frames = _window(piece), mix.shape[1]
    return Repeats(
        factors=factors,
        agreement=np.array([copy.agreement for copy in copies]),
        counts=np.array([copy.count for copy in copies], dtype=np.float64),
        explained=explained,
        copies=lambda index: _laid(stems[index], copies[index].places, frames, window),
    )


def _explained(heard: Block, rest: Block) -> float:
    whole, left = (float(np.square(one, dtype=np.float64).sum()) for one in (heard, rest))
    return max(1.0 - left / whole, 0.0) if whole > 0.0 else 0.0


def _window(piece: int) -> Block:
    """Return the taper of a piece, the root of a Hann window: squared, halves that overlap add up to one."""
    return np.sqrt(np.hanning(piece + 2)[1:-1]).astype(np.float32)


def _whitening(mix: Block, rate: int) -> tuple[Floats, Floats]:
    """Return frequencies and the response that flattens the mix's long-term spectrum, smoothed to a third octave."""
    size = min(_WHITENING_FFT, mix.shape[1])
    freq_hz = np.fft.rfftfreq(size, 1.0 / rate)
    frames = np.lib.stride_tricks.sliding_window_view(mix, size, axis=1)[:, :: max(size // 2, 1)]
    spectra = fourier.rfft(frames * np.hanning(size + 1)[:-1].astype(np.float32))
    mean = np.square(np.abs(spectra), dtype=np.float64).mean(axis=(0, 1)) / (size * rate)
    sums = np.concatenate(([0.0], np.cumsum(mean, dtype=np.float64)))
    bins = np.arange(mean.size)
    low, high = (bins * 2.0 ** (-1 / 6)).astype(int), (bins * 2.0 ** (1 / 6)).astype(int) + 1
    high = np.minimum(high, mean.size)
    smooth = (sums[high] - sums[low]) / np.maximum(high - low, 1)
    smooth = np.maximum(smooth, max(float(smooth.max()) * 1e-7, _FLOOR * 1e-12))
    response = 1.0 / np.sqrt(smooth)
    response[(freq_hz < LOWEST_HZ) | (freq_hz > 0.46 * rate)] = 0.0
    scale = np.sqrt(np.mean(response**2 * smooth))
    return freq_hz / rate, response / max(float(scale), _FLOOR)


def _filtered(samples: Block, response: tuple[Floats, Floats]) -> Block:
    size = fourier.quick_size(samples.shape[1] + _WHITENING_FFT)
    gain = np.interp(np.fft.rfftfreq(size), *response).astype(np.float32)
    spectrum = fourier.rfft(samples, size) * gain
    return fourier.irfft(spectrum, size)[:, : samples.shape[1]]


def _found(stem: Block, heard: Block, factors: Floats, piece: int, pieces: int) -> _Copy:
    """Return the copy of a whitened stem that the mix, less all other stems, holds."""
    sides = np.sqrt(np.square(stem, dtype=np.float64).mean(axis=1))
    if factors.any():
        sides = sides * factors / factors.max()
    weights = (sides / max(float(sides.sum()), _FLOOR)).astype(np.float32)
    in_mix = (factors / factors.max() if factors.any() else np.ones(2)).astype(np.float32)
    window = _window(piece)
    places = _places(
        (stem * (weights * in_mix)[:, None]).sum(axis=0),
        (heard * weights[:, None]).sum(axis=0),
        window,
        pieces,
    )
    side = int(weights.argmax())
    reached = np.array([_reached(place, stem[side], heard[side], window) for place in places])
    agreed, share, count = _agreed(reached, np.array([place.height for place in places]))
    floor = agreed * 10.0 ** (-FALLS_SHORT_DB / 20.0)
    if factors.any():
        places = [place for place, factor in zip(places, reached, strict=True) if factor > floor]
    return _Copy(
        places=tuple(places),
        samples=_laid(stem, places, heard.shape[1], window),
        agreement=share,
        count=count,
    )


def _places(stem: Block, heard: Block, window: Block, pieces: int) -> list[_Place]:
    """Return where pieces of a mono stem stand out of a mono mix; the clearer one where two overlap."""
    found: list[_Place] = []
    piece = window.size
    if stem.size < piece or heard.size < piece:
        return found
    size, stretch = max(_BLOCK, 4 * piece), piece // 2
    step = (size - piece) // stretch * stretch
    count = -(-heard.size // step)
    spectra = _spectra(heard, count, size=size, step=step)
    scales = np.zeros(count * step, np.float32)
    scales[: heard.size] = np.sqrt(INDEPENDENT_SHARE * piece) / np.sqrt(
        _running_energy(heard, piece)
    )
    scale = scales.reshape(count, step)
    heights, product = np.empty_like(scale), np.empty_like(spectra)
    for start in _loudest(stem, piece, pieces):
        tapered = stem[start : start + piece] * window
        tapered /= np.sqrt(np.square(tapered, dtype=np.float64).sum())
        np.multiply(spectra, np.conj(fourier.rfft(tapered, size)), out=product)
        np.multiply(fourier.irfft(product, size)[:, :step], scale, out=heights)
        found += _peaks(heights.reshape(-1, stretch), start)
    return _apart(found, heard.size, piece)


def _loudest(stem: Block, piece: int, pieces: int) -> list[int]:
    starts = np.arange(0, stem.size - piece + 1, piece // 2)
    energy = np.array(
        [np.square(stem[s : s + piece], dtype=np.float64).sum() for s in starts.tolist()]
    )
    order = np.argsort(-energy, kind="stable")[:pieces]
    return [int(starts[i]) for i in order if energy[i] > max(QUIETEST_PIECE * energy.max(), _FLOOR)]


def _spectra(heard: Block, count: int, *, size: int, step: int) -> NDArray[np.complex64]:
    """Return the spectra of overlapping blocks of the mix (overlap-save)."""
    padded = np.zeros((count - 1) * step + size, np.float32)
    padded[: heard.size] = heard
    return fourier.rfft(np.lib.stride_tricks.sliding_window_view(padded, size)[::step])


def _running_energy(heard: Block, piece: int) -> Floats:
    """Return the energy of the mix in the piece's length from each frame on, with a floor."""
    sums = np.concatenate(([0.0], np.cumsum(np.square(heard, dtype=np.float64))))
    ends = np.minimum(np.arange(heard.size) + piece, heard.size)
    floor = 1e-3 * piece * sums[-1] / max(heard.size, 1)
    return np.maximum(sums[ends] - sums[:-1], 0.0) + max(floor, _FLOOR)


def _peaks(rows: Block, start: int) -> list[_Place]:
    """Return the highest place of each stretch of the mix (a row) that stands out."""
    highest = rows.max(axis=1)
    return [
        _Place(start, row * rows.shape[1] + int(rows[row].argmax()), float(highest[row]))
        for row in np.flatnonzero(highest > STANDS_OUT).tolist()
    ]


def _apart(found: Sequence[_Place], frames: int, piece: int) -> list[_Place]:
    """Return places, clearest first, whose middles are not yet taken by clearer ones."""
    taken, kept = np.zeros(frames + piece, dtype=bool), []
    for place in sorted(found, key=lambda p: (-p.height, p.at, p.piece)):
        middle = slice(place.at + piece // 4, place.at + 3 * piece // 4)
        if taken[middle].mean() < 0.3:
            taken[middle] = True
            kept.append(place)
    return kept


def _reached(place: _Place, stem: Block, heard: Block, window: Block) -> float:
    """Return the factor that one piece alone would have."""
    length = min(window.size, heard.size - place.at)
    own = stem[place.piece : place.piece + length]
    tapered = own * np.square(window[:length])
    there = heard[place.at : place.at + length]
    return float(tapered @ there) / max(float(tapered @ own), _FLOOR)


def _agreed(reached: Floats, heights: Floats) -> tuple[float, float, int]:
    """Return the factor on which most pieces agree, the share (by squared height) that does, and their number."""
    some = reached > 0.0
    if not some.any():
        return 0.0, 0.0, 0
    level_db, weights = 20.0 * np.log10(reached[some]), heights[some] ** 2
    grid = np.arange(level_db.min() - 1.0, level_db.max() + 1.0, 0.05)
    apart = (grid[:, None] - level_db[None, :]) / KERNEL_DB
    at = grid[int((np.exp(-0.5 * apart**2) @ weights).argmax())]
    near = np.abs(level_db - at) < AGREE_DB
    agreed = float(np.average(level_db[near], weights=weights[near]))
    return 10.0 ** (agreed / 20.0), float(weights[near].sum() / weights.sum()), int(near.sum())


def _laid(stem: Block, places: Sequence[_Place], frames: int, window: Block) -> Block:
    """Return the pieces of a stem at their places, (2, frames)."""
    piece, squared = window.size, np.square(window)
    copy = np.zeros((2, frames + piece), np.float32)
    weight = np.zeros(frames + piece, np.float32)
    for place in places:
        copy[:, place.at : place.at + piece] += stem[:, place.piece : place.piece + piece] * squared
        weight[place.at : place.at + piece] += squared
    laid: Block = (copy / np.maximum(weight, np.float32(0.5)))[:, :frames].astype(np.float32)
    return laid


def _factors(copies: Sequence[_Copy], heard: Block, rest: Block) -> Floats:
    """Return the factors of the copies in the mix, (stems, 2); what is loud and unexplained counts less."""
    power = np.square(rest, dtype=np.float64).mean(axis=0)
    local = moving_mean(power, 1024)
    weight = 1.0 / np.sqrt(np.maximum(local, max(1e-3 * float(power.mean()), _FLOOR)))
    factors = np.zeros((len(copies), 2))
    for side in (0, 1):
        gram, cross = np.zeros((len(copies), len(copies))), np.zeros(len(copies))
        for at in range(0, weight.size, _AT_ONCE):
            here = slice(at, at + _AT_ONCE)
            rows = np.stack([copy.samples[side, here] for copy in copies]) * weight[here]
            gram += rows @ rows.T
            cross += rows @ (heard[side, here] * weight[here])
        ridge = 1e-6 * float(np.diagonal(gram).max()) + _FLOOR
        factors[:, side] = nonnegative_least_squares(gram + ridge * np.eye(len(copies)), cross)
    return factors


def without(repeats: Repeats, mix: Block, which: Sequence[int]) -> Block:
    """Return the mix less the copies of some stems."""
    rest = mix.copy()
    for index in which:
        rest -= repeats.factors[index][:, None].astype(np.float32) * repeats.copies(index)
    return rest
