"""Runs: one system on one unit with one aim, scored; kept in a file of lines, so that a stopped comparison goes on where it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from ama_analysis.evaluate.balance import Strip, fader_error_db, pan_error
from ama_analysis.evaluate.job import Answer, Moves
from ama_analysis.evaluate.systems import Bench, System
from ama_analysis.evaluate.units import Aim, Unit

LINES: Final = "runs.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One scored run; `rows` are errors by name (0 is best), `wall_s`, `cpu_s` and `peak_mb` those of the system's process."""

    key: str
    task: str
    kind: str
    session: str
    reference: str
    seed: int | None
    system: str
    rows: Mapping[str, float]
    moves: Moves | None
    wall_s: float | None
    cpu_s: float | None
    peak_mb: float | None


def key_of(unit: Unit, aim: Aim, system: System, bench: Bench) -> str:
    """Return a hash of all that a run depends on: files (by size and time), unit, aim, the system's version, the ruler."""
    session = unit.session
    files = [track.path for track in session.tracks]
    files += [path for path in (session.mix, aim.path) if path is not None]
    told = {
        "files": [
            (str(path.resolve()), path.stat().st_size, path.stat().st_mtime_ns) for path in files
        ],
        "human": {name: asdict(strip) for name, strip in unit.human.items()},
        "unit": [unit.task, unit.seed, unit.scrambled, unit.half, session.name],
        "aim": [aim.kind, aim.name],
        "system": [system.name, "" if system.human else bench.version(system)],
        "ruler": bench.versions["ruler"],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:20]


def run_of(
    key: str, unit: Unit, aim: Aim, system: System, answer: Answer | None, rows: Mapping[str, float]
) -> Run:
    """Return a run with its rows."""
    return Run(
        key=key,
        task=unit.task,
        kind=aim.kind,
        session=unit.session.name,
        reference=aim.name,
        seed=unit.seed,
        system=system.name,
        rows=dict(rows),
        moves=answer.moves if answer else None,
        wall_s=answer.wall_s if answer else None,
        cpu_s=answer.cpu_s if answer else None,
        peak_mb=answer.peak_mb if answer else None,
    )


def fader_rows(unit: Unit, strips: Mapping[str, Strip]) -> dict[str, float]:
    """Return fader and pan error of what is printed into the audio and what the system set together.

    `fader_db` and `pan` count the tracks that play in the stems given, `fader_all_db` the silent ones too, `fader_there_db` those alone that can be heard in the
    human's mix of the reference's bars as well.
    """
    together = {name: strip.then(strips[name]) for name, strip in unit.printed.items()}
    human, there = (_of(unit.human, names) for names in (unit.heard(), unit.heard_there()))
    return {
        "fader_db": fader_error_db(together, human),
        "pan": pan_error(together, human),
        "fader_all_db": fader_error_db(together, unit.human),
        "fader_there_db": fader_error_db(together, there),
    }


def _of(strips: dict[str, Strip], names: Collection[str]) -> dict[str, Strip]:
    """Return the strips of these tracks, all where there is none."""
    return {name: strip for name, strip in strips.items() if name in names} or strips


def read_runs(folder: Path) -> dict[str, Run]:
    """Return the runs kept in a folder by key; a last line that was cut off is left out."""
    path = folder / LINES
    found: dict[str, Run] = {}
    if not path.is_file():
        return found
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            document = json.loads(line)
            moves = document["moves"]
            run = Run(**{**document, "moves": Moves(**moves) if moves else None})
        except (ValueError, TypeError, KeyError):
            continue
        found[run.key] = run
    return found


def keep(folder: Path, runs: Iterable[Run]) -> None:
    """Add runs to the folder's file."""
    with (folder / LINES).open("a", encoding="utf-8") as file:
        for run in runs:
            file.write(json.dumps(run_to_json(run)) + "\n")


def run_to_json(run: Run) -> dict[str, Any]:
    """Return the document of a run."""
    return asdict(replace(run, rows=dict(run.rows)))
