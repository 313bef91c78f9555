"""Three small stems that music could have: a kick, a bass and a hiss; a few seconds, always the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ama_analysis.audio import Audio, write_audio

RATE_HZ = 22_050
DURATION_S = 4.0


def write_song(folder: Path) -> dict[str, Path]:
    """Write kick.wav, bass.wav and hats.wav and return them by track id."""
    folder.mkdir(parents=True, exist_ok=True)
    t = np.arange(round(DURATION_S * RATE_HZ)) / RATE_HZ
    beat = t % 0.5
    rng = np.random.default_rng(7)
    sounds = {
        "kick": np.sin(2 * np.pi * 55.0 * beat) * np.exp(-beat * 18.0) * 0.8,
        "bass": np.sum([np.sin(2 * np.pi * 82.4 * n * t) / n for n in range(1, 6)], axis=0) * 0.1,
        "hats": rng.normal(0.0, 0.1, t.size) * np.exp(-((t % 0.25) * 40.0)),
    }
    files = {}
    for name, samples in sounds.items():
        files[name] = folder / f"{name}.wav"
        write_audio(files[name], Audio(samples[None].astype(np.float32), RATE_HZ))
    return files
