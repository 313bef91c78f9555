"""The gate against its formula, sample by sample, and its place in the strip."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ama_analysis.audio import Audio
from ama_analysis.plan import Compressor, EqBand, Gate, HighPass, Polarity
from ama_analysis.render import Chained
from ama_analysis.render.plugins import in_order, settings_of
from tests.render.material import rendered, steady
from tests.signals import noise

RATE = 48_000
ROUNDING = 1e-5
"""Of full scale: 32-bit coefficients against 64-bit ones."""
STATIC_TOLERANCE_DB = 0.01
SENSOR_MS = 50.0
"""The gate hears the square of the samples fall by this, to 99.8 %."""

Samples = NDArray[np.float64]


def expanded(samples: Samples, action: Gate) -> Samples:
    """Return one channel behind JUCE's NoiseGate: squares rise at once and fall in 50 ms, their root is followed, what is below the threshold is raised to a power."""
    fall, attack, release = (
        np.exp(-2000.0 * np.pi / (RATE * ms))
        for ms in (SENSOR_MS, action.attack_ms, action.release_ms)
    )
    threshold = 10.0 ** (action.threshold_db / 20.0)
    square = level = 0.0
    gains = np.empty_like(samples)
    for nth, sample in enumerate(samples):
        power = sample * sample
        square = power if power > square else power + fall * (square - power)
        heard = np.sqrt(square)
        level = heard + (attack if heard > level else release) * (level - heard)
        gains[nth] = 1.0 if level > threshold else (level / threshold) ** (action.ratio - 1.0)
    return samples * gains


@pytest.mark.parametrize(
    "action",
    [
        Gate(threshold_db=-24.0, ratio=2.0, attack_ms=1.0, release_ms=150.0),
        Gate(threshold_db=-15.0, ratio=10.0, attack_ms=0.1, release_ms=50.0),
        Gate(threshold_db=-30.0, ratio=1.5, attack_ms=20.0, release_ms=400.0),
    ],
)
def test_each_channel_is_gated_as_the_formula_says(action):
    seconds = np.arange(RATE) / RATE
    hits = (noise(rms_dbfs=-14.0).samples * np.exp(-9.0 * (seconds % 0.25))).astype(np.float32)
    after = rendered(Chained(Audio(samples=hits, sample_rate_hz=RATE), settings_of(action)))
    for channel, heard in zip(hits.astype(np.float64), after, strict=True):
        assert np.abs(heard - expanded(channel, action)).max() < ROUNDING


@pytest.mark.parametrize("ratio", [1.0, 2.0, 4.0])
def test_below_the_threshold_a_level_falls_by_the_ratio(ratio):
    action = Gate(threshold_db=-30.0, ratio=ratio, attack_ms=1.0, release_ms=50.0)
    for level in (-50.0, -35.0, -30.0, -12.0):
        wanted = level if level > -30.0 else -30.0 + (level + 30.0) * ratio
        after = rendered(Chained(steady(level), settings_of(action)))[0, -1]
        assert 20.0 * np.log10(after) == pytest.approx(wanted, abs=STATIC_TOLERANCE_DB)


def test_it_hears_the_stem_before_filters_change_it():
    gate = Gate(threshold_db=-30.0, ratio=2.0, attack_ms=1.0, release_ms=50.0)
    others = (
        Compressor(threshold_db=-20.0, ratio=2.0, attack_ms=5.0, release_ms=50.0),
        EqBand(type="bell", freq_hz=300.0, gain_db=-3.0, q=1.0),
        HighPass(cutoff_hz=60.0),
        Polarity(invert=True),
    )
    kinds = [action.kind for action in in_order((*others, gate))]
    assert kinds == ["polarity", "gate", "high_pass", "eq_band", "compressor"]
