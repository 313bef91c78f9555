"""Pan: low end and leads in the centre, competitors apart, left and right as loud as each other in every octave."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis.bands import Floats
from ama_analysis.plan import Pan, Suggestion
from ama_analysis.suggest import by_hand
from ama_analysis.suggest.rule import LINE_UP_COHERENCE, LOW_END, Scene, Voice, speak
from ama_analysis.suggest.stereo_pairs import stereo_pairs

SMALLEST_MOVE: Final = 0.1
"""A smaller change of pan is not worth a suggestion (AMA's choice)."""
WIDE: Final = 0.35
"""Side over mid from which a stem has an image of its own that stays (AMA's choice; the mix target has about 0.36)."""
LOW_HZ: Final = 200.0
"""Sources whose energy lies below are not panned (Perez-Gonzalez & Reiss 2010)."""
LOW_SHARE: Final = 0.5
LOW_FREE: Final = 0.2
"""A dark source that is no bass may sit this far off the centre (AMA's choice)."""
COMPETING: Final = 0.35
"""Spectral overlap from which two tracks are put apart (AMA's choice)."""
SETTLED: Final = 0.15
"""A track panned this far, away from its competitor, has its side already (AMA's choice)."""
TOO_FAR: Final = 0.3
"""How much further out than its role a pan may be before it is brought in (AMA's choice)."""
STEREO_BASS: Final = 0.1
"""Side share of the power below 120 Hz from which a bass or kick is called stereo: 10 dB below the total (AMA's choice)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where a voice should sit and why."""

    voice: Voice
    pan: float
    because: str
    confidence: float


def pan(scene: Scene) -> tuple[Suggestion, ...]:
    """Seat tracks between left and right.

    Hears: the role, how much of the energy lies below 200 Hz, the width of the stem, spectral overlap with the other tracks, the
    energy left and right per octave, and names that say left and right ("OH L", "OH R").
    Does: puts low end and leads in the centre, two mono tracks that are named left and right fully to their sides, brings in what is
    further out than its role, sets competitors apart on the side that evens out left and right; wide stereo stems stay; nothing below
    a change of 0.1.
    Source: Perez-Gonzalez & Reiss 2010; De Man et al. 2014 (kick, bass, snare and lead vocal in the centre); side by energy per octave: AMA.
    """
    seats = [*_centre_seats(scene), *_side_seats(scene)]
    return tuple(
        speak("pan", seat.voice, Pan(pan=seat.pan), seat.because, confidence=seat.confidence)
        for seat in seats
        if abs(seat.pan - seat.voice.track.pan) >= SMALLEST_MOVE
    )


def stereo_bass(scene: Scene) -> tuple[Suggestion, ...]:
    """Report a bass or kick whose low end is not mono.

    Hears: the side share of the power below 120 Hz of bass and kick.
    Does: keeps the track in the centre and says that its low end should be made mono, which no action of AMA does.
    Source: bass is the most central source of the lowest band (De Man et al. 2014); the threshold is AMA's choice.
    """
    found = []
    for voice in scene.voices:
        share = voice.heard.stereo.low_side_share
        if voice.role in LOW_END and share >= STEREO_BASS:
            because = (
                f"{share:.0%} of {voice.track.name}'s power below 120 Hz lies in the side and is lost in mono:"
                " keep it centred, and make its low end mono at the source."
            )
            confidence = voice.trust * min(0.5 + share, 0.9)
            found.append(speak("stereo_bass", voice, Pan(pan=0.0), because, confidence=confidence))
    return tuple(found)


def _centre_seats(scene: Scene) -> Iterable[Seat]:
    paired = _paired(scene)
    for voice in scene.voices:
        if not _stays_central(voice) or voice.track.id in paired:
            continue
        low = _low_share(voice)
        reason = (
            f"{low:.0%} of its energy lies below 200 Hz"
            if low >= LOW_SHARE
            else f"{voice.role} belongs in the middle"
        )
        because = f"{voice.track.name} is panned {voice.track.pan:+.2f}, but {reason}: centre it."
        yield Seat(voice=voice, pan=0.0, because=because, confidence=0.9 * voice.trust)


def _stays_central(voice: Voice) -> bool:
    low = _low_share(voice) >= LOW_SHARE and abs(voice.track.pan) >= LOW_FREE
    return voice.named and (voice.style.pan == 0.0 or low)


def _movable(voice: Voice) -> bool:
    dark = _low_share(voice) >= LOW_SHARE
    return voice.style.pan > 0.0 and not dark and voice.heard.stereo.width < WIDE


def _low_share(voice: Voice) -> float:
    bands = voice.heard.spectrum.third_octave
    power = 10.0 ** (np.array(bands.level_db) / 10.0)
    return float(power[np.array(bands.freq_hz) < LOW_HZ].sum() / power.sum())


def _side_seats(scene: Scene) -> Iterator[Seat]:
    paired = _paired(scene)
    for left, right in stereo_pairs(scene.voices).tolist():
        yield from _both_sides(scene.voices[left], scene.voices[right])
    movable = {v.track.id: v for v in scene.voices if _movable(v) and v.track.id not in paired}
    rivals = _rivals(scene, movable)
    for voice in scene.voices:
        spoken_for = voice.track.id in paired or voice.track.id in rivals
        if not spoken_for and voice.style.pan > 0.0 and _too_far(voice):
            yield _brought_in(voice)
    yield from _seats_apart(scene, rivals)


def _paired(scene: Scene) -> frozenset[str]:
    """Return the tracks that are left or right of another, whose names count for more than their role."""
    return frozenset(scene.voices[at].track.id for at in stereo_pairs(scene.voices).ravel())


def _both_sides(left: Voice, right: Voice) -> Iterator[Seat]:
    """Seat a pair, unless it is apart already, whichever way round."""
    if abs(right.track.pan - left.track.pan) >= 2.0 * SETTLED:
        return
    because = (
        f"{left.track.name} and {right.track.name} are left and right by their names, and sit at {left.track.pan:+.2f} and"
        f" {right.track.pan:+.2f}: fully apart they are as wide as one stereo file of both."
    )
    for voice, place in ((left, -1.0), (right, 1.0)):
        yield Seat(voice=voice, pan=place, because=because, confidence=0.8 * voice.trust)


def _seats_apart(scene: Scene, rivals: Mapping[str, tuple[Voice, float]]) -> Iterator[Seat]:
    """Seat competitors, the loudest first, each where it is panned already or on the side that evens out left and right."""
    balance = _Balance(voice for voice in scene.voices if voice.track.id not in rivals)
    seated: dict[str, float] = {}
    loudest_first = sorted(scene.voices, key=lambda v: (-v.level_lufs, v.track.id))
    for voice in (v for v in loudest_first if v.track.id in rivals):
        other, overlap = rivals[voice.track.id]
        place, present = _reach(voice), voice.track.pan
        opposite = present * seated.get(other.track.id, -present) < 0.0
        settled = opposite and not _too_far(voice) and abs(present) >= min(place, SETTLED)
        seat = present if settled else by_hand.pan(place * balance.better_side(voice, place))
        balance.add(voice, seat)
        seated[voice.track.id] = seat
        if not settled:
            yield _apart(voice, other, overlap, seat, balance)


def _too_far(voice: Voice) -> bool:
    return abs(voice.track.pan) > voice.style.pan + TOO_FAR


def _rivals(scene: Scene, movable: Mapping[str, Voice]) -> dict[str, tuple[Voice, float]]:
    """Return, for each movable track that competes with another movable one, its strongest competitor and their overlap; one recording twice is no competition."""
    rivals: dict[str, tuple[Voice, float]] = {}
    for pair in scene.pairs:
        if pair.overlap < COMPETING or not {pair.first, pair.second} <= movable.keys():
            continue
        if (pair.coherence or 0.0) >= LINE_UP_COHERENCE:
            continue
        for one, other in ((pair.first, pair.second), (pair.second, pair.first)):
            if one not in rivals or rivals[one][1] < pair.overlap:
                rivals[one] = (movable[other], pair.overlap)
    return rivals


def _reach(voice: Voice) -> float:
    """Return how far out a voice may sit: its role's pan, less for dark sources."""
    octaves = math.log2(max(voice.heard.features.spectral_centroid_hz, 20.0) / LOW_HZ)
    return voice.style.pan * min(max(octaves / 3.0, 0.3), 1.0)


def _brought_in(voice: Voice) -> Seat:
    wide = voice.heard.stereo.width >= WIDE
    place = 0.0 if wide else math.copysign(voice.style.pan, voice.track.pan)
    reason = (
        f"and its own image is wide (side over mid {voice.heard.stereo.width:.2f}): centred, it keeps both sides"
        if wide
        else f"further out than {voice.role} sits ({voice.style.pan:.2f}), with nothing opposite: bring it in"
    )
    because = f"{voice.track.name} is panned {voice.track.pan:+.2f}, {reason}."
    return Seat(voice=voice, pan=by_hand.pan(place), because=because, confidence=0.5 * voice.trust)


def _apart(voice: Voice, other: Voice, overlap: float, place: float, balance: _Balance) -> Seat:
    side = "right" if place > 0 else "left"
    because = (
        f"{voice.track.name} and {other.track.name} share {overlap:.0%} of their spectrum:"
        f" {abs(place):.2f} to the {side} sets them apart and leaves the right"
        f" {balance.right_over_left_db():+.1f} dB against the left."
    )
    confidence = voice.trust * min(0.35 + overlap / 2.0, 0.8)
    return Seat(voice=voice, pan=place, because=because, confidence=confidence)


class _Balance:
    """Power left and right per octave of the tracks that have their seats."""

    def __init__(self, voices: Iterable[Voice]) -> None:
        self._left: Floats = np.full(10, 1e-12)
        self._right: Floats = np.full(10, 1e-12)
        for voice in voices:
            self.add(voice, voice.track.pan)

    def add(self, voice: Voice, place: float) -> None:
        left, right = _sides(voice, place)
        self._left, self._right = self._left + left, self._right + right

    def better_side(self, voice: Voice, place: float) -> float:
        """Return +1 or -1, the side on which the octaves come out more even (left first on a draw)."""
        lopsided = []
        for side in (-1.0, 1.0):
            left, right = _sides(voice, side * place)
            left, right = left + self._left, right + self._right
            lopsided.append(float(np.sum(np.abs(left - right) / (left + right))))
        return -1.0 if lopsided[0] <= lopsided[1] else 1.0

    def right_over_left_db(self) -> float:
        return 10.0 * math.log10(self._right.sum() / self._left.sum())


def _sides(voice: Voice, place: float) -> tuple[Floats, Floats]:
    bands = voice.heard.spectrum.third_octave
    gain = 10.0 ** ((voice.track.fader_db) / 10.0)
    left = gain * 10.0 ** (np.array(bands.left_db[1:]) / 10.0) * (1.0 - max(place, 0.0)) ** 2
    right = gain * 10.0 ** (np.array(bands.right_db[1:]) / 10.0) * (1.0 + min(place, 0.0)) ** 2
    return left.reshape(10, 3).sum(axis=1), right.reshape(10, 3).sum(axis=1)
