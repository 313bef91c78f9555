"""What comes from elsewhere than this machine's own page is refused, before anything of it is read.

* A Host that is not 127.0.0.1 or localhost is a name that somebody else's DNS points here (DNS rebinding).
* An Origin that is not this very address is a page of another site, and so is what the browser marks as cross-site; following a link to
  the page itself is not.
* What changes something must be JSON, which no form of another site can send.

Every answer forbids the browser to guess types, to load anything from elsewhere, and to show the page in a frame.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ama_bridge.web.answering import Refused, error_response

HOSTS: Final = ("127.0.0.1", "localhost")
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_ELSEWHERE: Final = "Open the page at its own address."


class Guard:
    """Lets an app answer what may be asked, and adds `HEADERS` to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        """Take the app."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        try:
            check(Headers(scope=scope), scope["method"], scope["path"])
        except Refused as error:
            await error_response(error)(scope, receive, send_guarded)
        else:
            await self._app(scope, receive, send_guarded)


def check(headers: Headers, method: str, path: str) -> None:
    """Raise `Refused` where a request is not from this machine's own page or programs."""
    host = headers.get("host", "")
    if host.rpartition(":")[0] not in HOSTS and host not in HOSTS:
        message = f"The host {host[:60]!r} is not this machine."
        raise Refused(403, message, hint="Ask 127.0.0.1 or localhost.")
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        message = f"Pages of {origin[:60]!r} may not ask AMA."
        raise Refused(403, message, hint=_ELSEWHERE)
    if headers.get("sec-fetch-site") == "cross-site" and not _followed(headers, method, path):
        raise Refused(403, "Pages of other sites may not ask AMA.", hint=_ELSEWHERE)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if method == "POST" and kind != "application/json":
        message = f"The content type is {kind[:60]!r}."
        raise Refused(415, message, hint="Send a JSON object as application/json.")


def _followed(headers: Headers, method: str, path: str) -> bool:
    """Return whether somebody followed a link to the page."""
    return method == "GET" and path == "/" and headers.get("sec-fetch-mode") == "navigate"
