"""A script's gfx window without a screen: mouse and keyboard come from a test, and what is drawn is kept frame by frame.

A letter is half as wide as its font is high. A frame is what is drawn between two ticks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tests.daw.reaper.fake.signatures import SIGNATURES

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
CENTRE_X, RIGHT, CENTRE_Y, BOTTOM = 1, 2, 4, 8
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


Drawing = Callable[..., Any]
DRAWING: Final[dict[str, Drawing]] = {}


def _draws(function: Drawing) -> Drawing:
    name = "gfx." + function.__name__.strip("_")
    assert name in SIGNATURES, name
    DRAWING[name] = function
    return function


@_draws
def init(
    window: Window, title: str, width: float | None, height: float | None, *_: object
) -> float:
    """Open the window, or give an open one another size; an empty title changes nothing else."""
    if title:
        window.title = title
    if not window.is_open:
        window.is_open, window.opened = True, window.opened + 1
        window.keys.clear()
    if width and height:
        window._size(width, height)
    return 1.0


@_draws
def quit_(window: Window) -> float:
    window.is_open = False
    return 0.0


@_draws
def getchar(window: Window, char: float | None, _unichar: float | None) -> tuple[float, float]:
    """Return the next key; 0 is none, -1 that the window is closed."""
    if not window.is_open:
        return -1.0, 0.0
    if char:
        return 0.0, 0.0
    key = window.keys.popleft() if window.keys else 0
    return float(key), float(key)


@_draws
def update(window: Window) -> float:
    window.end_frame()
    return 0.0


@_draws
def set_(
    window: Window,
    red: float,
    green: float | None,
    blue: float | None,
    alpha: float | None,
    *_: object,
) -> float:
    """Set the colour; what is left out is as the red, or full."""
    values = {
        "r": red,
        "g": red if green is None else green,
        "b": red if blue is None else blue,
        "a": 1.0 if alpha is None else alpha,
    }
    for name, value in values.items():
        window.variables[name.encode()] = float(value)
    return 0.0


@_draws
def rect(
    window: Window, x: float, y: float, width: float, height: float, filled: float | None
) -> float:
    window.frame.rectangles.append(
        Rectangle(x, y, width, height, filled is None or filled != 0, window.colour)
    )
    window.shape("rect", x, y, width, height, 1.0 if filled is None else filled)
    return 0.0


@_draws
def roundrect(
    window: Window,
    x: float,
    y: float,
    width: float,
    height: float,
    radius: float,
    _smooth: float | None,
) -> float:
    window.shape("roundrect", x, y, width, height, radius)
    window.frame.rectangles.append(
        Rectangle(x, y, width, height, filled=False, colour=window.colour)
    )
    return 0.0


@_draws
def line(window: Window, *numbers: float | None) -> float:
    window.frame.lines += 1
    window.shape("line", *numbers)
    return 0.0


@_draws
def circle(window: Window, *numbers: float | None) -> float:
    window.frame.lines += 1
    window.shape("circle", *numbers)
    return 0.0


@_draws
def triangle(window: Window, *_: object) -> float:
    window.frame.lines += 1
    return 0.0


@_draws
def gradrect(window: Window, x: float, y: float, width: float, height: float, *_: object) -> float:
    return rect(window, x, y, width, height, 1.0)


@_draws
def setfont(
    window: Window, at: float, _face: str | None, size: float | None, flags: float | None
) -> float:
    window.font = int(at)
    if size:
        window.sizes[window.font] = float(size)
        window.bold[window.font] = int(flags or 0) & 0xFF == ord("b")
    window.variables[b"texth"] = window.sizes.get(window.font, 8.0)
    return 0.0


@_draws
def measurestr(window: Window, text: str) -> tuple[float, float]:
    return window.size_of(text)


@_draws
def drawstr(
    window: Window, text: str, flags: float | None, right: float | None, bottom: float | None
) -> float:
    """Draw a text at gfx.x, gfx.y, which then stands behind it."""
    width, height = window.size_of(text)
    x, y, how = window.get("x"), window.get("y"), int(flags or 0)
    room_x, room_y = (right - x if right else None), (bottom - y if bottom else None)
    left, top = x, y
    if room_x is not None:
        left = (
            x + (room_x - width) / 2
            if how & CENTRE_X
            else right - width
            if how & RIGHT and right
            else x
        )
    if room_y is not None:
        top = (
            y + (room_y - height) / 2
            if how & CENTRE_Y
            else bottom - height
            if how & BOTTOM and bottom
            else y
        )
    cut = (room_x is not None and width > room_x) or left + width > window.get("w")
    window.frame.texts.append(Text(text, left, top, width, height, window.colour, cut))
    window.shape("text", left, top, width, height, text=text)
    window.variables[b"x"] = x + width
    return 0.0


@_draws
def showmenu(window: Window, _text: str) -> float:
    """A menu waits for the user: a test has to say what is chosen."""
    assert window.menu_answers, "a menu blocks REAPER"
    return float(window.menu_answers.pop(0))


@_draws
def dock(window: Window, *_: object) -> tuple[float, float, float, float, float]:
    return 0.0, 100.0, 100.0, window.get("w"), window.get("h")


@_draws
def setcursor(window: Window, *_: object) -> float:
    return 0.0


@_draws
def clienttoscreen(window: Window, x: float, y: float) -> tuple[float, float]:
    return x + 100, y + 100


@_draws
def screentoclient(window: Window, x: float, y: float) -> tuple[float, float]:
    return x - 100, y - 100
