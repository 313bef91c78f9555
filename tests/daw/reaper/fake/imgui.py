"""ReaImGui, where a test says that it is installed: widgets by their label instead of by place, and its own strictness.

A context that is not used for a tick is gone; End and EndChild only where Begin and BeginChild said true; two widgets with one id in a window
disturb each other. In this fake each of these is a mistake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.daw.reaper.fake.signatures import read

if TYPE_CHECKING:
    from tests.daw.fake_reaper import FakeReaper

IMGUI: Final = read((Path(__file__).parent / "imgui.txt").read_text(encoding="utf-8"))
ENTER, ESCAPE = 525, 526


@dataclass(eq=False)
class Context:
    deleted: bool = False
    lua_type = "ImGui_Context"


@dataclass(frozen=True, slots=True)
class Widget:
    """A line of a window: what it is, what it says, its value, whether it can be used."""

    kind: str
    text: str
    on: bool | float | None = None
    enabled: bool = True


@dataclass
class Surface:
    """All windows of ReaImGui's, as one list of widgets a tick."""

    fake: FakeReaper
    collapsed: bool = False
    widgets: list[Widget] = field(default_factory=list)
    last: list[Widget] = field(default_factory=list)
    title: str = ""
    _pressed: list[str] = field(default_factory=list)
    _now: str = ""
    _key: int = 0
    _closing: bool = False
    _contexts: list[Context] = field(default_factory=list)
    _used: set[Context] = field(default_factory=set)
    _stack: list[tuple[str, object]] = field(default_factory=list)
    _ids: set[tuple[object, ...]] = field(default_factory=set)

    # -- what a test does ---------------------------------------------------

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.last]

    def find(self, part: str) -> Widget:
        found = [each for each in self.last if each.text == part] or [
            each for each in self.last if part in each.text
        ]
        assert found, f"{part!r} is not among {self.texts}"
        return found[0]

    def press(self, part: str) -> None:
        """Click on what has this label, in the next tick."""
        self._pressed.append(self.find(part).text)

    def key(self, key: int) -> None:
        self._pressed.append(f"\0{key}")

    def close(self) -> None:
        self._closing = True

    # -- what happens -------------------------------------------------------

    def tick(self) -> None:
        """Begin a tick: contexts that the last one did not use are gone, and everything begun must have ended."""
        if self._stack:
            self.fake.mistakes.append(f"ReaImGui: not ended: {[kind for kind, _ in self._stack]}")
            self._stack.clear()
        for context in self._contexts:
            context.deleted = context not in self._used
        self._used.clear()
        self._ids.clear()
        if self.widgets:
            self.last, self.widgets = self.widgets, []
        event = self._pressed.pop(0) if self._pressed else ""
        self._key = int(event[1:]) if event.startswith("\0") else 0
        self._now = "" if self._key else event

    def use(self, context: Context) -> None:
        self._used.add(context)

    def new(self) -> Context:
        self._contexts.append(Context())
        self._used.add(self._contexts[-1])
        return self._contexts[-1]

    def key_pressed(self, key: int) -> bool:
        return self._key == key

    def show(self, kind: str, label: str, on: bool | float | None = None) -> bool:
        """Take a widget and tell whether it is pressed now."""
        text, _, own = label.partition("##")
        if kind not in ("text", "bar"):
            places = (each for each in self._stack if each[0] in ("window", "child", "id"))
            key = (*places, own[1:] if own.startswith("#") else label)
            if key in self._ids:
                raise self.fake.mistake(f"ReaImGui: two widgets have the id {key!r}")
            self._ids.add(key)
        enabled = not any(kind == "disabled" and off for kind, off in self._stack)
        self.widgets.append(Widget(kind, text, on, enabled))
        pressed = enabled and text == self._now and kind not in ("text", "bar")
        if pressed:
            self._now = ""
        return pressed

    def begin(self, title: str) -> tuple[bool, bool]:
        self.title = title.partition("##")[0]
        still_open, self._closing = not self._closing, False
        if not self.collapsed:
            self._stack.append(("window", title))
        return not self.collapsed, still_open

    def push(self, kind: str, value: object) -> None:
        self._stack.append((kind, value))

    def pop(self, kind: str) -> None:
        if not self._stack or self._stack[-1][0] != kind:
            raise self.fake.mistake(f"ReaImGui: {kind} is ended, open is {self._stack[-1:]}")
        self._stack.pop()


DOES: Final[dict[str, Callable[..., Any]]] = {
    "GetVersion": lambda _: ("1.89.9", 18990, "0.9.3.3"),
    "CreateContext": lambda ui, *_: ui.new(),
    "SetNextWindowSize": lambda *_: None,
    "Begin": lambda ui, _, title, *__: ui.begin(title),
    "End": lambda ui, _: ui.pop("window"),
    "BeginChild": lambda ui, _, name, *__: ui.push("child", name) or True,
    "EndChild": lambda ui, _: ui.pop("child"),
    "BeginDisabled": lambda ui, _, off: ui.push("disabled", off is not False),
    "EndDisabled": lambda ui, _: ui.pop("disabled"),
    "PushID": lambda ui, _, name: ui.push("id", name),
    "PopID": lambda ui, _: ui.pop("id"),
    "Indent": lambda ui, *_: ui.push("indent", 0),
    "Unindent": lambda ui, *_: ui.pop("indent"),
    "Text": lambda ui, _, text: ui.show("text", text) and None,
    "TextWrapped": lambda ui, _, text: ui.show("text", text.replace("%%", "%")) and None,
    "Button": lambda ui, _, label, *__: ui.show("button", label),
    "SmallButton": lambda ui, _, label: ui.show("button", label),
    "Checkbox": lambda ui, _, label, on: (lambda hit: (hit, on != hit))(ui.show("tick", label, on)),
    "RadioButton": lambda ui, _, label, on: ui.show("radio", label, on),
    "ProgressBar": lambda ui, _, share, *__: ui.show("bar", "", share) and None,
    "SameLine": lambda *_: None,
    "NewLine": lambda *_: None,
    "Spacing": lambda *_: None,
    "Separator": lambda *_: None,
    "IsKeyPressed": lambda ui, _, key, __: ui.key_pressed(key),
    "Key_Enter": lambda _: ENTER,
    "Key_Escape": lambda _: ESCAPE,
}
"""What each call does, without `ImGui_`; the surface comes first, then the context."""


def behaviour(surface: Surface, name: str) -> Callable[..., Any]:
    """Return what a call does."""
    does = DOES[name.removeprefix("ImGui_")]

    def run(*arguments: Any) -> Any:
        if arguments and isinstance(arguments[0], Context):
            surface.use(arguments[0])
        found = does(surface, *arguments)
        return found if IMGUI[name].returns else None

    return run
