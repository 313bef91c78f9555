"""Faders: what `balance` finds, said track by track."""

from __future__ import annotations

from typing import Final

from ama_analysis.plan import Gain, Suggestion
from ama_analysis.preferences import Taste
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.balance import RAISE_MOST_DB, Place, balance, deadband_db
from ama_analysis.suggest.rule import Scene, Voice, speak

HIGHEST_FADER_DB: Final = 60.0
"""The end of a fader's range (`session.Track`)."""
BARELY_HEARD: Final = 0.4
"""What is left of the confidence where a track is so low that it may be meant to be (AMA's choice)."""


def move_fader(scene: Scene) -> tuple[Suggestion, ...]:
    """Move faders to the balance of the target's roles.

    Hears: a stem's integrated loudness at its present fader against the mix, its spectral centroid and its crest factor.
    Does: sets the fader so that the stem lies at its role's level, within 6 dB of equal loudness; the lead at its level against what plays
    with it; left and right of one recording by the same; nothing within 1 dB or the role's tolerance; at most 18 dB up, and at most 3 dB
    where the role is not known.
    Source: role levels of De Man et al. 2014 (in the target); band-limited loudness, Shi et al., AES 2025; loudness-based faders,
    Mansbridge et al. 2012.
    """
    return tuple(
        speak(
            "level",
            place.voice,
            _gain(place),
            _why(place, scene),
            confidence=_confidence(place),
            learned_db=place.learned_db,
        )
        for place in balance(scene)
        if place.moves
    )


def leave_fader(scene: Scene) -> tuple[Suggestion, ...]:
    """Say of a track that its level is right.

    Hears: a stem whose loudness against the mix lies within its role's range.
    Does: leaves the fader where it is, and says so: "no change" is a candidate too.
    Source: users ask assistants for a "no change" option (Vanka et al. 2024); AMA's choice.
    """
    return tuple(
        speak(
            "keep",
            place.voice,
            _gain(place),
            f"{_sits(place)}, within {deadband_db(place.voice):.1f} LU of where {_role(place)} may lie here"
            f" ({scene.target.style}: {place.usual_lu:+.1f}, balance: {place.wanted_lu:+.1f} LU): leave it."
            f"{as_you_have_it(place.voice, scene.taste)}",
            confidence=place.voice.trust,
            learned_db=place.learned_db,
        )
        for place in balance(scene)
        if not place.moves
    )


def _gain(place: Place) -> Gain:
    fader = place.voice.track.fader_db
    there = by_hand.decibel(min(fader + place.delta_db, HIGHEST_FADER_DB))
    return Gain(delta_db=min(place.delta_db, by_hand.decibel(there - fader)), fader_db=there)


def _confidence(place: Place) -> float:
    beyond = abs(place.delta_db) - deadband_db(place.voice)
    certainty = min(0.6 + 0.05 * max(beyond, 0.0), 0.95)
    return place.voice.trust * certainty * (BARELY_HEARD if _barely_heard(place) else 1.0)


def _barely_heard(place: Place) -> bool:
    return place.voice.named and place.delta_db >= RAISE_MOST_DB


def _sits(place: Place) -> str:
    return f"{place.voice.track.name} sits at {place.now_lu:+.1f} LU against the mix while it plays"


def _role(place: Place) -> str:
    if place.voice.role == "other":
        return "a track of unknown role"
    shared = f" ({place.sharing} tracks)" if place.sharing > 1 else ""
    return f"{place.voice.role}{shared}"


def _why(place: Place, scene: Scene) -> str:
    style = place.voice.style
    because = (
        f"{_sits(place)}; {scene.target.style} has {_role(place)} at {style.level_lu:+.1f} +-"
        f" {style.tolerance_lu:.1f} LU, and {place.wanted_lu:+.1f} LU balances it in this line-up:"
        f" {place.delta_db:+.1f} dB."
    )
    if _barely_heard(place):
        because += " It is hardly heard now; leave it if that is meant."
    return because + as_you_have_it(place.voice, scene.taste)


def as_you_have_it(voice: Voice, taste: Taste) -> str:
    """Say what of a fader's place was learned of the user; nothing where that is nothing."""
    liking = taste.faders.get(voice.role)
    if liking is None or not liking.applied_db:
        return ""
    how = f"as you usually have the {voice.role} (learned from {liking.sessions} sessions)"
    return f" Its place includes {liking.applied_db:+.1f} dB, {how}."
