"""Ardour's `ui_scripts`: which Lua script stands in which action slot, read and changed without touching what is the user's.

The file is XML: `<UIScripts>` with one `<ActionScript>`, whose text is base64 of Lua statements, and `<ActionHooks>`. The statements are what
Ardour's script manager writes (gtk2_ardour/luainstance.cc, `serialize`): `scripts = {} scripts[3] = {} scripts[3]["n"] = "name" ...` with strings as
Lua's `%q` has them; n is the name, s the source, f the function (text or bytecode), a the arguments, c the icon. Only statements of this
form are read; a file with anything else is refused, never guessed at. Changes cut out or append whole statements, so all others, the
hooks, and the XML around stay byte by byte.
"""

from __future__ import annotations

import base64
import binascii
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

SLOTS: Final = range(1, 33)
"""Ardour has 32 action slots, `LuaAction/script-1` and on."""
_MADE: Final = b' made-by="AMA"'
"""An attribute of the root of a file that AMA made; Ardour drops it when it writes the file itself."""
_EMPTY: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<UIScripts%b>\n  <ActionScript lua="Lua 5.3">%b</ActionScript>\n'
    b"  <ActionHooks/>\n</UIScripts>\n"
)
_BEGIN: Final = b"scripts = {} "
_ELEMENT: Final = re.compile(
    rb"<ActionScript\b(?P<attributes>[^>]*?)(?:/>|>(?P<text>[^<]*)</ActionScript\s*>)"
)
_STRING: Final = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
_STATEMENT: Final = re.compile(
    rb"scripts(?P<keys>(?:\[(?:\d+|%b)\])*) = (?P<value>\{\}|true|false|nil|-?\d[\d.eE+-]*|%b) *"
    % (_STRING, _STRING),
    re.DOTALL,
)
_KEY: Final = re.compile(rb"\[(\d+|%b)\]" % _STRING, re.DOTALL)
_ESCAPE: Final = re.compile(rb"\\(\d{1,3}|.)", re.DOTALL)
_PLAIN: Final = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f"}
_TO_QUOTE: Final = re.compile(rb'["\\\n\x00-\x1f\x7f]')


class UnknownScriptsError(Exception):
    """The file is not as Ardour writes it; the text says what is odd."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A script in an action slot."""

    name: str
    source: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class UiScripts:
    """The file: its bytes around the state, the state (Lua statements), and the actions by slot."""

    head: bytes
    state: bytes
    tail: bytes
    actions: Mapping[int, Action] = field(default_factory=dict)
    hooks: int = 0

    @classmethod
    def new(cls) -> Self:
        """Return what AMA begins with where there is no file."""
        return cls.read(_EMPTY % (_MADE, base64.b64encode(_BEGIN)))

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Return what is in a file's bytes; `UnknownScriptsError` where it is not as Ardour writes it."""
        hooks = _checked(data)
        element = _ELEMENT.search(data)
        if element is None:
            message = "it has no ActionScript"
            raise UnknownScriptsError(message)
        text = element["text"]
        opening = b"<ActionScript%b>" % element["attributes"].rstrip()
        return cls(
            head=data[: element.start()] + opening,
            state=_decoded(text or b"") or _BEGIN,
            tail=b"</ActionScript>" + data[element.end() :],
            actions=_actions(_decoded(text or b"") or _BEGIN),
            hooks=hooks,
        )

    @property
    def made_by_ama(self) -> bool:
        """Whether AMA made the file and Ardour has not written it since."""
        return _MADE in self.head

    def to_bytes(self) -> bytes:
        """Return the file's bytes."""
        return self.head + base64.b64encode(self.state) + self.tail

    def without(self, slots: Iterable[int]) -> Self:
        """Return the file without the actions in these slots."""
        gone = {b"%d" % slot for slot in slots}
        kept, at = [], 0
        for match in _STATEMENT.finditer(self.state):
            keys = _KEY.findall(match["keys"])
            if keys and keys[0] in gone:
                newline = self.state[: match.start()].endswith(b"\n")
                kept.append(self.state[at : match.start() - newline])
                at = match.end()
        return self._with_state(b"".join([*kept, self.state[at:]]))

    def with_action(self, slot: int, action: Action, *, origin: Path) -> Self:
        """Return the file with an action in a free slot; `origin` is the file from which Ardour 8 and later read it anew."""
        if slot in self.actions or slot not in SLOTS:
            message = f"slot {slot} is not free"
            raise ValueError(message)
        values = {
            b'["n"]': action.name.encode(),
            b'["s"]': action.source,
            b'["f"]': _function(action.source),
            b'["c"]': b"",
            b'["a"]["x-script-origin"]': str(origin).encode("utf-8", "surrogateescape"),
        }
        where = b"scripts[%d]" % slot
        lines = [b"%b = {} %b = {} " % (where, where + b'["a"]')]
        lines += [b"%b%b = %b " % (where, key, quoted(value)) for key, value in values.items()]
        return self._with_state(self.state + b"\n" + b"".join(lines))

    def _with_state(self, state: bytes) -> Self:
        return type(self)(
            head=self.head, state=state, tail=self.tail, actions=_actions(state), hooks=self.hooks
        )


