"""From folders to a weight file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ama_analysis.errors import DeliveryError, OptionError, SessionError
from ama_analysis.models.extra import required
from ama_analysis.models.gain_predictor import predictor_of
from ama_analysis.models.gain_shapes import KIND
from ama_analysis.models.training.calibration import calibrated
from ama_analysis.models.training.examples import Example, examples_in
from ama_analysis.models.training.held_out import HeldOut, folds_of, held_out, ridge_of, summary
from ama_analysis.models.training.material import found_in
from ama_analysis.models.training.settings import Recipe
from ama_analysis.models.training.solver_teacher import solver_teacher
from ama_analysis.models.training.teachers import HUMAN, Teacher
from ama_analysis.models.weights import weights_to_bytes
from ama_analysis.progress import OnProgress, part_of, silent

if TYPE_CHECKING:
    from ama_analysis.models.training.learning import Step

EXAMPLES: Final = "examples"

Pool: TypeAlias = Sequence[Example]
Pools: TypeAlias = Sequence[Pool]
Members: TypeAlias = tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What to learn from and how. Every folder is drawn from equally often.

    `calibrate` is a folder of few sessions that matter most, which the networks do not learn from but are calibrated on (`calibration`). With `folds` its
    songs (without it those of the first folder) are left out in turn and scored, before all is learned. `work` keeps what was heard of the
    material, the state of the training and its log; `begin` is a weight file to start from. With `solver`, finished tracks, the teacher of all but the
    calibration is AMA's engine for references in place of the humans.
    """

    folders: tuple[Path, ...]
    out: Path
    work: Path
    recipe: Recipe = field(default_factory=Recipe)
    begin: Path | None = None
    calibrate: Path | None = None
    folds: int = 0
    solver: tuple[Path, ...] = ()
    device: str = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What came of it: the file's bytes, how many songs and stems were learned from, the held-out errors, what was left out and why."""

    weights: bytes
    sessions: int
    stems: int
    held_out: tuple[HeldOut, ...]
    skipped: tuple[str, ...]

    def scores(self) -> dict[str, dict[str, float]]:
        """Return the mean errors over held-out sessions and their spread; empty where nothing was held out."""
        return summary(self.held_out) if self.held_out else {}


def train(
    wanted: Training,
    *,
    on_progress: OnProgress = silent,
    on_step: Callable[[Step], None] = lambda _: None,
) -> Trained:
    """Learn, and return the weights; nothing is written but in `wanted.work`.

    Raises `MissingExtraError` without torch, `SessionError` for folders without multitracks, `OptionError` for a device that is not there or a work folder
    that holds another training, and what `on_progress` raises.
    """
    required("torch", extra="train")
    device = device_of(wanted.device)
    pools, skipped = pools_of(wanted, part_of(on_progress, 0.0, 0.2))
    begin = predictor_of(wanted.begin).members if wanted.begin else ()
    runs = _Runs(wanted=wanted, begin=begin, device=device, on_step=on_step)
    on_learning = part_of(on_progress, 0.2, 1.0)
    if wanted.calibrate is None:
        rows, members = runs.learned_in_folds(pools, on_learning)
    else:
        *pools_learned, few = pools
        rows, members = runs.calibrated_in_folds(pools_learned, few, on_learning)
    examples = [example for pool in pools for example in pool]
    return Trained(
        weights=packed(members, about_of(wanted, pools, rows)),
        sessions=len(examples),
        stems=sum(example.count for example in examples),
        held_out=tuple(rows),
        skipped=skipped,
    )


def pools_of(
    wanted: Training, on_progress: OnProgress
) -> tuple[tuple[tuple[Example, ...], ...], tuple[str, ...]]:
    """Return the examples of each folder, those to calibrate on last, and what was left out with its reason."""
    skipped: list[str] = []
    pools = []
    try:
        wanted.work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"The folder {wanted.work} cannot be written ({error.strerror})."
        raise DeliveryError(message, hint="Name another with --work.") from error
    folders = (*wanted.folders, *((wanted.calibrate,) if wanted.calibrate else ()))
    teacher: Teacher = solver_teacher(wanted.solver) if wanted.solver else HUMAN
    for at, folder in enumerate(folders):
        count = len(folders)
        share = part_of(on_progress, at / count, (at + 1) / count)
        examples = examples_in(
            found_in(folder),
            wanted.work / EXAMPLES,
            teacher=teacher if at < len(wanted.folders) else HUMAN,
            on_progress=share,
            on_skip=skipped.append,
        )
        if not examples:
            message = f"{folder} holds nothing that can be learned from."
            raise SessionError(message, hint=skipped[-1] if skipped else "", code="AMA-204")
        pools.append(examples)
    return tuple(pools), tuple(skipped)


