"""Targets that were measured of references, as files: what is read is what was measured."""

from __future__ import annotations

import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest

from ama_analysis.distance import distance
from ama_analysis.errors import PresetError
from ama_analysis.measure import measure_mix, reference_target
from ama_analysis.measured_target import target_toml
from ama_analysis.measurements import MixProfile
from ama_analysis.presets import load_target
from ama_analysis.target import Target
from tests.signals import noise

SOURCE = "measured in a test"


def measured(seed: int, *, duration_s: float = 4.0) -> MixProfile:
    profile = measure_mix(noise(duration_s=duration_s, pink=True, seed=seed))
    assert profile is not None
    return replace(profile, loudness_range_lu=float(seed), plr_db=profile.plr_db + seed)


@pytest.fixture(scope="module")
def target() -> Target:
    profiles = [(f"song {seed}.flac@1:02-1:34", measured(seed)) for seed in (1, 2, 3)]
    made = reference_target(profiles, load_target("pop"))
    return replace(
        made, warnings=('Reference "song 1.flac":\n compared with \x7f its loudest part.',)
    )


def written(target: Target, folder: Path) -> Path:
    path = folder / "mine.toml"
    path.write_text(target_toml(target, source=SOURCE, base="the target pop"), encoding="utf-8")
    return path


def test_the_target_read_is_the_target_written(target, tmp_path):
    assert load_target(str(written(target, tmp_path))) == replace(target, name="mine")


def test_a_mix_lies_as_far_from_the_file_as_from_the_references(target, tmp_path):
    mix = measured(9)
    assert distance(mix, load_target(str(written(target, tmp_path)))) == distance(mix, target)
    assert distance(mix, target).total > 0.0


def test_one_reference_and_names_in_any_script_survive(tmp_path):
    made = reference_target([('Żółć "live" \\ 雪.flac', measured(1))], load_target("jazz"))
    read = load_target(str(written(made, tmp_path)))
    assert (read, read.kind) == (replace(made, name="mine"), "reference")
    assert read.references == ('Żółć "live" \\ 雪.flac',)


def test_a_name_that_is_not_unicode_is_shown_with_escapes(tmp_path):
    made = reference_target([("so\udce9ng.flac", measured(1))], load_target("jazz"))
    assert load_target(str(written(made, tmp_path))).references == ("so\\udce9ng.flac",)


def test_every_table_says_whence_it_is(target, tmp_path):
    tables = tomllib.loads(written(target, tmp_path).read_text(encoding="utf-8"))
    roles = tables.pop("roles")
    for table in [*(t for t in tables.values() if isinstance(t, dict)), *roles.values()]:
        assert table["source"]
    assert tables["profile"]["source"] == SOURCE


def test_a_target_without_the_later_figures_is_read(target, tmp_path):
    later = {field.name: None for field in fields(MixProfile) if field.default is None}
    older = replace(
        target,
        profile=replace(target.profile, **later),
        spread=replace(target.spread, **later),
    )
    assert load_target(str(written(older, tmp_path))) == replace(older, name="mine")


def test_a_measured_target_may_be_the_base_of_another_ceiling(target, tmp_path):
    base = written(target, tmp_path)
    own = tmp_path / "softer.toml"
    own.write_text(
        f'based_on = "{base.as_posix()}"\n[levels]\nceiling_dbtp = -3.0\nsource = "me"\n',
        encoding="utf-8",
    )
    read = load_target(str(own))
    assert (read.name, read.ceiling_dbtp, read.profile) == ("softer", -3.0, target.profile)


def test_a_profile_may_take_roles_and_ceiling_of_a_style(target, tmp_path):
    path = written(target, tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text('based_on = "pop"\n' + text[: text.index("[roles.")], encoding="utf-8")
    assert load_target(str(path)) == replace(target, name="mine")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("width_db = ", "width_dp = ", "profile.width_dp is no key"),
        ("plr_db = ", 'plr_db = "loud" #', "profile.plr_db is 'loud', it must be a number"),
        ("tilt_db_per_oct", "#", "profile.tilt_db_per_oct is missing"),
        ("band_range_db = [", "band_range_db = [1.0, ", "band_range_db has 8 numbers instead of 7"),
        ("correlation = ", "correlation = inf #", "profile.correlation is not a finite number"),
        ("[profile_spread]", "[levels2]", "levels2 is no key of a target"),
        ("ceiling_dbtp = ", "ceiling_dbtp = 3.0 #", "levels.ceiling_dbtp is 3.0"),
        ("references = [", "references = [1, ", "references must be a list of strings"),
        ("style = ", "style = 3 #", "style must be a string"),
        ("[levels]", '[curve]\nsource = "me"\n[levels]', "curve is measured already"),
    ],
)
def test_what_does_not_fit_is_named(target, tmp_path, old, new, said):
    path = written(target, tmp_path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PresetError) as caught:
        load_target(str(path))
    assert caught.value.code == "AMA-302"
    assert said in caught.value.message


def test_a_file_without_its_spread_is_refused(target, tmp_path):
    path = written(target, tmp_path)
    text = path.read_text(encoding="utf-8")
    cut = text[: text.index("[profile_spread]")] + text[text.index("[roles.") :]
    path.write_text(cut, encoding="utf-8")
    with pytest.raises(PresetError, match="profile_spread is missing"):
        load_target(str(path))


def test_a_curve_cannot_change_a_measured_base(target, tmp_path):
    own = tmp_path / "bent.toml"
    base = written(target, tmp_path).as_posix()
    own.write_text(
        f'based_on = "{base}"\n[curve]\npoints = [[50, 0], [100, 1]]\nsource = "me"\n',
        encoding="utf-8",
    )
    with pytest.raises(PresetError, match="curve is measured already"):
        load_target(str(own))
