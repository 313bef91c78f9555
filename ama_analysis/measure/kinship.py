"""Whether, and where, a reference runs along with stems: at any offset, and cheaply where it does not.

Stems and reference are looked at as mono below 2.7 kHz, flattened in frequency (each bin divided by the level of its 50 Hz) and in time
(each sample by the level of its 0.1 s), which makes the noise-like values of unrelated music nearly independent. Of the stems only short
windows are read, so dense that any overlap holds a few; their sum, each stem as loud as the others, is correlated with the reference.
A correlation is measured against what random signs would give at that lag, the root of the sum of squared products: unrelated music stays
below 7 of these units, mixes of the stems (lossy, limited, mastered) reach 30 to 200. The best lags are candidates, to be looked at closely.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis import fourier
from ama_analysis.audio import Sound
from ama_analysis.bands import Floats
from ama_analysis.measure.moving import moving_mean
from ama_analysis.measure.pieces import Pieces

LOW_RATE_HZ: Final = 5_512.5
WINDOW_S: Final = 3.0
SPACING_S: Final = 15.0
WINDOWS_AN_OVERLAP: Final = 4
"""So many windows at least lie within the shorter of stems and reference (or they touch each other)."""
SEGMENT_S: Final = 600
"""Longer sounds are correlated in segments, which bounds the memory."""
CLEAR: Final = 9.0
"""Units of a random correlation from which on a lag is a candidate; see `tests/measure/test_kin.py` for what unrelated songs reach."""
CANDIDATES: Final = 4
RUNNER_UP: Final = 0.5
"""A second candidate counts when it reaches this share of the best."""
_APART_S: Final = 0.005
_FLAT_HZ: Final = 50.0
_FLAT_S: Final = 0.1
_LEAST_OVERLAP: Final = 0.1
"""Shorter overlaps than this share of the longest count as if they were so long: the end of a fading chord is no evidence."""
_CHUNK_S: Final = 10
_SETTLES: Final = 32
"""Of the low rate's samples the resampler needs before and behind a part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """By how many frames the reference lies later than the stems (to a few frames), and how clearly."""

    offset: int
    clearness: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class StemWindows:
    """Where the stems were looked at: starts (frames), length, and each stem's energy there (stems, windows)."""

    starts: tuple[int, ...]
    frames: int
    energy: Floats


