"""What became of all sessions: a table for people, a document for programs, a picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.codec import Json, to_json
from ama_bridge import json_text
from ama_bridge.atomic import write_atomically
from ama_bridge.batch.outcome import Figures, Levels, Outcome
from ama_bridge.version import version

SCHEMA: Final = "ama.batch/1"
TABLE: Final = "summary.csv"
DOCUMENT: Final = "summary.json"
PICTURE: Final = "summary.png"
_PARTS: Final = ("tonal_db", "width_db", "crest_db", "plr_db", "loudness_range_lu", "loudness_lu")
_PLACES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """All sessions of a batch in their order, and what was passed over."""

    outcomes: Sequence[Outcome]
    passed_over: Sequence[str]

    @property
    def failures(self) -> int:
        """How many sessions failed."""
        return sum(outcome.state == "failed" for outcome in self.outcomes)

    def document(self) -> Json:
        """Return the document `ama.batch/1`."""
        return {
            "schema": SCHEMA,
            "version": version(),
            "sessions": [to_json(outcome, Outcome) for outcome in self.outcomes],
            "passed_over": list(self.passed_over),
        }

    def write(self, folder: Path) -> None:
        """Write table, document and picture; there is no picture where there is nothing to draw."""
        write_atomically(folder / DOCUMENT, json_text.to_bytes(self.document()))
        write_atomically(folder / TABLE, self.table().encode("utf-8", "backslashreplace"))
        told = [(one.session, one.figures) for one in self.outcomes if one.figures]
        if not told:
            (folder / PICTURE).unlink(missing_ok=True)
            return
        from ama_analysis.distance import METRIC
        from ama_analysis.pictures import distances_png

        distances_png(
            folder / PICTURE,
            [(name, f.distance_before, f.distance_after) for name, f in told],
            metric=METRIC,
        )

    def table(self) -> str:
        """Return the table as CSV: a line a session, with units in the names of the columns."""
        text = io.StringIO()
        writer = csv.DictWriter(text, _columns(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(_row(outcome) for outcome in self.outcomes)
        return text.getvalue()


def _columns() -> list[str]:
    pairs = ("distance", *_PARTS, "integrated_lufs", "true_peak_dbtp")
    ends = [f"{name}_{end}" for name in pairs for end in ("before", "after")]
    about = ["engine", "target", "tracks", "duration_s", "suggestions"]
    return ["session", "state", *about, *ends, "error", "notes"]


def _row(outcome: Outcome) -> dict[str, object]:
    row: dict[str, object] = {
        "session": outcome.session,
        "state": outcome.state,
        "error": outcome.error,
        "notes": " ".join(outcome.warnings),
    }
    return row | (_figures(outcome.figures) if outcome.figures else {})


def _figures(figures: Figures) -> dict[str, object]:
    told: dict[str, object] = {
        "engine": figures.engine,
        "target": figures.target,
        "tracks": figures.tracks,
        "duration_s": round(figures.duration_s, _PLACES),
        "suggestions": figures.suggestions,
    }
    pairs = {"distance": (figures.distance_before, figures.distance_after)}
    pairs |= {name: figures.parts[name] for name in _PARTS if name in figures.parts}
    for name, values in pairs.items():
        for end, value in zip(("before", "after"), values, strict=True):
            told[f"{name}_{end}"] = round(value, _PLACES)
    for end, levels in (("before", figures.before), ("after", figures.after)):
        told |= {f"{name}_{end}": value for name, value in _levels(levels).items()}
    return told


def _levels(levels: Levels | None) -> dict[str, object]:
    if levels is None:
        return {}
    told = {"integrated_lufs": levels.integrated_lufs, "true_peak_dbtp": levels.true_peak_dbtp}
    return {name: None if value is None else round(value, 2) for name, value in told.items()}
