"""What a few seconds of a track sound like, in numbers from which its role can be told. Pure numpy.

A window is `WINDOW_S` seconds of the mean of the channels; spectra of 46 ms every 12 ms, in 56 bands equally spaced on the ERB-rate scale. Its figures, level-free:
where the energy lies (of the power and of the levels in dB), how each band moves, how fast (modulation from 1 to 40 Hz in eight groups of bands: syllables
lie at 3 to 6 Hz, tremolo and vibrato above), how tonal and how voiced it is, how steadily its pitch is held, and how notes begin and end. Behind these `TONE`
figures stand those of YAMNet (`yamnet`), whose roots are taken: two descriptions whose errors have little in common.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ama_analysis import fourier
from ama_analysis.audio import Block
from ama_analysis.bands import Floats, band_matrix
from ama_analysis.models import yamnet

WINDOW_S: Final = 3.0
_FRAME_AT_44100: Final = 2048
_HOP_S: Final = 512.0 / 44_100.0
_BANDS: Final = 56
_GROUPS: Final = 8
_LOW_HZ: Final = 25.0
_HIGH_HZ: Final = 16_000.0
_RANGE_DB: Final = 55.0
"""Levels further below the loudest frame of the window count as that far below."""
_PLAYS_DB: Final = -40.0
"""A frame further below the loudest one is a pause."""
_SPEEDS_HZ: Final = (1.0, 2.5, 5.0, 9.0, 16.0, 40.0)
_FLAT_FLOOR: Final = 1e-4
"""Bins further below the mean of a spectrum than 40 dB count as that: what lies there is a codec's or a room's, not the instrument's."""
_TONAL_EVERY: Final = 2
"""Of so many spectra one is looked at for its pitch."""
_LOWEST_PITCH_HZ: Final = 55.0
_HIGHEST_PITCH_HZ: Final = 1000.0
_VOICED: Final = 0.5
"""Height of the autocorrelation's peak from which a frame has a pitch."""
_STEADY: Final = 0.1
_LEAP: Final = 1.0
"""Semitones from frame to frame: less is a held note, more another one, between them a voice glides."""
_SHARES: Final = (0.1, 0.5, 0.9)
TONE: Final = 3 * _BANDS + 2 * _GROUPS + _GROUPS * (len(_SPEEDS_HZ) - 1) + 23
FIGURES: Final = TONE + yamnet.FIGURES
PARTS: Final = (slice(0, TONE), slice(TONE, FIGURES))
"""Where the figures of each kind stand."""


def figures_of(window: Block, sample_rate_hz: int) -> NDArray[np.float32]:
    """Return the `FIGURES` figures of a window (channels, frames); zeros for silence or less than two frames."""
    mono = sum(window[1:], window[0].copy()) / np.float32(window.shape[0])
    size = int(_FRAME_AT_44100 * 2.0 ** round(np.log2(sample_rate_hz / 44_100)))
    hop = max(1, round(_HOP_S * sample_rate_hz))
    if mono.size < size + hop or not np.any(mono):
        return np.zeros(FIGURES, np.float32)
    mono = mono / np.abs(mono).max()
    return np.concatenate((_tone(mono, size, hop, sample_rate_hz), _heard(mono, sample_rate_hz)))


