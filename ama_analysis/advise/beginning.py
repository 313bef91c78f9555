"""The mix as it stands, and all tracks together: heard in one pass through the stems, and kept by their content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from ama_analysis.advise.keys import contents_of, strips_of
from ama_analysis.advise.listening import Reported, Watched, loudest_part_s
from ama_analysis.advise.sessions import stems_of
from ama_analysis.cache import Cache, Contents, key_of, recalled
from ama_analysis.cross_spectra import CrossSpectra
from ama_analysis.measure import measure_mix
from ama_analysis.measure.together import TogetherMeter
from ama_analysis.measurements import MixProfile
from ama_analysis.packed import pack_value, unpack, value_in
from ama_analysis.progress import OnProgress
from ama_analysis.render import Mixdown
from ama_analysis.session import Session, Track
from ama_analysis.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """The mix before any suggestion: its profile (None for silence), its energy second by second, and the unmuted tracks together."""

    profile: MixProfile | None
    energies: tuple[float, ...]
    duration_s: float
    spectra: CrossSpectra | None = None

    def loudest_part_s(self, length_s: float) -> tuple[float, float]:
        """Return start and stop of the loudest stretch of about `length_s`."""
        return loudest_part_s(self.energies, length_s, self.duration_s)


_SHARE_TOGETHER: Final = 0.4
_SHARE_ALONE: Final = 0.2
"""What hearing all tracks at once costs against measuring them (measured on sixteen)."""
_ARRAYS: Final = ("products", "lengths", "samples", "sample_bands", "sample_segments")


def beginning_task(
    session: Session, *, together: bool, cache: Cache, contents: Contents
) -> Task[Beginning]:
    """Return the task of listening to the mix as it stands, with `together` to the cross-spectra of its unmuted tracks too.

    The mix is kept under all that it follows from, the cross-spectra under the stems alone: after a move of a fader they are recalled.
    """
    heard = [track for track in session.tracks if not track.muted]

    def keys() -> tuple[str | None, str | None]:
        hashes, rate = contents_of(session, contents), session.sample_rate_hz
        if hashes is None:
            return None, None
        own = [one for t, one in zip(session.tracks, hashes, strict=True) if not t.muted]
        mix = key_of("beginning", rate, *hashes, *strips_of(session))
        return mix, key_of("together", rate, *own) if together and heard else None

    def recall() -> Beginning | Task[Beginning] | None:
        mix_key, spectra_key = keys()
        mix: Beginning | None = recalled(cache, mix_key, partial(value_in, hint=Beginning))
        spectra = recalled(cache, spectra_key, partial(_spectra_of, heard))
        if mix is not None and (spectra is not None or not (together and heard)):
            return replace(mix, spectra=spectra)
        return None if spectra is None else task(spectra)

    def task(spectra: CrossSpectra | None) -> Task[Beginning]:
        def keep(made: Beginning) -> Beginning:
            mix_key, spectra_key = keys()
            if mix_key is not None:
                cache.put(mix_key, pack_value(replace(made, spectra=None), Beginning))
            if spectra is not None:
                return replace(made, spectra=spectra)
            if spectra_key is not None and made.spectra is not None:
                cache.put(spectra_key, _packed_spectra(made.spectra))
            return made

        meant = together and bool(heard) and spectra is None
        share = _SHARE_TOGETHER if meant else _SHARE_ALONE
        cost_s = share * session.duration_s * len(session.tracks)
        return Task(make=partial(_heard, session, meant), cost_s=cost_s, recall=recall, keep=keep)

    return task(None)


def _heard(session: Session, together: bool, on_progress: OnProgress) -> Beginning:  # noqa: FBT001  # bound by position
    meter = None
    if together:
        heard = [track for track in session.tracks if not track.muted]
        frames = max(stems_of(session)(track).frames for track in heard)
        ids = [track.id for track in heard]
        meter = TogetherMeter(ids, sample_rate_hz=session.sample_rate_hz, frames=frames)
    mixdown = Mixdown(
        session=session,
        sound_of=stems_of(session),
        master=False,
        on_stems=None if meter is None else meter.add,
    )
    watched = Watched(mixdown)
    profile = measure_mix(Reported(watched, "listening to the mix as it is", on_progress))
    return Beginning(
        profile=profile,
        energies=tuple(watched.energies),
        duration_s=mixdown.frames / mixdown.sample_rate_hz,
        spectra=None if meter is None else meter.result(),
    )


def _packed_spectra(spectra: CrossSpectra) -> bytes:
    return pack_value([], list[str], **{name: getattr(spectra, name) for name in _ARRAYS})


def _spectra_of(heard: list[Track], data: bytes) -> CrossSpectra | None:
    packed = unpack(data)
    if packed is None or set(packed.arrays) != set(_ARRAYS):
        return None
    return CrossSpectra(tracks=tuple(track.id for track in heard), **packed.arrays)
