"""How well roles are told from sound, on sessions that were held out: macro F1, accuracy, and how honest the confidence is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ama_analysis.models.role_classes import CLASS_AT, CLASSES
from ama_analysis.models.role_net import RoleNet, softmax
from ama_analysis.models.training.role_examples import RoleExamples
from ama_analysis.models.training.role_learning import RoleRecipe, learned
from ama_analysis.progress import OnProgress, part_of, silent

_BINS: Final = 10
_TEMPERATURES: Final = np.geomspace(0.3, 5.0, 80)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class HeldOut:
    """What networks said of tracks from which they had not learned: mean logits (tracks, roles), the true role of each, and which were asked."""

    logits: NDArray[np.float64]
    role: NDArray[np.int64]
    asked: NDArray[np.bool_]


def track_logits(net: RoleNet, examples: RoleExamples) -> NDArray[np.float64]:
    """Return each track's mean logits."""
    plain = ~examples.second
    rows, track = net.logits(examples.figures[plain]).astype(np.float64), examples.track[plain]
    sums = np.zeros((len(examples.sessions), rows.shape[1]))
    np.add.at(sums, track, rows)
    return sums / np.bincount(track, minlength=sums.shape[0])[:, None]


def held_out(
    examples: RoleExamples,
    recipe: RoleRecipe,
    folds: Sequence[NDArray[np.bool_]],
    *,
    on_progress: OnProgress = silent,
) -> HeldOut:
    """Return what is said of the tracks of each fold (masks over tracks) by networks that learned from all other tracks."""
    role = examples.track_role
    logits, asked = np.zeros((role.size, role.max() + 1)), np.zeros(role.size, bool)
    for at, fold in enumerate(folds):
        report = part_of(on_progress, at / len(folds), (at + 1) / len(folds))
        net = learned(examples, recipe, use=~fold[examples.track], on_progress=report)
        said = track_logits(net, examples)
        if logits.shape != said.shape:
            logits = np.zeros_like(said)
        logits[fold], asked[fold] = said[fold], True
    return HeldOut(logits=logits, role=role, asked=asked)


def temperature_of(said: HeldOut, groups: Sequence[NDArray[np.bool_]] = ()) -> float:
    """Return the temperature at which what was said of held-out tracks is likeliest, by class.

    `groups` of tracks (masks) count alike, however many are in each: a few recordings as much as many renderings.
    """
    share = np.zeros(said.role.size)
    for group in groups or (said.asked,):
        share += (group & said.asked) / max(int((group & said.asked).sum()), 1)
    share = share[said.asked]
    losses = [-(share * np.log(_true_class(said, float(t)) + 1e-12)).sum() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def _true_class(said: HeldOut, temperature: float) -> NDArray[np.float64]:
    chances = class_chances(softmax(said.logits[said.asked] / temperature))
    return chances[np.arange(len(chances)), np.array(CLASS_AT)[said.role[said.asked]]]


def class_chances(chances: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (n, classes) of (n, roles)."""
    sums = np.zeros((chances.shape[0], len(CLASSES)))
    np.add.at(sums.T, np.array(CLASS_AT), chances.T)
    return sums


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleScores:
    """Figures over tracks: F1 of each class that there is, their mean, the share told right by class and by role, the calibration error (ECE).

    `answered` is the share of tracks that get an answer at `least` confidence, `right` the share of these that is right.
    """

    tracks: int
    f1: dict[str, float]
    macro_f1: float
    accuracy: float
    role_accuracy: float
    ece: float
    least: float
    answered: float
    right: float


def scores_of(
    said: HeldOut, *, temperature: float, least: float, of: NDArray[np.bool_] | None = None
) -> RoleScores:
    """Return the scores over the tracks that were asked (those of the mask `of`)."""
    chosen = said.asked if of is None else said.asked & of
    chances = softmax(said.logits[chosen] / temperature)
    classes = class_chances(chances)
    true, told = np.array(CLASS_AT)[said.role[chosen]], classes.argmax(axis=1)
    sure = classes.max(axis=1)
    hit = told == true
    heard = sure >= least
    f1 = dict(_f1(true, told))
    return RoleScores(
        tracks=int(chosen.sum()),
        f1=f1,
        macro_f1=float(np.mean(list(f1.values()))),
        accuracy=float(hit.mean()),
        role_accuracy=float((chances.argmax(axis=1) == said.role[chosen]).mean()),
        ece=calibration_error(sure, hit),
        least=least,
        answered=float(heard.mean()),
        right=float(hit[heard].mean()) if heard.any() else 1.0,
    )


def _f1(true: NDArray[np.int64], told: NDArray[np.int64]) -> Iterator[tuple[str, float]]:
    for at, name in enumerate(CLASSES):
        mine = true == at
        if mine.any():
            yield name, float(2.0 * (mine & (told == at)).sum() / (mine.sum() + (told == at).sum()))


def calibration_error(sure: NDArray[np.float64], hit: NDArray[np.bool_]) -> float:
    """Return the expected calibration error: |confidence - accuracy| in ten bins of confidence, weighted by how many lie there (Guo et al., 2017)."""
    place = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(float(sure[place == at].mean()) - float(hit[place == at].mean())) * (place == at).sum()
        for at in range(_BINS)
        if (place == at).any()
    ]
    return float(sum(gaps) / sure.size)


def folds_of(examples: RoleExamples, sources: Sequence[str], count: int) -> list[NDArray[np.bool_]]:
    """Return masks over tracks: the songs of these sources shared out to `count` folds, whatever source they come from.

    A song is a session's name without "whole_"; a sum of some of its stems ("SONG ...", in a session "mixes") belongs to it too.
    """
    songs = [
        (name.split(" ")[0] if session == "mixes" else session).removeprefix("whole_")
        for session, name in zip(examples.sessions, examples.names, strict=True)
    ]
    place: dict[str, int] = {}
    for source in sources:
        of_source = {s for s, where in zip(songs, examples.sources, strict=True) if where == source}
        for song in sorted(of_source - place.keys()):
            place[song] = len(place) % count
    at = np.array([place.get(song, -1) for song in songs])
    return [at == fold for fold in range(count)]
