"""Other people's loudness meters, fed with our arrays: libebur128 (the wheel pyebur128) and FFmpeg's ebur128 filter (through PyAV)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ama_analysis.audio import Audio, Block, as_stereo


@dataclass(frozen=True)
class Independent:
    integrated_lufs: float
    loudness_range_lu: float
    true_peak_dbtp: float


def libebur128(stereo: Block, rate_hz: int) -> Independent:
    """Return libebur128's figures of a stereo sound."""
    import pyebur128

    mode = pyebur128.MeasurementMode
    state = pyebur128.R128State(2, rate_hz, mode.MODE_I | mode.MODE_LRA | mode.MODE_TRUE_PEAK)
    state.add_frames(np.ascontiguousarray(stereo.T).ravel(), stereo.shape[1])
    peak = max(pyebur128.get_true_peak(state, channel) for channel in range(2))
    return Independent(
        integrated_lufs=pyebur128.get_loudness_global(state),
        loudness_range_lu=pyebur128.get_loudness_range(state),
        true_peak_dbtp=20.0 * math.log10(peak),
    )


def ffmpeg_range_lu(audio: Audio) -> float:
    """Return the loudness range that FFmpeg reports."""
    import av

    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=audio.sample_rate_hz, format="flt", layout="stereo")
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    found: dict[str, str] = {}
    samples, at = as_stereo(audio.samples).T, 0
    while at < samples.shape[0]:
        part = np.ascontiguousarray(samples[at : at + 4096])
        frame = av.AudioFrame.from_ndarray(part.reshape(1, -1), format="flt", layout="stereo")
        frame.sample_rate, frame.pts = audio.sample_rate_hz, at
        source.push(frame)
        _drain(sink, found)
        at += part.shape[0]
    source.push(None)
    _drain(sink, found)
    return float(found["lavfi.r128.LRA"])


def _drain(sink: object, found: dict[str, str]) -> None:
    import av

    while True:
        try:
            frame = sink.pull()  # type: ignore[attr-defined]  # PyAV's filter contexts have no common type
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        found.update(frame.metadata)
