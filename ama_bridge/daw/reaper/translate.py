"""A plan in REAPER's terms: faders and pans as they are, filters and bands as `bands`, dynamics as `dynamics`, in the effects of a `rack`.

Everything that the audition renders has its place, in the audition's order, or stands in `skipped` with its reason. Where two suggestions set one
thing, the later one counts, as in the audition (`render.strip`). What one suggestion needs does not depend on another's box: REAPER's balance is
AMA's, so fader and pan do not lean on each other.

What REAPER's closed effects do to sound was never checked, so each says so. AMA's own JSFX for REAPER have the audition's formulas; gates
are AMA Gate for everybody, since REAPER's has no ratio.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, assert_never

from ama_analysis.plan import (
    MASTER,
    Compressor,
    EqBand,
    Gain,
    HighPass,
    LowPass,
    MasterEq,
    MixPlan,
    Pan,
    Polarity,
    Sidechain,
    Suggestion,
)
from ama_analysis.session import Track
from ama_bridge.daw.offering import Offering
from ama_bridge.daw.reaper import dynamics
from ama_bridge.daw.reaper.bands import CannotError, in_ama_eq, in_reaeq
from ama_bridge.daw.reaper.exported import exported_with, is_reapers
from ama_bridge.daw.reaper.rack import Rack, note_of
from ama_bridge.daw.reaper.request import Control, ControlName, Request, Strip

_TOP_DB: Final = 12.0
"""Where REAPER's faders usually end on the screen."""


def request_of(
    plan: MixPlan,
    *,
    request_id: str,
    plan_id: str = "",
    mailbox: Path | str,
    ask: bool,
    ticked: frozenset[str],
) -> Request:
    """Return what AMA Apply needs of a plan; `ticked` are the suggestions whose boxes are ticked at first."""
    job = _Job(plan, ticked)
    strips = [job.strip(track.id, track.name) for track in plan.session.tracks]
    strips.append(job.strip(MASTER, MASTER))
    return Request(
        id=request_id,
        session=job.project,
        plan=plan_id,
        heard=job.offering.heard(),
        ask=ask,
        mailbox=str(mailbox),
        suggestions=tuple(job.offering.offered),
        skipped=tuple(job.offering.skipped),
        strips=job.offering.asked(strips),
    )


@dataclass(kw_only=True)
class _Draft:
    """One strip as it is translated."""

    track: Track | None
    rack: Rack
    controls: list[Control] = field(default_factory=list)


