"""The stems of a session side by side, heard as the product hears them: in the pass in which they are mixed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ama_analysis.audio import Sound
from ama_analysis.cross_spectra import CrossSpectra
from ama_analysis.measure.together import TogetherMeter
from ama_analysis.render import Mixdown
from ama_analysis.session import Session, Track


def heard_together(
    session: Session, sound_of: Callable[[Track], Sound], tracks: Sequence[Track]
) -> CrossSpectra:
    """Return the products of these tracks of a session, each at unit gain."""
    meter = TogetherMeter(
        [track.id for track in tracks],
        sample_rate_hz=session.sample_rate_hz,
        frames=max(sound_of(track).frames for track in tracks),
    )
    mixdown = Mixdown(
        session=replace(session, tracks=tuple(tracks)),
        sound_of=sound_of,
        master=False,
        on_stems=meter.add,
    )
    for _ in mixdown.blocks():
        pass
    return meter.result()
