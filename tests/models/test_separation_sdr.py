"""The script that measures separation, on a song whose parts and estimates are known."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ama_analysis.audio import Audio, Block, write_audio

RATE_HZ = 8_000
DB_TOLERANCE = 0.01
"""Files of 24 bits."""


class Half:
    """Takes half the mix for the voice, whatever it holds."""

    targets = ("vocals", "drums")
    sample_rate_hz = RATE_HZ

    def parts_of(self, samples: Block, tick: Any) -> Any:
        return np.stack((samples * np.float32(0.5), samples * np.float32(0.25)))


@pytest.fixture(scope="module")
def script() -> Iterator[Any]:
    path = Path(__file__).resolve().parents[2] / "tools" / "separation_sdr.py"
    spec = importlib.util.spec_from_file_location("separation_sdr", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    song = tmp_path / "test" / "A Song"
    song.mkdir(parents=True)
    noise = np.random.default_rng(4).normal(0.0, 0.05, (2, RATE_HZ * 5)).astype(np.float32)
    write_audio(song / "mixture.wav", Audio(noise, RATE_HZ))
    write_audio(song / "vocals.wav", Audio(noise * np.float32(0.4), RATE_HZ))
    return tmp_path


def test_sdr_is_the_energy_of_the_stem_against_that_of_the_error(script: Any, folder: Path) -> None:
    (song,) = script.songs_in(folder)
    (score,) = script.scores_of(song, Half())
    assert (score.song, score.part) == ("A Song", "vocals")
    assert score.sdr_db == pytest.approx(20.0 * np.log10(0.4 / 0.1), abs=DB_TOLERANCE)
    assert score.mix_sdr_db == pytest.approx(20.0 * np.log10(0.4 / 0.6), abs=DB_TOLERANCE)
