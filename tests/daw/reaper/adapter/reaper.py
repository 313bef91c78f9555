"""What tests of the adapter share: REAPER's settings, its ports, and how a plan is handed over."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ama_analysis.plan import MixPlan
from ama_bridge.daw.mailbox import Mailbox
from ama_bridge.daw.port import Receipt
from ama_bridge.daw.reaper.adapter import ReaperDaw
from ama_bridge.daw.reaper.places import Place
from ama_bridge.daw.waiting import Patience
from ama_bridge.osc_packets import PacketError, messages_of

HASTE = Patience(start_s=0.4, work_s=0.6, user_s=0.8, alive_s=0.1)
PATIENT_S = 10.0
COMMAND = "_RS0123456789abcdef0123456789abcdef01234567"
WAITS = "it waits in REAPER: press AMA Apply there"


def daw_in(tmp_path: Path, folder: Path) -> ReaperDaw:
    box = Mailbox(tmp_path / "mail", "REAPER")
    return ReaperDaw(mailbox=box, places=lambda: (Place(folder=folder),), patience=HASTE)


def surfaces(folder: Path, *lines: str) -> None:
    """Switch surfaces on in REAPER's settings."""
    listed = "".join(f"csurf_{at}={line}\n" for at, line in enumerate(lines))
    (folder / "reaper.ini").write_text(f"[REAPER]\ncsurf_cnt={len(lines)}\n{listed}")


def osc_line(port: int, send_port: int = 0) -> str:
    return f'OSC "AMA" 7 {port} "127.0.0.1" {send_port or 9} 1024 10 "AMA"'


def web_line(port: int) -> str:
    return f"HTTP 0 {port} '' 'index.html' 0 ''"


def known_actions(daw: ReaperDaw, folder: Path) -> None:
    """Write what AMA's scripts have noted of their command ids."""
    named = {"AMA Apply": COMMAND}
    document = {"schema": "ama.actions/1", "resource_path": str(folder), "actions": named}
    daw.mailbox.folder.mkdir(parents=True, exist_ok=True)
    (daw.mailbox.folder / "actions.json").write_text(json.dumps(document))


@contextmanager
def osc_port() -> Iterator[tuple[int, threading.Event, list[str]]]:
    """Listen as REAPER does; the event is set when an action is asked for."""
    asked: list[str] = []
    heard = threading.Event()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        one.settimeout(PATIENT_S)

        def run() -> None:
            for message in messages_of(one.recv(2048)):
                assert not isinstance(message, PacketError)
                asked.append(f"{message.address} {message.arguments[0]}")
            heard.set()

        thread = threading.Thread(target=run)
        thread.start()
        port: int = one.getsockname()[1]
        yield port, heard, asked
        one.sendto(b"", ("127.0.0.1", port))  # in case nothing came
        thread.join(PATIENT_S)


def closed_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port


def deliver(daw: ReaperDaw, plan: MixPlan, folder: Path, **more: Any) -> Receipt:
    folder.mkdir(exist_ok=True)
    return daw.apply(plan, plan_id="song-0001", folder=folder, **more)


def written(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "receipt.json").read_text(encoding="utf-8"))
    return found
