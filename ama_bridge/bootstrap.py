"""The wiring: the one module that names concrete DAWs, and the life of a service from lock to last log line."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from ama_bridge.analyst import Analyst, RealAnalyst
from ama_bridge.assistant import Assistant
from ama_bridge.cache_folder import cache_of
from ama_bridge.config import HOST, Settings
from ama_bridge.daw.folder import FolderDaw
from ama_bridge.lock import FolderLock
from ama_bridge.osc_server import OscServer
from ama_bridge.store import Store

LOG_BYTES: Final = 1_000_000
LOG_FILES: Final = 3

_log = logging.getLogger(__name__)


def assistant_for(state_dir: Path, analyst: Analyst | None = None) -> Assistant:
    """Return an Assistant with its store and every DAW of this version."""
    folder = FolderDaw()
    return Assistant(Store(state_dir), {folder.name: folder}, analyst or RealAnalyst())


def log_path(state_dir: Path) -> Path:
    """Return where a service writes its log."""
    return state_dir / "log" / "ama.log"


def serve(settings: Settings, *, on_ready: Callable[[int], None]) -> None:
    """Run a service until SIGINT or SIGTERM; `on_ready` gets the port.

    Raises `DeliveryError`: AMA-703 where the port or the state folder is in use, AMA-701 where the folder is not writable.
    """
    with FolderLock(settings.state_dir):
        handler = _log_to(log_path(settings.state_dir), settings.log_level)
        try:
            _serve(settings, on_ready)
        finally:
            logging.getLogger().removeHandler(handler)
            handler.close()


def _serve(settings: Settings, on_ready: Callable[[int], None]) -> None:
    assistant = assistant_for(settings.state_dir, RealAnalyst(cache_of(settings)))
    try:
        server = OscServer(assistant, settings.osc_port)
        before = {
            each: signal.signal(each, lambda *_: server.stop())
            for each in (signal.SIGINT, signal.SIGTERM)
        }
        woken_before = signal.set_wakeup_fd(server.wakeup_fd, warn_on_full_buffer=False)
        try:
            _log.info("listening at %s:%d", HOST, server.port)
            on_ready(server.port)
            server.serve()
        finally:
            _log.info("stopping")
            assistant.close()
            signal.set_wakeup_fd(woken_before)
            server.close()
            for each, handler in before.items():
                signal.signal(each, handler)
            _log.info("stopped")
    finally:
        assistant.close()


def _log_to(path: Path, level: str) -> logging.Handler:
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", errors="replace"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    return handler
