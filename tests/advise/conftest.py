"""A folder of short stems, as somebody might bounce them."""

from __future__ import annotations

import pytest

from ama_analysis.audio import write_audio
from tests.signals import sine


def write_tone(path, *, sample_rate_hz=44_100, duration_s=1.0, channels=2):
    write_audio(
        path,
        sine(220, duration_s=duration_s, sample_rate_hz=sample_rate_hz, channels=channels),
        subtype="PCM_16",
    )
    return path


@pytest.fixture
def folder(tmp_path):
    stems = tmp_path / "song"
    stems.mkdir()
    for name in ("bass.wav", "Drums.flac", "vox lead.aiff", "mix.wav", "Mix.flac", "master.wav"):
        write_tone(stems / name)
    (stems / "notes.txt").write_text("call the drummer")
    (stems / ".hidden.wav").write_bytes(b"")
    return stems
