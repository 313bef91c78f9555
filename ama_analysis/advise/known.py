"""Whether a reference holds the session's own tracks, and if so with what balance."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from ama_analysis.advise.folders import mix_in
from ama_analysis.advise.keys import contents_of, strips_of
from ama_analysis.advise.references import open_reference, section_of_file
from ama_analysis.advise.sessions import stems_of
from ama_analysis.audio import AudioFile, open_audio
from ama_analysis.cache import Cache, Contents, key_of, recalled
from ama_analysis.measurements import HeardBalance, HeardFader, RecoveredFader, RecoveredFaders
from ama_analysis.packed import pack_value, value_in
from ama_analysis.progress import OnProgress, part_of
from ama_analysis.reference import Reference
from ama_analysis.session import Session
from ama_analysis.suggest.match import KnownBalance, KnownFader
from ama_analysis.tasks import Task

if TYPE_CHECKING:
    from ama_analysis.measure.kinship import Probes

EXCERPT_S: Final = 8.0
"""So much of a stem is looked for in a reference at first."""
_SHARE_OF_STEMS: Final = 0.1
_REFERENCE_S: Final = 600.0
"""What looking into references costs against measuring tracks: for the stems, and for each reference (measured on sixteen and three)."""
UNSURE_DB: Final = 1.2
"""What is read no more surely than this, or not at all, is listened for too: of a loop's reference much comes back, and other bars play over it. In 78 halves of songs with
loops what is known of the faders is 0.8 dB off, 1.5 with those at rest that cannot be read; any limit from 0.6 to 3 dB does as well, and 23 mastered mixes of the same bars stay at 0.2."""
ANCHOR_DB: Final = 1.0
"""What is heard at least so surely, and read, tells how far both ways lie apart (AMA's choice)."""
PAN_ERROR_PER_DB: Final = 0.05
"""A factor's standard error of 1 dB leaves that much doubt of a pan, and a little more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookedInto:
    """What a reference says of the session's tracks: read from its waveform; what that does not tell, or where it is another section, heard in its spectra."""

    read: RecoveredFaders | None = None
    heard: HeardBalance | None = None


def known_task(session: Session, cache: Cache, contents: Contents) -> Task[tuple[LookedInto, ...]]:
    """Return the task of looking into a session's references, one after the other: what is read of the stems for one serves the others."""
    references = session.references

    def key(reference: Reference) -> str | None:
        sound = _sound_of(reference)
        hashes = contents_of(session, contents)
        own = contents(sound.path) if sound else None
        if hashes is None or own is None:
            return None
        strips = strips_of(session)
        return key_of("known", session.sample_rate_hz, reference.section, own, *hashes, *strips)

    def recall() -> tuple[LookedInto, ...] | Task[tuple[LookedInto, ...]] | None:
        kept: dict[Reference, LookedInto] = {}
        for reference in references:
            one = recalled(cache, key(reference), partial(value_in, hint=LookedInto))
            if one is not None:
                kept[reference] = one
        missing = tuple(reference for reference in references if reference not in kept)
        return task(missing, kept) if missing else tuple(kept[r] for r in references)

    def task(
        missing: tuple[Reference, ...], kept: Mapping[Reference, LookedInto]
    ) -> Task[tuple[LookedInto, ...]]:
        def keep(made: tuple[LookedInto, ...]) -> tuple[LookedInto, ...]:
            fresh = dict(zip(missing, made, strict=True))
            for reference, one in fresh.items():
                under = key(reference)
                if under is not None:
                    cache.put(under, pack_value(one, LookedInto))
            both = {**kept, **fresh}
            return tuple(both[reference] for reference in references)

        seconds = session.duration_s * len(session.tracks)
        cost_s = _SHARE_OF_STEMS * seconds + _REFERENCE_S * len(missing)
        return Task(make=partial(_look, session, missing), cost_s=cost_s, recall=recall, keep=keep)

    return task(references, {})


def balance_of(session: Session, looked: Sequence[LookedInto]) -> KnownBalance | None:
    """Return the balance of the first reference that is a mix of these very stems, else of the first of the same song, else None."""
    pairs = list(zip(session.references, looked, strict=True))
    for reference, found in pairs:
        if found.read is not None:
            return _as_read(reference, found.read, found.heard)
    for reference, found in pairs:
        if found.heard is not None:
            return _as_heard(reference, found.heard)
    return None


def _look(
    session: Session, references: Sequence[Reference], on_progress: OnProgress
) -> tuple[LookedInto, ...]:
    from ama_analysis.measure.kinship import Probes

    probes = Probes()
    return tuple(
        _looked_into(
            session,
            _sound_of(reference),
            probes,
            part_of(on_progress, at / len(references), (at + 1) / len(references)),
        )
        for at, reference in enumerate(references)
    )


def _looked_into(
    session: Session, sound: AudioFile | None, probes: Probes, on_progress: OnProgress
) -> LookedInto:
    from ama_analysis.measure.heard_balance import heard_balance, worth_hearing
    from ama_analysis.measure.recover_kin import loud_moments_s, recover_from_reference

    if sound is None:
        return LookedInto()
    stems = stems_of(session)
    share = part_of(on_progress, 0.0, 0.4)
    read = recover_from_reference(session, stems, sound, probes=probes, on_progress=share)
    rest = part_of(on_progress, 0.4, 1.0)
    if read is not None:
        hears = not read.linear and not all(_is_told(fader) for fader in read.faders)
        heard = heard_balance(session, stems, sound, on_progress=rest) if hears else None
        return LookedInto(read=read, heard=heard)
    moments = loud_moments_s(session, stems, sound, probes)
    excerpts = [
        _around(stems(track), moment)
        for track, moment in zip(session.tracks, moments, strict=True)
        if not track.silenced
    ]
    if not worth_hearing(excerpts, sound):
        return LookedInto()
    return LookedInto(heard=heard_balance(session, stems, sound, on_progress=rest))


def _around(stem: AudioFile, moment_s: float) -> AudioFile:
    """Return a few seconds of a stem around a moment."""
    start_s = max(min(moment_s - EXCERPT_S / 2.0, stem.duration_s - EXCERPT_S), 0.0)
    return stem.section(start_s, start_s + EXCERPT_S)


def _sound_of(reference: Reference) -> AudioFile | None:
    """Return a reference's sound; of a folder of stems its `mix.*`, None where it has none."""
    if not reference.path.is_dir():
        return open_reference(reference)
    mix = mix_in(reference.path)
    return section_of_file(open_audio(mix), reference) if mix else None


def _is_told(fader: RecoveredFader) -> bool:
    """Return whether the waveform says all that can be known of a fader."""
    return fader.absent or (fader.error_db is not None and fader.error_db <= UNSURE_DB)


def _as_read(
    reference: Reference, found: RecoveredFaders, heard: HeardBalance | None
) -> KnownBalance:
    read = {f.track: _read(f) for f in found.faders if f.error_db is not None and not f.absent}
    untold = {f.track for f in found.faders if not _is_told(f)}
    return KnownBalance(
        reference=reference.name,
        faders={**read, **_heard_beside(read, untold, heard)},
        absent=tuple(f.track for f in found.faders if f.absent),
        plain=found.linear,
    )


def _heard_beside(
    read: Mapping[str, KnownFader], untold: Collection[str], found: HeardBalance | None
) -> dict[str, KnownFader]:
    """Return those of some faders that were heard, and more surely than they were read, laid beside what was read."""
    heard = {fader.track: fader for fader in found.faders if fader.heard} if found else {}
    apart_db = [
        fader.fader_db - heard[track].fader_db
        for track, fader in read.items()
        if track not in untold and track in heard and heard[track].error_db < ANCHOR_DB
    ]
    shift_db = float(np.median(apart_db)) if apart_db else 0.0
    return {
        track: _heard(fader, shift_db)
        for track, fader in heard.items()
        if track in untold and (track not in read or fader.error_db < read[track].error_db)
    }


def _read(fader: RecoveredFader) -> KnownFader:
    error_db = fader.error_db or 0.0
    return KnownFader(
        read_from="waveform",
        fader_db=fader.fader_db,
        error_db=error_db,
        pan=fader.pan,
        pan_error=PAN_ERROR_PER_DB * error_db,
    )


def _heard(fader: HeardFader, shift_db: float = 0.0) -> KnownFader:
    return KnownFader(
        read_from="spectra",
        fader_db=fader.fader_db + shift_db,
        error_db=fader.error_db,
        pan=fader.pan,
        pan_error=fader.pan_error,
    )


def _as_heard(reference: Reference, found: HeardBalance) -> KnownBalance:
    return KnownBalance(
        reference=reference.name, faders={fader.track: _heard(fader) for fader in found.faders}
    )


def told(session: Session, known: KnownBalance | None) -> tuple[str, ...]:
    """Return what the user should know of a reference that holds the session's tracks."""
    if known is None:
        return ()
    if known.is_mix:
        read = [f.error_db for f in known.faders.values() if f.read_from == "waveform"]
        said = (
            f"Reference {known.reference} is a mix of these very tracks: its faders and pans are offered as they are"
            f" ({len(read)} tracks, to {max([*read, 0.1]):.1f} dB)."
        )
        heard = [track for track, f in known.faders.items() if f.read_from == "spectra"]
        for what, tracks in (("Heard in its spectrum", heard), ("Not in it", known.absent)):
            if tracks:
                said += f" {what}: {', '.join(session.track(one).name for one in tracks)}."
        return (said,)
    return (
        f"Reference {known.reference} holds the instruments of this session in other bars: its balance is what the faders"
        " and pans come near to.",
    )
