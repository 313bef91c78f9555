"""What AMA suggests: actions, suggestions and the plan that holds them.

`Action` is a closed union: every consumer matches on it and ends in `assert_never`, so that the type checker names each place
that must learn a new kind. An action that exists is valid (checked in `__post_init__`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Self, TypeAlias, get_args

from ama_analysis.measurements import Levels, MixProfile, SessionMeasurements
from ama_analysis.session import FADER_RANGE_DB, Session

SCHEMA: Final = "ama.plan/1"
MASTER: Final = "master"
"""The track name by which a suggestion means the master bus."""
FADER_MOVE_MOST_DB: Final = 60.0
"""How far a suggestion may move a fader."""

FilterShape: TypeAlias = Literal["bell", "low_shelf", "high_shelf"]


def _check(name: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        message = f"{name} is {value!r}, it must lie between {low:g} and {high:g}"
        raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """Move a fader by `delta_db`, to `fader_db`."""

    delta_db: float
    fader_db: float
    kind: Literal["gain"] = "gain"

    def __post_init__(self) -> None:
        _check("delta_db", self.delta_db, -FADER_MOVE_MOST_DB, FADER_MOVE_MOST_DB)
        _check("fader_db", self.fader_db, *FADER_RANGE_DB)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pan:
    """Set the balance, -1 left to +1 right (absolute)."""

    pan: float
    kind: Literal["pan"] = "pan"

    def __post_init__(self) -> None:
        _check("pan", self.pan, -1.0, 1.0)


def _check_slope(slope_db_per_oct: float) -> None:
    if slope_db_per_oct not in SLOPES_DB_PER_OCT:
        message = f"slope_db_per_oct is {slope_db_per_oct!r}, it must be one of {SLOPES_DB_PER_OCT}"
        raise ValueError(message)


SLOPES_DB_PER_OCT: Final = (6, 12, 18, 24, 36, 48)


@dataclass(frozen=True, slots=True, kw_only=True)
class HighPass:
    """Butterworth high-pass, -3 dB at `cutoff_hz`."""

    cutoff_hz: float
    slope_db_per_oct: int = 12
    kind: Literal["high_pass"] = "high_pass"

    def __post_init__(self) -> None:
        _check("cutoff_hz", self.cutoff_hz, 5.0, 20_000.0)
        _check_slope(self.slope_db_per_oct)


@dataclass(frozen=True, slots=True, kw_only=True)
class LowPass:
    """Butterworth low-pass, -3 dB at `cutoff_hz`."""

    cutoff_hz: float
    slope_db_per_oct: int = 12
    kind: Literal["low_pass"] = "low_pass"

    def __post_init__(self) -> None:
        _check("cutoff_hz", self.cutoff_hz, 20.0, 40_000.0)
        _check_slope(self.slope_db_per_oct)


def _check_band(freq_hz: float, gain_db: float, q: float) -> None:
    _check("freq_hz", freq_hz, 10.0, 40_000.0)
    _check("gain_db", gain_db, -24.0, 24.0)
    _check("q", q, 0.1, 20.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EqBand:
    """One equaliser band of a track; the shapes are those of the RBJ cookbook, shelves too take `q`."""

    type: FilterShape
    freq_hz: float
    gain_db: float
    q: float
    kind: Literal["eq_band"] = "eq_band"

    def __post_init__(self) -> None:
        _check_band(self.freq_hz, self.gain_db, self.q)


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterEq:
    """One equaliser band of the master bus."""

    type: FilterShape
    freq_hz: float
    gain_db: float
    q: float
    kind: Literal["master_eq"] = "master_eq"

    def __post_init__(self) -> None:
        _check_band(self.freq_hz, self.gain_db, self.q)


def _check_follower(action: Compressor | Sidechain | Gate) -> None:
    _check("threshold_db", action.threshold_db, -80.0, 0.0)
    _check("ratio", action.ratio, 1.0, 20.0)
    _check("attack_ms", action.attack_ms, 0.01, 500.0)
    _check("release_ms", action.release_ms, 1.0, 5000.0)


def _check_compressor(action: Compressor | Sidechain) -> None:
    _check_follower(action)
    _check("knee_db", action.knee_db, 0.0, 24.0)
    _check("makeup_db", action.makeup_db, -24.0, 24.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compressor:
    """Downward compressor, peak sensing; on a track before its fader, or on the master."""

    threshold_db: float
    ratio: float
    attack_ms: float
    release_ms: float
    knee_db: float = 0.0
    makeup_db: float = 0.0
    kind: Literal["compressor"] = "compressor"

    def __post_init__(self) -> None:
        _check_compressor(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidechain:
    """A compressor on this track that listens to the track `trigger` (its stem before the fader)."""

    trigger: str
    threshold_db: float
    ratio: float
    attack_ms: float
    release_ms: float
    knee_db: float = 0.0
    makeup_db: float = 0.0
    kind: Literal["sidechain"] = "sidechain"

    def __post_init__(self) -> None:
        _check_compressor(self)
        if not self.trigger:
            message = "trigger must name a track"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Downward expander on a track, the first thing behind its stem: what stays below the threshold is turned down, `ratio` dB for each dB."""

    threshold_db: float
    ratio: float
    attack_ms: float
    release_ms: float
    kind: Literal["gate"] = "gate"

    def __post_init__(self) -> None:
        _check_follower(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polarity:
    """Turn the polarity and/or delay the track by `delay_ms` (0 or more) to line it up with its partner."""

    invert: bool
    delay_ms: float = 0.0
    kind: Literal["polarity"] = "polarity"

    def __post_init__(self) -> None:
        _check("delay_ms", self.delay_ms, 0.0, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limiter:
    """Master gain `gain_db`, then a limiter that holds the true peak at or below `ceiling_dbtp`."""

    ceiling_dbtp: float
    gain_db: float
    kind: Literal["limiter"] = "limiter"

    def __post_init__(self) -> None:
        _check("ceiling_dbtp", self.ceiling_dbtp, -24.0, 0.0)
        _check("gain_db", self.gain_db, -120.0, 120.0)


Action: TypeAlias = (
    Gain
    | Pan
    | HighPass
    | LowPass
    | EqBand
    | Compressor
    | Sidechain
    | Gate
    | Polarity
    | MasterEq
    | Limiter
)
ACTIONS: Final[tuple[type[Action], ...]] = get_args(Action)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one suggestion brings: the plan with it against the plan without it, rendered and measured.

    `distance_delta` is negative where the suggestion brings the mix nearer to the target. `excerpt_s` says how much audio the two
    renders had. `marked` is true where the suggestion serves its role and not the distance (it does not bring the mix nearer), `predicted`
    where the figures follow from the session's cross-spectra and hold for the whole mix; `checked_delta` is then what the two renders of
    an excerpt of `excerpt_s` say, for the largest ones (None for the others). `disputed` is true where the two do not agree.
    """

    distance_delta: float
    tonal_delta_db: float
    width_delta_db: float
    track_loudness_delta_lu: float | None
    excerpt_s: float
    marked: bool = False
    predicted: bool = False
    checked_delta: float | None = None
    disputed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One action on one track (or on "master"), with its reason in words and its measured effect.

    `id` is derived, `rule:track` (`rule:track:n` where a rule speaks more than once of a track); `confidence` is 0..1; `learned_db` is the
    part of a fader's place that is there because this user usually has the role so (`preferences`).
    """

    id: str
    track: str
    action: Action
    because: str
    confidence: float
    effect: Effect | None = None
    learned_db: float = 0.0

    def __post_init__(self) -> None:
        _check("learned_db", self.learned_db, -FADER_MOVE_MOST_DB, FADER_MOVE_MOST_DB)
        _check("confidence", self.confidence, 0.0, 1.0)
        if not self.id:
            message = "a suggestion has no id"
            raise ValueError(message)
        if not self.because:
            message = f"suggestion {self.id} gives no reason"
            raise ValueError(message)

    @property
    def rule(self) -> str:
        """The id of the rule that spoke."""
        return self.id.partition(":")[0]

    @property
    def tail(self) -> str:
        """What follows the track in the id: ":n" where the rule speaks more than once of it, else nothing."""
        return self.id.removeprefix(f"{self.rule}:{self.track}")

    def with_effect(self, effect: Effect) -> Self:
        """Return the same suggestion with its measured effect."""
        return replace(self, effect=effect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The whole plan, rendered and measured: distance to the target before and after, in total and by part.

    The three profiles are what the distances were computed from; `aim_spread_db` is the target's deadband in the 28 third-octaves.
    """

    metric: str
    before: float
    after: float
    parts: dict[str, tuple[float, float]]
    mix_before: MixProfile
    mix_after: MixProfile
    aim: MixProfile
    aim_spread_db: Levels


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSummary:
    """What the plan aims at, in a few words and figures."""

    name: str
    kind: Literal["style", "reference"]
    references: tuple[str, ...] = ()
    loudness_lufs: float
    ceiling_dbtp: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MixPlan:
    """The session, its measurements, the suggestions, and the verified before and after.

    `dropped` was tried and left out, since it took the mix away from its target; each with what it did, in the order of the tracks.
    """

    engine: str
    target: TargetSummary
    session: Session
    measurements: SessionMeasurements
    suggestions: tuple[Suggestion, ...]
    verification: Verification | None = None
    warnings: tuple[str, ...] = field(default=())
    dropped: tuple[Suggestion, ...] = field(default=())

    def only(self, ids: frozenset[str]) -> Self:
        """Return the plan with the suggestions of these ids; the measured figures of the whole no longer hold and are dropped."""
        kept = tuple(suggestion for suggestion in self.suggestions if suggestion.id in ids)
        return replace(self, suggestions=kept, verification=None)
