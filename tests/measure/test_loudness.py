"""Loudness against the EBU's signals, libebur128, FFmpeg and pyloudnorm."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.audio import Audio, as_stereo, read_audio
from ama_analysis.k_weighting import k_weighting_biquads
from ama_analysis.measure import LoudnessMeter, ProgrammeLoudness
from tests.measure import ebu
from tests.measure.independent import ffmpeg_range_lu, libebur128
from tests.real_data import REFERENCES, SESSIONS, needs_real_data
from tests.signals import noise, silence, sine

AGREEMENT_LU = 0.1
"""What the project asks of loudness against an independent implementation; measured: 0.01 LU and less."""
FFMPEG_RANGE_LU = 0.1
"""FFmpeg steps by 100 ms, AMA and libebur128 by 1 s: on whole mixes that makes little, on short stems with pauses up to 19 LU."""
PYLOUDNORM_LU = 0.05
"""pyloudnorm is only a second witness: its filters are designed another way."""
ONE_END_LU = 0.4
"""At the end of 2 s blocks hold three quarters of the tone, a half and a quarter."""
COEFFICIENT = 1e-8
"""BS.1770 prints its coefficients with 14 digits; the prototype gives them to this."""

STEMS = ("evr_caesium/vox_lead", "evr_caesium/kick", "evr_rubidium/drums_main", "mdn_funk/clav")
MIXES = ("evr_caesium/mix", "evr_potassium/mix", "lmms_makeme/mix")


def read(audio: Audio) -> ProgrammeLoudness:
    meter = LoudnessMeter(sample_rate_hz=audio.sample_rate_hz, channels=audio.channels)
    for block in audio.blocks():
        meter.add(block)
    return meter.result()


def number(case: ebu.Case) -> str:
    return f"case-{case.number}"


def joined(cases: tuple[ebu.Case, ...]) -> ebu.Segments:
    return tuple(segment for case in cases for segment in case.segments)


@pytest.mark.parametrize("case", ebu.INTEGRATED, ids=number)
def test_integrated_loudness_of_tech_3341(case: ebu.Case):
    assert read(ebu.tones(case.segments)).integrated_lufs == pytest.approx(
        case.expected, abs=ebu.TOLERANCE_LU
    )


@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 44_100, 96_000, 192_000])
def test_integrated_loudness_is_the_same_at_every_rate(rate_hz: int):
    case = ebu.INTEGRATED[0]
    assert read(ebu.tones(case.segments, rate_hz)).integrated_lufs == pytest.approx(
        case.expected, abs=ebu.TOLERANCE_LU
    )


@pytest.mark.parametrize("case", ebu.SHORT_TERM, ids=number)
def test_maximum_of_short_term_loudness_of_tech_3341(case: ebu.Case):
    assert read(ebu.tones(case.segments)).max_short_term_lufs == pytest.approx(
        case.expected, abs=ebu.TOLERANCE_LU
    )


@pytest.mark.parametrize("case", ebu.MOMENTARY, ids=number)
def test_maximum_of_momentary_loudness_of_tech_3341(case: ebu.Case):
    assert read(ebu.tones(case.segments)).max_momentary_lufs == pytest.approx(
        case.expected, abs=ebu.TOLERANCE_LU
    )


def test_short_term_loudness_is_constant_in_case_9():
    """Its range is that of short-term loudness over time, and "constant" is what the standard expects."""
    measured = read(ebu.tones(ebu.SHORT_TERM[0].segments))
    assert measured.loudness_range_lu == pytest.approx(0.0, abs=2 * ebu.TOLERANCE_LU)


@pytest.mark.parametrize("count", range(1, 21))
def test_successive_maxima_of_cases_11_and_14(count: int):
    short_term = read(ebu.tones(joined(ebu.RISING_SHORT_TERM[:count])))
    momentary = read(ebu.tones(joined(ebu.RISING_MOMENTARY[:count])))
    expected = ebu.RISING_SHORT_TERM[count - 1].expected
    assert short_term.max_short_term_lufs == pytest.approx(expected, abs=ebu.TOLERANCE_LU)
    assert momentary.max_momentary_lufs == pytest.approx(expected, abs=ebu.TOLERANCE_LU)


@pytest.mark.parametrize("case", ebu.RANGE, ids=number)
def test_loudness_range_of_tech_3342(case: ebu.Case):
    assert read(ebu.tones(case.segments)).loudness_range_lu == pytest.approx(
        case.expected, abs=ebu.RANGE_TOLERANCE_LU
    )


@pytest.mark.parametrize(("quiet_dbfs", "expected_lufs"), [(-31.5, -22.7), (-34.0, -20.0)])
def test_the_relative_gate_lies_10_lu_below_the_mean(quiet_dbfs: float, expected_lufs: float):
    """Half the time at -20: the mean is about -22.8 LUFS, so the gate passes -31.5 and not -34."""
    audio = ebu.tones(((30.0, -20.0), (30.0, quiet_dbfs)))
    assert read(audio).integrated_lufs == pytest.approx(expected_lufs, abs=ebu.TOLERANCE_LU)


def test_coefficients_at_48_khz_are_those_that_bs1770_prints():
    shelf, high_pass = k_weighting_biquads(48_000)
    printed = (1.53512485958697, -2.69169618940638, 1.19839281085285)
    assert shelf[0] == pytest.approx(printed, abs=COEFFICIENT)
    assert shelf[1][1:] == pytest.approx((-1.69065929318241, 0.73248077421585), abs=COEFFICIENT)
    assert high_pass[0] == (1.0, -2.0, 1.0)
    assert high_pass[1][1:] == pytest.approx((-1.99004745483398, 0.99007225036621), abs=COEFFICIENT)


def test_filtering_in_blocks_equals_the_recursion():
    """The filter in matrix products against scipy's recursion, on noise with much low end; float32 leaves 1e-4 LU."""
    from scipy.signal import lfilter

    audio = noise(pink=True, duration_s=5.0, sample_rate_hz=44_100)
    weighted = audio.samples.astype(np.float64)
    for numerator, denominator in k_weighting_biquads(44_100):
        weighted = lfilter(numerator, denominator, weighted, axis=1)
    blocks = [
        float(np.sum(np.mean(weighted[:, start : start + 17_640] ** 2, axis=1)))
        for start in range(0, weighted.shape[1] - 17_640 + 1, 441)
    ]
    expected = -0.691 + 10.0 * math.log10(max(blocks))
    assert read(audio).max_momentary_lufs == pytest.approx(expected, abs=1e-4)


