"""Products of stems and mix in cells of time and frequency: all that the fit of faders needs to know of the audio.

A slot is a Hann window of `FRAME` frames, half overlapped; a band is one of about 24 of equal width on the ERB scale, 30 Hz to 16 kHz (or to
where resamplers begin to take something away). A cell holds, for one side, the real products of the stems with each other and their complex
products with the mix, summed over its bins. Slots are merged where many stems would make that too much to keep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ama_analysis import fourier
from ama_analysis.audio import Block, Sound, as_stereo
from ama_analysis.bands import Floats
from ama_analysis.measure.kin_products import Spectra
from ama_analysis.measure.pieces import Pieces

FRAME: Final = 1024
"""About 23 ms: short against what a limiter does; at 2048 the faders of drums came out 0.3 to 1 dB worse from limited mixes."""
BANDS: Final = 24
LOWEST_HZ, HIGHEST_HZ = 30.0, 16_000.0
COMMON_BAND: Final = 0.36
"""Of the rate: above it resamplers begin to take something away (15.9 kHz at 44.1 kHz)."""
MOST_PRODUCTS: Final = 32_000_000
"""Products kept (4 bytes each)."""
_AT_ONCE: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """How sounds lie to each other in frames: the reference `offset` later than the stems, each stem `slips` later in it than the others."""

    offset: float
    slips: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Cells:
    """Per side, slot and band: gram (2, t, b, n, n), cross (2, t, b, n), energy (2, t, b); bins a cell (b,), seconds a slot."""

    gram: Floats
    cross: Spectra
    energy: Floats
    bins: Floats
    slot_s: float


def cells_of(
    stems: Sequence[Sound],
    reference: Sound,
    lying: Lying,
    spans: Sequence[tuple[int, int]],
    top_hz: float,
    *,
    on_span: Callable[[int], None],
) -> Cells:
    """Return the cells within `spans` (start and frames in the stems' time, in order)."""
    rate, count = reference.sample_rate_hz, len(stems)
    edges = _edges(rate, min(top_hz, HIGHEST_HZ, COMMON_BAND * rate))
    slots = sum(_slots(frames) for _, frames in spans)
    merged = max(-(-slots * (edges.size - 1) * 2 * count * count // MOST_PRODUCTS), 1)
    readers = [Pieces(stem) for stem in stems]
    heard = Pieces(reference)
    groups = [_slots(frames) // merged * merged for _, frames in spans]
    shape = (2, sum(groups) // merged, edges.size - 1)
    gram = np.empty((*shape, count, count), np.float32)
    cross, energy = np.empty((*shape, count), np.complex64), np.empty(shape, np.float32)
    at = 0
    for number, (start, _) in enumerate(spans):
        on_span(number)
        if not groups[number]:
            continue
        rows, shifts = _rows(readers, heard, lying, start, (groups[number] + 1) * (FRAME // 2))
        for spectra in _spectra(rows, shifts, merged):
            now = _merged(_products(spectra, edges), merged)
            here = slice(at, at + now[2].shape[1])
            gram[:, here], cross[:, here], energy[:, here] = now
            at = here.stop
    return Cells(
        gram=gram,
        cross=cross,
        energy=energy,
        bins=np.diff(edges).astype(np.float64) * merged,
        slot_s=merged * FRAME / 2 / rate,
    )


def coarser(cells: Cells) -> Cells:
    """Return cells of twice the time."""
    even = cells.energy.shape[1] // 2 * 2
    gram, cross, energy = _merged(
        (cells.gram[:, :even], cells.cross[:, :even], cells.energy[:, :even]), 2
    )
    return Cells(
        gram=gram, cross=cross, energy=energy, bins=2.0 * cells.bins, slot_s=2.0 * cells.slot_s
    )


def some_of(cells: Cells, kept: NDArray[np.bool_]) -> Cells:
    """Return the cells of some slots (t,)."""
    return replace(
        cells, gram=cells.gram[:, kept], cross=cells.cross[:, kept], energy=cells.energy[:, kept]
    )


def _slots(frames: int) -> int:
    return max(frames // (FRAME // 2) - 1, 0)


def _edges(rate: int, top_hz: float) -> Floats:
    """Return the bins at which bands begin, and where the last one ends."""
    hz = np.fft.rfftfreq(FRAME, 1.0 / rate)
    low, high = _erb(np.array([LOWEST_HZ, top_hz]))
    edges: Floats = np.unique(np.searchsorted(_erb(hz), np.linspace(low, high, BANDS + 1)))
    return edges


def _erb(hz: Floats) -> Floats:
    """Return places on the ERB-rate scale (Glasberg & Moore 1990)."""
    rates: Floats = 21.4 * np.log10(1.0 + 0.00437 * hz)
    return rates


def _rows(
    readers: Sequence[Pieces], heard: Pieces, lying: Lying, start: int, length: int
) -> tuple[list[Block], Floats]:
    """Return stereo rows of all stems and the mix, read where they belong together, and the fractions of frames that are left."""
    whole = round(lying.offset)
    rows, shifts = [], []
    for reader, slip in zip(readers, lying.slips, strict=True):
        late = lying.offset - whole + slip
        rows.append(as_stereo(reader.read(start - round(late), length)))
        shifts.append(late - round(late))
    rows.append(as_stereo(heard.read(start + whole, length)))
    return rows, np.array([*shifts, 0.0])


def _spectra(rows: Sequence[Block], shifts: Floats, merged: int) -> Iterator[Spectra]:
    """Yield spectra (2, t, sounds, f) of groups of slots, each sound delayed by its fraction of a frame."""
    window = np.hanning(FRAME + 1)[:-1].astype(np.float32)
    angles = 2.0 * np.pi * np.arange(FRAME // 2 + 1) / FRAME
    turn = np.exp(-1j * shifts[:, None] * angles).astype(np.complex64)
    hop, count = FRAME // 2, rows[0].shape[1] // (FRAME // 2) - 1
    group = max(_AT_ONCE // merged, 1) * merged
    for first in range(0, count, group):
        last = min(first + group, count)
        part = slice(first * hop, (last + 1) * hop)
        framed = np.stack(
            [sliding_window_view(row[:, part], FRAME, axis=1)[:, ::hop] for row in rows]
        )
        spectra = fourier.rfft(framed * window) * turn[:, None, None, :]
        yield spectra.transpose(1, 2, 0, 3)


def _products(spectra: Spectra, edges: Floats) -> tuple[Floats, Spectra, Floats]:
    """Return gram, cross and energy of slots (2, t, b, ...)."""
    sides, slots, sounds, _ = spectra.shape
    count, bands = sounds - 1, edges.size - 1
    gram = np.empty((sides, slots, bands, count, count), np.float32)
    cross = np.empty((sides, slots, bands, count), np.complex64)
    energy = np.empty((sides, slots, bands), np.float32)
    for band in range(bands):
        part = spectra[..., edges[band] : edges[band + 1]]
        stems, mix = part[:, :, :count], part[:, :, count]
        both = np.concatenate((stems.real, stems.imag), axis=-1)
        gram[:, :, band] = both @ both.swapaxes(-1, -2)
        cross[:, :, band] = (np.conj(stems) @ mix[..., None])[..., 0]
        energy[:, :, band] = np.square(np.abs(mix)).sum(axis=-1)
    return gram, cross, energy


def _merged(parts: tuple[Floats, Spectra, Floats], by: int) -> tuple[Floats, Spectra, Floats]:
    """Return products summed over groups of slots."""
    if by == 1:
        return parts
    gram, cross, energy = (
        part.reshape(2, part.shape[1] // by, by, *part.shape[2:]).sum(axis=2) for part in parts
    )
    return gram, cross, energy
