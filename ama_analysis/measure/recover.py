"""Faders and pans of a mix, read from its audio and the stems: what a DAW would say, without one.

A mix of faders and pans is a sum: its left side is the stems' left sides, each times g (1 - max(p, 0)), its right side the right sides times
g (1 + min(p, 0)); a mono stem plays on both. Least squares on each side finds the factors: the stems' products with each other and with
the mix are summed in one streamed pass (normal equations, 64-bit), scaled to unit power, and solved with no factor below zero (Lawson &
Hanson 1974) but for stems that lie upside down. g is the larger factor, p what the smaller lacks. The mix is laid on the stems first
(`offsets`), to the frame; slips of single stems are used where they explain clearly more. What is no such sum is read by `kin`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ama_analysis.audio import (
    BLOCK_FRAMES,
    AudioFile,
    Block,
    DerivedSound,
    Sound,
    as_stereo,
)
from ama_analysis.bands import Floats
from ama_analysis.measure.kin_faders import without_master_gain
from ama_analysis.measure.nonnegative import nonnegative_least_squares
from ama_analysis.measure.offsets import Offsets, offsets_of
from ama_analysis.measure.pieces import at_rate
from ama_analysis.measure.recover_kin import recover_from_reference
from ama_analysis.measurements import RecoveredFader, RecoveredFaders
from ama_analysis.progress import OnProgress, part_of, silent
from ama_analysis.session import FADER_RANGE_DB, Session, Track

LINEAR_BELOW_DB: Final = -35.0
"""Measured on five sessions: mixes of faders leave -70 dB or less, lossy copies -18 to -32 (where plain least squares is up to 1 dB off), limiters -9 to -13."""
CERTAIN_ERROR: Final = 0.0115
"""0.1 dB as a factor, the accuracy asked of a fader."""
INDEPENDENT_PER_S: Final = 200.0
"""Independent values in a second of music, cautiously: a bandwidth of 100 Hz."""
COLLINEAR_VIF: Final = 1e6
"""Variance inflation of a stem of which all but -60 dB can be made of the others."""
ABSENT_DB: Final = -60.0
"""A stem that plays and is found below this gain is not in the mix."""
ABSENT_POWER: Final = 1e-8
"""A stem whose mean power stays below this (-80 dBFS) is not asked whether the mix lacks it."""
COMMON_BAND: Final = 0.36
"""Of the lower rate, where rates differ: above it resamplers begin to take something away (15.9 kHz at 44.1 kHz)."""
SLIP_GAIN_DB: Final = 1.0
"""By so much must slips lower the residual to be believed."""
_RIDGE: Final = 1e-9
_ROUNDING: Final = 1e-12
"""Power of 32-bit rounding, re the mix."""
_INAUDIBLE: Final = 1e-12
"""Mean power of a side (-120 dBFS) from which on it counts as playing."""
_ONE_SIDED: Final = 1e-8
_STEP_FRAMES: Final = 1 << 15


def recover_faders(
    session: Session,
    sound_of: Callable[[Track], Sound],
    mix: Sound,
    *,
    on_progress: OnProgress = silent,
) -> RecoveredFaders:
    """Return each track's fader and pan in `mix`, a file or samples at any rate; a mono mix counts as left = right.

    A mix that is more than faders (a lossy copy, limited, mastered) is read as `recover_from_reference` reads it, each fader with its standard
    error, and a gain common to all taken out; `kinship` is 0 where it does not hold these stems at all, and then no fader is to be believed.
    Memory is bounded whatever the length. Raises what the sounds raise and what `on_progress` does.
    """
    rate = session.sample_rate_hz
    stems: list[Sound] = [at_rate(sound_of(track), rate) for track in session.tracks]
    own_rate = mix.file_rate_hz if isinstance(mix, AudioFile) else mix.sample_rate_hz
    given, mix = mix, at_rate(mix, rate)
    count = max(len(stems), 1)
    found = offsets_of(
        stems, mix, on_stem=lambda index: on_progress(0.4 * index / count, "aligning the mix")
    )
    if own_rate != rate:
        cutoff_hz = COMMON_BAND * min(own_rate, rate)
        stems, mix = [_Below(stem, cutoff_hz) for stem in stems], _Below(mix, cutoff_hz)
    best, chosen = _best(stems, mix, found, on_progress)
    if best.residual_db >= LINEAR_BELOW_DB and best.mix_power > 0.0:
        kin = recover_from_reference(
            session, sound_of, given, on_progress=part_of(on_progress, 0.7, 1.0)
        )
        if kin is not None:
            return without_master_gain(session, kin)
    on_progress(1.0, "reading the faders")
    return RecoveredFaders(
        faders=tuple(
            replace(_read(track, best, index), slip_ms=1000.0 * chosen.slips[index] / rate)
            for index, track in enumerate(session.tracks)
        ),
        offset_ms=1000.0 * chosen.common / rate,
        residual_db=best.residual_db,
        linear=best.residual_db < LINEAR_BELOW_DB,
        kinship=1.0 if best.residual_db < LINEAR_BELOW_DB else 0.0,
        heard_s=mix.frames / rate,
    )


def residual_db(stems: Sequence[Sound], mix: Sound) -> float:
    """Return what no sum of stems explains of a mix, all at one rate, re the mix: 0 where they have nothing in common, below `LINEAR_BELOW_DB` where it is one."""
    found = offsets_of(stems, mix, on_stem=lambda _: None)
    return _best(stems, mix, found, silent)[0].residual_db


def _best(
    stems: Sequence[Sound], mix: Sound, found: Offsets, on_progress: OnProgress
) -> tuple[_Solution, Offsets]:
    """Return the sum that explains most of a mix, and how the stems lie in it: with their slips only where these are worth it."""
    chosen = replace(found, slips=(0,) * len(stems))
    best = _solved(_sums(stems, mix, chosen, on_progress))
    if any(found.slips):
        slipped = _solved(_sums(stems, mix, found, on_progress))
        if slipped.residual_db < best.residual_db - SLIP_GAIN_DB:
            return slipped, found
    return best, chosen


@dataclass(frozen=True, slots=True)
class _Below(DerivedSound):
    """A sound below a frequency; the same filter on stems and mix leaves the faders as they are."""

    cutoff_hz: float

    def blocks(self, block_frames: int = BLOCK_FRAMES) -> Iterator[Block]:
        """Yield the blocks of the sound through a Butterworth filter of order 8."""
        from scipy import signal

        sections = signal.butter(8, self.cutoff_hz, fs=self.sample_rate_hz, output="sos")
        state = np.zeros((sections.shape[0], self.channels, 2))
        for block in self.sound.blocks(block_frames):
            filtered, state = signal.sosfilt(sections, block, axis=1, zi=state)
            yield filtered.astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Sums:
    """Products summed over time, one matrix a side: stems (2, n, n), stems by mix (2, n), the mix's energy (2,)."""

    gram: Floats
    cross: Floats
    energy: Floats
    frames: int
    duration_s: float


