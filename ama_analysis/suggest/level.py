"""Faders: what `balance` finds, said track by track."""

from __future__ import annotations

from typing import Final

from ama_analysis.plan import Gain, Suggestion
from ama_analysis.preferences import Taste
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.balance import DEADBAND_DB, Place, balance, deadband_db
from ama_analysis.suggest.rule import LEADS, Scene, Voice, speak

HIGHEST_FADER_DB: Final = 60.0
"""The end of a fader's range (`session.Track`)."""
SUREST: Final = 0.85
LESS_SURE_PER_DB: Final = 0.02
"""A move's certainty, and what each decibel takes off it: the further from where somebody put a fader, the likelier that it was meant. On six human mixes,
scrambled (`tools/fader_error.py`), moves of 3 to 5 dB bring a fader nearer to the human's in nine cases of ten, of 12 dB in six of ten."""
LEAST_SURE: Final = 0.5
BARELY_HEARD: Final = 0.4
"""What is left of the confidence where a track is so low that it may be meant to be; a lead is meant to be heard (AMA's choice)."""


def move_fader(scene: Scene) -> tuple[Suggestion, ...]:
    """Move faders to the balance of the target's roles.

    Hears: how loud a stem is while it plays, at its present fader, against the others, its spectral centroid and its crest factor.
    Does: brings the stem to within half its role's tolerance of the level that balances it, within 6 dB of equal loudness; the lead to its level against
    what plays with it; left and right of one recording by the same; nothing within 1 dB or the role's tolerance; at most 12 dB up, and at most
    3 dB where the role is not known. The whole balance is laid where it leaves most faders alone.
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

    Hears: a stem whose loudness against the others lies within its role's range.
    Does: leaves the fader where it is, and says so: "no change" is a candidate too.
    Source: users ask assistants for a "no change" option (Vanka et al. 2024); AMA's choice.
    """
    return tuple(
        speak(
            "keep",
            place.voice,
            _gain(place),
            _as_it_is(place, scene),
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
    certainty = max(SUREST - LESS_SURE_PER_DB * abs(place.delta_db), LEAST_SURE)
    return place.voice.trust * certainty * (BARELY_HEARD if _barely_heard(place) else 1.0)


def _barely_heard(place: Place) -> bool:
    return place.short and place.voice.named and place.voice.role not in LEADS


def _role(place: Place) -> str:
    if place.voice.role == "other":
        return "a track of unknown role"
    shared = f" ({place.sharing} tracks)" if place.sharing > 1 else ""
    return f"{place.voice.role}{shared}"


def _balanced(place: Place, scene: Scene) -> str:
    return (
        f"{place.voice.track.name} sits at {place.now_lu:+.1f} LU against the others in their places; the {scene.target.style} balance of this"
        f" line-up has {_role(place)} at {place.wanted_lu:+.1f} +-{deadband_db(place.voice):.1f} LU"
    )


def _as_it_is(place: Place, scene: Scene) -> str:
    if place.held:
        why = f"{place.held}: leave it"
        return f"{_balanced(place, scene)}; {why}."
    if abs(place.now_lu - place.wanted_lu) <= deadband_db(place.voice) + by_hand.LEAST_DB:
        why = "leave it"
    else:
        why = "what its other side wants evens that out: leave it"
    return f"{_balanced(place, scene)}: {why}.{as_you_have_it(place.voice, scene.taste)}"


def _why(place: Place, scene: Scene) -> str:
    because = f"{_balanced(place, scene)}: {place.delta_db:+.1f} dB{_how_far(place)}."
    if _barely_heard(place):
        because += " It is hardly heard now; leave it if that is meant."
    return because + as_you_have_it(place.voice, scene.taste)


def _how_far(place: Place) -> str:
    """Say where a move ends that does not end in the middle of the range."""
    if place.paired:
        return ", as its other side"
    if place.short:
        moved = "a fader is raised" if place.voice.named else "a track of unknown role is moved"
        return f", as far as {moved}"
    there = place.now_lu + place.delta_db
    return "" if abs(there - place.wanted_lu) < DEADBAND_DB else " brings it well into that range"


def as_you_have_it(voice: Voice, taste: Taste) -> str:
    """Say what of a fader's place was learned of the user; nothing where that is nothing."""
    liking = taste.faders.get(voice.role)
    if liking is None or not liking.applied_db:
        return ""
    how = f"as you usually have the {voice.role} (learned from {liking.sessions} sessions)"
    return f" Its place includes {liking.applied_db:+.1f} dB, {how}."