def _heard(mono: NDArray[np.float32], sample_rate_hz: int) -> NDArray[np.float32]:
    """Return the roots of YAMNet's figures of a window, which silence follows where it is short."""
    whole = np.zeros(round(WINDOW_S * yamnet.RATE_HZ), np.float32)
    frames = min(round(mono.size * yamnet.RATE_HZ / sample_rate_hz), whole.size)
    spectrum = fourier.rfft(np.ascontiguousarray(mono)[None])[:, : frames // 2 + 1]
    whole[:frames] = fourier.irfft(np.ascontiguousarray(spectrum), frames)[0]
    whole /= max(float(np.abs(whole).max()), 1e-9)
    return np.sqrt(yamnet.figures_of_sound(whole).astype(np.float16), dtype=np.float32)


def _tone(
    mono: NDArray[np.float32], size: int, hop: int, sample_rate_hz: int
) -> NDArray[np.float32]:
    frames = sliding_window_view(mono, size)[::hop]
    spectra = fourier.rfft(frames * _hann(size))
    power = np.square(np.abs(spectra), dtype=np.float32)
    bands = power @ _bands(size, sample_rate_hz)
    total = bands.sum(axis=1)
    floor = max(float(total.max()), 1e-12) * 10.0 ** (-_RANGE_DB / 10.0)
    level_db = 10.0 * np.log10((bands + floor) / (floor * 10.0 ** (_RANGE_DB / 10.0)))
    whole_db = 10.0 * np.log10((total + floor) / float(total.max()))
    parts = (
        *_shape(bands, level_db),
        _speeds(level_db),
        _tonal(power[::_TONAL_EVERY], size, sample_rate_hz, total[::_TONAL_EVERY]),
        _course(whole_db),
    )
    return np.concatenate(parts).astype(np.float32)


@lru_cache(maxsize=8)
def _hann(size: int) -> NDArray[np.float32]:
    return np.sin(np.pi * np.arange(size) / size).astype(np.float32) ** 2


@lru_cache(maxsize=8)
def _bands(size: int, sample_rate_hz: int) -> NDArray[np.float32]:
    """Return (bins, bands); Glasberg and Moore's scale (Hearing Research 47, 1990)."""
    low, high = (21.4 * np.log10(1.0 + 0.00437 * hz) for hz in (_LOW_HZ, _HIGH_HZ))
    edges = (10.0 ** (np.linspace(low, high, _BANDS + 1) / 21.4) - 1.0) / 0.00437
    matrix = band_matrix(edges, np.fft.rfftfreq(size, 1.0 / sample_rate_hz))
    return np.ascontiguousarray(matrix.T, dtype=np.float32)


def _grouped(values: Floats) -> Floats:
    """Return the means of the groups of bands in the last axis."""
    return values.reshape(*values.shape[:-1], _GROUPS, -1).mean(axis=-1)


def _shape(bands: Floats, level_db: Floats) -> tuple[Floats, ...]:
    """Return the bands' shares of the power, their mean levels and spreads, and how fast groups of them rise and fall, all in dB."""
    share = bands.sum(axis=0, dtype=np.float64)
    share_db = 10.0 * np.log10(share / share.sum() + 10.0 ** (-_RANGE_DB / 10.0))
    steps = np.diff(level_db, axis=0)
    rise, fall = (np.maximum(way * steps, 0.0).mean(axis=0) for way in (1.0, -1.0))
    return share_db, level_db.mean(axis=0), level_db.std(axis=0), _grouped(rise), _grouped(fall)


def _speeds(level_db: Floats) -> Floats:
    """Return how the movement of each group's level is shared out over `_SPEEDS_HZ`: logarithms of amplitudes in dB."""
    course = _grouped(level_db)
    course = course - course.mean(axis=0)
    hann = np.hanning(course.shape[0])[:, None]
    power = np.square(np.abs(np.fft.rfft(course * hann, axis=0))) / np.square(hann).sum()
    speed = np.fft.rfftfreq(course.shape[0], _HOP_S)
    cuts = np.searchsorted(speed, _SPEEDS_HZ)
    sums = [power[a:b].sum(axis=0) for a, b in pairwise(cuts)]
    return 5.0 * np.log10(np.stack(sums) / course.shape[0] + 1e-3).ravel()


def _tonal(power: Floats, size: int, sample_rate_hz: int, total: Floats) -> Floats:
    """Return how flat spectra are and how high the autocorrelation's peaks, and what the pitch does where there is one; loud frames count."""
    heard = total >= float(total.max()) * 10.0 ** (_PLAYS_DB / 10.0)
    power = power[heard]
    hz = np.fft.rfftfreq(size, 1.0 / sample_rate_hz)
    within = power[:, (hz > 100.0) & (hz < 6000.0)]
    within = within + _FLAT_FLOOR * within.mean(axis=1, keepdims=True) + 1e-12
    flat_db = 10.0 * (np.log10(within).mean(axis=1) - np.log10(within.mean(axis=1)))
    lags = fourier.irfft(np.sqrt(power).astype(np.complex64), size)
    first, last = (int(sample_rate_hz / f) for f in (_HIGHEST_PITCH_HZ, _LOWEST_PITCH_HZ))
    near = lags[:, first : min(last, size // 2)] / np.maximum(lags[:, :1], 1e-12)
    peak = near.max(axis=1)
    pitch = 12.0 * np.log2(sample_rate_hz / (first + near.argmax(axis=1)) / _LOWEST_PITCH_HZ)
    voiced = peak > _VOICED
    step = np.abs(np.diff(pitch))[voiced[1:] & voiced[:-1]]
    moves = (step < _STEADY, (step >= _STEADY) & (step < _LEAP), step >= _LEAP)
    return np.array(
        [
            *np.quantile(flat_db, _SHARES),
            *(10.0 * np.quantile(peak, _SHARES)),
            *(np.quantile(pitch[voiced], _SHARES) / 3.0 if voiced.any() else (0.0, 0.0, 0.0)),
            10.0 * voiced.mean(),
            10.0 * near.std(),
            *(10.0 * (each.mean() if step.size else 0.0) for each in moves),
        ]
    )


def _course(whole_db: Floats) -> Floats:
    """Return how much of the window plays, and how its level rises, falls and is spread."""
    steps = np.diff(whole_db)
    rises = np.sort(steps)[::-1]
    onsets = (steps[1:-1] > 6.0) & (steps[1:-1] >= steps[2:]) & (steps[1:-1] >= steps[:-2])
    return np.array(
        [
            10.0 * (whole_db > _PLAYS_DB).mean(),
            *(np.quantile(whole_db, _SHARES) / 3.0),
            rises[: max(rises.size // 50, 1)].mean(),
            -np.quantile(steps, 0.05),
            float(whole_db.std()),
            onsets.sum() / (whole_db.size * _HOP_S),
            float(10.0 * np.log10(np.mean(10.0 ** (whole_db / 10.0)))),
        ]
    )