def _sums(stems: Sequence[Sound], mix: Sound, offsets: Offsets, on_progress: OnProgress) -> _Sums:
    count = len(stems)
    gram, cross, energy = np.zeros((2, count, count)), np.zeros((2, count)), np.zeros(2)
    sources = [
        _laid(stem, offsets.common + slip) for stem, slip in zip(stems, offsets.slips, strict=True)
    ]
    at, rows = 0, np.zeros((2, count, _STEP_FRAMES))
    for block in _steps(mix.blocks(_STEP_FRAMES)):
        heard = as_stereo(block).astype(np.float64)
        length = heard.shape[1]
        for index, source in enumerate(sources):
            rows[:, index] = as_stereo(next(source))
        for side in (0, 1):
            now = rows[side, :, :length]
            gram[side] += now @ now.T
            cross[side] += now @ heard[side]
            energy[side] += heard[side] @ heard[side]
        at += length
        on_progress(0.4 + 0.3 * min(at / max(mix.frames, 1), 1.0), "reading the faders")
    return _Sums(
        gram=gram, cross=cross, energy=energy, frames=at, duration_s=at / mix.sample_rate_hz
    )


def _steps(parts: Iterator[Block]) -> Iterator[Block]:
    """Yield blocks of just `_STEP_FRAMES` (the last shorter), whatever comes in."""
    waiting: Block | None = None
    for part in parts:
        joined = part if waiting is None else np.concatenate((waiting, part), axis=1)
        whole = joined.shape[1] - joined.shape[1] % _STEP_FRAMES
        for start in range(0, whole, _STEP_FRAMES):
            yield joined[:, start : start + _STEP_FRAMES]
        waiting = joined[:, whole:].copy()
    if waiting is not None and waiting.shape[1]:
        yield waiting


def _laid(stem: Sound, offset: int) -> Iterator[Block]:
    """Yield whole steps of a stem that begins `offset` frames later than the mix (earlier where negative), silence after its end."""

    def shifted() -> Iterator[Block]:
        if offset > 0:
            yield np.zeros((stem.channels, offset), np.float32)
        skip = max(-offset, 0)
        for block in stem.blocks(_STEP_FRAMES):
            dropped = min(skip, block.shape[1])
            skip -= dropped
            yield block[:, dropped:]

    quiet = np.zeros((stem.channels, _STEP_FRAMES), np.float32)
    for step in _steps(shifted()):
        missing = _STEP_FRAMES - step.shape[1]
        yield np.concatenate((step, quiet[:, :missing]), axis=1) if missing else step
    while True:
        yield quiet


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Solution:
    """Per side and stem: factor (signed), its standard error, the stem's mean power, variance inflation; and the whole's residual."""

    factors: Floats
    errors: Floats
    powers: Floats
    inflation: Floats
    mix_power: float
    residual_db: float


