"""Sounds that do something on the way leave the samples as they are."""

from __future__ import annotations

import numpy as np

from ama_analysis.advise.listening import Reported, Watched
from ama_analysis.audio import Audio, in_memory, read_audio
from ama_analysis.audio.writing import audio_writer
from tests.signals import noise


def test_a_watched_sound_knows_its_loudest_part_and_writes_itself(tmp_path):
    quiet, loud = noise(duration_s=4.0, rms_dbfs=-40.0), noise(duration_s=3.0, rms_dbfs=-10.0)
    song = Audio(np.concatenate((quiet.samples, loud.samples, quiet.samples), axis=1), 48_000)
    with audio_writer(tmp_path / "copy.wav", sample_rate_hz=48_000, subtype="FLOAT") as writer:
        watched = Watched(song, writer)
        in_memory(watched)
    assert watched.loudest_part_s(3.0) == (4.0, 7.0)
    assert watched.loudest_part_s(60.0) == (0.0, 11.0)
    assert np.array_equal(read_audio(tmp_path / "copy.wav").samples, song.samples)


def test_progress_is_told_after_each_block():
    seen = []
    in_memory(Reported(noise(duration_s=2.0), "mixing", lambda f, stage: seen.append((f, stage))))
    assert seen[-1] == (1.0, "mixing")
    assert [f for f, _ in seen] == sorted(f for f, _ in seen)
