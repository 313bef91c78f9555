"""What the audition's compressor or gate does to this very sound: its gain reduction over time, and the levels at which it came about.

Samples are thinned: every second, fourth or eighth is kept, as many as a compressor's attack needs, or a-exp's. A follower that takes k steps at once over every k-th
sample rests where the whole one does, since the kept samples are spread like all of them. Of sounds longer than two minutes stretches of some
eleven seconds are kept, evenly spread; so memory is bounded. Of a gate's, longer than one minute, half are the loudest: toms are struck seldom.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import BLOCK_FRAMES, Block, Sound
from ama_analysis.plan import Compressor, Gate, Sidechain
from ama_analysis.progress import OnProgress, silent
from ama_bridge.daw.ardour.dynamics.devices import level_db

Floats: TypeAlias = NDArray[np.float32]
Dynamics: TypeAlias = Compressor | Sidechain | Gate

STEP_S: Final = 0.005
"""Gain reductions are compared in steps of about that."""
GATE_WINDOW: Final = 4
"""A gate's steps are so much shorter: what it does is compared in windows of so many of them, wherever these begin."""
PLAYED_DB: Final = -20.0
"""A step counts that lies no more than this below the mean power of what is not silence, as in `suggest.envelope_figures`."""
_SILENCE: Final = 1e-7
"""Power, -70 dBFS."""
_FLOOR_POWER: Final = np.float32(1e-20)
_KEY_FLOOR: Final = np.float32(1e-9)
"""Added to what is heard, so that a gain can be read off where it crosses zero; -180 dBFS."""
_LEAST_RATE_HZ: Final = 11_000.0
_GATE_RATE_HZ: Final = 22_000.0
"""Two samples for a-exp's quickest attack, which opens it at every crest; more change neither its fit nor what is foretold of it."""
_TIMES: Final = 50.0
"""Samples kept an attack of the audition (to 99.8 %): eight a time constant."""
_MOST_SAMPLES: Final = 1_500_000
"""A channel, 6 MB: 2.3 minutes at 11 kHz."""
_STRETCH: Final = 8
"""Blocks a stretch."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Audition:
    """A sound before its compressor or gate, thinned to `rate_hz`, and what the audition does to it.

    All are (detectors, samples): each channel has a detector of its own, a side-chain has one for all. `level_db` is what it hears, `wanted_db`
    the gain reduction without make-up (0 or more), `power` and `k_power` the square of what it turns down, plain and K-weighted. Gain reductions
    are compared in steps of `step` samples; there is a whole number of them.
    """

    rate_hz: float
    step: int
    level_db: Floats
    wanted_db: Floats
    power: Floats
    k_power: Floats

    def stepped(self, samples: Floats) -> Floats:
        """Return samples (detectors, n) as (detectors, steps, samples a step)."""
        return samples.reshape(samples.shape[0], samples.shape[1] // self.step, self.step)

    @property
    def weights(self) -> Floats:
        """Return how much each sample counts in its step, by its power: (detectors, steps, samples a step), each step with a sum of 1."""
        power = self.stepped(self.power + _FLOOR_POWER)
        weights: Floats = power / power.sum(axis=2, keepdims=True)
        return weights

    @property
    def reduction_db(self) -> Floats:
        """Return the gain reduction of each step, (detectors, steps)."""
        reduction: Floats = (self.weights * self.stepped(self.wanted_db)).sum(axis=2)
        return reduction

    @property
    def played(self) -> NDArray[np.bool_]:
        """Return which steps of which detectors count."""
        power = self.stepped(self.power).mean(axis=2)
        audible = power > _SILENCE
        if not audible.any():
            return audible
        gate = float(power[audible].mean(dtype=np.float64)) * 10.0 ** (PLAYED_DB / 10.0)
        played: NDArray[np.bool_] = audible & (power > gate)
        return played


def auditioned(
    sound: Sound,
    action: Dynamics,
    *,
    key: Sound | None = None,
    on_progress: OnProgress = silent,
) -> Audition:
    """Return what the audition's compressor or gate does to a sound; `key` is what a side-chain listens to.

    Lets through what the sounds' blocks (`AudioFileError`) or `on_progress` raise.
    """
    from ama_analysis.measure.loudness import KFilter

    thin = _thinning(sound.sample_rate_hz, action)
    kept = _Kept(sound, thin, with_loudest=isinstance(action, Gate))
    followers = _followers(action, sound, key)
    weighting = KFilter(sound.sample_rate_hz, sound.channels)
    levels, gains, powers, weighted = [], [], [], _Thinned(thin)
    for nth, (block, heard) in enumerate(zip(sound.blocks(), _keys(key), strict=False)):
        on_progress(nth * BLOCK_FRAMES / max(sound.frames, 1), f"following the {action.kind}")
        magnitude = np.abs(block) if heard is None else heard[:, : block.shape[1]]
        gain = _gains(followers, magnitude, block.shape[1])
        for part in weighting.add(block):
            weighted.add(part)
        if kept.block(nth):
            levels.append(level_db(magnitude[:, ::thin]))
            gains.append(gain[:, ::thin])
            powers.append(block[:, ::thin])
    for part in weighting.finish():
        weighted.add(part)
    step_s = STEP_S / GATE_WINDOW if isinstance(action, Gate) else STEP_S
    step = max(round(step_s * sound.sample_rate_hz / thin), 1)
    heavy = kept.of(weighted.joined(sound.channels), BLOCK_FRAMES // thin)
    return _audition(sound, step, thin, (levels, gains, powers), heavy)


def _thinning(rate: int, action: Dynamics) -> int:
    needed = max(_LEAST_RATE_HZ, 1000.0 * _TIMES / action.attack_ms)
    if isinstance(action, Gate):
        needed = _GATE_RATE_HZ
    return next((thin for thin in (8, 4, 2) if rate / thin >= needed), 1)


def _audition(
    sound: Sound,
    step: int,
    thin: int,
    parts: tuple[list[Floats], list[Floats], list[Floats]],
    weighted: Floats,
) -> Audition:
    nothing = np.zeros((sound.channels, 0), np.float32)
    level, gain, plain = (np.concatenate(p, axis=1) if p else nothing for p in parts)
    length = min(plain.shape[1], weighted.shape[1]) // step * step
    reduction = np.log10(np.maximum(gain[:, :length], np.float32(1e-9)))
    reduction *= np.float32(-20.0)
    return Audition(
        rate_hz=sound.sample_rate_hz / thin,
        step=step,
        level_db=np.ascontiguousarray(level[:, :length]),
        wanted_db=reduction,
        power=_power(plain[:, :length], level.shape[0]),
        k_power=_power(weighted[:, :length], level.shape[0]),
    )


def _power(samples: Floats, detectors: int) -> Floats:
    """Return the squares of channels, summed where one detector turns all of them down."""
    squares: Floats = samples * samples
    return squares if detectors == samples.shape[0] else squares.sum(axis=0, keepdims=True)


class _Thinned:
    """Every `thin`-th frame of blocks of any length."""

    def __init__(self, thin: int) -> None:
        self._thin, self._seen = thin, 0
        self._parts: list[Floats] = []

    def add(self, block: Block) -> None:
        self._parts.append(block[:, -self._seen % self._thin :: self._thin].copy())
        self._seen += block.shape[1]

    def joined(self, channels: int) -> Floats:
        return np.concatenate([np.zeros((channels, 0), np.float32), *self._parts], axis=1)


class _Kept:
    """Which blocks of a sound are looked at: all, or stretches of them that are evenly spread, half of them the loudest ones if asked for."""

    def __init__(self, sound: Sound, thin: int, *, with_loudest: bool) -> None:
        self._share = min(_MOST_SAMPLES * thin / max(sound.frames, 1), 1.0)
        self._loudest: frozenset[int] = frozenset()
        if with_loudest and self._share < 1.0:
            self._share /= 2.0
            self._loudest = _loudest(sound, self._share)

    def block(self, nth: int) -> bool:
        """Return whether the nth block is looked at."""
        stretch = nth // _STRETCH
        spread = int((stretch + 1) * self._share) > int(stretch * self._share)
        return spread or stretch in self._loudest

    def of(self, samples: Floats, block: int) -> Floats:
        """Return the looked-at blocks of samples that are there as a whole."""
        if self._share == 1.0:
            return samples
        starts = range(0, samples.shape[1], block)
        kept = [samples[:, s : s + block] for nth, s in enumerate(starts) if self.block(nth)]
        return np.concatenate([samples[:, :0], *kept], axis=1)


def _loudest(sound: Sound, share: float) -> frozenset[int]:
    """Return the loudest stretches of a sound, at most that share of all."""
    energies: list[float] = []
    for nth, block in enumerate(sound.blocks()):
        if nth % _STRETCH == 0:
            energies.append(0.0)
        energies[-1] += float(np.vdot(block, block))
    ranked = sorted(range(len(energies)), key=lambda at: (-energies[at], at))
    return frozenset(ranked[: int(share * len(energies))])


def _keys(key: Sound | None) -> Iterator[Block | None]:
    """Yield the rectified trigger (1, BLOCK_FRAMES), the louder channel, then silence; None for each block where there is no trigger."""
    if key is None:
        yield from repeat(None)
        return
    for block in key.blocks():
        peak = np.max(np.abs(block), axis=0, keepdims=True)
        yield np.pad(peak, ((0, 0), (0, BLOCK_FRAMES - peak.shape[1])))
    yield from repeat(np.zeros((1, BLOCK_FRAMES), np.float32))


def _followers(action: Dynamics, sound: Sound, key: Sound | None) -> list[_Follower]:
    heard = sound.channels if key is None else 1
    return [_Follower(action, sound.sample_rate_hz) for _ in range(heard)]


def _gains(followers: list[_Follower], magnitude: Floats, frames: int) -> Floats:
    """Return the gain (channels or 1, frames) of what each follower hears."""
    gains = [one.gain(magnitude[nth : nth + 1]) for nth, one in enumerate(followers)]
    joined: Floats = np.concatenate(gains, axis=0)[:, :frames]
    return joined


class _Follower:
    """The audition's own device as a gain over time, without make-up: it answers a rectified key with gain times key (`render.strip.Ducking`)."""

    def __init__(self, action: Dynamics, rate: int) -> None:
        from ama_analysis.render.plugins import board_of, compressor_settings, settings_of

        plain = settings_of(action) if isinstance(action, Gate) else compressor_settings(action)
        self._board, self._rate = board_of(plain), rate

    def gain(self, magnitude: Floats) -> Floats:
        key = magnitude + _KEY_FLOOR
        answer: Floats = self._board.process(key, self._rate, reset=False)
        return answer / key
