"""Equaliser of tracks: ringing, mud and masking; few bands, and only cuts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis.bands import Floats
from ama_analysis.plan import EqBand, Suggestion
from ama_analysis.roles import Role
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.rule import LEADS, Scene, Voice, speak

RING_EXCESS_DB: Final = 9.0
"""How far a 1/12-octave band must stand above its surroundings (half an octave to each side) to ring (AMA's choice)."""
RING_STEADIER_DB: Final = 3.0
"""A ringing band falls less between hits: its quiet moments lie this much nearer to its loud ones than elsewhere (AMA's choice)."""
RING_ALONE_DB: Final = 15.0
RING_ALONE: Final[frozenset[Role]] = frozenset({"snare", "drums"})
"""So far out a band of these rings however it falls. Snares and drums of ten real sessions have 13.6 dB at most (a shell's note), added rings of 0.5 s 17 and 22; cymbals, wood and
toms have notes that stand out as far (AMA's choice)."""
RING_RANGE_HZ: Final = (250.0, 8000.0)
RING_MOST: Final = 2
RING_CUT_DB: Final = 4.5
"""The deepest cut of a resonance; beyond 3 to 4 dB practice says to reassess (Senior, Sound on Sound)."""
RING_Q: Final = (2.0, 8.0)
UNPITCHED: Final[frozenset[Role]] = frozenset({"snare", "toms", "overheads", "drums", "percussion"})
"""Only here is a lasting peak a ring: in instruments that play notes it may be the key of the song, and a spectrum can't tell."""
SURROUNDINGS: Final = 6
"""Bands of a twelfth of an octave to each side that the peak is compared with."""

MUD_HZ: Final = (180.0, 560.0)
"""The third-octave bands of 200 to 500 Hz."""
BODY_HZ: Final = ((100.0, 180.0), (700.0, 4500.0))
"""What the mud is compared with: the third-octave bands around it, and none that what it is measured in spills into."""
MUD_EXCESS_DB: Final = 6.0
"""Deadband of the excess over the role's usual shape; it speaks from 2 dB beyond. Voices of ten real sessions read up to 7.1, drums 5.9, others 0.2; voices with 10 dB more
at 500 Hz, or 6 dB at 250 Hz, 9.1 to 10.1 (AMA's choice)."""
MUD_CUT_DB: Final = 3.0
MUD_Q: Final = 1.2

MASK_SHARE: Final = 0.25
"""The share of a lead's time and bands that must be covered (AMA's choice)."""
MASK_CUT_DB: Final = 3.0
MASK_Q: Final = 2.0
"""Hafezi & Reiss 2015: one peaking filter of Q 2."""
MASK_RANGE_HZ: Final = (200.0, 8000.0)
MASK_MOST: Final = 2

SHAPE_HZ: Final = (100.0, 160.0, 250.0, 400.0, 630.0, 1000.0, 1600.0, 2500.0, 4000.0)
SHAPES_DB: Final[Mapping[str, tuple[float, ...]]] = {
    "voice": (-24.6, -18.5, -13.2, -9.9, -9.0, -10.3, -12.6, -15.0, -17.5),
    "drums": (-8.6, -10.0, -13.5, -16.6, -19.1, -21.7, -21.8, -21.0, -19.1),
    "music": (-18.0, -13.5, -10.4, -10.5, -11.3, -12.9, -13.2, -12.5, -17.5),
}
"""Usual third-octave shapes, dB re the stem: MUSDB18's stems after FxNorm-automix's published features."""
SHAPE_OF: Final[Mapping[Role, str]] = {
    "lead vocal": "voice",
    "backing vocal": "voice",
    "drums": "drums",
    "guitar": "music",
    "acoustic guitar": "music",
    "keys": "music",
    "synth": "music",
    "strings": "music",
    "brass": "music",
}


def resonance(scene: Scene) -> tuple[Suggestion, ...]:
    """Cut a band that rings.

    Hears: in drums and percussion, a narrow peak of the long-term spectrum above its surroundings that also falls less between the hits, or in snares and
    drums one that stands 15 dB out.
    Does: a bell of half the excess, at most -4.5 dB, its Q from the width of the peak; two a track at most.
    Source: practice (Senior, Sound on Sound: beyond 3 to 4 dB reassess); cuts are narrower than boosts; thresholds are AMA's choice.
    """
    found = []
    for voice in scene.voices:
        if voice.role not in UNPITCHED:
            continue
        for nth, ring in enumerate(_rings(voice), start=1):
            cut = by_hand.decibel(-min(ring.excess_db / 2.0 - 1.0, RING_CUT_DB))
            freq, q = by_hand.frequency(ring.freq_hz), by_hand.quality(ring.q)
            lasts = (
                f", and it falls {ring.steadier_db:.1f} dB less than they do between the hits"
                if ring.steadier_db >= RING_STEADIER_DB
                else ""
            )
            because = (
                f"{voice.track.name} rings at {by_hand.spoken_hz(freq)}: {ring.excess_db:.1f} dB above its"
                f" surroundings{lasts}."
            )
            action = EqBand(type="bell", freq_hz=freq, gain_db=cut, q=q)
            lasting_db = max(ring.steadier_db, 0.0)
            confidence = min(0.4 + ring.excess_db / 40.0 + lasting_db / 40.0, 0.85)
            found.append(speak("resonance", voice, action, because, confidence=confidence, nth=nth))
    return tuple(found)


def mud(scene: Scene) -> tuple[Suggestion, ...]:
    """Thin out the lower middle.

    Hears: 200 to 500 Hz against the rest of the stem, compared with the usual shape of its kind.
    Does: one bell at the band that stands out most, half of what is beyond 6 dB, at most -3 dB, Q 1.2.
    Source: shapes of MUSDB18's stems (FxNorm-automix's published features); a usual first cut of fitted vocal chains is -1.7 dB at 378 Hz
    (DiffVox 2025, median); the deadband is AMA's choice.
    """
    found = []
    for voice in scene.voices:
        if voice.role not in SHAPE_OF:
            continue
        freq, excess = _excess_over_shape(voice)
        inside = (freq >= MUD_HZ[0]) & (freq <= MUD_HZ[1])
        mean = float(np.mean(excess[inside]))
        cut = by_hand.decibel(-min((mean - MUD_EXCESS_DB) / 2.0, MUD_CUT_DB))
        if cut > -1.0:
            continue
        worst = by_hand.frequency(float(freq[inside][np.argmax(excess[inside])]))
        because = (
            f"{voice.track.name} has {mean:.1f} dB more between 200 and 500 Hz than {voice.role} usually has against"
            f" its other bands, most at {by_hand.spoken_hz(worst)}."
        )
        action = EqBand(type="bell", freq_hz=worst, gain_db=cut, q=MUD_Q)
        confidence = voice.trust * min(0.4 + (mean - MUD_EXCESS_DB) / 20.0, 0.75)
        found.append(speak("mud", voice, action, because, confidence=confidence))
    return tuple(found)


def masking(scene: Scene) -> tuple[Suggestion, ...]:
    """Make room for a lead in the bed.

    Hears: pairs of a lead and a bed track in which the bed covers a good part of the lead.
    Does: one bell in the bed track at the band where most of it happens, at most -3 dB, Q 2; the two worst pairs of the session.
    Source: Hafezi & Reiss 2015 (one peaking filter of Q 2, in the masker, where it is not essential); thresholds are AMA's choice.
    """
    worst = sorted(_covered(scene), key=lambda cover: (-cover.share, cover.bed.track.id))
    found = []
    for cover in worst[:MASK_MOST]:
        cut = by_hand.decibel(-min(1.0 + 5.0 * (cover.share - MASK_SHARE), MASK_CUT_DB))
        freq = by_hand.frequency(cover.freq_hz)
        because = (
            f"{cover.bed.track.name} covers {cover.share:.0%} of {cover.lead.track.name}, most of it around"
            f" {by_hand.spoken_hz(freq)}: {cut:+.1f} dB there makes room."
        )
        action = EqBand(type="bell", freq_hz=freq, gain_db=cut, q=MASK_Q)
        confidence = cover.lead.trust * min(0.4 + cover.share / 2.0, 0.75)
        found.append(speak("masking", cover.bed, action, because, confidence=confidence))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ring:
    freq_hz: float
    excess_db: float
    steadier_db: float
    q: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cover:
    lead: Voice
    bed: Voice
    share: float
    freq_hz: float


def _rings(voice: Voice) -> list[_Ring]:
    spectrum = voice.heard.spectrum
    freq, level = np.array(spectrum.fine_freq_hz), np.array(spectrum.fine_db)
    excess = level - _surroundings(level)
    low, high = RING_RANGE_HZ
    rings = [
        ring
        for peak in range(1, len(level) - 1)
        if low <= freq[peak] <= high
        and excess[peak] >= RING_EXCESS_DB
        and level[peak] > max(level[peak - 1], level[peak + 1])
        and level[peak] > level.max() - 30.0
        and _lasts(voice, ring := _ring(voice, freq, excess, peak))
    ]
    return sorted(rings, key=lambda ring: -ring.excess_db)[:RING_MOST]


def _lasts(voice: Voice, ring: _Ring) -> bool:
    alone = voice.role in RING_ALONE and ring.excess_db >= RING_ALONE_DB
    return alone or ring.steadier_db >= RING_STEADIER_DB


def _surroundings(level: Floats) -> Floats:
    """Return the median of the bands around each band, without itself and its neighbours."""
    padded = np.pad(level, SURROUNDINGS, mode="edge")
    near = [offset for offset in range(-SURROUNDINGS, SURROUNDINGS + 1) if abs(offset) > 1]
    around = np.stack([padded[SURROUNDINGS + offset :][: len(level)] for offset in near])
    return np.median(around, axis=0)


def _ring(voice: Voice, freq: Floats, excess: Floats, peak: int) -> _Ring:
    spectrum = voice.heard.spectrum
    swing = np.array(spectrum.loud_db) - np.array(spectrum.quiet_db)
    bands_hz = np.array(spectrum.third_octave.freq_hz)
    here = int(np.argmin(np.abs(np.log(bands_hz / freq[peak]))))
    near = [index for index in (here - 2, here + 2) if 0 <= index < len(swing)]
    half = excess[peak] / 2.0
    left, right = peak, peak
    while left > 0 and excess[left - 1] > half:
        left -= 1
    while right < len(excess) - 1 and excess[right + 1] > half:
        right += 1
    octaves = (right - left + 1) / 12.0
    q = 1.0 / (2.0 * math.sinh(math.log(2.0) / 2.0 * octaves))
    return _Ring(
        freq_hz=float(freq[peak]),
        excess_db=float(excess[peak]),
        steadier_db=float(np.mean(swing[near]) - swing[here]),
        q=min(max(q, RING_Q[0]), RING_Q[1]),
    )


def _excess_over_shape(voice: Voice) -> tuple[Floats, Floats]:
    """Return third-octave centres and the stem's levels over its kind's shape, both taken relative to their own body."""
    bands = voice.heard.spectrum.third_octave
    freq, level = np.array(bands.freq_hz), np.array(bands.level_db)
    usual = np.interp(np.log(freq), np.log(SHAPE_HZ), SHAPES_DB[SHAPE_OF[voice.role]])
    body = np.zeros(len(freq), dtype=bool)
    for low, high in BODY_HZ:
        body |= (freq >= low) & (freq < high)
    return freq, (level - _power_mean(level[body])) - (usual - _power_mean(usual[body]))


def _power_mean(levels_db: Floats) -> float:
    return float(10.0 * np.log10(np.mean(10.0 ** (levels_db / 10.0))))


def _covered(scene: Scene) -> Iterator[_Cover]:
    voices = scene.by_id
    low, high = MASK_RANGE_HZ
    for pair in scene.pairs:
        if pair.masked_freq_hz is None or not low <= pair.masked_freq_hz <= high:
            continue
        first, second = voices[pair.first], voices[pair.second]
        for lead, bed, share in (
            (first, second, pair.first_masked),
            (second, first, pair.second_masked),
        ):
            if lead.role in LEADS and bed.role not in LEADS and share >= MASK_SHARE:
                yield _Cover(lead=lead, bed=bed, share=share, freq_hz=pair.masked_freq_hz)
