"""The recipe's settings tried out by optuna: each trial trains on most songs and is judged on the others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from ama_analysis.models.extra import required
from ama_analysis.models.training.examples import Example
from ama_analysis.models.training.held_out import folds_of, held_out, ridge_of
from ama_analysis.models.training.pipeline import Training, device_of, pools_of
from ama_analysis.models.training.settings import Recipe
from ama_analysis.progress import OnProgress, part_of, silent

STUDY: Final = "search.db"
FOLDS: Final = 4
"""A trial leaves out every fourth song of every folder, and is judged by them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The best recipe, its held-out fader error in dB, and how many trials there were in all."""

    recipe: Recipe
    fader_error_db: float
    trials: int


def search(wanted: Training, trials: int, *, on_progress: OnProgress = silent) -> Found:
    """Try out so many recipes, beside those that `wanted.work` remembers; `MissingExtraError` without torch and optuna."""
    required("torch", extra="train")
    optuna = required("optuna", extra="train")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    device = device_of(wanted.device)
    pools, _ = pools_of(wanted, part_of(on_progress, 0.0, 0.2))
    study = optuna.create_study(
        study_name="gain",
        storage=f"sqlite:///{wanted.work / STUDY}",
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=wanted.recipe.seed),
    )

    def judged(trial: Any) -> float:  # noqa: ANN401  # optuna's trial
        from ama_analysis.models.training.learning import trained

        recipe = suggested(trial, wanted.recipe)
        kept, out = split(pools)
        members = trained(kept, recipe, device=device)
        rows = held_out(members, ridge_of(kept), out)
        share = (trial.number + 1) / max(trials, trial.number + 1)
        on_progress(0.2 + 0.8 * share, "searching")
        return float(np.mean([row.cnn_db for row in rows]))

    study.optimize(judged, n_trials=trials)
    return Found(
        recipe=suggested(optuna.trial.FixedTrial(study.best_params), wanted.recipe),
        fader_error_db=float(study.best_value),
        trials=len(study.trials),
    )


def suggested(trial: Any, recipe: Recipe) -> Recipe:  # noqa: ANN401  # optuna's trial
    """Return the recipe with what a trial sets."""
    return replace(
        recipe,
        members=1,
        rate=trial.suggest_float("rate", 3e-4, 1e-2, log=True),
        decay=trial.suggest_float("decay", 1e-3, 0.3, log=True),
        drop=trial.suggest_float("drop", 0.0, 0.6),
        noise=trial.suggest_float("noise", 0.0, 0.3),
        tilt_db=trial.suggest_float("tilt_db", 0.0, 6.0),
    )


def split(
    pools: tuple[tuple[Example, ...], ...],
) -> tuple[tuple[tuple[Example, ...], ...], tuple[Example, ...]]:
    """Return pools without every fourth song, and the examples of those songs."""
    out = {song for pool in pools for song in folds_of(pool, FOLDS)[0]}
    kept = tuple(tuple(e for e in pool if e.song not in out) for pool in pools)
    judged = tuple(e for pool in pools for e in pool if e.song in out)
    return tuple(pool for pool in kept if pool), judged
