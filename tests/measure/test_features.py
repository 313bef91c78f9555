"""The classic features against librosa's own functions, frame by frame the same definitions."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from ama_analysis.audio import Audio, read_audio
from ama_analysis.measure import measure_sound
from ama_analysis.measure.features import ROLLOFF_SHARE, rolloff_bins
from tests.real_data import SESSIONS, needs_real_data
from tests.signals import clicks, noise, sine

RELATIVE = 1e-5
"""Float32 against float32; measured: 1e-6 and less."""
MFCC = 0.001
"""Only the bin of 0.1 dB that the floor cuts is approximate; measured: 0.0001 and less."""
BROAD = ("evr_caesium/vox_lead", "evr_caesium/kick", "mdn_funk/horns", "lmms_makeme/shaker01")


def librosas(audio: Audio) -> dict[str, np.ndarray]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # empty mel filters at low and high rates, short input
        import librosa

        y, rate, feature = librosa.to_mono(audio.samples), audio.sample_rate_hz, librosa.feature
        return {
            "rms_energy": feature.rms(y=y).mean(),
            "spectral_centroid_hz": feature.spectral_centroid(y=y, sr=rate).mean(),
            "spectral_rolloff_hz": feature.spectral_rolloff(y=y, sr=rate).mean(),
            "spectral_bandwidth_hz": feature.spectral_bandwidth(y=y, sr=rate).mean(),
            "zero_crossing_rate": feature.zero_crossing_rate(y).mean(),
            "mfcc": feature.mfcc(y=y, sr=rate, n_mfcc=13).mean(axis=1),
        }


def assert_like_librosa(audio: Audio) -> None:
    ours, theirs = measure_sound(audio).features, librosas(audio)
    assert ours.mfcc == pytest.approx(theirs.pop("mfcc"), abs=MFCC)
    for name, value in theirs.items():
        assert getattr(ours, name) == pytest.approx(float(value), rel=RELATIVE), name


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_features_of_noise_are_librosas(rate_hz: int, channels: int):
    assert_like_librosa(noise(pink=True, duration_s=1.3, sample_rate_hz=rate_hz, channels=channels))


def test_features_of_a_sound_that_falls_80_db_are_librosas():
    """The mel floor 80 dB below the loudest band is known only after the loud half."""
    audio = noise(duration_s=4.0)
    half = audio.frames // 2
    samples = audio.samples.copy()
    samples[:, :half] *= np.float32(1e-6)
    assert_like_librosa(Audio(samples, 48_000))


@pytest.mark.parametrize("frames", [1, 511, 512, 1024, 2047, 2048, 2049, 70_000])
def test_features_of_any_length_are_librosas(frames: int):
    assert_like_librosa(Audio(noise(duration_s=2.0).samples[:, :frames], 48_000))


def test_an_offset_alone_crosses_zero_nowhere():
    audio = Audio(np.full((1, 5_000), -0.25, np.float32), 44_100)
    assert measure_sound(audio).features.zero_crossing_rate == 0.0
    assert librosas(audio)["zero_crossing_rate"] == 0.0


@needs_real_data
@pytest.mark.parametrize("name", BROAD)
def test_features_of_real_stems_are_librosas(name: str):
    assert_like_librosa(read_audio(SESSIONS / f"{name}.flac"))


def test_dynamic_range_is_the_distance_of_loud_and_quiet_frames():
    quiet, loud = sine(440.0, level_dbfs=-30.0), sine(440.0, level_dbfs=-15.0)
    audio = Audio(np.concatenate((quiet.samples, loud.samples), axis=1), 48_000)
    assert measure_sound(audio).features.dynamic_range_db == pytest.approx(15.0, abs=0.1)
    assert measure_sound(loud).features.dynamic_range_db == pytest.approx(0.0, abs=0.1)


def test_silence_has_features_of_nothing():
    features = measure_sound(Audio(np.zeros((2, 9_000), np.float32), 48_000)).features
    assert (features.rms_energy, features.spectral_centroid_hz, features.dynamic_range_db) == (
        0,
        0,
        0,
    )
    assert np.isfinite(features.mfcc).all()


@pytest.mark.parametrize("every_s", [0.25, 0.5])
def test_onsets_of_clicks_are_counted(every_s: float):
    """Clicks at 0.5 s intervals play in few of the frames, so the rate is checked as a number of onsets."""
    dynamics = measure_sound(clicks(every_s, duration_s=8.0)).dynamics
    assert dynamics.onset_rate_hz * dynamics.active_fraction * 8.0 == pytest.approx(
        8.0 / every_s, abs=1.0
    )


def test_rolloff_by_blocks_is_rolloff_by_running_sums():
    rows = np.random.default_rng(3).random((200, 1025)).astype(np.float32) ** 6
    rows[0], rows[1, :], rows[2, :-1] = 0.0, 1.0, 0.0
    rows[3, 1:], rows[4, 31:33] = 0.0, 1e6
    running = np.cumsum(rows, axis=1, dtype=np.float64)
    expected = (running >= ROLLOFF_SHARE * running[:, -1:]).argmax(axis=1)
    assert np.array_equal(rolloff_bins(rows), expected)
