"""What `tools/bench.py` times, each as a program of its own: python tools/bench_commands.py NAME ARGUMENT..."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from ama_bridge.own_process import settle


def decode(*paths: str) -> None:
    """Decode files: the first floor."""
    from ama_analysis.audio import open_audio

    for path in paths:
        for _ in open_audio(Path(path)).blocks():
            pass


def decode_and_transform(*paths: str) -> None:
    """Decode files and take one short-time spectrum of each channel, half overlapping: the second floor."""
    import numpy as np
    from scipy import fft

    from ama_analysis.audio import open_audio
    from ama_analysis.measure.windows import Windows

    for path in paths:
        file = open_audio(Path(path))
        windows = Windows(channels=file.channels, size=8192, hop=4096, group=32)
        taper = np.hanning(8192).astype(np.float32)
        power = np.zeros((file.channels, 4097))
        for block in file.blocks():
            for group in windows.add(block):
                spectra = fft.rfft(group * taper, axis=2, workers=1)
                power += np.square(np.abs(spectra)).sum(axis=1)


def measure(*paths: str) -> None:
    """Every figure of files and of their pairs."""
    from ama_analysis.advise.sessions import session_from_paths, stems_of
    from ama_analysis.measure import measure_session

    session = session_from_paths([Path(path) for path in paths])
    measure_session(session, stems_of(session))


def measure_cached(cache_folder: str, *paths: str) -> None:
    """The same with a cache."""
    from ama_analysis.advise.sessions import session_from_paths, stems_of
    from ama_analysis.cache import Contents
    from ama_analysis.measure import measure_session
    from ama_bridge.cache_folder import CacheFolder

    session = session_from_paths([Path(path) for path in paths])
    cache = CacheFolder(Path(cache_folder), limit_bytes=1 << 28)
    contents = Contents(cache)
    measure_session(
        session, stems_of(session), cache=cache, content_of=lambda track: contents(track.path)
    )


def plain_pipeline(*paths: str) -> None:
    """Measure the same figures with pyloudnorm, librosa and scipy, whole files in memory: what a script of an afternoon does."""
    import librosa
    import numpy as np
    import pyloudnorm
    import soundfile
    from scipy import signal

    for path in paths:
        samples, rate = soundfile.read(path, always_2d=True)
        meter = pyloudnorm.Meter(rate)
        meter.integrated_loudness(samples)
        meter.loudness_range(samples)
        np.abs(signal.resample_poly(samples, 4, 1)).max()
        mid, side = samples.mean(axis=1), samples[:, 0] - samples[:, -1]
        for one in (samples[:, 0], samples[:, -1], mid, side):
            signal.welch(one, rate, nperseg=8192)
        mono = mid.astype(np.float32)
        spectrum = np.abs(librosa.stft(mono))
        feature = librosa.feature
        feature.rms(S=spectrum)
        feature.spectral_centroid(S=spectrum, sr=rate)
        feature.spectral_rolloff(S=spectrum, sr=rate)
        feature.spectral_bandwidth(S=spectrum, sr=rate)
        feature.zero_crossing_rate(mono)
        mel = feature.melspectrogram(S=spectrum**2, sr=rate)
        feature.mfcc(S=librosa.power_to_db(mel), n_mfcc=13)
        librosa.onset.onset_detect(
            onset_envelope=librosa.onset.onset_strength(S=librosa.power_to_db(mel), sr=rate),
            sr=rate,
        )


def matchering_job(mix: str, reference: str, out: str) -> None:
    """Match a mix to a reference with Matchering (for a Python that has it)."""
    import matchering

    matchering.process(target=mix, reference=reference, results=[matchering.pcm16(out)])


COMMANDS: dict[str, Callable[..., None]] = {
    one.__name__: one
    for one in (
        decode,
        decode_and_transform,
        measure,
        measure_cached,
        plain_pipeline,
        matchering_job,
    )
}

if __name__ == "__main__":
    settle()
    COMMANDS[sys.argv[1]](*sys.argv[2:])
