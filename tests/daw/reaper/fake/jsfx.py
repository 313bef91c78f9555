"""A JSFX: its parameters are the sliders that its own file declares."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any, Final

from tests.daw.reaper.fake.effects import Effect, Parameter, Show

_SLIDER: Final = re.compile(
    r"^slider(\d+):(?:\w+=)?(-?[\d.]+)<(-?[\d.]+),(-?[\d.]+)(?:,([\d.]+))?(?::log[^>{]*)?(?:\{([^}]*)\})?>-?(.*)$",
    re.MULTILINE,
)
_KEPT_DIGITS: Final = 12
_DESC: Final = re.compile(r"^desc:\s*(.*?)\s*$", re.MULTILINE)


def description(text: str) -> str:
    """Return what the file calls itself."""
    found = _DESC.search(text)
    assert found, "a JSFX begins with desc:"
    return found[1]


class Jsfx(Effect):
    """An effect of a JSFX file. It keeps doubles, and shows as many digits as a slider's step has."""

    stores_float32 = False

    def __init__(self, path: Path, place: str) -> None:
        text = path.read_text(encoding="utf-8")
        self.place = place
        super().__init__(
            f"JS: {description(text)}", tuple(map(_parameter, _SLIDER.findall(text))), kind="JS"
        )

    def answers_to(self, name: str) -> bool:
        wanted, place = name.removeprefix("JS:").strip().lower(), self.place.lower()
        return wanted in (place, place.removesuffix(".jsfx")) or super().answers_to(name)

    def state(self) -> dict[str, Any]:
        """Return its state; REAPER keeps a slider's own number, which here goes through 0..1 and loses its last bit."""
        return super().state() | {"norms": [round(norm, _KEPT_DIGITS) for norm in self.norms]}

    def named(self, key: str) -> str | None:
        return self.place if key == "fx_ident" else super().named(key)


def _parameter(found: tuple[str, ...]) -> Parameter:
    _, default, low, high, step, words, name = found
    lowest, highest = float(low), float(high)
    show = _worded(words.split(","), lowest, highest) if words else _stepped(step, lowest, highest)
    return Parameter(
        name.strip(), (float(default) - lowest) / (highest - lowest), show, lowest, highest
    )


def _worded(words: list[str], low: float, high: float) -> Show:
    return lambda norm: words[min(round(low + norm * (high - low)), len(words) - 1)].strip()


def _stepped(step: str, low: float, high: float) -> Show:
    digits = max(0, math.ceil(-math.log10(float(step)))) if step and float(step) > 0 else 1
    return lambda norm: f"{low + norm * (high - low):.{digits}f}"
