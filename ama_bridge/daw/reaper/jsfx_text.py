"""AMA's JSFX as a project or an FX chain holds them: text, so that AMA can write it without REAPER.

    BYPASS 0 0 0
    <JS AMA/ama_eq.jsfx "AMA EQ"
      0.000000 1.000000 80.000000 -3.000000 0.707000 6.000000 - - ...
    >
    FLOATPOS 0 0 0 0
    FXID {...}
    WAK 0

So REAPER 5.50c saved the JSFX loser/3BandEQ (tests/daw/reaper/saved). The numbers are the sliders' values in the order of their numbers, 64 of them,
"-" where there is no slider; which slider means what is read from
the effect's own file. Other effects keep their state as bytes that only they can write, so that they are nothing for this.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeAlias

from ama_bridge.daw import lua_scripts
from ama_bridge.daw.documents import holds
from ama_bridge.daw.reaper.project.rpp import quoted
from ama_bridge.daw.reaper.request import Band, Insert

Jsfx: TypeAlias = Literal["ama_eq", "ama_compressor", "ama_gate"]

FOLDER: Final = "AMA"
"""Where `ama install reaper` puts them, under REAPER's Effects."""
_BY_REAPACK: Final = "AMA/Mixing"
"""Where ReaPack puts them: by the names of the repository and of the category."""
_SLOTS: Final = 64
_SLIDER: Final = re.compile(
    r"^slider(?P<number>\d+):(?P<default>[-\d.]+)<(?P<low>[-\d.]+),(?P<high>[-\d.]+)[^>]*>-?(?P<name>.+)$",
    re.MULTILINE,
)
_SHAPES: Final = {"bell": 1, "low_shelf": 2, "high_shelf": 3, "high_pass": 4, "low_pass": 5}
_SLOPES: Final = {6: 0, 12: 1, 18: 2, 24: 3, 36: 4, 48: 5}
_BY_Q: Final = 6
"""The slope that stands for one section whose corner is as high as Q says."""
_VALUES: Final = {
    "threshold_db": "Threshold (dB)",
    "ratio": "Ratio",
    "attack_ms": "Attack (ms)",
    "release_ms": "Release (ms)",
    "knee_db": "Knee (dB)",
    "makeup_db": "Make-up (dB)",
}
_OURS: Final = uuid.UUID("6f0c2f5e-39a2-5a0b-9d2c-6a57a1f7e1c4")
"""The name space of the ids of effects that AMA writes."""


class BeyondError(ValueError):
    """A value that the effect has no slider or no range for; the text is a clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slider:
    """One slider as the effect's file declares it."""

    number: int
    name: str
    default: float
    low: float
    high: float


@lru_cache
def sliders_of(effect: Jsfx) -> dict[str, Slider]:
    """Return an effect's sliders by name."""
    folder = Path(lua_scripts.__file__).parent / "scripts" / "reaper" / "jsfx"
    text = (folder / f"{effect}.jsfx").read_text(encoding="utf-8")
    return {
        found["name"].strip(): Slider(
            number=int(found["number"]),
            name=found["name"].strip(),
            default=float(found["default"]),
            low=float(found["low"]),
            high=float(found["high"]),
        )
        for found in _SLIDER.finditer(text)
    }


def folder_in(resource_folders: Iterable[Path]) -> str:
    """Return the folder under REAPER's Effects in which its JSFX are: ReaPack's where they are in that alone."""
    for folder in resource_folders:
        if (folder / "Effects" / FOLDER / "ama_eq.jsfx").is_file():
            return FOLDER
        if (folder / "Effects" / _BY_REAPACK / "ama_eq.jsfx").is_file():
            return _BY_REAPACK
    return FOLDER


def effect_lines(
    insert: Insert, ticked: Collection[str], *, unique: str, folder: str = FOLDER
) -> list[str]:
    """Return the lines of an insert with what is ticked of it; `unique` is what its id is made of, so that the same text comes again.

    `folder` is where the JSFX are (`folder_in`). `BeyondError` where a value does not fit.
    """
    place = _Place(f"{folder}/{insert.device}.jsfx", insert.label, unique)
    if insert.device == "ama_eq":
        values = _eq_values([b for p in insert.parts if holds(p, ticked) for b in p.bands])
        return _lines("ama_eq", values, place)
    if insert.device in ("ama_compressor", "ama_gate"):
        named = [v for p in insert.parts if holds(p, ticked) for v in p.values]
        chosen = [(_VALUES[value.name], value.value) for value in named]
        return _lines(insert.device, chosen, place)
    message = f"{insert.device} keeps its settings as bytes of its own"
    raise BeyondError(message)


def _eq_values(bands: Sequence[Band]) -> list[tuple[str, float]]:
    values: list[tuple[str, float]] = []
    for number, band in enumerate(bands, 1):
        slope = band.slope_db_per_oct
        values += [
            (f"{number} Shape", _SHAPES[band.shape]),
            (f"{number} Frequency (Hz)", band.freq_hz),
            (f"{number} Gain (dB)", band.gain_db),
            (f"{number} Q", band.q),
            (f"{number} Slope", _BY_Q if slope is None else _SLOPES[slope]),
        ]
    return values


class _Place(NamedTuple):
    """An effect's file under REAPER's Effects, what it is called in the chain, and what its id is made of."""

    file: str
    label: str
    unique: str


def _lines(effect: Jsfx, values: Iterable[tuple[str, float]], place: _Place) -> list[str]:
    sliders = sliders_of(effect)
    slots = ["-"] * _SLOTS
    for slider in sliders.values():
        slots[slider.number - 1] = _number(slider.default)
    for name, value in values:
        if name not in sliders:
            message = f"{place.label} has no {name}"
            raise BeyondError(message)
        known = sliders[name]
        if not known.low <= value <= known.high:
            message = f"{name} of {place.label} goes from {known.low:g} to {known.high:g}, {value:g} was asked"
            raise BeyondError(message)
        slots[known.number - 1] = _number(value)
    return [
        "BYPASS 0 0 0",
        f"<JS {quoted(place.file)} {quoted(place.label)}",
        f"  {' '.join(slots)}",
        ">",
        "FLOATPOS 0 0 0 0",
        f"FXID {{{str(uuid.uuid5(_OURS, place.unique)).upper()}}}",
        "WAK 0",
    ]


def _number(value: float) -> str:
    return f"{value:.6f}"
