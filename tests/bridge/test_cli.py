"""The command line on small stems: documents, files, exit codes, one sentence where something is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ama_analysis.audio import read_audio, write_audio
from ama_analysis.models.weights import shipped
from ama_analysis.reference import Reference
from ama_bridge.offline import read_plan
from tests.bridge.stems import DURATION_S, RATE_HZ
from tests.measure.made_mixes import stem as made_stem

CHECKOUT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 120.0
SAME_LEVEL_DB = 0.1
"""Two files that were brought to one loudness; both are measured from 24-bit samples."""
CEILING_TOLERANCE_DB = 0.05


def test_suggest_prints_reasons_and_writes_the_plan(ama: Any, song: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "plan.json"
    ran = ama("suggest", song, "--out", out)
    assert ran.code == 0
    for word in ("kick", "bass", "hats", "because", "Distance to the target", str(out)):
        assert word in ran.out.replace("\n", "")
    assert ran.err == ""
    assert {t.id for t in read_plan(out).session.tracks} == {"kick", "bass", "hats"}


def test_suggest_json_prints_the_plan_and_nothing_else(ama: Any, song: Path, plan: Path) -> None:
    ran = ama("suggest", song, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.document == json.loads(plan.read_text(encoding="utf-8"))


def test_a_locked_track_stays_as_it_is(ama: Any, song: Path) -> None:
    def changes(*options: str) -> set[str]:
        said = ama("suggest", song, "--json", *options).document["suggestions"]
        return {s["track"] for s in said if s["values"].get("delta_db") != 0.0}

    assert changes() >= {"kick", "bass"}
    assert not changes("--lock", "kick", "--lock", "bass") & {"kick", "bass"}


def test_a_track_to_lock_must_be_there(ama: Any, song: Path) -> None:
    ran = ama("suggest", song, "--lock", "tuba")
    assert ran.code == 2
    assert "There is no track 'tuba'" in ran.err.replace("\n", " ")


def test_single_stems_and_a_reference_make_a_session(ama: Any, song: Path, tmp_path: Path) -> None:
    ran = ama("suggest", song / "kick.wav", song / "bass.wav", "-r", song / "hats.wav", "--json")
    assert [t["id"] for t in ran.document["session"]["tracks"]] == ["kick", "bass"]
    assert ran.document["target"]["kind"] == "reference"


def test_a_section_of_a_reference_is_taken_and_named(ama: Any, song: Path, tmp_path: Path) -> None:
    part = f"{song / 'hats.wav'}@1-0:03.5"
    out = tmp_path / "plan.json"
    ran = ama("suggest", song / "kick.wav", song / "bass.wav", "-r", part, "--out", out)
    assert ran.code == 0
    assert "Target: hats.wav@0:01-0:03.5;" in ran.out.replace("\n", "")
    session = read_plan(out).session
    assert session.references == (Reference(path=song / "hats.wav", start_s=1.0, stop_s=3.5),)
    whole = ama("suggest", song / "kick.wav", song / "bass.wav", "-r", song / "hats.wav", "--json")
    assert whole.document["target"]["loudness_lufs"] != read_plan(out).target.loudness_lufs


def test_a_reference_by_a_relative_path_is_kept_with_its_full_one(
    ama: Any, song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(song)
    ran = ama("suggest", "kick.wav", "-r", "hats.wav@1-", "--json")
    assert ran.document["session"]["references"] == [f"{song / 'hats.wav'}@0:01-"]


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("3-1", "ends before it begins"),
        ("0:75-1:20", "'0:75'"),
        ("chorus", "'chorus'"),
        ("1", "is not a section"),
        ("9-12", "does not have the section 0:09-0:12. It is 4.0 s long."),
        ("1-1.5", "shorter than 1 s"),
    ],
)
def test_a_section_that_cannot_be_is_refused(ama: Any, song: Path, section: str, said: str) -> None:
    assert said in ama("suggest", song, "-r", f"{song / 'hats.wav'}@{section}").sentence()


def test_the_plan_is_never_written_over_a_reference_with_a_section(ama: Any, song: Path) -> None:
    hats = song / "hats.wav"
    before = hats.read_bytes()
    ran = ama("suggest", song / "kick.wav", "-r", f"{hats}@1-", "--out", hats)
    assert "input" in ran.sentence()
    assert hats.read_bytes() == before


def test_the_gain_predictor_suggests_faders_with_reasons(ama: Any, song: Path) -> None:
    told = ama("suggest", song, "--engine", "cnn", "--json").document
    assert told["engine"] == "cnn"
    said = [s for s in told["suggestions"] if s["id"].startswith("cnn_")]
    assert said
    assert all("gain predictor" in s["because"] for s in said)


def test_weights_of_ones_own_are_used_and_damaged_ones_refused(
    ama: Any, song: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own.safetensors"
    own.write_bytes(shipped("gain").read_bytes()[:-9])
    monkeypatch.setenv("AMA_GAIN_WEIGHTS", str(own))
    assert str(own) in ama("suggest", song, "--engine", "cnn").sentence()
    out = tmp_path / "mix.wav"
    assert "AMA-902" in ama("mix", song, "--auto-gain", "cnn", "--out", out).sentence()
    own.write_bytes(shipped("gain").read_bytes())
    assert ama("mix", song, "--auto-gain", "cnn", "--out", out).code == 0


def test_the_engine_that_matches_references_asks_for_one(ama: Any, song: Path) -> None:
    said = ama("suggest", song, "--engine", "reference").sentence()
    assert "AMA-501" in said
    assert "Name a finished track" in said


def test_a_word_that_is_no_engine_is_refused(ama: Any, song: Path) -> None:
    assert "--engine" in ama("suggest", song, "--engine", "magic").sentence()


def test_an_unknown_target_is_refused_by_name(ama: Any, song: Path) -> None:
    assert "polka" in ama("suggest", song, "--target", "polka").sentence()


def test_inputs_that_are_not_there_are_named(ama: Any, song: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone.wav"
    for arguments in (
        ("suggest", gone),
        ("suggest", song, "--reference", gone),
        ("suggest", song, "--mix", gone),
        ("mix", gone, "--out", tmp_path / "x.wav"),
        ("measure", gone),
        ("render", tmp_path / "gone.json", "--out", tmp_path / "x.wav"),
        ("presets", "render", "kick", gone, tmp_path / "x.wav"),
    ):
        assert "gone" in ama(*arguments).sentence(), arguments
    assert not (tmp_path / "x.wav").exists()


def test_a_folder_without_stems_is_refused(ama: Any, tmp_path: Path) -> None:
    assert "no stems" in ama("suggest", tmp_path).sentence()


def test_the_plan_is_never_written_over_a_stem(ama: Any, song: Path) -> None:
    before = (song / "kick.wav").read_bytes()
    assert "input" in ama("suggest", song, "--out", song / "kick.wav").sentence()
    assert (song / "kick.wav").read_bytes() == before


def test_a_plan_is_never_written_over_what_is_no_document(
    ama: Any, song: Path, tmp_path: Path
) -> None:
    out = tmp_path / "master.wav"
    out.write_bytes((song / "hats.wav").read_bytes())
    assert "holds something else" in ama("suggest", song / "kick.wav", "--out", out).sentence()
    assert out.read_bytes() == (song / "hats.wav").read_bytes()


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


DOCUMENTED = {
    "path",
    "sample_rate_hz",
    "channels",
    "duration_s",
    "integrated_lufs",
    "loudness_range_lu",
    "max_momentary_lufs",
    "max_short_term_lufs",
    "true_peak_dbtp",
    "sample_peak_dbfs",
    "rms_dbfs",
    "crest_factor_db",
    "stereo_width",
    "stereo_balance_db",
    "correlation",
    "spectrum",
    "features",
}
DOCUMENTED_FEATURES = {
    "spectral_centroid_hz",
    "spectral_rolloff_hz",
    "spectral_bandwidth_hz",
    "zero_crossing_rate",
    "mfcc",
    "dynamic_range_db",
}


def test_measure_json_has_the_documented_keys(ama: Any, song: Path) -> None:
    (file,) = ama("measure", song / "bass.wav", "--json").document["files"]
    assert set(file) >= DOCUMENTED
    assert set(file["features"]) >= DOCUMENTED_FEATURES
    assert len(file["features"]["mfcc"]) == 13
    assert len(file["spectrum"]["freq_hz"]) == len(file["spectrum"]["level_db"]) == 31
    assert (file["sample_rate_hz"], file["channels"]) == (RATE_HZ, 1)


def test_measure_goes_on_after_a_bad_file_and_ends_with_2(
    ama: Any, song: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no sound")
    ran = ama("measure", bad, song / "kick.wav", "--json")
    assert "bad.wav" in ran.sentence()
    assert [Path(f["path"]).name for f in ran.document["files"]] == ["kick.wav"]
    assert [e["code"] for e in ran.document["errors"]] == ["AMA-102"]
    shown = ama("measure", bad, song / "kick.wav")
    assert "kick.wav" in shown.out
    assert "bad.wav" in shown.sentence()


def test_every_reason_is_read_on_a_narrow_terminal_too(
    ama: Any, song: Path, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    words = "".join(ama("suggest", song).out.split())
    for suggestion in read_plan(plan).suggestions:
        assert "".join(suggestion.because.split()) in words
        assert f"{suggestion.confidence:.0%}" in words


@pytest.mark.skipif(os.name != "posix", reason="file names of any bytes as POSIX has them")
def test_a_file_name_that_is_not_unicode_is_printed_with_an_escape(
    song: Path, tmp_path: Path
) -> None:
    odd = os.fsencode(tmp_path) + b"/\xff.wav"
    Path(os.fsdecode(odd)).write_bytes((song / "kick.wav").read_bytes())
    for options in (b"--json",), ():
        done = subprocess.run(
            [sys.executable, "-m", "ama_bridge", "measure", odd, *options],
            capture_output=True,
            check=False,
            timeout=TIMEOUT_S,
            cwd=CHECKOUT,
        )
        assert (done.returncode, done.stderr) == (0, b"")
        if options:
            assert json.loads(done.stdout)["files"][0]["path"] == os.fsdecode(odd)


def test_a_folder_is_no_sound_file(ama: Any, tmp_path: Path) -> None:
    assert str(tmp_path) in ama("measure", tmp_path).sentence()


def test_the_loudness_of_silence_is_null(ama: Any, tmp_path: Path) -> None:
    import numpy as np

    from ama_analysis.audio import Audio, write_audio

    path = tmp_path / "silence.wav"
    write_audio(path, Audio(np.zeros((2, RATE_HZ), np.float32), RATE_HZ))
    ran = ama("measure", path, "--json")
    assert ran.code == 0
    assert ran.document["files"][0]["integrated_lufs"] is None


def test_presets_are_listed_shown_and_rendered(ama: Any, song: Path, tmp_path: Path) -> None:
    listed = [line.split() for line in ama("presets", "list").out.splitlines()]
    kinds = {words[1]: words[0] for words in listed}
    assert kinds["neutral"] == "target"
    chain = next(name for name, kind in kinds.items() if kind == "chain")
    assert "source" in ama("presets", "show", "neutral").out
    assert json.loads(ama("presets", "show", chain).out)["schema"] == "ama.chain/1"
    out = tmp_path / "out.wav"
    assert ama("presets", "render", chain, song / "bass.wav", out).code == 0
    assert read_audio(out).frames == round(DURATION_S * RATE_HZ)
    assert "AMA-301" in ama("presets", "show", "polka").sentence()
    assert "AMA-301" in ama("presets", "render", "polka", song / "bass.wav", out).sentence()
    own = song / "bass.wav"
    assert "input" in ama("presets", "render", chain, own, own).sentence()
