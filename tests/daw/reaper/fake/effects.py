"""An effect in a chain: parameters that are numbers from 0 to 1 inside, have a range of their own outside, and show themselves as text."""

from __future__ import annotations

import math
import re
import struct
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

Show = Callable[[float], str]
HALF: Final = 0.5


def as_float32(value: float) -> float:
    """Return what is left of a value that went through a VST's `float`."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def plain(value: float) -> str:
    """Return a value as REAPER shows one it knows nothing about."""
    return f"{value:.2f}"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its name, what a fresh effect has (0..1), how 0..1 is shown, its native range, and the native value at 0.5.

    Cockos' own plugins tell REAPER such a middle (TrackFX_GetParamEx): their native values are then no multiple of the normalised ones.
    """

    name: str
    default: float
    show: Show = plain
    low: float = 0.0
    high: float = 1.0
    ident: str = ""
    middle: float | None = None

    @property
    def _bend(self) -> float:
        return (self.low + self.high) / 2 if self.middle is None else self.middle

    def native(self, norm: float) -> float:
        if norm <= HALF:
            return self.low + norm / HALF * (self._bend - self.low)
        return self._bend + (norm - HALF) / HALF * (self.high - self._bend)

    def norm(self, native: float) -> float:
        if native <= self._bend:
            return HALF * (native - self.low) / (self._bend - self.low)
        return HALF + HALF * (native - self._bend) / (self.high - self._bend)


def amplitude_to_db(amplitude: float) -> float:
    return 20 * math.log10(amplitude) if amplitude > 0 else -math.inf


def shown_db(db: float, unit: str = "") -> str:
    """Return decibels as Cockos' plugins show them: a sign always, one digit, `-inf`."""
    return f"-inf{unit}" if db < -150 else f"{db:+.1f}{unit}"  # where their scales end


BYPASS: Final = Parameter(
    "Bypass", 0.0, lambda norm: "bypassed" if norm >= 0.5 else "normal", ident="bypass"
)
WET: Final = Parameter("Wet", 1.0, lambda norm: f"{round(norm * 100)}%", ident="wet")
DELTA: Final = Parameter(
    "Delta", 0.0, lambda norm: "delta" if norm >= 0.5 else "normal", ident="delta"
)
TAIL: Final = (BYPASS, WET, DELTA)
"""What REAPER adds behind every effect's own parameters. A name can stand twice: ReaComp has a "Wet" of its own."""


class Effect:
    """Any effect; the known ones are derived from it. `name` is what the chain shows until it is renamed."""

    lua_type = "effect"
    stores_float32 = True

    def __init__(
        self, name: str, parameters: tuple[Parameter, ...] = (), *, kind: str = "VST"
    ) -> None:
        self.name = name
        self.kind = kind
        self.guid = "{" + str(uuid.uuid4()).upper() + "}"
        self.renamed = ""
        self.enabled = True
        self.offline = False
        self.open = False
        self.pins: dict[tuple[bool, int], int] = {}
        self._parameters = (*parameters, *TAIL)
        kept = as_float32 if self.stores_float32 else float
        self.norms = [kept(each.default) for each in self._parameters]

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return self._parameters

    @property
    def shown_name(self) -> str:
        return self.renamed or self.name

    def answers_to(self, name: str) -> bool:
        """Tell whether AddByName's text means this effect."""
        wanted, own = (
            each.removeprefix(f"{self.kind}:").strip().lower() for each in (name, self.name)
        )
        return wanted in (own, re.sub(r" \([^)]*\)$", "", own))

    def ident(self, at: int) -> str:
        parameter = self.parameters[at]
        return f"{at}:{parameter.ident or '_' + re.sub(r'[^0-9A-Za-z]', '_', parameter.name)}"

    def get(self, at: int) -> float:
        return self.norms[at]

    def set(self, at: int, norm: float) -> None:
        clipped = min(max(norm, 0.0), 1.0)
        self.norms[at] = as_float32(clipped) if self.stores_float32 else clipped
        if at == len(self.parameters) - len(TAIL):
            self.enabled = clipped < 0.5  # a switch

    def show(self, at: int, norm: float) -> str:
        return self.parameters[at].show(min(max(norm, 0.0), 1.0))

    def named(self, key: str) -> str | None:
        """Return a GetNamedConfigParm value; None is "no such"."""
        known = {
            "renamed_name": self.renamed,
            "fx_name": self.name,
            "fx_type": self.kind,
            "fx_ident": f"{self.name}.ident",
            "original_name": self.name,
        }
        return known.get(key)

    def set_named(self, key: str, value: str) -> bool:
        """Do a SetNamedConfigParm and return what it returns, which is not always whether it worked."""
        if key == "renamed_name":
            self.renamed = value
            return True
        return False

    def state(self) -> dict[str, Any]:
        return {"guid": self.guid, "name": self.name, "renamed": self.renamed, "enabled": self.enabled, "offline": self.offline,
                "norms": list(self.norms), "pins": dict(self.pins)}  # fmt: skip

    def restore(self, state: dict[str, Any]) -> None:
        self.renamed, self.enabled, self.offline = (
            state["renamed"],
            state["enabled"],
            state["offline"],
        )
        self.norms, self.pins = list(state["norms"]), dict(state["pins"])


def other(name: str, parameters: int = 8) -> Effect:
    """Return somebody else's plugin."""
    return Effect(name, tuple(Parameter(f"Parameter {at + 1}", 0.5) for at in range(parameters)))
