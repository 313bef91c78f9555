"""As much of a request as Ardour's own OSC can do: faders, pans, polarity, and the controls of plugins of AMA's that are there already.

All or nothing for each suggestion: when one value of it is not taken, everything of this run is put back, that suggestion is left out, and
the rest begins anew, since another value may hold without it. A mixer scene is stored first and a journal written, value by value, before
anything is set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from ama_analysis.errors import DeliveryError, InputError
from ama_bridge.daw.ardour.native import journal
from ama_bridge.daw.ardour.native.client import Ardour
from ama_bridge.daw.ardour.native.survey import Fates, Step, Survey, asked_unit, in_words
from ama_bridge.daw.ardour.native.values import SetAndRead
from ama_bridge.daw.ardour.request import Request
from ama_bridge.daw.documents import Applied, Result, ValueRead
from ama_bridge.daw.port import NOT_TICKED, Skipped


class _NotTakenError(Exception):
    """A value was not taken as it was asked; everything of the run has been put back."""

    def __init__(self, suggestions: Sequence[str], reason: str) -> None:
        super().__init__(reason)
        self.suggestions, self.reason = suggestions, reason


def apply_natively(ardour: Ardour, request: Request) -> Result:
    """Set what OSC can set of the ticked suggestions, read each value back, and say what became of each.

    The journal goes into the request's mailbox; without one there is no journal. `DeliveryError`: AMA-704 where Ardour
    does not answer (nothing is set then), AMA-705 where it went away in the middle.
    """
    where = Path(request.mailbox) if request.mailbox else None
    fates = Fates(dict.fromkeys(s.id for s in request.suggestions if s.ticked))
    session = ardour.session_name()
    if request.session and request.session != session:
        reason = f"it is for the session {request.session!r}, and {session!r} is open"
        for suggestion in tuple(fates.going):
            fates.stop(suggestion, reason)
    run = _Run(ardour, request, where, session)
    done: dict[str, list[ValueRead]] = {}
    while fates.going:
        steps = run.steps(fates)
        try:
            done = run.carry_out(steps)
        except _NotTakenError as error:
            for suggestion in error.suggestions:
                fates.stop(suggestion, error.reason, conflict=True)
        else:
            break
    return _result(request, fates, done, run.journal_path if fates.going else None)


def _result(
    request: Request, fates: Fates, done: Mapping[str, Sequence[ValueRead]], path: Path | None
) -> Result:
    ids = [suggestion.id for suggestion in request.suggestions]
    reasons = {s.id: NOT_TICKED for s in request.suggestions if not s.ticked} | fates.skipped
    skipped = (Skipped(suggestion=one, reason=reasons[one]) for one in ids if one in reasons)
    return Result(
        id=request.id,
        applied=tuple(
            Applied(suggestion=one, values=tuple(done.get(one, ())))
            for one in ids
            if one in fates.going
        ),
        skipped=(*request.skipped, *skipped),
        conflicting=tuple(
            Skipped(suggestion=one, reason=fates.conflicting[one])
            for one in ids
            if one in fates.conflicting
        ),
        journal=str(path) if path is not None and any(done.values()) else "",
    )


class _Run:
    """A request on its way into a mixer."""

    def __init__(self, ardour: Ardour, request: Request, folder: Path | None, session: str) -> None:
        self._ardour, self._request, self._folder = ardour, request, folder
        self._session = session
        self._survey = Survey(ardour, request, folder, session)
        self._scene: tuple[int, str] | None = None
        self.journal_path: Path | None = None

    def steps(self, fates: Fates) -> list[Step]:
        """Return what is to be set for the suggestions that can go on."""
        return self._survey.steps(fates)

    def carry_out(self, steps: Sequence[Step]) -> dict[str, list[ValueRead]]:
        """Set everything and read it back; `_NotTakenError` where a value is not taken, and then nothing is set any more."""
        if not steps:
            return {}
        self._keep([value for step in steps for value in step.values])
        done: list[journal.ValueSet] = []
        told: dict[str, list[ValueRead]] = {}
        try:
            for step in steps:
                done += step.values
                self._carry_out_one(step, told)
        except _NotTakenError:
            self._put_back(done)
            raise
        except DeliveryError as error:
            raise self._uncertain(len(done), error) from error
        return told

    def _put_back(self, done: Sequence[journal.ValueSet]) -> None:
        try:
            for value in reversed(done):
                with suppress(InputError):  # a strip that is gone needs nothing
                    put(self._ardour, replace(value, after=value.before))
        except DeliveryError as error:
            raise self._uncertain(len(done), error) from error
        self._keep([])

    def _uncertain(self, count: int, error: DeliveryError) -> DeliveryError:
        message = f"Not all is certain after {count} values were sent: {error.message}"
        hint = f"{self.journal_path} tells what they were before." if self.journal_path else ""
        return DeliveryError(message, hint=hint, code="AMA-705")

    def _carry_out_one(self, step: Step, told: dict[str, list[ValueRead]]) -> None:
        everyone = [suggestion for suggestion, _, _ in step.told if suggestion]
        try:
            reads = put_all(self._ardour, step.values)
        except InputError as error:
            raise _NotTakenError(everyone, error.message) from error
        for value, (suggestion, what, asked), read in zip(
            step.values, step.told, reads, strict=True
        ):
            if not read.ok:
                reason = f"Ardour shows {in_words(value.what, read.read)} where {in_words(value.what, read.asked)} was set ({what})"
                raise _NotTakenError((suggestion,) if suggestion else everyone, reason)
            if suggestion:
                one = ValueRead(what=what, asked=asked, read=asked_unit(value.what, read.read))
                told.setdefault(suggestion, []).append(one)

    def _keep(self, values: Sequence[journal.ValueSet]) -> None:
        """Store the scene, once, and write the journal."""
        if self._scene is None:
            self._scene = self._stored_scene()
        if self._folder is None:
            return
        number, name = self._scene
        kept = journal.NativeJournal(
            id=self._request.id,
            session=self._session,
            scene=number,
            scene_name=name,
            values=tuple(values),
        )
        self.journal_path = journal.keep(self._folder, kept)

    def _stored_scene(self) -> tuple[int, str]:
        """Store the mixer where AMA stored it last, else in the last free place; return number and name."""
        names = self._ardour.scenes()
        own = [one.scene for one in self._survey.earlier if _is_own(one, names)]
        free = [number for number, name in enumerate(names) if not name]
        if not own and not free:
            return journal.NO_SCENE, ""
        number = own[-1] if own else free[-1]
        self._ardour.store_scene(number)
        return number, self._ardour.scenes()[number]


def _is_own(one: journal.NativeJournal, names: Sequence[str]) -> bool:
    return (
        0 <= one.scene < len(names) and bool(one.scene_name) and names[one.scene] == one.scene_name
    )


_SET: Final[dict[str, Callable[[Ardour, str, float], SetAndRead]]] = {
    "gain": lambda ardour, strip, value: ardour.set_gain(strip, value),
    "pan": lambda ardour, strip, value: ardour.set_pan(strip, value),
    "polarity": lambda ardour, strip, value: ardour.set_polarity(strip, value),
}


def put(ardour: Ardour, value: journal.ValueSet) -> SetAndRead:
    """Set one value to its `after`."""
    return put_all(ardour, (value,))[0]


def put_all(ardour: Ardour, values: Sequence[journal.ValueSet]) -> list[SetAndRead]:
    """Set values of one strip, or of one plugin, to their `after`."""
    if values[0].what != "parameter":
        return [_SET[value.what](ardour, value.strip, value.after) for value in values]
    wanted = {value.which: value.after for value in values}
    reads = ardour.set_parameters(values[0].strip, values[0].position, wanted)
    return [reads[value.which] for value in values]