class _Job:
    """One translation."""

    def __init__(self, plan: MixPlan, ticked: frozenset[str]) -> None:
        self._by_name = not all(is_reapers(track) for track in plan.session.tracks)
        self._session, self._rate = plan.session, plan.session.sample_rate_hz
        self._exported = exported_with(plan.session)
        self.offering = Offering(plan, ticked=ticked, daw="REAPER", by_name=self._by_name)

    @property
    def project(self) -> str:
        """The project that the plan is for; empty for whichever is in front."""
        if self._by_name:
            return ""
        told = self._exported.project
        return self._session.name if told is None else told

    def strip(self, track_id: str, name: str) -> Strip:
        """Return what is asked of one strip."""
        track = None if track_id == MASTER else self._session.track(track_id)
        strip = _Draft(track=track, rack=Rack(self._exported.devices))
        for suggestion in self.offering.of_track(track_id):
            try:
                note = self._add(strip, suggestion)
            except CannotError as error:
                self.offering.skip(suggestion, str(error))
            else:
                self.offering.offer(suggestion, name, note)
        return Strip(
            track=track_id,
            name=name,
            controls=tuple(strip.controls),
            inserts=strip.rack.inserts(),
            by_name=self._by_name and track_id != MASTER,
        )

    def _add(  # noqa: PLR0911  # one line a kind
        self, strip: _Draft, suggestion: Suggestion
    ) -> str:
        """Put a suggestion into a strip and return what is to be said of it; `CannotError` where it has to be skipped."""
        action = suggestion.action
        match action.kind:
            case "gain":
                return self._add_gain(strip, suggestion, action)
            case "pan":
                return self._add_pan(strip, suggestion, action)
            case "high_pass" | "low_pass" | "eq_band" | "master_eq":
                return self._add_filter(strip, suggestion, action)
            case "compressor" | "sidechain":
                return self._add_compressor(strip, suggestion, action)
            case "gate":
                values = dynamics.ama_gate_values(action)
                return note_of(strip.rack.add_gate(suggestion.id, values))
            case "polarity":
                return self._add_polarity(strip, suggestion, action)
            case "limiter":
                strip.rack.add_limiter(suggestion.id, dynamics.realimit_values(action))
                return note_of("realimit")
            case _:
                assert_never(action.kind)

    def _control(
        self,
        strip: _Draft,
        suggestion: Suggestion,
        control: ControlName,
        value: float,
        expected: float | None,
    ) -> None:
        """Set a value; where the plan was not made of this project, it is expected nowhere."""
        strip.controls.append(
            Control(
                suggestion=suggestion.id,
                control=control,
                value=value,
                expected=None if self._by_name else expected,
            )
        )

    def _add_gain(self, strip: _Draft, suggestion: Suggestion, action: Gain) -> str:
        track = _track_of(strip)
        if "fader" in self._exported.panner(track).automated:
            raise CannotError("its fader follows automation")
        if not self._by_name and action.fader_db == track.fader_db:
            raise CannotError("the fader stays where it is")
        self._control(strip, suggestion, "fader_db", action.fader_db, track.fader_db)
        if action.fader_db > _TOP_DB:
            return f"{action.fader_db:+.1f} dB is beyond where the fader usually ends"
        return ""

    def _add_pan(self, strip: _Draft, suggestion: Suggestion, action: Pan) -> str:
        track = _track_of(strip)
        panner = self._exported.panner(track)
        obstacle = panner.obstacle()
        if obstacle:
            raise CannotError(obstacle)
        self._control(strip, suggestion, "pan", action.pan, track.pan)
        return panner.note()

    def _add_filter(
        self,
        strip: _Draft,
        suggestion: Suggestion,
        action: HighPass | LowPass | EqBand | MasterEq,
    ) -> str:
        translate = in_ama_eq if strip.rack.devices == "ama" else in_reaeq
        found = translate(action, self._rate)
        device = strip.rack.add_bands(suggestion.id, found.bands, found.note)
        return "; ".join(filter(None, (note_of(device), found.note)))

    def _add_compressor(
        self, strip: _Draft, suggestion: Suggestion, action: Compressor | Sidechain
    ) -> str:
        trigger = action.trigger if isinstance(action, Sidechain) else None
        if trigger is not None and self._session.track(trigger).muted:
            name = self._session.track(trigger).name
            raise CannotError(f"{name}, to which it listens, is muted")
        rack = strip.rack
        if rack.devices == "ama":
            values = dynamics.ama_compressor_values(action)
            return note_of(rack.add_compressor(suggestion.id, values, sidechain_from=trigger))
        values = dynamics.reacomp_values(action)
        device = rack.add_compressor(suggestion.id, values, sidechain_from=trigger)
        for level in dynamics.level_values(action):
            rack.add_level(suggestion.id, level)
        return note_of(device)

    def _add_polarity(self, strip: _Draft, suggestion: Suggestion, action: Polarity) -> str:
        if not action.invert and action.delay_ms == 0.0:
            raise CannotError("it asks for nothing")
        panner = self._exported.panner(_track_of(strip))
        turned = panner.turned() if action.invert else None
        if turned is not None:
            self._control(strip, suggestion, "polarity", turned, float(panner.inverted))
        if action.delay_ms == 0.0:
            return ""
        delay_ms = panner.delayed_ms(action.delay_ms)
        self._control(strip, suggestion, "delay_ms", delay_ms, panner.delay_ms)
        return f"the track's media playback offset becomes {delay_ms:.2f} ms"


def _track_of(strip: _Draft) -> Track:
    assert strip.track is not None  # noqa: S101  # plans with a fader on the master are refused (render.mixdown.check_places)
    return strip.track