def device_of(word: str) -> str:
    """Return torch's name of a device: "cuda" where one is there and "auto" was said, else "cpu"."""
    torch = required("torch", extra="train")
    there = bool(torch.cuda.is_available())
    if word == "auto":
        return "cuda" if there else "cpu"
    if word == "cuda" and not there:
        message = "This machine has no CUDA device that torch can use."
        raise OptionError(message, hint="Use --device cpu.")
    return word


@dataclass(frozen=True, slots=True, kw_only=True)
class _Runs:
    """The trainings that one call makes."""

    wanted: Training
    begin: Sequence[Mapping[str, Any]]
    device: str
    on_step: Callable[[Step], None]

    def calibrated_in_folds(
        self, pools: Pools, few: Pool, on_progress: OnProgress
    ) -> tuple[list[HeldOut], Members]:
        """Learn from the pools once; calibrate on the few without each fold, score it, then calibrate on all."""
        songs = {example.song for example in few}
        pools = [tuple(e for e in pool if e.song not in songs) for pool in pools]
        members = self.learned([pool for pool in pools if pool], "all", on_progress)
        rows: list[HeldOut] = []
        for out in self._folds(few):
            kept = tuple(e for e in few if e.song not in out)
            judged = [e for e in few if e.song in out]
            rows += held_out(calibrated(members, kept), ridge_of([kept]), judged)
        return rows, calibrated(members, few)

    def learned_in_folds(
        self, pools: Pools, on_progress: OnProgress
    ) -> tuple[list[HeldOut], Members]:
        """Learn without each fold's songs, score them, then learn from all."""
        rows: list[HeldOut] = []
        folds = self._folds(pools[0])
        turns = len(folds) + 1
        for number, out in enumerate(folds):
            kept = [tuple(e for e in pool if e.song not in out) for pool in pools]
            share = part_of(on_progress, number / turns, (number + 1) / turns)
            members = self.learned([p for p in kept if p], f"fold {number}", share)
            rows += held_out(members, ridge_of(kept), [e for e in pools[0] if e.song in out])
        share = part_of(on_progress, len(folds) / turns, 1.0)
        return rows, self.learned(pools, "all", share)

    def _folds(self, pool: Pool) -> tuple[tuple[str, ...], ...]:
        if not self.wanted.folds:
            return ()
        folds = folds_of(pool, self.wanted.folds)
        if len(folds) < 2:
            message = "There are too few songs for folds."
            raise OptionError(message, hint="Name more songs, or use no --folds.")
        return folds

    def learned(self, pools: Pools, name: str, on_progress: OnProgress) -> Members:
        """Return what is learned from these pools; its state lies in a folder of that name."""
        from ama_analysis.models.training.learning import trained

        if not pools:
            message = "There is nothing left to learn from beside what is calibrated on."
            raise OptionError(message, hint="Name another folder to learn from.")
        return trained(
            pools,
            self.wanted.recipe,
            folder=self.wanted.work / name.replace(" ", "_"),
            begin=self.begin,
            device=self.device,
            on_progress=on_progress,
            on_step=self.on_step,
        )


def about_of(
    wanted: Training, pools: Sequence[Sequence[Example]], rows: Sequence[HeldOut]
) -> dict[str, Any]:
    """Return what a weight file says of itself."""
    folders = (*wanted.folders, *((wanted.calibrate,) if wanted.calibrate else ()))
    return {
        "recipe": asdict(wanted.recipe),
        "material": [
            {"folder": folder.name, "sessions": len(pool), "stems": sum(e.count for e in pool)}
            for folder, pool in zip(folders, pools, strict=True)
        ],
        "calibrated": wanted.calibrate is not None,
        "teacher": [path.stem for path in wanted.solver] or "human",
        "held_out": summary(rows) if rows else {},
        "sessions": [
            {name: round(v, 3) if isinstance(v, float) else v for name, v in asdict(row).items()}
            for row in rows
        ],
    }


def packed(members: Sequence[Mapping[str, Any]], about: Mapping[str, Any]) -> bytes:
    """Return the weight file of an ensemble; a tensor's name begins with its member's number."""
    tensors = {
        f"{number}.{name}": tensor
        for number, member in enumerate(members)
        for name, tensor in member.items()
    }
    return weights_to_bytes(tensors, kind=KIND, about=about)
