"""Width, balance, correlation; RMS, crest, noise floor, the active part, onsets: on constructed signals."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.audio import Audio, Block
from ama_analysis.measure import measure_sound
from ama_analysis.measure.stereo import WaveformMeter
from ama_analysis.measurements import Dynamics, Stereo
from tests.signals import clicks, noise, silence, sine

EXACT = 1e-3
STATISTICAL = 0.02
"""Two seconds of independent noise: a few standard errors."""
LEVEL_DB = 0.1
FRAME_S = 0.05
CLIPPED_PLACES = 4


def stereo(left: Block, right: Block) -> Stereo:
    return measure_sound(Audio(np.concatenate((left, right)), 48_000)).stereo


def dynamics(samples: Block) -> Dynamics:
    return measure_sound(Audio(samples, 48_000)).dynamics


def one(seed: int = 1) -> Block:
    return noise(channels=1, duration_s=2.0, seed=seed).samples


def test_a_mono_file_is_mono():
    measured = measure_sound(noise(channels=1)).stereo
    assert measured == Stereo(
        width=0.0, balance_db=0.0, correlation=1.0, low_correlation=1.0, low_side_share=0.0
    )


def test_equal_channels_are_mono():
    measured = stereo(one(), one())
    assert measured.width == 0.0
    assert measured.correlation == pytest.approx(1.0, abs=EXACT)
    assert measured.low_side_share == 0.0


def test_independent_channels_are_as_wide_as_they_are_deep():
    measured = stereo(one(1), one(2))
    assert measured.width == pytest.approx(1.0, abs=STATISTICAL)
    assert measured.correlation == pytest.approx(0.0, abs=STATISTICAL)


def test_an_inverted_channel_is_all_side():
    measured = stereo(one(), -one())
    assert measured.correlation == pytest.approx(-1.0, abs=EXACT)
    assert measured.width == 1000.0
    assert measured.low_side_share == pytest.approx(1.0, abs=EXACT)


@pytest.mark.parametrize(("gain_db", "width"), [(-6.0, 0.332), (-20.0, 0.818)])
def test_width_of_a_panned_source(gain_db: float, width: float):
    """One source at two levels: side over mid is (1 - g) / (1 + g)."""
    gain = np.float32(10.0 ** (gain_db / 20.0))
    measured = stereo(one(), gain * one())
    assert measured.width == pytest.approx(width, abs=EXACT)
    assert measured.balance_db == pytest.approx(gain_db, abs=EXACT)
    assert measured.correlation == pytest.approx(1.0, abs=EXACT)


def test_one_silent_channel_gives_figures():
    measured = stereo(one(), np.zeros_like(one()))
    assert measured.correlation == 0.0
    assert measured.width == pytest.approx(1.0, abs=EXACT)
    assert measured.balance_db < -100.0
    assert np.isfinite(measured.balance_db)


def test_the_low_end_is_judged_by_itself():
    """A mono bass at 60 Hz under a wide 2 kHz: wide on the whole, mono in the low end; and the other way round."""
    bass = sine(60.0, duration_s=4.0, channels=1).samples
    top = sine(2000.0, duration_s=4.0, channels=1).samples
    mono_low, wide_low = stereo(bass + top, bass - top), stereo(bass + top, top - bass)
    assert mono_low.low_correlation == pytest.approx(1.0, abs=STATISTICAL)
    assert mono_low.low_side_share == pytest.approx(0.0, abs=STATISTICAL)
    assert wide_low.low_correlation == pytest.approx(-1.0, abs=STATISTICAL)
    assert wide_low.low_side_share == pytest.approx(1.0, abs=STATISTICAL)
    assert mono_low.correlation == pytest.approx(wide_low.correlation, abs=STATISTICAL)


def test_rms_and_crest_of_a_sine():
    measured = dynamics(sine(1000.0, level_dbfs=-6.0, duration_s=2.0).samples)
    assert measured.rms_dbfs == pytest.approx(-9.01, abs=LEVEL_DB)
    assert measured.crest_factor_db == pytest.approx(3.01, abs=LEVEL_DB)
    assert measured.active_fraction == 1.0
    assert measured.dc_offset == pytest.approx(0.0, abs=1e-6)


def test_noise_floor_and_active_part_of_a_track_with_pauses():
    """Ten seconds, four of them a tone 40 dB over the noise of the room."""
    samples = noise(rms_dbfs=-60.0, duration_s=10.0).samples.copy()
    samples[:, 96_000 : 96_000 + 192_000] += sine(300.0, level_dbfs=-17.0, duration_s=4.0).samples
    measured = dynamics(samples)
    assert measured.noise_floor_dbfs == pytest.approx(-60.0, abs=0.3)
    assert measured.active_fraction == pytest.approx(0.4, abs=FRAME_S / 10.0)
    assert measured.active_rms_dbfs == pytest.approx(-20.0, abs=LEVEL_DB)
    assert measured.rms_dbfs == pytest.approx(-24.0, abs=LEVEL_DB)


def phrases(*, quiet: Block | float = 0.0) -> Block:
    """Return twenty seconds with a swelling tone in two of every four, at -20 dBFS in the mean; `quiet` goes on under them."""
    seconds = np.arange(20 * 48_000) / 48_000
    swells = np.where(seconds % 4.0 < 2.0, np.sin(np.pi * (seconds % 4.0) / 2.0) ** 2, 0.0)
    tone = sine(300.0, level_dbfs=-13.0, duration_s=20.0).samples
    return (tone * np.maximum(swells, 0.0) + quiet).astype(np.float32)


def rumble(rms_dbfs: float) -> Block:
    spectrum = np.fft.rfft(noise(duration_s=20.0, channels=1).samples)
    freq_hz = np.fft.rfftfreq(20 * 48_000, 1.0 / 48_000)
    samples = np.fft.irfft(np.where((freq_hz > 20.0) & (freq_hz < 40.0), spectrum, 0.0))
    return samples * 10.0 ** (rms_dbfs / 20.0) / np.sqrt(np.mean(samples**2))


@pytest.mark.parametrize(
    ("quiet", "noise_dbfs"),
    [
        (0.1, None),
        (noise(rms_dbfs=-45.0, duration_s=20.0).samples, -45.0),
        (sine(50.0, level_dbfs=-37.0, duration_s=20.0).samples, -40.0),
        (rumble(-40.0), None),
    ],
    ids=["offset", "hiss", "hum", "rumble"],
)
def test_what_goes_on_in_the_pauses_is_no_playing(quiet: Block | float, noise_dbfs: float | None):
    clean, measured = dynamics(phrases()), dynamics(phrases(quiet=quiet))
    assert clean.active_fraction == pytest.approx(0.4, abs=0.05)
    assert measured.active_fraction == pytest.approx(clean.active_fraction, abs=0.06)
    assert measured.active_rms_dbfs == pytest.approx(clean.active_rms_dbfs, abs=0.7)
    assert clean.steady_noise_dbfs is None
    assert measured.steady_noise_dbfs == pytest.approx(noise_dbfs, abs=0.2)


def test_what_is_played_all_the_time_is_no_noise():
    """A held tone, and a programmed pattern whose windows are all the same."""
    held = dynamics(sine(110.0, duration_s=20.0).samples)
    hits = clicks(0.2, duration_s=20.0, channels=1).samples[0]
    decay = np.exp(-np.arange(9_600) / 1_200.0) * noise(channels=1).samples[0, :9_600]
    pattern = np.convolve(hits, decay)[None, : hits.size].astype(np.float32)
    pattern[:, 480_000:] *= 4.0
    drums = dynamics(pattern)
    assert (held.steady_noise_dbfs, drums.steady_noise_dbfs) == (None, None)
    assert held.active_fraction == 1.0


def test_digital_silence_is_no_noise_floor():
    samples = np.zeros((2, 480_000), np.float32)
    samples[:, :240_000] = noise(rms_dbfs=-50.0, duration_s=5.0).samples
    assert dynamics(samples).noise_floor_dbfs == pytest.approx(-50.3, abs=0.3)


def test_hits_and_the_room_between_them_are_two_levels():
    """Ten seconds of room at -44 dBFS, a fifth of it under hits at -20 dBFS; two seconds of silence behind."""
    samples = noise(rms_dbfs=-44.0, duration_s=10.0).samples.copy()
    for second in range(0, 10, 2):
        at = 48_000 * second
        samples[:, at : at + 19_200] = noise(rms_dbfs=-20.0, duration_s=0.4).samples
    levels = dynamics(np.pad(samples, ((0, 0), (0, 96_000)))).two_levels
    assert levels is not None
    assert levels.loud_dbfs == pytest.approx(-20.0, abs=0.2)
    assert levels.quiet_dbfs == pytest.approx(-44.0, abs=0.2)
    assert -44.0 < levels.split_dbfs < -20.0
    assert levels.quiet_fraction == pytest.approx(0.8, abs=0.01)
    assert levels.audible_fraction == pytest.approx(10.0 / 12.0, abs=0.01)


def test_what_lies_below_the_gate_is_no_level():
    assert dynamics(noise(rms_dbfs=-80.0, duration_s=4.0).samples).two_levels is None


def test_an_offset_is_reported_with_its_sign():
    samples = sine(440.0).samples.copy()
    samples[1] -= np.float32(0.02)
    assert dynamics(samples).dc_offset == pytest.approx(-0.02, abs=1e-4)


@pytest.mark.parametrize("every_s", [0.125, 0.25, 0.5])
def test_onsets_of_hits_are_counted(every_s: float):
    """Decaying noise bursts, one every so often, over ten seconds."""
    hits = clicks(every_s, duration_s=10.0, channels=1).samples[0]
    decay = np.exp(-np.arange(4_800) / 1_200.0) * noise(channels=1).samples[0, :4_800]
    samples = np.convolve(hits, decay)[None, : hits.size].astype(np.float32)
    measured = dynamics(samples)
    count = measured.onset_rate_hz * measured.active_fraction * 10.0
    assert count == pytest.approx(10.0 / every_s, rel=0.03)


@pytest.mark.parametrize("pink", [False, True])
def test_steady_noise_has_hardly_any_onsets(pink: bool):
    assert dynamics(noise(pink=pink, duration_s=20.0).samples).onset_rate_hz < 0.1


def test_a_steady_tone_begins_once():
    tone = sine(440.0, duration_s=5.0).samples.copy()
    tone[:, -24_000:] *= np.linspace(1.0, 0.0, 24_000, dtype=np.float32)
    measured = dynamics(np.pad(tone, ((0, 0), (24_000, 0))))
    assert measured.onset_rate_hz * measured.active_fraction * 5.5 == pytest.approx(1.0, abs=0.01)


def test_silence_has_no_levels():
    measured = dynamics(silence().samples)
    assert measured == Dynamics(
        rms_dbfs=None,
        crest_factor_db=None,
        noise_floor_dbfs=None,
        active_fraction=0.0,
        active_rms_dbfs=None,
        active_crest_factor_db=None,
        onset_rate_hz=0.0,
        dc_offset=0.0,
    )


@pytest.mark.parametrize("block", [100, 16_384, 60_000])
def test_places_at_full_scale_are_counted_wherever_blocks_end(block: int):
    """A 16-bit sound that was too loud, cut off: two half waves a period, on one channel."""
    samples = np.zeros((2, 60_000), np.float32)
    for at in (10, 98, 16_380, 49_000):
        samples[1, at : at + 6] = (32_767 / 32_768) * (-1.0) ** at
    meter = WaveformMeter(channels=2)
    for start in range(0, samples.shape[1], block):
        meter.add(samples[:, start : start + block])
    assert meter.result().clips == CLIPPED_PLACES


def test_two_samples_at_full_scale_and_what_goes_over_it_are_not_clipped():
    samples = np.zeros((1, 1000), np.float32)
    samples[0, 10:12] = 1.0
    samples[0, 500:600] = 1.5
    assert dynamics(samples).clips == 0
    assert dynamics(np.clip(100.0 * sine(440.0).samples, -1.0, 1.0)).clips > 800
