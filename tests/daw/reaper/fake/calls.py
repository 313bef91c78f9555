"""The table of what each call does: functions named as in the API, each with the fake REAPER before the call's own arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.daw.reaper.fake.signatures import SIGNATURES

Behaviour = Callable[..., Any]
BEHAVIOURS: Final[dict[str, Behaviour]] = {}


def call(behaviour: Behaviour) -> Behaviour:
    """Take a function as what the call of its name does; it must be in api.txt."""
    name = behaviour.__name__
    if name not in SIGNATURES or name in BEHAVIOURS:
        message = f"{name} is not in api.txt, or is there twice"
        raise AssertionError(message)
    BEHAVIOURS[name] = behaviour
    return behaviour
