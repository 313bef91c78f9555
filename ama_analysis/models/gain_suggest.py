"""What the gain predictor says, as suggestions: faders and pans with their reasons.

    learned_faders   predictions to fader positions, all at the loudness that the mix has now
    suggest_learned  the same as suggestions, `cnn_level`, `cnn_keep` and `cnn_pan`

Where somebody has set the session's faders (they are not all alike), they count as evidence too: a fader is taken to stand where it should within
`PRESENT_SIGMA_DB`, as the engine that matches references takes it, and the two are weighed by how sure each is. Stems whose faders are all alike
(bounces at unity, files) are balanced by the predictor alone, so their level means nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis.bands import Floats
from ama_analysis.models.gain_inputs import louder_by, position
from ama_analysis.models.gain_predictor import Prediction
from ama_analysis.plan import Gain, Pan, Suggestion
from ama_analysis.preferences import NO_TASTE, Taste
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.held import held
from ama_analysis.suggest.level import as_you_have_it
from ama_analysis.suggest.rule import Scene, Voice, speak
from ama_analysis.suggest.stereo_pairs import stereo_pairs

PRESENT_SIGMA_DB: Final = 6.0
"""As `suggest.match.expect` has it: half of what beginners are off by at most."""
SET_ABOVE_DB: Final = 0.1
"""Faders that differ by more were set by somebody."""
RAISE_MOST_DB: Final = 18.0
"""What needs more is as good as muted, perhaps on purpose (as the rules have it)."""
DEADBAND_DB: Final = 1.0
"""A smaller move is not worth a suggestion: about the just noticeable difference of level (as the rules have it)."""
PAN_DEADBAND: Final = 0.25
"""A stem that sits nearer to where it is wanted stays, the more so where the predictor is not sure (AMA's choice)."""
FADER_DB: Final = (-120.0, 60.0)
_HALF_SURE_DB: Final = 6.0
"""An expected error of this much leaves half of the confidence (AMA's choice)."""
_SIDE_DB: Final = 40.0
SPOKEN: Final[tuple[tuple[str, str, str, str], ...]] = (
    (
        "cnn_level, cnn_keep",
        "figures and log-mel pictures of every stem, relative to its own loudness; names; the other stems; the style or the references' spectrum",
        "sets the fader to where the gain predictor expects it (or says that it is there), at most 18 dB up; where somebody has set faders, between"
        " the two by how sure each is",
        "networks trained on human balances (models/gain.md); shared encoder and context after Steinmetz et al. 2021",
    ),
    (
        "cnn_pan",
        "the same, and the stem's own balance of left and right",
        "opens or closes a pan that is off by 0.25 and by more than the expected error",
        "the same",
    ),
)
"""What the engine says, for docs/reference.md: suggestion, hears, does, source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedFader:
    """Where a track's fader and pan go; `wanted_lu` and `now_lu` are loudness against the mix, by power, `moves` whether it is worth a move, `held` why it stays."""

    voice: Voice
    prediction: Prediction
    now_lu: float
    wanted_lu: float
    fader_db: float
    pan: float
    moves: bool
    held: str = ""

    @property
    def pans(self) -> bool:
        """Whether the pan changes."""
        return self.pan != self.voice.track.pan


def learned_faders(
    voices: Sequence[Voice],
    predictions: Sequence[Prediction],
    *,
    pans: bool = True,
    taste: Taste = NO_TASTE,
) -> tuple[LearnedFader, ...]:
    """Return a fader for each voice that has a prediction; together they leave the mix as loud as it is, or come to what is locked. Without `pans` these stay.

    What the user usually has louder or softer is then louder or softer by that. Left and right of one recording move together, and
    their names say where they sit.
    """
    told = {one.track: one for one in predictions}
    pairs = [(voice, told[voice.track.id]) for voice in voices if voice.track.id in told]
    if len(pairs) < 2:
        return ()
    now = np.array([one.level_lufs + voice.track.fader_db for voice, one in pairs])
    active = np.array([voice.active for voice, _ in pairs])
    wanted = np.array([one.wanted_lufs for _, one in pairs])
    liked = np.array([taste.offset_db(voice.role) for voice, _ in pairs])
    wanted += _loudness(now, active) - _loudness(wanted, active)
    if _set_by_hand([voice for voice, _ in pairs]):
        wanted = _weighed(now - liked, wanted, np.array([one.error_db for _, one in pairs]))
        wanted += _loudness(now, active) - _loudness(wanted, active)
    own = [voice for voice, _ in pairs]
    locked = np.array([voice.track.locked for voice in own])
    if locked.any():
        wanted += np.median((now - liked - wanted)[locked])
    wanted = np.minimum(wanted, now + RAISE_MOST_DB)
    wanted = wanted + liked
    stays, seated = held(own, "fader"), held(own, "pan")
    wanted = np.where([bool(why) for why in stays], now, wanted)
    sides = stereo_pairs(own)
    for both in sides:
        wanted[both] = now[both] + (wanted[both] - now[both]).mean()
    mix = _loudness(now, active)
    return tuple(
        _fader(
            voice,
            one,
            now[at] - mix,
            wanted[at] - mix,
            panning=(
                _pan(voice, one)
                if pans and at not in sides and not (stays[at] or seated[at])
                else (voice.track.pan, 0.0)
            ),
            held=stays[at],
        )
        for at, (voice, one) in enumerate(pairs)
    )


def _fader(
    voice: Voice,
    one: Prediction,
    now_lu: float,
    wanted_lu: float,
    *,
    panning: tuple[float, float],
    held: str,
) -> LearnedFader:
    moves = abs(wanted_lu - now_lu) >= DEADBAND_DB
    pan, by_pan = panning
    delta = (wanted_lu - now_lu if moves else 0.0) + by_pan
    fader = min(max(voice.track.fader_db + delta, FADER_DB[0]), FADER_DB[1])
    return LearnedFader(
        voice=voice,
        prediction=one,
        now_lu=float(now_lu),
        wanted_lu=float(wanted_lu),
        fader_db=by_hand.decibel(fader),
        pan=pan,
        moves=moves or abs(by_pan) >= DEADBAND_DB,
        held=held,
    )


def _pan(voice: Voice, one: Prediction) -> tuple[float, float]:
    """Return the pan, and what the fader must give back where it makes the louder side softer."""
    balance_db, present = _balance_db(one.placed), voice.track.pan
    sits = _position(balance_db, present)
    if abs(one.place - sits) < max(PAN_DEADBAND, one.place_error):
        return present, 0.0
    missing_db = _balance_db(one.place) - balance_db
    pan = math.copysign(1.0 - 10.0 ** (-abs(missing_db) / 20.0), missing_db)
    pan = by_hand.pan(pan)
    return pan, louder_by(balance_db, present) - louder_by(balance_db, pan)


def _position(balance_db: float, pan: float) -> float:
    return position(balance_db, pan)


def _balance_db(place: float) -> float:
    """Return right less left of something that sits there."""
    softer = max(1.0 - abs(place), 10.0 ** (-_SIDE_DB / 20.0))
    return math.copysign(-20.0 * math.log10(softer), place)


def _set_by_hand(voices: Sequence[Voice]) -> bool:
    faders = [voice.track.fader_db for voice in voices]
    return max(faders) - min(faders) > SET_ABOVE_DB


def _weighed(
    now: Floats,
    wanted: Floats,
    error_db: Floats,
) -> Floats:
    """Return levels between those that are and those that are wanted, by their precision; the shift between the two is their median difference."""
    trust = PRESENT_SIGMA_DB**2 / (PRESENT_SIGMA_DB**2 + np.square(error_db))
    apart = wanted - now
    apart = apart - np.median(apart)
    return np.asarray(now + trust * apart)


def _loudness(levels: Floats, active: Floats) -> float:
    """Return the loudness of all together, as a power sum over the time for which each plays."""
    return float(10.0 * np.log10(np.sum(active * 10.0 ** (levels / 10.0))))


def suggest_learned(scene: Scene, predictions: Sequence[Prediction]) -> tuple[Suggestion, ...]:
    """Return the suggestions for faders and pans, in the order of the voices."""
    said: list[Suggestion] = []
    for one in learned_faders(scene.voices, predictions, taste=scene.taste):
        said.append(_level(one, scene.taste))
        if one.pans:
            said.append(_place(one))
    return tuple(said)


def _level(one: LearnedFader, taste: Taste) -> Suggestion:
    track = one.voice.track
    fader = one.fader_db if one.moves else track.fader_db
    delta = by_hand.decibel(fader - track.fader_db)
    sits = f"{track.name} is at {one.now_lu:+.1f} LU against the mix"
    usual = f"{one.wanted_lu:+.1f} +-{one.prediction.error_db:.1f} LU"
    if one.moves:
        because = f"{sits}; the gain predictor expects a stem that sounds so, in this company, at {usual}: {delta:+.1f} dB."
    else:
        why = f"; {one.held}" if one.held else ""
        because = f"{sits}, and the gain predictor expects it at {usual}{why}: leave it."
    action = Gain(delta_db=delta, fader_db=fader)
    rule = "cnn_level" if one.moves else "cnn_keep"
    return speak(
        rule,
        one.voice,
        action,
        because + as_you_have_it(one.voice, taste),
        confidence=_confidence(one.prediction.error_db),
        learned_db=taste.offset_db(one.voice.role),
    )


def _place(one: LearnedFader) -> Suggestion:
    track, said = one.voice.track, one.prediction
    because = (
        f"{track.name} sits at {_position(_balance_db(said.placed), track.pan):+.2f}; the gain predictor expects it at"
        f" {said.place:+.2f} +-{said.place_error:.2f} (-1 left, +1 right)."
    )
    confidence = _confidence(one.prediction.error_db) * max(1.0 - said.place_error, 0.1)
    return speak("cnn_pan", one.voice, Pan(pan=one.pan), because, confidence=confidence)


def _confidence(error_db: float) -> float:
    return 1.0 / (1.0 + error_db / _HALF_SURE_DB)
