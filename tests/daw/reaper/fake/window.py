"""A script's gfx window without a screen: mouse and keyboard come from a test, and what is drawn is kept frame by frame.

A letter is half as wide as its font is high. A frame is what is drawn between two ticks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

VARIABLES: Final = {
    "r": 1.0, "g": 1.0, "b": 1.0, "a": 1.0, "a2": 1.0, "mode": 0.0, "dest": -1.0, "x": 0.0, "y": 0.0, "w": 0.0, "h": 0.0, "clear": 0.0,
    "mouse_x": 0.0, "mouse_y": 0.0, "mouse_cap": 0.0, "mouse_wheel": 0.0, "mouse_hwheel": 0.0, "texth": 8.0, "ext_retina": 0.0,
}  # fmt: skip
WRITABLE: Final = (
    "r",
    "g",
    "b",
    "a",
    "a2",
    "mode",
    "dest",
    "x",
    "y",
    "clear",
    "mouse_wheel",
    "mouse_hwheel",
    "ext_retina",
)
LEFT_BUTTON = 1
ESCAPE, ENTER, SPACE = 27, 13, 32
WHEEL_STEP = 120.0


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it stands in the window; `cut` says that it does not fit the place that it was given, or the window."""

    text: str
    x: float
    y: float
    width: float
    height: float
    colour: tuple[float, float, float, float]
    cut: bool = False

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Rectangle:
    x: float
    y: float
    width: float
    height: float
    filled: bool
    colour: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """Something drawn, in the order of drawing: rect, roundrect, line, circle or text, its numbers as given."""

    kind: str
    numbers: tuple[float, ...]
    colour: tuple[float, float, float, float]
    text: str = ""
    bold: bool = False


@dataclass
class Frame:
    texts: list[Text] = field(default_factory=list)
    rectangles: list[Rectangle] = field(default_factory=list)
    lines: int = 0
    shapes: list[Shape] = field(default_factory=list)


@dataclass
class Window:
    """One script's window. `variables` is the table behind `gfx.`; `events` happen one a tick."""

    variables: Any
    title: str = ""
    is_open: bool = False
    opened: int = 0
    frame: Frame = field(default_factory=Frame)
    last: Frame = field(default_factory=Frame)
    frames: int = 0
    events: deque[Callable[[], None]] = field(default_factory=deque)
    keys: deque[int] = field(default_factory=deque)
    menu_answers: list[int] = field(default_factory=list)
    font: int = 0
    sizes: dict[int, float] = field(default_factory=lambda: {0: 8.0})
    bold: dict[int, bool] = field(default_factory=dict)
    measure: Callable[[str, float, bool], float] | None = None

    # -- what a test does ---------------------------------------------------

    @property
    def texts(self) -> list[str]:
        """Return what stands in the window now, in the order drawn."""
        return [each.text for each in self.last.texts]

    def find(self, part: str) -> Text:
        """Return the text in the window that is, or else has, these words."""
        found = [each for each in self.last.texts if each.text == part] or [
            each for each in self.last.texts if part in each.text
        ]
        assert found, f"{part!r} is not among {self.texts}"
        return found[0]

    def click(self, x: float, y: float) -> None:
        """Press and let go the left button, a tick each."""
        self.events.extend(
            (
                lambda: self._mouse(x, y, 0),
                lambda: self._mouse(x, y, LEFT_BUTTON),
                lambda: self._mouse(x, y, 0),
            )
        )

    def click_on(self, part: str) -> None:
        self.click(*self.find(part).middle)

    def click_beside(self, part: str, dx: float) -> None:
        """Click left or right of a text: a tick box."""
        found = self.find(part)
        self.click(found.x + dx, found.middle[1])

    def press(self, key: int) -> None:
        self.events.append(lambda: self.keys.append(key))

    def scroll(self, steps: float) -> None:
        """Turn the wheel; positive is up."""
        self.events.append(lambda: self._wheel(steps))

    def resize(self, width: float, height: float) -> None:
        self.events.append(lambda: self._size(width, height))

    def close(self) -> None:
        """Close it as its own button does."""
        self.events.append(self._close)

    # -- what happens -------------------------------------------------------

    def tick(self) -> None:
        """Let the next event happen, and begin a new frame."""
        self.end_frame()
        if self.is_open and self.events:
            self.events.popleft()()

    def end_frame(self) -> None:
        if self.frame.texts or self.frame.rectangles or self.frame.lines:
            self.last, self.frame = self.frame, Frame()
            self.frames += 1

    def _mouse(self, x: float, y: float, buttons: int) -> None:
        for name, value in (("mouse_x", x), ("mouse_y", y), ("mouse_cap", float(buttons))):
            self.variables[name.encode()] = float(value)

    def _wheel(self, steps: float) -> None:
        self.variables[b"mouse_wheel"] = self.variables[b"mouse_wheel"] + WHEEL_STEP * steps

    def _size(self, width: float, height: float) -> None:
        self.variables[b"w"], self.variables[b"h"] = float(width), float(height)

    def _close(self) -> None:
        self.is_open = False
        self.events.clear()

    def get(self, name: str) -> float:
        return float(self.variables[name.encode()])

    @property
    def colour(self) -> tuple[float, float, float, float]:
        return self.get("r"), self.get("g"), self.get("b"), self.get("a")

    def size_of(self, text: str) -> tuple[float, float]:
        height = self.sizes.get(self.font, 8.0)
        if self.measure:
            return self.measure(text, height, self.bold.get(self.font, False)), height
        return len(text) * height / 2, height

    def shape(self, kind: str, *numbers: float | None, text: str = "") -> None:
        given = tuple(0.0 if number is None else float(number) for number in numbers)
        self.frame.shapes.append(
            Shape(kind, given, self.colour, text, self.bold.get(self.font, False))
        )
