"""The last step of a training: what little is known of the kind of mixes that matter, with few degrees of freedom.

A network that learned from hundreds of made songs carries their habits. On a handful of sessions by human hands it cannot be trained on without learning
them by heart. So its answer is shrunk and joined with the rules' levels, and a ridge regression on the same figures takes what is left; all
of that is linear in the network's inputs and becomes part of its weights. Then its errors are made as wide as they are on songs that the regression has
not seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from ama_analysis.bands import Floats
from ama_analysis.models.gain_shapes import GAIN_UNIT_DB
from ama_analysis.models.training.batches import plain_batch
from ama_analysis.models.training.examples import Example
from ama_analysis.models.training.held_out import answers_for

RULES_SHARE: Final = 0.7
NETWORK_SHARE: Final = 0.3
"""Chosen among (1, 0), (0.7, 0), (0.7, 0.3) and (0.5, 0.5) on the folds of the ten shared sessions; all lie within 0.1 dB of each other."""
SHRINKAGE: Final = 300.0
"""The ridge, re inputs of unit spread; 100 and 1000 do 0.1 dB worse there."""
CLIP_DB: Final = 15.0
"""Tracks further from their session's median count as that far off: those left all but muted must not decide."""
_INPUT_LIMIT: Final = 4.0
"""As in the network."""

Arrays = Mapping[str, Any]


def calibrated(
    members: Sequence[Arrays], examples: Sequence[Example]
) -> tuple[dict[str, Any], ...]:
    """Return the members joined with the rules and what the examples' humans add."""
    return tuple(_calibrated(member, examples) for member in members)


def _calibrated(member: Arrays, examples: Sequence[Example]) -> dict[str, Any]:
    joined = _joined(member, examples)
    wide = float(np.log(_error_ratio(member, examples)))
    bias = np.array(joined["answer.bias"], np.float32)
    bias[1] += wide
    joined["answer.bias"] = bias
    return joined


def _joined(member: Arrays, examples: Sequence[Example]) -> dict[str, Any]:
    """Return a member with the rules' share and a ridge regression in its linear path."""
    out = {name: np.array(tensor) for name, tensor in member.items()}
    for name in ("answer.weight", "answer.bias"):
        out[name][0] *= NETWORK_SHARE
    straight = NETWORK_SHARE * out["straight.weight"][0].astype(np.float64)
    straight[-1] += RULES_SHARE * float(out["spread"][-1]) / GAIN_UNIT_DB
    out["straight.weight"] = straight[None].astype(np.float32)
    straight += _ridge(out, examples) / GAIN_UNIT_DB
    out["straight.weight"] = straight[None].astype(np.float32)
    return out


def _ridge(member: Arrays, examples: Sequence[Example]) -> Floats:
    """Return coefficients (dB) on the network's inputs for what a member leaves of the humans' levels."""
    rows, left = [], []
    for example in examples:
        batch = plain_batch([example])
        inputs = (batch.figures[0] - member["middle"]) / member["spread"]
        inputs = np.clip(inputs, -_INPUT_LIMIT, _INPUT_LIMIT).astype(np.float64)
        human = batch.wanted[0].astype(np.float64)
        human = np.clip(human - np.median(human), -CLIP_DB, CLIP_DB)
        said = answers_for([member], example).gain_db.astype(np.float64)
        missing = human - said
        rows.append(inputs - inputs.mean(0))
        left.append(missing - missing.mean())
    alike, missing = np.concatenate(rows), np.concatenate(left)
    normal = alike.T @ alike + SHRINKAGE * np.eye(alike.shape[1])
    return np.asarray(np.linalg.solve(normal, alike.T @ missing))


def _error_ratio(member: Arrays, examples: Sequence[Example]) -> float:
    """Return how much larger errors are on songs left out in turn than the network says; 1 where there is only one song."""
    songs = sorted({example.song for example in examples})
    if len(songs) < 2:
        return 1.0
    found, expected = [], []
    for song in songs:
        kept = _joined(member, [e for e in examples if e.song != song])
        for example in (e for e in examples if e.song == song):
            said = answers_for([kept], example)
            apart = said.gain_db - plain_batch([example]).wanted[0]
            found.append(float(np.mean(np.abs(apart - np.median(apart)))))
            expected.append(float(np.mean(said.gain_error_db)) / np.sqrt(2.0))
    return float(np.mean(found) / np.mean(expected))
