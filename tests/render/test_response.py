"""The foretold gain of filters against what a rendered signal shows: pink noise with a period, through the very chain."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.plan import EqBand, FilterShape, HighPass, LowPass, MasterEq
from ama_analysis.render import rendered_response_db
from ama_analysis.render.plugins import board_of, settings_at, settings_of
from tests.signals import PERIOD, pink

FORETOLD_DB = {44_100: 0.01, 96_000: 0.03, 192_000: 0.08}
"""What is left is the rounding of samples, which grows with the square of the rate: 0.006, 0.015 and 0.051 dB at most over 200 bands."""
SLOPE_DB = -20.0
"""So far down a filter's slope is compared; the rounded rest fills what is below."""


def measured_db(actions, rate, freq_hz):
    """Return the gain that a rendered signal has in its last period, at the bins next to some frequencies, and these bins."""
    samples, spectrum = pink(rate, 3)
    settings = settings_at([one for action in actions for one in settings_of(action)], rate)
    heard = np.fft.rfft(board_of(settings).process(samples, rate)[0, -PERIOD:])
    bins = np.unique(np.round(freq_hz * PERIOD / rate).astype(int))
    return 20.0 * np.log10(np.abs(heard[bins] / spectrum[bins])), bins * rate / PERIOD


def bands(count):
    """Return bands from 50 Hz on, most of them in the bass, where 32 bits tell."""
    rng = np.random.default_rng(4)
    for _ in range(count):
        shape: FilterShape = rng.choice(["bell", "low_shelf", "high_shelf"])
        yield EqBand(
            type=shape,
            freq_hz=float(np.exp(rng.uniform(np.log(50.0), np.log(2000.0)))),
            gain_db=float(rng.uniform(-12.0, 12.0)),
            q=float(rng.uniform(0.4, 2.0)),
        )


@pytest.mark.parametrize("rate", FORETOLD_DB)
def test_a_bands_gain_is_foretold_with_the_rounding_of_its_coefficients(rate):
    grid = np.geomspace(20.0, 20_000.0, 400)
    for band in bands(40):
        found, freq_hz = measured_db([band], rate, grid)
        told = rendered_response_db([band], freq_hz, rate)
        assert found == pytest.approx(told, abs=FORETOLD_DB[rate]), band


def test_it_is_the_rounding_that_is_told_not_the_formula():
    """A low shelf at 71 Hz is 0.45 dB away from the cookbook's at 192 kHz: its foot does not come to 5 dB."""
    shelf = EqBand(type="low_shelf", freq_hz=71.1, gain_db=5.0, q=0.82)
    foot_hz = np.array([20.0])
    at_44, at_192 = (rendered_response_db([shelf], foot_hz, rate)[0] for rate in (44_100, 192_000))
    assert abs(at_44 - at_192) > 0.2


@pytest.mark.parametrize("rate", FORETOLD_DB)
@pytest.mark.parametrize(
    "action",
    [
        HighPass(cutoff_hz=40.0, slope_db_per_oct=6),
        HighPass(cutoff_hz=80.0, slope_db_per_oct=18),
        HighPass(cutoff_hz=120.0, slope_db_per_oct=24),
        LowPass(cutoff_hz=9000.0, slope_db_per_oct=24),
        LowPass(cutoff_hz=700.0, slope_db_per_oct=6),
    ],
)
def test_a_filters_gain_is_foretold(action, rate):
    found, freq_hz = measured_db([action], rate, np.geomspace(20.0, 20_000.0, 400))
    told = rendered_response_db([action], freq_hz, rate)
    heard = told > SLOPE_DB
    assert found[heard] == pytest.approx(told[heard], abs=FORETOLD_DB[rate])


def test_several_actions_add_up_and_what_lies_above_the_band_is_left_out():
    freq_hz = np.geomspace(20.0, 3000.0, 50)
    bell = EqBand(type="bell", freq_hz=400.0, gain_db=4.0, q=1.0)
    above = EqBand(type="bell", freq_hz=3990.0, gain_db=6.0, q=1.0)
    shelf = MasterEq(type="low_shelf", freq_hz=3990.0, gain_db=-2.0, q=0.7)
    alone = rendered_response_db([bell], freq_hz, 8000)
    assert np.array_equal(rendered_response_db([bell, above], freq_hz, 8000), alone)
    assert rendered_response_db([shelf, bell], freq_hz, 8000) == pytest.approx(alone - 2.0)
