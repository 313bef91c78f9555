"""Who covers whom: on tracks made of bands of noise."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.audio import Audio
from ama_analysis.bands import erb_bands
from ama_analysis.measure.masking import (
    MARGIN_DB,
    Layer,
    common_section,
    layer_of,
    pair_of,
    slots_for,
)
from ama_analysis.measure.track import measure_track
from ama_analysis.measurements import PairMeasurements
from ama_analysis.progress import silent
from tests.signals import noise

DURATION_S = 6.0
SLOTS = slots_for(DURATION_S)
CHANGE_OVER = 1.5 * SLOTS.slot_s / (DURATION_S / 2)
"""The slot in which one track gives way to the other holds both."""
LOW, MIDDLE, HIGH = (60.0, 110.0), (800.0, 1600.0), (6000.0, 9000.0)


def band(
    edges_hz: tuple[float, float], *, rms_dbfs: float = -30.0, seed: int = 1, rate_hz: int = 48_000
) -> Audio:
    white = noise(duration_s=DURATION_S, seed=seed, sample_rate_hz=rate_hz).samples
    spectrum = np.fft.rfft(white)
    freq = np.fft.rfftfreq(white.shape[1], 1.0 / rate_hz)
    cut = np.fft.irfft(np.where((freq > edges_hz[0]) & (freq < edges_hz[1]), spectrum, 0.0))
    cut *= 10.0 ** (rms_dbfs / 20.0) / np.sqrt(np.mean(cut**2))
    return Audio(cut.astype(np.float32), rate_hz)


def layer(audio: Audio, fader_db: float = 0.0) -> Layer:
    return layer_of(measure_track(audio, slots=SLOTS, on_progress=silent).grid, fader_db=fader_db)


def pair(first: Audio, second: Audio, *, fader_db: float = 0.0) -> PairMeasurements:
    return pair_of("first", layer(first), "second", layer(second, fader_db))


def muted_between(audio: Audio, start_s: float, stop_s: float) -> Audio:
    samples = audio.samples.copy()
    samples[:, round(start_s * 48_000) : round(stop_s * 48_000)] = 0.0
    return Audio(samples, 48_000)


def test_a_louder_track_in_the_same_band_covers_the_other():
    measured = pair(band(MIDDLE, rms_dbfs=-40.0), band(MIDDLE, rms_dbfs=-25.0, seed=2))
    assert measured.first_masked > 0.9
    assert measured.second_masked == 0.0
    assert measured.overlap > 0.8
    assert measured.masked_freq_hz is not None
    assert MIDDLE[0] < measured.masked_freq_hz < MIDDLE[1]


def test_equally_loud_tracks_share_a_band_and_cover_nothing():
    measured = pair(band(MIDDLE), band(MIDDLE, seed=2))
    assert measured.overlap > 0.8
    assert max(measured.first_masked, measured.second_masked) < 0.05


def test_tracks_in_different_bands_leave_each_other_alone():
    measured = pair(band(MIDDLE, rms_dbfs=-40.0), band(HIGH, rms_dbfs=-20.0, seed=2))
    assert measured.overlap < 0.02
    assert (measured.first_masked, measured.second_masked) == (0.0, 0.0)
    assert measured.masked_freq_hz is None


def test_masking_spreads_upwards_more_than_downwards():
    """A loud band covers a quiet one just above it, not one as far below."""
    loud = band((900.0, 1100.0), rms_dbfs=-15.0)
    above = pair(band((1250.0, 1400.0), rms_dbfs=-50.0, seed=2), loud)
    below = pair(band((620.0, 720.0), rms_dbfs=-50.0, seed=2), loud)
    assert above.first_masked > 0.5
    assert below.first_masked == 0.0


def test_faders_decide_who_covers_whom():
    first, second = band(MIDDLE, rms_dbfs=-30.0), band(MIDDLE, rms_dbfs=-30.0, seed=2)
    assert pair(first, second, fader_db=MARGIN_DB + 6.0).first_masked > 0.9
    assert pair(first, second, fader_db=-MARGIN_DB - 6.0).second_masked > 0.9
    assert pair(first, second).overlap == pair(first, second, fader_db=12.0).overlap


def test_tracks_that_take_turns_cover_nothing():
    first = muted_between(band(MIDDLE, rms_dbfs=-40.0), 0.0, DURATION_S / 2)
    second = muted_between(band(MIDDLE, rms_dbfs=-20.0, seed=2), DURATION_S / 2, DURATION_S)
    measured = pair(first, second)
    assert measured.first_masked < CHANGE_OVER
    assert measured.overlap < CHANGE_OVER


def test_overlap_in_the_low_end_is_told_apart():
    low, middle = pair(band(LOW), band(LOW, seed=2)), pair(band(MIDDLE), band(MIDDLE, seed=2))
    assert low.low_overlap > 0.8
    assert low.low_overlap == pytest.approx(low.overlap, abs=0.05)
    assert middle.low_overlap < 0.01


def test_tracks_of_different_rates_share_the_slots():
    measured = pair(band(MIDDLE, rms_dbfs=-40.0), band(MIDDLE, rms_dbfs=-25.0, rate_hz=44_100))
    assert measured.first_masked > 0.9


def test_the_grid_holds_the_mean_power_of_each_band():
    grid = measure_track(band(MIDDLE, rms_dbfs=-30.0), slots=SLOTS, on_progress=silent).grid
    centre = erb_bands()[0]
    assert grid.shape == (SLOTS.count, centre.size)
    level = 10.0 * np.log10(grid[1:-1].sum(axis=1))
    assert level == pytest.approx(np.full(SLOTS.count - 2, -30.0), abs=1.5)
    assert centre[grid.sum(axis=0).argmax()] == pytest.approx(1200.0, abs=400.0)


@pytest.mark.parametrize(
    ("duration_s", "slot_s", "count"), [(0.0, 0.4, 1), (10.0, 0.4, 25), (10_800.0, 6.4, 1688)]
)
def test_slots_grow_with_the_session_and_their_number_hardly_does(
    duration_s: float, slot_s: float, count: int
):
    slots = slots_for(duration_s)
    assert slots.slot_s == pytest.approx(slot_s, abs=1e-3)
    assert slots.count == count


def test_the_common_section_is_where_both_play():
    first = layer(muted_between(band(MIDDLE), 0.0, 3.0))
    second = layer(muted_between(band(MIDDLE, seed=2), 5.0, 6.0))
    start_s, stop_s = common_section(first, second, slots=SLOTS, longest_s=2.0)
    assert stop_s - start_s == pytest.approx(2.0)
    assert 2.7 <= start_s <= 3.3
