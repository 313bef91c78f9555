"""Roles learned from sessions in seconds, and how their scores are counted."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from ama_analysis.errors import SessionError
from ama_analysis.models.role_net import KIND, role_net
from ama_analysis.models.training.material import LearnedTrack, role_of
from ama_analysis.models.training.role_examples import examples_in, role_to_learn
from ama_analysis.models.training.role_learning import RoleRecipe, learned
from ama_analysis.models.training.role_scores import (
    HeldOut,
    calibration_error,
    folds_of,
    scores_of,
    temperature_of,
)
from ama_analysis.models.training.role_words import role_of_program
from ama_analysis.models.training.roles import train_roles
from ama_analysis.models.weights import read_weights
from ama_analysis.roles import ROLES
from ama_bridge.cli import app, main
from tests.models.role_stems import RATE_HZ, bass, hats, kick

QUICK = RoleRecipe(hidden=(16,), networks=1, steps=40, yamnet_steps=40, batch=32)
CLOSE = 1e-9
UNITY = {"gain_db": 0.0, "pan": 0.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three sessions of three stems each, at levels and speeds of their own."""
    place = tmp_path_factory.mktemp("made")
    for at in range(3):
        session = place / f"song{at}"
        session.mkdir()
        rows = []
        for role, make in (("kick", kick), ("bass", bass), ("hihat_cymbal", hats)):
            samples = make().samples[:, RATE_HZ * at :] * np.float32(0.3 + 0.2 * at)
            soundfile.write(session / f"{role}.flac", samples.T, RATE_HZ)
            rows.append({"file": f"{role}.flac", "name": role, "role": role} | UNITY)
        rows.append({"file": "missing.flac", "name": "gone", "role": "synth"} | UNITY)
        rows.append({"file": "kick.flac", "name": "unknown", "role": "whatever"} | UNITY)
        (session / "session.json").write_text(json.dumps({"tracks": rows}), encoding="utf-8")
    return place


def test_roles_are_learned_and_scored_on_songs_that_were_held_out(folder, tmp_path):
    trained = train_roles([folder], recipe=QUICK, folds=3)
    scores = trained.scores["all"]
    assert scores.tracks == 9
    assert scores.macro_f1 == 1.0
    path = tmp_path / "roles.safetensors"
    path.write_bytes(trained.to_bytes())
    assert role_net(path).temperature == trained.net.temperature


def test_the_same_material_and_seed_give_the_same_file(folder, tmp_path):
    once = train_roles([folder], recipe=QUICK, folds=2, kept=tmp_path)
    again = train_roles([folder], recipe=QUICK, folds=2, kept=tmp_path)
    assert once.to_bytes() == again.to_bytes()
    other = train_roles([folder], recipe=replace(QUICK, seed=2), folds=2, kept=tmp_path)
    assert other.to_bytes() != once.to_bytes()


def test_learning_lowers_the_loss(folder):
    examples = examples_in([folder])

    def loss(steps: int) -> float:
        net = learned(examples, replace(QUICK, steps=steps, yamnet_steps=steps))
        logits = net.logits(examples.figures).astype(np.float64)
        logits -= np.log(np.exp(logits).sum(axis=1, keepdims=True))
        return float(-logits[np.arange(examples.role.size), examples.role].mean())

    assert loss(40) < 0.5 * loss(1)


def test_too_few_songs_are_told(folder):
    with pytest.raises(SessionError, match="fewer than 9 songs"):
        train_roles([folder], recipe=QUICK, folds=9)


def test_a_song_and_its_mixes_lie_in_one_fold(folder):
    examples = examples_in([folder])
    renamed = replace(
        examples,
        sessions=("song1", "whole_song1", "mixes", *examples.sessions[3:]),
        names=("a", "b", "song1 mix", *examples.names[3:]),
    )
    fold = next(f for f in folds_of(renamed, [folder.name], 2) if f[0])
    assert fold[:3].all()


@pytest.mark.parametrize(
    ("word", "program", "role"),
    [
        ("lead_vocal", None, "lead vocal"),
        ("hihat_cymbal", None, "overheads"),
        ("backing", None, "other"),
        ("synth", 0, "keys"),
        ("kick", 0, "kick"),
        ("strings", 50, None),
        ("whatever", None, None),
    ],
)
def test_what_a_collector_says_of_a_role(word, program, role):
    told, sure = role_of(word)
    track = LearnedTrack(
        name=word, role=told, role_confidence=sure, path=Path("x.wav"), program=program
    )
    assert role_to_learn(track) == role


