"""Settings of a-exp under which this very sound comes out of it as it comes out of the audition's gate.

The two are different devices: the audition's looks at the wave's envelope, a-exp at single samples (`a_exp`). What is compared is what is heard: the
level behind them, in windows of 5 ms and in dB, over a floor that lies 30 dB below the hits (`Heard.floor`). So an opening that comes late and
a tail that is cut too soon count in full, and how far down each has the bleed when neither is heard counts nothing in the error; to the search it
counts a little. Attack, release, knee, threshold and ratio are searched together (`search`) on pieces of the sound, those from which the gate
takes most and as many evenly spread. No chance is involved: the same sound gives the same settings.

The figures in the result are of the whole sound, by the model of `a_exp`. The error against the real plugin: tests/daw/ardour/test_gate_fit.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Sound
from ama_analysis.plan import Gate
from ama_analysis.progress import OnProgress, silent
from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.dynamics.a_exp import MOST_DB, AExp, static_db
from ama_bridge.daw.ardour.dynamics.audition import GATE_WINDOW, Audition, auditioned
from ama_bridge.daw.ardour.dynamics.devices import followed
from ama_bridge.daw.ardour.dynamics.lanes import followed_whole
from ama_bridge.daw.ardour.dynamics.pieces import Pieces, pieces_of
from ama_bridge.daw.ardour.dynamics.search import Point, searched

Floats: TypeAlias = NDArray[np.float32]

HEARD_DB: Final = -30.0
"""What is further below the hits than that is not heard beside them: 16 to 24 dB below the mean level of six drum stems, about as `audition.PLAYED_DB`."""
DEEP_DB: Final = -60.0
_DEEP_WEIGHT: Final = 0.25
"""Down to there a difference counts a sixteenth: what lies between the hits is to be turned down about as far, too."""
_CLOSED_DB: Final = 6.0
"""A step that the audition turns down by more lies between the hits."""
_RELEASES: Final = (1.0, 3.0, 8.0)
_SLOPES: Final = (1.0, 3.0)
_OFFSETS_DB: Final = (0.0, -3.0)
"""Starts: multiples of the audition's release and of its ratio less 1, thresholds beside its own; so fits of typical settings end."""
_START_KNEE: Final = 0.1
_LEAST_DB: Final = 0.01
"""Counted for a step from which nothing is taken, so that pieces of these have a score."""
_LEAST_POWER: Final = 1e-12


class _Place(NamedTuple):
    """Where the search stands; the slope is ratio - 1."""

    log_attack: float
    log_release: float
    knee: float
    threshold_db: float
    log_slope: float

    def setting(self) -> AExp:
        """Return the settings for it."""
        return AExp(
            attack_ms=math.exp(self.log_attack),
            release_ms=math.exp(self.log_release),
            knee=self.knee,
            ratio=1.0 + math.exp(self.log_slope),
            threshold_db=self.threshold_db,
        )


