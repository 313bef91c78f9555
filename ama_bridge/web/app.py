"""What is served: the page, the resources, the verbs, the events, and the OSC namespace for OSCQuery."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from ama_analysis.errors import AmaError, WorkError
from ama_bridge.assistant import Assistant
from ama_bridge.handlers import Handlers
from ama_bridge.osc_table import PREFIX
from ama_bridge.web import oscquery, verbs
from ama_bridge.web.answering import Refused, error_response, json_response
from ama_bridge.web.events import Stream, Streams
from ama_bridge.web.guard import Guard
from ama_bridge.web.resources import Resources

STATIC: Final = Path(__file__).parent / "static"
_REVALIDATED: Final = {"Cache-Control": "no-cache"}
_HOST_INFO: Final = "HOST_INFO"


class _Static(StaticFiles):
    """Files of the page, of which a browser asks each time whether they are still the same."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers.update(_REVALIDATED)
        return response


class App:
    """The routes; `streams` are the open event streams, `warm_up` loads what the first request would wait for."""

    def __init__(self, assistant: Assistant, handlers: Handlers, *, osc_port: int) -> None:
        """Take whom to ask, who answers verbs, and the port of the OSC service."""
        self.streams = Streams(assistant.news, on_idle=assistant.daws.known)
        self._handlers = handlers
        self._osc_port = osc_port
        resources = Resources(assistant)
        self._preferences = resources.preferences
        self.warm_up = resources.warm_up
        self.routes = (
            Route("/", self._root),
            Mount("/static", _Static(directory=STATIC)),
            Route(f"{PREFIX}/state", resources.state),
            Route(f"{PREFIX}/jobs", resources.jobs),
            Route(f"{PREFIX}/jobs/{{name}}", resources.job),
            Route(f"{PREFIX}/plans/{{name}}", resources.plan),
            Route(f"{PREFIX}/plans/{{name}}/tonal_balance.png", resources.picture),
            Route(f"{PREFIX}/files", resources.files),
            Route(f"{PREFIX}/sound/{{name}}", resources.sound),
            Route(f"{PREFIX}/preferences", self._learned),
            Route(f"{PREFIX}/events", self._events),
            Route("/{path:path}", self._verb, methods=["POST"]),
            Route("/{path:path}", self._node),
        )
        handlers_of = {AmaError: _refused, HTTPException: _not_served, Exception: _unforeseen}
        self.asgi = Guard(Starlette(routes=self.routes, exception_handlers=handlers_of))

    def _root(self, request: Request) -> Response:
        if not request.url.query and "text/html" in request.headers.get("accept", ""):
            return FileResponse(STATIC / "index.html", headers=_REVALIDATED)
        return self._node(request)

    def _node(self, request: Request) -> Response:
        asked = request.url.query.partition("&")[0].partition("=")[0]
        if asked == _HOST_INFO:
            return json_response(oscquery.host_info(self._osc_port))
        node = oscquery.node_at(request.scope["path"])
        if not asked:
            return json_response(node)
        found = oscquery.attribute(node, asked)
        return Response(status_code=204) if found is None else json_response(found)

    def _learned(self, request: Request) -> Response:
        return self._node(request) if request.url.query else self._preferences(request)

    async def _verb(self, request: Request) -> Response:
        return await verbs.answer(self._handlers, request)

    async def _events(self, _: Request) -> Response:
        stream = self.streams.open()
        headers = {"Cache-Control": "no-store"}
        told = self._told(stream)
        return StreamingResponse(told, headers=headers, media_type="text/event-stream")

    async def _told(self, stream: Stream) -> AsyncGenerator[bytes, None]:
        try:
            async for text in stream.texts():
                yield text
        finally:
            self.streams.leave(stream)


async def _refused(_: Request, error: Exception) -> Response:
    if not isinstance(error, AmaError):  # what Starlette's signature allows
        raise error
    return error_response(error)


async def _not_served(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):  # what Starlette's signature allows
        raise error
    path = request.scope["path"]
    message = f"AMA has nothing at {path[:60]!r} for {request.method}."
    return error_response(Refused(error.status_code, message, hint="See docs/reference.md."))


async def _unforeseen(_: Request, error: Exception) -> Response:
    """Answer what nobody foresaw; Starlette hands it on to uvicorn, which logs the details and closes the line."""
    why = f"AMA met an error that it did not foresee ({type(error).__name__})."
    hint = "The log in the state folder has the details."
    response = error_response(WorkError(why, hint=hint))
    response.headers["Connection"] = "close"
    return response
