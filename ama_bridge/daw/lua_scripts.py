"""The Lua scripts that run inside a DAW, each made into one file that needs no other.

A script is a main file (`scripts/ardour/apply.lua`) and the modules that it names by `include("shared/json")`. What it needs of them goes into
it: a table of loaders, one a module, and an `include` that runs each at most once.

Ardour runs a script's top level in a sandbox that knows `ardour()` alone, and keeps nothing of it but the function `factory`, dumped and loaded
again without its upvalues. So for Ardour the table comes right behind the line `function factory()`. REAPER runs a script as it stands, so there it
comes right behind the comment at the top, in which ReaPack looks for `@description` and `@version`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TypeAlias

Value: TypeAlias = str | int | float | bool

SCRIPTS: Final[Mapping[str, str]] = {
    "ardour/export": "AMA Export",
    "ardour/apply": "AMA Apply",
    "ardour/revert": "AMA Revert",
    "reaper/export": "AMA Export",
    "reaper/apply": "AMA Apply",
    "reaper/revert": "AMA Revert",
    "reaper/listen": "AMA Listen",
    "reaper/settings": "AMA Settings",
}
"""Each script, below its DAW's name, and the name of its action; a DAW's are in the order of a user's work."""
VALUES: Final = "values"
"""The module that a script reads what is filled in from: the folder `mailbox`, the service's UDP `port`, its `command`."""
_FOLDER: Final = Path(__file__).parent / "scripts"
_INCLUDE: Final = re.compile(r'\binclude\("([^"\n]*)"\)')
_FACTORY: Final = "function factory()\n"
_COMMENT: Final = re.compile(r"(?:--(?!\[=*\[).*\n)+")
"""The comment at a file's top, of whole lines."""
_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*")


def scripts_of(daw: str) -> tuple[str, ...]:
    """Return the names of a DAW's scripts."""
    return tuple(name for name in SCRIPTS if name.startswith(f"{daw}/"))


def script(name: str, values: Mapping[str, Value]) -> str:
    """Return a script's text with its modules and values inside, as it is installed; `KeyError` for a script that there is not.

    `values` are what the script is told for good: `mailbox` (str), for Ardour `port` (int), for REAPER `command` (str). They are data: no text
    can become code.
    """
    if name not in SCRIPTS:
        raise KeyError(name)
    main = _text(name)
    head, tail = _split(name, main)
    return f"{head}{_loaders(main, values)}{tail}"


def _split(name: str, main: str) -> tuple[str, str]:
    """Return a main file in two parts, its modules going between them; `ValueError` where there is no place for them."""
    if name.startswith("ardour/"):
        if main.count(_FACTORY) != 1:
            message = f"{name} must have one line {_FACTORY.strip()!r}"
            raise ValueError(message)
        head, _, tail = main.partition(_FACTORY)
        return head + _FACTORY, tail
    comment = _COMMENT.match(main)
    if comment is None:
        message = f"{name} must begin with a comment"
        raise ValueError(message)
    return comment[0], main[comment.end() :]


def _loaders(main: str, values: Mapping[str, Value]) -> str:
    """Return the table of modules that a main file needs, and `include`."""
    parts = ["local modules, loaded = {}, {}\n"]
    parts += [
        "local function include(name)\n",
        "  if loaded[name] == nil then\n    loaded[name] = modules[name]()\n  end\n",
        "  return loaded[name]\nend\n",
    ]
    for module in _modules_of(main):
        body = f"return {table(values)}\n" if module == VALUES else _text(module)
        parts.append(f"modules[{quoted(module)}] = function()\n{body}end\n")
    return "".join(parts)


def _modules_of(main: str) -> list[str]:
    """Return every module that a text needs, directly or through others, each once and in the order found."""
    found: list[str] = []
    waiting = _INCLUDE.findall(main)
    while waiting:
        module = waiting.pop(0)
        if module not in found:
            found.append(module)
            waiting += _INCLUDE.findall(_text(module)) if module != VALUES else []
    return found


def _text(name: str) -> str:
    return (_FOLDER / f"{name}.lua").read_text(encoding="utf-8")


def table(values: Mapping[str, Value]) -> str:
    """Return a Lua table of names and values; `ValueError` for a name that is no Lua name."""
    for name in values:
        if not _PLAIN.fullmatch(name):
            message = f"{name!r} is no name for a value"
            raise ValueError(message)
    return "{" + ", ".join(f"{name} = {_literal(value)}" for name, value in values.items()) + "}"


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else repr(value)


def quoted(text: str) -> str:
    """Return a Lua string of the text's UTF-8 bytes; whatever is not a plain character is spelled as a number."""
    return '"' + "".join(_character(byte) for byte in text.encode("utf-8", "surrogateescape")) + '"'


def _character(byte: int) -> str:
    plain = 0x20 <= byte < 0x7F and byte not in b'"\\'
    return chr(byte) if plain else f"\\{byte:03d}"
