"""Compressors on tracks, and the bass that makes room for the kick; a light touch, and none where the stem is dense already.

The audition's compressor (JUCE's, through Pedalboard) senses the peak level of each channel, so thresholds are set between the RMS and the
peak of the loudest moments. Its attack and release are the times to 99.8 % of a step, 2 pi time constants.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ama_analysis.envelope import Envelope
from ama_analysis.measurements import PairMeasurements
from ama_analysis.plan import Compressor, Sidechain, Suggestion
from ama_analysis.roles import Role
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.compression import set_to_reduction
from ama_analysis.suggest.envelope_figures import playing_steps
from ama_analysis.suggest.rule import Scene, Voice, speak

HELD_KNEE_DB: Final = 6.0
HITS_KNEE_DB: Final = 0.0
"""A soft knee eases held sounds into compression (Giannoulis et al. 2012); a hard one keeps the edge of hits (AMA's choice of width)."""
REDUCTION_DB: Final = 3.0
"""Gain reduction on peaks: light or none is preferred to heavy (Maddams et al. 2012); practice says 2 to 4 dB."""
HITS_MOMENT: Final = 0.55
HELD_MOMENT: Final = 0.22
"""Where the envelope gets in loud moments between the RMS (0) and the peak (1) of the loudest 400 ms, for hits and for held sounds: fitted
with them Pedalboard's compressor takes 1.1 to 5.6 dB, 2.9 at the median, off the loudest tenth of 14 real stems."""
LOUDNESS_SHARE: Final = 0.75
"""The loudness that a stem loses for each decibel off its loud moments (median of the same stems); the make-up gives it back."""
NEAR_PEAK_DB: Final = 3.0
"""An envelope whose peak lies this far below the track's holds none of its loud moments (AMA's choice)."""
HITS: Final[frozenset[Role]] = frozenset({"kick", "snare", "toms", "drums", "percussion"})
K_OFFSET_DB: Final = 0.691
"""BS.1770 subtracts this from the sum of the channels' K-weighted power in dB."""
GIANNOULIS_ATTACK_S: Final = 0.08
GIANNOULIS_RELEASE_S: Final = 1.0
"""The longest attack and release of Giannoulis, Massberg & Reiss 2013, as time constants: 2 x max / crest^2."""
TIME_CONSTANTS: Final = 2.0 * math.pi
"""Time constants in the attack or release that the audition's compressor is set to."""
ATTACK_MS: Final = (5.0, 120.0)
RELEASE_MS: Final = (80.0, 1000.0)
RELEASE_GAP: Final = 0.8
"""The release ends before the next onset: this part of the mean gap (AMA's choice)."""

SIDECHAIN_OVERLAP: Final = 0.4
"""Overlap below 150 Hz from which kick and bass get into each other's way (AMA's choice)."""
SIDECHAIN_REDUCTION_DB: Final = 2.5
"""Ducking of 2 to 3 dB (Senior, Sound on Sound)."""
SIDECHAIN_RATIO: Final = 2.0
SIDECHAIN_ATTACK_MS: Final = 5.0
SIDECHAIN_RELEASE_MS: Final = 120.0
SIDECHAIN_PLAYING: Final = 0.1
"""The part of the session that both must play."""
HIT_BELOW_PEAK_DB: Final = 4.0
"""Where the envelope of a kick's hit gets below its sample peak with an attack of 5 ms (AMA's choice)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleCompressor:
    """When a role calls for a compressor and how it is set: the ratio, and the crest and loudness range that are too much."""

    ratio: float
    crest_db: float
    range_lu: float


ROLE_COMPRESSORS: Final[Mapping[Role, RoleCompressor]] = {
    "lead vocal": RoleCompressor(ratio=3.0, crest_db=12.0, range_lu=7.0),
    "backing vocal": RoleCompressor(ratio=3.0, crest_db=14.0, range_lu=10.0),
    "bass": RoleCompressor(ratio=4.0, crest_db=13.0, range_lu=6.0),
    "acoustic guitar": RoleCompressor(ratio=2.5, crest_db=15.0, range_lu=9.0),
    "guitar": RoleCompressor(ratio=2.5, crest_db=16.0, range_lu=10.0),
    "keys": RoleCompressor(ratio=2.0, crest_db=17.0, range_lu=12.0),
    "snare": RoleCompressor(ratio=3.0, crest_db=18.0, range_lu=9.0),
    "kick": RoleCompressor(ratio=3.0, crest_db=15.0, range_lu=8.0),
    "drums": RoleCompressor(ratio=2.0, crest_db=18.5, range_lu=12.0),
}
"""Ratios: fitted vocal chains have 3.1 to 3.3 (DiffVox 2025, median), bass 4 to 5 and drums 3 in published presets; the limits are AMA's
choice, and 14 of 38 such stems in nine real sessions go beyond them."""
DENSE_DB: Final = 9.0
"""A stem whose loudest moments have a smaller crest is dense already (AMA's choice)."""
RANGE_NEEDS_CREST_DB: Final = 4.0
"""A wide loudness range alone may be the arrangement: the crest must come within this of its limit (AMA's choice)."""


def compressor(scene: Scene) -> tuple[Suggestion, ...]:
    """Even out a track.

    Hears: the crest of its loudest 400 ms, its loudness range and its onset rate, in roles that are usually compressed.
    Does: a threshold that takes about 3 dB off loud moments, ratio by role, attack and release from the crest, release shorter than the gap
    between onsets, make-up of the mean reduction; nothing for stems that are dense already. Where its envelope is at hand threshold and
    make-up are what a model of the compressor says.
    Source: Giannoulis, Massberg & Reiss 2013 (times); Ma et al. 2015 (features); Maddams et al. 2012 (light touch); limits: AMA's choice.
    """
    found = []
    for voice in scene.voices:
        usual = ROLE_COMPRESSORS.get(voice.role)
        crest, peak = _loud_crest_db(voice), voice.heard.loudness.sample_peak_dbfs
        if usual is None or crest is None or peak is None or crest < DENSE_DB:
            continue
        range_lu = voice.heard.loudness.loudness_range_lu or 0.0
        over, uneven = _too_much(usual, voice.role, crest, range_lu)
        if over <= 0.0:
            continue
        action = _settings(voice, usual, peak, crest)
        does = f"about {REDUCTION_DB:.0f} dB off its peaks"
        envelope = _loud_envelope(scene, voice, peak)
        if envelope is not None:
            fitted = set_to_reduction(envelope, action, REDUCTION_DB)
            action = fitted.setting
            does = f"{fitted.loud_db:.1f} dB off its loud moments, {action.makeup_db:.1f} dB of make-up keep its loudness"
        because = f"{voice.track.name} is uneven: {uneven}; {does}."
        confidence = voice.trust * min(0.45 + 0.15 * over, 0.8)
        found.append(speak("compressor", voice, action, because, confidence=confidence))
    return tuple(found)


def _loud_envelope(scene: Scene, voice: Voice, peak_dbfs: float) -> Envelope | None:
    """Return the envelope of a track where there is one that holds a loud part of it."""
    envelope = scene.envelopes.get(voice.track.id)
    if envelope is None or not playing_steps(envelope).any():
        return None
    highest = 20.0 * math.log10(float(envelope.peak.max()))
    return envelope if highest >= peak_dbfs - NEAR_PEAK_DB else None


def _loud_crest_db(voice: Voice) -> float | None:
    """Return sample peak over the RMS of the loudest 400 ms: the short-term crest by which Giannoulis sets times.

    Momentary loudness sums the channels and adds -0.69 dB (BS.1770); both are taken off to get the RMS of a channel.
    """
    loudness = voice.heard.loudness
    if loudness.sample_peak_dbfs is None or loudness.max_momentary_lufs is None:
        return None
    channels_db = 10.0 * math.log10(voice.heard.channels)
    return loudness.sample_peak_dbfs - (loudness.max_momentary_lufs + K_OFFSET_DB - channels_db)


def _too_much(
    usual: RoleCompressor, role: Role, crest: float, range_lu: float
) -> tuple[float, str]:
    """Return by how many steps of 3 dB or LU a track is too uneven, and in what."""
    by_crest = (crest - usual.crest_db) / 3.0
    by_range = (range_lu - usual.range_lu) / 3.0
    if crest <= usual.crest_db - RANGE_NEEDS_CREST_DB:
        by_range = 0.0
    beyond = []
    if by_crest > 0.0:
        beyond.append(
            f"{crest:.1f} dB crest in its loudest moments ({role}: {usual.crest_db:g} dB)"
        )
    if by_range > 0.0:
        beyond.append(f"{range_lu:.1f} LU loudness range ({role}: {usual.range_lu:g} LU)")
    return max(by_crest, by_range), " and ".join(beyond)


def sidechain(scene: Scene) -> tuple[Suggestion, ...]:
    """Let the kick duck the bass.

    Hears: a kick and a bass that overlap below 150 Hz while both play.
    Does: a compressor on the bass that listens to the kick and takes about 2.5 dB off under its hits; the strongest pair only.
    Source: Senior, Sound on Sound: 2 to 3 dB at most; the overlap is AMA's choice.
    """
    voices = scene.by_id
    clashes = [pair for pair in scene.pairs if _clash(pair, voices)]
    if not clashes:
        return ()
    worst = max(clashes, key=lambda pair: (pair.low_overlap, pair.first, pair.second))
    kick, bass = voices[worst.first], voices[worst.second]
    if kick.role == "bass":
        kick, bass = bass, kick
    peak = kick.heard.loudness.sample_peak_dbfs or 0.0
    threshold = peak - HIT_BELOW_PEAK_DB - SIDECHAIN_REDUCTION_DB / (1.0 - 1.0 / SIDECHAIN_RATIO)
    action = Sidechain(
        trigger=kick.track.id,
        threshold_db=_threshold(threshold),
        ratio=SIDECHAIN_RATIO,
        attack_ms=SIDECHAIN_ATTACK_MS,
        release_ms=by_hand.time_ms(
            _before_next(SIDECHAIN_RELEASE_MS, kick.heard.dynamics.onset_rate_hz)
        ),
        knee_db=HITS_KNEE_DB,
    )
    because = (
        f"{kick.track.name} and {bass.track.name} overlap by {worst.low_overlap:.0%} below 150 Hz:"
        f" {SIDECHAIN_REDUCTION_DB:.1f} dB of ducking lets the kick through."
    )
    confidence = min(kick.trust, bass.trust) * min(0.3 + worst.low_overlap / 2.0, 0.8)
    return (speak("sidechain", bass, action, because, confidence=confidence),)


def _settings(voice: Voice, usual: RoleCompressor, peak: float, crest: float) -> Compressor:
    moment = HITS_MOMENT if voice.role in HITS else HELD_MOMENT
    loud = peak - (1.0 - moment) * crest
    threshold = loud - REDUCTION_DB / (1.0 - 1.0 / usual.ratio)
    crest_squared = 10.0 ** (crest / 10.0)
    constant_ms = 2000.0 * TIME_CONSTANTS / crest_squared
    attack = min(max(constant_ms * GIANNOULIS_ATTACK_S, ATTACK_MS[0]), ATTACK_MS[1])
    release = constant_ms * GIANNOULIS_RELEASE_S - attack
    release = _before_next(
        min(max(release, RELEASE_MS[0]), RELEASE_MS[1]), voice.heard.dynamics.onset_rate_hz
    )
    return Compressor(
        threshold_db=_threshold(threshold),
        ratio=usual.ratio,
        attack_ms=by_hand.time_ms(attack),
        release_ms=by_hand.time_ms(release),
        knee_db=HITS_KNEE_DB if voice.role in HITS else HELD_KNEE_DB,
        makeup_db=by_hand.decibel(LOUDNESS_SHARE * REDUCTION_DB),
    )


def _threshold(value_db: float) -> float:
    return min(max(by_hand.whole_decibel(value_db), -60.0), 0.0)


def _before_next(release_ms: float, onset_rate_hz: float) -> float:
    if onset_rate_hz <= 0.0:
        return release_ms
    return max(min(release_ms, RELEASE_GAP * 1000.0 / onset_rate_hz), RELEASE_MS[0])


def _clash(pair: PairMeasurements, voices: Mapping[str, Voice]) -> bool:
    first, second = voices[pair.first], voices[pair.second]
    playing = min(first.heard.dynamics.active_fraction, second.heard.dynamics.active_fraction)
    return (
        {first.role, second.role} == {"kick", "bass"}
        and pair.low_overlap >= SIDECHAIN_OVERLAP
        and playing >= SIDECHAIN_PLAYING
    )
