"""A style's curve makes the profile that a sound of that curve has when it is measured."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ama_analysis.audio import Audio
from ama_analysis.bands import OCTAVE_HZ, THIRD_OCTAVE_HZ, TONAL_BANDS, third_octave_edges
from ama_analysis.measure import measure_mix
from ama_analysis.measurements import MixProfile
from ama_analysis.style_profile import profile_from_curve

CURVE = tuple(
    4.0 * math.exp(-(((math.log2(f) - 6.5) / 1.0) ** 2)) - 1.2 * max(math.log2(f / 600.0), 0.0)
    for f in THIRD_OCTAVE_HZ[TONAL_BANDS]
)
"""A bump at 90 Hz and a fall above 600 Hz, as released mixes have."""
WIDTHS = (-28.0, -24.0, -18.0, -13.0, -10.0, -8.0, -7.0, -6.0, -6.0, -6.0)
DURATION_S = 30.0
BAND_DB = 0.4
NEPER = 0.05
"""What the style's profile may differ from that of noise of its curve; measured: 0.22 dB and 0.02 neper (0.04 in the last band)."""


def styled(curve: tuple[float, ...] = CURVE) -> MixProfile:
    return profile_from_curve(
        curve,
        WIDTHS,
        plr_db=11.0,
        crest_db=13.0,
        loudness_range_lu=5.0,
        loudness_lufs=-14.0,
        true_peak_dbtp=-1.0,
    )


def shaped_noise(rate_hz: int = 44_100) -> Audio:
    """Return Gaussian noise of that density and width, made on its own way: step by step over the bands, in one transform."""
    frames = round(DURATION_S * rate_hz)
    freq = np.fft.rfftfreq(frames, 1.0 / rate_hz)
    density_db = np.array(CURVE) - 10.0 * np.log10(np.diff(third_octave_edges()[2:31]))
    octave = np.log2(np.maximum(freq, 1.0))
    level_db = np.interp(octave, np.log2(THIRD_OCTAVE_HZ[TONAL_BANDS]), density_db)
    inside = (freq >= 27.0) & (freq <= 18_000.0)
    width = 10.0 ** (np.interp(octave, np.log2(OCTAVE_HZ), WIDTHS) / 10.0)
    power = np.where(inside, 10.0 ** (level_db / 10.0), 0.0)
    random = np.random.default_rng(7).standard_normal((2, frames))
    mid, side = np.fft.rfft(random)
    mid = np.fft.irfft(mid * np.sqrt(power / (1.0 + width)), frames)
    side = np.fft.irfft(side * np.sqrt(power * width / (1.0 + width)), frames)
    samples = np.stack((mid + side, mid - side))
    samples *= 0.1 / samples.std()
    return Audio(samples.astype(np.float32), rate_hz)


@pytest.fixture(scope="module")
def measured() -> MixProfile:
    profile = measure_mix(shaped_noise())
    assert profile is not None
    return profile


def test_bands_are_those_of_the_curve():
    curve = np.array(CURVE)
    expected = curve - 10.0 * np.log10(np.sum(10.0 ** (curve / 10.0)))
    assert styled().third_octave_db == pytest.approx(expected, abs=0.01)


def test_the_level_of_the_curve_does_not_matter():
    assert styled(tuple(level + 30.0 for level in CURVE)).af_mid_ln == pytest.approx(
        styled().af_mid_ln
    )


def test_bands_and_widths_are_those_of_noise_of_that_curve(measured: MixProfile):
    style = styled()
    assert style.third_octave_db == pytest.approx(measured.third_octave_db, abs=BAND_DB)
    assert style.width_by_octave_db == pytest.approx(measured.width_by_octave_db, abs=BAND_DB)
    assert style.width_db == pytest.approx(measured.width_db, abs=BAND_DB)
    assert style.tilt_db_per_oct == pytest.approx(measured.tilt_db_per_oct, abs=0.1)


def test_audio_features_are_those_of_noise_of_that_curve(measured: MixProfile):
    style = styled()
    assert style.af_mid_ln[:23] == pytest.approx(measured.af_mid_ln[:23], abs=NEPER)
    assert style.af_side_ln[:23] == pytest.approx(measured.af_side_ln[:23], abs=NEPER)
    assert style.af_rms == pytest.approx(measured.af_rms, rel=0.03)
    assert style.af_width == pytest.approx(measured.af_width, rel=0.1)


def test_image_figures_are_those_of_noise_of_that_curve(measured: MixProfile):
    style = styled()
    assert style.correlation == pytest.approx(measured.correlation, abs=0.03)
    assert style.low_side_share == pytest.approx(measured.low_side_share, abs=0.005)
    assert style.mono_loss_lu == pytest.approx(measured.mono_loss_lu, abs=0.1)


def test_what_cannot_follow_from_a_curve_is_taken_as_given():
    style = styled()
    assert (style.plr_db, style.crest_db, style.af_crest_db) == (11.0, 13.0, (13.0, 13.0))
    assert (style.integrated_lufs, style.true_peak_dbtp) == (-14.0, -1.0)
    assert style.loudness_range_lu == 5.0


@pytest.mark.parametrize(("bands", "octaves"), [(27, 10), (28, 9)])
def test_a_curve_of_another_length_is_refused(bands: int, octaves: int):
    with pytest.raises(ValueError, match="28 third-octave"):
        profile_from_curve(
            (0.0,) * bands,
            (0.0,) * octaves,
            plr_db=0.0,
            crest_db=0.0,
            loudness_range_lu=0.0,
            loudness_lufs=-14.0,
            true_peak_dbtp=-1.0,
        )
