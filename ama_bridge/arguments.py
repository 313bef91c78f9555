"""The arguments of a request, held against the table: in their order as OSC sends them, or by their names as HTTP does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from ama_analysis.errors import OptionError
from ama_analysis.session import fader_in_range
from ama_bridge.osc_packets import Message
from ama_bridge.osc_table import ADDRESSES, ANSWERS, PREFIX, RID, Address, Parameter

MAX_RID_BYTES: Final = 100
_I32: Final = range(-(2**31), 2**31)


def read_arguments(address: Address, message: Message) -> dict[str, Any]:
    """Return the arguments by name; those left out are missing. `OptionError` (AMA-501) says which one does not fit."""
    given = list(message.arguments)
    found: dict[str, Any] = {}
    parameters = [p for p in address.parameters if not p.by_name]
    for at, parameter in enumerate(parameters):
        if parameter.repeated:
            found[parameter.name] = tuple(_any(address, parameter, v) for v in given[at:])
            return found
        if at >= len(given):
            if parameter.optional:
                return found
            raise _unfit(address, f"the argument {parameter.name} is missing")
        found[parameter.name] = _value(address, parameter, given[at])
    if len(given) > len(parameters):
        raise _unfit(address, f"it has {len(given)} arguments")
    return found


def read_named(address: Address, given: object) -> dict[str, Any]:
    """Return the arguments of a JSON object, the request id aside; `OptionError` (AMA-501) says which one does not fit."""
    if not isinstance(given, dict):
        raise _unfit(address, f"its arguments must be an object, not {_shown(given)}")
    known = {p.name: p for p in address.parameters if p.name != RID}
    for name in given:
        if name not in known:
            raise _unfit(address, f"it has no argument {_shown(str(name))}")
    found: dict[str, Any] = {}
    for name, parameter in known.items():
        if name in given:
            found[name] = _named(address, parameter, given[name])
        elif not parameter.optional:
            raise _unfit(address, f"the argument {name} is missing")
    return found


def _named(address: Address, parameter: Parameter, value: object) -> Any:  # noqa: ANN401  # told by the type
    if not parameter.repeated:
        return _value(address, parameter, value)
    if not isinstance(value, list):
        raise _unfit(address, f"{parameter.name} must be a list, not {_shown(value)}")
    return tuple(_any(address, parameter, each) for each in value)


def answer_named(address: str, arguments: Sequence[object]) -> dict[str, Any]:
    """Return an answer's arguments by name, the request id aside; `address` is one of `ANSWERS`."""
    named = zip(ANSWERS[address], arguments, strict=True)
    return {parameter.name: value for parameter, value in named if parameter.name != RID}


def address_at(path: str) -> Address:
    """Return the address of that name; `OptionError` (AMA-502) where AMA has none."""
    address = ADDRESSES.get(path)
    if address is None:
        complaint = f"AMA has no address {_shown(path)}."
        hint = f"All begin with {PREFIX}/, see the reference."
        raise OptionError(complaint, hint=hint, code="AMA-502")
    return address


def check_rid(message: Message) -> None:
    """Refuse a message without a usable request id."""
    if not message.rid:
        hint = "Begin every request with an id of your choice, a string that is not empty."
        complaint = f"{_shown(message.address)} came without a request id."
        raise OptionError(complaint, hint=hint)
    if len(message.rid.encode("utf-8")) > MAX_RID_BYTES:
        complaint = f"The request id is longer than {MAX_RID_BYTES} bytes."
        raise OptionError(complaint, hint="Choose a shorter one.")


def _value(address: Address, parameter: Parameter, value: object) -> Any:  # noqa: ANN401  # told by the type
    if parameter.name == "fader_db":
        value = _fader(value)
    if parameter.type == "s":
        if isinstance(value, str):
            return value
    elif parameter.type == "i":
        whole = _whole(value)
        if whole is not None:
            return whole
    elif isinstance(value, int | float) and not isinstance(value, bool) and _is_finite(value):
        return float(value)
    needed = {"s": "a string", "i": "a whole number", "f": "a number"}[parameter.type]
    given = f"the text '{_shown(value)}'" if isinstance(value, str) else _shown(value)
    raise _unfit(address, f"{parameter.name} must be {needed}, not {given}")


def _fader(value: object) -> object:
    """Return a fader that is shut at the lowest that a track knows; all else as it is."""
    if isinstance(value, bool):
        return value
    if value is None or isinstance(value, float | int | str):
        return fader_in_range(value)
    return value


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that no float holds
        return False


def _whole(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return int(value) if isinstance(value, int) and value in _I32 else None


def _any(address: Address, parameter: Parameter, value: object) -> str | float:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return float(value)
    number: float = _value(address, parameter, value)
    return number


def _unfit(address: Address, why: str) -> OptionError:
    message = f"{address.path} does not fit: {why}."
    return OptionError(message, hint=f"It takes: {address.arguments}.")


def _shown(value: Sequence[Any] | object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."
