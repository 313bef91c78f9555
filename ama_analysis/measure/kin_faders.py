"""What a close look at a mix says of each track: fader, pan, how sure, and in words where it says nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ama_analysis.bands import Floats
from ama_analysis.measure.kin import HEARABLE_DB, Reading
from ama_analysis.measurements import RecoveredFader, RecoveredFaders
from ama_analysis.session import FADER_RANGE_DB, Session, Track

KINSHIP: Final = 0.6
"""Mixes of the stems had 0.72 (a master at 48 kb/s) to 1; other sections of the same song, with bars that repeat to the sample, mostly less."""
CERTAIN_SHARE: Final = 0.7
"""Of the stems that could be heard so many must be certain: in another section that shares some loops, the others are not."""
CERTAIN_AT_LEAST: Final = 3
"""So many stems at least must be certain, or all that play: one loop alone is no mix."""
CERTAIN_DB: Final = 1.25
"""A standard error up to which a fader is called certain: half of what faders at equal loudness are off in the mean."""
ROUGH_DB: Final = 6.0
"""One up to which what was found is still given, with doubt."""
LINEAR_BELOW_DB: Final = -35.0
"""As `recover.LINEAR_BELOW_DB`, for what is left with tone and gain."""
NO_MASTER: Final = 0.01
"""Spread of tone and gain, in ln (0.1 dB), below which there is none."""
SILENT_POWER: Final = 1e-12
"""Mean power (-120 dBFS) below which a side does not play."""
ONE_SIDED: Final = 1e-8
ONE_SIDE_DB: Final = 3.0
"""The least error of a stem that plays on one side alone, where the mix is not all explained: it may hold the other side too, as loud again."""
OWN: Final = 1e-6
"""Evidence of its own that a stem has at least (all but -60 dB of it could be made of the others)."""
ABSENT_DB: Final = -45.0
"""A stem that is, 3 standard errors up, this far below the median factor is not in the mix."""
ABSENT_POWER: Final = 1e-8
_INDEPENDENT: Final = 1e-12


def is_kin(reading: Reading) -> bool:
    """Return whether a mix holds these stems as a whole, and not just a few sounds that repeat."""
    if reading.kinship < KINSHIP:
        return False
    factors, errors, _ = _louder(reading)
    power = reading.powers.max(axis=0)
    mix = float((np.square(reading.factors) * reading.powers).sum())
    could = np.square(factors + 2.0 * errors) * power > 10.0 ** (HEARABLE_DB / 10.0) * mix
    plays = power > ABSENT_POWER
    sure = _error_db(factors, errors) <= CERTAIN_DB
    hearable = could & plays
    if (sure & plays).sum() < min(CERTAIN_AT_LEAST, int(plays.sum())) or not hearable.any():
        return False
    return bool(sure[hearable].mean() >= CERTAIN_SHARE)


def faders_of(session: Session, reading: Reading) -> RecoveredFaders:
    """Return the tracks of a session as a mix of them holds them."""
    rate = session.sample_rate_hz
    factors, errors, _ = _louder(reading)
    sure = _error_db(factors, errors) <= CERTAIN_DB
    typical = float(np.median(factors[sure])) if sure.any() else 0.0
    residual_db = float(10.0 * np.log10(max(1.0 - reading.explained, _INDEPENDENT)))
    plain = max(reading.gain_spread, reading.tone_spread) < NO_MASTER
    linear = plain and residual_db < LINEAR_BELOW_DB
    faders = [
        _read(track, reading, at, typical, linear=linear) for at, track in enumerate(session.tracks)
    ]
    common_db = _common_db(session, faders)
    return RecoveredFaders(
        faders=tuple(
            fader
            if fader.error_db is not None
            else replace(fader, fader_db=fader.fader_db + common_db)
            for fader in faders
        ),
        offset_ms=1000.0 * reading.lying.offset / rate,
        residual_db=residual_db,
        linear=linear,
        kinship=reading.kinship,
        heard_s=reading.duration_s,
    )


def without_master_gain(session: Session, found: RecoveredFaders) -> RecoveredFaders:
    """Return faders as they may have stood before a master's gain: as loud, in the median, as the session's own; linear ones as they are."""
    if found.linear:
        return found
    common_db = _common_db(session, found.faders)
    return replace(
        found,
        faders=tuple(
            replace(fader, fader_db=track.fader_db)
            if fader.error_db is None
            else replace(fader, fader_db=fader.fader_db - common_db)
            for fader, track in zip(found.faders, session.tracks, strict=True)
        ),
    )


def _louder(reading: Reading) -> tuple[Floats, Floats, Floats]:
    """Return each stem's factor and error on the side where it is louder in the mix, and which side that is."""
    plays = reading.powers > ONE_SIDED * reading.powers.max(axis=0)
    size = np.where(plays, np.abs(reading.factors), -1.0)
    side = size.argmax(axis=0)
    index = np.arange(side.size)
    return np.abs(reading.factors)[side, index], reading.errors[side, index], side


