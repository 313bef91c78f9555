"""REAPER's web interface, played by a server of this process."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Reaper(ThreadingHTTPServer):
    """REAPER's web interface: commands below /_/, behind a password where it has one."""

    def __init__(
        self, *, login: str = "", status: int = 200, slow: threading.Event | None = None
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.login, self.status, self.slow = login, status, slow
        self.commands: list[str] = []
        self.lines: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: Reaper

    def do_GET(self) -> None:
        reaper = self.server
        reaper.lines.append(self.requestline)
        if reaper.login:
            wanted = "Basic " + base64.b64encode(reaper.login.encode()).decode()
            if self.headers.get("Authorization") != wanted:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="reaper"')
                self.end_headers()
                return
        if reaper.slow is not None:
            reaper.slow.wait(10.0)
        if self.path.startswith("/_/") and len(self.path) - 3 <= 1023:
            reaper.commands += self.path.removeprefix("/_/").split(";")
        self.send_response(reaper.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's name
        """Say nothing."""


@contextmanager
def serving(reaper: Reaper) -> Iterator[Reaper]:
    thread = threading.Thread(target=reaper.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield reaper
    finally:
        if reaper.slow is not None:
            reaper.slow.set()
        reaper.shutdown()
        thread.join(5.0)
        reaper.server_close()
