"""What @gfx draws, as a list of what was drawn where, and as a picture; and the mouse that it looks at.

EEL2 comes without JSFX's drawing functions, its strings and `slider(n)`: here they are, as Cockos's reference of JSFX describes them, as far
as AMA's effects use them.
"""

from __future__ import annotations

import ctypes
import functools
import re
from dataclasses import dataclass, field
from typing import Any, Final

from tests.daw.reaper.eel2.effect import Effect
from tests.daw.reaper.eel2.engine import Answer, Literal, Named, Place, teach, teach_raw

_FIRST_STRING: Final = 1000
"""Numbers that stand for strings begin here: any that a script does not also use for something else would do."""
_CONVERSION: Final = re.compile(r"%[-+ 0]*\d*(?:\.\d+)?([dfs])")
_CHARACTER_PX: Final = 6.0
"""How wide a character is taken to be; no font is measured."""
_COLOURS: Final = ("gfx_r", "gfx_g", "gfx_b", "gfx_a")


@dataclass(slots=True, kw_only=True)
class Screen:
    """A window in which an effect draws; `drawn` holds (what, *numbers or text), with colour last."""

    effect: Effect
    width: int = 640
    height: int = 320
    drawn: list[tuple[Any, ...]] = field(default_factory=list)
    menus: list[str] = field(default_factory=list)
    automated: list[int] = field(default_factory=list)
    choice: int = 0
    strings: dict[int, str] = field(default_factory=dict)
    _names: dict[str, int] = field(default_factory=dict)
    _kept: list[Any] = field(default_factory=list)
    _draw: Any = None

    def __post_init__(self) -> None:
        """Compile @gfx."""
        functions()
        literal, named = Literal(self._literal), Named(self._named)
        self._kept += [literal, named]
        self.effect.machine.strings(literal, named)
        line, text = self.effect.script.sections["gfx"]
        self._draw = self.effect.machine.compile(text, line)

    def frame(self, x: float = -1, y: float = -1, *, buttons: int = 0, wheel: float = 0) -> None:
        """Let it draw once, with the mouse somewhere."""
        self.drawn.clear()
        values = {"gfx_w": self.width, "gfx_h": self.height, "mouse_x": x, "mouse_y": y}
        values |= {"mouse_cap": buttons, "mouse_wheel": wheel, "gfx_ext_retina": 1}
        for name, value in values.items():
            self.effect.machine.variable(name)[0] = value
        _Shown.screen = self
        try:
            self._draw()
        finally:
            _Shown.screen = None

    def texts(self) -> list[str]:
        """Return all that is written."""
        return [one[1] for one in self.drawn if one[0] == "text"]

    def number(self, name: str) -> float:
        """Return a variable."""
        return float(self.effect.machine.variable(name)[0])

    def note(self, what: str, *details: Any) -> None:
        """Keep what was drawn, with its colour."""
        self.drawn.append((what, *details, tuple(self.number(one) for one in _COLOURS)))

    def _literal(self, _this: int, segment: Any) -> float:
        text = ""
        while segment:
            text += ctypes.string_at(segment[0].start, segment[0].length).decode()
            segment = segment[0].next
        return self._new(text[1:-1])

    def _named(self, _this: int, name: bytes) -> float:
        return self._names.setdefault(name.decode(), int(self._new("")))

    def _new(self, text: str) -> float:
        number = _FIRST_STRING + len(self.strings)
        self.strings[number] = text
        return number


class _Shown:
    """The screen on which is being drawn."""

    screen: Screen | None = None


def _screen() -> Screen:
    if _Shown.screen is None:
        message = "drawn outside of a frame"
        raise RuntimeError(message)
    return _Shown.screen


def _formatted(target: float, pattern: float, *values: float) -> float:
    screen = _screen()
    left = list(values)

    def filled(match: re.Match[str]) -> str:
        value = left.pop(0)
        if match[1] == "s":
            return screen.strings[int(value)]
        return match[0] % (int(value) if match[1] == "d" else value)

    screen.strings[int(target)] = _CONVERSION.sub(filled, screen.strings[int(pattern)])
    return target


def _copied(target: float, source: float) -> float:
    _screen().strings[int(target)] = _screen().strings[int(source)]
    return target


def _joined(target: float, source: float) -> float:
    _screen().strings[int(target)] += _screen().strings[int(source)]
    return target


def _written(text: float) -> float:
    screen = _screen()
    screen.note("text", screen.strings[int(text)], screen.number("gfx_x"), screen.number("gfx_y"))
    return text


def _menu(text: float) -> float:
    screen = _screen()
    screen.menus.append(screen.strings[int(text)])
    return screen.choice


def _automated(mask: float) -> float:
    _screen().automated.append(int(mask))
    return 0.0


def _drawn(what: str) -> Any:
    def answer(*numbers: float) -> float:
        _screen().note(what, *numbers)
        return 0.0

    return answer


@functools.cache
def functions() -> tuple[Any, ...]:
    """Make the functions known, once for all; return what must be kept."""
    kept = [teach(f"gfx_{what}", least, _drawn(what)) for what, least in _SHAPES]
    kept += [
        teach("sprintf", 2, _formatted),
        teach("strcpy", 2, _copied),
        teach("strcat", 2, _joined),
        teach("gfx_drawstr", 1, _written),
        teach("gfx_setfont", 2, lambda *_: 0.0),
        teach("gfx_showmenu", 1, _menu),
        teach("slider_automate", 1, _automated),
        _measure(),
        _slider(),
    ]
    return tuple(kept)


_SHAPES: Final = (("line", 4), ("rect", 4), ("circle", 3))


def _measure() -> Any:
    """`gfx_measurestr(text, width, height)`: the last two are written to."""

    def measured(_this: int, _count: int, arguments: Any) -> float:
        text = _screen().strings[int(arguments[0][0])]
        arguments[1][0], arguments[2][0] = _CHARACTER_PX * len(text), 2.0 * _CHARACTER_PX
        return 0.0

    return teach_raw("gfx_measurestr", 3, Answer(measured))


def _slider() -> Any:
    """`slider(n)`: stands for the variable slidern, to be read and to be written."""

    def place(_this: int, number: Any) -> int:
        pointer = _screen().effect.machine.variable(f"slider{round(number[0])}")
        return int(ctypes.cast(pointer, ctypes.c_void_p).value or 0)

    return teach_raw("slider", 1, Place(place))
