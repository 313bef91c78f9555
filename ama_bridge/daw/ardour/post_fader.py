"""Stems that Ardour bounced behind the fader, as what they were before: the fader is known, so it is taken off again.

Then nothing else needs to know: a track has its true fader, and what is suggested for it is where it is to go. The stem becomes an edit list of
the bounced file with the inverse gain. Ardour's panner belongs to a track's outputs, at which every bounce stops: the fader is in such a stem,
the pan is not (measured on 7.3, tests/daw/ardour/test_mix_parity.py). A fader below -60 dB is not brought back: that track is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeAlias

from ama_analysis.advise import ExportedTrack, LeftOut, SessionDocument
from ama_analysis.audio import AudioFile, EditList, Part, Source, open_audio
from ama_analysis.errors import AudioFileError
from ama_bridge.daw.ardour import pan_law

LOWEST_GAIN: Final = 1e-3
"""-60 dB: below it, what is brought back would be noise."""
TAKEN_OFF: Final = "The stems were taken behind the faders; AMA took these off again."

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
            left_out.append(LeftOut(name=track.name, reason="its fader is shut, so that its stem is silent"))  # fmt: skip
        else:
            tracks.append(replace(track, stem=str(write_stem(track, edits))))
    return replace(document, bounced="post_effects", tracks=tuple(tracks), left_out=tuple(left_out))


def _undone(track: ExportedTrack, file: AudioFile) -> EditList | None:
    """Return a stem without its fader, None where the fader let nothing through."""
    fader = pan_law.coefficient(track.fader_db)
    if fader < LOWEST_GAIN:
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
            for channel in range(file.channels)
        ),
        at_frame=0,
        skip_frames=0,
        frames=file.file_frames,
        gains=(1.0 / fader,) * file.channels,
    )
    return EditList(
        sample_rate_hz=file.file_rate_hz,
        channels=file.channels,
        frames=file.file_frames,
        parts=(part,),
    )
