"""A gate on close microphones of drums: what bleeds into them between the hits is turned down, gently enough that nothing sounds cut off.

The audition's gate (JUCE's, through Pedalboard) is a downward expander: below the threshold a level falls `ratio` dB for each dB. It hears the peaks
of the last 50 ms through its attack and release, so it stands above the RMS level of a 50 ms frame, by which hits and bleed are told apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ama_analysis.measurements import TwoLevels
from ama_analysis.plan import Gate, Suggestion
from ama_analysis.roles import Role
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.rule import Scene, Voice, speak

RELEASE_MS: Final[Mapping[Role, float]] = {"kick": 150.0, "snare": 200.0, "toms": 400.0}
"""The roles that are gated, and in which time the gate forgets a hit (to 99.8 %): a tom rings longer (AMA's choice)."""
ATTACK_MS: Final = 1.0
"""A hit begins with its peak (AMA's choice)."""
OPEN_FRACTION: Final = 0.9
"""An open microphone is hardly ever silent: with less sound than this, somebody cut or gated the track already (AMA's choice)."""
BETWEEN_FRACTION: Final = 0.4
"""The bleed must fill this part of the track: what plays nearly always leaves nothing to clean (AMA's choice)."""
APART_DB: Final = (18.0, 45.0)
"""So far bleed lies below the hits: nearer, a gate takes soft hits with it; further, nobody hears it in a mix (AMA's choice). The programmed drums
of ten real sessions that ring into each other lie 10 to 16 dB apart."""
DETECTOR_DB: Final = 9.0
"""The threshold lies so far above the RMS level that parts the two: the gate's detector stands 3 to 14 dB above a frame's RMS level (seven drum stems
of real sessions), as its peaks do."""
BLEED_DETECTOR_DB: Final = 11.0
"""The same for bleed, a band's peaks. With both, hits of seven real stems with a band 18 to 42 dB below them lose 0.03 dB at most, and the frames
between them 8 to 12 dB at the median (tests/suggest/test_gating.py)."""
REDUCTION_DB: Final = 10.0
"""What is taken off the bleed: heard as cleaner, not as holes (AMA's choice)."""
RATIOS: Final = (1.5, 4.0)
"""Below 1.5 nothing is heard, above 4 an expander chatters (AMA's choice)."""


def gate(scene: Scene) -> tuple[Suggestion, ...]:
    """Turn down what bleeds into a drum's microphone between the hits.

    Hears: two levels in kick, snare or toms, 18 to 45 dB apart, the quieter one in 40 % of the time or more, and hardly any silence.
    Does: a downward expander whose threshold lies between the two and whose ratio takes about 10 dB off the quieter one.
    Source: levels parted by Otsu 1979; thresholds are AMA's choice.
    """
    found = []
    for voice in scene.voices:
        levels = voice.heard.dynamics.two_levels
        if voice.role not in RELEASE_MS or levels is None or not _bleeds(levels):
            continue
        action = _settings(voice, levels)
        because = (
            f"Between the hits {voice.track.name} holds {levels.quiet_dbfs:.0f} dBFS of bleed,"
            f" {levels.loud_dbfs - levels.quiet_dbfs:.0f} dB below them in {levels.quiet_fraction:.0%} of the time:"
            f" about {_reduction_db(levels, action.ratio):.0f} dB off, the hits stay."
        )
        confidence = voice.trust * _clarity(levels)
        found.append(speak("gate", voice, action, because, confidence=confidence))
    return tuple(found)


def _bleeds(levels: TwoLevels) -> bool:
    nearest, furthest = APART_DB
    return (
        nearest <= levels.loud_dbfs - levels.quiet_dbfs <= furthest
        and levels.audible_fraction >= OPEN_FRACTION
        and levels.quiet_fraction >= BETWEEN_FRACTION
    )


def _settings(voice: Voice, levels: TwoLevels) -> Gate:
    ratio = 1.0 + REDUCTION_DB / _below_db(levels)
    return Gate(
        threshold_db=min(max(by_hand.whole_decibel(levels.split_dbfs + DETECTOR_DB), -80.0), 0.0),
        ratio=round(min(max(ratio, RATIOS[0]), RATIOS[1]), 1),
        attack_ms=ATTACK_MS,
        release_ms=RELEASE_MS[voice.role],
    )


def _below_db(levels: TwoLevels) -> float:
    """Return how far below the threshold the gate's detector stands while there is nothing but bleed."""
    below_db = levels.split_dbfs + DETECTOR_DB - (levels.quiet_dbfs + BLEED_DETECTOR_DB)
    return max(below_db, 1.0)


def _reduction_db(levels: TwoLevels, ratio: float) -> float:
    return (ratio - 1.0) * _below_db(levels)


def _clarity(levels: TwoLevels) -> float:
    """Return how clearly hits and bleed are apart, 0.4..0.7: soft hits may still lie between, and only a listen decides."""
    nearest = APART_DB[0]
    return min(0.4 + (levels.loud_dbfs - levels.quiet_dbfs - nearest) / 40.0, 0.7)