def test_mono_is_one_channel_unless_it_is_taken_as_dual_mono():
    """As libebur128 has it: -23 dBFS in both channels is -23 LUFS, in one it is 3.01 LU less."""
    mono = sine(1000.0, level_dbfs=-23.0, channels=1)
    stereo = read(sine(1000.0, level_dbfs=-23.0)).integrated_lufs
    assert stereo is not None
    dual = LoudnessMeter(sample_rate_hz=48_000, channels=1, dual_mono=True)
    dual.add(mono.samples)
    assert read(mono).integrated_lufs == pytest.approx(stereo - 10.0 * math.log10(2.0), abs=0.01)
    assert dual.result().integrated_lufs == stereo


def test_a_sound_shorter_than_a_block_is_measured_as_if_silence_followed():
    short = sine(1000.0, level_dbfs=-20.0, duration_s=0.2)
    long = Audio(np.pad(short.samples, ((0, 0), (0, 48_000))), 48_000)
    measured = read(short).integrated_lufs
    assert measured == pytest.approx(-23.0, abs=ebu.TOLERANCE_LU)
    assert read(long).max_momentary_lufs == pytest.approx(measured, abs=ebu.TOLERANCE_LU)


def over(level_db: float, seed: int = 7) -> ProgrammeLoudness:
    """Read a tone that plays 2 of 20 s over noise so far below it."""
    played = sine(1000.0, level_dbfs=-20.0, duration_s=2.0).samples
    hiss = noise(duration_s=20.0, seed=seed).samples
    hiss *= 10.0 ** ((-23.0 + level_db) / 20.0) / np.sqrt(np.mean(hiss**2))
    hiss[:, : played.shape[1]] += played
    return read(Audio(hiss, 48_000))


def test_what_is_played_is_as_loud_with_noise_in_the_pauses_as_without():
    clean = over(-100.0)
    assert clean.foreground_lufs == pytest.approx(-20.0, abs=ONE_END_LU)
    for level_db in (-60.0, -30.0, -20.0):
        assert over(level_db).foreground_lufs == pytest.approx(clean.foreground_lufs, abs=0.3)
    noisy = over(-20.0).integrated_lufs
    assert noisy is not None
    assert noisy < -27.0, "the standard's gate counts it"


def test_what_goes_on_all_the_time_is_as_loud_by_both():
    steady = read(noise(duration_s=5.0))
    assert steady.foreground_lufs == pytest.approx(steady.integrated_lufs, abs=0.01)


def test_silence_has_no_loudness():
    assert read(silence()) == ProgrammeLoudness(
        integrated_lufs=None,
        loudness_range_lu=None,
        max_momentary_lufs=None,
        max_short_term_lufs=None,
        foreground_lufs=None,
    )


def test_a_meter_that_has_given_its_result_takes_no_more():
    meter = LoudnessMeter(sample_rate_hz=48_000, channels=1)
    meter.result()
    with pytest.raises(ValueError, match="takes no more"):
        meter.add(np.zeros((1, 4), np.float32))


@needs_real_data
@pytest.mark.parametrize("name", STEMS + MIXES)
def test_integrated_loudness_agrees_with_libebur128_on_real_stems(name: str):
    audio = read_audio(SESSIONS / f"{name}.flac")
    independent = libebur128(as_stereo(audio.samples), audio.sample_rate_hz)
    assert read(audio).integrated_lufs == pytest.approx(
        independent.integrated_lufs, abs=AGREEMENT_LU
    )


@needs_real_data
@pytest.mark.parametrize("name", STEMS + MIXES)
def test_loudness_range_agrees_with_libebur128_on_real_stems(name: str):
    audio = read_audio(SESSIONS / f"{name}.flac")
    independent = libebur128(as_stereo(audio.samples), audio.sample_rate_hz)
    assert read(audio).loudness_range_lu == pytest.approx(
        independent.loudness_range_lu, abs=AGREEMENT_LU
    )


@needs_real_data
@pytest.mark.parametrize("name", MIXES)
def test_loudness_range_agrees_with_ffmpeg_on_real_mixes(name: str):
    audio = read_audio(SESSIONS / f"{name}.flac")
    assert read(audio).loudness_range_lu == pytest.approx(
        ffmpeg_range_lu(audio), abs=FFMPEG_RANGE_LU
    )


@needs_real_data
def test_a_whole_release_agrees_with_libebur128_and_pyloudnorm():
    import pyloudnorm

    path: Path = REFERENCES / "xmoto_speeditup.ogg"
    audio = read_audio(path)
    measured = read(audio).integrated_lufs
    assert measured == pytest.approx(
        libebur128(audio.samples, audio.sample_rate_hz).integrated_lufs, abs=AGREEMENT_LU
    )
    meter = pyloudnorm.Meter(audio.sample_rate_hz)
    assert measured == pytest.approx(
        meter.integrated_loudness(audio.samples.T.astype(np.float64)), abs=PYLOUDNORM_LU
    )
