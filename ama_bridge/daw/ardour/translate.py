"""A plan in Ardour's own terms: faders and panners through `pan_law`, filters and bands as `stages`, compressors by `fit`, gates by `gate_fit`.

Everything that the audition renders has its place, in the audition's order, or stands in `skipped` with its reason. Where two suggestions set one
thing, the later one counts, as in the audition (`render.strip`). What one suggestion needs does not depend on another's box, but for fader and
pan of a mono track, where each combination has its value (`request.holds`); compressors are fitted behind all gates, filters and bands that are
ticked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, assert_never

from ama_analysis.audio import Sound
from ama_analysis.plan import (
    MASTER,
    Action,
    Compressor,
    EqBand,
    Gain,
    Gate,
    HighPass,
    Limiter,
    LowPass,
    MasterEq,
    MixPlan,
    Polarity,
    Sidechain,
    Suggestion,
)
from ama_analysis.progress import OnProgress, part_of, silent
from ama_analysis.session import Track
from ama_bridge.daw.ardour import ace, pan_law
from ama_bridge.daw.ardour.faders import Faders
from ama_bridge.daw.ardour.nearest import GOOD_DB, nearest_stages
from ama_bridge.daw.ardour.rack import FADER_LEVEL, Rack
from ama_bridge.daw.ardour.request import Control, Request, Setting, Strip
from ama_bridge.daw.ardour.stages import error_db
from ama_bridge.daw.offering import Offering

_TOO_FAR_DB: Final = 3.0
"""A compressor whose gain reduction is further from the audition's than that, RMS, is another one; so is a gate whose level is."""
_LEAST_DB: Final = 0.005
"""Smaller gains are no gains."""
_LIMITER_RELEASE_S: Final = 0.2
"""With it x42's limiter comes nearest to the audition's: on two finished songs at +1.5 to +8 dB the loudness is within 0.06 LU, the difference at
-23 dB or less, and the true peak at the ceiling (dpl of x42-plugins 20221119; 0.1 s leaves up to 0.4 LU, 0.01 s 1.3 LU)."""


def request_of(
    plan: MixPlan,
    *,
    request_id: str,
    plan_id: str = "",
    mailbox: Path | str,
    answer_port: int,
    ask: bool,
    ticked: frozenset[str],
    on_progress: OnProgress = silent,
) -> Request:
    """Return what AMA Apply needs of a plan; opens the stems of tracks with dynamics, and all of them where the master has any.

    `ticked` are the suggestions whose boxes are ticked at first; compressors are fitted to what arrives with these. Lets through what opening
    and decoding stems (`AudioFileError`) or `on_progress` raise.
    """
    job = _Job(plan, ticked, on_progress)
    strips = [job.strip(track.id, track.name) for track in plan.session.tracks]
    strips.append(job.strip(MASTER, MASTER))
    return Request(
        id=request_id,
        session=plan.session.name,
        plan=plan_id,
        heard=job.offering.heard(),
        ask=ask,
        answer_port=answer_port,
        mailbox=str(mailbox),
        suggestions=tuple(job.offering.offered),
        skipped=tuple(job.offering.skipped),
        strips=job.offering.asked(strips),
    )


def is_ardours(track: Track) -> bool:
    """Return whether a track's id is Ardour's (decimal), not a stem's name."""
    return track.id.isascii() and track.id.isdigit() and track.id != track.name


@dataclass(kw_only=True)
class _Draft:
    """One strip as it is translated."""

    track: Track | None
    rack: Rack = field(default_factory=Rack)
    controls: list[Control] = field(default_factory=list)
    gain: Suggestion | None = None
    pan: Suggestion | None = None


