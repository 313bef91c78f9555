"""ReaEQ: five bands that a script can retype and set. Its own doubts are variants: what is disputed between sources can be switched.

Measured by others in REAPER 7: 19 parameters, a band's frequency, gain and width at 3n, 3n+1, 3n+2; frequency and width scales;
the high pass of a fresh ReaEQ is off. Of the gain some report 0 dB at 0.5 and others at 0.25: the native value is amplitude / 4 with its
middle at 0 dB, the normalised one has that at 0.5 ("halves"). In the other variant there is no such middle, and both are amplitude / 4 ("quarter").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Literal

from tests.daw.reaper.fake.effects import (
    TAIL,
    Effect,
    Parameter,
    amplitude_to_db,
    as_float32,
    shown_db,
)

BANDS: Final = 5
_GROWTH: Final = 2 * math.log(20.0257)
"""The frequency scale's bend, from 1160.5 Hz in the middle of 20 .. 24000 Hz; meets the other nine reported points within 0.2 %."""
_TOP: Final = 10 ** (12 / 20)

TYPES: Final = {
    0: ("low_shelf", "Low Shelf", 1), 1: ("high_shelf", "High Shelf", 4), 8: ("band", "Band", 2), 3: ("low_pass", "Low Pass", 5),
    4: ("high_pass", "High Pass", 0), 5: ("all_pass", "All Pass", None), 6: ("notch", "Notch", 3), 7: ("band_pass", "Band Pass", 6),
    10: ("parallel", "Parallel Band Pass", 7), 9: ("band_alt", "Band (alt)", 2), 2: ("band_alt_2", "Band (alt 2)", 2),
}  # fmt: skip
"""BANDTYPE's number: our word, the name in a parameter's name, and the other number that SetEQParam has for it."""
_FRESH: Final = (
    (0, 100.0, 0.8),
    (8, 300.0, 2.0),
    (8, 1000.0, 2.0),
    (1, 5000.0, 0.8),
    (4, 100.0, 2.0),
)

Curve = Literal["halves", "quarter"]
Unit = Literal["linear", "db"]
Texts = Literal["plain", "units", "kilo"]


@dataclass(frozen=True, slots=True)
class Variant:
    """What sources disagree about: the unit of SetEQParam's raw gain, the gain's scale, the texts, and whether the fifth band begins on."""

    gain_unit: Unit = "linear"
    curve: Curve = "halves"
    texts: Texts = "plain"
    fifth_on: bool = False


def frequency(norm: float) -> float:
    return 20 + 23_980 * math.expm1(_GROWTH * norm) / math.expm1(_GROWTH)


def frequency_norm(hz: float) -> float:
    return math.log1p((hz - 20) / 23_980 * math.expm1(_GROWTH)) / _GROWTH


def gain_db(norm: float, curve: Curve) -> float:
    if curve == "quarter":
        return amplitude_to_db(4 * norm)
    return amplitude_to_db(2 * norm if norm <= 0.5 else 1 + (norm - 0.5) * 2 * (_TOP - 1))


def gain_norm(amplitude: float, curve: Curve) -> float:
    if curve == "quarter":
        return amplitude / 4
    return amplitude / 2 if amplitude <= 1 else 0.5 + (amplitude - 1) / (2 * (_TOP - 1))


def octaves(norm: float) -> float:
    return 0.01 + 3.99 * norm


@dataclass(frozen=True, slots=True)
class Band:
    """A band in an engineer's units, for tests to look at."""

    shape: str
    on: bool
    freq_hz: float
    gain_db: float
    octaves: float


