"""Training the gain predictor, so that others can repeat it and train their own (docs/models.md).

    Training, train    folders of multitracks to a weight file, with a log, held-out errors, and the state to go on from
    search             the recipe's settings tried out (optuna)
    tried_out          a run of seconds on made material: everything runs, and the loss falls

Needs torch (`pip install 'ama-bridge[train]'`); it is imported when something is trained, not before.
"""

from __future__ import annotations

from ama_analysis.models.training.pipeline import Training, train
from ama_analysis.models.training.settings import Recipe
from ama_analysis.models.training.smoke import tried_out
from ama_analysis.models.training.tuning import search

__all__ = ["Recipe", "Training", "search", "train", "tried_out"]
