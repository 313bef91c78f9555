"""Between AMA's fader and pan and Ardour's.

AMA pans by a linear balance (`render.strip`): a mono track in the centre goes to both sides at full level. Ardour's default panner for stereo
tracks is the same balance, so that nothing changes there. Its panner for mono tracks (libs/panners/1in2out, law -3 dB) has with the azimuth a
(0 left .. 1 right) and s = 2 - 4 10^(-3/20) the gains

    left = (1 - a) (1 - s a)        right = a (1 - s + s a)

measured on Ardour 7.3 at 21 azimuths to 1e-6 (tests/daw/ardour/test_pan_law.py). So for mono tracks fader and pan are converted together,
in both directions and without loss: a track in the centre shows 3.00 dB more in Ardour than in AMA.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final, NamedTuple

from ama_analysis.session import Session, Track

HIGHEST_DB: Final = 20.0 * math.log10(2.0)
"""The top of Ardour's faders, +6.02 dB."""
_SCALE: Final = 2.0 - 4.0 * 10.0 ** (-3.0 / 20.0)
_LOWEST_DB, _TOP_DB = -200.0, 60.0
"""Between these a `Track` holds its fader."""


class FaderAndPan(NamedTuple):
    """Where a fader stands, dB, and a pan, -1 left .. +1 right."""

    fader_db: float
    pan: float


def mono_gains(azimuth: float) -> tuple[float, float]:
    """Return what Ardour's mono panner does to left and right."""
    left = (1.0 - azimuth) * (1.0 - _SCALE * azimuth)
    return left, azimuth * (1.0 - _SCALE + _SCALE * azimuth)


def sounding(*, fader_db: float, pan: float, channels: int) -> FaderAndPan:
    """Return the fader and pan that sound under AMA's law as these of Ardour's do; `pan` is 2 azimuth - 1."""
    if channels != 1:
        return FaderAndPan(fader_db, pan)
    left, right = mono_gains(azimuth_of(pan))
    louder = max(left, right)
    balance = 1.0 - left / right if right > left else right / left - 1.0
    return FaderAndPan(fader_db + 20.0 * math.log10(louder), balance)


def dialled(*, fader_db: float, pan: float, channels: int) -> FaderAndPan:
    """Return what fader and pan show in Ardour where a track sounds as AMA's fader and pan say; the fader may lie above Ardour's top."""
    if channels != 1:
        return FaderAndPan(fader_db, pan)
    azimuth = _azimuth_with(left=1.0 - max(pan, 0.0), right=1.0 + min(pan, 0.0))
    louder = max(mono_gains(azimuth))
    return FaderAndPan(fader_db - 20.0 * math.log10(louder), 2.0 * azimuth - 1.0)


def _azimuth_with(*, left: float, right: float) -> float:
    """Return where the mono panner's gains have this proportion; the longer side is 1.

    right (1 - a)(1 - s a) = left a (1 - s + s a) is a quadratic equation in a; it is solved for the side that is quieter, so that small
    gains keep their digits.
    """
    if right > left:
        return 1.0 - _azimuth_with(left=right, right=left)
    a = _SCALE * (right - left)
    b = -right * (1.0 + _SCALE) - left * (1.0 - _SCALE)
    return 2.0 * right / (-b + math.sqrt(b * b - 4.0 * a * right))


def azimuth_of(pan: float) -> float:
    """Return Ardour's azimuth, 0 left .. 1 right."""
    return min(max((pan + 1.0) / 2.0, 0.0), 1.0)


def coefficient(fader_db: float) -> float:
    """Return Ardour's gain for a fader."""
    return 10.0 ** (fader_db / 20.0)


def heard(session: Session) -> Session:
    """Return a session that came from Ardour, with the faders and pans that sound under AMA's law as they sound there.

    Opens the stems to see which are mono; lets through what opening raises (`AudioFileError`).
    """
    return replace(session, tracks=tuple(_heard(track) for track in session.tracks))


def _heard(track: Track) -> Track:
    channels = channels_of(track)
    fader_db, pan = sounding(fader_db=track.fader_db, pan=track.pan, channels=channels)
    return replace(track, fader_db=min(max(fader_db, _LOWEST_DB), _TOP_DB), pan=pan)


def channels_of(track: Track) -> int:
    """Return how many channels a track's stem has: that is what Ardour's track has."""
    from ama_analysis.audio import open_audio

    return open_audio(track.path).channels
