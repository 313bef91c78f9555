"""Stems and sessions for tests of the helpers."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ama_analysis.audio import Audio, write_audio
from ama_analysis.measure import measure_sound
from ama_analysis.models.gain_pictures import pictures_of
from ama_analysis.models.gain_predictor import SeenStem
from ama_analysis.session import track_of
from tests.signals import noise, sine

RATE_HZ = 22_050


def sounds() -> dict[str, Audio]:
    """Return four stems of two seconds that sound different."""
    given = {
        "bass": sine(70.0, duration_s=2.0, sample_rate_hz=RATE_HZ),
        "hihat": noise(rms_dbfs=-30.0, duration_s=2.0, sample_rate_hz=RATE_HZ, channels=1, seed=3),
        "vocals": sine(440.0, level_dbfs=-12.0, duration_s=2.0, sample_rate_hz=RATE_HZ),
        "pad": noise(duration_s=2.0, sample_rate_hz=RATE_HZ, pink=True, seed=4),
    }
    gate = (np.arange(2 * RATE_HZ) % (RATE_HZ // 4) < RATE_HZ // 8).astype(np.float32)
    given["hihat"] = Audio(given["hihat"].samples * gate, RATE_HZ)
    return given


def louder(audio: Audio, gain_db: float) -> Audio:
    """Return a sound with a gain."""
    return Audio((audio.samples * 10.0 ** (gain_db / 20.0)).astype(np.float32), RATE_HZ)


def seen(name: str, audio: Audio) -> SeenStem:
    """Return a stem as the predictor gets it."""
    return SeenStem(
        track=track_of(Path(f"{name}.wav")),
        heard=measure_sound(audio),
        pictures=pictures_of(audio),
    )


def written(folder: Path, gains_db: dict[str, float] | None = None) -> dict[str, Path]:
    """Write the stems with gains and return their files."""
    paths = {}
    for name, audio in sounds().items():
        paths[name] = folder / f"{name}.wav"
        moved = louder(audio, (gains_db or {}).get(name, 0.0))
        write_audio(paths[name], moved, subtype="FLOAT")
    return paths
