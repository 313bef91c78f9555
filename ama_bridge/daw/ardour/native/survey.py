"""Looking before anything is set over OSC: which suggestions of a request can go on, and what is to be set for them.

Faders and pans are compared in what the client speaks (dB, -1 .. +1); a request speaks Ardour's coefficient and azimuth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ama_analysis.errors import InputError
from ama_analysis.plan import MASTER
from ama_bridge.daw.ardour import ace
from ama_bridge.daw.ardour.native import journal
from ama_bridge.daw.ardour.native.client import Ardour
from ama_bridge.daw.ardour.native.reading import the_one
from ama_bridge.daw.ardour.native.values import (
    GAIN_TOLERANCE_DB,
    HIGHEST_DB,
    MixerStrip,
    Parameter,
    decibels,
    same_gain,
)
from ama_bridge.daw.ardour.request import (
    Control,
    ControlName,
    Insert,
    Part,
    Request,
    Setting,
    Strip,
)
from ama_bridge.daw.ardour.script_journals import left_by_scripts
from ama_bridge.daw.documents import holds

CANNOT_INSERT: Final = (
    "Ardour's OSC cannot insert plugins; install AMA's scripts with `ama install ardour`"
)
MOVED_DB: Final = 0.1
MOVED_PAN: Final = 0.01
"""So far a fader or pan (-1 .. +1) may be from where AMA saw it: the same as AMA's scripts allow."""
_WORDS: Final[dict[ControlName, str]] = {"gain": "fader", "pan": "panner", "polarity": "polarity"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What is set at once: values of one strip, each with what it is called in the result, what was asked, and for which suggestion."""

    values: tuple[journal.ValueSet, ...]
    told: tuple[tuple[str, str, float], ...]
    """(suggestion, what, asked in the request's unit), in the order of `values`; settings that neutralise a plugin are told of none."""


@dataclass(slots=True)
class Fates:
    """What becomes of each suggestion."""

    going: dict[str, None]
    skipped: dict[str, str] = field(default_factory=dict)
    conflicting: dict[str, str] = field(default_factory=dict)

    def stop(self, suggestion: str, reason: str, *, conflict: bool = False) -> None:
        """Let a suggestion go no further; the first reason counts."""
        if suggestion in self.going:
            del self.going[suggestion]
            (self.conflicting if conflict else self.skipped)[suggestion] = reason


class Survey:
    """Finds what can be done of a request in the open session; sets nothing."""

    def __init__(self, ardour: Ardour, request: Request, folder: Path | None, session: str) -> None:
        """Take the mixer, what is asked, and the mailbox folder, whose journals tell which plugins are AMA's."""
        self._ardour, self._request, self._session = ardour, request, session
        self._left = left_by_scripts(folder, session) if folder is not None else ()
        self.earlier = journal.journals(folder) if folder is not None else ()

    def steps(self, fates: Fates) -> list[Step]:
        """Look whether everything can be done, until it can; what cannot is stopped. Nothing is set."""
        strips, automated = self._ardour.strips(), self._ardour.automated()
        while True:
            count, steps = len(fates.going), []
            for asked in self._request.strips:
                steps += self._survey_strip(asked, strips, automated, fates)
            if len(fates.going) == count:
                return steps

    def _survey_strip(
        self,
        asked: Strip,
        strips: Sequence[MixerStrip],
        automated: Mapping[str, frozenset[str]],
        fates: Fates,
    ) -> list[Step]:
        controls = [one for one in asked.controls if holds(one, fates.going)]
        inserts = [
            (insert, parts)
            for insert in asked.inserts
            if (parts := [part for part in insert.parts if holds(part, fates.going)])
        ]
        if not controls and not inserts:
            return []
        try:
            strip = _strip_of(asked, strips)
        except InputError as error:
            for suggestion in (
                *(c.suggestion for c in controls),
                *(p.suggestion for _, ps in inserts for p in ps),
            ):
                fates.stop(suggestion, error.sentence())
            return []
        steps = [self._insert_step(asked, strip, *one, fates) for one in inserts]
        held = automated.get(strip.name, frozenset())
        for one in controls:
            if one.control == "gain":
                steps += self._gain_steps(asked, strip, one, held, fates)
            else:
                steps.append(_control_step(strip, one, held, fates))
        return [step for step in steps if step is not None]

    def _insert_step(
        self, asked: Strip, strip: MixerStrip, insert: Insert, parts: Sequence[Part], fates: Fates
    ) -> Step | None:
        found = self._plugin_of_ama(asked, strip, insert)
        if found is None:
            for part in parts:
                fates.stop(part.suggestion, CANNOT_INSERT)
            return None
        position, name, known = found
        base = {setting.which: ("", setting.value) for setting in insert.base}
        wanted = base | {s.which: (p.suggestion, s.value) for p in parts for s in p.settings}
        for which, (suggestion, value) in wanted.items():
            if which not in known or not known[which].takes(value):
                reason = f"{insert.label} does not take {value:g} for its control {which}"
                for one in (suggestion,) if suggestion else [p.suggestion for p in parts]:
                    fates.stop(one, reason)
                return None
        values = tuple(
            journal.ValueSet(
                strip=strip.name,
                what="parameter",
                before=known[which].value,
                after=value,
                plugin=name,
                position=position,
                which=which,
            )
            for which, (_, value) in wanted.items()
        )
        told = tuple((s, f"{insert.label} {which}", v) for which, (s, v) in wanted.items())
        return Step(values=values, told=told)

    def _gain_steps(
        self, asked: Strip, strip: MixerStrip, control: Control, held: frozenset[str], fates: Fates
    ) -> list[Step | None]:
        """Return what sets a fader, and AMA Level where one stands: both together are the fader that AMA saw."""
        beyond_db = max(decibels(control.value) - HIGHEST_DB, 0.0)
        found = self._plugin_of_ama(asked, strip, asked.level) if asked.level else None
        if found is None or asked.level is None:
            if beyond_db > GAIN_TOLERANCE_DB:
                fates.stop(control.suggestion, CANNOT_INSERT)
            return [_control_step(strip, control, held, fates)]
        level_db = found[2][ace.MASTER_GAIN].value
        step = _control_step(strip, control, held, fates, level_db=level_db)
        if step is None:
            return []
        part = Part(
            suggestion=control.suggestion,
            settings=(Setting(which=ace.MASTER_GAIN, value=beyond_db),),
        )
        return [self._insert_step(asked, strip, asked.level, [part], fates), step]

    def _plugin_of_ama(
        self, asked: Strip, strip: MixerStrip, insert: Insert
    ) -> tuple[int, str, Mapping[int, Parameter]] | None:
        """Return the only plugin on the strip that stands as AMA left this insert: position, name, controls."""
        uris = {insert.uri, insert.stereo_uri} - {""}
        here = [one for one in self._left if one.track == asked.track and one.key == insert.key]
        left = [one for one in here if one.uri in uris]
        if not left:
            return None
        found = []
        for plugin in strip.plugins:
            known = {p.which: p for p in self._ardour.parameters(strip.name, plugin.position)}
            set_since = self._set_since(strip.name, plugin.position, plugin.name)
            for one in left:
                wanted = {**one.settings, **set_since}
                if all(w in known and known[w].is_at(v) for w, v in wanted.items()):
                    found.append((plugin.position, plugin.name, known))
                    break
        return found[0] if len(found) == 1 else None

    def _set_since(self, strip: str, position: int, plugin: str) -> dict[int, float]:
        """Return what AMA set of a plugin over OSC before."""
        return {
            value.which: value.after
            for one in self.earlier
            if not one.reverted and one.session == self._session
            for value in one.values
            if (value.strip, value.position, value.plugin) == (strip, position, plugin)
        }


def _strip_of(asked: Strip, strips: Sequence[MixerStrip]) -> MixerStrip:
    if asked.track == MASTER:
        return the_one([strip for strip in strips if strip.kind == "MA"], MASTER)
    return the_one([strip for strip in strips if strip.kind != "MA"], asked.name)


def _control_step(
    strip: MixerStrip,
    control: Control,
    held: frozenset[str],
    fates: Fates,
    *,
    level_db: float = 0.0,
) -> Step | None:
    word = _WORDS[control.control]
    now = _present(strip, control.control)
    if now is None:
        fates.stop(control.suggestion, f"{strip.name} has no {word}")
        return None
    if control.suggestion not in fates.going:
        return None
    if control.control in held:
        fates.stop(control.suggestion, f"its {word} follows automation")
        return None
    asked, expected = _client_unit(control.control, control.value), control.expected
    value = min(asked, HIGHEST_DB) if control.control == "gain" else asked
    if expected is not None:
        saw, sees = _client_unit(control.control, expected), now + level_db
        if _apart(control.control, sees, saw) and _apart(control.control, sees, asked):
            shown = f"{in_words(control.control, sees)} instead of {in_words(control.control, saw)}"
            fates.stop(control.suggestion, f"the {word} was moved since ({shown})", conflict=True)
            return None
    one = journal.ValueSet(strip=strip.name, what=control.control, before=now, after=value)
    told = ((control.suggestion, control.control, asked_unit(control.control, value)),)
    return Step(values=(one,), told=told)


def _present(strip: MixerStrip, name: ControlName) -> float | None:
    if name == "gain":
        return strip.gain_db
    if name == "pan":
        return strip.pan
    return None if strip.inverted is None else float(strip.inverted)


def _client_unit(name: ControlName, value: float) -> float:
    """Return a request's coefficient, azimuth or polarity as dB, -1 .. +1, 0 or 1."""
    if name == "gain":
        return decibels(value)
    return 2.0 * value - 1.0 if name == "pan" else value


def asked_unit(what: journal.What, value: float) -> float:
    """Return a value that was read in the request's unit."""
    if what == "gain":
        return math.pow(10.0, value / 20.0)
    return (value + 1.0) / 2.0 if what == "pan" else value


def _apart(name: ControlName, left: float, right: float) -> bool:
    if name == "gain":
        return not same_gain(left, right, within_db=MOVED_DB)
    return abs(left - right) > MOVED_PAN


def in_words(what: journal.What, value: float) -> str:
    """Return a value as Ardour shows it."""
    if what == "gain":
        return f"{value:+.1f} dB"
    if what == "pan":
        side = "left" if value < 0.0 else "right"
        return f"{abs(value):.0%} {side}" if round(abs(value), 2) else "centre"
    return f"{value:g}"
