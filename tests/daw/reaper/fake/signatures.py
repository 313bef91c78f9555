"""The API as data: what a call takes and gives, read from api.txt, and the check of what a script hands over."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_LINE: Final = re.compile(
    r"(?P<name>[\w.]+)\((?P<args>.*?)\)(?: -> (?P<returns>[^;]*?))?(?: ; since (?P<since>[\d.]+))?"
)


class BadCallError(Exception):
    """A call that REAPER refuses: the wrong number of arguments, or of the wrong type. A script that makes one is wrong."""


class StalePointerError(Exception):
    """A track that is not there any more. REAPER raises in Lua as well; a script may catch it."""


@dataclass(frozen=True, slots=True)
class Argument:
    type: str
    name: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """One call. `returns` are types; a type that ends in `?` may be nil."""

    name: str
    arguments: tuple[Argument, ...]
    returns: tuple[str, ...]
    since: tuple[int, ...] = (0,)

    @property
    def open_ended(self) -> bool:
        return any(argument.name == "..." for argument in self.arguments)


def read(text: str) -> dict[str, Signature]:
    """Return the calls of a text like api.txt by name."""
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return {signature.name: signature for signature in map(_signature, lines)}


def _signature(line: str) -> Signature:
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError(line)
    returns = [part.rpartition(" ")[0] for part in _parts(found["returns"])]
    since = tuple(int(part) for part in (found["since"] or "0").split("."))
    return Signature(
        found["name"], tuple(map(_argument, _parts(found["args"]))), tuple(returns), since
    )


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in text.split(",")] if text else []


def _argument(text: str) -> Argument:
    kind, _, name = text.rpartition(" ")
    return Argument(kind.removeprefix("?"), name, kind.startswith("?"))


SIGNATURES: Final[Mapping[str, Signature]] = read(
    (Path(__file__).parent / "api.txt").read_text(encoding="utf-8")
)

Check = Callable[[object], object]


class _Refused(Exception):  # noqa: N818  # a signal inside this file, not an error that anybody sees
    pass


def _integer(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise _Refused


def _number(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise _Refused


def _string(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    raise _Refused


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _Refused


def _function(value: object) -> object:
    if type(value).__name__ == "_LuaFunction":
        return value
    raise _Refused


def _pointer(kind: str) -> Check:
    def check(value: object) -> object:
        if getattr(value, "lua_type", None) != kind:
            raise _Refused
        if getattr(value, "deleted", False):
            message = f"{kind} expected: it is not there any more"
            raise StalePointerError(message)
        return value

    return check


def _project(value: object) -> object:
    if value is None or getattr(value, "lua_type", None) == "ReaProject":
        return None
    if _integer(value) != 0:
        raise _Refused
    return None


_CHECKS: Final[Mapping[str, Check]] = {
    "integer": _integer,
    "number": _number,
    "string": _string,
    "boolean": _boolean,
    "function": _function,
    "userdata": lambda value: value,
    "any": lambda value: value,
    "ReaProject|nil|0": _project,
    "KbdSectionInfo|integer": _integer,
}


def checked(signature: Signature, given: tuple[Any, ...]) -> list[Any]:
    """Return the arguments as Python values, as many as the call has; `BadCallError`, `StalePointerError`."""
    wanted = signature.arguments
    if signature.open_ended:
        return list(given)
    while len(given) > len(wanted) and given[-1] is None:
        given = given[:-1]
    if len(given) > len(wanted):
        message = f"{signature.name} takes {len(wanted)} arguments, not {len(given)}"
        raise BadCallError(message)
    found: list[Any] = []
    for at, argument in enumerate(wanted):
        value = given[at] if at < len(given) else None
        if value is None and argument.optional:
            found.append(None)
            continue
        try:
            found.append((_CHECKS.get(argument.type) or _pointer(argument.type))(value))
        except _Refused:
            seen = "nothing" if at >= len(given) else _spoken(value)
            message = f"bad argument #{at + 1} to {signature.name}: {argument.name} must be {argument.type}, not {seen}"
            raise BadCallError(message) from None
    return found


def _spoken(value: object) -> str:
    if value is None:
        return "nil"
    return f"{getattr(value, 'lua_type', type(value).__name__)} {value!r}"


def returned(signature: Signature, given: object) -> tuple[Any, ...]:
    """Return what a call gives to Lua: as many values as listed, floats where the API says number, bytes for text."""
    values = given if isinstance(given, tuple) else (() if not signature.returns else (given,))
    if len(values) != len(signature.returns):
        message = f"the fake's {signature.name} gives {values!r}, the API {signature.returns}"
        raise AssertionError(message)
    return tuple(
        _to_lua(kind, value) for kind, value in zip(signature.returns, values, strict=True)
    )


def _to_lua(kind: str, value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if value is None or not isinstance(value, int | float):
        return value
    if kind.startswith("number"):
        return float(value)
    if kind.startswith("boolean"):
        return bool(value)
    return int(value) if kind.startswith("integer") else value
