"""What Ardour's OSC surface tells, as values: strips, plugins, parameters, and what a value was read as after it was set.

Faders are dB as Ardour shows them, pans -1 (left) .. +1 (right). On the wire they look different:

* A question for a gain is answered through Ardour's `fast_coefficient_to_dB` (libs/pbd/pbd/fastlog.h): the logarithm to base 2 of the
  mantissa m (1 <= m < 2) is taken as p(m) = -m^2/3 + 2m - 5/3, and divided by 3.3125 instead of log2(10) = 3.3219. The answer is up to
  0.2 dB off (-20 dB reads -20.045), but it is a strictly rising function of the coefficient, so `coefficient_of_answer` undoes it: with
  e + f = answer / 20 * 3.3125 (e whole, 0 <= f < 1) the coefficient is 2^e (3 - sqrt(4 - 3 f)). What is left is the rounding of 32-bit numbers,
  below 3e-5 dB above -100 dB (tests/daw/ardour/test_native.py measures it on the real Ardour).
* Pan is turned round: 1 is left, 0 is right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, TypeGuard, get_args

from ama_bridge.osc_packets import Message

Kind: TypeAlias = Literal["AT", "MT", "B", "MB", "FB", "V", "MA", "MO", "SM"]
"""Audio and MIDI tracks, audio, MIDI and foldback busses, VCAs, the master, the monitor, and the surround master bus."""
KINDS: Final = frozenset(get_args(Kind))
OFF_DB: Final = -200.0
"""How a fader at the very bottom is told, here and in a core `Track`."""
LOWEST_DB: Final = -192.0
"""Ardour takes what is asked below this for silence (osc.cc, `_strip_parse`)."""
HIGHEST_DB: Final = 20.0 * math.log10(2.0)
GAIN_TOLERANCE_DB: Final = 0.001
"""How far a fader may be read from what was set: thirty times the rounding of both directions, and far below what can be heard."""
PAN_TOLERANCE: Final = 2e-4
"""The same for a pan, whose way there and back goes through 1 - x in 32 bits."""
_DECIMALS: Final = 5
"""What lies behind is rounding: a fader at 0 dB would read -0.0000008."""
_FAST_LOG10: Final = 3.3125
_INPUT, _TOGGLED, _INTEGER, _ENUM = 0x80, 0x40, 0x02, 0x01


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """A plugin of a strip; `position` counts from 1 and changes when plugins are moved. OSC does not tell which of its kind it is."""

    position: int
    name: str
    enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A control of a plugin in its own unit; `which` counts all control ports from 0, outputs too, as Ardour's Lua does."""

    which: int
    label: str
    value: float
    low: float
    high: float
    is_input: bool
    is_whole: bool = False

    def takes(self, value: float) -> bool:
        """Return whether Ardour would take this value; it says nothing where it does not."""
        slack = 1e-6 * max(abs(self.low), abs(self.high))
        return self.is_input and self.low - slack <= value <= self.high + slack

    def is_at(self, value: float) -> bool:
        """Return whether it stands there, as near as 32 bits, and steps where it has steps, can say."""
        if self.is_whole:
            return round(self.value) == round(value)
        return math.isclose(self.value, value, rel_tol=1e-4, abs_tol=1e-5)


