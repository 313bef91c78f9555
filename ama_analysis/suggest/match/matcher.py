"""From what was measured to suggestions: the solver's setting in values that a hand would set, each with its reason and its predicted effect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ama_analysis.bands import Indices
from ama_analysis.cross_spectra import CrossSpectra
from ama_analysis.measurements import MixProfile
from ama_analysis.plan import FADER_MOVE_MOST_DB, Effect, EqBand, Gain, Pan, Suggestion
from ama_analysis.session import FADER_RANGE_DB, Track
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.agree import EQ_MOST
from ama_analysis.suggest.balance import common_shift_db
from ama_analysis.suggest.held import held
from ama_analysis.suggest.match.bus import matched_bus
from ama_analysis.suggest.match.expect import Expected, KnownBalance, boosts_db, expectations
from ama_analysis.suggest.match.figures import Setting
from ama_analysis.suggest.match.linear import filters_db, is_linear, setting_of
from ama_analysis.suggest.match.model import MixModel
from ama_analysis.suggest.match.reasons import Reasons
from ama_analysis.suggest.match.solve import Costs, Solution, Solver, Start
from ama_analysis.suggest.rule import Scene, speak
from ama_analysis.suggest.stereo_pairs import stereo_pairs

GAIN_LEAST_DB: Final = 0.7
"""A smaller move of a fader is left out (about the just noticeable difference), unless it was read from a reference."""
PAN_LEAST: Final = 0.1
BAND_LEAST_DB: Final = 0.7
WORTH_AF: Final = 2e-4
"""A move that no role wants must bring this much: a hundredth of what two halves of one song differ by."""
MARK_ABOVE: Final = 2e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moves:
    """Which faders and pans may move; the others stay where they are."""

    gains: tuple[bool, ...]
    pans: tuple[bool, ...]


class Matcher:
    """One session, what is known of its tracks, and the references."""

    def __init__(
        self,
        scene: Scene,
        spectra: CrossSpectra,
        before: MixProfile,
        known: KnownBalance | None = None,
    ) -> None:
        """Take the audible tracks (`spectra` must hold them), the mix as it stands, and the balance of a reference that holds them."""
        self._scene, self._known = scene, known
        self._tracks: tuple[Track, ...] = tuple(voice.track for voice in scene.voices)
        self._model = MixModel(spectra.only([track.id for track in self._tracks]), scene.target)
        self._model.calibrate(setting_of(self._tracks), before)
        self._costs = Costs()
        self._pairs = self._unknown_pairs()
        self._may = _Moves(
            gains=tuple(not why for why in held(scene.voices, "fader")),
            pans=tuple(not why for why in held(scene.voices, "pan")),
        )

    def tracks(self, cleaning: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
        """Return faders, pans and equaliser bands beside what cleans the tracks, by track; a fader that is right says so."""
        expected = expectations(self._scene, self._known)
        solution = self._solved(expected, cleaning, self._may)
        moves = self._worth_moving(expected, cleaning, solution)
        if moves != self._may:
            solution = self._solved(expected, cleaning, moves, solution)
        solution = self._alike(solution)
        reasons = Reasons(
            self._model, self._scene, self._known, setting_of(self._tracks, cleaning), solution
        )
        spoken: list[Suggestion] = []
        for place, one in enumerate(expected):
            spoken.append(self._fader(one, place, solution, reasons))
            spoken.extend(self._pan(one, place, solution, reasons))
            spoken.extend(self._bands(one, place, solution, reasons))
        return tuple(spoken)

    def with_effects(self, suggestions: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
        """Return the suggestions, the linear ones with the effect that leaving them out would have, from the spectra."""
        whole = setting_of(self._tracks, suggestions)
        self._model.look_closer(whole)
        with_all = self._model.judged(whole)
        told = []
        for suggestion in suggestions:
            if not is_linear(suggestion.action):
                told.append(suggestion)
                continue
            rest = setting_of(self._tracks, [s for s in suggestions if s is not suggestion])
            without = self._model.judged(rest)
            delta = with_all.af - without.af
            effect = Effect(
                distance_delta=delta,
                tonal_delta_db=with_all.tonal_db - without.tonal_db,
                width_delta_db=with_all.width_db - without.width_db,
                track_loudness_delta_lu=self._loudness_delta_lu(suggestion, whole, rest),
                excerpt_s=0.0,
                marked=delta > MARK_ABOVE,
                predicted=True,
            )
            told.append(suggestion.with_effect(effect))
        return tuple(told)

    def master_eq(
        self, suggestions: Iterable[Suggestion], mix: MixProfile
    ) -> tuple[Suggestion, ...]:
        """Return what the bus still has to do, given the measured mix with the tracks' suggestions."""
        setting = setting_of(self._tracks, suggestions)
        self._model.calibrate(setting, mix)
        return matched_bus(self._model, setting, mix, self._scene.target)

    def _solved(
        self,
        expected: Sequence[Expected],
        cleaning: Sequence[Suggestion],
        moves: _Moves,
        found: Solution | None = None,
    ) -> Solution:
        start = self._start(expected, cleaning, moves)
        return Solver(self._model, start, self._costs).solve(found)

    def _start(
        self, expected: Sequence[Expected], cleaning: Sequence[Suggestion], moves: _Moves
    ) -> Start:
        shift_db = self._known_shift_db(expected)
        faders = np.array([track.fader_db for track in self._tracks])
        pans = np.array([track.pan for track in self._tracks])
        gains, seats = np.array(moves.gains), np.array(moves.pans)
        effects = np.array([not why for why in held(self._scene.voices, "effects")])
        lowest = np.maximum(faders - FADER_MOVE_MOST_DB, FADER_RANGE_DB[0])
        highest = np.minimum(faders + FADER_MOVE_MOST_DB, FADER_RANGE_DB[1])
        there = [one.gain_db + (shift_db if one.known else 0.0) for one in expected]
        wanted = np.clip(there, lowest, highest)
        reach = np.array([one.gain_reach_db for one in expected])
        taken = [
            sum(1 for s in cleaning if s.track == track.id and isinstance(s.action, EqBand))
            for track in self._tracks
        ]
        return Start(
            gain_db=np.where(gains, wanted, faders),
            gain_sigma_db=np.array([one.gain_sigma_db for one in expected]),
            gain_low_db=np.where(gains, np.maximum(wanted - reach, lowest), faders),
            gain_high_db=np.where(gains, np.minimum(wanted + reach, highest), faders),
            pan=np.where(seats, [one.pan for one in expected], pans),
            pan_sigma=np.array([one.pan_sigma for one in expected]),
            pan_low=np.where(seats, [one.pan_low for one in expected], pans),
            pan_high=np.where(seats, [one.pan_high for one in expected], pans),
            fixed_db=filters_db(self._tracks, cleaning),
            boost_db=np.stack([boosts_db(one.voice) for one in expected]),
            room=np.where(effects, np.maximum(EQ_MOST - np.array(taken), 0), 0),
            pairs=self._pairs,
            pairs_apart_db=faders[self._pairs[:, 0]] - faders[self._pairs[:, 1]],
        )

    def _unknown_pairs(self) -> Indices:
        """Return the places (k, 2) of tracks that are left and right of one another, but for those whose balance a reference tells."""
        known = self._known.faders if self._known else {}
        told = np.array([track.id in known for track in self._tracks], dtype=bool)
        pairs = stereo_pairs(self._scene.voices)
        return pairs[~told[pairs].any(axis=1)]

    def _alike(self, solution: Solution) -> Solution:
        """Return the solution with the faders of pairs moved by just the same."""
        gain_db = solution.gain_db.copy()
        faders = np.array([track.fader_db for track in self._tracks])
        for pair in self._pairs:
            gain_db[pair] = faders[pair] + (gain_db[pair] - faders[pair]).mean()
        return replace(solution, gain_db=gain_db)

    def _known_shift_db(self, expected: Sequence[Expected]) -> float:
        """Return what is added to faders known from a spectrum or a louder file, so that most of them stay where they are, and what is locked fits."""
        known = [one for one in expected if one.known]
        locked = [one for one in known if one.voice.track.locked]
        free = [
            one for one, may in zip(expected, self._may.gains, strict=True) if one.known and may
        ]
        off_db = [one.voice.track.fader_db - one.gain_db for one in locked or free or known]
        return common_shift_db(off_db) if off_db else 0.0

    def _worth_moving(
        self, expected: Sequence[Expected], cleaning: Sequence[Suggestion], solution: Solution
    ) -> _Moves:
        """Return what is moved far enough, and is read from a reference, wanted by the role, or brings the mix nearer."""
        fixed = filters_db(self._tracks, cleaning)
        setting = solution.setting(fixed)
        whole = self._model.judged(setting).af

        def brings(place: int, gain_db: float, pan: float) -> bool:
            curves, pans = setting.curve_db.copy(), setting.pan.copy()
            curves[place] += gain_db - solution.gain_db[place]
            pans[place] = pan
            return self._model.judged(Setting(curve_db=curves, pan=pans)).af - whole > WORTH_AF

        gains, seats = [], []
        for place, one in enumerate(expected):
            track, may = self._tracks[place], (self._may.gains[place], self._may.pans[place])
            gain_db, pan = float(solution.gain_db[place]), float(solution.pan[place])
            if one.known:
                gains.append(may[0] and abs(gain_db - track.fader_db) >= by_hand.LEAST_DB)
                seats.append(may[1] and abs(pan - track.pan) >= SURE_STEP)
                continue
            wanted = abs(one.gain_db - track.fader_db) >= GAIN_LEAST_DB
            far = abs(gain_db - track.fader_db) >= GAIN_LEAST_DB
            gains.append(may[0] and far and (wanted or brings(place, track.fader_db, pan)))
            wanted = abs(one.pan - track.pan) >= PAN_LEAST
            far = abs(pan - track.pan) >= PAN_LEAST
            seats.append(may[1] and far and (wanted or brings(place, gain_db, track.pan)))
        for left, right in self._pairs.tolist():
            gains[left] = gains[right] = gains[left] or gains[right]
            seats[left] = seats[right] = seats[left] or seats[right]
        return _Moves(gains=tuple(gains), pans=tuple(seats))

    def _fader(self, one: Expected, place: int, solution: Solution, reasons: Reasons) -> Suggestion:
        now = one.voice.track.fader_db
        delta = by_hand.decibel(float(solution.gain_db[place]) - now)
        action = Gain(delta_db=delta, fader_db=by_hand.decibel(now + delta) if delta else now)
        rule = f"{self._verb(one)}_level" if delta else "keep"
        because = reasons.of_fader(place, one, delta)
        learned_db = 0.0 if one.known else one.place.learned_db
        return speak(rule, one.voice, action, because, confidence=_sure(one), learned_db=learned_db)

    def _pan(
        self, one: Expected, place: int, solution: Solution, reasons: Reasons
    ) -> tuple[Suggestion, ...]:
        seat = float(solution.pan[place])
        value = round(seat, 2) + 0.0 if one.known else by_hand.pan(seat)
        if abs(value - one.voice.track.pan) < (SURE_STEP if one.known else PAN_LEAST):
            return ()
        because = reasons.of_pan(place, one, value)
        return (
            speak(
                f"{self._verb(one)}_pan", one.voice, Pan(pan=value), because, confidence=_sure(one)
            ),
        )

    def _verb(self, one: Expected) -> str:
        """Return what a fader or pan was: read from a waveform, heard in spectra, or matched."""
        if one.known is None:
            return "match"
        return "read" if one.known.read_from == "waveform" else "heard"

    def _bands(
        self, one: Expected, place: int, solution: Solution, reasons: Reasons
    ) -> tuple[Suggestion, ...]:
        mine = [b for b in solution.bands if place in (b.track, b.beside)]
        mine.sort(key=lambda b: b.freq_hz)
        rounded = [band.by_hand() for band in mine]
        return tuple(
            speak(
                "match_eq",
                one.voice,
                EqBand(type=band.shape, freq_hz=band.freq_hz, gain_db=band.gain_db, q=band.q),
                reasons.of_band(place, band),
                confidence=min(0.45 + 0.05 * abs(band.gain_db), 0.75),
                nth=nth,
            )
            for nth, band in enumerate((b for b in rounded if abs(b.gain_db) >= BAND_LEAST_DB), 1)
        )

    def _loudness_delta_lu(
        self, suggestion: Suggestion, whole: Setting, rest: Setting
    ) -> float | None:
        places = [place for place, t in enumerate(self._tracks) if t.id == suggestion.track]
        if not places:
            return None
        first, last = (self._model.track_loudness_db(places[0], s) for s in (rest, whole))
        return last - first


SURE_STEP: Final = 0.01


def _sure(one: Expected) -> float:
    """Return how sure a fader or pan is: by its standard error where it was read, else by the role."""
    if one.known:
        return 1.0 / (1.0 + (one.known.error_db / 2.0) ** 2)
    return 0.8 * one.voice.trust