_PORTS: Final = ace.PORTS[ace.EXPANDER]
_LEAST_SLOPE: Final = 0.01
_LOWEST: Final = _Place(
    *(math.log(_PORTS[0].low), math.log(_PORTS[1].low), _PORTS[2].low, _PORTS[4].low),
    math.log(_LEAST_SLOPE),
)
_HIGHEST: Final = _Place(
    *(math.log(_PORTS[0].high), math.log(_PORTS[1].high), _PORTS[2].high, _PORTS[4].high),
    math.log(_PORTS[3].high - 1.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedGate:
    """a-exp in the place of an audition's gate, and how near it comes.

    `error_rms_db` is the RMS difference of the levels behind the two where either is heard. `closed_db` is how far the audition turns down what lies
    between the hits, `our_closed_db` how far a-exp does; both 0 where the audition stays open.
    """

    settings: AExp
    error_rms_db: float
    closed_db: float
    our_closed_db: float

    @property
    def note(self) -> str:
        """Say in words how near it comes."""
        near = f"level within {self.error_rms_db:.2f} dB RMS of the audition's"
        if not self.closed_db:
            return near
        return f"{near}, between the hits {self.our_closed_db:.0f} dB down (audition: {self.closed_db:.0f} dB)"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heard:
    """What is heard of a sound, in windows of 5 ms of which one begins with each step.

    Powers (detectors, windows) `before` the gate and `behind` the audition's. `hits` is the power of what comes through: the mean behind the gate,
    each window weighed by its power, so that pauses do not count.
    """

    before: Floats
    behind: Floats
    hits: float

    @classmethod
    def of(cls, steps: Floats, passed: Floats) -> Heard:
        """Return what is heard of the power of steps before a gate and of the share of it that passes, (detectors, steps)."""
        before, behind = windows(steps), windows(steps * passed)
        whole = float(behind.sum(dtype=np.float64))
        square = float(np.square(behind, dtype=np.float64).sum())
        return cls(before=before, behind=behind, hits=square / max(whole, _LEAST_POWER))

    def floor(self, below_db: float) -> float:
        """Return the power that lies so far (dB, less than 0) from the hits, or where silence begins."""
        return max(self.hits * 10.0 ** (below_db / 10.0), _LEAST_POWER)

    def level_db(self, power: Floats, below_db: float) -> Floats:
        """Return levels over a floor, dB."""
        levels: Floats = 10.0 * np.log10(power / np.float32(self.floor(below_db)) + np.float32(1.0))
        return levels

    def down_db(self, behind: Floats) -> Floats:
        """Return how far levels behind a gate lie below those before it, dB."""
        return self.level_db(self.before, DEEP_DB) - self.level_db(behind, DEEP_DB)


def windows(steps: Floats) -> Floats:
    """Return the mean power of windows, (..., windows), from that of steps, (..., steps): a window begins with each step that has enough behind it."""
    count = max(steps.shape[-1] - GATE_WINDOW + 1, 0)
    parts = [steps[..., nth : nth + count] for nth in range(GATE_WINDOW)]
    means: Floats = np.mean(parts, axis=0)
    return means


def _passed(audition: Audition, gain_db: Floats) -> Floats:
    """Return the share of power that a gain (detectors, samples) leaves of each step."""
    left = audition.stepped(10.0 ** (gain_db / np.float32(10.0)))
    shares: Floats = (audition.weights * left).sum(axis=2)
    return shares


def fitted_gate(sound: Sound, action: Gate, *, on_progress: OnProgress = silent) -> FittedGate:
    """Return the fit for a sound as it arrives at the gate.

    The channels of a stereo sound have detectors of their own, as in the audition: so they have in Ardour where the mono plugin sits on a stereo
    track (it runs one for each channel). Lets through what the sound's blocks or `on_progress` raise.
    """
    return fitted_gate_to(auditioned(sound, action, on_progress=on_progress), action)


def fitted_gate_to(audition: Audition, action: Gate) -> FittedGate:
    """Return the fit for a sound whose audition is known."""
    steps = audition.stepped(audition.power).mean(axis=2)
    heard = Heard.of(steps, _passed(audition, -audition.wanted_db))
    setting = _best(audition, heard, steps, action)
    gain = followed_whole(
        audition, setting, lambda level: static_db(level, setting), _begin(audition.wanted_db)
    )
    ours = windows(steps * _passed(audition, gain))
    apart = heard.level_db(ours, HEARD_DB) - heard.level_db(heard.behind, HEARD_DB)
    counts = np.maximum(ours, heard.behind) > heard.floor(HEARD_DB)
    down_db = heard.down_db(heard.behind)
    closed = down_db > _CLOSED_DB
    return FittedGate(
        settings=setting,
        error_rms_db=math.sqrt(_mean(np.square(apart[counts]))),
        closed_db=_mean(down_db[closed]),
        our_closed_db=_mean(heard.down_db(ours)[closed]),
    )


def _mean(values: Floats) -> float:
    return float(np.mean(values, dtype=np.float64)) if values.size else 0.0


def _begin(wanted_db: Floats) -> Floats:
    """Return from which gain a-exp begins where the audition turns down so far."""
    return -np.minimum(wanted_db, np.float32(MOST_DB))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tried:
    """What a place gives: differences of the levels that are heard (dB), and their squares' sum."""

    apart: Floats
    cost: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Problem:
    """To sound as pieces of the audition.

    `power` is that of the pieces' steps before the gate, (lanes, steps), `counts` which windows of them count, (lanes, windows), and `behind` their
    power behind the audition's gate.
    """

    pieces: Pieces
    heard: Heard
    power: Floats
    counts: NDArray[np.bool_]
    behind: Floats
    steps: Point = (0.05, 0.05, 0.1, 0.3, 0.05)
    highest: Point = _HIGHEST

    def within(self, point: Point) -> Point:
        ends = zip(point, _LOWEST, _HIGHEST, strict=True)
        place = _Place(*(min(max(value, low), high) for value, low, high in ends))
        return place._replace(log_attack=min(place.log_attack, place.log_release))

    def tried(self, points: Sequence[Point]) -> list[_Tried]:
        settings = [_Place(*point).setting() for point in points]
        asked = np.stack([static_db(self.pieces.level_db, one) for one in settings], axis=1)
        gain = followed(asked, *self.pieces.speeds(settings), _begin(self.pieces.begin_db))
        gain *= np.float32(math.log(10.0) / 10.0)
        left = np.exp(gain, out=gain)
        left *= self.pieces.weights[:, None]
        shares = left.reshape(len(left) // self.pieces.step, self.pieces.step, *left.shape[1:]).sum(
            axis=1
        )
        passed = shares[-self.power.shape[1] :].transpose(1, 2, 0)
        return [self._judged(windows(self.power * one)[self.counts]) for one in passed]

    def _judged(self, ours: Floats) -> _Tried:
        apart = np.concatenate(
            [
                np.float32(weight)
                * (self.heard.level_db(ours, below) - self.heard.level_db(self.behind, below))
                for below, weight in ((HEARD_DB, 1.0), (DEEP_DB, _DEEP_WEIGHT))
            ]
        )
        return _Tried(apart=apart, cost=float(apart @ apart))


def _best(audition: Audition, heard: Heard, steps: Floats, action: Gate) -> AExp:
    """Return the settings that come nearest on the pieces."""
    counted = heard.before > heard.floor(DEEP_DB)
    taken = heard.down_db(heard.behind) + np.float32(_LEAST_DB)
    around = ((0, 0), (0, steps.shape[1] - counted.shape[1]))
    score = np.pad(np.where(counted, taken, np.float32(0.0)), around)
    pieces = pieces_of(audition, score, action.release_ms)
    inside = pieces.of(np.pad(counted, around)).T[:, : 1 - GATE_WINDOW]
    behind = pieces.of(np.pad(heard.behind, around)).T[:, : 1 - GATE_WINDOW]
    problem = _Problem(
        pieces=pieces,
        heard=heard,
        power=pieces.of(steps).T,
        counts=inside,
        behind=behind[inside],
    )
    slope = max(action.ratio - 1.0, _LEAST_SLOPE)
    starts = [
        _Place(
            math.log(_PORTS[0].low),
            math.log(release * action.release_ms),
            _START_KNEE,
            action.threshold_db + offset_db,
            math.log(steeper * slope),
        )
        for release, steeper, offset_db in product(_RELEASES, _SLOPES, _OFFSETS_DB)
    ]
    return _Place(*searched(problem, starts).point).setting().dialled()
