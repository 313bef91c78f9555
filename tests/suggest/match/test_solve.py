"""The solver on stems whose faders are known: it finds them where nothing else is asked, and keeps to its bounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ama_analysis.audio import Audio
from ama_analysis.cross_spectra import band_centres_hz
from ama_analysis.measurements import MixProfile
from ama_analysis.suggest.match.figures import Setting
from ama_analysis.suggest.match.layout import Band, Layout
from ama_analysis.suggest.match.linear import setting_of
from ama_analysis.suggest.match.model import MixModel
from ama_analysis.suggest.match.solve import Costs, Solution, Solver, Start
from ama_analysis.target import Target
from tests.suggest.match.material import (
    RATE_HZ,
    Made,
    band_noise,
    made_session,
    target_of,
)

ALL_EQ = Costs(gain=1e-9, pan=1e-9, track_eq=1e-5, bus_eq=1e-5, band_worth=1e-5)
"""Equalisers as good as free."""
NO_EQ = Costs(gain=1e-9, pan=1e-9, track_eq=1e-2, bus_eq=1e-2, band_worth=1.0)
"""Nothing is expected of faders and pans, and equalisers cost more than they bring."""
FADER_DB = 1.0
"""0.76 measured in the top band, whose few Bark bands weigh little; 0.4 in the others."""
PAN = 0.15
"""0.04 measured. Of twelve seeds three leave the cost so flat between level and pan that pans end 0.15 to 0.6 beside at a ten-thousandth of it."""
NEAR_ZERO = 0.02
"""Of the cost before; 0.00001 to 0.009 measured over eight seeds."""
BANDS_HZ = ((40.0, 120.0), (160.0, 360.0), (480.0, 1200.0), (1600.0, 4000.0), (6000.0, 16_000.0))
N = len(BANDS_HZ)


@pytest.fixture(scope="module")
def made() -> Made:
    """Five mono stems, each in a band of its own."""
    return made_session(
        {
            f"from {low:g} Hz": Audio(band_noise(seed, low, high, channels=1), RATE_HZ)
            for seed, (low, high) in enumerate(BANDS_HZ, start=1)
        }
    )


@pytest.fixture(scope="module")
def here(made) -> MixProfile:
    return made.profile()


def free(**set_to) -> Start:
    """Return a start from 0 dB and the middle that expects nothing, gains within 24 dB."""
    zeros, bands = np.zeros(N), band_centres_hz().size
    anything = Start(
        gain_db=zeros,
        gain_sigma_db=zeros + 1.0,
        gain_low_db=zeros - 24.0,
        gain_high_db=zeros + 24.0,
        pan=zeros,
        pan_sigma=zeros + 1.0,
        pan_low=zeros,
        pan_high=zeros,
        fixed_db=np.zeros((N, bands)),
        boost_db=np.full((N, bands), 6.0),
        room=np.full(N, 3),
    )
    return replace(anything, **set_to)


def model_of(made: Made, here: MixProfile, target: Target) -> MixModel:
    model = MixModel(made.spectra, target)
    model.calibrate(setting_of(made.tracks), here)
    return model


def setting_at(solution: Solution) -> Setting:
    curves = np.repeat(solution.gain_db[:, None], band_centres_hz().size, axis=1)
    return Setting(curve_db=curves, pan=solution.pan)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_faders_of_a_mix_of_these_stems_are_found(made, here, seed):
    gains = np.random.default_rng(seed).uniform(-8.0, 8.0, N)
    model = model_of(made, here, target_of(made.at(gains, np.zeros(N)).profile()))
    before, *_ = model.cost(setting_of(made.tracks))
    found = Solver(model, free(), NO_EQ).solve()
    off = found.gain_db - gains
    assert off - np.median(off) == pytest.approx(np.zeros(N), abs=FADER_DB)
    assert model.cost(setting_at(found))[0] < NEAR_ZERO * before
    assert found.bands == ()


@pytest.mark.parametrize("seed", [4, 7, 8])
def test_pans_are_found_too_but_for_their_side(made, here, seed):
    """Mid and side do not tell left from right; only the balance of the whole does."""
    random = np.random.default_rng(seed)
    gains, pans = random.uniform(-8.0, 8.0, N), random.uniform(-0.7, 0.7, N)
    model = model_of(made, here, target_of(made.at(gains, pans).profile()))
    before, *_ = model.cost(setting_of(made.tracks))
    start = free(pan=0.3 * np.sign(pans), pan_low=np.zeros(N) - 1.0, pan_high=np.zeros(N) + 1.0)
    found = Solver(model, start, NO_EQ).solve()
    off = found.gain_db - gains
    assert off - np.median(off) == pytest.approx(np.zeros(N), abs=FADER_DB)
    assert np.abs(found.pan) == pytest.approx(np.abs(pans), abs=PAN)
    assert model.cost(setting_at(found))[0] < NEAR_ZERO * before


def test_what_already_is_the_target_stays(made, here):
    found = Solver(model_of(made, here, target_of(here)), free(), NO_EQ).solve()
    assert found.gain_db - np.median(found.gain_db) == pytest.approx(np.zeros(N), abs=0.1)
    assert found.bands == ()
    assert found.cost < 1e-5


def test_what_is_surely_expected_stands_against_the_spectrum(made, here):
    gains = np.array([6.0, -6.0, 4.0, -4.0, 0.0])
    model = model_of(made, here, target_of(made.at(gains, np.zeros(N)).profile()))
    sure = free(gain_sigma_db=np.full(N, 1e-3))
    found = Solver(model, sure, replace(NO_EQ, gain=0.006)).solve()
    assert found.gain_db == pytest.approx(np.zeros(N), abs=0.05)


def test_gains_and_pans_keep_to_their_bounds(made, here):
    aim = made.at([12.0, -12.0, 12.0, -12.0, 12.0], [0.9, -0.9, 0.9, -0.9, 0.9])
    bounds = free(
        gain_low_db=np.full(N, -2.0),
        gain_high_db=np.array([3.0, 3.0, 3.0, 3.0, 0.0]),
        pan_low=np.full(N, -0.2),
        pan_high=np.full(N, 0.1),
    )
    found = Solver(model_of(made, here, target_of(aim.profile())), bounds, ALL_EQ).solve()
    assert np.all((found.gain_db >= -2.0) & (found.gain_db <= bounds.gain_high_db))
    assert np.all((found.pan >= -0.2) & (found.pan <= 0.1))


def test_pairs_cost_what_their_derivative_says(made, here):
    start = free(pairs=np.array([[0, 2], [4, 1]]), pairs_apart_db=np.array([2.0, -1.0]))
    solver = Solver(model_of(made, here, target_of(here)), start, Costs())
    layout = Layout.of(start.fixed_db, ())
    vector = np.random.default_rng(5).uniform(-0.9, 0.9, 2 * N)
    plain = Solver(solver.model, free(), Costs())

    def of_pairs(at):
        (cost, slope), (rest, of_rest) = (one._cost(layout, at) for one in (solver, plain))
        return cost - rest, slope - of_rest

    step = 1e-4 * np.eye(2 * N)
    found = [(of_pairs(vector + s)[0] - of_pairs(vector - s)[0]) / 2e-4 for s in step]
    assert of_pairs(vector)[1] == pytest.approx(found, abs=1e-8)
    even = np.zeros(2 * N)
    even[[0, 1, 4]] = 2.0, -1.0, -2.0
    even[[N, N + 2, N + 1, N + 4]] = -0.5, 0.5, 0.8, -0.8
    assert of_pairs(even)[0] == pytest.approx(0.0, abs=1e-12)


@pytest.fixture(scope="module")
def tilted(made, here) -> MixModel:
    """A target that lacks and has in excess what faders cannot give: every second third-octave up, every other down."""
    shifted = tuple(
        level + 4.0 * (-1) ** (place // 2) for place, level in enumerate(here.third_octave_db)
    )
    ln = tuple(level + 0.5 * (-1) ** place for place, level in enumerate(here.af_mid_ln))
    odd = replace(here, third_octave_db=shifted, af_mid_ln=ln)
    return model_of(made, here, target_of(odd))


def of_track(found: Solution, track: int) -> list[Band]:
    return [band for band in found.bands if band.track == track]


def test_equalisers_are_few_and_within_their_bounds(tilted):
    found = Solver(tilted, free(), ALL_EQ).solve()
    assert found.bands
    for track in range(N):
        assert len(of_track(found, track)) <= 3
    for band in (*found.bands, *found.bus):
        assert abs(band.gain_db) <= 6.0
        assert 0.5 <= round(band.q, 9) <= 2.0


def test_there_are_no_more_bands_than_there_is_room(tilted):
    found = Solver(tilted, free(room=np.array([0, 1, 2, 3, 0])), ALL_EQ).solve()
    counts = [len(of_track(found, track)) for track in range(N)]
    assert counts[0] == counts[4] == 0
    assert all(count <= room for count, room in zip(counts, (0, 1, 2, 3, 0), strict=True))
    assert sum(counts) > 0


def test_what_must_not_be_raised_is_not_raised(tilted):
    bare = free(boost_db=np.zeros((N, band_centres_hz().size)))
    found = Solver(tilted, bare, ALL_EQ).solve()
    assert found.bands
    assert all(band.gain_db <= 0.0 for band in found.bands)


def test_dear_moves_are_not_made(tilted):
    """The dearer equalisers are, the less of them."""
    free_eq, dear_eq = (Solver(tilted, free(), costs).solve() for costs in (ALL_EQ, NO_EQ))
    assert sum(abs(band.gain_db) for band in free_eq.bands) > 1.0
    assert dear_eq.bands == ()


def test_the_same_numbers_give_the_same_solution(made, here, tilted):
    first = Solver(tilted, free(), ALL_EQ).solve()
    again = Solver(tilted, free(), ALL_EQ).solve()
    assert first.gain_db.tobytes() == again.gain_db.tobytes()
    assert first.pan.tobytes() == again.pan.tobytes()
    assert (first.bands, first.bus, first.cost) == (again.bands, again.bus, again.cost)
