"""What AMA asks of its scripts in Ardour, beside `documents`.

Values are Ardour's own: gain a linear coefficient (what is beyond the fader's top goes into AMA Level, `Strip.level`), pan an azimuth (0 left .. 1
right), polarity 0 or 1; `which` counts all control ports of a plugin from 0, its outputs too, as `LuaAPI.set_processor_param` does.

A control and a part of an insert are entries as in `documents`. An insert of which no part holds is not inserted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from ama_bridge.daw.documents import Offered, check_offers
from ama_bridge.daw.port import Skipped

REQUEST_SCHEMA: Final = "ama.ardour/1"

ControlName: TypeAlias = Literal["gain", "pan", "polarity"]
PluginType: TypeAlias = Literal["lv2", "lua"]

_HIGHEST: Final[dict[ControlName, float]] = {"gain": 20.0, "pan": 1.0, "polarity": 1.0}
"""All begin at 0. A fader ends at 2.0, +6.02 dB, and AMA Level adds up to 20 dB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One value of a strip; `expected` is where AMA saw it last (None where AMA never saw this session: then it is set as it is)."""

    suggestion: str
    control: ControlName
    value: float
    expected: float | None = None
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check_range(self.control, self.value)
        if self.expected is not None:
            _check_range(self.control, self.expected)


def _check_range(control: ControlName, value: float) -> None:
    if not 0.0 <= value <= _HIGHEST[control]:
        message = f"{control} is {value!r}, it must lie between 0 and {_HIGHEST[control]:g}"
        raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The value of one control port."""

    which: int
    value: float

    def __post_init__(self) -> None:
        if self.which < 0:
            message = f"which is {self.which}, ports count from 0"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one suggestion sets of an insert."""

    suggestion: str
    settings: tuple[Setting, ...]
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """One plugin before the fader, behind the user's own.

    `base` puts it into a state in which it does nothing, then come the settings of the parts that hold. `stereo_uri` replaces `uri` on a
    strip of two channels where it is not empty. `sidechain_from` is the id of the track that it listens to. `if_missing` is why its suggestions
    are skipped where this Ardour does not have the plugin (empty: the script says that it is missing). `note` says how near it comes
    to the audition.
    """

    key: str
    label: str
    uri: str
    stereo_uri: str = ""
    type: PluginType = "lv2"
    base: tuple[Setting, ...] = ()
    parts: tuple[Part, ...] = ()
    sidechain_from: str | None = None
    if_missing: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """What is asked of one track, or of the master bus; `by_name` where the ids are not Ardour's, so that the name finds the track.

    `level` is the plugin for what the fader has no range for; whoever sets the fader gives it its part.
    """

    track: str
    name: str
    controls: tuple[Control, ...] = ()
    inserts: tuple[Insert, ...] = ()
    level: Insert | None = None
    by_name: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A plan as Ardour can take it; `skipped` is what translation could not do and goes into the result as it is.

    `heard` are the tracks (and the master) that the plan heard without AMA's plugins; `plan` says which plan that is, so that those of others are
    known.
    """

    schema: Literal["ama.ardour/1"] = REQUEST_SCHEMA
    id: str
    session: str
    plan: str = ""
    heard: tuple[str, ...] = ()
    ask: bool
    answer_port: int
    mailbox: str
    suggestions: tuple[Offered, ...]
    skipped: tuple[Skipped, ...] = ()
    strips: tuple[Strip, ...] = ()

    def __post_init__(self) -> None:
        _check_port(self.answer_port)
        check_offers(self.suggestions, self.skipped, self.strips)


def _check_port(port: int) -> None:
    if not 0 <= port <= 65_535:
        message = f"answer_port is {port}, it must lie between 0 and 65535"
        raise ValueError(message)
