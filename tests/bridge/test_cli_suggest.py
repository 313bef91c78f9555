"""`ama suggest` on small stems: documents, files, exit codes, one sentence where something is wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ama_analysis.models.weights import shipped
from ama_analysis.reference import Reference
from ama_bridge.offline import read_plan


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


def test_every_reason_is_read_on_a_narrow_terminal_too(
    ama: Any, song: Path, plan: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    words = "".join(ama("suggest", song).out.split())
    for suggestion in read_plan(plan).suggestions:
        assert "".join(suggestion.because.split()) in words
        assert f"{suggestion.confidence:.0%}" in words
