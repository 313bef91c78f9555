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
