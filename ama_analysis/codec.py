"""Frozen dataclasses to plain JSON values and back, told by their annotations; strict on the way back, but for what `known_part` takes out before.

What it knows: dataclasses (objects), tuples (arrays), mappings (objects), `Path` and `Reference` (strings), str, int, float, bool, Literal, `X | None`.
Floats are written as the shortest text that reads back to the same number, so that what is read equals what was written. A value that
does not fit raises `CodecError` with the key where it stands ("session.tracks[2].pan"), never anything else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints

from ama_analysis.errors import OptionError
from ama_analysis.reference import Reference, parse_reference

_MANY_FLOATS: Final = (float, ...)
Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None


class CodecError(Exception):
    """A value does not fit; `where` is its key, `what` says what is wrong with it."""

    def __init__(self, where: str, what: str) -> None:
        """Take the key and the complaint."""
        super().__init__(f"{where or 'the document'} {what}")


@lru_cache(maxsize=64)
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def to_json(value: Any, hint: Any) -> Any:  # noqa: ANN401  # any annotated value
    """Return the JSON form of a value whose annotation is `hint`."""
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        return None if value is None else to_json(value, _without_none(hint))
    if hint is Reference:
        return str(value)
    if is_dataclass(hint) and isinstance(hint, type):
        hints = _hints(hint)
        return {f.name: to_json(getattr(value, f.name), hints[f.name]) for f in fields(hint)}
    if origin is tuple:
        return _array_to_json(value, hint)
    if origin in _MAPPINGS:
        item = get_args(hint)[1]
        return {str(key): to_json(part, item) for key, part in value.items()}
    return _leaf_to_json(value, hint)


def _array_to_json(value: Any, hint: Any) -> Json:  # noqa: ANN401  # any annotated value
    if get_args(hint) == _MANY_FLOATS:
        return [_leaf_to_json(one, float) for one in value]
    return [to_json(v, h) for v, h in zip(value, _tuple_hints(hint, len(value)), strict=True)]


def _leaf_to_json(value: Any, hint: Any) -> Json:  # noqa: ANN401  # any annotated value
    if hint is float:
        number = float(value)
        if not math.isfinite(number):
            message = f"{number!r} cannot be written: JSON has neither NaN nor infinity"
            raise ValueError(message)
        return number
    if hint is int:
        return int(value)
    if hint is bool:
        return bool(value)
    return str(value)


_MAPPINGS: Final = frozenset({dict, Mapping})


def from_json(value: Any, hint: Any, where: str = "") -> Any:  # noqa: ANN401  # any annotated value
    """Return the value that `hint` describes; `CodecError` where the JSON does not fit it."""
    origin = get_origin(hint)
    if origin in {Union, UnionType}:
        return None if value is None else from_json(value, _without_none(hint), where)
    if hint is Reference:
        return _reference(value, where)
    if is_dataclass(hint) and isinstance(hint, type):
        return _object(value, hint, where)
    if origin is tuple:
        return _array(value, hint, where)
    if origin in _MAPPINGS:
        item = get_args(hint)[1]
        return {k: from_json(v, item, f"{where}.{k}") for k, v in _dict(value, where).items()}
    return _leaf(value, hint, where)


def known_part(value: Any, hint: Any) -> Any:  # noqa: ANN401  # any JSON, any annotation
    """Return a JSON value without the keys that the dataclasses of `hint` do not have, for documents that other versions and programs write too.

    What does not fit otherwise stays for `from_json` to tell.
    """
    origin = get_origin(hint)
    if origin in {Union, UnionType} and value is not None:
        return known_part(value, _without_none(hint))
    if is_dataclass(hint) and isinstance(hint, type) and isinstance(value, dict):
        hints = _hints(hint)
        names = (f.name for f in fields(hint) if f.name in value)
        return {name: known_part(value[name], hints[name]) for name in names}
    if origin is tuple and isinstance(value, list):
        items = _tuple_hints(hint, len(value))
        return [known_part(v, h) for v, h in zip(value, items, strict=False)] + value[len(items) :]
    if origin in _MAPPINGS and isinstance(value, dict):
        return {key: known_part(part, get_args(hint)[1]) for key, part in value.items()}
    return value


def _object(value: Json, cls: type, where: str) -> object:
    given = _dict(value, where)
    known = {f.name: f for f in fields(cls) if f.init}
    for key in given:
        if key not in known:
            raise CodecError(_join(where, key), "is not a key that this version knows")
    hints = _hints(cls)
    filled: dict[str, object] = {}
    for name, field in known.items():
        if name in given:
            filled[name] = from_json(given[name], hints[name], _join(where, name))
        elif _required(field):
            raise CodecError(_join(where, name), "is missing")
    try:
        return cls(**filled)
    except ValueError as error:
        raise CodecError(where, f"does not hold: {error}") from error


def _reference(value: Json, where: str) -> Reference:
    try:
        return parse_reference(_string(value, where))
    except OptionError as error:
        raise CodecError(where, f"does not hold: {error.message}") from error


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _array(value: Json, hint: Any, where: str) -> tuple[object, ...]:  # noqa: ANN401  # any annotation
    if not isinstance(value, list):
        raise CodecError(where, "is not an array")
    hints = _tuple_hints(hint, len(value))
    if len(hints) != len(value):
        raise CodecError(where, f"has {len(value)} items instead of {len(hints)}")
    if hints and all(h is float for h in hints) and all(type(v) is float for v in value):
        numbers = tuple(value)
        if all(math.isfinite(n) for n in numbers):  # type: ignore[arg-type]  # all are floats, see above
            return numbers
    return tuple(
        from_json(v, h, f"{where}[{i}]") for i, (v, h) in enumerate(zip(value, hints, strict=True))
    )


def _leaf(value: Json, hint: Any, where: str) -> object:  # noqa: ANN401  # any annotation
    if get_origin(hint) is Literal:
        allowed = get_args(hint)
        if value not in allowed or isinstance(value, bool):
            words = ", ".join(str(a) for a in allowed)
            raise CodecError(where, f"is {_shown(value)}, it must be one of: {words}")
        return value
    if hint is float:
        return _number(value, where)
    if hint is Path:
        return Path(_string(value, where))
    if hint is str:
        return _string(value, where)
    if hint is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if type(value) is not hint:
        raise CodecError(where, f"is {_shown(value)}, it must be {_NAMES[hint]}")
    return value


_NAMES: Final = {int: "a whole number", bool: "true or false"}


def _number(value: Json, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise CodecError(where, f"is {_shown(value)}, it must be a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise CodecError(where, "is not a finite number")
    return number


def _string(value: Json, where: str) -> str:
    if not isinstance(value, str):
        raise CodecError(where, f"is {_shown(value)}, it must be text")
    if "\0" in value:
        raise CodecError(where, "holds a null character")
    return value


def _dict(value: Json, where: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise CodecError(where, "is not an object")
    return value


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _shown(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def _without_none(hint: Any) -> Any:  # noqa: ANN401  # any annotation
    (left,) = (arg for arg in get_args(hint) if arg is not NoneType)
    return left


def _tuple_hints(hint: Any, length: int) -> tuple[Any, ...]:  # noqa: ANN401  # any annotation
    args = get_args(hint)
    return (args[0],) * length if len(args) == 2 and args[1] is Ellipsis else args
