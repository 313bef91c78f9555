"""What is expected of each fader and pan before the spectra speak, and how far they may go.

Where a reference is known to be a mix of these very tracks, its balance is expected, as surely as it was read. Elsewhere the balance of the roles
(`balance`) and the seats of the panner (`space.pan`) are: a spectrum alone does not tell a guitar from a synth.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from ama_analysis.bands import THIRD_OCTAVE_HZ, Floats
from ama_analysis.cross_spectra import band_centres_hz
from ama_analysis.plan import Pan
from ama_analysis.suggest.balance import EQUAL_LOUDNESS_ERROR_DB, Place, balance
from ama_analysis.suggest.rule import Scene, Voice
from ama_analysis.suggest.space import pan as pan_rule

REACH_DB: Final = 6.0
"""How far from what the roles expect a fader may be taken for the sake of the spectrum (as the rules' own reach)."""
PRESENT_SIGMA_DB: Final = 6.0
"""How surely a fader stands where it should: half of what beginners are off by at most (AMA's choice)."""
MOVE_MOST_DB: Final = 12.0
"""The roles alone move no fader further; what needs more is as good as muted, perhaps on purpose (AMA's choice)."""
CENTRED_SIGMA: Final = 0.05
CENTRED_LIMIT: Final = 0.1
"""Low end and leads stay in the middle (De Man et al. 2014)."""
PAN_SIGMA: Final = 0.35
PAN_BEYOND: Final = 0.3
"""How much further out than its role a track may be taken."""
SURE_DB: Final = 0.3
SURE_PAN: Final = 0.02
"""What was read more surely than this is taken as read this surely."""
BEARS_DB: Final = 15.0
BARE_DB: Final = 30.0
"""A band this far below the track's loudest may be raised freely, respectively not at all: what is there is bleed, hiss or rumble."""
BOOST_DB: Final = 6.0


ReadFrom: TypeAlias = Literal["waveform", "spectra"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFader:
    """A fader and pan as a reference that holds these tracks has them, with standard errors: read from its waveform, or heard in its spectra."""

    read_from: ReadFrom
    fader_db: float
    error_db: float
    pan: float
    pan_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBalance:
    """The balance of a reference of the same song: a mix of these very tracks, or another section.

    `absent` are tracks that it does not hold; `plain` says that it is these tracks, faders and pans, and nothing else.
    """

    reference: str
    faders: Mapping[str, KnownFader]
    absent: tuple[str, ...] = ()
    plain: bool = False

    @property
    def is_mix(self) -> bool:
        """Whether the reference was found to be a mix of these very tracks."""
        return bool(self.absent) or any(f.read_from == "waveform" for f in self.faders.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is expected of one track."""

    voice: Voice
    place: Place
    gain_db: float
    gain_sigma_db: float
    gain_reach_db: float
    pan: float
    pan_sigma: float
    pan_low: float
    pan_high: float
    pan_because: str = ""
    """Why the panner wants that pan; empty where it leaves it."""
    known: KnownFader | None = None


def expectations(scene: Scene, known: KnownBalance | None) -> tuple[Expected, ...]:
    """Return what is expected of each voice of a scene, in its order."""
    seats = {
        s.track: (s.action.pan, s.because) for s in pan_rule(scene) if isinstance(s.action, Pan)
    }
    faders = known.faders if known else {}
    return tuple(
        _known(place, faders[place.voice.track.id])
        if place.voice.track.id in faders
        else _usual(place, *seats.get(place.voice.track.id, (place.voice.track.pan, "")))
        for place in balance(scene)
    )


def _usual(place: Place, seat: float, because: str) -> Expected:
    voice = place.voice
    central = voice.named and voice.style.pan == 0.0
    limit = CENTRED_LIMIT if central else min(voice.style.pan + PAN_BEYOND, 1.0)
    limit = max(limit, abs(seat))
    moved = 0.0
    if place.moves:  # what was learned of the user is no guess of the roles'
        by_role_db = _held(place.delta_db - place.learned_db, MOVE_MOST_DB)
        moved = by_role_db * _trust_in_roles(voice) + place.learned_db
    return Expected(
        voice=voice,
        place=place,
        gain_db=voice.track.fader_db + moved,
        gain_sigma_db=_role_sigma_db(voice),
        gain_reach_db=REACH_DB,
        pan=seat,
        pan_sigma=CENTRED_SIGMA if central else PAN_SIGMA,
        pan_low=-limit,
        pan_high=limit,
        pan_because=because,
    )


def _trust_in_roles(voice: Voice) -> float:
    """Return how far a fader is expected to go from where it is to where the roles want it, 0..1."""
    return PRESENT_SIGMA_DB**2 / (PRESENT_SIGMA_DB**2 + _role_sigma_db(voice) ** 2)


def _held(value: float, limit: float) -> float:
    return min(max(value, -limit), limit)


def _role_sigma_db(voice: Voice) -> float:
    """Return how far human faders lie from the balance of the roles: two estimates joined by their precision."""
    tolerance = max(voice.style.tolerance_lu, 1.0)
    return 1.0 / math.sqrt(EQUAL_LOUDNESS_ERROR_DB**-2 + tolerance**-2)


def _known(place: Place, fader: KnownFader) -> Expected:
    """Return what a reference that holds a track tells; what was read from a waveform is offered as it is."""
    reach = 0.0 if fader.read_from == "waveform" else 1.0
    error_db, pan_error = max(fader.error_db, SURE_DB), max(fader.pan_error, SURE_PAN)
    return Expected(
        voice=place.voice,
        place=place,
        gain_db=fader.fader_db,
        gain_sigma_db=error_db,
        gain_reach_db=reach * fader.error_db,
        pan=fader.pan,
        pan_sigma=pan_error,
        pan_low=max(fader.pan - reach * fader.pan_error, -1.0),
        pan_high=min(fader.pan + reach * fader.pan_error, 1.0),
        known=fader,
    )


def boosts_db(voice: Voice) -> Floats:
    """Return how much each band of a track may be raised, (bands): not what is there only as bleed, hiss or rumble."""
    bands = voice.heard.spectrum.third_octave
    below = max(bands.level_db) - np.array(bands.level_db)
    bears = np.clip((BARE_DB - below) / (BARE_DB - BEARS_DB), 0.0, 1.0)
    octaves = np.log2(band_centres_hz())
    return BOOST_DB * np.interp(octaves, np.log2(THIRD_OCTAVE_HZ), bears)
