"""The sound of a stem to learn from."""

from __future__ import annotations

from ama_analysis.audio import Audio, AudioFile, Sound, in_memory, open_audio
from ama_analysis.models.training.material import LearnedTrack
from ama_analysis.models.training.stem_streams import stream_of


def sound_of(track: LearnedTrack) -> Sound:
    """Return a track's stem; a stream of a `.stem.mp4` is decoded into memory."""
    if track.stream is None:
        return open_audio(track.path)
    samples, rate = stream_of(track.path, track.stream)
    return Audio(samples, rate)


def opening_of(track: LearnedTrack, longest_s: float) -> Audio:
    """Return a track's stem from its start, so many seconds of it at most."""
    whole = sound_of(track)
    if isinstance(whole, AudioFile):
        return in_memory(whole.section(0.0, min(whole.duration_s, longest_s)))
    heard = in_memory(whole)
    return Audio(heard.samples[:, : round(longest_s * heard.sample_rate_hz)], heard.sample_rate_hz)