def _error_db(factors: Floats, errors: Floats) -> Floats:
    """Return standard errors in dB; infinite where an error is as large as its factor."""
    share = np.divide(errors, factors, out=np.full_like(factors, np.inf), where=factors > 0.0)
    error_db: Floats = np.where(share < 1.0, 20.0 * np.log10(1.0 + np.minimum(share, 1.0)), np.inf)
    return error_db


def _read(
    track: Track, reading: Reading, index: int, typical: float, *, linear: bool
) -> RecoveredFader:
    powers = reading.powers[:, index]
    present = RecoveredFader(track=track.id, fader_db=track.fader_db, pan=track.pan, certain=False)
    present = replace(present, slip_ms=_slip_ms(reading, index))
    if powers.max() <= SILENT_POWER:
        return replace(present, doubt="it does not play where the mix was looked at", slip_ms=0.0)
    plays = powers > ONE_SIDED * powers.max()
    if reading.own[plays, index].min() < OWN:
        return replace(present, doubt="it is the same as other tracks")
    factors, errors = np.abs(reading.factors[:, index]), reading.errors[:, index]
    most = float((factors + 3.0 * errors)[plays].max())
    if most < typical * 10.0 ** (ABSENT_DB / 20.0) and powers.max() > ABSENT_POWER:
        return replace(present, certain=True, absent=True)
    side = int(np.where(plays, factors, -1.0).argmax())
    gain = float(factors[side])
    error_db = float(_error_db(factors, errors)[side])
    if error_db > ROUGH_DB or gain <= 0.0:
        return replace(present, doubt="it is too quiet in the mix", slip_ms=0.0)
    if not plays.all() and not linear:
        error_db = max(error_db, ONE_SIDE_DB)
    certain = error_db <= CERTAIN_DB
    return replace(
        present,
        fader_db=float(np.clip(20.0 * np.log10(gain), *FADER_RANGE_DB)),
        pan=_pan(reading.factors[:, index], side) if plays.all() else 0.0,
        certain=certain,
        doubt="" if certain else f"it is read to {error_db:.1f} dB only",
        inverted=bool(reading.factors[side, index] < 0.0),
        error_db=error_db,
    )


def _pan(factors: Floats, louder: int) -> float:
    """Return where a stem lies: what its quieter side lacks against the louder one."""
    share = float(np.clip(factors[1 - louder] / factors[louder], 0.0, 1.0))
    return share - 1.0 if louder == 0 else 1.0 - share


def _slip_ms(reading: Reading, index: int) -> float:
    return 1000.0 * reading.lying.slips[index] / reading.rate_hz


def _common_db(session: Session, faders: Sequence[RecoveredFader]) -> float:
    """Return by how much the faders found lie above the session's own, in the median."""
    above = [
        fader.fader_db - track.fader_db
        for fader, track in zip(faders, session.tracks, strict=True)
        if fader.certain and not fader.absent
    ]
    return float(np.median(above)) if above else 0.0
