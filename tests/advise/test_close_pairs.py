"""Two microphones on one kick, and a kick that a bass should make room for, all the way from the files to the plan."""

from __future__ import annotations

import numpy as np

from ama_analysis.advise import advise, session_from_paths
from ama_analysis.audio import Audio, write_audio
from ama_analysis.plan import Polarity, Sidechain
from tests.signals import noise

RATE_HZ = 48_000
DELAY_MS = 1.25
NEARLY_MS = 0.02
"""One sample at 48 kHz."""


def hits(freq_hz: float, *, every_s: float = 0.5, duration_s: float = 8.0) -> Audio:
    """Return decaying hits of a low tone with a click, as a kick has them."""
    t = np.arange(round(every_s * RATE_HZ)) / RATE_HZ
    click = np.random.default_rng(3).standard_normal(t.size) * np.exp(-t * 400.0) * 0.3
    one = 0.6 * (np.sin(2 * np.pi * freq_hz * t) * np.exp(-t * 14.0) + click)
    tiled = np.tile(one, round(duration_s / every_s)).astype(np.float32)
    return Audio(np.stack((tiled, tiled)), RATE_HZ)


def test_a_second_microphone_is_lined_up(tmp_path):
    inside = hits(55.0)
    late = round(DELAY_MS / 1000.0 * RATE_HZ)
    outside = -0.7 * np.pad(inside.samples, ((0, 0), (late, 0)))[:, : inside.frames]
    write_audio(tmp_path / "Kick In.wav", inside)
    write_audio(tmp_path / "Kick Out.wav", Audio(outside.astype(np.float32), RATE_HZ))
    write_audio(tmp_path / "Keys.wav", noise(duration_s=8.0, pink=True, rms_dbfs=-30.0))
    plan = advise(session_from_paths([tmp_path]))
    found = [s for s in plan.suggestions if isinstance(s.action, Polarity)]
    assert [s.track for s in found] == ["Kick In"]
    action = found[0].action
    assert isinstance(action, Polarity)
    assert action.invert
    assert abs(action.delay_ms - DELAY_MS) <= NEARLY_MS
    assert "opposite polarity" in found[0].because
    assert "1.2" in found[0].because


def test_a_bass_under_a_kick_gets_a_side_chain(tmp_path):
    write_audio(tmp_path / "Kick.wav", hits(60.0))
    t = np.arange(8 * RATE_HZ) / RATE_HZ
    bass = (0.3 * np.sin(2 * np.pi * 61.0 * t) + 0.05 * np.sin(2 * np.pi * 122.0 * t)).astype("f")
    write_audio(tmp_path / "Bass.wav", Audio(np.stack((bass, bass)), RATE_HZ))
    write_audio(tmp_path / "Keys.wav", noise(duration_s=8.0, pink=True, rms_dbfs=-30.0))
    plan = advise(session_from_paths([tmp_path]))
    found = [s for s in plan.suggestions if isinstance(s.action, Sidechain)]
    assert [s.track for s in found] == ["Bass"]
    assert isinstance(found[0].action, Sidechain)
    assert found[0].action.trigger == "Kick"