class _Job:
    """One translation."""

    def __init__(self, plan: MixPlan, ticked: frozenset[str], on_progress: OnProgress) -> None:
        self._session, self._rate = plan.session, plan.session.sample_rate_hz
        self._ticked = ticked
        self._by_name = not all(is_ardours(track) for track in plan.session.tracks)
        self.offering = Offering(plan, ticked=ticked, daw="Ardour", by_name=self._by_name)
        self._suggestions = self.offering.suggestions
        self._skip = self.offering.skip
        self._fits = [
            s for s in self._suggestions if isinstance(s.action, Compressor | Sidechain | Gate)
        ]
        self._fitted = 0
        self._on_progress = on_progress

    def strip(self, track_id: str, name: str) -> Strip:
        """Return what is asked of one strip."""
        track = None if track_id == MASTER else self._session.track(track_id)
        strip = _Draft(track=track)
        for suggestion in self.offering.of_track(track_id):
            note = self._add(strip, suggestion)
            if note is not None:
                self.offering.offer(suggestion, name, note)
        self._add_fader_and_pan(strip)
        return Strip(
            track=track_id,
            name=name,
            controls=tuple(strip.controls),
            inserts=strip.rack.inserts(),
            level=FADER_LEVEL if any(c.control == "gain" for c in strip.controls) else None,
            by_name=self._by_name and track_id != MASTER,
        )

    def _add(  # noqa: PLR0911  # one line a kind
        self, strip: _Draft, suggestion: Suggestion
    ) -> str | None:
        """Put a suggestion into a strip and return what is to be said of it; None where it had to be skipped."""
        action = suggestion.action
        match action.kind:
            case "gain":
                return self._add_gain(strip, suggestion, action)
            case "pan":
                strip.pan = suggestion
                return ""
            case "high_pass" | "low_pass" | "eq_band" | "master_eq":
                return self._add_filter(strip, suggestion, action)
            case "compressor" | "sidechain":
                return self._add_compressor(strip, suggestion, action)
            case "gate":
                return self._add_gate(strip, suggestion, action)
            case "polarity":
                return self._add_polarity(strip, suggestion, action)
            case "limiter":
                return self._add_limiter(strip, suggestion, action)
            case _:
                assert_never(action.kind)

    def _add_gain(self, strip: _Draft, suggestion: Suggestion, action: Gain) -> str | None:
        faders = replace(self._faders(strip), gain=suggestion)
        beyond_db = max(dial.beyond_db for dial in faders.dials())
        if beyond_db > ace.PORTS[ace.EQ][ace.MASTER_GAIN].high:
            self._skip(suggestion, f"it is {beyond_db:.1f} dB more than Ardour's fader has")
            return None
        if not self._by_name and action.fader_db == self._track_of(strip).fader_db:
            self._skip(suggestion, "the fader stays where it is")
            return None
        strip.gain = suggestion
        if beyond_db > _LEAST_DB:
            return f"the fader ends at +6 dB, the other {beyond_db:.1f} dB are in AMA Level"
        return ""

    def _track_of(self, strip: _Draft) -> Track:
        assert strip.track is not None  # noqa: S101  # plans with a fader on the master are refused (render.mixdown.check_places)
        return strip.track

    def _faders(self, strip: _Draft) -> Faders:
        track = self._track_of(strip)
        return Faders(track=track, channels=pan_law.channels_of(track))

    def _add_fader_and_pan(self, strip: _Draft) -> None:
        if strip.gain is None and strip.pan is None:
            return
        faders = replace(self._faders(strip), gain=strip.gain, pan=strip.pan)
        strip.controls.extend(faders.controls(seen=not self._by_name))

    def _add_filter(
        self,
        strip: _Draft,
        suggestion: Suggestion,
        action: HighPass | LowPass | EqBand | MasterEq,
    ) -> str | None:
        stages = nearest_stages(action, self._rate)
        if not stages:
            self._skip(suggestion, f"it lies above what a rate of {self._rate} Hz holds")
            return None
        error = error_db(action, stages, self._rate)
        note = f"within {error:.1f} dB of the audition" if error > GOOD_DB else ""
        strip.rack.add_stages(suggestion.id, stages, note)
        return note

    def _add_compressor(
        self, strip: _Draft, suggestion: Suggestion, action: Compressor | Sidechain
    ) -> str | None:
        key = None
        if isinstance(action, Sidechain):
            trigger = self._session.track(action.trigger)
            if trigger.muted:
                self._skip(suggestion, f"{trigger.name}, to which it listens, is muted")
                return None
            key = self._sound_of(trigger)
        from ama_bridge.daw.ardour.dynamics.fit import fitted

        sound = self._before(strip, suggestion)
        fit = fitted(sound, action, key=key, on_progress=self._next_progress())
        if fit.error_rms_db > _TOO_FAR_DB:
            self._skip(suggestion, f"a-comp cannot follow it: {fit.note}")
            return None
        strip.rack.add_compressor(
            suggestion.id,
            fit.settings,
            fit.note,
            sidechain_from=action.trigger if isinstance(action, Sidechain) else None,
        )
        if abs(fit.rest_db) > _LEAST_DB:
            strip.rack.add_level(suggestion.id, fit.rest_db)
        return fit.note

    def _add_gate(self, strip: _Draft, suggestion: Suggestion, action: Gate) -> str | None:
        from ama_bridge.daw.ardour.dynamics.gate_fit import fitted_gate

        sound = self._before(strip, suggestion)
        fit = fitted_gate(sound, action, on_progress=self._next_progress())
        if fit.error_rms_db > _TOO_FAR_DB:
            self._skip(suggestion, f"a-exp cannot follow it: {fit.note}")
            return None
        strip.rack.add_gate(suggestion.id, fit.settings, fit.note)
        return fit.note

    def _next_progress(self) -> OnProgress:
        """Return where the next fit reports how far it is."""
        share, done = 1.0 / len(self._fits), self._fitted
        self._fitted += 1
        return part_of(self._on_progress, done * share, (done + 1) * share)

    def _before(self, strip: _Draft, suggestion: Suggestion) -> Sound:
        """Return what arrives at a compressor or gate when all boxes stand as at first."""
        from ama_analysis.render import Chained, Mixdown
        from ama_analysis.render.plugins import in_order, settings_of

        ticked = [s for s in self._suggestions if s.id in self._ticked]
        mine = [s for s in ticked if s.track == suggestion.track or s is suggestion]
        actions = in_order(s.action for s in mine if s.track == suggestion.track)
        earlier = _earlier(actions, suggestion.action)
        plugins = tuple(one for action in earlier for one in settings_of(action))
        if strip.track is not None:
            return Chained(self._sound_of(strip.track), plugins)
        tracks = tuple(s for s in ticked if s.track != MASTER)
        mix = Mixdown(
            session=self._session, suggestions=tracks, sound_of=self._sound_of, master=False
        )
        return Chained(mix, plugins)

    def _sound_of(self, track: Track) -> Sound:
        from ama_analysis.audio import open_audio

        return open_audio(track.path, sample_rate_hz=self._rate)

    def _add_polarity(self, strip: _Draft, suggestion: Suggestion, action: Polarity) -> str | None:
        if action.delay_ms > 0.0:
            frames = round(action.delay_ms * self._rate / 1000.0)
            reason = (
                f"Ardour has no plain delay for a track: move its regions {action.delay_ms:.2f} ms"
                f" ({frames} samples) to the right"
            )
            turned = " and turn its polarity" if action.invert else ""
            self._skip(suggestion, reason + turned)
            return None
        if not action.invert:
            self._skip(suggestion, "it asks for nothing")
            return None
        strip.controls.append(
            Control(suggestion=suggestion.id, control="polarity", value=1.0, expected=0.0)
        )
        return ""

    def _add_limiter(self, strip: _Draft, suggestion: Suggestion, action: Limiter) -> str | None:
        ports = ace.PORTS[ace.LIMITER_STEREO]
        by_hand = (
            f"raise the master by {action.gain_db:.1f} dB into a limiter at"
            f" {action.ceiling_dbtp:.1f} dBTP by hand"
        )
        for which, value in ((1, action.gain_db), (2, action.ceiling_dbtp)):
            if not ports[which].low <= value <= ports[which].high:
                self._skip(suggestion, f"x42's limiter has no such range: {by_hand}")
                return None
        settings = (
            Setting(which=1, value=action.gain_db),
            Setting(which=2, value=action.ceiling_dbtp),
            Setting(which=3, value=_LIMITER_RELEASE_S),
        )
        missing = f"Ardour ships no limiter, and x42's dpl.lv2 is not installed: {by_hand}"
        strip.rack.add_limiter(suggestion.id, settings, missing)
        return ""


def _earlier(actions: Sequence[Action], action: Action) -> Sequence[Action]:
    """Return the actions that are rendered before one of them (by identity: two may be alike)."""
    for nth, one in enumerate(actions):
        if one is action:
            return actions[:nth]
    return actions
