"""References to a target: medians, spreads, warnings."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from ama_analysis.audio import Audio, open_audio
from ama_analysis.distance import distance
from ama_analysis.measure import measure_mix, measure_sound, reference_target
from ama_analysis.measure.reference import compared_where_heard
from ama_analysis.measurements import MixProfile
from ama_analysis.style_profile import profile_from_curve
from ama_analysis.target import RoleStyle, Spread, Target
from tests.real_data import REFERENCES, SESSIONS, needs_real_data
from tests.signals import noise

PINK = (0.0,) * 28
WIDTHS = (-30.0, -25.0, -15.0, -10.0, -8.0, -7.0, -6.0, -6.0, -6.0, -6.0)


def made(*, tilt_db: float = 0.0, width_db: float = 0.0, lufs: float = -14.0) -> MixProfile:
    """Return a profile that falls by `tilt_db` from band to band against pink."""
    return profile_from_curve(
        [level - tilt_db * band for band, level in enumerate(PINK)],
        [width + width_db for width in WIDTHS],
        plr_db=12.0,
        crest_db=14.0,
        loudness_range_lu=6.0,
        loudness_lufs=lufs,
        true_peak_dbtp=-1.0,
    )


BASE = Target(
    name="neutral",
    kind="style",
    title="Neutral",
    style="Neutral",
    profile=made(),
    spread=Spread(third_octave_db=(0.0,) * 28, af_mid_ln=(0.0,) * 24, af_side_ln=(0.0,) * 24),
    loudness_lufs=-14.0,
    ceiling_dbtp=-1.5,
    roles={"lead vocal": RoleStyle(level_lu=-3.0, tolerance_lu=1.6, pan=0.0)},
)


def test_one_reference_is_the_target_without_spread():
    profile = made(tilt_db=0.1, lufs=-9.0)
    target = reference_target([("song", profile)], BASE)
    assert target.profile == profile
    assert (target.kind, target.references, target.loudness_lufs) == ("reference", ("song",), -9.0)
    assert (target.roles, target.ceiling_dbtp) == (BASE.roles, BASE.ceiling_dbtp)
    assert set(target.spread.third_octave_db) == {0.0}
    assert (target.spread.width_db, target.spread.plr_db, target.spread.af_width) == (0.0, 0.0, 0.0)
    assert distance(profile, target).total == 0.0


def test_three_references_are_their_median_with_half_their_range():
    profiles = [
        made(width_db=width, lufs=lufs)
        for width, lufs in ((-4.0, -14.0), (0.0, -8.0), (1.0, -10.0))
    ]
    target = reference_target(list(zip("abc", profiles, strict=True)), BASE)
    assert target.loudness_lufs == -10.0
    assert target.profile.width_db == profiles[1].width_db
    assert target.spread.width_db == pytest.approx(
        (profiles[2].width_db - profiles[0].width_db) / 2.0
    )
    assert target.profile.af_mid_ln == pytest.approx(
        np.median([profile.af_mid_ln for profile in profiles], axis=0)
    )
    assert target.warnings == ()


def test_the_median_has_every_figure_of_a_profile():
    made_ones = [made(tilt_db=0.1 * k, width_db=-k, lufs=-10.0 - k) for k in range(2)]
    profiles = [moving(profile, 4.0 + k) for k, profile in enumerate(made_ones)]
    merged = reference_target(list(zip("ab", profiles, strict=True)), BASE).profile
    for field in fields(MixProfile):
        expected = np.mean([getattr(profile, field.name) for profile in profiles], axis=0)
        assert getattr(merged, field.name) == pytest.approx(expected), field.name


def moving(profile: MixProfile, level_db: float) -> MixProfile:
    """Return a profile with the figures that a style's curve lacks, each flat."""
    return replace(
        profile,
        third_octave_quiet_db=(-level_db,) * 28,
        third_octave_loud_db=(level_db,) * 28,
        band_range_db=(2.0 * level_db,) * 7,
        band_crest_db=(level_db + 2.0,) * 7,
    )


def test_the_spread_has_every_figure_that_a_profile_need_not_have():
    profiles = [moving(made(), level_db) for level_db in (4.0, 5.0, 8.0)]
    target = reference_target(list(zip("abc", profiles, strict=True)), BASE)
    for field in (field for field in fields(MixProfile) if field.default is None):
        values = [getattr(profile, field.name) for profile in profiles]
        half_range = np.ptp(values, axis=0) / 2.0
        assert getattr(target.spread, field.name) == pytest.approx(half_range), field.name
    assert target.profile.band_range_db == (10.0,) * 7
    assert target.spread.band_range_db == (4.0,) * 7


def test_a_figure_that_one_reference_lacks_is_the_others():
    target = reference_target([("a", made()), ("b", moving(made(), 4.0))], BASE)
    assert target.profile.band_crest_db == (6.0,) * 7
    assert target.spread.band_crest_db == (0.0,) * 7
    plain = reference_target([("a", made()), ("b", made())], BASE)
    assert (plain.profile.band_crest_db, plain.spread.band_crest_db) == (None, None)


