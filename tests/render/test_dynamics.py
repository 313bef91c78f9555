"""Compressors, knees, ballistics and side-chains against their formulas."""

from __future__ import annotations

import numpy as np
import pytest

from ama_analysis.audio import Audio
from ama_analysis.plan import Compressor, Sidechain
from ama_analysis.render import Chained, track_sound
from ama_analysis.render.plugins import settings_of
from tests.render.material import difference_db, level_db, mix_of, rendered, says, steady
from tests.signals import noise, sine

RATE = 48_000
STATIC_TOLERANCE_DB = 0.01
"""A constant through 32-bit arithmetic, half a second after its start."""
KNEE_ERROR_SHARE = 0.0215
"""Of (1 - 1/R) W, at the middle of the knee: (1 - sqrt(1/2))/2 - 1/8, three straight lines against the quadratic knee."""
BALLISTICS_TOLERANCE = 0.01
"""Of the level, 0..1: the level is worked back from 32-bit gains."""
DUCKING_TOLERANCE_DB = 0.05
NULL_DB = -110.0
"""The quotient that a side-chain's gain is read from is rounded twice more than the compressor's product."""


def squeezed_db(action, level_dbfs):
    """Return the output level for a constant of a level, once the compressor has come to rest."""
    return 20.0 * np.log10(rendered(Chained(steady(level_dbfs), settings_of(action)))[0, -1])


def quadratic_db(level_dbfs, threshold_db, ratio, knee_db):
    """Return Giannoulis, Massberg, Reiss 2012, eq. 4."""
    over = level_dbfs - threshold_db
    if 2 * over < -knee_db:
        return level_dbfs
    if 2 * abs(over) <= knee_db:
        return level_dbfs + (1 / ratio - 1) * (over + knee_db / 2) ** 2 / (2 * knee_db)
    return threshold_db + over / ratio


@pytest.mark.parametrize("ratio", [1.0, 2.0, 4.0, 20.0])
def test_above_the_threshold_the_level_rises_by_the_ratio(ratio):
    squash = Compressor(threshold_db=-20.0, ratio=ratio, attack_ms=5.0, release_ms=50.0)
    for level in (-30.0, -20.0, -12.0, 0.0):
        wanted = level if level < -20.0 else -20.0 + (level + 20.0) / ratio
        assert squeezed_db(squash, level) == pytest.approx(wanted, abs=STATIC_TOLERANCE_DB)


def test_make_up_gain_comes_after_the_compressor():
    squash = Compressor(
        threshold_db=-20.0, ratio=4.0, attack_ms=5.0, release_ms=50.0, makeup_db=3.0
    )
    assert squeezed_db(squash, -8.0) == pytest.approx(-14.0, abs=STATIC_TOLERANCE_DB)


@pytest.mark.parametrize("ratio", [1.5, 4.0, 20.0])
@pytest.mark.parametrize("knee_db", [3.0, 6.0, 12.0, 24.0])
def test_a_knee_stays_near_the_quadratic_one(ratio, knee_db):
    squash = Compressor(
        threshold_db=-30.0, ratio=ratio, attack_ms=1.0, release_ms=20.0, knee_db=knee_db
    )
    allowed = KNEE_ERROR_SHARE * (1 - 1 / ratio) * knee_db + STATIC_TOLERANCE_DB
    errors = [
        squeezed_db(squash, level) - quadratic_db(level, -30.0, ratio, knee_db)
        for level in np.arange(-46.0, -13.0, 0.5)
    ]
    assert np.max(np.abs(errors)) < allowed


def test_attack_and_release_are_the_times_to_998_thousandths():
    samples = np.full((1, 24_000), 1e-2, np.float32)
    samples[0, 6_000:12_000] = 1.0
    squash = Compressor(threshold_db=-20.0, ratio=4.0, attack_ms=10.0, release_ms=60.0)
    got = rendered(Chained(Audio(samples, RATE), settings_of(squash)))
    gain = (got / samples)[0].astype(np.float64)
    level = 0.1 * np.maximum(gain, 1e-9) ** (1.0 / (1.0 / 4.0 - 1.0))
    for after_ms in (2.0, 5.0, 10.0):
        wanted = 1.0 - 0.99 * np.exp(-2.0 * np.pi * after_ms / 10.0)
        assert level[6_000 + round(48 * after_ms)] == pytest.approx(
            wanted, abs=BALLISTICS_TOLERANCE
        )
    for after_ms in (5.0, 10.0, 15.0):
        wanted = 0.01 + 0.99 * np.exp(-2.0 * np.pi * after_ms / 60.0)
        assert level[12_000 + round(48 * after_ms)] == pytest.approx(
            wanted, abs=BALLISTICS_TOLERANCE
        )


