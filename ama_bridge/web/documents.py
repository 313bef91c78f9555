"""Values of the Assistant as the JSON documents that the page reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from ama_analysis.session import Track
from ama_bridge.jobs import Job
from ama_bridge.osc_table import PREFIX
from ama_bridge.service.daw_watch import KnownDaw
from ama_bridge.service.plan_summary import PlanSummary
from ama_bridge.store import Draft, file_name, session_of

Document: TypeAlias = dict[str, Any]
FINISHED_MOST: Final = 3
"""How many finished jobs of each kind are told beside those that are not."""


def job_document(job: Job) -> Document:
    """Return how a job stands."""
    return {
        "id": job.id,
        "kind": job.kind,
        "subject": job.subject,
        "daw": job.daw,
        "state": job.state,
        "fraction": job.fraction,
        "stage": job.stage,
        "error": job.error,
        "code": job.code,
        "result": _result(job),
    }


def _result(job: Job) -> Any:  # noqa: ANN401  # any JSON value
    if job.kind != "render" or not isinstance(job.result, dict):
        return job.result
    before = job.result.get("before_name")
    return {
        **job.result,
        "url": sound_url(str(job.result["name"])),
        "before_url": sound_url(str(before)) if before else None,
    }


def sound_url(name: str) -> str:
    """Return where a render is to be had."""
    return f"{PREFIX}/sound/{quote(name, safe='')}"


def recent(jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs that are not finished, and the last finished ones of each kind, in their order."""
    finished: dict[str, list[str]] = defaultdict(list)
    jobs = tuple(jobs)
    for job in jobs:
        if job.over:
            finished[job.kind].append(job.id)
    last = {name for names in finished.values() for name in names[-FINISHED_MOST:]}
    return [job for job in jobs if not job.over or job.id in last]


def session_document(draft: Draft, newest_plan: str | None) -> Document:
    """Return a session as far as it has come."""
    return {
        "name": draft.name,
        "daw": draft.daw,
        "sample_rate_hz": draft.sample_rate_hz,
        "track_count": draft.track_count,
        "committed": draft.committed,
        "folder": _text(draft.folder),
        "tracks": [_track(track, locked=track.id in draft.locked) for track in draft.in_order()],
        "references": [str(reference) for reference in draft.references],
        "mix": _text(draft.mix),
        "newest_plan": newest_plan,
    }


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


def _track(track: Track, *, locked: bool) -> Document:
    return {
        "id": track.id,
        "name": track.name,
        "role": track.role,
        "fader_db": track.fader_db,
        "pan": track.pan,
        "muted": track.muted,
        "locked": locked,
        "automated": list(track.automated),
    }


def newest_plans(ids: Sequence[str]) -> dict[str, str]:
    """Return the newest of these plans, the newest last, by the name that files of their session have (`store.file_name`)."""
    return {session_of(plan_id): plan_id for plan_id in ids}


def sessions_document(drafts: Iterable[Draft], plan_ids: Sequence[str]) -> list[Document]:
    """Return all sessions, each with its newest plan."""
    newest = newest_plans(plan_ids)
    return [session_document(draft, newest.get(file_name(draft.name))) for draft in drafts]


def plan_document(summary: PlanSummary) -> Document:
    """Return a plan as a list shows it."""
    return {
        "id": summary.id,
        "session": summary.session,
        "engine": summary.engine,
        "target": summary.target,
        "suggestions": summary.suggestions,
        "before": summary.before,
        "after": summary.after,
        "made_at": instant(summary.made_s),
    }


def instant(time_s: float) -> str:
    """Return seconds since 1970 as ISO 8601 in UTC, to the second."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="seconds")


def daw_document(daw: KnownDaw) -> Document:
    """Return a DAW and how it stands."""
    return {
        "name": daw.name,
        "asks": daw.asks,
        "running": daw.standing.running,
        "installed": daw.standing.installed,
        "about": daw.standing.about,
    }
