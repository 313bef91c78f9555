"""How the bands of a mix move, and mid and side by band: physics on made signals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.audio import Audio, Block, open_audio
from ama_analysis.bands import (
    BROAD_BANDS,
    THIRD_OCTAVE_HZ,
    TONAL_BANDS,
    band_matrix,
    band_powers,
    broad_band_edges,
    erb_bands,
    third_octave_edges,
)
from ama_analysis.measure import measure_mix
from ama_analysis.measurements import Levels, MixProfile
from tests.real_data import REFERENCES, needs_real_data
from tests.signals import noise, silence, sine

RATE_HZ = 44_100
DURATION_S = 20.0
STEP_DB = 0.5
"""Levels are counted in steps of half a decibel."""
STEADY_QUIET_DB = -5.5
STEADY_LOUD_DB = 4.5
"""A third-octave of noise around 31.5 Hz, 7 Hz wide, has some three independent values in a window: it breathes."""
WIDE_STEADY_DB = 1.5
"""The same where bands are wide."""
FORMULA_DB = 0.05
"""Windows of 0.74 s against one transform of the whole, in bands of 24 Hz and more."""
SWING_DB = 12.0


def profile(audio: Audio) -> MixProfile:
    measured = measure_mix(audio)
    assert measured is not None
    return measured


def figures(levels: Levels | None) -> np.ndarray:
    assert levels is not None
    return np.array(levels)


def band(low_hz: float, high_hz: float, *, seed: int = 1) -> Block:
    white = noise(duration_s=DURATION_S, sample_rate_hz=RATE_HZ, pink=True, seed=seed).samples
    spectrum = np.fft.rfft(white)
    freq_hz = np.fft.rfftfreq(white.shape[1], 1.0 / RATE_HZ)
    spectrum[:, (freq_hz < low_hz) | (freq_hz > high_hz)] = 0.0
    return np.fft.irfft(spectrum, white.shape[1]).astype(np.float32)


def swinging(samples: Block, *, period_s: float = 4.0) -> Block:
    """Return samples that are 12 dB quieter every other half period."""
    time_s = np.arange(samples.shape[1]) / RATE_HZ
    gain = np.where(time_s % period_s < period_s / 2.0, 1.0, 10.0 ** (-SWING_DB / 20.0))
    return (samples * gain).astype(np.float32)


def test_the_broad_bands_meet_at_third_octave_edges():
    edges = broad_band_edges()
    assert len(BROAD_BANDS) == edges.size - 1
    assert np.all(np.isin(edges, third_octave_edges()))
    assert [round(float(edge)) for edge in edges] == [18, 56, 141, 447, 1778, 4467, 8913, 22387]


def test_running_sums_give_the_bands_of_the_matrix():
    bin_hz = np.fft.rfftfreq(4096, 1.0 / RATE_HZ)
    power = np.random.default_rng(1).random(bin_hz.size) ** 4
    for edges in (third_octave_edges(), erb_bands()[1], broad_band_edges()):
        expected = band_matrix(edges, bin_hz) @ power
        assert band_powers(edges, bin_hz, power) == pytest.approx(expected, rel=1e-9)


def test_steady_noise_hardly_moves():
    steady = profile(noise(duration_s=DURATION_S, sample_rate_hz=RATE_HZ, pink=True))
    quiet, loud = figures(steady.third_octave_quiet_db), figures(steady.third_octave_loud_db)
    assert quiet.size == loud.size == 28
    assert np.all((quiet > STEADY_QUIET_DB) & (quiet < STEP_DB))
    assert np.all((loud > -STEP_DB) & (loud < STEADY_LOUD_DB))
    wide = THIRD_OCTAVE_HZ[TONAL_BANDS] > 500.0
    assert np.max(np.abs(np.concatenate((quiet[wide], loud[wide])))) < WIDE_STEADY_DB


def test_a_band_that_swings_is_told_by_its_percentiles_and_range_and_the_others_are_not():
    low, high = swinging(band(180.0, 400.0)), band(2_000.0, 4_000.0, seed=2)
    moved = profile(Audio(low + high, RATE_HZ))
    centre = THIRD_OCTAVE_HZ[TONAL_BANDS]
    spread = figures(moved.third_octave_loud_db) - figures(moved.third_octave_quiet_db)
    assert np.all(spread[(centre > 190.0) & (centre < 390.0)] > SWING_DB - STEP_DB)
    assert np.all(spread[(centre > 2_100.0) & (centre < 3_900.0)] < 2.0 * WIDE_STEADY_DB)
    by_band = dict(zip(BROAD_BANDS, figures(moved.band_range_db), strict=True))
    assert by_band["low mid"] == pytest.approx(SWING_DB + 3.0, abs=3.0)
    assert by_band["high mid"] < SWING_DB / 2.0


def test_hits_have_the_crest_of_their_share_of_time():
    """One frame of ten as loud as it gets: ten times the mean power, 10 dB."""
    time_s = np.arange(round(DURATION_S * RATE_HZ)) / RATE_HZ
    hits = band(5_000.0, 8_000.0) * (time_s % 2.0 < 0.2)
    crest = dict(
        zip(
            BROAD_BANDS,
            figures(profile(Audio(hits.astype(np.float32), RATE_HZ)).band_crest_db),
            strict=True,
        )
    )
    steady = dict(
        zip(
            BROAD_BANDS,
            figures(profile(Audio(band(5_000.0, 8_000.0), RATE_HZ)).band_crest_db),
            strict=True,
        )
    )
    assert steady["high"] == pytest.approx(1.0, abs=1.0)
    assert crest["high"] - steady["high"] == pytest.approx(10.0, abs=1.0)


def test_movement_does_not_depend_on_loudness():
    hiss = band(20.0, 20_000.0, seed=3) * np.float32(0.03)
    loud = Audio(swinging(band(180.0, 400.0)) + band(2_000.0, 4_000.0, seed=2) + hiss, RATE_HZ)
    soft = Audio(loud.samples * np.float32(0.1), RATE_HZ)
    for name in ("third_octave_quiet_db", "third_octave_loud_db", "band_range_db", "band_crest_db"):
        first, second = (figures(getattr(profile(audio), name)) for audio in (loud, soft))
        assert first == pytest.approx(second, abs=STEP_DB + 1e-6), name
    for name in ("erb_mid_db", "erb_side_db"):
        first, second = (figures(getattr(profile(audio), name)) for audio in (loud, soft))
        assert first == pytest.approx(second, abs=1e-3), name


def test_mid_and_side_by_band_follow_the_formula():
    first, second = (
        noise(duration_s=4.0, sample_rate_hz=RATE_HZ, pink=True, seed=s) for s in (1, 2)
    )
    wide = Audio(
        first.samples * np.float32(0.7) + second.samples * np.array([[0.7], [-0.2]], np.float32),
        RATE_HZ,
    )
    measured = profile(wide)
    left, right = wide.samples.astype(np.float64)
    bin_hz = np.fft.rfftfreq(left.size, 1.0 / RATE_HZ)
    powers = [np.abs(np.fft.rfft(x)) ** 2 for x in ((left + right) / 2.0, (left - right) / 2.0)]
    mid, side = (band_matrix(erb_bands()[1], bin_hz) @ power for power in powers)
    whole = float(mid.sum() + side.sum())
    above = erb_bands()[0] > 200.0
    for told, power in ((measured.erb_mid_db, mid), (measured.erb_side_db, side)):
        expected = 10.0 * np.log10(power / whole)
        assert figures(told)[above] == pytest.approx(expected[above], abs=10.0 * FORMULA_DB)
        assert np.mean(figures(told) - expected) == pytest.approx(0.0, abs=2.0 * FORMULA_DB)
    both = 10.0 ** (figures(measured.erb_mid_db) / 10.0) + 10.0 ** (
        figures(measured.erb_side_db) / 10.0
    )
    assert both.sum() == pytest.approx(1.0)


def test_mono_has_no_side_and_moves_as_its_stereo_copy_does():
    mono = Audio(swinging(band(180.0, 400.0))[:1], RATE_HZ)
    stereo = Audio(np.repeat(mono.samples, 2, axis=0), RATE_HZ)
    one, two = profile(mono), profile(stereo)
    assert set(figures(one.erb_side_db)) == {-80.0}
    for name in ("erb_mid_db", "third_octave_loud_db", "band_range_db", "band_crest_db"):
        assert figures(getattr(one, name)) == pytest.approx(figures(getattr(two, name)), abs=1e-6)


def test_a_sound_shorter_than_a_window_has_every_figure():
    short = profile(sine(997.0, duration_s=0.5))
    assert short.band_crest_db is not None
    assert short.third_octave_loud_db is not None
    assert measure_mix(silence(duration_s=1.0)) is None


def test_a_pause_is_not_the_quiet_end_of_a_band():
    """Half of it is silence; what plays is steady."""
    steady = noise(duration_s=DURATION_S, sample_rate_hz=RATE_HZ, pink=True).samples
    paused = Audio(np.concatenate((steady, np.zeros_like(steady)), axis=1), RATE_HZ)
    wide = THIRD_OCTAVE_HZ[TONAL_BANDS] > 500.0
    loud = figures(profile(paused).third_octave_loud_db)[wide]
    quiet = figures(profile(paused).third_octave_quiet_db)[wide]
    assert np.max(loud - quiet) < 2.0 * WIDE_STEADY_DB


@needs_real_data
def test_a_real_song_moves_within_what_music_does():
    song = profile_of("joshua_morin_on_the_run")
    assert np.all(figures(song.third_octave_loud_db) > 0.0)
    assert np.all(figures(song.third_octave_quiet_db) < 0.0)
    assert np.all((figures(song.band_crest_db) > 1.0) & (figures(song.band_crest_db) < 20.0))
    assert np.all((figures(song.band_range_db) > 2.0) & (figures(song.band_range_db) < 40.0))
    assert replace(song, erb_mid_db=None) != song


def profile_of(name: str) -> MixProfile:
    measured = measure_mix(open_audio(REFERENCES / f"{name}.ogg").section(20.0, 60.0))
    assert measured is not None
    return measured


def test_who_does_not_ask_for_movement_gets_all_the_rest():
    audio = noise(pink=True, duration_s=3.0)
    whole, without = profile(audio), measure_mix(audio, movement=False)
    still = replace(
        whole,
        third_octave_quiet_db=None,
        third_octave_loud_db=None,
        band_range_db=None,
        band_crest_db=None,
    )
    assert without == still