def test_the_channels_of_a_stereo_track_are_not_linked():
    both = np.concatenate((steady(0.0).samples, steady(-26.0).samples))
    squash = Compressor(threshold_db=-20.0, ratio=4.0, attack_ms=5.0, release_ms=50.0)
    got = rendered(Chained(Audio(both, RATE), settings_of(squash)))
    levels = 20.0 * np.log10(got[:, -1])
    np.testing.assert_allclose(levels, [-15.0, -26.0], atol=STATIC_TOLERANCE_DB)


@pytest.mark.parametrize(
    ("trigger_dbfs", "knee_db", "duck_db"), [(-10.0, 0.0, -7.5), (-30.0, 0.0, 0.0), (0.0, 6.0, -15)]
)
def test_a_sidechain_ducks_by_what_threshold_and_ratio_say(trigger_dbfs, knee_db, duck_db):
    duck = Sidechain(
        trigger="kick",
        threshold_db=-20.0,
        ratio=4.0,
        attack_ms=5.0,
        release_ms=100.0,
        knee_db=knee_db,
    )
    stems = {"kick": steady(trigger_dbfs, frames=RATE), "bass": sine(100.0, level_dbfs=-20.0)}
    mix = mix_of(stems, says("bass", duck), kick={"fader_db": -200.0})
    before = rendered(mix_of(stems, kick={"fader_db": -200.0}))
    change_db = level_db(rendered(mix)[:, 24_000:]) - level_db(before[:, 24_000:])
    assert change_db == pytest.approx(duck_db, abs=DUCKING_TOLERANCE_DB)


@pytest.mark.parametrize("knee_db", [0.0, 6.0])
def test_a_track_that_triggers_itself_is_compressed(knee_db):
    voice = noise(channels=1, rms_dbfs=-12.0)
    values = {
        "threshold_db": -24.0,
        "ratio": 3.0,
        "attack_ms": 4.0,
        "release_ms": 80.0,
        "knee_db": knee_db,
        "makeup_db": 2.0,
    }
    ducked = rendered(mix_of({"voice": voice}, says("voice", Sidechain(trigger="voice", **values))))
    pressed = rendered(mix_of({"voice": voice}, says("voice", Compressor(**values))))
    assert difference_db(ducked, pressed) < NULL_DB


def test_a_sidechain_hears_the_louder_channel_and_moves_both_alike():
    one_sided = np.concatenate((steady(-10.0).samples, steady(-60.0).samples))
    duck = Sidechain(trigger="kick", threshold_db=-20.0, ratio=2.0, attack_ms=1.0, release_ms=50.0)
    stems = {"kick": Audio(one_sided, RATE), "pad": steady(-20.0, channels=2)}
    got = rendered(mix_of(stems, says("pad", duck), kick={"fader_db": -200.0}))
    levels = 20.0 * np.log10(got[:, -1])
    np.testing.assert_allclose(levels, [-25.0, -25.0], atol=STATIC_TOLERANCE_DB)


def test_a_muted_trigger_does_not_duck():
    duck = Sidechain(trigger="kick", threshold_db=-40.0, ratio=8.0, attack_ms=1.0, release_ms=50.0)
    stems = {"kick": steady(-3.0), "bass": noise(duration_s=0.5)}
    got = rendered(mix_of(stems, says("bass", duck), kick={"muted": True}))
    assert np.array_equal(got, stems["bass"].samples)


def test_a_track_by_itself_is_ducked_as_in_the_mix():
    duck = Sidechain(trigger="kick", threshold_db=-40.0, ratio=8.0, attack_ms=1.0, release_ms=50.0)
    stems = {"kick": noise(rms_dbfs=-10.0, duration_s=0.5), "bass": noise(duration_s=0.5, seed=2)}
    silent_kick = {"fader_db": -200.0}
    mix = mix_of(stems, says("bass", duck), kick=silent_kick)
    alone = track_sound(mix.session, mix.session.track("bass"), mix.suggestions, mix.sound_of)
    assert difference_db(rendered(alone), rendered(mix)) < NULL_DB
    assert level_db(rendered(alone)) < level_db(stems["bass"].samples) - 10.0
    muted = mix_of(stems, says("bass", duck), kick={"muted": True})
    alone = track_sound(
        muted.session, muted.session.track("bass"), muted.suggestions, muted.sound_of
    )
    assert np.array_equal(rendered(alone), stems["bass"].samples)


def test_a_silent_trigger_does_not_duck():
    duck = Sidechain(trigger="kick", threshold_db=-40.0, ratio=8.0, attack_ms=1.0, release_ms=50.0)
    stems = {"kick": Audio(np.zeros((1, 100), np.float32), RATE), "bass": noise(duration_s=0.5)}
    got = rendered(mix_of(stems, says("bass", duck)))
    assert difference_db(got, stems["bass"].samples) < -140.0