def test_roles_are_learned_from_other_layouts_too(tmp_path):
    song = tmp_path / "hq" / "train" / "A Song"
    song.mkdir(parents=True)
    for name, make in (("drums", kick), ("bass", bass), ("mixture", bass)):
        soundfile.write(song / f"{name}.wav", make().samples.T, RATE_HZ)
    slakh = tmp_path / "slakh" / "Track00001"
    (slakh / "stems").mkdir(parents=True)
    soundfile.write(slakh / "stems" / "S00.flac", bass().samples.T, RATE_HZ)
    (slakh / "metadata.yaml").write_text(
        "stems:\n  S00:\n    inst_class: Chromatic Percussion\n    program_num: 11\n"
    )
    examples = examples_in([tmp_path / "hq", tmp_path / "slakh"])
    told = [ROLES[role] for role in examples.track_role]
    assert list(zip(examples.sources, examples.sessions, told, strict=True)) == [
        ("hq", "A Song", "drums"),
        ("hq", "A Song", "bass"),
        ("slakh", "Track00001", "keys"),
    ]


def test_figures_that_were_kept_are_those_of_the_files_as_they_are(folder, tmp_path):
    once = examples_in([folder], kept=tmp_path)
    (stored, *_) = kept = sorted(tmp_path.iterdir())
    before = stored.stat().st_mtime_ns
    np.testing.assert_array_equal(examples_in([folder], kept=tmp_path).figures, once.figures)
    assert sorted(tmp_path.iterdir()) == kept
    assert stored.stat().st_mtime_ns == before
    place = tmp_path / "copy"
    shutil.copytree(folder / "song0", place / "song0")
    soundfile.write(place / "song0" / "kick.flac", hats().samples.T, RATE_HZ)
    new = examples_in([place], kept=tmp_path)
    assert not np.array_equal(new.figures, once.figures[: len(new.figures)])


def test_names_that_are_not_there_are_told(folder):
    with pytest.raises(SessionError, match="no folder 'elsewhere'"):
        train_roles([folder], recipe=QUICK, folds=2, held_out_sources=["elsewhere"])
    with pytest.raises(SessionError, match="no session 'song9'"):
        train_roles([folder], recipe=QUICK, folds=2, never=["song9"])


def test_every_program_has_a_role_or_none():
    told = [role_of_program(program) for program in range(128)]
    assert {role for role in told if role} <= set(ROLES)
    assert (told[0], told[33], told[56], told[127]) == ("keys", "bass", "brass", "fx")


def test_the_calibration_error_is_the_gap_between_confidence_and_truth():
    sure = np.array([0.95, 0.95, 0.95, 0.95])
    assert calibration_error(sure, np.array([True] * 4)) == pytest.approx(0.05)
    assert calibration_error(sure, np.array([True, True, False, False])) == pytest.approx(0.45)


def test_scores_and_temperature_of_answers_that_are_known():
    logits = np.zeros((4, len(ROLES)))
    role = np.array([ROLES.index(name) for name in ("kick", "bass", "bass", "synth")])
    told = [ROLES.index(name) for name in ("snare", "bass", "synth", "synth")]
    logits[np.arange(4), told] = 5.0
    said = HeldOut(logits=logits, role=role, asked=np.ones(4, bool))
    scores = scores_of(said, temperature=1.0, least=0.6)
    assert scores.accuracy == 0.75
    assert scores.role_accuracy == 0.5
    assert abs(scores.f1["drums"] - 1.0) < CLOSE
    assert abs(scores.f1["bass"] - 2.0 / 3.0) < CLOSE
    assert abs(scores.macro_f1 - (1.0 + 2.0 / 3.0 + 2.0 / 3.0) / 3.0) < CLOSE
    assert temperature_of(said) > 1.0
    wrong, right = np.array([False, False, True, False]), np.array([True, True, False, True])
    assert temperature_of(said, [wrong]) > temperature_of(said) > temperature_of(said, [right])


def test_the_command_trains_roles(folder, tmp_path):
    out, more = tmp_path / "roles.safetensors", tmp_path / "more"
    shutil.copytree(folder / "song0", more / "other_song")
    words = ["train", str(folder), str(more), "--what", "roles", "--out", str(out)]
    words += ["--work", str(tmp_path / "work"), "--held-out", folder.name, "--never", "song2"]
    result = CliRunner().invoke(
        app, [*words, "--folds", "3", "--steps", "40", "--members", "1", "--json"]
    )
    assert result.exit_code == 0, result.output
    scores = json.loads(result.stdout)["held_out"]
    assert scores["all"]["tracks"] == 9
    assert set(scores) == {folder.name, "all"}
    assert role_net(out).networks
    assert read_weights(out, kind=KIND).about["tracks"] == 9


@pytest.mark.parametrize(
    ("what", "option"), [("roles", ["--rate", "0.1"]), ("gain", ["--never", "song2"])]
)
def test_options_of_the_other_helper_are_refused(folder, capsys, what, option):
    assert main(["train", str(folder), "--what", what, *option]) != 0
    assert f"{option[0]} says nothing to --what {what}" in capsys.readouterr().err
