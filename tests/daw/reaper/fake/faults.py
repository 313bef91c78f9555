"""What a test does to a call: let it fail, or let something happen around it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Hook = Callable[..., object]


@dataclass(frozen=True, slots=True)
class _Fault:
    name: str
    nth: int | None
    do: Hook

    def hits(self, name: str, count: int) -> bool:
        return self.name == name and self.nth in (None, count)


@dataclass
class Faults:
    """Failures by call and occurrence (`nth` from 1; None is every time), and how often each call was made."""

    calls: Counter[str] = field(default_factory=Counter)
    _instead: list[_Fault] = field(default_factory=list)
    _before: list[_Fault] = field(default_factory=list)
    _after: list[_Fault] = field(default_factory=list)

    def fail(self, name: str, *, nth: int | None = None, returns: Any = None) -> None:
        """Let a call do nothing and give `returns` instead: a value, a tuple, or a function of the arguments."""
        self._instead.append(
            _Fault(
                name,
                self._from_now(name, nth),
                returns if callable(returns) else lambda *_: returns,
            )
        )

    def before(self, name: str, do: Hook, *, nth: int | None = None) -> None:
        """Run `do(*arguments)` before a call."""
        self._before.append(_Fault(name, self._from_now(name, nth), do))

    def after(self, name: str, do: Hook, *, nth: int | None = None) -> None:
        """Run `do(*arguments)` behind a call."""
        self._after.append(_Fault(name, self._from_now(name, nth), do))

    def _from_now(self, name: str, nth: int | None) -> int | None:
        return None if nth is None else self.calls[name] + nth

    def run(self, name: str, behaviour: Hook, arguments: list[Any]) -> Any:
        """Do a call with whatever was put around it."""
        self.calls[name] += 1
        if not (self._instead or self._before or self._after):
            return behaviour(*arguments)
        count = self.calls[name]
        for fault in [each for each in self._before if each.hits(name, count)]:
            fault.do(*arguments)
        instead = next((each.do for each in self._instead if each.hits(name, count)), behaviour)
        found = instead(*arguments)
        for fault in [each for each in self._after if each.hits(name, count)]:
            fault.do(*arguments)
        return found

    def clear(self) -> None:
        """Forget every failure and hook; counts stay."""
        for each in (self._instead, self._before, self._after):
            each.clear()
