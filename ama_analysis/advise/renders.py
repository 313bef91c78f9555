"""The renders behind a plan: the mix with the tracks' suggestions on a spool file, and what is measured of it and of the finished mix.

What was measured of a render is kept by the content of the stems and by every setting; the spool is written only where something must be measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.advise.keys import contents_of, strips_of
from ama_analysis.advise.listening import Reported, Watched
from ama_analysis.advise.sessions import stems_of
from ama_analysis.audio import AudioFile, audio_writer, open_audio
from ama_analysis.cache import Cache, Contents, key_of, remembered
from ama_analysis.envelope import Envelope
from ama_analysis.measure import measure_mix
from ama_analysis.measure.envelope import measure_envelope
from ama_analysis.measurements import MixProfile
from ama_analysis.packed import pack, remembered_value, unpack
from ama_analysis.plan import Suggestion
from ama_analysis.progress import OnProgress, silent
from ama_analysis.render import Mixdown, bus_sound
from ama_analysis.session import Session

ENVELOPE_S: Final = 90.0
"""Of a longer mix the loudest part of this length is looked at for compressor and limiter."""
_STEPS: Final = ("peak", "peak_at", "power", "k_power")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spool:
    """The mix before the master bus on a file, with these suggestions for tracks; its profile (None for silence), and where it is loudest."""

    tracks: tuple[Suggestion, ...]
    sound: AudioFile
    profile: MixProfile | None
    loudest_part_s: tuple[float, float]


class Renders:
    """One session's renders, in a folder that lasts as long as the work."""

    def __init__(self, session: Session, folder: Path, cache: Cache, contents: Contents) -> None:
        """Render nothing yet."""
        self._session, self._folder = session, folder
        self._cache, self._contents = cache, contents
        self._written: _Spool | None = None

    def mix(self, tracks: Sequence[Suggestion], on_progress: OnProgress) -> MixProfile | None:
        """Return the profile of the mix with these suggestions for tracks, before the master bus."""
        return remembered_value(
            self._cache,
            self._key("mix", tracks),
            MixProfile | None,
            lambda: self._spool(tracks, on_progress).profile,
        )

    def finished(
        self,
        tracks: Sequence[Suggestion],
        master: Sequence[Suggestion],
        on_progress: OnProgress,
    ) -> MixProfile | None:
        """Return the profile of the finished mix."""

        def measured() -> MixProfile | None:
            sound = bus_sound(self._spool(tracks).sound, master)
            return measure_mix(Reported(sound, "listening to the finished mix", on_progress))

        key = self._key("finished", (*tracks, *master))
        return remembered_value(self._cache, key, MixProfile | None, measured)

    def envelope(self, tracks: Sequence[Suggestion], bus: Sequence[Suggestion]) -> Envelope:
        """Return the envelope of the mix (of the loudest part of a long one) behind these suggestions for the bus."""

        def measured() -> Envelope:
            spool = self._spool(tracks)
            sound = spool.sound
            if sound.duration_s > ENVELOPE_S:
                sound = sound.section(*spool.loudest_part_s)
            return measure_envelope(bus_sound(sound, bus))

        return remembered(
            self._cache,
            self._key("envelope", (*tracks, *bus)),
            measured,
            pack=_packed,
            unpack=_unpacked,
        )

    def _key(self, kind: str, suggestions: Iterable[Suggestion]) -> str | None:
        """Return the key of a render: every stem's content, every strip's state, every setting in its order."""
        hashes = contents_of(self._session, self._contents)
        if hashes is None:
            return None
        settings = [f"{s.track} {s.action!r}" for s in suggestions]
        strips = strips_of(self._session)
        return key_of(kind, self._session.sample_rate_hz, *hashes, *strips, *settings)

    def _spool(self, tracks: Sequence[Suggestion], on_progress: OnProgress = silent) -> _Spool:
        """Return the mix with these suggestions for tracks on the spool file, which is written where it holds another one."""
        if self._written is None or not _same(self._written.tracks, tracks):
            self._written = None
            self._written = self._spooled(tuple(tracks), on_progress)
        return self._written

    def _spooled(self, tracks: tuple[Suggestion, ...], on_progress: OnProgress) -> _Spool:
        path, rate = self._folder / "mix.w64", self._session.sample_rate_hz
        mixdown = Mixdown(
            session=self._session,
            suggestions=tracks,
            sound_of=stems_of(self._session),
            master=False,
        )
        with audio_writer(path, sample_rate_hz=rate, subtype="FLOAT") as writer:
            watched = Watched(mixdown, writer)
            profile = measure_mix(Reported(watched, "mixing with the suggestions", on_progress))
        return _Spool(
            tracks=tracks,
            sound=open_audio(path),
            profile=profile,
            loudest_part_s=watched.loudest_part_s(ENVELOPE_S),
        )


def _same(one: Sequence[Suggestion], other: Sequence[Suggestion]) -> bool:
    """Return whether two lots of suggestions sound alike."""
    return [(s.track, s.action) for s in one] == [(s.track, s.action) for s in other]


def _packed(envelope: Envelope) -> bytes:
    arrays = {name: getattr(envelope, name) for name in _STEPS}
    return pack([envelope.step_s, envelope.between_db], **arrays)


def _unpacked(data: bytes) -> Envelope | None:
    packed = unpack(data)
    if packed is None or set(packed.arrays) != set(_STEPS):
        return None
    match packed.document:
        case [float(step_s), float(between_db)]:
            return Envelope(step_s=step_s, between_db=between_db, **packed.arrays)
        case _:
            return None
