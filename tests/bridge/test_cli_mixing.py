"""`ama render` and `ama mix` on small stems: what is written, and one sentence where something is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ama_analysis.audio import read_audio, write_audio
from ama_bridge.offline import read_plan
from tests.bridge.stems import DURATION_S, RATE_HZ
from tests.measure.made_mixes import stem as made_stem

SAME_LEVEL_DB = 0.1
"""Two files that were brought to one loudness; both are measured from 24-bit samples."""

CEILING_TOLERANCE_DB = 0.05


def test_render_writes_both_mixes_at_one_loudness_below_the_ceiling(
    ama: Any, plan: Path, tmp_path: Path
) -> None:
    out, before = tmp_path / "after.wav", tmp_path / "before.wav"
    assert ama("render", plan, "--out", out, "--before", before, "--loudness-match").code == 0
    files = ama("measure", out, before, "--json").document["files"]
    levels = [f["integrated_lufs"] for f in files]
    assert abs(levels[0] - levels[1]) < SAME_LEVEL_DB
    assert max(f["true_peak_dbtp"] for f in files) <= -1.0 + CEILING_TOLERANCE_DB
    assert files[0]["duration_s"] == pytest.approx(DURATION_S, abs=1 / RATE_HZ)


def test_render_only_takes_the_suggestions_that_are_named(
    ama: Any, plan: Path, tmp_path: Path
) -> None:
    first = read_plan(plan).suggestions[0].id
    whole, one = tmp_path / "whole.wav", tmp_path / "one.wav"
    assert ama("render", plan, "--out", whole).code == 0
    assert ama("render", plan, "--out", one, "--only", first).code == 0
    assert whole.read_bytes() != one.read_bytes()
    assert "AMA-402" in ama("render", plan, "--out", one, "--only", "no:such").sentence()


def test_render_takes_stems_from_another_folder(
    ama: Any, plan: Path, song: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for stem in song.glob("*.wav"):
        (moved / stem.name).write_bytes(stem.read_bytes())
    here, there = tmp_path / "here.wav", tmp_path / "there.wav"
    assert ama("render", plan, "--out", here).code == 0
    assert ama("render", plan, "--out", there, "--stems", moved).code == 0
    assert here.read_bytes() == there.read_bytes()
    (moved / "kick.wav").unlink()
    assert "AMA-403" in ama("render", plan, "--out", there, "--stems", moved).sentence()


def test_render_never_writes_over_its_inputs(ama: Any, plan: Path, song: Path) -> None:
    for out in (song / "bass.wav", plan):
        before = out.read_bytes()
        ama("render", plan, "--out", out).sentence()
        assert out.read_bytes() == before


@pytest.mark.parametrize("garbage", [b"", b"{}", b"\xff\xfe", b"RIFF", b"[[[[", b'{"schema": 1}'])
def test_render_refuses_what_is_no_plan(ama: Any, tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(garbage)
    assert "AMA-401" in ama("render", path, "--out", tmp_path / "x.wav").sentence()


def test_an_ending_that_cannot_be_written_is_refused(ama: Any, plan: Path, tmp_path: Path) -> None:
    assert "x.xyz" in ama("render", plan, "--out", tmp_path / "x.xyz").sentence()


def test_both_files_of_a_render_are_written_or_none(ama: Any, plan: Path, tmp_path: Path) -> None:
    out = tmp_path / "after.wav"
    for before in ("before.txt", "nofolder/before.wav"):
        assert ama("render", plan, "--out", out, "--before", tmp_path / before).code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_folder_or_nothing_is_no_name_to_write_to(ama: Any, plan: Path, song: Path) -> None:
    for wanted in (("render", plan), ("mix", song), ("suggest", song)):
        for out in ("", song):
            assert "is a folder" in ama(*wanted, "--out", out).sentence()


def test_mix_takes_gains_pans_and_filters_by_name(ama: Any, song: Path, tmp_path: Path) -> None:
    plain, changed = tmp_path / "plain.wav", tmp_path / "changed.wav"
    assert ama("mix", song, "--out", plain).code == 0
    options = ("--gain", "kick=-60", "--gain", "bass=-60", "--pan", "hats=-1")
    filters = ("--high-pass", "hats=200", "--low-pass", "hats=8000")
    assert ama("mix", song, "--out", changed, *options, *filters).code == 0
    left, right = read_audio(changed).samples
    assert abs(right).max() < 0.01 * abs(left).max()
    assert read_audio(plain).samples.shape == (2, round(DURATION_S * RATE_HZ))


def test_mix_takes_a_folder_as_its_session_json_has_it(
    ama: Any, song: Path, tmp_path: Path
) -> None:
    export = tmp_path / "export"
    export.mkdir()
    tracks = [
        {"id": "7", "name": "Kick", "stem": str(song / "kick.wav"), "fader_db": -6.0, "pan": -1.0},
        {"id": "8", "name": "Bass", "stem": str(song / "bass.wav"), "muted": True},
    ]
    document = {"schema": "ama.session/1", "daw": "studio", "name": "song", "tracks": tracks}
    (export / "session.json").write_text(json.dumps(document), encoding="utf-8")
    out, by_hand, more = (tmp_path / f"{name}.wav" for name in ("out", "by_hand", "more"))
    kick = song / "kick.wav"
    assert ama("mix", export, "--out", out).out == f"{out}: 1 stem\n"
    assert ama("mix", kick, "--gain", "kick=-6", "--pan", "kick=-1", "--out", by_hand).code == 0
    assert np.array_equal(read_audio(out).samples, read_audio(by_hand).samples)
    assert ama("mix", export, "--gain", "Kick=2", "--pan", "7=0", "--out", more).code == 0
    assert ama("mix", kick, "--gain", "kick=-4", "--out", by_hand).code == 0
    assert np.array_equal(read_audio(more).samples, read_audio(by_hand).samples)


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("--gain", "kick", "NAME=NUMBER"),
        ("--gain", "kick=", "NAME=NUMBER"),
        ("--gain", "=3", "NAME=NUMBER"),
        ("--gain", "kick=loud", "NAME=NUMBER"),
        ("--gain", "kick=nan", "NAME=NUMBER"),
        ("--gain", "nobody=3", "nobody"),
        ("--gain", "kick=900", "900"),
        ("--pan", "kick=2", "kick"),
        ("--high-pass", "kick=0", "kick"),
        ("--low-pass", "kick=-5", "kick"),
        ("--auto-gain", "magic", "--auto-gain"),
        ("--auto-gain", "reference", "reference"),
    ],
)
def test_mix_refuses_values_that_make_no_sense(
    ama: Any, song: Path, tmp_path: Path, option: str, value: str, named: str
) -> None:
    assert named in ama("mix", song, "--out", tmp_path / "x.wav", option, value).sentence()
    assert not (tmp_path / "x.wav").exists()


def test_mix_comes_near_to_a_reference(ama: Any, tmp_path: Path) -> None:
    band = tmp_path / "band"
    band.mkdir()
    for seed, name in enumerate(("guitar", "keys", "vocals")):
        write_audio(band / f"{name}.wav", made_stem(seed, duration_s=8.0))
    bounce, out, other = (tmp_path / f"{name}.wav" for name in ("bounce", "out", "other"))
    assert ama("mix", band, "--gain", "keys=-9", "--pan", "guitar=0.5", "--out", bounce).code == 0
    near = ("mix", band, "--auto-gain", "reference", "--reference", f"{bounce}@0-")
    ran = ama(*near, "--out", out)
    assert ran.out.startswith(f"{out}: 3 stems")
    assert "Note: Reference bounce.wav@0:00- is a mix of these very tracks" in ran.err
    assert _alike(out, bounce) > 0.9998
    assert ama(*near, "--gain", "keys=9", "--pan", "guitar=-0.5", "--out", other).code == 0
    assert ama("mix", band, "--pan", "guitar=-0.5", "--out", bounce).code == 0
    assert _alike(other, bounce) > 0.9998
    assert _alike(other, out) < 0.95


def _alike(one: Path, other: Path) -> float:
    """Return the correlation of two files."""
    a, b = read_audio(one).samples.ravel(), read_audio(other).samples.ravel()
    return float(np.vdot(a, b) / np.sqrt(np.vdot(a, a) * np.vdot(b, b)))


def test_mix_refuses_a_reference_that_nobody_asked_for_or_that_is_written_over(
    ama: Any, song: Path, tmp_path: Path
) -> None:
    hats, out = song / "hats.wav", tmp_path / "x.wav"
    assert "--auto-gain reference" in ama("mix", song, "-r", hats, "--out", out).sentence()
    near = ("mix", song / "kick.wav", "--auto-gain", "reference", "-r", f"{hats}@1-")
    assert "is an input" in ama(*near, "--out", hats).sentence()
    assert "gone.wav" in ama(*near, "-r", song / "gone.wav", "--out", out).sentence()
    assert not out.exists()


def test_mix_says_by_how_much_it_turned_a_sum_down(ama: Any, song: Path, tmp_path: Path) -> None:
    out = tmp_path / "mix.wav"
    assert ama("mix", song / "kick.wav", "--out", out).out == f"{out}: 1 stem\n"
    again = song / ".." / song.name / "kick.wav"
    loud = ama("mix", song / "kick.wav", again, "--gain", "kick=40", "--out", out).out
    assert loud == f"{out}: 1 stem, turned down by 37.5 dB so that it does not clip\n"


def test_an_example_of_an_option_is_one_that_holds(ama: Any, song: Path, tmp_path: Path) -> None:
    for option, example in (("--pan", "synth=0.3"), ("--high-pass", "vocals=80")):
        said = ama("mix", song, option, "kick=", "--out", tmp_path / "x.wav").sentence()
        assert f"{option} {example}" in said


def test_mix_normalize_brings_the_true_peak_to_minus_one(
    ama: Any, song: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mix.wav"
    assert ama("mix", song, "--out", out, "--normalize", "--auto-gain", "rules").code == 0
    (file,) = ama("measure", out, "--json").document["files"]
    assert file["true_peak_dbtp"] == pytest.approx(-1.0, abs=CEILING_TOLERANCE_DB)
