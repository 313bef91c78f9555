"""A made band for dynamics: hits over a bed that swells, and what a plugin really does to it."""

from __future__ import annotations

import numpy as np

from ama_analysis.audio import Audio, Sound, in_memory
from ama_analysis.measure import measure_mix
from ama_analysis.measurements import MixProfile
from ama_analysis.plan import Compressor, Limiter
from ama_analysis.render import Chained
from ama_analysis.render.plugins import settings_of
from tests.signals import noise

RATE = 44_100
HIT_RISE_S = 0.01
"""A hit takes so long to rise; one that began with its peak would pass any compressor."""


def band(
    *,
    hits_db: float = 0.0,
    swell_db: float = 3.0,
    duration_s: float = 16.0,
    rise_s: float = HIT_RISE_S,
    seed: int = 3,
) -> Audio:
    """Return stereo music-like noise: a bed at -26 dBFS that swells by +-`swell_db`, a bass note and hits every 0.4 s."""
    frames = round(duration_s * RATE)
    t = np.arange(frames) / RATE
    bed = noise(rms_dbfs=-26.0, duration_s=duration_s, sample_rate_hz=RATE, pink=True, seed=seed)
    swell = 10.0 ** (swell_db * np.sin(2.0 * np.pi * t / 7.0) / 20.0)
    bass = 0.08 * np.sin(2.0 * np.pi * 70.0 * t) * (0.6 + 0.4 * np.sign(np.sin(2 * np.pi * t)))
    rattle = noise(rms_dbfs=-12.0, duration_s=duration_s, sample_rate_hz=RATE, seed=seed + 1)
    since = np.mod(t, 0.4)
    loud = 0.7 + 0.3 * np.sin(np.floor(t / 0.4))
    hits = (
        rattle.samples
        * np.exp(-since / 0.03)
        * np.minimum(since / rise_s, 1.0)
        * loud
        * 10.0 ** (hits_db / 20.0)
    )
    return Audio((bed.samples * swell + bass + hits).astype(np.float32), RATE)


def really(sound: Sound, *actions: Compressor | Limiter) -> Audio:
    """Return what Pedalboard makes of a sound."""
    plugins = tuple(one for action in actions for one in settings_of(action))
    return in_memory(Chained(sound, plugins))


def profile(sound: Sound) -> MixProfile:
    """Return the profile of a sound that is not silent."""
    measured = measure_mix(sound)
    assert measured is not None
    return measured
