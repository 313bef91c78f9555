"""The mix as it stands, and all tracks together: heard in one pass through the stems, and kept by their content."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ama_analysis.advise.keys import contents_of, strips_of
from ama_analysis.advise.listening import Reported, Watched, loudest_part_s
from ama_analysis.advise.sessions import stems_of
from ama_analysis.cache import Cache, Contents, key_of
from ama_analysis.cross_spectra import CrossSpectra
from ama_analysis.measure import measure_mix
from ama_analysis.measure.together import TogetherMeter
from ama_analysis.measurements import MixProfile
from ama_analysis.packed import Packed, pack_value, unpack, value_of
from ama_analysis.progress import OnProgress
from ama_analysis.render import Mixdown
from ama_analysis.session import Session, Track


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


_ARRAYS = ("products", "lengths", "samples", "sample_bands", "sample_segments")


def beginning_of(
    session: Session,
    *,
    together: bool,
    cache: Cache,
    contents: Contents,
    on_progress: OnProgress,
) -> Beginning:
    """Listen to the mix as it stands, with `together` to the cross-spectra of its unmuted tracks too, or recall both.

    Lets through what the stems' sounds and `on_progress` raise.
    """
    heard = [track for track in session.tracks if not track.muted]
    hashes, rate = contents_of(session, contents), session.sample_rate_hz
    mix_key = spectra_key = None
    if hashes is not None:
        mix_key = key_of("beginning", rate, *hashes, *strips_of(session))
        own = [one for t, one in zip(session.tracks, hashes, strict=True) if not t.muted]
        spectra_key = key_of("together", rate, *own) if together and heard else None
    packed = _recalled(cache, mix_key)
    mix = None if packed is None else value_of(packed, Beginning)
    spectra = _recalled_spectra(cache, spectra_key, heard)
    if mix is not None and (spectra is not None or not together):
        return replace(mix, spectra=spectra)
    meter = _meter(session, heard) if together and spectra is None and heard else None
    found = _heard(session, meter, on_progress)
    if meter is not None:
        found = replace(found, spectra=meter.result())
        _keep_spectra(cache, spectra_key, found.spectra)
    else:
        found = replace(found, spectra=spectra)
    if mix_key is not None:
        cache.put(mix_key, pack_value(replace(found, spectra=None), Beginning))
    return found


def _meter(session: Session, heard: list[Track]) -> TogetherMeter:
    frames = max(stems_of(session)(track).frames for track in heard)
    return TogetherMeter(
        [track.id for track in heard], sample_rate_hz=session.sample_rate_hz, frames=frames
    )


def _heard(session: Session, meter: TogetherMeter | None, on_progress: OnProgress) -> Beginning:
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
    )


def _recalled(cache: Cache, key: str | None) -> Packed | None:
    data = None if key is None else cache.get(key)
    return None if data is None else unpack(data)


def _recalled_spectra(cache: Cache, key: str | None, heard: list[Track]) -> CrossSpectra | None:
    packed = _recalled(cache, key)
    if packed is None or set(packed.arrays) != set(_ARRAYS):
        return None
    return CrossSpectra(tracks=tuple(track.id for track in heard), **packed.arrays)


def _keep_spectra(cache: Cache, key: str | None, spectra: CrossSpectra | None) -> None:
    if key is not None and spectra is not None:
        arrays = {name: getattr(spectra, name) for name in _ARRAYS}
        cache.put(key, pack_value([], list[str], **arrays))
