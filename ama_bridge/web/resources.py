"""What can be read with GET: the state of the service, plans, jobs, folders, sounds, what was learned."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from ama_analysis.codec import to_json
from ama_bridge.assistant import Assistant
from ama_bridge.osc_table import PROTOCOL
from ama_bridge.preference_file import preferences_document
from ama_bridge.service.analyst import ENGINES
from ama_bridge.store import Decision
from ama_bridge.version import version
from ama_bridge.web import documents
from ama_bridge.web.answering import json_bytes, json_response, raw_json_response
from ama_bridge.web.documents import Document
from ama_bridge.web.files import listing

PLANS_MOST: Final = 100
SOUND_TYPES: Final = {
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".aiff": "audio/aiff",
    ".aif": "audio/aiff",
}
_ALWAYS_ASK: Final = {"Cache-Control": "no-cache"}
"""A file of the same name may be another one by now; its ETag tells."""

for _suffix, _type in ((".js", "text/javascript"), (".css", "text/css"), (".svg", "image/svg+xml")):
    mimetypes.add_type(
        _type, _suffix
    )  # a system's own list may say otherwise, and nosniff makes that fatal


class Resources:
    """Answers by GET; each runs on a thread of its own, so it may read files."""

    def __init__(self, assistant: Assistant) -> None:
        """Take the Assistant to ask."""
        self._assistant = assistant

    def warm_up(self) -> None:
        """Load and read what the first look at the state would have to wait for."""
        self._state()

    def state(self, _: Request) -> Response:
        """Return everything at a glance."""
        return json_response(self._state())

    def _state(self) -> Document:
        assistant = self._assistant
        status = assistant.status()
        return {
            "version": version(),
            "protocol": PROTOCOL,
            "state_folder": str(status.state_folder),
            "sessions": documents.sessions_document(assistant.standing(), status.plan_ids),
            "plans": [documents.plan_document(s) for s in assistant.plans.summaries(PLANS_MOST)],
            "jobs": self._jobs(),
            "daws": [documents.daw_document(daw) for daw in assistant.daws.known()],
            "targets": [{"name": t.name, "about": t.title} for t in assistant.targets()],
            "engines": list(ENGINES),
            "preferences": assistant.learns,
        }

    def jobs(self, _: Request) -> Response:
        """Return the jobs."""
        return json_response(self._jobs())

    def _jobs(self) -> list[Document]:
        recent = documents.recent(self._assistant.jobs())
        return [documents.job_document(job) for job in recent]

    def job(self, request: Request) -> Response:
        """Return one job."""
        return json_response(documents.job_document(self._assistant.job(_named(request))))

    def plan(self, request: Request) -> Response:
        """Return a plan as it is written, with what was said to it and what became of it."""
        plan_id, archive = _named(request), self._assistant.archive
        plan = archive.plan_bytes(plan_id).strip()
        decisions = to_json(archive.decisions(plan_id), dict[str, Decision])
        rest: dict[str, Any] = {
            "id": plan_id,
            "decisions": decisions,
            "deliveries": [
                {
                    "name": made.name,
                    "receipt": made.receipt,
                    "reverted": made.reverted,
                    "at": documents.instant(made.at_s),
                }
                for made in archive.deliveries(plan_id)
            ],
        }
        return raw_json_response(json_bytes(rest)[:-1] + b',"plan":' + plan + b"}")

    def picture(self, request: Request) -> Response:
        """Return a plan's tonal balance."""
        path = self._assistant.archive.picture(_named(request))
        return FileResponse(path, media_type="image/png", headers=_ALWAYS_ASK)

    def files(self, request: Request) -> Response:
        """Return what lies in a folder."""
        return json_response(listing(request.query_params.get("folder", "")))

    def sound(self, request: Request) -> Response:
        """Return a render, or the range of it that is asked for."""
        path = self._assistant.archive.render_path(_named(request))
        kind = SOUND_TYPES[Path(path).suffix.lower()]
        return FileResponse(path, media_type=kind, headers=_ALWAYS_ASK)

    def preferences(self, _: Request) -> Response:
        """Return what was learned of the user."""
        return json_response(preferences_document(self._assistant.preferences()))


def _named(request: Request) -> str:
    name: str = request.path_params["name"]
    return name