def _solved(sums: _Sums) -> _Solution:
    frames = max(sums.frames, 1)
    powers = np.diagonal(sums.gram, axis1=1, axis2=2) / frames
    factors, inflation = np.zeros_like(powers), np.ones_like(powers)
    signs = _signs(sums, powers)
    for side in (0, 1):
        factors[side], inflation[side] = _side(
            sums.gram[side], sums.cross[side], powers[side] > _INAUDIBLE, signs
        )
    whole = float(sums.energy.sum())
    left = sum(
        sums.energy[s] - 2.0 * factors[s] @ sums.cross[s] + factors[s] @ sums.gram[s] @ factors[s]
        for s in (0, 1)
    )
    share = max(float(left) / whole, _ROUNDING) if whole > 0.0 else 1.0
    independent = max(sums.duration_s * INDEPENDENT_PER_S, 1.0)
    noise = share * whole / frames / 2.0
    errors = np.sqrt(noise * inflation / (independent * np.maximum(powers, _INAUDIBLE)))
    return _Solution(
        factors=factors,
        errors=errors,
        powers=powers,
        inflation=inflation,
        mix_power=whole / frames,
        residual_db=float(10.0 * np.log10(share)),
    )


def _signs(sums: _Sums, powers: Floats) -> Floats:
    """Return -1 for stems that both sides together want upside down, +1 for the others."""
    gram, cross = sums.gram.sum(axis=0), sums.cross.sum(axis=0)
    audible = powers.sum(axis=0) > _INAUDIBLE
    scale = np.where(audible, np.sqrt(np.diagonal(gram)), 1.0)
    scaled = gram / np.outer(scale, scale) + _RIDGE * np.eye(scale.size)
    scaled[~audible, ~audible] = 1.0
    wanted = np.linalg.solve(scaled, cross / scale)
    return np.where(wanted < 0.0, -1.0, 1.0)


def _side(gram: Floats, cross: Floats, audible: Floats, signs: Floats) -> tuple[Floats, Floats]:
    """Return the factors of one side's stems and their variance inflation."""
    factors, inflation = np.zeros(audible.size), np.ones(audible.size)
    index = np.flatnonzero(audible)
    if not index.size:
        return factors, inflation
    scale = np.sqrt(np.diagonal(gram)[index]) * signs[index]
    unit = gram[np.ix_(index, index)] / np.outer(scale, scale) + _RIDGE * np.eye(index.size)
    factors[index] = nonnegative_least_squares(unit, cross[index] / scale) / scale
    inflation[index] = np.diagonal(np.linalg.inv(unit))
    return factors, inflation


def _read(track: Track, solution: _Solution, index: int) -> RecoveredFader:
    """Return one track's fader and pan, or its present ones with the reason why the mix does not tell."""
    factors, errors = np.abs(solution.factors[:, index]), solution.errors[:, index]
    powers = solution.powers[:, index]
    present = RecoveredFader(track=track.id, fader_db=track.fader_db, pan=track.pan, certain=False)
    if solution.mix_power <= 0.0:
        return replace(present, doubt="the mix is silent")
    if powers.max() <= _INAUDIBLE:
        return replace(present, doubt="it is silent")
    plays = powers > _ONE_SIDED * powers.max()
    if (solution.inflation[plays, index] > COLLINEAR_VIF).any():
        return replace(present, doubt="it is the same as other tracks")
    most = float((factors + 3.0 * errors)[plays].max())
    if most < 10.0 ** (ABSENT_DB / 20.0) and powers.max() > ABSENT_POWER:
        return replace(present, certain=True, absent=True)
    gain = float(factors[plays].max())
    if gain <= 0.0 or float(errors[plays].max()) > CERTAIN_ERROR * gain:
        return replace(present, doubt="it is too quiet in the mix")
    left, right = factors / gain if plays.all() else (1.0, 1.0)
    return RecoveredFader(
        track=track.id,
        fader_db=float(np.clip(20.0 * np.log10(gain), *FADER_RANGE_DB)),
        pan=float(1.0 - left if left < right else right - 1.0),
        certain=True,
        inverted=bool(solution.factors[plays, index].min() < 0.0),
        error_db=float(20.0 * np.log10(1.0 + errors[plays].max() / gain)),
    )
