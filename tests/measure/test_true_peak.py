"""True peak against the EBU's signals, libebur128, and a plain interpolation of everything."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.audio import Audio, Block, read_audio
from ama_analysis.measure import TruePeakMeter
from ama_analysis.measure.true_peak import interpolator, oversampling
from tests.measure import ebu
from tests.measure.independent import libebur128
from tests.real_data import REFERENCES, needs_real_data
from tests.signals import noise, silence

AGREEMENT_DB = 0.2
"""What the project asks against an independent implementation; measured: 0.005 dB and less."""
PASSED_OVER_DB = 1e-4
"""Nothing may be lost by passing over quiet windows; what is left is float32 and the cut-off tail of the response."""
FLAT_DB = 0.1
FLAT_TO = 0.35
"""What the module says of its interpolator."""


def read(audio: Audio) -> float | None:
    meter = TruePeakMeter(sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    for block in audio.blocks():
        meter.add(block)
    return meter.true_peak_dbtp


def interpolated_peak_db(samples: Block, factor: int) -> float:
    """Interpolate all of a sound, sample by sample, in float64."""
    taps, peak = interpolator(factor), 0.0
    for channel in samples.astype(np.float64):
        stuffed = np.zeros(channel.size * factor)
        stuffed[::factor] = channel
        peak = max(peak, float(np.abs(np.convolve(stuffed, taps)).max()))
    return 20.0 * np.log10(peak)


def within(measured: float | None, expected: float) -> bool:
    assert measured is not None
    return expected - ebu.PEAK_BELOW_DB <= measured <= expected + ebu.PEAK_ABOVE_DB


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize("case", ebu.PEAKS, ids=lambda case: f"case-{case.number}")
def test_true_peak_of_tech_3341(case: ebu.PeakCase, rate_hz: int):
    assert within(read(ebu.peak_tone(case, rate_hz)), case.expected_dbtp)


@pytest.mark.parametrize(("number", "offset"), ebu.OFFSETS)
def test_true_peak_between_samples_of_tech_3341(number: int, offset: int):
    assert within(read(ebu.burst(offset)), 0.0), f"case {number}"


@pytest.mark.parametrize(
    ("rate_hz", "factor"),
    [(8_000, 4), (48_000, 4), (96_000, 4), (176_400, 2), (192_000, 1)],
)
def test_rates_are_oversampled_to_at_least_192_khz_or_four_times(rate_hz: int, factor: int):
    assert oversampling(rate_hz) == factor


@pytest.mark.parametrize("rate_hz", [44_100, 176_400])
def test_passing_over_quiet_windows_loses_nothing(rate_hz: int):
    audio = noise(duration_s=2.0, sample_rate_hz=rate_hz)
    expected = interpolated_peak_db(audio.samples, oversampling(rate_hz))
    assert read(audio) == pytest.approx(expected, abs=PASSED_OVER_DB)


def test_the_interpolator_is_as_flat_as_it_says():
    response = np.abs(np.fft.rfft(interpolator(4), 1 << 16)) / 4.0
    freq = np.arange(response.size) / (1 << 16) * 4.0
    assert np.abs(20.0 * np.log10(response[freq <= FLAT_TO])).max() <= FLAT_DB


def test_a_peak_at_the_very_end_is_seen():
    samples = np.zeros((1, 10_000), np.float32)
    samples[0, -2:] = 0.8
    assert read(Audio(samples, 48_000)) == pytest.approx(
        interpolated_peak_db(samples, 4), abs=PASSED_OVER_DB
    )


def test_at_192_khz_true_peak_is_sample_peak():
    meter = TruePeakMeter(sample_rate_hz=192_000, channels=2)
    meter.add(noise(sample_rate_hz=192_000).samples)
    assert meter.true_peak_dbtp == meter.sample_peak_dbfs


def test_silence_has_no_peak():
    assert read(silence()) is None


def test_a_meter_that_has_given_its_figure_takes_no_more():
    meter = TruePeakMeter(sample_rate_hz=48_000, channels=1)
    meter.end()
    with pytest.raises(ValueError, match="takes no more"):
        meter.add(np.zeros((1, 4), np.float32))


@needs_real_data
def test_true_peak_agrees_with_libebur128_on_a_loud_release():
    audio = read_audio(REFERENCES / "xmoto_speeditup.ogg")
    independent = libebur128(audio.samples, audio.sample_rate_hz)
    assert independent.true_peak_dbtp > 0.0
    assert read(audio) == pytest.approx(independent.true_peak_dbtp, abs=AGREEMENT_DB)
