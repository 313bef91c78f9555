"""What the gain predictor is given of a session, and what it says; stems are looked at once, and kept by their content."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ama_analysis.advise.sessions import stems_of
from ama_analysis.audio import Sound
from ama_analysis.cache import NO_CACHE, Cache, Contents, key_of, remembered
from ama_analysis.measurements import MixProfile, SessionMeasurements
from ama_analysis.models.gain_pictures import Pictures, pictures_of
from ama_analysis.models.gain_predictor import Prediction, SeenStem, predictor_of
from ama_analysis.packed import pack, unpack
from ama_analysis.parallel import in_threads
from ama_analysis.progress import OnProgress, silent
from ama_analysis.session import Session, Track


def predictions_for(
    session: Session,
    measured: SessionMeasurements,
    *,
    style: str = "",
    reference: MixProfile | None = None,
    sound_of: Callable[[Track], Sound] | None = None,
    cache: Cache = NO_CACHE,
    contents: Contents | None = None,
    weights: Path | None = None,
) -> tuple[Prediction, ...]:
    """Return the predictions for a session's unmuted, audible tracks.

    `weights` is a file of one's own; `WeightsError` (AMA-902) where it cannot be used. Lets through what sounds raise.
    """
    predictor = predictor_of(weights)
    opened = sound_of or stems_of(session)
    tracks = [
        track for track in session.tracks if not track.silenced and track.id in measured.tracks
    ]

    def looked_at(track: Track, tick: OnProgress) -> Pictures:
        content = contents(track.path) if contents is not None else None
        rate = session.sample_rate_hz
        return remembered(
            cache,
            None if content is None else key_of("pictures", rate, content),
            lambda: pictures_of(opened(track), on_progress=tick),
            pack=lambda pictures: pack(None, levels=pictures.levels),
            unpack=_unpacked,
        )

    pictures = in_threads(
        tracks, looked_at, stage=lambda _: "looking at the stems", on_progress=silent
    )
    stems = [
        SeenStem(track=track, heard=measured.tracks[track.id], pictures=seen)
        for track, seen in zip(tracks, pictures, strict=True)
    ]
    return predictor.predictions(stems, style=style, reference=reference)


def _unpacked(data: bytes) -> Pictures | None:
    found = unpack(data)
    if found is None or "levels" not in found.arrays:
        return None
    return Pictures(levels=found.arrays["levels"])
