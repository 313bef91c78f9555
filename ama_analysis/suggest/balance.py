"""Where each fader should be: the balance of the roles.

Every audible stem starts at the balanced level, at which all are equally loud. Its role, its brightness and its dynamics move it from
there by at most 6 dB; tracks of one role that sound together share that role's budget; leads are put where the style wants them against
what plays with them.

A balance says how loud tracks are against each other, not how loud they are together. So the whole of it is laid where it leaves most faders
alone: one track that is far too loud comes down, and nobody is raised for its sake. What the user has locked says where it lies: the others come to it. The master
bus sets the loudness.

Levels inside are LU relative to the mix as it is now; figures for people are relative to the others in their places while the track plays. (Relative
to the mix, as role levels are published, a level cannot pass 0 LU: there nothing is ever too loud.) Left and right of one recording move together.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ama_analysis.suggest import by_hand
from ama_analysis.suggest.held import held
from ama_analysis.suggest.rule import LEADS, Scene, Voice
from ama_analysis.suggest.stereo_pairs import stereo_pairs

REACH_DB: Final = 6.0
"""How far from the balanced level a track may be put (issue 2: -6..+6 dB)."""
REACH_UNKNOWN_DB: Final = 3.0
"""The largest move for a track whose role is not known (AMA's choice)."""
RAISE_MOST_DB: Final = 12.0
"""A track that would need more is as good as muted; that may be on purpose. AMA's choice; 18 instead ends 0.3 dB further from the human faders of the
six sessions."""
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
TOLERANCE_SHARE: Final = 0.5
"""A fader is brought to within this part of its role's tolerance and no further. AMA's choice; to the middle instead ends 0.2 dB further from the
human faders there, to the edge 0.1 dB."""
HIGHEST_LU: Final = -0.05
"""A lead that is louder against the mix leaves nothing of the bed; the level of a part is always below that of the whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a voice sits and where the balance has it, LU against the others in their places while it plays, and the move of its fader.

    The move ends within `TOLERANCE_SHARE` of the role's tolerance; `short` is one that does not get there (`RAISE_MOST_DB`, `REACH_UNKNOWN_DB`), `paired` one that
    is the mean of what left and right of one recording want; `held` says why a fader is not AMA's to move. `learned_db` of `wanted_lu` and `delta_db` is there because this user usually has
    the role so; `sharing` counts the tracks of the role.
    """

    voice: Voice
    now_lu: float
    wanted_lu: float
    delta_db: float
    moves: bool
    sharing: int
    learned_db: float = 0.0
    short: bool = False
    paired: bool = False
    held: str = ""


def balance(scene: Scene) -> tuple[Place, ...]:
    """Return where each voice sits and where it should, with most faders left where they are."""
    voices = scene.voices
    if not voices:
        return ()
    mix = scene.mix_lufs
    now = [voice.level_lufs - mix for voice in voices]
    learned = [scene.taste.offset_db(voice.role) for voice in voices]
    liked = [level + more for level, more in zip(_wanted(voices), learned, strict=True)]
    stays = held(voices, "fader")
    shift_db = _laid_at([a - b for a, b in zip(now, liked, strict=True)], voices, stays)
    places = [level + shift_db for level in liked]
    wanted_db = [
        _within_tolerance(voice, place - level)
        for voice, level, place in zip(voices, now, places, strict=True)
    ]
    careful_db = [
        0.0 if why else _careful(voice, move - more) + more
        for voice, move, more, why in zip(voices, wanted_db, learned, stays, strict=True)
    ]
    moves_db, paired = _pairs_together(voices, careful_db)
    others = _others_while_playing(voices, places)
    sharing = Counter(voice.role for voice in voices)
    return tuple(
        Place(
            voice=voice,
            now_lu=by_hand.decibel(now[index] - others[index]),
            wanted_lu=by_hand.decibel(places[index] - others[index]),
            delta_db=by_hand.decibel(moves_db[index]),
            moves=moves_db[index] != 0.0,
            sharing=sharing[voice.role],
            learned_db=learned[index],
            short=not stays[index] and abs(wanted_db[index] - careful_db[index]) > by_hand.LEAST_DB,
            paired=index in paired,
            held=stays[index],
        )
        for index, voice in enumerate(voices)
    )


def _laid_at(off_db: Sequence[float], voices: Sequence[Voice], stays: Sequence[str]) -> float:
    """Return the shift of the balance: by what is locked, else by all that may move (an automated fader stands anywhere), else by all."""
    locked = [off for off, voice in zip(off_db, voices, strict=True) if voice.track.locked]
    free = [off for off, why in zip(off_db, stays, strict=True) if not why]
    return common_shift_db(locked or free or off_db)


def common_shift_db(off_db: Sequence[float]) -> float:
    """Return the shift of all wanted levels together that leaves most faders where they are, of how far each is above its wanted level.

    It is the median, which minimises the sum of all moves; tracks more than `RAISE_MOST_DB` below it are as good as muted and do not count. Of several
    shifts that serve as well the smallest is taken.
    """
    counted = sorted(off_db)
    while True:
        low, high = counted[(len(counted) - 1) // 2], counted[len(counted) // 2]
        shift = min(max(0.0, low), high)
        heard = [off for off in counted if off >= shift - RAISE_MOST_DB]
        if len(heard) == len(counted):
            return shift
        counted = heard


def levels_of_roles(voices: Sequence[Voice]) -> tuple[float, ...]:
    """Return where the rules want these voices, LU against the mix, whatever their present levels."""
    return tuple(_wanted(voices))


def _wanted(voices: Sequence[Voice]) -> list[float]:
    return _as_loud_as_before(voices, _leads_in_place(voices, _offsets(voices)))


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
    reach = TOLERANCE_SHARE * style.tolerance_lu
    level = style.level_lu + _held(now - style.level_lu, reach)
    share = _power(min(level, HIGHEST_LU))
    lift = _decibels(bed * share / (1.0 - share) / singing)
    return [w + lift if leads else w for w, leads in zip(wanted, lead, strict=True)]


def _as_loud_as_before(voices: Sequence[Voice], wanted: Sequence[float]) -> list[float]:
    """Shift all levels together so that they add up to the mix."""
    shift = -_decibels(sum(_powers(voices, wanted)))
    return [w + shift for w in wanted]


def _within_tolerance(voice: Voice, off_db: float) -> float:
    """Return the move that a voice needs that is so far from its place: none within the tolerance; leads were put with theirs in mind."""
    if abs(off_db) < deadband_db(voice):
        return 0.0
    slack_db = 0.0 if voice.role in LEADS else TOLERANCE_SHARE * voice.style.tolerance_lu
    return math.copysign(abs(off_db) - slack_db, off_db)


def _pairs_together(
    voices: Sequence[Voice], moves_db: Sequence[float]
) -> tuple[list[float], frozenset[int]]:
    """Move left and right of one recording by the same, the mean of what is wanted of them, so that its image stays; say who they are."""
    together = list(moves_db)
    pairs = stereo_pairs(voices).tolist()
    for both in pairs:
        mean_db = sum(moves_db[at] for at in both) / 2.0
        for at in both:
            together[at] = mean_db if abs(mean_db) >= DEADBAND_DB else 0.0
    return together, frozenset(at for both in pairs for at in both)


def _careful(voice: Voice, move_db: float) -> float:
    if not voice.named:
        return _held(move_db, REACH_UNKNOWN_DB)
    return min(move_db, RAISE_MOST_DB)


def _others_while_playing(voices: Sequence[Voice], levels_lu: Sequence[float]) -> list[float]:
    """Return how loud the others are together while each voice plays, for the time that they play; who is alone is held against itself."""
    powers = _powers(voices, levels_lu)
    total = sum(powers)
    others = [total - power for power in powers]
    return [
        _decibels(rest) if rest > 0.0 else level
        for rest, level in zip(others, levels_lu, strict=True)
    ]


def _powers(voices: Sequence[Voice], levels_lu: Sequence[float]) -> list[float]:
    return [voice.active * _power(level) for voice, level in zip(voices, levels_lu, strict=True)]


def _power(level_db: float) -> float:
    return float(10.0 ** (level_db / 10.0))


def _decibels(power: float) -> float:
    return 10.0 * math.log10(power)
