"""Whether a reference holds the session's own tracks, and if so with what balance."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Final

import numpy as np

from ama_analysis.advise.keys import contents_of, strips_of
from ama_analysis.advise.references import open_reference, section_of_file
from ama_analysis.advise.sessions import mix_in, stems_of
from ama_analysis.audio import Audio, AudioFile, in_memory, open_audio
from ama_analysis.cache import NO_CACHE, Cache, Contents, key_of
from ama_analysis.cross_spectra import CrossSpectra
from ama_analysis.measure import Probes, heard_balance, recover_from_reference, worth_hearing
from ama_analysis.measurements import HeardBalance, RecoveredFader, RecoveredFaders
from ama_analysis.packed import remembered_value
from ama_analysis.parallel import in_threads
from ama_analysis.progress import OnProgress, part_of, silent
from ama_analysis.reference import Reference
from ama_analysis.session import Session
from ama_analysis.suggest import KnownBalance, KnownFader

EXCERPT_S: Final = 8.0
"""So much of a stem is looked for in a reference at first."""
PAN_ERROR_PER_DB: Final = 0.05
"""A factor's standard error of 1 dB leaves that much doubt of a pan, and a little more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What a reference says of the session's tracks: read from its waveform, else heard in its spectra, else nothing."""

    read: RecoveredFaders | None = None
    heard: HeardBalance | None = None


def known_balance(
    session: Session,
    spectra: CrossSpectra,
    *,
    cache: Cache = NO_CACHE,
    contents: Contents | None = None,
    on_progress: OnProgress = silent,
) -> KnownBalance | None:
    """Return the balance of the first reference that is a mix of these very stems, else of the first of the same song, else None.

    `spectra` are those of its audible tracks. Lets through what the sounds and `on_progress` raise.
    """
    contents = contents or Contents(cache)
    excerpts = _Excerpts(session, spectra)

    def one(reference: Reference, on_progress: OnProgress) -> _Looked:
        return _looked_into(session, reference, excerpts, cache, contents, on_progress)

    looked = in_threads(
        session.references,
        one,
        stage=lambda _: "listening for the stems in the references",
        on_progress=on_progress,
    )
    pairs = list(zip(session.references, looked, strict=True))
    for reference, found in pairs:
        if found.read is not None:
            return _as_read(reference, found.read)
    for reference, found in pairs:
        if found.heard is not None:
            return _as_heard(reference, found.heard)
    return None


class _Excerpts:
    """A few loud seconds of each audible stem, cut once for all references."""

    def __init__(self, session: Session, spectra: CrossSpectra) -> None:
        self._session, self._spectra = session, spectra
        self.probes = Probes()
        self._cut: list[Audio] | None = None
        self._lock = threading.Lock()

    def __call__(self) -> list[Audio]:
        with self._lock:
            if self._cut is None:
                self._cut = [self._loud(place) for place in range(len(self._spectra.tracks))]
            return self._cut

    def _loud(self, place: int) -> Audio:
        """Return the beginning of the loudest segment of a track."""
        spectra = self._spectra
        stem = stems_of(self._session)(self._session.track(spectra.tracks[place]))
        power = np.einsum("sb->s", spectra.products[:, :, place, place])
        start_s = float(spectra.lengths[: int(power.argmax())].sum()) * self._session.duration_s
        start_s = max(min(start_s, stem.duration_s - EXCERPT_S), 0.0)
        return in_memory(stem.section(start_s, min(start_s + EXCERPT_S, stem.duration_s)))


def _looked_into(
    session: Session,
    reference: Reference,
    excerpts: _Excerpts,
    cache: Cache,
    contents: Contents,
    on_progress: OnProgress,
) -> _Looked:
    sound = _sound_of(reference)
    if sound is None:
        return _Looked()

    def looked() -> _Looked:
        stems = stems_of(session)
        share = part_of(on_progress, 0.0, 0.4)
        read = recover_from_reference(
            session, stems, sound, probes=excerpts.probes, on_progress=share
        )
        if read is not None:
            return _Looked(read=read)
        if not worth_hearing(excerpts(), sound):
            return _Looked()
        share = part_of(on_progress, 0.4, 1.0)
        return _Looked(heard=heard_balance(session, stems, sound, on_progress=share))

    hashes, own = contents_of(session, contents), contents(sound.path)
    key = None
    if hashes is not None and own is not None:
        strips = strips_of(session)
        key = key_of("known", session.sample_rate_hz, reference.section, own, *hashes, *strips)
    return remembered_value(cache, key, _Looked, looked)


def _sound_of(reference: Reference) -> AudioFile | None:
    """Return a reference's sound; of a folder of stems its `mix.*`, None where it has none."""
    if not reference.path.is_dir():
        return open_reference(reference)
    mix = mix_in(reference.path)
    return section_of_file(open_audio(mix), reference) if mix else None


def _as_read(reference: Reference, found: RecoveredFaders) -> KnownBalance:
    return KnownBalance(
        reference=reference.name,
        read_from="waveform",
        faders={
            f.track: _known(f) for f in found.faders if f.error_db is not None and not f.absent
        },
        absent=tuple(f.track for f in found.faders if f.absent),
    )


def _known(fader: RecoveredFader) -> KnownFader:
    error_db = fader.error_db or 0.0
    return KnownFader(
        fader_db=fader.fader_db,
        error_db=error_db,
        pan=fader.pan,
        pan_error=PAN_ERROR_PER_DB * error_db,
    )


def _as_heard(reference: Reference, found: HeardBalance) -> KnownBalance:
    return KnownBalance(
        reference=reference.name,
        read_from="spectra",
        faders={
            fader.track: KnownFader(
                fader_db=fader.fader_db,
                error_db=fader.error_db,
                pan=fader.pan,
                pan_error=fader.pan_error,
            )
            for fader in found.faders
        },
    )


def told(known: KnownBalance | None) -> tuple[str, ...]:
    """Return what the user should know of a reference that holds the session's tracks."""
    if known is None:
        return ()
    if known.read_from == "waveform":
        worst = max((fader.error_db for fader in known.faders.values()), default=0.0)
        said = (
            f"Reference {known.reference} is a mix of these very tracks: its faders and pans are offered as they are"
            f" ({len(known.faders)} tracks, to {max(worst, 0.1):.1f} dB)."
        )
        return (f"{said} Not in it: {', '.join(known.absent)}." if known.absent else said,)
    return (
        f"Reference {known.reference} holds the instruments of this session in other bars: its balance is what the faders"
        " and pans come near to.",
    )
