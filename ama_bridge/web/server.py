"""The page's server: uvicorn in a thread of its own, which ends within a moment when it is told to, open event streams and all."""

from __future__ import annotations

import logging
import threading
from typing import Final

import uvicorn

from ama_bridge.assistant import Assistant
from ama_bridge.handlers import Handlers
from ama_bridge.web.app import App
from ama_bridge.web.listening import Listening

CLOSE_S: Final = 10.0
GRACE_S: Final = 2
"""So long a request that is being answered may take when the service stops."""
IDLE_S: Final = 30
"""So long a connection is kept on which nothing is asked."""
MOST_HEADER_BYTES: Final = 1 << 16

_log = logging.getLogger(__name__)


class PageServer:
    """Serves from `start` to `close`."""

    def __init__(
        self, listening: Listening, assistant: Assistant, handlers: Handlers, *, osc_port: int
    ) -> None:
        """Take the port, and what is asked there."""
        self._listening = listening
        self._app = App(assistant, handlers, osc_port=osc_port)
        config = uvicorn.Config(
            self._app.asgi,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=IDLE_S,
            timeout_graceful_shutdown=GRACE_S,
            h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="ama-page", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        _log.info("the page is at %s", self._listening.url)
        self._thread.start()

    def close(self) -> None:
        """End the event streams, let go of the port, and wait for what is being answered."""
        self._app.streams.close()
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            _log.warning("the page's server did not stop in time")
        self._listening.close()

    def _serve(self) -> None:
        try:
            self._app.warm_up()
        except Exception:  # noqa: BLE001  # whoever asks for it is told
            _log.exception("the page's state cannot be told")
        try:
            self._server.run(sockets=[self._listening.socket])
        except Exception:  # noqa: BLE001  # OSC goes on without the page
            _log.exception("the page's server met an error that AMA did not foresee")
