"""What each gfx call draws, or tells of the window: a function for each, named as in the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.daw.reaper.fake.signatures import SIGNATURES
from tests.daw.reaper.fake.window import Rectangle, Text, Window

CENTRE_X, RIGHT, CENTRE_Y, BOTTOM = 1, 2, 4, 8
"""gfx.drawstr's flags."""

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
