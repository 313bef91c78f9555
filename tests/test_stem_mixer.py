"""Mixing stems from Python: what goes in by hand comes out, nothing clips, and wrong values are named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import signal

from ama_analysis import StemMixer
from ama_analysis.audio import Audio, in_memory, open_audio, read_audio, write_audio
from ama_analysis.errors import AudioFileError, OptionError, SessionError
from ama_analysis.measure import TruePeakMeter
from tests.real_data import SESSIONS, needs_real_data
from tests.render.material import difference_db, level_db
from tests.signals import noise, silence, sine

NULL_DB = -120.0
"""A few roundings of 32-bit sums below full scale."""

FILTER_NULL_DB = -80.0
"""32-bit coefficients of an 80 Hz filter, see tests/render/test_filters.py."""

WRITTEN_DB = -130.0
"""Half a step of 24 bits is -144 dB, with the rounding of 32-bit floats on top."""

PEAK_TOLERANCE_DB = 0.01
"""The meter's figure after a gain of 32 bits."""

RESAMPLED_DB = -80.0
"""soxr HQ; a tone away from the edges."""


def true_peak_dbtp(audio):
    meter = TruePeakMeter(sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    meter.add(audio.samples)
    return meter.true_peak_dbtp


def stems():
    return {"drums": noise(seed=1, duration_s=1.0), "vocals": noise(seed=2, channels=1)}


def test_stems_are_summed():
    given = stems()
    mixed = StemMixer().mix_stems(given)
    assert mixed.samples.dtype == np.float32
    wanted = given["drums"].samples + given["vocals"].samples
    assert difference_db(mixed.samples, wanted) < NULL_DB


def test_files_and_samples_mix(tmp_path):
    given = stems()
    path = tmp_path / "vox take 3.wav"
    write_audio(path, given["vocals"], subtype="FLOAT")
    for form in (path, str(path)):
        mixed = StemMixer().mix_stems({"drums": given["drums"], "vocals": form})
        wanted = given["drums"].samples + given["vocals"].samples
        assert difference_db(mixed.samples, wanted) < NULL_DB


def test_gains_are_in_db():
    given = stems()
    mixed = StemMixer().mix_stems(given, gains={"drums": -6.0, "vocals": 1.5})
    wanted = given["drums"].samples * 10.0 ** (-6.0 / 20.0)
    wanted = wanted + given["vocals"].samples * 10.0 ** (1.5 / 20.0)
    assert difference_db(mixed.samples, wanted) < NULL_DB


def test_pans_are_a_linear_balance():
    given = stems()
    mixed = StemMixer().mix_stems(given, pans={"drums": -0.5, "vocals": 0.3})
    wanted = given["drums"].samples * [[1.0], [0.5]] + given["vocals"].samples * [[0.7], [1.0]]
    assert difference_db(mixed.samples, wanted) < NULL_DB


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
@pytest.mark.parametrize(
    ("option", "kind", "cutoff_hz"),
    [("high_pass_cutoffs", "highpass", 80.0), ("low_pass_cutoffs", "lowpass", 8_000.0)],
)
def test_cutoffs_are_butterworth_filters_of_fourth_order(rate, option, kind, cutoff_hz):
    given = {"x": noise(sample_rate_hz=rate)}
    options: dict[str, Any] = {option: {"x": cutoff_hz}}
    mixed = StemMixer().mix_stems(given, **options)
    sections = signal.butter(4, cutoff_hz, kind, fs=rate, output="sos")
    assert (
        difference_db(mixed.samples, signal.sosfilt(sections, given["x"].samples)) < FILTER_NULL_DB
    )


def test_shorter_stems_are_padded_at_the_end():
    given = {"short": noise(duration_s=0.4), "long": noise(duration_s=1.1, seed=3)}
    mixed = StemMixer().mix_stems(given)
    assert mixed.samples.shape == (2, 52_800)
    assert difference_db(mixed.samples[:, 19_200:], given["long"].samples[:, 19_200:]) < NULL_DB


@pytest.mark.parametrize("rate_hz", [0, -1, 7_999, 10**9, True, 44_100.5, float("nan"), "44100"])
def test_a_rate_that_ama_does_not_work_at_is_refused(rate_hz):
    with pytest.raises(OptionError, match="sample_rate_hz is"):
        StemMixer(sample_rate_hz=rate_hz)


def test_the_mix_has_the_rate_that_most_stems_have_or_the_one_asked_for():
    given = {
        "a": sine(440.0, sample_rate_hz=44_100),
        "b": silence(sample_rate_hz=44_100),
        "c": silence(sample_rate_hz=96_000),
    }
    assert StemMixer().mix_stems(given).sample_rate_hz == 44_100
    mixed = StemMixer(sample_rate_hz=48_000).mix_stems(given)
    assert mixed.samples.shape == (2, 48_000)
    inner = slice(4_800, 43_200)
    assert difference_db(mixed.samples[:, inner], sine(440.0).samples[:, inner]) < RESAMPLED_DB


def test_files_of_another_rate_are_resampled(tmp_path):
    path = tmp_path / "tone.wav"
    write_audio(path, sine(440.0, sample_rate_hz=44_100), subtype="FLOAT")
    mixed = StemMixer(sample_rate_hz=48_000).mix_stems({"tone": path})
    inner = slice(4_800, 43_200)
    assert difference_db(mixed.samples[:, inner], sine(440.0).samples[:, inner]) < RESAMPLED_DB


def test_a_mix_that_would_clip_is_turned_down_to_just_below_full_scale():
    loud = {name: noise(rms_dbfs=-9.0, seed=seed) for seed, name in enumerate("abc")}
    mixed = StemMixer().mix_stems(loud)
    assert true_peak_dbtp(mixed) == pytest.approx(-0.1, abs=PEAK_TOLERANCE_DB)
    assert np.max(np.abs(mixed.samples)) < 1.0


def test_a_mix_that_does_not_clip_is_left_alone():
    tone = sine(440.0, level_dbfs=-0.2)
    assert difference_db(StemMixer().mix_stems({"tone": tone}).samples, tone.samples) < NULL_DB


@pytest.mark.parametrize("level_dbfs", [-40.0, 12.0])
def test_normalize_brings_the_true_peak_to_minus_1_dbtp(level_dbfs):
    tone = sine(440.0, level_dbfs=level_dbfs)
    mixed = StemMixer().mix_stems({"tone": tone}, normalize=True)
    assert true_peak_dbtp(mixed) == pytest.approx(-1.0, abs=PEAK_TOLERANCE_DB)


@pytest.mark.parametrize("normalize", [False, True])
def test_silence_and_single_samples_are_mixed_too(normalize):
    given = {"nothing": silence(), "click": Audio(np.ones((1, 1), np.float32), 48_000)}
    assert StemMixer().mix_stems(given, normalize=normalize).frames == 48_000
    assert not StemMixer().mix_stems({"nothing": silence()}, normalize=normalize).samples.any()


def test_the_streamed_mix_is_the_one_in_memory():
    given = {**stems(), "loud": noise(rms_dbfs=-6.0, seed=5)}
    options: dict[str, Any] = {
        "gains": {"drums": 2.0},
        "pans": {"vocals": 0.4},
        "high_pass_cutoffs": {"loud": 90.0},
    }
    mixed = StemMixer().mix_stems(given, **options)
    streamed = StemMixer().mixdown(given, **options)
    assert streamed.frames == mixed.frames
    assert difference_db(in_memory(streamed).samples, mixed.samples) < NULL_DB


@pytest.mark.parametrize("name", ["mix.wav", "mix.flac", "mix.aiff"])
def test_a_mix_is_saved(tmp_path, name):
    mixer = StemMixer()
    mixed = mixer.mix_stems(stems())
    mixer.save_audio(mixed, str(tmp_path / name))
    assert difference_db(read_audio(tmp_path / name).samples, mixed.samples) < WRITTEN_DB
    mixer.save_audio(mixer.mixdown(stems()), tmp_path / name)
    assert difference_db(read_audio(tmp_path / name).samples, mixed.samples) < WRITTEN_DB


def test_a_mix_that_cannot_be_saved_is_named(tmp_path):
    mixer = StemMixer()
    with pytest.raises(AudioFileError, match=r"mix\.wav cannot be written"):
        mixer.save_audio(mixer.mix_stems(stems()), tmp_path / "nowhere" / "mix.wav")


def test_without_auto_gain_nothing_is_measured_but_the_peak():
    given = {"kick": noise(rms_dbfs=-32.0), "pad": noise(rms_dbfs=-20.0, seed=2)}
    for off in (False, None):
        mixed = StemMixer().mix_stems(given, auto_gain=off)
        assert difference_db(mixed.samples, given["kick"].samples + given["pad"].samples) < NULL_DB


@pytest.mark.parametrize(
    ("options", "error", "code", "sentence"),
    [
        ({"auto_gain": "reference"}, OptionError, "AMA-501", "no reference"),
        ({"references": ["song.flac"]}, OptionError, "AMA-501", "no balance that comes near"),
        (
            {"auto_gain": "reference", "references": ["gone.flac"]},
            AudioFileError,
            "AMA-101",
            "gone",
        ),
        (
            {"auto_gain": "reference", "references": ["x.wav@2-1"]},
            OptionError,
            "AMA-501",
            "ends before",
        ),
        ({"auto_gain": "magic"}, OptionError, "AMA-501", "auto_gain is 'magic'"),
        ({"gains": {"drum": 1.0}}, SessionError, "AMA-203", "no track 'drum'"),
        ({"pans": {"x": 1.0}}, SessionError, "AMA-203", "no track 'x'"),
        ({"high_pass_cutoffs": {"x": 80.0}}, SessionError, "AMA-203", "no track 'x'"),
        ({"low_pass_cutoffs": {"x": 80.0}}, SessionError, "AMA-203", "no track 'x'"),
        ({"gains": {"drums": float("nan")}}, OptionError, "AMA-501", "gain of 'drums' is nan"),
        ({"gains": {"drums": 61.0}}, OptionError, "AMA-501", "gain of 'drums' is 61"),
        ({"pans": {"drums": 1.01}}, OptionError, "AMA-501", "pan of 'drums' is 1.01"),
        ({"high_pass_cutoffs": {"drums": 9.0}}, OptionError, "AMA-501", "cutoff of 'drums' is 9.0"),
        ({"low_pass_cutoffs": {"drums": 24_000.0}}, OptionError, "AMA-501", "'drums' is 24000.0"),
    ],
)
def test_wrong_values_are_named_before_anything_is_mixed(options, error, code, sentence):
    with pytest.raises(error, match=sentence) as caught:
        StemMixer().mix_stems(stems(), **options)
    assert caught.value.code == code


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(SessionError) as caught:
        StemMixer().mix_stems(stems(), gains={"drum": 1.0})
    assert "drums, vocals" in caught.value.hint


def test_no_stems_and_missing_files_are_named(tmp_path):
    with pytest.raises(SessionError, match="no stems"):
        StemMixer().mix_stems({})
    with pytest.raises(AudioFileError, match=r"none\.wav does not exist"):
        StemMixer().mix_stems({"x": tmp_path / "none.wav"})


def test_progress_rises_to_one():
    told: list[float] = []
    StemMixer().mix_stems(
        stems(), auto_gain=True, on_progress=lambda fraction, stage: told.append(fraction)
    )
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_importing_the_package_loads_nothing_heavy():
    script = (
        "import sys, ama_analysis\n"
        "heavy = {'numpy', 'scipy', 'pedalboard', 'librosa', 'soundfile'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "from ama_analysis import StemMixer, load_preset\n"
        "assert 'pedalboard' in sys.modules\n"
        "try:\n"
        "    ama_analysis.NoSuchThing\n"
        "except AttributeError as error:\n"
        "    print(error)\n"
    )
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=root, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "NoSuchThing" in done.stdout


@needs_real_data
def test_real_stems_are_balanced_and_do_not_clip():
    folder = SESSIONS / "mdn_funk"
    paths = {path.stem: path for path in sorted(folder.glob("*.flac")) if path.stem != "mix"}
    mixed = StemMixer().mix_stems(paths, auto_gain=True)
    assert mixed.frames == max(open_audio(path).frames for path in paths.values())
    assert level_db(mixed.samples) > -40.0
    peak = true_peak_dbtp(mixed)
    assert peak is not None
    assert peak <= -0.1 + PEAK_TOLERANCE_DB
