"""Fader and pan of one strip as Ardour's controls, for each combination of boxes that may be ticked.

Under Ardour's panner for mono tracks the fader that sounds like AMA's depends on the pan (`pan_law`). So a pan moves the fader too, and where both
are suggested each has a value for itself and one for both together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ama_analysis.plan import Gain, Pan, Suggestion
from ama_analysis.session import Track
from ama_bridge.daw.ardour import pan_law
from ama_bridge.daw.ardour.pan_law import FaderAndPan
from ama_bridge.daw.ardour.request import Control


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """What is set when a suggestion is ticked, all in `when` are too, and none in `unless`."""

    suggestion: str
    place: FaderAndPan
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    @property
    def beyond_db(self) -> float:
        """By how much the fader would have to go beyond its top."""
        return max(self.place.fader_db - pan_law.HIGHEST_DB, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Faders:
    """One track's fader and pan, now and as suggested (in AMA's terms, as in the plan)."""

    track: Track
    channels: int
    gain: Suggestion | None = None
    pan: Suggestion | None = None

    def _place(self, *, moved: bool, panned: bool) -> FaderAndPan:
        fader_db, pan = self.track.fader_db, self.track.pan
        if moved and self.gain is not None and isinstance(self.gain.action, Gain):
            fader_db = self.gain.action.fader_db
        if panned and self.pan is not None and isinstance(self.pan.action, Pan):
            pan = self.pan.action.pan
        return pan_law.dialled(fader_db=fader_db, pan=pan, channels=self.channels)

    def dials(self) -> Iterator[Dial]:
        """Yield where the fader goes for each combination of boxes."""
        still = self._place(moved=False, panned=False)
        panned = self._place(moved=False, panned=True)
        leans = panned.fader_db != still.fader_db
        if self.gain is not None:
            alone = self._place(moved=True, panned=False)
            if self.pan is None or not leans:
                yield Dial(suggestion=self.gain.id, place=alone)
                return
            both, pan_id = self._place(moved=True, panned=True), (self.pan.id,)
            yield Dial(suggestion=self.gain.id, place=alone, unless=pan_id)
            yield Dial(suggestion=self.gain.id, place=both, when=pan_id)
        if self.pan is not None and leans:
            unless = (self.gain.id,) if self.gain is not None else ()
            yield Dial(suggestion=self.pan.id, place=panned, unless=unless)

    def controls(self, *, seen: bool) -> Iterator[Control]:
        """Yield the controls; `seen` says that the plan's session is the one that is open, so that its values are expected there."""
        still = self._place(moved=False, panned=False)
        gain = pan_law.coefficient(still.fader_db) if seen else None
        for dial in self.dials():
            yield Control(
                suggestion=dial.suggestion,
                control="gain",
                value=pan_law.coefficient(dial.place.fader_db),
                expected=gain,
                when=dial.when,
                unless=dial.unless,
            )
        if self.pan is not None:
            place = self._place(moved=False, panned=True)
            yield Control(
                suggestion=self.pan.id,
                control="pan",
                value=pan_law.azimuth_of(place.pan),
                expected=pan_law.azimuth_of(still.pan) if seen else None,
            )
