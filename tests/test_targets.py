"""Built-in targets: complete, with sources, plausible beside published figures, and clear about what is wrong in a file."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ama_analysis.bands import BARK_BANDS, THIRD_OCTAVE_HZ, TONAL_BANDS
from ama_analysis.data import data_folder
from ama_analysis.errors import PresetError
from ama_analysis.presets import load_target, target_names
from ama_analysis.roles import ROLES
from ama_analysis.style_curve import curve_db

FOLDER = data_folder("presets") / "targets"
NAMES = {
    "neutral",
    "pop",
    "rock",
    "electronic",
    "hip-hop",
    "jazz",
    "acoustic",
    "orchestral",
    "podcast",
}
FREQ_HZ = THIRD_OCTAVE_HZ[TONAL_BANDS]
SLOPE_TOLERANCE_DB = 0.15
"""The parabola is sampled in third octaves, so its mean slope is that of the published line only nearly."""
MUSDB_MIX_DB = {
    160: -11.1,
    250: -11.4,
    400: -12.2,
    630: -12.4,
    1000: -13.7,
    1600: -14.7,
    2500: -15.8,
    4000: -18.0,
    6300: -20.2,
    10000: -22.2,
}
"""The mean of MUSDB18's mixtures (mixing-knowledge 3.2), an independent measurement."""
MUSDB_TOLERANCE_DB = 3.5
"""Shapes of two corpora, one of them a mean of magnitudes; published spreads are 2 to 3 dB."""


