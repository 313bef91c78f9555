"""What AMA asks of its scripts in REAPER, beside `documents`. Values are in an engineer's units; the scripts find REAPER's.

A control and a part of an insert are entries as in `documents`. An insert of which no part holds is not inserted. Faders are in dB, pans -1 (left)
to +1 (right) as REAPER shows them, polarity 0 or 1, delays in ms. A track is named by its GUID, or by its name where AMA has no GUID (`by_name`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ama_bridge.daw.documents import Offered, check_offers
from ama_bridge.daw.port import Skipped

REQUEST_SCHEMA: Final = "ama.reaper/1"

ControlName: TypeAlias = Literal["fader_db", "pan", "polarity", "delay_ms"]
Device: TypeAlias = Literal["reaeq", "reacomp", "realimit", "ama_eq", "ama_compressor", "ama_gate"]
Shape: TypeAlias = Literal["bell", "low_shelf", "high_shelf", "high_pass", "low_pass"]

_RANGES: Final[dict[ControlName, tuple[float, float]]] = {
    "fader_db": (-200.0, 60.0),
    "pan": (-1.0, 1.0),
    "polarity": (0.0, 1.0),
    "delay_ms": (-10_000.0, 10_000.0),
}
"""What can be asked for; the script says where REAPER has less."""


def _check(name: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        message = f"{name} is {value!r}, it must lie between {low:g} and {high:g}"
        raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One value of a strip; `expected` is where AMA saw it last (None where AMA never saw this project: then it is set as it is)."""

    suggestion: str
    control: ControlName
    value: float
    expected: float | None = None
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(self.control, self.value, *_RANGES[self.control])
        if self.expected is not None and not math.isfinite(self.expected):
            message = f"{self.control} is expected at {self.expected!r}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """One band of an equaliser; `bandwidth_oct` is `q` in octaves.

    A filter is a section of the second order of this quality, or a Butterworth filter of `slope_db_per_oct` where the device knows slopes.
    """

    shape: Shape
    freq_hz: float
    gain_db: float = 0.0
    q: float
    bandwidth_oct: float
    slope_db_per_oct: int | None = None

    def __post_init__(self) -> None:
        _check("freq_hz", self.freq_hz, 1.0, 96_000.0)
        _check("gain_db", self.gain_db, -24.0, 24.0)
        _check("q", self.q, 0.05, 100.0)
        _check("bandwidth_oct", self.bandwidth_oct, 0.01, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One named value of a device, such as threshold_db."""

    name: str
    value: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.value):
            message = f"{self.name} is {self.value!r}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one suggestion sets of an insert."""

    suggestion: str
    bands: tuple[Band, ...] = ()
    values: tuple[Value, ...] = ()
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """One effect behind the user's own, named `label` there.

    `sidechain_from` is the id of the track that it listens to, `if_missing` why its suggestions are skipped where this REAPER does not have the
    effect (empty: the script says that it is missing), `note` how near it comes to the audition.
    """

    key: str
    label: str
    device: Device
    parts: tuple[Part, ...] = ()
    sidechain_from: str | None = None
    if_missing: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """What is asked of one track, or of the master; `by_name` where the ids are not REAPER's, so that the name finds the track."""

    track: str
    name: str
    controls: tuple[Control, ...] = ()
    inserts: tuple[Insert, ...] = ()
    by_name: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A plan as REAPER can take it; `skipped` is what translation could not do and goes into the result as it is.

    `heard` are the tracks (and the master) that the plan heard without AMA's effects; `plan` says which plan that is, so that those of others are
    known.
    """

    schema: Literal["ama.reaper/1"] = REQUEST_SCHEMA
    id: str
    session: str
    plan: str = ""
    heard: tuple[str, ...] = ()
    ask: bool
    mailbox: str
    suggestions: tuple[Offered, ...]
    skipped: tuple[Skipped, ...] = ()
    strips: tuple[Strip, ...] = ()

    def __post_init__(self) -> None:
        check_offers(self.suggestions, self.skipped, self.strips)
