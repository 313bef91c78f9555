"""Faders: the balance of the roles.

Every audible stem starts at the balanced level, at which all are equally loud. Its role, its brightness and its dynamics move it from
there by at most 6 dB; tracks of one role share that role's budget; a lead gets what it needs above the bed. All moves together
leave the loudness of the mix where it was, so the headroom stays.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ama_analysis.plan import Gain, Suggestion
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.rule import LEADS, Scene, Voice, speak

REACH_DB: Final = 6.0
"""How far from the balanced level a track may be put (issue 2: -6..+6 dB)."""
REACH_UNKNOWN_DB: Final = 3.0
"""The largest move for a track whose role is not known (AMA's choice)."""
BRIGHTNESS_DB_PER_OCT: Final = -0.75
"""Bright tracks lower, dark ones higher: broadband loudness fails on narrow-band tracks such as hats and bass (Shi et al., AES 2025)."""
BRIGHTNESS_MIDDLE_HZ: Final = 1000.0
DYNAMICS_DB_PER_DB: Final = -0.1
"""Peaky tracks a little lower: hits stand out more than their gated loudness says (AMA's choice)."""
DYNAMICS_MIDDLE_DB: Final = 14.0
"""A usual crest factor: 10 to 14 dB is called healthy for whole pop mixes, single stems have more."""
TERM_LIMIT_DB: Final = 1.5
"""The most that brightness or dynamics may do alone (AMA's choice)."""
DEADBAND_DB: Final = 1.0
"""A smaller move is not worth a suggestion: about the just noticeable difference of level (AMA's choice)."""
TOLERANCE_SHARE: Final = 0.5
"""A track within half of its role's tolerance stays (AMA's choice: engineers differ by one standard deviation, we aim closer)."""
COMMON_LIMIT_DB: Final = 1.0
"""The most that those who move are shifted because the others stay (AMA's choice)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a voice sits and should sit, LU relative to the mix, and how many share its role."""

    voice: Voice
    now_lu: float
    wanted_lu: float
    sharing: int
    moves: bool

    @property
    def delta_db(self) -> float:
        """The move, 0.1 dB; 0 inside the deadband."""
        return by_hand.decibel(self.wanted_lu - self.now_lu) if self.moves else 0.0


def level(scene: Scene) -> tuple[Suggestion, ...]:
    """Move faders to the balance of the target's roles.

    Hears: a stem's integrated loudness at its present fader against the mix, its spectral centroid and its crest factor.
    Does: sets the fader so that the stem lies at its role's level, within 6 dB of equal loudness; the lead at least at its level above
    the bed; nothing within 1 dB or half the role's tolerance.
    Source: role levels of De Man et al. 2014 (in the target); band-limited loudness, Shi et al., AES 2025; loudness-based faders,
    Mansbridge et al. 2012.
    """
    return tuple(
        speak(
            "level",
            place.voice,
            _gain(place),
            _why(place, scene),
            confidence=place.voice.trust * _certainty(place),
        )
        for place in balance(scene)
        if place.moves
    )


def keep(scene: Scene) -> tuple[Suggestion, ...]:
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
            f"{place.voice.track.name} sits at {place.now_lu:+.1f} LU against the mix, within the range of"
            f" {_role_words(place)} ({place.wanted_lu:+.1f} LU +- {_deadband(place.voice):.1f}): leave it.",
            confidence=place.voice.trust,
        )
        for place in balance(scene)
        if not place.moves
    )


def balance(scene: Scene) -> tuple[Place, ...]:
    """Return where each voice sits and where it should, all at the loudness that the mix has now."""
    voices = scene.voices
    if not voices:
        return ()
    mix = scene.mix_lufs
    now = [voice.level_lufs - mix for voice in voices]
    wanted = _lead_above_bed(voices, _clamped(_role_levels(voices)))
    wanted = _as_loud_as_before(voices, wanted)
    wanted = [_careful(voice, a, b) for voice, a, b in zip(voices, now, wanted, strict=True)]
    moves = [
        len(voices) > 1 and abs(b - a) >= _deadband(voice)
        for voice, a, b in zip(voices, now, wanted, strict=True)
    ]
    wanted = _movers_shifted(voices, now, wanted, moves)
    sharing = Counter(voice.role for voice in voices)
    return tuple(
        Place(
            voice=voice,
            now_lu=now[index],
            wanted_lu=wanted[index],
            sharing=sharing[voice.role],
            moves=moves[index],
        )
        for index, voice in enumerate(voices)
    )


