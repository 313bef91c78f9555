"""Envelopes against the samples that they were made of, and against the meters that they foretell."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.audio import Audio
from ama_analysis.measure import measure_mix
from ama_analysis.measure.envelope import (
    STEPS_MOST,
    EnvelopeMeter,
    measure_envelope,
    steps_per_s,
)
from ama_analysis.suggest.envelope_figures import figures_of
from tests.signals import noise, silence, sine

POWER_TOLERANCE = 2e-6
"""Relative; some hundred squares added in 32-bit."""
LOUDNESS_TOLERANCE_LU = 0.01
RANGE_TOLERANCE_LU = 0.03
"""The meter counts in bins of 0.01 LU, at both ends of the range, and takes each bin's mean."""
CREST_TOLERANCE_DB = 0.001
TRUE_PEAK_TOLERANCE_DB = 1e-6


def swelling(duration_s=12.0, rate=48_000, channels=2):
    """Return noise that swells and fades by 20 dB."""
    samples = noise(
        rms_dbfs=-22.0, duration_s=duration_s, sample_rate_hz=rate, channels=channels, pink=True
    ).samples
    t = np.arange(samples.shape[1]) / rate
    swing_db = 10.0 * np.sin(2.0 * np.pi * t / 8.0)
    return Audio((samples * 10.0 ** (swing_db / 20.0)).astype(np.float32), rate)


@pytest.mark.parametrize("rate", [11_025, 22_050, 44_056, 44_100, 48_000, 96_000])
def test_each_step_has_its_peak_and_its_mean_square(rate):
    sound = noise(duration_s=1.3, sample_rate_hz=rate, seed=4)
    envelope = measure_envelope(sound)
    edges = np.arange(envelope.steps + 1) * rate // 400
    assert edges[-2] < sound.frames <= edges[-1]
    whole = envelope.steps - 1
    for channel in range(2):
        for step in (0, 1, 3, 200, 399, 400, whole - 1):
            part = sound.samples[channel, edges[step] : edges[step + 1]].astype(np.float64)
            assert envelope.peak[channel, step] == np.float32(np.abs(part).max())
            assert envelope.power[channel, step] == pytest.approx(
                np.mean(part**2), rel=POWER_TOLERANCE
            )


def test_the_envelope_does_not_depend_on_blocks():
    sound = swelling(3.1, 44_100)
    whole = measure_envelope(sound)
    for block_frames in (1_000, 44_100, 70_001):
        meter = EnvelopeMeter(sample_rate_hz=44_100, channels=2, steps_a_second=400)
        for block in sound.blocks(block_frames):
            meter.add(block)
        again = meter.result()
        for name in ("peak", "power", "k_power"):
            assert np.array_equal(getattr(whole, name), getattr(again, name))
        assert whole.between_db == again.between_db


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_what_meters_read_follows_from_the_envelope(rate):
    sound = swelling(30.0, rate)
    profile, figures = measure_mix(sound), figures_of(measure_envelope(sound))
    assert profile is not None
    assert figures.loudness_lufs == pytest.approx(
        profile.integrated_lufs, abs=LOUDNESS_TOLERANCE_LU
    )
    assert figures.loudness_range_lu == pytest.approx(
        profile.loudness_range_lu, abs=RANGE_TOLERANCE_LU
    )
    assert figures.crest_db == pytest.approx(profile.crest_db, abs=CREST_TOLERANCE_DB)
    assert figures.true_peak_dbtp == pytest.approx(
        profile.true_peak_dbtp, abs=TRUE_PEAK_TOLERANCE_DB
    )


@pytest.mark.parametrize("steps_a_second", [200, 100, 50])
def test_longer_steps_read_the_same(steps_a_second):
    sound = swelling(12.0)
    meter = EnvelopeMeter(sample_rate_hz=48_000, channels=2, steps_a_second=steps_a_second)
    for block in sound.blocks():
        meter.add(block)
    long, short = figures_of(meter.result()), figures_of(measure_envelope(sound))
    assert long.loudness_lufs == pytest.approx(short.loudness_lufs, abs=LOUDNESS_TOLERANCE_LU)
    assert long.crest_db == pytest.approx(short.crest_db, abs=CREST_TOLERANCE_DB)


def test_long_sounds_get_longer_steps_and_never_more_than_a_million_up_to_five_hours():
    assert steps_per_s(180.0) == 400
    for hours in (0.5, 1.0, 2.0, 3.0, 5.0):
        assert steps_per_s(hours * 3600.0) * hours * 3600.0 <= STEPS_MOST
    assert steps_per_s(40.0 * 3600.0) == 50


def test_what_lies_behind_the_end_is_silence():
    envelope = measure_envelope(sine(1000.0, duration_s=0.001, channels=1))
    assert envelope.steps == 1
    assert envelope.peak[0, 0] > 0.09
    assert measure_envelope(silence(duration_s=0.0)).steps == 0


def test_silence_has_no_loudness():
    figures = figures_of(measure_envelope(silence(duration_s=2.0)))
    assert figures.loudness_lufs == -70.0
    assert figures.loudness_range_lu == 0.0


def test_turning_up_moves_levels_and_leaves_crest():
    envelope = measure_envelope(swelling(5.0))
    before, after = figures_of(envelope), figures_of(envelope.scaled(6.0))
    assert after.loudness_lufs - before.loudness_lufs == pytest.approx(6.0, abs=1e-3)
    assert after.true_peak_dbtp - before.true_peak_dbtp == pytest.approx(6.0, abs=1e-3)
    assert after.crest_db == pytest.approx(before.crest_db, abs=1e-3)
