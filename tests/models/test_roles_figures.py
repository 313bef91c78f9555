"""The figures from which roles are told: level-free, alike at other rates, and found where the sound is."""

import numpy as np
import pytest

from ama_analysis.audio import Audio, resampled
from ama_analysis.models.role_figures import FIGURES, PARTS, WINDOW_S, figures_of
from ama_analysis.models.role_windows import (
    MOST_WINDOWS,
    energies_of,
    figures_at,
    loudest_windows,
)
from tests.models.role_stems import RATE_HZ, bass, hats, kick

ROUNDING = 1e-2
"""Samples scaled by another float32 round otherwise."""
ALIKE_DB = 1.5
"""Bins and hops of another rate lie elsewhere: median over the figures of the tone."""
ALIKE = 0.1
"""YAMNet hears 16 kHz whatever the rate was: part of the norm of its figures."""


def window(sound: Audio) -> np.ndarray:
    return sound.samples[:, : round(WINDOW_S * sound.sample_rate_hz)]


@pytest.mark.parametrize("make", [kick, hats, bass])
def test_figures_do_not_depend_on_level(make):
    loud = figures_of(window(make()), RATE_HZ)
    quiet = figures_of(window(make()) * np.float32(0.01), RATE_HZ)
    assert loud.shape == (FIGURES,)
    np.testing.assert_allclose(quiet, loud, atol=ROUNDING)


@pytest.mark.parametrize("rate_hz", [22_050, 32_000, 48_000, 96_000])
def test_figures_are_alike_at_other_rates(rate_hz):
    here = figures_of(window(bass()), RATE_HZ)
    there = figures_of(window(resampled(bass(), rate_hz)), rate_hz)
    tone, heard = PARTS
    assert float(np.median(np.abs(there[tone] - here[tone]))) < ALIKE_DB
    assert np.linalg.norm(there[heard] - here[heard]) < ALIKE * np.linalg.norm(here[heard])


@pytest.mark.parametrize("frames", [0, 1, 100, 2048])
def test_what_is_too_short_or_silent_has_no_figures(frames):
    assert not figures_of(np.ones((2, frames), np.float32), RATE_HZ).any()
    assert not figures_of(np.zeros((1, 3 * RATE_HZ), np.float32), RATE_HZ).any()


def test_a_constant_and_a_single_click_have_finite_figures():
    click = np.zeros((1, 3 * RATE_HZ), np.float32)
    click[0, 70_000] = 1.0
    for odd in (click, np.ones((2, 3 * RATE_HZ), np.float32)):
        assert np.isfinite(figures_of(odd, RATE_HZ)).all()


def test_the_loudest_windows_are_heard_and_silence_is_not():
    energies = np.zeros(200)
    energies[100:115], energies[160:170] = 1.0, 0.5
    starts = loudest_windows(list(energies), 0.4)
    assert starts
    assert all(100 - 8 < at / 0.4 < 170 for at in starts)
    assert len(loudest_windows([1.0] * 500, 0.4)) == MOST_WINDOWS
    assert loudest_windows([0.0] * 500, 0.4) == []
    assert loudest_windows([], 0.4) == []


def test_long_steps_are_windows_of_their_own():
    starts = loudest_windows([0.0, 1.0, 2.0, 0.0], 12.8)
    assert starts == [12.8, 25.6]


def test_a_window_over_the_end_is_moved_back():
    sound = kick(4.0)
    assert figures_at(sound, [3.0]).shape == (1, FIGURES)
    assert figures_at(kick(2.0), [0.0]).shape == (1, FIGURES)
    silent = Audio(np.zeros((2, 10), np.float32), RATE_HZ)
    assert figures_at(silent, [0.0]).shape == (0, FIGURES)


def test_energies_cover_the_whole_sound():
    samples = np.ones((2, 25), np.float32)
    assert energies_of(samples, 10) == [20.0, 20.0, 10.0]
