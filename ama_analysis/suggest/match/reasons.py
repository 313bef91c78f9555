"""Why the solver moves what it moves, in the words and figures of an engineer."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from ama_analysis.bands import THIRD_OCTAVE_HZ, TONAL_BANDS, Floats, third_octave_edges
from ama_analysis.distance import compared_bands
from ama_analysis.plan import FilterShape
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.level import as_you_have_it
from ama_analysis.suggest.match.expect import Expected, KnownBalance
from ama_analysis.suggest.match.figures import Setting
from ama_analysis.suggest.match.layout import Band
from ama_analysis.suggest.match.model import MixModel
from ama_analysis.suggest.match.solve import Solution
from ama_analysis.suggest.rule import Scene

_EDGES_HZ = third_octave_edges()[TONAL_BANDS.start : TONAL_BANDS.stop + 1]
_CENTRES_HZ = THIRD_OCTAVE_HZ[TONAL_BANDS]
_OCTAVE = 3
LEAST_PULL_DB = 0.1
"""Share times gap from which an octave is named as what asks for a move (AMA's choice)."""
LEAST_LEAN: Final = 0.005
"""A share of the power by which left and right come nearer to each other, from which that is named as the reason (AMA's choice)."""
_SHAPES: dict[FilterShape, str] = {
    "bell": "bell",
    "low_shelf": "low shelf",
    "high_shelf": "high shelf",
}


class Reasons:
    """What the mix lacks against the references, and which track holds what of it."""

    def __init__(
        self,
        model: MixModel,
        scene: Scene,
        known: KnownBalance | None,
        now: Setting,
        solution: Solution,
    ) -> None:
        """Look at the mix as it stands (cleaned), and with the faders and pans of the solution but no bands."""
        self._scene, self._known = scene, known
        self._title = scene.target.title
        fixed = now.curve_db - np.array([v.track.fader_db for v in scene.voices])[:, None]
        moved = Setting(curve_db=fixed + solution.gain_db[:, None], pan=solution.pan)
        self._gap_now = self._gap_db(model, now)
        self._gap_moved = self._gap_db(model, moved)
        self._share_now, self._share_moved = model.shares(now), model.shares(moved)
        self._model, self._moved = model, moved
        self._width_now = model.judged(now).side_over_mid_db
        self._width_goal = scene.target.profile.width_db

    def _gap_db(self, model: MixModel, setting: Setting) -> Floats:
        """Return what the target has more than the mix in each third-octave, nothing where it is not compared."""
        target = self._scene.target
        gap = np.array(target.profile.third_octave_db) - model.predicted(setting).tonal_db
        compared = compared_bands(target)
        return np.where(compared, gap - np.median(gap[compared]), 0.0)

    def of_fader(self, place: int, one: Expected, delta_db: float) -> str:
        """Say why a fader moves by `delta_db`, or stays."""
        name, where = one.voice.track.name, one.place
        if one.known is not None and self._known is not None and not where.held:
            return self._as_read(name, one, delta_db)
        role = "of unknown role" if not one.voice.named else one.voice.role
        sits = f"{name} ({role}) sits at {where.now_lu:+.1f} LU against the others in their places"
        yours = as_you_have_it(one.voice, self._scene.taste)
        if not delta_db:
            balanced = f"{sits}, {where.wanted_lu:+.1f} LU balances it in this line-up"
            if where.held:
                return f"{balanced}; {where.held}: leave it."
            if where.moves:
                asked = f"what the balance and the spectrum of {self._title} ask for together"
                return f"{balanced}; {asked} is less than a step: leave it.{yours}"
            off_lu = one.voice.style.tolerance_lu
            asked = f"the spectrum of {self._title} asks for less than a step"
            return (
                f"{balanced}, and its role may lie {off_lu:.1f} LU off; {asked}: leave it.{yours}"
            )
        expected_db = by_hand.decibel(one.gain_db - one.voice.track.fader_db)
        matched_db = by_hand.decibel(delta_db - expected_db)
        parts = []
        if expected_db:
            parts.append(
                f"{where.wanted_lu:+.1f} LU balances it in this line-up ({expected_db:+.1f} dB)"
            )
        if matched_db:
            parts.append(f"{self._asks(place, matched_db)} ({matched_db:+.1f} dB)")
        return f"{sits}; {', and '.join(parts)}: {delta_db:+.1f} dB.{yours}"

    def _asks(self, place: int, move_db: float) -> str:
        """Say what of the spectrum asks for a move: the octave where the track weighs most and the mix lacks just that."""
        share = _by_octave(self._share_now[place])
        gap = _by_octave(self._gap_now)
        pull = share * gap * math.copysign(1.0, move_db)
        start = int(np.argmax(pull))
        if pull[start] < LEAST_PULL_DB:
            return f"the moves of the other tracks towards {self._title} ask for the rest"
        low, high = (by_hand.spoken_hz(float(_EDGES_HZ[at])) for at in (start, start + _OCTAVE))
        return (
            f"{self._title} carries {abs(gap[start]):.1f} dB {_more(gap[start])} between {low} and {high},"
            f" where it holds {share[start]:.0%}"
        )

    def _as_read(self, name: str, one: Expected, delta_db: float) -> str:
        known, balance = one.known, self._known
        assert known is not None  # noqa: S101  the caller looked
        assert balance is not None  # noqa: S101
        how = (
            f"{balance.reference} is a mix of these very tracks, and {name} can be read from its waveform"
            if known.read_from == "waveform"
            else f"{balance.reference} holds these instruments, and {name} is heard in its spectrum"
        )
        move = f"{delta_db:+.1f} dB" if delta_db else "it stands right"
        return f"{how}, to about {max(known.error_db, 0.1):.1f} dB: {move}."

    def of_pan(self, place: int, one: Expected, seat: float) -> str:
        """Say why a track is panned: for the width, where the move brings that nearer, else for what lies left and right."""
        track = one.voice.track
        if one.known is not None and self._known is not None:
            return f"In {self._known.reference} {track.name} sits at {seat:+.2f} (now {track.pan:+.2f})."
        if one.pan_because and abs(seat - one.pan) < by_hand.PAN_STEP:
            return one.pan_because
        pans = self._moved.pan.copy()
        pans[place] = track.pan
        unmoved = Setting(curve_db=self._moved.curve_db, pan=pans)
        wider_db = (
            self._model.judged(self._moved).side_over_mid_db
            - self._model.judged(unmoved).side_over_mid_db
        )
        move = f"{track.name} from {track.pan:+.2f} to {seat:+.2f}"
        if wider_db * (self._width_goal - self._width_now) > 0.0:
            opens = "opens" if wider_db > 0.0 else "narrows"
            return (
                f"Side lies {-self._width_now:.1f} dB below mid in the mix and {-self._width_goal:.1f} dB in"
                f" {self._title}: {move} {opens} it."
            )
        lean, goes = (self._model.predicted(one).imbalance for one in (unmoved, self._moved))
        if abs(goes) < abs(lean) - LEAST_LEAN:
            side = "left" if lean < 0.0 else "right"
            return f"The mix leans to the {side}: {move} evens it out."
        return f"{move} brings what lies left and right, band by band, nearer to {self._title}."

    def of_band(self, place: int, band: Band) -> str:
        """Say why a track gets a band."""
        low_hz, high_hz = span_hz(band)
        inside = (low_hz * 0.99 <= _CENTRES_HZ) & (high_hz * 1.01 >= _CENTRES_HZ)
        if not inside.any():
            inside = np.arange(_CENTRES_HZ.size) == int(
                np.argmin(np.abs(np.log(_CENTRES_HZ / band.freq_hz)))
            )
        gap = float(self._gap_moved[inside].mean())
        holds = self._share_moved[:, inside].mean(axis=1)
        name = self._scene.voices[place].track.name
        setting = (
            f"{band.gain_db:+.1f} dB {_SHAPES[band.shape]} at {by_hand.spoken_hz(band.freq_hz)}"
        )
        between = f"between {by_hand.spoken_hz(low_hz)} and {by_hand.spoken_hz(high_hz)}"
        who = self._holders(place, holds, name)
        if gap * band.gain_db > 0.0:
            return f"With the faders set {self._title} carries {abs(gap):.1f} dB {_more(gap)} {between}; {who}: {setting}."
        return f"{who} {between}, where mid and side differ from those of {self._title}: {setting}."

    def _holders(self, place: int, holds: Floats, name: str) -> str:
        others = [index for index in np.argsort(-holds) if index != place]
        if not others or holds[others[0]] < 0.05:
            return f"{name} is the only track with energy there"
        second = self._scene.voices[int(others[0])].track.name
        return (
            f"{name} holds {holds[place]:.0%} of the energy there ({second} {holds[others[0]]:.0%})"
        )


def _by_octave(thirds: Floats) -> Floats:
    """Return means over three neighbouring third-octaves."""
    means: Floats = np.convolve(thirds, np.full(_OCTAVE, 1.0 / _OCTAVE), mode="valid")
    return means


def span_hz(band: Band) -> tuple[float, float]:
    """Return where a band works: a bell between the points of half its gain (dB), a shelf beyond its corner."""
    if band.shape == "low_shelf":
        return float(_EDGES_HZ[0]), band.freq_hz
    if band.shape == "high_shelf":
        return band.freq_hz, float(_EDGES_HZ[-1])
    half = math.asinh(1.0 / (2.0 * band.q)) / math.log(2.0)
    return band.freq_hz * 2.0**-half, band.freq_hz * 2.0**half


def _more(gap_db: float) -> str:
    return "more" if gap_db >= 0.0 else "less"
