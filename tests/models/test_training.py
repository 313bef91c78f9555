"""Training itself; needs torch."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed (pip install 'ama-bridge[train]')")

import torch

from ama_analysis.errors import CancelledError, OptionError
from ama_analysis.models.gain_inference import answers_of
from ama_analysis.models.gain_net import arrays_of, net_of
from ama_analysis.models.gain_predictor import predictor_of
from ama_analysis.models.gain_shapes import GAIN_UNIT_DB, KIND
from ama_analysis.models.training import Recipe, Training, search, train, tried_out
from ama_analysis.models.training.batches import plain_batch
from ama_analysis.models.training.calibration import calibrated
from ama_analysis.models.training.examples import examples_in
from ama_analysis.models.training.held_out import answers_for, folds_of, held_out, ridge_of
from ama_analysis.models.training.learning import KEPT_EVERY, LOG, rate_at, trained
from ama_analysis.models.training.material import found_in
from ama_analysis.models.training.smoke import _made_session
from ama_analysis.models.weights import read_weights
from ama_bridge.cli import main

SAME = 1e-4
"""Torch and numpy sum in another order."""
SMALL = Recipe(steps=60, sessions=2, members=1)


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    for number in range(4):
        _made_session(folder / f"made_{number}", np.random.default_rng([1, number]))
    return folder


@pytest.fixture(scope="module")
def examples(material):
    return examples_in(found_in(material), material.parent / "examples")


def test_smoke_training_lowers_the_loss(tmp_path):
    tried = tried_out(tmp_path, Recipe())
    assert tried.last_loss < tried.first_loss - 0.3
    assert tried.trained.stems == 24


def test_the_command_tries_itself_out(capsys):
    assert main(["train", "--smoke"]) == 0
    assert "at last" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--smoke", "somewhere"], "FOLDER says nothing to --smoke"),
        (["--smoke", "--out", "x.safetensors"], "--out says nothing to --smoke"),
        (["--smoke", "--what", "roles"], "--smoke is for the gain predictor"),
        (["x", "--what", "roles", "--device", "cuda"], "--device says nothing to --what roles"),
        (["x", "--what", "roles", "--threads", "2"], "--threads says nothing to --what roles"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(capsys, words, said):
    assert main(["train", *words]) == 2
    assert said in capsys.readouterr().err


def test_numpy_answers_as_torch_does():
    member = dict(predictor_of().members[0])
    net = net_of(member).eval()
    random = np.random.default_rng(0)
    figures = random.normal(size=(1, 5, len(member["middle"]))).astype(np.float32)
    pictures = random.normal(size=(1, 5, 3, 48, 64)).astype(np.float32)
    reference = random.normal(size=(1, 11)).astype(np.float32)
    with torch.no_grad():
        theirs = net(
            torch.tensor(figures), torch.tensor(pictures), torch.ones(1, 5, 3),
            torch.ones(1, 5), torch.tensor([2]), torch.tensor(reference),
        )[0].numpy()  # fmt: skip
    from ama_analysis.models.gain_inference import Inputs

    inputs = Inputs(
        figures=figures[0], pictures=tuple(pictures[0]), style=2, reference=reference[0]
    )
    ours = answers_of((member,), inputs)
    np.testing.assert_allclose(ours.gain_db, GAIN_UNIT_DB * theirs[:, 0], atol=GAIN_UNIT_DB * SAME)
    np.testing.assert_allclose(ours.place, theirs[:, 2], atol=SAME)


def test_padding_changes_no_answer(examples):
    net = net_of(dict(predictor_of().members[0])).eval()
    batch = plain_batch(examples[:1])
    values = [torch.tensor(v) for v in (batch.figures, batch.pictures, batch.seen, batch.there)]
    rest = [torch.tensor(batch.style), torch.tensor(batch.reference)]
    longer = [torch.nn.functional.pad(v, (0, 0) * (v.dim() - 2) + (0, 3)) for v in values]
    with torch.no_grad():
        one, other = net(*values, *rest), net(*longer, *rest)
    torch.testing.assert_close(one[0], other[0, : one.shape[1]], atol=SAME, rtol=0.0)


def test_a_stopped_training_goes_on_as_if_it_was_not(examples, tmp_path):
    whole = trained([examples], SMALL)

    def stop(fraction, stage):
        if fraction > (KEPT_EVERY + 4) / SMALL.steps:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        trained([examples], SMALL, folder=tmp_path, on_progress=stop)
    steps = []
    resumed = trained([examples], SMALL, folder=tmp_path, on_step=lambda s: steps.append(s.step))
    assert steps == list(range(KEPT_EVERY, SMALL.steps))
    for name, tensor in whole[0].items():
        np.testing.assert_array_equal(resumed[0][name], tensor)
    with (tmp_path / "member0" / LOG).open() as file:
        rows = list(csv.DictReader(file))
    assert int(rows[-1]["step"]) == SMALL.steps - 1
    with pytest.raises(OptionError, match="other settings"):
        trained([examples], replace(SMALL, rate=1e-3), folder=tmp_path)


def test_seeds_make_the_difference(examples):
    short = replace(SMALL, steps=3)
    one, again, other = (trained([examples], replace(short, seed=s)) for s in (1, 1, 2))
    np.testing.assert_array_equal(one[0]["answer.weight"], again[0]["answer.weight"])
    assert not np.array_equal(one[0]["stem.weight"], other[0]["stem.weight"])


def test_a_trained_file_is_read_by_the_predictor(material, tmp_path):
    wanted = Training(
        folders=(material,), out=tmp_path / "x", work=tmp_path / "work",
        recipe=replace(SMALL, steps=5, members=2), folds=2, device="cpu",
    )  # fmt: skip
    result = train(wanted)
    path = tmp_path / "own.safetensors"
    path.write_bytes(result.weights)
    assert len(predictor_of(path).members) == 2
    assert read_weights(path, kind=KIND).about["material"][0]["stems"] == 16
    assert {row.song for row in result.held_out} == {f"made_{n}" for n in range(4)}
    assert result.scores()["equal_db"]["mean"] > 0.0


def test_calibrating_joins_what_few_sessions_tell(examples):
    members = trained([examples[:2]], replace(SMALL, steps=3))
    fold = folds_of(examples, 4)[0]
    kept = [e for e in examples if e.song not in fold]
    judged = [e for e in examples if e.song in fold]
    ridge = ridge_of([kept])
    (before,) = held_out(members, ridge, judged)
    (after,) = held_out(calibrated(members, kept), ridge, judged)
    assert after.cnn_db < before.cnn_db
    assert np.isfinite(answers_for(calibrated(members, kept), judged[0]).gain_error_db).all()


def test_the_command_writes_weights_and_tells_what_it_learned_from(material, tmp_path, capsys):
    out = tmp_path / "gain.safetensors"
    options = [
        "--steps",
        "4",
        "--members",
        "1",
        "--work",
        str(tmp_path / "work"),
        "--device",
        "cpu",
    ]
    few = ["--calibrate", str(material), "--folds", "4"]
    other = tmp_path / "other"
    _made_session(other / "another", np.random.default_rng(9))
    assert main(["train", str(other), *few, *options, "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["sessions"] == 5
    assert len(told["by_session"]) == 4
    assert predictor_of(out).about["calibrated"]


def test_nothing_to_learn_from_is_wrong_usage(tmp_path, capsys):
    assert main(["train"]) == 2
    assert "nothing to learn from" in capsys.readouterr().err


def test_settings_are_searched_for_and_remembered(material, tmp_path):
    pytest.importorskip(
        "optuna", reason="optuna is not installed (pip install 'ama-bridge[train]')"
    )
    wanted = Training(
        folders=(material,), out=tmp_path / "x", work=tmp_path / "work",
        recipe=replace(SMALL, steps=3), device="cpu",
    )  # fmt: skip
    first = search(wanted, 2)
    assert first.trials == 2
    assert search(wanted, 1).trials == 3
    assert first.recipe.rate != SMALL.rate


def test_the_rate_rises_and_falls():
    recipe = Recipe(steps=100)
    rates = [rate_at(n, recipe) for n in range(100)]
    assert max(rates) == pytest.approx(recipe.rate, rel=1e-2)
    assert rates[0] < rates[5] < recipe.rate
    assert rates[-1] < 0.01 * recipe.rate


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_training_runs_in_half_precision_on_cuda(examples):
    members = trained([examples], replace(SMALL, steps=20), device="cuda")
    assert all(np.isfinite(tensor).all() for tensor in members[0].values())


def test_networks_go_to_arrays_and_back():
    member = dict(predictor_of().members[0])
    back = arrays_of(net_of(member))
    assert set(back) == set(member)
    for name, tensor in member.items():
        np.testing.assert_array_equal(back[name], tensor)
