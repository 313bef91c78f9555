"""Requests as AMA writes them, for the tests of the scripts: each value checked by `request.py`, so that both sides keep one contract."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ama_bridge.daw.ardour.request import Control, Insert, Part, Request, Setting, Strip
from ama_bridge.daw.documents import Offered, document_bytes, entries_of
from ama_bridge.daw.port import Skipped

EQ = "urn:ardour:a-eq"
COMP = "urn:ardour:a-comp"
EXP = "urn:ardour:a-exp"
EQ_OFF = dict.fromkeys(range(17, 23), 0.0)


def settings(values: dict[int, float]) -> tuple[Setting, ...]:
    return tuple(Setting(which=which, value=value) for which, value in values.items())


def part(suggestion: str, values: dict[int, float], **more: Any) -> Part:
    return Part(suggestion=suggestion, settings=settings(values), **more)


def bell(suggestion: str, number: int, freq_hz: float, gain_db: float, **more: Any) -> Part:
    """One of a-EQ's four bells, 1 to 4."""
    first = 3 * number - 1
    values = {first: freq_hz, first + 1: gain_db, first + 2: 1.0, 17 + number: 1.0}
    return part(suggestion, values, **more)


def eq(*parts: Part, **more: Any) -> Insert:
    made = Insert(key="eq", label="AMA EQ", uri=EQ, base=settings(EQ_OFF), parts=parts)
    return replace(made, **more)


def comp(*parts: Part, **more: Any) -> Insert:
    made = Insert(key="comp", label="AMA Comp", uri=COMP, stereo_uri=f"{COMP}#stereo", parts=parts)
    return replace(made, **more)


def gate(*parts: Part, **more: Any) -> Insert:
    """An expander that does nothing but for its parts."""
    off = settings({3: 1.0, 5: 0.0, 9: 0.0, 10: 1.0})
    made = Insert(key="gate", label="AMA Gate", uri=EXP, base=off, parts=parts)
    return replace(made, **more)


def high_pass(suggestion: str, cutoff_hz: float) -> Insert:
    return Insert(
        key="hp",
        label="AMA High-pass",
        uri="ACE High/Low Pass Filter",
        type="lua",
        base=settings({0: 0.0, 3: 0.0}),
        parts=(part(suggestion, {0: 1.0, 1: cutoff_hz}),),
    )


LEVEL = Insert(key="fader", label="AMA Level", uri=EQ, base=settings({**EQ_OFF, 16: 0.0}))
"""The plugin for what a fader has no range for."""


def control(suggestion: str, name: Any, value: float, expected: float | None = None, **more: Any):
    return Control(suggestion=suggestion, control=name, value=value, expected=expected, **more)


def request(*strips: Strip, **more: Any) -> dict[str, Any]:
    """A request that offers all that its strips name, ticked, as JSON."""
    offered = {
        entry.suggestion: Offered(
            id=entry.suggestion,
            track=strip.track,
            track_name=strip.name,
            label=f"label of {entry.suggestion}",
            because=f"Because of {entry.suggestion}, and -3.2 dB.",
            ticked=True,
        )
        for strip in strips
        for entry in entries_of(strip)
    }
    fields: dict[str, Any] = {
        "id": "plan-1",
        "session": "song",
        "ask": True,
        "answer_port": 0,
        "mailbox": "",
        "suggestions": tuple(offered.values()),
        "strips": strips,
    }
    document: dict[str, Any] = json.loads(document_bytes(Request(**(fields | more))))
    return document


def skipped(suggestion: str, reason: str) -> Skipped:
    return Skipped(suggestion=suggestion, reason=reason)
