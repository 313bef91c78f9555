"""Cleaning: what is below and above the instrument, and pairs that do not line up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.bands import Floats
from ama_analysis.measurements import PairMeasurements
from ama_analysis.plan import HighPass, LowPass, Polarity, Suggestion
from ama_analysis.roles import Role
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.rule import LINE_UP_COHERENCE, Scene, Voice, speak

CONTENT_DB: Final = -32.0
"""A third-octave band whose loud moments lie this far below those of the loudest band holds no note (AMA's choice)."""
STEADY_DB: Final = 7.0
"""Between its quiet and its loud moments a band of noise changes no more than this (AMA's choice)."""
STEADY_FROM_HZ: Final = 150.0
STEADIEST_DB: Final = 15.0
"""Below 150 Hz noise changes by itself, the more the narrower the band: planted rumble reads 11 to 15 dB from 20 to 40 Hz and 8 to 10 at 50 (bands of a third of an
octave, frames of 0.19 s), and the deviation of a band's power goes with the root of its width."""
STEADY_CONTENT_DB: Final = -18.0
"""A steady band above this level is taken for a sound and not for noise (AMA's choice)."""
LIVELY_DB: Final = 12.0
"""The body of a track must change by this much for steady bands to count as noise: a pad is steady all over (AMA's choice)."""
AUDIBLE_DB: Final = -50.0
"""Noise further below the stem is not worth a filter (AMA's choice)."""
STEEP_DB: Final = -36.0
"""Noise above this needs 24 dB/oct, less needs 12 (AMA's choice)."""
MARGIN_OCT: Final = 0.33
"""The cutoff stays this far below the lowest band that holds something (AMA's choice, one band)."""
LOWEST_HZ: Final = 25.0
LOWEST_NOTE_HZ: Final[Mapping[Role, float]] = {
    "lead vocal": 75.0,
    "backing vocal": 75.0,
    "guitar": 70.0,
    "acoustic guitar": 70.0,
    "snare": 100.0,
    "overheads": 150.0,
    "percussion": 60.0,
}
"""Nothing below is a note of the role, Hz (a low male voice; a guitar in D; a snare's shell): pops and steps, unless they are strong; what is steady
there is noise however strong."""
BELOW_NOTES_DB: Final = -22.0
"""Below the lowest note a band this strong is taken for a sound after all, if it moves (AMA's choice)."""
HIGHEST_HZ: Final[Mapping[Role, float]] = {
    "kick": 35.0,
    "bass": 35.0,
    "drums": 35.0,
    "synth": 60.0,
    "keys": 60.0,
    "other": 40.0,
    "fx": 80.0,
    "toms": 60.0,
    "lead vocal": 120.0,
    "backing vocal": 120.0,
    "overheads": 200.0,
    "percussion": 200.0,
}
"""No cutoff above, Hz; 100 elsewhere. Automix literature: 60 to 120 Hz, all but kick, bass, drums (De Man's rule family); hats: AMA's choice."""
HIGHEST_ELSE_HZ: Final = 100.0
HISS_ROLES: Final[frozenset[Role]] = frozenset({"kick", "bass", "guitar", "keys", "toms"})
"""Roles whose top may be nothing but hiss; for the others air is part of the sound (AMA's choice)."""
HISS_LOWEST_HZ: Final = 6000.0
HISS_HIGHEST_HZ: Final = 12_000.0
"""Hiss above is hardly heard (AMA's choice)."""
HISS_CONTENT_DB: Final = -45.0
HISS_STEADY_DB: Final = 4.0
HISS_AUDIBLE_DB: Final = -60.0
"""Hiss is heard sooner than rumble (AMA's choice)."""
LINE_UP_MS: Final = (0.1, 15.0)
"""Less is inaudible (3 cm of air); more is an echo or a room on purpose, 5 m (AMA's choice)."""


def high_pass(scene: Scene) -> tuple[Suggestion, ...]:
    """Take away what lies below the lowest note.

    Hears: third-octave levels below the lowest band with content, and whether they change while the stem plays.
    Does: a high-pass a third of an octave below that band, 24 dB/oct where the noise is strong, else 12; never above the role's limit
    (35 Hz for kick and bass), and none where there is silence below.
    Source: 60 to 120 Hz for all but kick, bass and drums (De Man & Reiss 2013's rule family); fitted vocal chains have their high-pass at
    67 to 150 Hz (DiffVox 2025); thresholds are AMA's choice.
    """
    found = []
    for voice in scene.voices:
        freq, level = _freq(voice), _level(voice)
        content = np.flatnonzero(_content(voice, CONTENT_DB))
        if content.size == 0:
            continue
        edge_hz = freq[content[0]] / 2.0 ** (1.0 / 6.0)
        cutoff = min(edge_hz / 2.0**MARGIN_OCT, HIGHEST_HZ.get(voice.role, HIGHEST_ELSE_HZ))
        below = freq < min(cutoff, edge_hz)
        noise_db = _sum_db(level[below]) - _sum_db(level)
        if cutoff < LOWEST_HZ or not below.any() or noise_db < AUDIBLE_DB:
            continue
        cutoff, slope = by_hand.frequency(cutoff), 24 if noise_db > STEEP_DB else 12
        because = (
            f"{voice.track.name} has nothing but noise below {by_hand.spoken_hz(cutoff)}"
            f" ({noise_db:.0f} dB of the stem; its lowest notes are at {by_hand.spoken_hz(edge_hz)})."
        )
        action = HighPass(cutoff_hz=cutoff, slope_db_per_oct=slope)
        confidence = (0.55 + 0.4 * voice.trust) * min(1.0, 0.6 + (noise_db - AUDIBLE_DB) / 40.0)
        found.append(speak("high_pass", voice, action, because, confidence=confidence))
    return tuple(found)


def low_pass(scene: Scene) -> tuple[Suggestion, ...]:
    """Take away hiss above the highest overtone.

    Hears: steady, faint third-octave levels above the highest band with content, in roles that have nothing up there.
    Does: a low-pass of 12 dB/oct a third of an octave above, never below 6 kHz.
    Source: AMA's choice; the same test as for the high-pass, stricter.
    """
    found = []
    for voice in scene.voices:
        if voice.role not in HISS_ROLES:
            continue
        freq, level = _freq(voice), _level(voice)
        content = np.flatnonzero(_content(voice, HISS_CONTENT_DB))
        cutoff = max(freq[content[-1]] * 2.0 ** (1.0 / 6.0 + MARGIN_OCT), HISS_LOWEST_HZ)
        above = freq > cutoff
        if cutoff > HISS_HIGHEST_HZ or not _lively(voice):
            continue
        noise_db = _sum_db(level[above]) - _sum_db(level)
        if noise_db < HISS_AUDIBLE_DB or np.median(_swing(voice)[above]) > HISS_STEADY_DB:
            continue
        cutoff = by_hand.frequency(cutoff)
        because = (
            f"Above {by_hand.spoken_hz(cutoff)} {voice.track.name} has only steady hiss"
            f" ({noise_db:.0f} dB of the stem)."
        )
        action = LowPass(cutoff_hz=cutoff, slope_db_per_oct=12)
        found.append(speak("low_pass", voice, action, because, confidence=0.6 * voice.trust))
    return tuple(found)


def polarity(scene: Scene) -> tuple[Suggestion, ...]:
    """Line up two recordings of one event.

    Hears: coherence, lag and sign of a close pair (kick in and out, DI and amp).
    Does: delays the earlier track to the later one, and turns it over where the two oppose each other.
    Source: AMA's choice of thresholds (0.1 ms is 3 cm of air; beyond 15 ms it is a room or an echo).
    """
    found: list[Suggestion] = []
    touched: set[str] = set()
    voices = scene.by_id
    for pair in _close_pairs(scene):
        if touched & {pair.track, pair.other}:
            continue
        touched |= {pair.track, pair.other}
        voice, other = voices[pair.track], voices[pair.other]
        found.append(
            speak(
                "polarity",
                voice,
                Polarity(invert=pair.inverted, delay_ms=pair.delay_ms),
                _line_up_words(voice, other, pair),
                confidence=pair.coherence,
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slip:
    """The track to move, what it lines up with, and how."""

    track: str
    other: str
    delay_ms: float
    inverted: bool
    coherence: float


def _close_pairs(scene: Scene) -> Iterator[_Slip]:
    pairs = [pair for pair in scene.pairs if (pair.coherence or 0.0) >= LINE_UP_COHERENCE]
    for pair in sorted(pairs, key=lambda p: (-(p.coherence or 0.0), p.first, p.second)):
        slip = _slip(pair)
        if slip is not None:
            yield slip


def _slip(pair: PairMeasurements) -> _Slip | None:
    if pair.delay_ms is None or pair.coherence is None:
        return None
    lag, inverted = pair.delay_ms, bool(pair.inverted)
    shortest, longest = LINE_UP_MS
    if abs(lag) > longest or (abs(lag) < shortest and not inverted):
        return None
    early, late = (pair.first, pair.second) if lag > 0 else (pair.second, pair.first)
    delay = round(abs(lag), 2) if abs(lag) >= shortest else 0.0
    return _Slip(
        track=early, other=late, delay_ms=delay, inverted=inverted, coherence=pair.coherence
    )


def _line_up_words(voice: Voice, other: Voice, slip: _Slip) -> str:
    facts = []
    if slip.delay_ms:
        facts.append(f"comes {slip.delay_ms:.2f} ms before {other.track.name}")
    if slip.inverted:
        facts.append(f"has the opposite polarity of {other.track.name}")
    return (
        f"{voice.track.name} {' and '.join(facts)} (coherence {slip.coherence:.2f}):"
        " line it up, or the two cancel in part."
    )


def _freq(voice: Voice) -> Floats:
    return np.array(voice.heard.spectrum.third_octave.freq_hz)


def _level(voice: Voice) -> Floats:
    return np.array(voice.heard.spectrum.third_octave.level_db)


def _swing(voice: Voice) -> Floats:
    """Return how much each third-octave band changes while the stem plays, dB."""
    return np.array(voice.heard.spectrum.loud_db) - np.array(voice.heard.spectrum.quiet_db)


def _lively(voice: Voice) -> bool:
    """Return whether the body of what is played changes much."""
    body = _relative(voice) > -12.0
    return bool(np.median(_swing(voice)[body & ~_below_notes(voice)]) >= LIVELY_DB)


def _relative(voice: Voice) -> Floats:
    """Return the loud moments of third-octave bands against the loudest band that holds notes, dB."""
    loud = np.array(voice.heard.spectrum.loud_db)
    return loud - loud[~_below_notes(voice)].max()


def _below_notes(voice: Voice) -> NDArray[np.bool_]:
    return _freq(voice) < LOWEST_NOTE_HZ.get(voice.role, 0.0)


def _content(voice: Voice, threshold_db: float) -> NDArray[np.bool_]:
    """Return which third-octave bands hold sound: loud enough, and not merely steady noise."""
    relative, below_notes = _relative(voice), _below_notes(voice)
    narrow = np.sqrt(np.maximum(STEADY_FROM_HZ / _freq(voice), 1.0))
    rumble = below_notes & (_swing(voice) <= np.minimum(STEADY_DB * narrow, STEADIEST_DB))
    hum = (_swing(voice) <= STEADY_DB) & (relative < STEADY_CONTENT_DB)
    loud = relative >= np.where(below_notes, BELOW_NOTES_DB, threshold_db)
    content: NDArray[np.bool_] = loud & ~((rumble | hum) & _lively(voice))
    return content


def _sum_db(levels_db: Floats) -> float:
    return float(10.0 * np.log10(np.sum(10.0 ** (levels_db / 10.0)) + 1e-30))
