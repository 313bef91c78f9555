"""Stems of a made session."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.daw.ardour.translate.made import RATE


@pytest.fixture(scope="module")
def stems(tmp_path_factory) -> Path:
    """A mono and a stereo stem, and hits to listen to."""
    folder: Path = tmp_path_factory.mktemp("stems")
    rng = np.random.default_rng(2)
    swell = 0.2 * (1.0 + np.sin(np.arange(3 * RATE) * 9.0 / RATE))[:, None]
    soundfile.write(folder / "mono.wav", rng.standard_normal((3 * RATE, 1)) * swell * 0.4, RATE)
    soundfile.write(folder / "stereo.wav", rng.standard_normal((3 * RATE, 2)) * swell * 0.4, RATE)
    hits = (np.arange(3 * RATE) % (RATE // 2) < 2000)[:, None] * rng.standard_normal((3 * RATE, 1))
    soundfile.write(folder / "hits.wav", 0.3 * hits, RATE)
    return folder