@dataclass(frozen=True, slots=True, kw_only=True)
class MixerStrip:
    """A strip of Ardour's mixer as it is now. `ssid` is its place in this surface's list and may be another's in a moment.

    `pan` is None where there is no panner, `inverted` None where there is no polarity switch; it is true where any channel is inverted.
    """

    ssid: int
    kind: Kind
    name: str
    inputs: int
    muted: bool
    gain_db: float
    pan: float | None = None
    inverted: bool | None = None
    plugins: tuple[Plugin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One line of Ardour's list of strips."""

    ssid: int
    kind: Kind
    name: str
    inputs: int
    muted: bool

    @property
    def is_route(self) -> bool:
        """Whether sound goes through it: a VCA may have the same name as a track."""
        return self.kind != "V"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAndRead:
    """What was asked for and what Ardour has now, both as asked (dB, pan, a parameter's unit); `ok` where they are the same."""

    asked: float
    read: float
    ok: bool


def coefficient_of_answer(answer_db: float) -> float:
    """Return the gain coefficient that Ardour answers to a question for the gain with this number."""
    log2 = answer_db / 20.0 * _FAST_LOG10
    exponent = math.floor(log2)
    return math.ldexp(3.0 - math.sqrt(4.0 - 3.0 * (log2 - exponent)), exponent)


def decibels(coefficient: float) -> float:
    """Return a fader's dB; `OFF_DB` at the bottom."""
    return max(20.0 * math.log10(coefficient), OFF_DB) if coefficient > 0.0 else OFF_DB


def gain_db_of_answer(answer_db: float) -> float:
    """Return the fader that an answer tells."""
    db = decibels(coefficient_of_answer(answer_db)) if math.isfinite(answer_db) else OFF_DB
    return round(db, _DECIMALS) + 0.0 if db >= LOWEST_DB else OFF_DB


def same_gain(left_db: float, right_db: float, *, within_db: float = GAIN_TOLERANCE_DB) -> bool:
    """Return whether two faders stand at the same place; all below -120 dB is alike."""
    return abs(max(left_db, -120.0) - max(right_db, -120.0)) <= within_db


def pan_of_position(position: float) -> float:
    """Return the pan for a position on the wire, which is 1 on the left."""
    return min(max(1.0 - 2.0 * position, -1.0), 1.0)


def position_of_pan(pan: float) -> float:
    """Return the position on the wire for a pan."""
    return (1.0 - pan) / 2.0


def listed(message: Message) -> Listed | None:
    """Return a line of `/strip/list` (/reply ssiiiii[i]) or an answer to `/strip` (/strip issiiiii); None where it is neither."""
    if message.address == "/reply" and message.tags.startswith("ssiiiii"):
        kind, name, inputs, _, muted, _, ssid, *_ = message.arguments
    elif message.address == "/strip" and message.tags.startswith("issiii"):
        ssid, kind, name, inputs, _, muted, *_ = message.arguments
    else:
        return None
    if not _is_kind(kind) or not isinstance(ssid, int) or ssid < 1:
        return None
    return Listed(
        ssid=ssid, kind=kind, name=str(name), inputs=max(_whole(inputs), 0), muted=muted == 1
    )


def _is_kind(kind: object) -> TypeGuard[Kind]:
    return kind in KINDS


def number(message: Message) -> float | None:
    """Return the only number of an answer; None where it has none (the strip has no such control)."""
    value = message.arguments[-1] if message.arguments else None
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def plugins(message: Message) -> tuple[Plugin, ...]:
    """Return what `/strip/plugin/list` answers: ssid, then position, name, enabled for each."""
    count, rest = divmod(len(message.tags) - 1, 3)
    if rest or message.tags != "i" + "isi" * count:
        return ()
    each = message.arguments[1:]
    return tuple(
        Plugin(position=_whole(each[i]), name=str(each[i + 1]), enabled=each[i + 2] == 1)
        for i in range(0, len(each), 3)
    )


def parameter(message: Message) -> Parameter | None:
    """Return one answer of `/strip/plugin/descriptor` (iiisisffsi, scale points, then the value as f or d); None where it is none."""
    arguments, tags = message.arguments, message.tags
    if len(tags) < 11 or not tags.startswith("iiisisffsi") or tags[-1] not in "df":
        return None
    low, high, value = (_real(arguments[at]) for at in (6, 7, -1))
    flags = _whole(arguments[4])
    if not all(map(math.isfinite, (low, high, value))) or _whole(arguments[2]) < 1:
        return None
    return Parameter(
        which=_whole(arguments[2]) - 1,
        label=str(arguments[3]),
        value=value,
        low=low,
        high=high,
        is_input=bool(flags & _INPUT),
        is_whole=bool(flags & (_TOGGLED | _INTEGER | _ENUM)),
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _real(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
