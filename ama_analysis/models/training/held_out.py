"""How near the predictor comes to human faders on songs that it has not learned from, beside simpler answers.

Fader error: the mean over a session's stems of |wanted - human - their median|, dB, as the benchmark has it. It does not depend on how the
stems' faders stood. The yardsticks: `equal` (all stems equally loud), `rules` (AMA's rules, by the names), `ridge` (a linear regression on the same
figures, roles and rules' levels, learned from the same songs).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ama_analysis.bands import Floats
from ama_analysis.models.gain_inference import Answers, Inputs, answers_of
from ama_analysis.models.training.batches import plain_batch
from ama_analysis.models.training.examples import Example

RIDGE: Final = 300.0
"""Chosen among 30, 100, 300, 1000 on the suite's own folds, in the ridge's favour."""
_CLIP_DB: Final = 15.0
"""What lies further from its session's median counts as that far, so that tracks left all but muted do not decide."""

Members = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """One session that was not learned from: its stems, and each answer's fader error in dB.

    `expected_db` is the mean error that the predictor itself expected.
    """

    session: str
    song: str
    stems: int
    cnn_db: float
    ridge_db: float
    rules_db: float
    equal_db: float
    place_error: float
    centre_error: float
    expected_db: float


def fader_error_db(found: Floats, human: Floats) -> float:
    """Return the mean of the absolute differences, their median taken out."""
    apart = np.asarray(found, np.float64) - np.asarray(human, np.float64)
    return float(np.mean(np.abs(apart - np.median(apart))))


def answers_for(members: Members, example: Example) -> Answers:
    """Return what the predictor says of an example, as the engine would ask it."""
    batch = plain_batch([example])
    pictures = tuple(batch.pictures[0, at, : int(seen)] for at, seen in enumerate(example.seen))
    inputs = Inputs(
        figures=batch.figures[0],
        pictures=pictures,
        style=int(batch.style[0]),
        reference=batch.reference[0],
    )
    return answers_of(tuple(members), inputs)


def held_out(members: Members, ridge: Floats, examples: Iterable[Example]) -> tuple[HeldOut, ...]:
    """Return the errors on examples that neither the members nor the ridge have learned from."""
    rows = []
    for example in examples:
        batch = plain_batch([example])
        human = batch.wanted[0].astype(np.float64)
        said = answers_for(members, example)
        rows.append(
            HeldOut(
                session=example.name,
                song=example.song,
                stems=example.count,
                cnn_db=fader_error_db(said.gain_db, human),
                ridge_db=fader_error_db(batch.figures[0] @ ridge, human),
                rules_db=fader_error_db(example.rules_lu[:, 1], human),
                equal_db=fader_error_db(np.zeros(example.count), human),
                place_error=float(np.mean(np.abs(said.place - batch.place[0]))),
                centre_error=float(np.mean(np.abs(batch.place[0]))),
                expected_db=float(np.mean(said.gain_error_db) / np.sqrt(2.0)),
            )
        )
    return tuple(rows)


def ridge_of(pools: Sequence[Sequence[Example]]) -> Floats:
    """Return the coefficients of a ridge regression on the inputs that the network has beside its pictures; sessions are centred."""
    rows, wanted = [], []
    for example in (e for pool in pools for e in pool):
        batch = plain_batch([example])
        figures = batch.figures[0].astype(np.float64)
        answer = batch.wanted[0].astype(np.float64)
        answer = np.clip(answer - np.median(answer), -_CLIP_DB, _CLIP_DB)
        rows.append(figures - figures.mean(0))
        wanted.append(answer - answer.mean())
    inputs, answers = np.concatenate(rows), np.concatenate(wanted)
    spread = inputs.std(0) + 1e-3
    alike = inputs / spread
    normal = alike.T @ alike + RIDGE * np.eye(alike.shape[1])
    return np.asarray(np.linalg.solve(normal, alike.T @ answers) / spread)


def folds_of(examples: Sequence[Example], count: int) -> tuple[tuple[str, ...], ...]:
    """Return the songs of each fold; all sessions of a song lie in one. As many folds as songs where `count` is larger."""
    songs = sorted({example.song for example in examples})
    count = min(count, len(songs))
    return tuple(tuple(songs[at::count]) for at in range(count))


def summary(rows: Sequence[HeldOut]) -> dict[str, dict[str, float]]:
    """Return mean and standard deviation over sessions of each answer's error."""
    names = ("cnn_db", "ridge_db", "rules_db", "equal_db", "place_error", "centre_error")
    return {
        name: {
            "mean": round(float(np.mean([getattr(row, name) for row in rows])), 3),
            "sd": round(float(np.std([getattr(row, name) for row in rows])), 3),
        }
        for name in names
    }
