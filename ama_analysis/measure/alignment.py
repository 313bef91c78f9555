"""Delay and polarity between two recordings of one source: kick in and out, DI and amplifier, snare top and bottom.

A generalised cross-correlation (Knapp & Carter, IEEE ASSP-24, 1976) over a common section of at most ten seconds, whitened by half (the
cross-spectrum divided by the root of its magnitude: between plain correlation, which a strong low end smears, and the phase transform,
which lets noise vote), over the bins within 50 dB of both spectra's peaks above 30 Hz. The largest magnitude within +-20 ms, refined by a
parabola, gives the delay; its sign the polarity; its height, 1 for a delayed and scaled copy, the coherence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis import fourier
from ama_analysis.audio import AudioFile, Block, Sound
from ama_analysis.bands import Floats
from ama_analysis.roles import Role
from ama_analysis.session import Track

LONGEST_S: Final = 10.0
REACH_MS: Final = 20.0
WHITENING: Final = 0.5
LOWEST_HZ: Final = 30.0
RANGE_DB: Final = 50.0
CLOSE_ROLES: Final[frozenset[Role]] = frozenset(
    {
        "kick",
        "snare",
        "toms",
        "bass",
        "guitar",
        "acoustic guitar",
        "lead vocal",
        "overheads",
    }
)
"""Two tracks of such a role may be two microphones on one source."""
DRUM_ROLES: Final[frozenset[Role]] = frozenset({"kick", "snare", "toms", "overheads", "drums"})
COUNTERPARTS: Final = (
    frozenset({"in", "out", "inside", "outside", "sub"}),
    frozenset({"di", "amp", "mic", "cab", "direct"}),
    frozenset({"top", "bottom", "bot", "btm", "up", "down", "under"}),
    frozenset({"close", "far", "room"}),
    frozenset({"l", "r", "left", "right"}),
    frozenset({"1", "2", "3", "a", "b"}),
)
"""Words that tell two microphones on one source apart."""
_PADDING_S: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """By how much the second lags the first, whether it is upside down, and how alike they are (0..1)."""

    delay_ms: float
    inverted: bool
    coherence: float


def close_pair(first: Track, second: Track) -> bool:
    """Return whether two tracks may be two recordings of one source, by role or by name."""
    if first.role == second.role and first.role in CLOSE_ROLES:
        return True
    if not (first.role == second.role or {first.role, second.role} <= DRUM_ROLES):
        return False
    one, other = (frozenset(_words(track.name)) for track in (first, second))
    apart = one ^ other
    return bool(one & other) and any(apart and apart <= words for words in COUNTERPARTS)


def _words(name: str) -> list[str]:
    spaced = "".join(c.lower() if c.isalnum() else " " for c in name)
    return spaced.split()


def section_of(sound: Sound, start_s: float, stop_s: float) -> Block:
    """Return a part of a sound as mono (1, frames); shorter where the sound ends."""
    rate = sound.sample_rate_hz
    if isinstance(sound, AudioFile):
        stop_s = min(stop_s, sound.duration_s)
        if start_s >= stop_s:
            return np.zeros((1, 0), np.float32)
        parts = [block.mean(axis=0) for block in sound.section(start_s, stop_s).blocks()]
    else:
        parts = _cut_out(sound, round(start_s * rate), round(stop_s * rate))
    return np.concatenate([*parts, np.zeros(0, np.float32)])[None, :]


def _cut_out(sound: Sound, start: int, stop: int) -> list[Block]:
    parts, at = [], 0
    for block in sound.blocks():
        part = block[:, max(start - at, 0) : max(stop - at, 0)]
        parts.append(part.mean(axis=0))
        at += block.shape[1]
        if at >= stop:
            break
    return parts


def align(first: Block, first_rate_hz: int, second: Block, second_rate_hz: int) -> Alignment | None:
    """Return how the second of two mono sections (1, frames) from the same moment lies to the first; None where one holds nothing.

    Rates may differ: the spectra of sections of equal duration share their frequencies.
    """
    whole_s = int(np.ceil(max(first.shape[1] / first_rate_hz, second.shape[1] / second_rate_hz)))
    length_s = max(whole_s, 1) + _PADDING_S
    rate = min(first_rate_hz, second_rate_hz)
    bins = length_s * rate // 2 + 1
    spectra = [
        _spectrum(samples, length_s * own)[:bins] / own
        for samples, own in ((first, first_rate_hz), (second, second_rate_hz))
    ]
    usable = np.arange(bins) >= LOWEST_HZ * length_s
    for spectrum in spectra:
        power = np.abs(spectrum[usable]) ** 2
        peak = float(power.max()) if power.size else 0.0
        if peak <= 0.0:
            return None
        usable &= np.abs(spectrum) ** 2 >= peak * 10.0 ** (-RANGE_DB / 10.0)
    cross = np.where(usable, np.conj(spectra[0]) * spectra[1], 0.0)
    size = np.abs(cross)
    weighted = cross / np.where(size > 0.0, size, 1.0) ** WHITENING
    whole = float(np.abs(weighted).sum())
    return _peak(weighted, length_s * rate, whole, rate) if whole > 0.0 else None


def _spectrum(samples: Block, size: int) -> Floats:
    return fourier.rfft(samples[0].astype(np.float64), size)


def _peak(weighted: Floats, size: int, whole: float, rate: int) -> Alignment:
    lags = fourier.irfft(weighted, size) * (size / (2.0 * whole))
    reach = int(REACH_MS * rate / 1000.0)
    near = np.concatenate((lags[-reach - 1 :], lags[: reach + 2]))
    at = 1 + int(np.abs(near[1:-1]).argmax())
    before, here, after = (float(value) for value in near[at - 1 : at + 2])
    bend = before - 2.0 * here + after
    shift = 0.5 * (before - after) / bend if bend else 0.0
    height = here - 0.25 * (before - after) * shift
    return Alignment(
        delay_ms=1000.0 * (at - reach - 1 + shift) / rate,
        inverted=here < 0.0,
        coherence=min(abs(height), 1.0),
    )