def _function(source: bytes) -> bytes:
    """Return the chunk that Ardour calls with the arguments to get the action: the script itself, with `ardour` and `factory` made local."""
    return b"local ardour, factory = function () end\n%b\nreturn factory (...)\n" % source


def _checked(data: bytes) -> int:
    """Return how many hooks there are."""
    try:
        root = ET.fromstring(data)  # noqa: S314  # the user's own settings
    except ET.ParseError as error:
        message = f"it is not XML ({error})"
        raise UnknownScriptsError(message) from error
    scripts = root.findall("ActionScript")
    if root.tag != "UIScripts" or len(scripts) != 1 or len(scripts[0]):
        message = "it is not one UIScripts with one ActionScript"
        raise UnknownScriptsError(message)
    lua = scripts[0].get("lua", "Lua 5.3")
    if not re.fullmatch(r"Lua 5\.[34]", lua):
        message = f"its scripts are {lua}"
        raise UnknownScriptsError(message)
    return len(root.findall("ActionHooks/*"))


def _decoded(text: bytes) -> bytes:
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error as error:
        message = f"its scripts are not base64 ({error})"
        raise UnknownScriptsError(message) from error


def _actions(state: bytes) -> dict[int, Action]:
    names: dict[int, str] = {}
    sources: dict[int, bytes] = {}
    at = 0
    while at < len(state):
        match = _STATEMENT.match(state, at)
        if match is None:
            message = f"its scripts hold something that Ardour does not write (byte {at})"
            raise UnknownScriptsError(message)
        keys = _KEY.findall(match["keys"])
        _note(keys, match["value"], names, sources)
        at = match.end()
        while state[at : at + 1] in {b"\n", b"\t", b"\r"}:
            at += 1
    return {slot: Action(name=name, source=sources.get(slot, b"")) for slot, name in names.items()}


def _note(
    keys: list[bytes], value: bytes, names: dict[int, str], sources: dict[int, bytes]
) -> None:
    if not keys:
        return
    if not keys[0].isdigit():
        message = "its scripts are not numbered"
        raise UnknownScriptsError(message)
    slot = int(keys[0])
    if len(keys) == 1:
        names.setdefault(slot, "")
    elif keys[1:] == [b'"n"'] and value.startswith(b'"'):
        names[slot] = unquoted(value).decode("utf-8", "replace")
    elif keys[1:] == [b'"s"'] and value.startswith(b'"'):
        sources[slot] = unquoted(value)


def quoted(text: bytes) -> bytes:
    """Return a Lua string literal of any bytes."""
    return b'"%b"' % _TO_QUOTE.sub(_escaped, text)


def _escaped(match: re.Match[bytes]) -> bytes:
    char = match[0]
    return b"\\" + char if char in b'"\\\n' else b"\\%03d" % char[0]


def unquoted(literal: bytes) -> bytes:
    """Return the bytes of a Lua string literal as `%q` writes it."""
    return _ESCAPE.sub(_plain, literal[1:-1])


def _plain(match: re.Match[bytes]) -> bytes:
    code = match[1]
    return bytes([int(code) % 256]) if code.isdigit() else _PLAIN.get(code, code)
