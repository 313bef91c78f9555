"""The true-peak limiter holds its ceiling on material that is made to break it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import resample_poly

from ama_analysis.audio import Audio, open_audio
from ama_analysis.plan import Limiter
from ama_analysis.render import trim_for
from tests.real_data import REFERENCES, needs_real_data
from tests.render.material import difference_db, impulse, mix_of, rendered, says
from tests.signals import silence

RATE = 48_000
CEILING_DBTP = -1.0
LOUDER_DB = 8.0


def true_peak_dbtp(samples, oversampling=16):
    """Return the peak of the samples at 16 times their rate, four times as fine as BS.1770 asks for."""
    peaks = [
        np.max(
            np.abs(
                resample_poly(
                    samples[:, at : at + 66_000].astype(np.float64), oversampling, 1, axis=1
                )
            )
        )
        for at in range(0, samples.shape[1], 65_000)
    ]
    return 20.0 * np.log10(max(peaks))


def limited(sound, gain_db=0.0):
    return rendered(
        mix_of({"x": sound}, says("master", Limiter(ceiling_dbtp=CEILING_DBTP, gain_db=gain_db)))
    )


def hard_material():
    n = 2 * RATE
    t = np.arange(n)
    random = np.random.default_rng(1)
    hits = random.standard_normal(n) * np.exp(-(t % (RATE // 4)) / (0.03 * RATE)) * 4.0
    return {
        "a tone at a quarter of the rate, between the samples": 1.5
        * np.sin(np.pi * t / 2 + np.pi / 4),
        "bursts of it": 1.5 * np.sin(np.pi * t / 2 + np.pi / 4) * ((t // 200) % 10 == 0),
        "a tone near the top": 1.5 * np.sin(2 * np.pi * 0.45 * t + 0.3),
        "clipped drums": 1.5 * np.clip(hits, -1.0, 1.0),
        "clipped noise": 1.5 * np.clip(random.standard_normal(n), -1.0, 1.0),
        "a square wave": 1.5 * np.sign(np.sin(2 * np.pi * 0.023 * t + 0.1)),
    }


@pytest.mark.parametrize("name", hard_material())
def test_the_ceiling_holds_between_the_samples(name):
    stem = Audio(np.tile(hard_material()[name].astype(np.float32), (2, 1)), RATE)
    assert true_peak_dbtp(stem.samples) > 0.0
    assert true_peak_dbtp(limited(stem)) <= CEILING_DBTP


@needs_real_data
def test_the_ceiling_holds_on_finished_songs_turned_up_by_8_db():
    songs = sorted(REFERENCES.glob("*.ogg"))
    assert songs
    for path in songs:
        song = open_audio(path).section(30.0, 36.0)
        got = rendered(
            mix_of(
                {"x": song}, says("master", Limiter(ceiling_dbtp=CEILING_DBTP, gain_db=LOUDER_DB))
            )
        )
        assert true_peak_dbtp(got) <= CEILING_DBTP, path.name


def test_what_stays_below_the_ceiling_is_not_touched():
    click = impulse(frames=RATE, at=20_000, channels=2)
    assert np.array_equal(limited(click), click.samples)


def test_the_limiters_gain_comes_before_it():
    click = impulse(frames=RATE, at=20_000, channels=2)
    wanted = click.samples * 10.0 ** (-6.0 / 20.0)
    assert difference_db(limited(click, gain_db=-6.0), wanted) < -120.0


@pytest.mark.parametrize("frames", [1, 2, 5, 239, 241, 300])
def test_sounds_shorter_than_what_it_looks_ahead_are_limited(frames):
    loud = Audio(np.full((2, frames), 4.0, np.float32), RATE)
    got = limited(loud)
    assert got.shape == (2, frames)
    assert 0.0 < np.max(np.abs(got)) <= 10.0 ** (CEILING_DBTP / 20.0)


def test_silence_is_let_through():
    assert not limited(silence()).any()


def test_what_still_exceeds_is_trimmed():
    assert trim_for(-0.8, -1.0) == pytest.approx(-0.2)
    assert trim_for(-1.4, -1.0) == 0.0
    assert trim_for(None, -1.0) == 0.0
