"""One stream of a `.stem.mp4` (Native Instruments' stem format, as MUSDB18 has it), decoded by PyAV."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ama_analysis.audio import Block
from ama_analysis.errors import AudioFileError


def stream_of(path: Path, stream: int) -> tuple[Block, int]:
    """Return (channels, frames) and the rate of an audio stream by its number; `AudioFileError` where the file has none or is damaged."""
    import av

    try:
        with av.open(str(path)) as container:
            streams = container.streams.audio
            if stream >= len(streams):
                message = f"{path} has no audio stream {stream}."
                raise AudioFileError(message, hint="A stem file has a mix and four stems.")
            chosen = streams[stream]
            resampler = av.AudioResampler(format="fltp")
            parts = [
                part.to_ndarray()
                for frame in container.decode(chosen)
                for part in resampler.resample(frame)
            ]
            rate = int(chosen.rate)
    except (av.FFmpegError, OSError) as error:
        message = f"{path} cannot be decoded ({error})."
        raise AudioFileError(message, hint="Get the file anew.") from error
    if not parts:
        message = f"Stream {stream} of {path} is empty."
        raise AudioFileError(message, hint="Get the file anew.", code="AMA-103")
    return np.concatenate(parts, axis=1, dtype=np.float32)[:2], rate