def test_each_reference_lies_within_the_spread_of_two():
    profiles = [made(tilt_db=0.1), made(tilt_db=0.3, width_db=-3.0)]
    target = reference_target(list(zip("ab", profiles, strict=True)), BASE)
    for profile in profiles:
        measured = distance(profile, target)
        assert measured.tonal_db == pytest.approx(0.0, abs=0.35)  # the median of bands is taken off
        assert measured.spectrum == pytest.approx(0.0, abs=1e-9)


def test_an_odd_one_out_is_kept_and_named():
    near = [("a", made()), ("b", made(tilt_db=0.02)), ("odd", made(tilt_db=1.0, width_db=-10.0))]
    target = reference_target(near, BASE)
    assert len(target.references) == 3
    assert len(target.warnings) == 1
    assert "'odd'" in target.warnings[0]


@needs_real_data
def test_the_orchestra_among_songs_is_named_and_the_songs_are_not():
    names = ("karissa_hobbs_lets_go_fishin", "joshua_morin_on_the_run", "wesnoth_battle_epic")
    profiles = [(name, measured(REFERENCES / f"{name}.ogg")) for name in names]
    warnings = reference_target(profiles, BASE).warnings
    assert ["wesnoth" in warning for warning in warnings] == [True]


def measured(path: Path) -> MixProfile:
    profile = measure_mix(open_audio(path).section(20.0, 60.0))
    assert profile is not None
    return profile


def test_a_lopsided_and_a_dull_reference_are_named():
    profile = made()
    lopsided = replace(profile, af_imbalance=0.5)
    dull = replace(profile, third_octave_db=(*profile.third_octave_db[:-4], *(-80.0,) * 4))
    warnings = reference_target([("left", lopsided), ("dull", dull)], BASE).warnings
    assert [("'left'" in w, "'dull'" in w) for w in warnings] == [(True, False), (False, True)]


def test_no_reference_is_a_programmer_s_error():
    with pytest.raises(ValueError, match="at least one"):
        reference_target([], BASE)


def low_passed(audio: Audio, cutoff_hz: float) -> Audio:
    """Return what a lossy codec leaves: nothing above the cutoff."""
    spectrum = np.fft.rfft(audio.samples)
    spectrum[:, np.fft.rfftfreq(audio.frames, 1.0 / audio.sample_rate_hz) > cutoff_hz] = 0.0
    return Audio(np.fft.irfft(spectrum, audio.frames).astype(np.float32), audio.sample_rate_hz)


def test_what_a_low_passed_reference_lacks_is_not_compared():
    """The same music with and without its treble lies at no distance; with too much below the cut it does."""
    whole = noise(pink=True, duration_s=6.0)
    cut, full = measure_mix(low_passed(whole, 8_000.0)), measure_mix(whole)
    assert cut is not None
    assert full is not None
    target = reference_target([("cut.mp3", cut)], BASE)
    assert any("nothing above 10 kHz" in warning for warning in target.warnings)
    told = distance(full, target)
    assert told.tonal_db < NEARLY_THE_SAME_DB
    assert told.spectrum < NEARLY_THE_SAME_AF
    blind = reference_target([("whole.flac", full)], BASE)
    assert distance(cut, blind).spectrum > 100.0 * told.spectrum


NEARLY_THE_SAME_DB = 0.2
NEARLY_THE_SAME_AF = 0.005
"""Without its treble pink noise is 1.4 dB louder below, at equal loudness."""


def test_treble_that_no_stem_has_is_not_compared():
    """A session at a low rate or of lossy stems can come near to a target; one whose hats have the treble can, and is compared."""
    whole = noise(pink=True, duration_s=6.0)
    cut = low_passed(whole, 8_000.0)
    mix, full = measure_mix(cut), measure_mix(whole)
    assert mix is not None
    assert full is not None
    target = reference_target([("whole.flac", full)], BASE)
    dull, bright, still = (
        measure_sound(sound) for sound in (cut, whole, Audio(0.0 * whole.samples, 48_000))
    )
    blind = compared_where_heard(target, [dull, still])
    assert blind.warnings[-1].startswith("The stems have next to nothing above 10 kHz")
    assert distance(mix, blind).tonal_db < NEARLY_THE_SAME_DB
    assert distance(mix, blind).spectrum < NEARLY_THE_SAME_AF
    assert compared_where_heard(target, [dull, bright]) is target
    assert compared_where_heard(target, [still]) is target


@needs_real_data
def test_the_released_master_that_ends_at_8_khz_is_told():
    profile = measure_mix(open_audio(SESSIONS / "evr_caesium" / "master.flac"))
    assert profile is not None
    assert any("next to nothing" in w for w in reference_target([("m", profile)], BASE).warnings)
