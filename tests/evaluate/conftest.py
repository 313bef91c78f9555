"""A made-up suite: two sessions of two tracks and three seconds, one with a mix file and one without, and a reference."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.audio import Audio, write_audio
from ama_analysis.evaluate.balance import Strip

RATE_HZ = 44_100
DURATION_S = 3.0
HUMAN = {
    "drums": Strip(gain_db=-3.0, pan=0.25),
    "pad": Strip(gain_db=-12.0, pan=-0.5),
}


def made_stems(seed: int) -> dict[str, Audio]:
    """Return a mono thump with a hiss and a stereo chord."""
    t = np.arange(round(DURATION_S * RATE_HZ)) / RATE_HZ
    random = np.random.default_rng(seed)
    beat = t % 0.375
    drums = 0.6 * np.sin(2 * np.pi * 60.0 * beat) * np.exp(-beat * 15.0)
    drums += random.normal(0.0, 0.05, t.size) * np.exp(-((t % 0.1875) * 30.0))
    chord = [np.sin(2 * np.pi * f * t + seed) for f in (220.0, 277.2, 329.6, 880.0, 1760.0)]
    left = np.sum(chord, axis=0) * 0.06
    right = np.sum([np.roll(one, 400) for one in chord], axis=0) * 0.05
    return {
        "drums": Audio(drums[None].astype(np.float32), RATE_HZ),
        "pad": Audio(np.stack((left, right)).astype(np.float32), RATE_HZ),
    }


def human_sum(stems: dict[str, Audio]) -> Audio:
    """Return the human's mix by the formula of session.json."""
    mix = np.zeros((2, stems["drums"].frames))
    for name, strip in HUMAN.items():
        left, right = strip.factors()
        mix += np.array([[left], [right]]) * stems[name].samples
    return Audio(mix.astype(np.float32), RATE_HZ)


def write_session(folder: Path, seed: int, *, mix: str | None) -> None:
    """Write a session folder."""
    folder.mkdir(parents=True)
    stems = made_stems(seed)
    for name, audio in stems.items():
        write_audio(folder / f"{name}.wav", audio, subtype="FLOAT")
    if mix:
        write_audio(folder / mix, human_sum(stems), subtype="FLOAT")
    rows = [
        {"file": f"{name}.wav", "name": name, "gain_db": strip.gain_db, "pan": strip.pan}
        for name, strip in HUMAN.items()
    ]
    document = {"name": folder.name, "tracks": rows, "mix": {"file": mix, "mix_gain_db": 0.0}}
    (folder / "session.json").write_text(json.dumps(document), encoding="utf-8")


@pytest.fixture(scope="session")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the two sessions, `first` (with a mix file) and `second`."""
    folder = tmp_path_factory.mktemp("suite")
    write_session(folder / "first", 1, mix="mix.wav")
    write_session(folder / "second", 2, mix=None)
    return folder


@pytest.fixture(scope="session")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a finished track: noise that falls by 3 dB an octave, a little wide."""
    frames = round(DURATION_S * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(5).standard_normal((2, frames)))
    freq_hz = np.fft.rfftfreq(frames, 1.0 / RATE_HZ)
    spectrum *= np.where(freq_hz > 20.0, 1.0 / np.sqrt(np.maximum(freq_hz, 20.0)), 0.0)
    mid, side = np.fft.irfft(spectrum, frames)
    samples = np.stack((mid + 0.3 * side, mid - 0.3 * side))
    samples *= 0.1 / np.sqrt(np.mean(samples**2))
    path = tmp_path_factory.mktemp("songs") / "song.wav"
    write_audio(path, Audio(samples.astype(np.float32), RATE_HZ), subtype="FLOAT")
    return path
