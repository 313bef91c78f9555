"""Training the classifier of roles: folders of sessions in, a weight file and its scores out. Needs neither torch nor a GPU; minutes on one core.

The scores are those of networks that had not heard a song: the songs of the folders named in `held_out_sources` are shared out to `folds` folds. Their answers also
give the temperature. The networks that are written have learned from everything but what `never` names (material that may not be shipped).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.errors import SessionError
from ama_analysis.models.role_net import RoleNet, net_to_bytes
from ama_analysis.models.role_sound import LEAST_SURE
from ama_analysis.models.training.role_examples import RoleExamples, examples_in
from ama_analysis.models.training.role_learning import RoleRecipe, learned
from ama_analysis.models.training.role_scores import (
    RoleScores,
    folds_of,
    held_out,
    scores_of,
    temperature_of,
)
from ama_analysis.progress import OnProgress, part_of, silent

_LISTENING, _FOLDS = 0.3, 0.9
FOLDS: Final = 5


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class TrainedRoles:
    """The networks, and by source (and "all" of them together) how well songs were told that had not been learned from."""

    net: RoleNet
    scores: dict[str, RoleScores]
    about: dict[str, Any]

    def to_bytes(self) -> bytes:
        """Return the weight file."""
        return net_to_bytes(self.net, self.about)


def train_roles(
    folders: Sequence[Path],
    *,
    recipe: RoleRecipe | None = None,
    held_out_sources: Sequence[str] | None = None,
    folds: int = FOLDS,
    never: Sequence[str] = (),
    kept: Path | None = None,
    on_progress: OnProgress = silent,
) -> TrainedRoles:
    """Return networks that learned from the sessions below the folders; `SessionError` where there are not enough.

    `held_out_sources` are names of these folders (all of them unless given); `kept` is a folder for figures, so that a second run is faster.
    The same material and recipe give the same networks.
    """
    recipe = recipe or RoleRecipe()
    _known(held_out_sources or (), [folder.name for folder in folders], "folder")
    listening = part_of(on_progress, 0.0, _LISTENING)
    examples = examples_in(folders, kept=kept, on_progress=listening)
    sources = tuple(held_out_sources or {folder.name: None for folder in folders})
    _told_apart(examples, sources, never)
    shares = folds_of(examples, sources, folds)
    if any(not share.any() for share in shares):
        message = f"There are fewer than {folds} songs with told roles to hold out."
        raise SessionError(message, hint="Name more sessions, or fewer folds.", code="AMA-204")
    scoring = part_of(on_progress, _LISTENING, _FOLDS)
    said = held_out(examples, recipe, shares, on_progress=scoring)
    groups = _by_source(examples, sources)
    temperature = temperature_of(said, [groups[source] for source in sources])
    allowed = np.array([name not in never for name in examples.sessions])
    learning = part_of(on_progress, _FOLDS, 1.0)
    net = learned(examples, recipe, use=allowed[examples.track], on_progress=learning)
    scores = {
        source: scores_of(said, temperature=temperature, least=LEAST_SURE, of=mask)
        for source, mask in groups.items()
    }
    about = {
        "recipe": asdict(recipe),
        "tracks": int(allowed.sum()),
        "windows": int(allowed[examples.track].sum()),
        "folds": folds,
        "scores": {source: asdict(one) for source, one in scores.items()},
    }
    return TrainedRoles(net=replace(net, temperature=temperature), scores=scores, about=about)


def _told_apart(examples: RoleExamples, sources: Sequence[str], never: Sequence[str]) -> None:
    """Raise `SessionError` for a source or a session that is not there."""
    _known(sources, examples.sources, "folder")
    _known(never, examples.sessions, "session")


def _known(names: Sequence[str], known: Sequence[str], kind: str) -> None:
    lost = [name for name in names if name not in known]
    if lost:
        message = f"There is no {kind} {lost[0]!r} with told roles in the material."
        hint = f"There are {', '.join(sorted(set(known))[:8])}."
        raise SessionError(message, hint=hint, code="AMA-204")


def _by_source(examples: RoleExamples, sources: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    of = np.array(examples.sources)
    return {**{source: of == source for source in sources}, "all": np.isin(of, sources)}
