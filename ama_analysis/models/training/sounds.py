"""The sound of a stem to learn from."""

from __future__ import annotations

from ama_analysis.audio import Audio, Sound, open_audio
from ama_analysis.models.training.material import LearnedTrack
from ama_analysis.models.training.stem_streams import stream_of


def sound_of(track: LearnedTrack) -> Sound:
    """Return a track's stem; a stream of a `.stem.mp4` is decoded into memory."""
    if track.stream is None:
        return open_audio(track.path)
    samples, rate = stream_of(track.path, track.stream)
    return Audio(samples, rate)
