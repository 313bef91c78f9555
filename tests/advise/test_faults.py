"""What no setting mends in a stem is told once, beside the plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ama_analysis.advise import advise, complete_session
from ama_analysis.audio import Audio, write_audio
from ama_analysis.session import track_of
from tests.signals import noise, silence, sine


def test_silent_and_clipped_stems_are_told_muted_ones_are_not(tmp_path):
    sounds = {
        "bass": sine(80.0),
        "gone": silence(),
        "hot": Audio(np.clip(80.0 * noise().samples, -1.0, 1.0), 48_000),
        "muted": silence(),
    }
    for name, sound in sounds.items():
        write_audio(tmp_path / f"{name}.wav", sound, subtype="PCM_16")
    tracks = [track_of(tmp_path / f"{name}.wav") for name in sounds]
    tracks[-1] = replace(tracks[-1], muted=True)
    plan = advise(complete_session("faults", tracks))
    silent, clipped = (one for one in plan.warnings if "gone" in one or "hot" in one)
    assert silent == "Nothing is to be heard in gone."
    assert clipped.startswith("Track hot is clipped: at ")
    assert "32-bit float" in clipped
    assert not any("muted" in one for one in plan.warnings)


def test_faults_are_told_by_the_name_that_a_daw_gives_and_not_by_its_id(tmp_path):
    for name, sound in {
        "a": sine(220.0),
        "b": sine(220.0),
        "c": sine(330.0),
        "d": silence(),
    }.items():
        write_audio(tmp_path / f"{name}.wav", sound, subtype="PCM_16")
    (tmp_path / "e.wav").write_bytes(b"RIFF")
    names = ("Piano", "Piano copy", "Organ", "Nothing", "Broken")
    tracks = [
        track_of(tmp_path / f"{file}.wav", track_id=str(place), name=name)
        for place, (file, name) in enumerate(zip("abcde", names, strict=True))
    ]
    warnings = advise(complete_session("faults", tracks)).warnings
    assert "Nothing is to be heard in Nothing." in warnings
    (same,) = (one for one in warnings if "the same sound" in one)
    assert same.startswith("Piano and Piano copy are the same sound, which counts 2 times")
    (broken,) = (one for one in warnings if "left out" in one)
    assert broken.startswith("Track Broken was left out: ")
