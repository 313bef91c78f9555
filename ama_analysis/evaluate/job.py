"""What a system is asked and what it answers: two small JSON documents, read and written by `worker` and by `peer_driver` alike.

A job names stems (with the fader and pan that the session has now), references and the file to write the mix to (null where only the
faders count). An answer tells strips (gain and pan in place of fader and pan, per track; null where the system has none), the moves by
which a user would have to set the result, and the process's own peak memory; or `unavailable` with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ama_analysis.evaluate.balance import Strip


@dataclass(frozen=True, slots=True, kw_only=True)
class Stem:
    """One stem as the system gets it."""

    id: str
    name: str
    path: Path
    strip: Strip


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One session and its references for one system."""

    system: str
    session: str
    stems: tuple[Stem, ...]
    references: tuple[Path, ...]
    out: Path | None

    def to_json(self) -> dict[str, Any]:
        """Return the document."""
        stems = [
            {"id": s.id, "name": s.name, "path": str(s.path), **asdict(s.strip)} for s in self.stems
        ]
        return {
            "system": self.system,
            "session": self.session,
            "stems": stems,
            "references": [str(path) for path in self.references],
            "out": str(self.out) if self.out else None,
        }


def job_from_json(document: Mapping[str, Any]) -> Job:
    """Return the job of a document that `to_json` made."""
    return Job(
        system=document["system"],
        session=document["session"],
        stems=tuple(
            Stem(
                id=row["id"],
                name=row["name"],
                path=Path(row["path"]),
                strip=Strip(gain_db=row["gain_db"], pan=row["pan"]),
            )
            for row in document["stems"]
        ),
        references=tuple(Path(path) for path in document["references"]),
        out=Path(document["out"]) if document["out"] else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What a user would have to set: how many moves, their mean size in dB (gains without the common offset), and the EQ bands."""

    count: int
    mean_gain_db: float
    mean_eq_db: float
    eq_bands: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a system made of a job.

    `wall_s` is that of the whole process, `cpu_s` what its threads took of the processors, `peak_mb` its largest resident memory.
    """

    strips: Mapping[str, Strip] | None
    moves: Moves | None
    wall_s: float
    cpu_s: float | None
    peak_mb: float | None
    unavailable: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the document."""
        return asdict(self)


def answer_from_json(document: Mapping[str, Any], *, wall_s: float) -> Answer:
    """Return the answer of a document; `wall_s` is as measured from outside."""
    strips, moves = document.get("strips"), document.get("moves")
    return Answer(
        strips=None if strips is None else {name: Strip(**row) for name, row in strips.items()},
        moves=None if moves is None else Moves(**moves),
        wall_s=wall_s,
        cpu_s=document.get("cpu_s"),
        peak_mb=document.get("peak_mb"),
        unavailable=document.get("unavailable") or "",
    )