class Probes:
    """What was read of a session's stems, so that several references can be compared with it; for several threads."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._held: dict[tuple[tuple[int, ...], int, int], tuple[Floats, Floats]] = {}
        self._lock = threading.Lock()

    def get(
        self,
        key: tuple[tuple[int, ...], int, int],
        read: Callable[[], tuple[Floats, Floats]],
    ) -> tuple[Floats, Floats]:
        """Return what was read for windows (starts, frames, decimation), reading it where it was not."""
        with self._lock:
            if key not in self._held:
                self._held[key] = read()
            return self._held[key]


def windows_of(
    stems: Sequence[Sound],
    reference: Sound,
    probes: Probes,
    *,
    on_stem: Callable[[int], None],
) -> tuple[StemWindows, Floats, int]:
    """Read the stems' windows; return them, the probe (low rate, from the beginning of the stems) and its decimation.

    `on_stem` hears the number of each stem before it is read.
    """
    rate = reference.sample_rate_hz
    step = max(round(rate / LOW_RATE_HZ), 1)
    length = max((stem.frames for stem in stems), default=0)
    starts, frames = _places(length, reference.frames, rate, step)
    energy, probe = probes.get(
        (starts, frames, step),
        lambda: _probe(stems, starts, frames, step, length, rate, on_stem),
    )
    return StemWindows(starts=starts, frames=frames, energy=energy), probe, step


def _probe(
    stems: Sequence[Sound],
    starts: tuple[int, ...],
    frames: int,
    step: int,
    length: int,
    rate: int,
    on_stem: Callable[[int], None],
) -> tuple[Floats, Floats]:
    """Return each stem's energy in the windows, and the sum of all stems there, each as loud as the others."""
    probe = np.zeros(length // step + 1, np.float32)
    energy = np.zeros((len(stems), len(starts)))
    for index, stem in enumerate(stems):
        on_stem(index)
        pieces = Pieces(stem)
        parts = [_low(pieces, start, frames, step) for start in starts]
        energy[index] = [float(np.square(part, dtype=np.float64).sum()) for part in parts]
        if energy[index].any():
            flat = flattened(np.concatenate(parts), rate / step)
            flat /= np.sqrt(np.square(flat, dtype=np.float64).sum())
            for start, part in zip(starts, np.split(flat, len(starts)), strict=True):
                here = probe[start // step : start // step + part.size]
                here += part[: here.size]
    return energy, probe


def _places(length: int, other: int, rate: int, step: int) -> tuple[tuple[int, ...], int]:
    """Return where the windows begin and how long they are, in frames, both multiples of `step`."""
    frames = min(round(WINDOW_S * rate), max(length, step)) // step * step
    spacing = round(min(min(length, other) / WINDOWS_AN_OVERLAP, SPACING_S * rate))
    spacing = max(spacing, frames) // step * step
    count = max((length - frames) // max(spacing, 1) + 1, 1)
    left = max(length - (count - 1) * spacing - frames, 0) // 2 // step * step
    return tuple(left + k * spacing for k in range(count)), frames


def candidates(
    probe: Floats, step: int, reference: Sound, *, on_chunk: Callable[[float], None]
) -> tuple[Candidate, ...]:
    """Return the clear offsets of a reference against the probe of its stems, the clearest first."""
    rate = reference.sample_rate_hz / step
    size = round(SEGMENT_S * rate)
    found: list[tuple[float, int]] = []
    for begin, heard in _segments(reference, step, size, on_chunk):
        flat = flattened(heard, rate)
        for first in range(0, probe.size, size):
            part = probe[first : first + size]
            if part.any() and flat.any():
                units, lag = _correlated(part, flat)
                found += [
                    (height, begin - first + at - lag)
                    for height, at in _peaks(units, round(_APART_S * rate))
                ]
    found = sorted(found, key=lambda one: (-one[0], one[1]))
    best = found[0][0] if found else 0.0
    clear = [one for one in found if one[0] >= max(CLEAR, RUNNER_UP * best)]
    return tuple(
        Candidate(offset=offset * step, clearness=height) for height, offset in clear[:CANDIDATES]
    )


def _segments(
    reference: Sound, step: int, size: int, on_chunk: Callable[[float], None]
) -> Iterator[tuple[int, Floats]]:
    """Yield where each segment of the reference begins (at the low rate), and the segment."""
    pieces = Pieces(reference)
    chunk = round(_CHUNK_S * reference.sample_rate_hz) // step * step
    parts: list[Floats] = []
    begin = held = 0
    for start in range(0, reference.frames, chunk):
        on_chunk(start / reference.frames)
        frames = max(min(chunk, reference.frames - start) // step, 1) * step
        parts.append(_low(pieces, start, frames, step))
        held += parts[-1].size
        if held >= size or start + chunk >= reference.frames:
            yield begin, np.concatenate(parts)
            begin, held, parts = begin + held, 0, []


def _low(pieces: Pieces, start: int, frames: int, step: int) -> Floats:
    """Return a part as mono at 1/`step` of the rate, (frames // step,)."""
    import soxr

    margin = _SETTLES * step if step > 1 else 0
    wide = pieces.read(start - margin, frames + 2 * margin).mean(axis=0)
    if step == 1:
        return wide
    low: Floats = soxr.resample(wide, step, 1, quality="MQ")
    return low[_SETTLES : _SETTLES + frames // step]


def flattened(samples: Floats, rate_hz: float) -> Floats:
    """Return samples with their level evened out over frequency and time."""
    count = samples.size
    length = fourier.quick_size(count)
    spectrum = fourier.rfft(samples.astype(np.float32), length)
    power = np.square(np.abs(spectrum))
    width = max(round(_FLAT_HZ * length / rate_hz), 1)
    top = float(power.max())
    if top <= 0.0:
        return np.zeros(count, np.float32)
    spectrum /= np.sqrt(moving_mean(power, width) + 1e-9 * top)
    spectrum[:width] = 0.0
    flat = fourier.irfft(spectrum, length)[:count]
    level = moving_mean(np.square(flat), max(round(_FLAT_S * rate_hz), 1))
    even: Floats = (flat / np.sqrt(level + 1e-3 * level.max())).astype(np.float32)
    return even


def _correlated(probe: Floats, heard: Floats) -> tuple[Floats, int]:
    """Return the correlation at every lag in units of a random one, and the index of lag 0."""
    length = fourier.quick_size(probe.size + heard.size)

    def correlation(one: Floats, other: Floats) -> Floats:
        spectra = [fourier.rfft(x.astype(np.float32), length) for x in (one, other)]
        np.conj(spectra[0], out=spectra[0])
        spectra[0] *= spectra[1]
        lags = fourier.irfft(spectra[0], length)
        return np.concatenate((lags[length - probe.size + 1 :], lags[: heard.size]))

    products = correlation(probe, heard)
    chance = correlation(np.square(probe), np.square(heard))
    chance = np.maximum(chance, _LEAST_OVERLAP * float(chance.max()))
    return products / np.sqrt(chance), probe.size - 1


def _peaks(units: Floats, apart: int) -> list[tuple[float, int]]:
    """Return the highest clear magnitudes that lie apart, with their places."""
    left = np.abs(units)
    found = []
    for _ in range(CANDIDATES):
        at = int(left.argmax())
        if left[at] < CLEAR:
            break
        found.append((float(left[at]), at))
        left[max(at - apart, 0) : at + apart + 1] = 0.0
    return found
