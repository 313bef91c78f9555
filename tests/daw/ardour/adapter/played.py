"""What tests of the adapter share: settings with AMA's scripts in their slots, the scripts played as files and over OSC, and how a plan is handed over."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from ama_analysis.plan import MixPlan
from ama_bridge.daw.ardour.adapter import ArdourDaw
from ama_bridge.daw.ardour.install import Script, install
from ama_bridge.daw.ardour.mailbox import ArdourMailbox
from ama_bridge.daw.ardour.native import Ardour
from ama_bridge.daw.ardour.places import Place
from ama_bridge.daw.documents import Applied, Result, ValueRead, document_bytes
from ama_bridge.daw.lua_scripts import quoted
from ama_bridge.daw.port import Skipped
from ama_bridge.daw.waiting import Patience
from ama_bridge.osc_packets import Argument, encode
from tests.daw.played import played

HASTE = Patience(start_s=0.4, work_s=0.6, user_s=0.6, alive_s=0.2)
PATIENT_S = 10.0
READ_DB = 0.001
CHUNK = 700


def settings(
    folder: Path, *, installed: bool = True, mailbox: Path | None = None
) -> tuple[Place, ...]:
    """Return the settings of an Ardour in which AMA's scripts have slots."""
    place = Place(version=7, folder=folder / "ardour7")
    place.folder.mkdir(parents=True, exist_ok=True)
    names = ("AMA Export", "AMA Apply", "AMA Revert") if installed else ()
    box = quoted(str(mailbox or folder / "mail"))
    scripts = [Script(name=n, file=f"{n}.lua", text=f"-- {n} {box}\n") for n in names]
    install(place, scripts, running=lambda _: ())
    return (place,)


def faders(ardour: Ardour) -> dict[str, float]:
    return {strip.name: strip.gain_db for strip in ardour.strips()}


def deliver(daw: ArdourDaw, plan: MixPlan, folder: Path, **more: Any) -> Any:
    folder.mkdir(exist_ok=True)
    return daw.apply(plan, plan_id="song-0001", folder=folder, **more)


def result_of(request: dict[str, Any]) -> Result:
    """Answer as AMA Apply does that applied the first and left out the others; some text makes it longer than a datagram."""
    first, *others = [one["id"] for one in request["suggestions"]]
    values = (ValueRead(what="gain", asked=0.5, read=0.5),)
    reason = "not ticked in Ardour" + " ü" * CHUNK
    return Result(
        id=request["id"],
        applied=(Applied(suggestion=first, values=values),),
        skipped=tuple(Skipped(suggestion=name, reason=reason) for name in others),
    )


def answer(request: dict[str, Any], box: ArdourMailbox) -> None:
    """Answer as a file."""
    box.path_of("result", request["id"]).write_bytes(document_bytes(result_of(request)))


def send(port: int, *arguments: Argument) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.sendto(encode("/ama/v1/daw/text", arguments), ("127.0.0.1", port))


def send_text(port: int, what: str, name: str, text: str) -> None:
    step = CHUNK // 2  # no letter here takes more than two bytes
    parts = [text[at : at + step] for at in range(0, len(text), step)] or [""]
    for at, chunk in reversed(list(enumerate(parts))):  # any order will do
        send(port, what, name, at, len(parts), chunk)


Play = Callable[[dict[str, Any], ArdourMailbox], None]


def script(
    box: ArdourMailbox, play: Play, wish: str = "request.json"
) -> AbstractContextManager[None]:
    """Play AMA's script: take the wish out of the mailbox when it comes, then do what the test says."""
    return played(box.folder, lambda document, _: play(document, box), wish=wish)


def called_off(box: ArdourMailbox) -> list[str]:
    """Return what scripts are told that nobody waits for any more."""
    return [p.name[len("called-off-") : -len(".json")] for p in box.folder.glob("called-off-*")]
