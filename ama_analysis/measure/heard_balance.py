"""The balance of a reference that is another section of the same song: the same instruments, other bars.

A stem is heard in two ways in a mix that does not hold it sample for sample. What repeats (hits, samples, loops) is laid on the mix and
solved for (`repeats`): nearly exact where the repetitions agree. The rest is fitted by its spectra (`stem_spectra`), once what repeats is taken
away. Both estimates are fused by their precision, with equal loudness as a wide prior: where nothing is heard, that is all there is.

Spectra leak: a stem takes from others what looks like it, and loses to them. How much is measured by mixing the stems themselves at
the gains found, at random moments, and fitting that: the difference to the known gains is the bias, which is taken off (parametric
bootstrap: Efron & Tibshirani 1993), and what a stem gets in a mix without it is what it gets for nothing.

The session's present faders do not matter, nor does the loudness of the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.audio import Block, Sound
from ama_analysis.bands import Floats
from ama_analysis.measure.excerpt import loudest_parts
from ama_analysis.measure.repeats import Repeats, repeats_of, without
from ama_analysis.measure.stem_spectra import StemSpectra, fitted_gains, spectra_of, spectrogram
from ama_analysis.measurements import HeardBalance, HeardFader
from ama_analysis.progress import OnProgress, silent
from ama_analysis.session import FADER_RANGE_DB, Session, Track

RATE_HZ: Final = 22_050
"""What lies above 10 kHz tells little that the octave below does not."""
STEM_PART_S, STEM_PARTS = 8, 3
MIX_PART_S, MIX_PARTS = 8, 3
"""What is looked at of a long stem and a long reference: the loudest so many parts."""
SILENT_POWER: Final = 1e-9
"""A stem whose loudest parts stay below this mean power (-90 dBFS) is not looked for."""
SUBTRACTED_FROM: Final = 0.7
"""Agreement from which a stem's copy is taken away before the others' spectra are fitted."""
FEWEST_PIECES: Final = 3
AGREEMENT: Final = (0.30, 0.35, 0.40, 0.50, 0.60, 0.70, 0.80, 1.00)
REPEATS_ERROR_DB: Final = (8.0, 4.0, 2.2, 1.3, 1.0, 0.5, 0.35, 0.25)
"""Follows the mean errors of 286 stems of 19 songs with known faders (12 of them General MIDI), 8 dB below 0.35, 0.25 dB above 0.8."""
FITTED_ERROR_DB: Final = 1.3
"""About the median error of gains by spectra with their bias taken off, 1.15 dB (129 of those stems)."""
BIAS_ERROR: Final = 0.5
"""A corrected bias leaves that part of itself as error (AMA's choice)."""
UNHEARD_DB: Final = 7.0
"""How far human faders lie from equal loudness: 2 to 10 dB in the mean of a session, seven sessions."""
UNHEARD_PAN: Final = 0.5
HEARD_BELOW_DB: Final = 3.5
"""A standard error, half of the prior's, below which a track counts as heard (AMA's choice)."""
SIMULATIONS: Final = 3
REST_OF_SUBTRACTED: Final = 0.1
"""The factor at which a subtracted stem is still there in the simulations."""
SAME_SONG: Final = 0.083
"""Share of a reference's whitened energy that repetitions of the stems explain. Other bars of 19 songs: 0.09 to 0.90; other songs, 195 pairs: up to 0.04,
0.08 where both were made with the same instruments, and 0.21 where they have the same drum samples."""
SAME_SONG_BEYOND_DOUBT: Final = 0.25
QUICK_PIECES: Final = 12
PROMISING: Final = 0.05
"""What a quick look must find: 0.07 and more in other bars of eight songs; 0.012 and less in 44 pairs with other songs, 0.02 to 0.04 where both were made
with the same instruments."""
FIRST_PASS: Final = 0.025
"""What the first pass must explain: 0.05 and more in other bars of 28 songs; 0.01 (once 0.05) where another song shares sounds of which later passes put
together 0.06 and more."""
OTHER_SONG: Final = 0.4
"""Divergence of the fit by spectra: below 0.3 in other bars of 19 songs, but for one of 38 halves, which is beyond doubt by its repetitions;
above 0.4 in 88 % of 156 pairs of songs. It decides where only a little repeats."""
UNFOUND_DB: Final = -50.0
"""A stem that is put further below the mix than this was not found (where two stems are copies, one of them gets nothing): those of 64 stems in human
mixes of which the estimates are used lie above -46 dB."""
_FLOOR: Final = 1e-9


def heard_balance(
    session: Session,
    sound_of: Callable[[Track], Sound],
    reference: Sound,
    *,
    on_progress: OnProgress = silent,
) -> HeardBalance | None:
    """Return the balance of the stems as the reference has it; None where the reference is not of the same song.

    Raises what the sounds raise and what `on_progress` does. Memory is bounded whatever the length.
    """
    stage = "listening for the stems in the reference"
    mix = loudest_parts(reference, RATE_HZ, part_s=MIX_PART_S, most=MIX_PARTS)
    stems: dict[str, Block] = {}
    for index, track in enumerate(session.tracks):
        on_progress(0.3 * index / len(session.tracks), stage)
        stem = loudest_parts(sound_of(track), RATE_HZ, part_s=STEM_PART_S, most=STEM_PARTS)
        if stem.shape[1] and float(np.square(stem).mean()) > SILENT_POWER:
            stems[track.id] = stem
    if len(stems) < 2 or float(np.square(mix).mean()) <= SILENT_POWER:
        return None
    heard = listen(list(stems.values()), mix, on_step=lambda f: on_progress(0.3 + 0.7 * f, stage))
    on_progress(1.0, stage)
    if heard is None:
        return None
    places = dict(zip(stems, _faders(heard, list(stems)), strict=True))
    return HeardBalance(
        faders=tuple(places.get(track.id) or _silent(track) for track in session.tracks),
        fit=heard.fit,
    )


def worth_hearing(stems: Sequence[Sound], reference: Sound) -> bool:
    """Return whether a quick look finds enough of short pieces of the stems (a few loud seconds each) again in a reference's loudest ten."""
    mix = loudest_parts(reference, RATE_HZ, part_s=MIX_PART_S, most=1)
    parts = [loudest_parts(stem, RATE_HZ, part_s=STEM_PART_S, most=1) for stem in stems]
    heard = [
        part for part in (mix, *parts) if part.size and float(np.square(part).mean()) > SILENT_POWER
    ]
    if len(heard) < 3 or heard[0] is not mix:
        return False
    level = [(part / _rms(part)).astype(np.float32) for part in heard]
    quick = repeats_of(
        level[1:], level[0], RATE_HZ, passes=1, pieces=QUICK_PIECES, on_step=lambda _: None
    )
    return quick.explained > PROMISING


def _silent(track: Track) -> HeardFader:
    return HeardFader(
        track=track.id,
        fader_db=track.fader_db,
        pan=track.pan,
        error_db=UNHEARD_DB,
        pan_error=UNHEARD_PAN,
        heard=False,
    )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Heard:
    """Per stem: gains on both sides (stems, 2), standard error (dB), loudness while it plays (dB); and what repetitions explain, 0..1."""

    gains: Floats
    error_db: Floats
    loudness_db: Floats
    fit: float


def listen(stems: Sequence[Block], mix: Block, *, on_step: Callable[[float], None]) -> Heard | None:
    """Return how stems, each (2, frames) at `RATE_HZ` and none silent, sit in a mix; None where it is another song."""
    scales = np.array([_rms(stem) for stem in stems]) / _rms(mix)
    stems = [(stem / _rms(stem)).astype(np.float32) for stem in stems]
    mix = (mix / _rms(mix)).astype(np.float32)
    repeats = repeats_of(
        stems, mix, RATE_HZ, promising=FIRST_PASS, on_step=lambda f: on_step(0.7 * f)
    )
    if repeats.explained <= SAME_SONG:
        return None
    random = np.random.default_rng(0)
    parts = [spectra_of(stem, RATE_HZ, random) for stem in stems]
    on_step(0.8)
    whole = fitted_gains(parts, spectrogram(mix, RATE_HZ))
    if whole.divergence > OTHER_SONG and repeats.explained <= SAME_SONG_BEYOND_DOUBT:
        return None
    sure = (repeats.agreement >= SUBTRACTED_FROM) & (repeats.counts >= FEWEST_PIECES)
    rest = without(repeats, mix, np.flatnonzero(sure).tolist())
    fit = fitted_gains(parts, spectrogram(rest, RATE_HZ)) if sure.any() else whole
    base = np.where(sure[:, None], REST_OF_SUBTRACTED * repeats.factors, fit.gains)
    bias_db, leak_db = _simulated(stems, parts, np.maximum(base, _FLOOR), sure, random)
    on_step(1.0)
    fitted_db = np.sqrt(FITTED_ERROR_DB**2 + (BIAS_ERROR * bias_db) ** 2 + fit.spread_db**2)
    corrected = fit.gains * 10.0 ** (-bias_db / 20.0)[:, None]
    fitted_db = np.where(sure, np.inf, fitted_db + _leak_error_db(leak_db))
    gains, error_db = _fused(
        (repeats.factors, _unless_unfound(repeats.factors, _repeats_error_db(repeats))),
        (corrected, _unless_unfound(corrected, fitted_db)),
    )
    return Heard(
        gains=gains / scales[:, None],
        error_db=error_db,
        loudness_db=np.array([part.heard_db for part in parts]) + 20.0 * np.log10(scales),
        fit=repeats.explained,
    )


def _rms(samples: Block) -> float:
    return float(np.sqrt(np.square(samples, dtype=np.float64).mean()))


def _repeats_error_db(repeats: Repeats) -> Floats:
    error_db = np.exp(np.interp(repeats.agreement, AGREEMENT, np.log(REPEATS_ERROR_DB)))
    error_db *= np.where(repeats.counts < 2 * FEWEST_PIECES, 2.0, 1.0)
    unknown = (repeats.counts < FEWEST_PIECES) | (repeats.agreement < AGREEMENT[0])
    return np.where(unknown, np.inf, error_db)


def _unless_unfound(gains: Floats, error_db: Floats) -> Floats:
    """Return the error of gains (stems, 2), infinite for those of stems that were not found."""
    return np.where(gains.max(axis=1) < 10.0 ** (UNFOUND_DB / 20.0), np.inf, error_db)


def _leak_error_db(leak_db: Floats) -> Floats:
    """Return the error of gains of which a part is leakage: nothing at -20 dB, all at 0."""
    share = np.minimum(10.0 ** (leak_db / 10.0), 0.99)
    return -10.0 * np.log10(1.0 - share)


def _simulated(
    stems: Sequence[Block],
    parts: Sequence[StemSpectra],
    base: Floats,
    sure: NDArray[np.bool_],
    random: np.random.Generator,
) -> tuple[Floats, Floats]:
    """Return the bias of fitted gains, and what a stem gets in a mix without it re its gain, both dB (stems,)."""
    frames = min(stem.shape[1] for stem in stems)
    order = random.permutation(np.flatnonzero(~sure))
    bias_db = np.zeros((SIMULATIONS, len(stems)))
    without_it = np.zeros((SIMULATIONS, len(stems)), dtype=bool)
    for turn in range(SIMULATIONS):
        if turn < 2 and order.size > 1:
            without_it[turn, order[turn::2]] = True
        mixed = np.zeros((2, frames))
        for index, stem in enumerate(stems):
            start = int(random.integers(stem.shape[1]))
            if not without_it[turn, index]:
                mixed += base[index][:, None] * np.roll(stem, start, axis=1)[:, :frames]
        gains = fitted_gains(parts, spectrogram(mixed.astype(np.float32), RATE_HZ)).gains
        bias_db[turn] = 20.0 * np.log10(np.maximum(gains.max(axis=1), _FLOOR) / base.max(axis=1))
    with_it = np.ma.array(bias_db, mask=without_it).mean(axis=0).filled(0.0)
    leak = np.ma.array(bias_db, mask=~without_it).mean(axis=0).filled(-100.0)
    return with_it, leak


def _fused(*estimates: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """Return gains (stems, 2) and error (dB) of estimates weighted by their precision; infinite error is no estimate."""
    precision = np.stack([error_db**-2.0 for _, error_db in estimates])
    whole = precision.sum(axis=0)
    weights = precision / np.maximum(whole, _FLOOR)
    logs = np.stack([np.log(np.maximum(gains, _FLOOR)) for gains, _ in estimates])
    return np.exp((weights[:, :, None] * logs).sum(axis=0)), np.maximum(whole, _FLOOR) ** -0.5


def _faders(heard: Heard, ids: Sequence[str]) -> list[HeardFader]:
    found_db = 20.0 * np.log10(np.maximum(heard.gains.max(axis=1), _FLOOR))
    clear = heard.error_db < HEARD_BELOW_DB
    counted = clear if clear.any() else np.ones_like(clear)
    middle_db = float(np.median((found_db + heard.loudness_db)[counted]))
    equal_db = middle_db - heard.loudness_db
    told = UNHEARD_DB**2 / (UNHEARD_DB**2 + heard.error_db**2)
    fader_db = np.clip(told * found_db + (1.0 - told) * equal_db, *FADER_RANGE_DB)
    error_db = np.sqrt(told) * heard.error_db
    return [
        HeardFader(
            track=name,
            fader_db=float(fader_db[index]),
            pan=_pan(heard.gains[index]) if clear[index] else 0.0,
            error_db=float(error_db[index]),
            pan_error=_pan_error(float(heard.error_db[index])),
            heard=bool(clear[index]),
        )
        for index, name in enumerate(ids)
    ]


def _pan(gains: Floats) -> float:
    left, right = gains / max(float(gains.max()), _FLOOR)
    return float(1.0 - left if left < right else right - 1.0)


def _pan_error(error_db: float) -> float:
    """Return the error of pan that an error of one side's gain makes (0.115 a dB)."""
    return float(min(error_db * np.log(10.0) / 20.0, UNHEARD_PAN))
