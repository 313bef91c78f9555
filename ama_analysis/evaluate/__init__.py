"""The benchmark: AMA beside the simple yardsticks and other people's systems, on sessions whose human mix is known.

    evaluate      a folder of sessions and finished tracks to an `Evaluation`: two tasks, every system in a process of its own
    Evaluation    all runs; `to_json` (ama.evaluation/1) and `markdown`

Tasks. `match`: the stems as they are against each reference, by the field's metrics (`metrics`, computed apart from AMA's own meters).
`faders`: stems with a seeded scramble, against the human's mix of the same section, of another one, and another song, by how near
faders and pans come to the human's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from ama_analysis.errors import DeliveryError, OptionError, WorkError
from ama_analysis.evaluate.comparing import Comparison
from ama_analysis.evaluate.report import Circumstances, Evaluation
from ama_analysis.evaluate.runs import LINES
from ama_analysis.evaluate.suite import load_suite, references_of
from ama_analysis.evaluate.systems import bench_of, systems_named
from ama_analysis.evaluate.units import Scramble, Unit, fader_units, match_units
from ama_analysis.progress import OnProgress, silent

TaskChoice: TypeAlias = Literal["faders", "match", "all"]
DEFAULT_SEEDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to compare. `systems` and `sessions` empty mean all; `peers_python` is a Python that has Matchering and libsonare."""

    suite: Path
    references: tuple[Path, ...]
    task: TaskChoice = "all"
    systems: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    seeds: int = DEFAULT_SEEDS
    scrambled: Scramble = "audio"
    peers_python: Path | None = None
    out: Path = field(default=Path("ama-evaluation"))
    fresh: bool = False


def evaluate(
    wanted: Wanted, circumstances: Circumstances, *, on_progress: OnProgress = silent
) -> Evaluation:
    """Return what the systems reached; runs are kept in `wanted.out` as they are made, and those that are there are not made again.

    A system that fails on a case is noted and the others go on; `WorkError` where none comes to a result. Raises `InputError`s for a suite, references, systems or a Python that
    cannot be used, and lets through what `on_progress` raises (the process that runs is ended).
    """
    if wanted.seeds < 1:
        message = f"--seeds is {wanted.seeds}."
        raise OptionError(message, hint="One scramble at least.")
    units = _units(wanted)
    systems = systems_named(wanted.systems)
    bench = bench_of(wanted.peers_python)
    try:
        wanted.out.mkdir(parents=True, exist_ok=True)
        if wanted.fresh:
            (wanted.out / LINES).unlink(missing_ok=True)
    except OSError as error:
        message = f"The folder {wanted.out} cannot be written ({error.strerror})."
        raise DeliveryError(message, hint="Name another with --out.", code="AMA-701") from error
    comparison = Comparison(
        units=units, systems=systems, bench=bench, folder=wanted.out, on_progress=on_progress
    )
    runs = comparison.runs()
    if not any(run.rows for run in runs):
        why = comparison.notes[0] if comparison.notes else "there is nothing to hear in it."
        message = f"Nothing could be compared: {why}"
        raise WorkError(message, hint="Other sessions or references may do.", code="AMA-601")
    return Evaluation(
        runs=runs, systems=systems, notes=tuple(comparison.notes), circumstances=circumstances
    )


def _units(wanted: Wanted) -> Sequence[Unit]:
    sessions = load_suite(wanted.suite, wanted.sessions)
    references = references_of(wanted.references)
    units: list[Unit] = []
    if wanted.task != "faders":
        if not references:
            message = "The task match needs references."
            raise OptionError(message, hint="Name finished tracks with --references.")
        units += match_units(sessions, references)
    if wanted.task != "match":
        units += fader_units(sessions, references, seeds=wanted.seeds, scrambled=wanted.scrambled)
    return units


__all__ = [
    "Circumstances",
    "Evaluation",
    "Wanted",
    "evaluate",
]