class ReaEQ(Effect):
    """The stock equaliser."""

    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        self.types = [kind for kind, _, _ in _FRESH]
        self.on = [True] * (BANDS - 1) + [variant.fifth_on]
        super().__init__("VST: ReaEQ (Cockos)", self._own())

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return (*self._own(), *TAIL)

    def _own(self) -> tuple[Parameter, ...]:
        found: list[Parameter] = []
        for at, (kind, (_, hz, octave)) in enumerate(zip(self.types, _FRESH, strict=True)):
            name = TYPES[kind][1] + ("" if at == 0 else f" {at + 1}")
            found.append(Parameter(f"Freq-{name}", frequency_norm(hz), self._show_frequency))
            found.append(self._gain(f"Gain-{name}"))
            found.append(Parameter(f"BW-{name}", (octave - 0.01) / 3.99, self._show_width))
        found.append(
            Parameter(
                "Global Gain",
                0.25,
                lambda norm: shown_db(amplitude_to_db(4 * norm), self._unit(" dB")),
                0.0,
                4.0,
            )
        )
        return tuple(found)

    def _gain(self, name: str) -> Parameter:
        flat = gain_norm(1.0, self.variant.curve)
        if self.variant.curve == "quarter":
            return Parameter(name, flat, self._show_gain)
        return Parameter(name, flat, self._show_gain, high=_TOP / 4, middle=1 / 4)

    def _unit(self, unit: str) -> str:
        return "" if self.variant.texts == "plain" else unit

    def _show_frequency(self, norm: float) -> str:
        hz = frequency(norm)
        if self.variant.texts == "kilo" and hz >= 1000:  # kilo
            return f"{hz / 1000:.2f} kHz"
        return f"{hz:.1f}{self._unit(' Hz')}"

    def _show_gain(self, norm: float) -> str:
        return shown_db(gain_db(norm, self.variant.curve), self._unit(" dB"))

    def _show_width(self, norm: float) -> str:
        return f"{octaves(norm):.2f}{self._unit(' oct')}"

    @property
    def bands(self) -> tuple[Band, ...]:
        curve = self.variant.curve
        return tuple(
            Band(TYPES[self.types[at]][0], self.on[at], frequency(self.norms[3 * at]), gain_db(self.norms[3 * at + 1], curve),
                 octaves(self.norms[3 * at + 2]))
            for at in range(BANDS)
        )  # fmt: skip

    def band_of(self, bandtype: int, nth: int) -> int | None:
        """Return which band is the nth of a type, in SetEQParam's numbers."""
        found = [at for at in range(BANDS) if TYPES[self.types[at]][2] == bandtype]
        return found[nth] if 0 <= nth < len(found) else None

    def place(self, at: int) -> tuple[int, int, int] | None:
        """Return (type, which of that type, what) of a parameter in SetEQParam's numbers."""
        if at == 3 * BANDS:
            return (-1, 0, 1)
        if not 0 <= at < 3 * BANDS:
            return None
        kind = TYPES[self.types[at // 3]][2]
        if kind is None:
            return None
        return (kind, sum(TYPES[each][2] == kind for each in self.types[: at // 3]), at % 3)

    def parameter_of(self, bandtype: int, nth: int, what: int) -> int | None:
        if bandtype == -1:
            return 3 * BANDS
        band = self.band_of(bandtype, nth)
        return None if band is None or what not in (0, 1, 2) else 3 * band + what

    def norm_of(self, at: int, raw: float) -> float:
        """Return 0..1 of what SetEQParam takes with isnorm false: hertz, octaves, and a gain in the unit that this variant has."""
        if at < 3 * BANDS and at % 3 == 0:
            return frequency_norm(max(raw, 20.0))
        if at < 3 * BANDS and at % 3 == 2:  # the third of a band's parameters
            return (raw - 0.01) / 3.99
        amplitude = raw if self.variant.gain_unit == "linear" else 10 ** (raw / 20)
        return (
            amplitude / 4 if at == 3 * BANDS else gain_norm(max(amplitude, 0.0), self.variant.curve)
        )

    def named(self, key: str) -> str | None:
        for prefix, values in (("BANDTYPE", self.types), ("BANDENABLED", self.on)):
            number = key.removeprefix(prefix)
            if number != key and number.isdigit():
                return str(int(values[int(number)])) if int(number) < BANDS else None
        return super().named(key)

    def set_named(self, key: str, value: str) -> bool:
        """Do it; a band's switch works, and returns false (justinfrankel/reaper-sdk issue 14)."""
        for prefix in ("BANDTYPE", "BANDENABLED"):
            number = key.removeprefix(prefix)
            if number != key and number.isdigit() and int(number) < BANDS:
                return self._set_band(prefix, int(number), value)
        return super().set_named(key, value)

    def _set_band(self, what: str, at: int, value: str) -> bool:
        if what == "BANDENABLED":
            self.on[at] = value != "0"
            return False
        if not value.isdigit() or int(value) not in TYPES:
            return False
        self.types[at] = int(value)
        return True

    def set(self, at: int, norm: float) -> None:
        super().set(at, as_float32(norm))

    def state(self) -> dict[str, Any]:
        return {**super().state(), "types": list(self.types), "on": list(self.on)}

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        self.types, self.on = list(state["types"]), list(state["on"])