def _role_levels(voices: Sequence[Voice]) -> list[float]:
    sharing = Counter(voice.role for voice in voices)
    return [
        voice.style.level_lu
        - 10.0 * math.log10(sharing[voice.role])
        + _brightness_db(voice)
        + _dynamics_db(voice)
        for voice in voices
    ]


def _brightness_db(voice: Voice) -> float:
    centroid = max(voice.heard.features.spectral_centroid_hz, 20.0)
    term = BRIGHTNESS_DB_PER_OCT * math.log2(centroid / BRIGHTNESS_MIDDLE_HZ)
    return min(max(term, -TERM_LIMIT_DB), TERM_LIMIT_DB)


def _dynamics_db(voice: Voice) -> float:
    crest = voice.heard.dynamics.active_crest_factor_db
    term = 0.0 if crest is None else DYNAMICS_DB_PER_DB * (crest - DYNAMICS_MIDDLE_DB)
    return min(max(term, -TERM_LIMIT_DB), TERM_LIMIT_DB)


def _clamped(levels_lu: Sequence[float]) -> list[float]:
    middle = sum(levels_lu) / len(levels_lu)
    return [min(max(value - middle, -REACH_DB), REACH_DB) for value in levels_lu]


def _lead_above_bed(voices: Sequence[Voice], wanted: Sequence[float]) -> list[float]:
    """Raise the leads (the bed gives way when the mix is brought back) until they lie where the style asks, less its tolerance."""
    lead = [voice.role in LEADS for voice in voices]
    if not any(lead) or all(lead):
        return list(wanted)
    style = next(voice.style for voice in voices if voice.role in LEADS)
    lead_power = sum(10.0 ** (w / 10.0) for w, leads in zip(wanted, lead, strict=True) if leads)
    bed_power = sum(10.0 ** (w / 10.0) for w, leads in zip(wanted, lead, strict=True) if not leads)
    share = 10.0 ** ((style.level_lu - style.tolerance_lu) / 10.0)
    lift = 10.0 * math.log10(bed_power * share / (1.0 - share) / lead_power)
    return [w + max(lift, 0.0) if leads else w for w, leads in zip(wanted, lead, strict=True)]


def _as_loud_as_before(voices: Sequence[Voice], wanted: Sequence[float]) -> list[float]:
    """Shift all levels (LU relative to the mix) together so that they add up to the mix."""
    shift = -10.0 * math.log10(sum(_powers(voices, wanted)))
    return [w + shift for w in wanted]


def _powers(voices: Sequence[Voice], levels_lu: Sequence[float]) -> list[float]:
    return [
        voice.playing_power * 10.0 ** ((level - voice.level_lufs) / 10.0)
        for voice, level in zip(voices, levels_lu, strict=True)
    ]


def _movers_shifted(
    voices: Sequence[Voice], now: Sequence[float], wanted: Sequence[float], moves: Sequence[bool]
) -> list[float]:
    """Shift those that move a little more, so that the mix keeps its loudness although the others stay."""
    stay = sum(p for p, move in zip(_powers(voices, now), moves, strict=True) if not move)
    go = sum(p for p, move in zip(_powers(voices, wanted), moves, strict=True) if move)
    if not go:
        return list(wanted)
    room = max(1.0 - stay, 0.01)
    shift = min(max(10.0 * math.log10(room / go), -COMMON_LIMIT_DB), COMMON_LIMIT_DB)
    return [w + shift if move else w for w, move in zip(wanted, moves, strict=True)]


def _careful(voice: Voice, now: float, wanted: float) -> float:
    if voice.named:
        return wanted
    return now + min(max(wanted - now, -REACH_UNKNOWN_DB), REACH_UNKNOWN_DB)


def _deadband(voice: Voice) -> float:
    return max(DEADBAND_DB, TOLERANCE_SHARE * voice.style.tolerance_lu)


def _gain(place: Place) -> Gain:
    fader = place.voice.track.fader_db
    return Gain(delta_db=place.delta_db, fader_db=by_hand.decibel(fader + place.delta_db))


def _certainty(place: Place) -> float:
    beyond = abs(place.wanted_lu - place.now_lu) - _deadband(place.voice)
    return min(0.6 + 0.1 * beyond, 0.95)


def _role_words(place: Place) -> str:
    role = "an unknown track" if place.voice.role == "other" else place.voice.role
    return role if place.sharing == 1 else f"{role} ({place.sharing} share it)"


def _why(place: Place, scene: Scene) -> str:
    return (
        f"{place.voice.track.name} sits at {place.now_lu:+.1f} LU against the mix;"
        f" {scene.target.title} puts {_role_words(place)} here at {place.wanted_lu:+.1f}"
        f" +- {place.voice.style.tolerance_lu:.1f} LU: {place.delta_db:+.1f} dB."
    )