def own_tables(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_promised_styles_are_there_neutral_first():
    assert set(target_names()) == NAMES
    assert target_names()[0] == "neutral"


@pytest.mark.parametrize("name", sorted(NAMES))
def test_target_is_complete(name):
    target = load_target(name)
    assert (target.name, target.kind) == (name, "style")
    assert set(target.roles) == set(ROLES)
    assert len(target.profile.third_octave_db) == len(FREQ_HZ) == 28
    assert len(target.spread.third_octave_db) == 28
    assert len(target.profile.width_by_octave_db) == 10
    assert len(target.spread.af_mid_ln) == len(target.spread.af_side_ln) == BARK_BANDS
    assert min(target.spread.third_octave_db) > 0.0
    assert 10 * math.log10(
        sum(10 ** (b / 10) for b in target.profile.third_octave_db)
    ) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_table_names_its_source(name):
    tables = own_tables(name)
    roles = tables.pop("roles", {})
    for table in [*(t for t in tables.values() if isinstance(t, dict)), *roles.values()]:
        assert len(table["source"]) > 10


@pytest.mark.parametrize("name", sorted(NAMES))
def test_levels_of_a_target_agree_with_each_other(name):
    target = load_target(name)
    headroom = target.ceiling_dbtp - target.loudness_lufs
    assert abs(target.profile.plr_db - headroom) <= 2.0
    assert target.roles["lead vocal"].level_lu == max(r.level_lu for r in target.roles.values())
    assert target.roles["lead vocal"].pan == target.roles["kick"].pan == 0.0


def test_curve_has_the_published_slope_and_steepens():
    table = own_tables("neutral")["curve"] | {"low_shelf_db": 0.0}
    level = np.array(curve_db(table))
    inside = (FREQ_HZ >= 89) & (FREQ_HZ <= 4500)
    density = level[inside] - 10 * np.log10(FREQ_HZ[inside])
    octaves = np.log2(FREQ_HZ[inside])
    assert np.polyfit(octaves, density, 1)[0] == pytest.approx(-4.53, abs=SLOPE_TOLERANCE_DB)
    assert 2 * np.polyfit(octaves, density, 2)[0] == pytest.approx(-1.318, abs=0.01)


def test_curve_joins_without_a_step():
    level = np.array(curve_db(own_tables("neutral")["curve"]))
    assert np.max(np.abs(np.diff(level))) < 4.0


def test_neutral_lies_near_an_independent_mean_of_mixtures():
    target = load_target("neutral")
    ours = np.interp(np.log(list(MUSDB_MIX_DB)), np.log(FREQ_HZ), target.profile.third_octave_db)
    difference = ours - np.array(list(MUSDB_MIX_DB.values()))
    assert np.max(np.abs(difference - np.median(difference))) < MUSDB_TOLERANCE_DB


def test_unknown_name_is_answered_with_the_list():
    with pytest.raises(PresetError) as caught:
        load_target("polka")
    assert caught.value.code == "AMA-301"
    assert "polka" in caught.value.message
    assert all(name in caught.value.hint for name in NAMES)


def test_own_file_says_only_what_differs(tmp_path):
    text = 'based_on = "pop"\ntitle = "Mine"\n[roles.bass]\nlevel_lu = -7.0\nsource = "my taste"\n'
    target = load_target(write(tmp_path, text))
    assert (target.name, target.title) == ("mine", "Mine")
    assert target.roles["bass"].level_lu == -7.0
    assert target.roles["bass"].tolerance_lu == load_target("pop").roles["bass"].tolerance_lu
    assert target.profile == load_target("pop").profile


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '[levels]\nloudness_lufs = "loud"\nceiling_dbtp = -1\nsource = "me"',
            "levels.loudness_lufs must be a number",
        ),
        ('[levels]\nceiling_dbtp = 3.0\nsource = "me"', "levels.ceiling_dbtp is 3.0"),
        ("[levels]\nloudness_lufs = -14.0", "levels.source must say"),
        ('[levels]\nloudnes = -14.0\nsource = "me"', "levels.loudnes is no key"),
        ('[dynamix]\nsource = "me"', "dynamix is no key"),
        ('[roles.cowbell]\npan = 0.5\nsource = "me"', "roles.cowbell: there is no such role"),
        ('[roles.bass]\npan = -0.5\nsource = "me"', "roles.bass.pan is -0.5"),
        ("roles = 3", "roles must be a table"),
        ("levels = 3", "levels must be a table"),
        ('[width]\nby_octave_db = [1.0]\nsource = "me"', "width.by_octave_db must be ten numbers"),
        (
            '[spread]\npoints = [[100.0, 3.0], [50.0, 3.0]]\nsource = "me"',
            "spread.points must rise",
        ),
        (
            '[spread]\npoints = [[100.0], [50.0]]\nsource = "me"',
            "spread.points must be a list of [Hz, dB]",
        ),
        ('[curve]\npoints = 7\nsource = "me"', "curve.points must be a list of [Hz, dB]"),
        ("title = ", "mine.toml"),
        ("title = 4", "title must be a string"),
    ],
)
def test_wrong_file_is_refused_with_the_key(tmp_path, text, words):
    head = "" if text.startswith("title") else 'based_on = "neutral"\n'
    with pytest.raises(PresetError) as caught:
        load_target(write(tmp_path, head + text))
    assert caught.value.code == "AMA-302"
    assert words in caught.value.message


def test_file_without_a_base_must_be_complete(tmp_path):
    with pytest.raises(PresetError, match=r"levels\.loudness_lufs must be a number") as caught:
        load_target(write(tmp_path, 'title = "Empty"\n'))
    assert caught.value.code == "AMA-302"


def test_files_that_are_based_on_each_other_are_refused(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(f'based_on = "{path.as_posix()}"\n', encoding="utf-8")
    with pytest.raises(PresetError):
        load_target(str(path))


def test_readme_lists_every_key_and_its_example_loads(tmp_path):
    text = (data_folder("presets") / "README.md").read_text(encoding="utf-8")
    tables = own_tables("neutral")
    roles = tables.pop("roles")
    for table in [*(t for t in tables.values() if isinstance(t, dict)), roles["bass"]]:
        for key in table:
            assert f"`{key}`" in text or (
                key.endswith(("_spread_db", "_spread_lu")) and "`_spread_`" in text
            )
    example = text[text.index('    title = "Mine"') :]
    lines = [
        line.removeprefix("    ")
        for line in example.splitlines()
        if line.startswith("    ") or not line
    ]
    assert load_target(write(tmp_path, "\n".join(lines))).roles["bass"].level_lu == -8.0
