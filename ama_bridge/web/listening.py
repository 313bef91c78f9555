"""The port of the page, taken before anything is served at it."""

from __future__ import annotations

import os
import socket

from ama_analysis.errors import DeliveryError
from ama_bridge.config import HOST


class Listening:
    """A TCP socket that listens on 127.0.0.1 alone."""

    def __init__(self, port: int) -> None:
        """Take the port (0: any that is free); `DeliveryError` AMA-703 where another program has it."""
        # the protocol is named, or asyncio would not switch TCP_NODELAY on, and small answers would wait 40 ms
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            if os.name == "posix":  # elsewhere it would let two programs share the port
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind((HOST, port))
            self.socket.listen()
        except OSError as error:
            self.socket.close()
            message = f"TCP port {port} cannot be used for the page ({error.strerror})."
            hint = "Is AMA running already? Choose another with --http-port, or --no-page."
            raise DeliveryError(message, hint=hint, code="AMA-703") from error

    @property
    def port(self) -> int:
        """The port that it listens at."""
        port: int = self.socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://{HOST}:{self.port}/"

    def close(self) -> None:
        """Let go of the port."""
        self.socket.close()
