"""Where each fader should be: the balance of the roles.

Every audible stem starts at the balanced level, at which all are equally loud. Its role, its brightness and its dynamics move it from
there by at most 6 dB; tracks of one role that sound together share that role's budget; leads are put where the style wants them against
what plays with them. All moves together leave the loudness of the mix where it was, so the headroom stays.

Levels inside are LU relative to the mix as it is now; figures for people are relative to the mix while the track plays, which is how
role levels are published. Left and right of one recording move together.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ama_analysis.suggest import by_hand
from ama_analysis.suggest.rule import LEADS, Scene, Voice
from ama_analysis.suggest.stereo_pairs import stereo_pairs

REACH_DB: Final = 6.0
"""How far from the balanced level a track may be put (issue 2: -6..+6 dB)."""
REACH_UNKNOWN_DB: Final = 3.0
"""The largest move for a track whose role is not known (AMA's choice)."""
RAISE_MOST_DB: Final = 18.0
"""A track that would need more is as good as muted; that may be on purpose (AMA's choice)."""
EQUAL_LOUDNESS_ERROR_DB: Final = 4.5
"""How far equal loudness lies from human faders: 4.2 dB in six real sessions, their inaudible tracks left out. With the role's tolerance it
decides how much the role counts: two estimates are weighted by their precision, 4.5^2 / (4.5^2 + tolerance^2)."""
BRIGHTNESS_DB_PER_OCT: Final = -0.5
"""Bright tracks lower, dark ones higher: broadband loudness fails on narrow-band tracks such as hats and bass (Shi et al., AES 2025). The
figure is AMA's choice; it lowers the fader error on the same six sessions by 0.1 dB."""
BRIGHTNESS_MIDDLE_HZ: Final = 1000.0
BRIGHTNESS_LIMIT_DB: Final = 1.5
DYNAMICS_DB_PER_DB: Final = -0.3
"""Peaky tracks lower: hits stand out more than their gated loudness says. AMA's choice; lowers the fader error there by 0.6 dB."""
DYNAMICS_MIDDLE_DB: Final = 14.0
"""A usual crest factor: 10 to 14 dB is called healthy for whole pop mixes, single stems have more."""
DYNAMICS_LIMIT_DB: Final = 3.0
DEADBAND_DB: Final = 1.0
"""A smaller move is not worth a suggestion: about the just noticeable difference of level (AMA's choice)."""
LEAD_TOLERANCE_SHARE: Final = 0.5
"""Leads are brought to within this part of their tolerance (AMA's choice: engineers agree most on the voice)."""
HIGHEST_LU: Final = -0.05
"""A lead that is louder against the mix leaves nothing of the bed; the level of a part is always below that of the whole."""
COMMON_LIMIT_DB: Final = 1.0
"""The most that those who move are shifted because the others stay (AMA's choice)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a voice sits and should sit, LU against the mix while it plays, the move of its fader, and how many share its role.

    `usual_lu` is the style's level of the role in this line-up: without a singer, or shared by two, it is another than in the preset.
    `learned_db` of `usual_lu`, `wanted_lu` and `delta_db` is there because this user usually has the role so.
    """

    voice: Voice
    now_lu: float
    usual_lu: float
    wanted_lu: float
    delta_db: float
    moves: bool
    sharing: int
    learned_db: float = 0.0


def balance(scene: Scene) -> tuple[Place, ...]:
    """Return where each voice sits and where it should, all at the loudness that the mix has now (but for what the user likes louder)."""
    voices = scene.voices
    if not voices:
        return ()
    mix = scene.mix_lufs
    now = [voice.level_lufs - mix for voice in voices]
    heard_now, wanted = _while_playing(voices, now, now), _wanted(voices)
    learned = [scene.taste.offset_db(voice.role) for voice in voices]
    moves = _moves(voices, now, wanted, learned)
    wanted = _among_those_who_stay(voices, now, wanted, moves)
    wanted = [level + more for level, more in zip(wanted, learned, strict=True)]
    wanted, moves = _pairs_together(voices, now, wanted, moves)
    after = [b if move else a for a, b, move in zip(now, wanted, moves, strict=True)]
    sharing = Counter(voice.role for voice in voices)
    heard_after, usual = _while_playing(voices, wanted, after), _line_up(voices)
    return tuple(
        Place(
            voice=voice,
            now_lu=by_hand.decibel(heard_now[index]),
            usual_lu=by_hand.decibel(usual[index] + learned[index]),
            wanted_lu=by_hand.decibel(heard_after[index]),
            delta_db=by_hand.decibel(after[index] - now[index]),
            moves=moves[index],
            sharing=sharing[voice.role],
            learned_db=learned[index],
        )
        for index, voice in enumerate(voices)
    )


def levels_of_roles(voices: Sequence[Voice]) -> tuple[float, ...]:
    """Return where the rules want these voices, LU against the mix, whatever their present levels."""
    return tuple(_wanted(voices))


def _wanted(voices: Sequence[Voice]) -> list[float]:
    return _as_loud_as_before(voices, _leads_in_place(voices, _offsets(voices)))


def _moves(
    voices: Sequence[Voice],
    now: Sequence[float],
    wanted: Sequence[float],
    learned: Sequence[float],
) -> list[bool]:
    """Return who moves: who is not within the deadband, nor in the style's range for the role and would be moved away from its level."""
    heard_now, heard_then = _while_playing(voices, now, now), _while_playing(voices, wanted, wanted)
    moves = []
    for index, (voice, usual) in enumerate(zip(voices, _line_up(voices), strict=True)):
        off_now = abs(heard_now[index] - usual - learned[index])
        off_then = abs(heard_then[index] - usual)
        settled = off_now <= deadband_db(voice) and off_then >= off_now
        far = abs(wanted[index] + learned[index] - now[index]) >= deadband_db(voice)
        moves.append(len(voices) > 1 and far and not settled)
    return moves


def _line_up(voices: Sequence[Voice]) -> list[float]:
    """Return the style's levels for these tracks, LU against the mix while each plays: with fewer roles, each is a larger part."""
    budget = _as_loud_as_before(voices, _budget(voices))
    return _while_playing(voices, budget, budget)


def _budget(voices: Sequence[Voice]) -> list[float]:
    return [
        voice.style.level_lu - 10.0 * math.log10(at_once)
        for voice, at_once in zip(voices, _at_once(voices), strict=True)
    ]


def deadband_db(voice: Voice) -> float:
    """Return how far a voice may lie from its place before it is moved."""
    return max(DEADBAND_DB, voice.style.tolerance_lu)


def _offsets(voices: Sequence[Voice]) -> list[float]:
    """Return how far each voice should lie from the balanced level, dB, held to +-6."""
    budget = _budget(voices)
    usual = sum(budget) / len(budget)
    offsets = [
        (level - usual) * _role_weight(voice) + _brightness_db(voice) + _dynamics_db(voice)
        for voice, level in zip(voices, budget, strict=True)
    ]
    middle = sum(offsets) / len(offsets)
    return [_held(offset - middle, REACH_DB) for offset in offsets]


def _at_once(voices: Sequence[Voice]) -> list[float]:
    """Return how many tracks of its role sound while a voice does: those that never meet share nothing."""
    return [
        1.0 + sum(other.active for other in voices if other.role == voice.role) - voice.active
        for voice in voices
    ]


def _role_weight(voice: Voice) -> float:
    known = EQUAL_LOUDNESS_ERROR_DB**2
    return known / (known + voice.style.tolerance_lu**2)


def _brightness_db(voice: Voice) -> float:
    centroid = max(voice.heard.features.spectral_centroid_hz, 20.0)
    term = BRIGHTNESS_DB_PER_OCT * math.log2(centroid / BRIGHTNESS_MIDDLE_HZ)
    return _held(term, BRIGHTNESS_LIMIT_DB)


def _dynamics_db(voice: Voice) -> float:
    crest = voice.heard.dynamics.active_crest_factor_db
    term = 0.0 if crest is None else DYNAMICS_DB_PER_DB * (crest - DYNAMICS_MIDDLE_DB)
    return _held(term, DYNAMICS_LIMIT_DB)


def _held(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)


def _leads_in_place(voices: Sequence[Voice], wanted: Sequence[float]) -> list[float]:
    """Move the leads together to the style's level against what plays with them; the bed gives way when the mix is brought back."""
    lead = [voice.role in LEADS for voice in voices]
    if not any(lead) or all(lead):
        return list(wanted)
    style = next(voice.style for voice in voices if voice.role in LEADS)
    levels = [_power(w) for w, leads in zip(wanted, lead, strict=True) if leads]
    at_once = max(n for n, leads in zip(_at_once(voices), lead, strict=True) if leads)
    singing = sum(levels) / len(levels) * at_once
    bed = sum(p for p, leads in zip(_powers(voices, wanted), lead, strict=True) if not leads)
    now = _decibels(singing / (singing + bed))
    reach = LEAD_TOLERANCE_SHARE * style.tolerance_lu
    level = style.level_lu + _held(now - style.level_lu, reach)
    share = _power(min(level, HIGHEST_LU))
    lift = _decibels(bed * share / (1.0 - share) / singing)
    return [w + lift if leads else w for w, leads in zip(wanted, lead, strict=True)]


def _as_loud_as_before(voices: Sequence[Voice], wanted: Sequence[float]) -> list[float]:
    """Shift all levels together so that they add up to the mix."""
    shift = -_decibels(sum(_powers(voices, wanted)))
    return [w + shift for w in wanted]


def _movers_shifted(
    voices: Sequence[Voice], now: Sequence[float], wanted: Sequence[float], moves: Sequence[bool]
) -> list[float]:
    """Shift those that move a little more, so that the mix keeps its loudness although the others stay."""
    stay = sum(p for p, move in zip(_powers(voices, now), moves, strict=True) if not move)
    go = sum(p for p, move in zip(_powers(voices, wanted), moves, strict=True) if move)
    if not go:
        return list(wanted)
    shift = _held(_decibels(max(1.0 - stay, 0.01) / go), COMMON_LIMIT_DB)
    return [w + shift if move else w for w, move in zip(wanted, moves, strict=True)]


def _among_those_who_stay(
    voices: Sequence[Voice], now: Sequence[float], wanted: Sequence[float], moves: Sequence[bool]
) -> list[float]:
    """Return the wanted levels once it is known who stays: the mix keeps its loudness, and the lead its place in it."""
    shifted = _movers_shifted(voices, now, wanted, moves)
    after = [b if move else a for a, b, move in zip(now, shifted, moves, strict=True)]
    placed = _leads_in_place(voices, after)
    shifted = [p if move else w for p, w, move in zip(placed, shifted, moves, strict=True)]
    return [_careful(voice, a, b) for voice, a, b in zip(voices, now, shifted, strict=True)]


def _pairs_together(
    voices: Sequence[Voice], now: Sequence[float], wanted: Sequence[float], moves: Sequence[bool]
) -> tuple[list[float], list[bool]]:
    """Move left and right of one recording by the same, the mean of what is wanted of them, so that its image stays."""
    together, go = list(wanted), list(moves)
    for both in stereo_pairs(voices).tolist():
        move_db = sum(wanted[at] - now[at] for at in both) / 2.0
        far = any(moves[at] for at in both) and abs(move_db) >= DEADBAND_DB
        for at in both:
            together[at], go[at] = now[at] + move_db, far
    return together, go


def _careful(voice: Voice, now: float, wanted: float) -> float:
    if not voice.named:
        return now + _held(wanted - now, REACH_UNKNOWN_DB)
    return min(wanted, now + RAISE_MOST_DB)


def _while_playing(
    voices: Sequence[Voice], levels_lu: Sequence[float], others_lu: Sequence[float]
) -> list[float]:
    """Return levels relative to the mix while each voice plays: itself at full, the others for the time that they play."""
    powers = _powers(voices, others_lu)
    total = sum(powers)
    return [
        level - _decibels(_power(level) + total - power)
        for level, power in zip(levels_lu, powers, strict=True)
    ]


def _powers(voices: Sequence[Voice], levels_lu: Sequence[float]) -> list[float]:
    return [voice.active * _power(level) for voice, level in zip(voices, levels_lu, strict=True)]


def _power(level_db: float) -> float:
    return float(10.0 ** (level_db / 10.0))


def _decibels(power: float) -> float:
    return 10.0 * math.log10(power)
