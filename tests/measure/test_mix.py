"""The profile of a mix: each figure against its formula, written out over the whole sound in float64."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.audio import Audio, Block, as_stereo, read_audio
from ama_analysis.bands import bark_matrix, octave_edges, third_octave_edges
from ama_analysis.measure import measure_mix
from ama_analysis.measurements import MixProfile
from tests.measure.independent import libebur128
from tests.real_data import REFERENCES, SESSIONS, needs_real_data
from tests.signals import noise, silence, sine

FORMULA = 1e-4
"""Float32 sums against float64."""


def profile(audio: Audio) -> MixProfile:
    measured = measure_mix(audio)
    assert measured is not None
    return measured


def at_16_lufs(audio: Audio) -> Block:
    stereo = as_stereo(audio.samples).astype(np.float64)
    lufs = libebur128(as_stereo(audio.samples), audio.sample_rate_hz).integrated_lufs
    return stereo * 10.0 ** ((-16.0 - lufs) / 20.0)


def bark_ln(signal: Block, rate_hz: int) -> np.ndarray:
    size, hop = 32_768, 8_192
    window = np.hanning(size + 1)[:-1]
    frames = np.lib.stride_tricks.sliding_window_view(signal, size)[::hop] * window
    scale = np.sqrt(2.0 / (size * np.sum(window**2)))
    magnitude = np.abs(np.fft.rfft(frames)).mean(axis=0) * scale
    return np.log(np.maximum(bark_matrix(rate_hz, size) @ magnitude, 1e-8))


def song(name: str, rate_hz: int | None = None) -> Audio:
    return read_audio(SESSIONS / name / "mix.flac", sample_rate_hz=rate_hz)


@needs_real_data
@pytest.mark.parametrize("name", ["evr_caesium", "lmms_makeme"])
def test_audio_features_of_a_real_mix_follow_their_formulas(name: str):
    assert_formulas(song(name))


def test_audio_features_of_a_made_mix_follow_their_formulas():
    """Noise, a tone that comes and goes, and more on the right."""
    audio = noise(duration_s=6.0, pink=True)
    tone = sine(330.0, level_dbfs=-12.0, duration_s=6.0).samples
    swell = np.sin(np.linspace(0.0, 9.0, audio.frames)) ** 2
    samples = (audio.samples + tone * swell) * np.array([[0.7], [1.0]])
    assert_formulas(Audio(samples.astype(np.float32), 48_000))


def assert_formulas(audio: Audio) -> None:
    measured, (left, right) = profile(audio), at_16_lufs(audio)
    energy = np.array([np.mean(left**2), np.mean(right**2)])
    assert measured.af_rms == pytest.approx(
        np.sqrt(energy), rel=2e-3
    )  # libebur128 reads to 0.01 LU
    crest = 20.0 * np.log10([np.abs(left).max(), np.abs(right).max()] / np.sqrt(energy))
    assert measured.af_crest_db == pytest.approx(crest, abs=FORMULA)
    width = np.mean((left - right) ** 2) / np.mean((left + right) ** 2)
    assert measured.af_width == pytest.approx(width, rel=FORMULA)
    assert measured.af_imbalance == pytest.approx(
        abs(energy[1] - energy[0]) / energy.sum(), abs=FORMULA
    )
    mid, side = (bark_ln(part, audio.sample_rate_hz) for part in (left + right, left - right))
    floor = mid - 40.0 * np.log(10.0) / 20.0
    assert measured.af_mid_ln == pytest.approx(mid, abs=2e-3)
    assert measured.af_side_ln == pytest.approx(np.maximum(side, floor), abs=2e-3)


@needs_real_data
def test_bands_width_and_levels_of_a_real_mix_follow_their_formulas():
    audio = song("evr_potassium")
    measured = profile(audio)
    left, right = audio.samples.astype(np.float64)
    mid, side = (left + right) / 2.0, (left - right) / 2.0
    assert measured.width_db == pytest.approx(
        10.0 * np.log10(np.mean(side**2) / np.mean(mid**2)), abs=FORMULA * 10
    )
    assert measured.correlation == pytest.approx(np.corrcoef(left, right)[0, 1], abs=FORMULA)
    assert measured.plr_db == pytest.approx(measured.true_peak_dbtp - measured.integrated_lufs)
    independent = libebur128(audio.samples, audio.sample_rate_hz)
    assert measured.integrated_lufs == pytest.approx(independent.integrated_lufs, abs=0.1)
    freq = np.fft.rfftfreq(audio.frames, 1.0 / audio.sample_rate_hz)
    power = np.abs(np.fft.rfft(mid)) ** 2 + np.abs(np.fft.rfft(side)) ** 2
    bands = np.histogram(freq, third_octave_edges()[2:31], weights=power)[0]
    levels = 10.0 * np.log10(bands / bands.sum())
    assert np.array(measured.third_octave_db)[6:] == pytest.approx(levels[6:], abs=0.5)
    assert np.abs(np.array(measured.third_octave_db) - levels).mean() < 0.3


def test_normalised_bands_add_up_to_nothing():
    measured = profile(noise(pink=True, duration_s=5.0))
    assert np.sum(10.0 ** (np.array(measured.third_octave_db) / 10.0)) == pytest.approx(1.0)


def test_profiles_do_not_depend_on_level():
    audio = noise(pink=True, duration_s=5.0)
    loud, quiet = profile(audio), profile(Audio(audio.samples * np.float32(0.01), 48_000))
    assert quiet.integrated_lufs == pytest.approx(loud.integrated_lufs - 40.0, abs=0.01)
    for name in ("af_mid_ln", "af_side_ln", "af_rms", "af_crest_db", "third_octave_db"):
        assert getattr(quiet, name) == pytest.approx(getattr(loud, name), abs=2e-3), name


@needs_real_data
@pytest.mark.parametrize("rate_hz", [48_000, 96_000])
def test_profiles_hardly_depend_on_the_rate(rate_hz: int):
    """Transforms last about as long at every rate, so that a mix at 96 kHz compares with a reference at 44.1 kHz."""
    one, other = profile(song("evr_caesium")), profile(song("evr_caesium", rate_hz))
    assert np.array(other.af_mid_ln)[:22] == pytest.approx(np.array(one.af_mid_ln)[:22], abs=0.1)
    assert np.array(other.third_octave_db)[:26] == pytest.approx(
        np.array(one.third_octave_db)[:26], abs=0.3
    )


def test_width_by_octave_tells_wide_from_narrow_bands():
    bass = sine(62.5, duration_s=4.0, channels=1).samples
    top = noise(duration_s=4.0, rms_dbfs=-30.0).samples
    measured = profile(Audio(bass + top, 48_000))
    assert measured.width_by_octave_db[1] < -15.0
    assert measured.width_by_octave_db[6] == pytest.approx(0.0, abs=0.5)
    assert len(measured.width_by_octave_db) == len(octave_edges()) - 1


def test_a_mono_mix_has_floors_instead_of_infinities():
    measured = profile(noise(channels=1, pink=True, duration_s=3.0))
    assert measured.width_db == -60.0
    assert measured.width_by_octave_db == (-60.0,) * 10
    assert measured.mono_loss_lu == 0.0
    assert measured.af_width == 0.0
    forty_db = 40.0 * np.log(10.0) / 20.0
    assert np.array(measured.af_mid_ln) - np.array(measured.af_side_ln) == pytest.approx(forty_db)


def test_loss_in_mono_of_independent_and_of_inverted_channels():
    independent = profile(noise(duration_s=10.0))
    assert independent.mono_loss_lu == pytest.approx(3.01, abs=0.05)
    one = noise(channels=1, duration_s=3.0).samples
    assert profile(Audio(np.concatenate((one, -one)), 48_000)).mono_loss_lu == 60.0


def test_an_inverted_mono_mix_and_a_one_sided_one_give_figures():
    one = noise(channels=1, duration_s=1.0).samples
    for right, imbalance in ((-one, 0.0), (0 * one, 1.0)):
        measured = profile(Audio(np.concatenate((one, right)), 48_000))
        flat = np.concatenate([np.ravel(getattr(measured, n)) for n in MixProfile.__slots__])
        assert np.isfinite(flat).all()
        assert measured.af_imbalance == pytest.approx(imbalance)


def test_a_mix_shorter_than_a_transform_is_padded():
    measured = profile(noise(duration_s=0.3))
    assert measured.integrated_lufs < 0.0
    assert len(measured.af_mid_ln) == 24


@pytest.mark.parametrize(
    "audio",
    [
        silence(),
        Audio(np.full((2, 50_000), 0.25, np.float32), 48_000),
        Audio(np.zeros((2, 0), np.float32), 48_000),
    ],
    ids=["silence", "offset", "nothing"],
)
def test_silence_has_no_profile(audio: Audio):
    assert measure_mix(audio) is None


@needs_real_data
def test_two_halves_of_one_release_are_alike_and_two_releases_are_not():
    """Measured: 0.018 and 0.12 for these, the nearest pair to the orchestra."""
    from ama_analysis.measure.reference import between
    from tests.measure.test_reference import BASE

    one = read_audio(REFERENCES / "xmoto_speeditup.ogg")
    half = one.frames // 2
    first, second = (
        profile(Audio(np.ascontiguousarray(part), one.sample_rate_hz))
        for part in (one.samples[:, :half], one.samples[:, half:])
    )
    other = profile(read_audio(REFERENCES / "wesnoth_battle_epic.ogg"))
    assert between(first, second, BASE) < 0.03
    assert between(first, other, BASE) > 0.1
