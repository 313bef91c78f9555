"""Stems that Ardour bounced behind fader and panner, as what they were before: both are known, so both are taken off again.

Then nothing else needs to know: a track has its true fader and pan, and what is suggested for them is where they are to go. The stem becomes an
edit list of the bounced file with the inverse gain on each channel; of a mono track the louder side is taken. What a fader or a balance turned
down by 60 dB and more is not brought back: that channel stays silent, or the track is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from ama_analysis.advise import ExportedTrack, LeftOut, SessionDocument
from ama_analysis.audio import AudioFile, EditList, Part, Source, open_audio
from ama_analysis.errors import AudioFileError
from ama_bridge.daw.ardour import pan_law

LOWEST_GAIN: Final = 1e-3
"""-60 dB: below it, what is brought back would be noise."""
TAKEN_OFF: Final = "The stems were taken behind fader and pan; AMA took both off again."
SHUT: Final = "its fader is shut, so that its stem is silent"

WriteStem: TypeAlias = Callable[[ExportedTrack, EditList], Path]


def before_faders(document: SessionDocument, write_stem: WriteStem) -> SessionDocument:
    """Return the document of stems before their faders; `write_stem` keeps an edit list and returns where.

    Stems that cannot be read stay as they are: whoever opens them says why.
    """
    tracks: list[ExportedTrack] = []
    left_out = list(document.left_out)
    for track in document.tracks:
        try:
            file = open_audio(document.folder / track.stem)
        except AudioFileError:
            tracks.append(track)
            continue
        edits = _undone(track, file)
        if edits is None:
            left_out.append(LeftOut(name=track.name, reason=SHUT))
        else:
            tracks.append(replace(track, stem=str(write_stem(track, edits))))
    return replace(document, bounced="post_effects", tracks=tuple(tracks), left_out=tuple(left_out))


def _undone(track: ExportedTrack, file: AudioFile) -> EditList | None:
    """Return a stem without its fader and pan, None where the fader let nothing through."""
    fader = pan_law.coefficient(track.fader_db)
    if file.channels == 1:
        return _turned_up(file, [0], [fader])
    if track.channels == 1:
        sides = pan_law.mono_gains(pan_law.azimuth_of(track.pan))
        louder = sides.index(max(sides))
        return _turned_up(file, [louder], [fader * sides[louder]])
    left, right = 1.0 - max(track.pan, 0.0), 1.0 + min(track.pan, 0.0)
    return _turned_up(file, [0, 1], [fader * left, fader * right])


def _turned_up(file: AudioFile, channels: Sequence[int], gains: Sequence[float]) -> EditList | None:
    """Return channels of a file that were turned down by these gains, as they were before; None where nothing is left of them."""
    if max(gains) < LOWEST_GAIN:
        return None
    state = file.path.stat()
    part = Part(
        sources=tuple(
            Source(
                path=file.path.absolute(),
                channel=channel,
                bytes=state.st_size,
                changed_ns=state.st_mtime_ns,
            )
            for channel in channels
        ),
        at_frame=0,
        skip_frames=0,
        frames=file.file_frames,
        gains=tuple(1.0 / gain if gain >= LOWEST_GAIN else 0.0 for gain in gains),
    )
    return EditList(
        sample_rate_hz=file.file_rate_hz,
        channels=len(channels),
        frames=file.file_frames,
        parts=(part,),
    )
