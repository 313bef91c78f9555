"""The commands of the service: run it, ask how it stands, look whether this machine has what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from ama_analysis.errors import AmaError, DeliveryError, OptionError, WorkError
from ama_bridge.commands import terminal
from ama_bridge.commands.options import NoPreferences, OscPort, State

if TYPE_CHECKING:
    from threading import Thread

    from ama_bridge.bootstrap import Doors
    from ama_bridge.config import Settings

STATUS_TIMEOUT_S: Final = 1.5
HttpPort: TypeAlias = Annotated[
    int | None, typer.Option("--http-port", help="TCP port of the page [AMA_HTTP_PORT, 9721].")
]


def serve(
    osc_port: OscPort = None,
    http_port: HttpPort = None,
    no_page: Annotated[
        bool, typer.Option("--no-page", help="OSC alone, without the page.")
    ] = False,
    open_page: Annotated[
        bool, typer.Option("--open", help="Open the page in your browser.")
    ] = False,
    state: State = None,
    no_preferences: NoPreferences = False,
) -> None:
    """Run the service: OSC, and a page in your browser.

    It runs until Ctrl-C or SIGTERM. With --open, the page of one that runs already is opened.
    """
    if no_page and (open_page or http_port is not None):
        message = "Without a page there is none to open, and no port for it."
        raise OptionError(message, hint="Leave --no-page out.")
    from ama_bridge import bootstrap
    from ama_bridge.config import HOST, read_settings

    settings = read_settings(
        osc_port=osc_port,
        http_port=http_port,
        page=not no_page,
        state_dir=state,
        preferences=not no_preferences,
    )

    def ready(doors: Doors) -> None:
        log = bootstrap.log_path(settings.state_dir)
        terminal.out(f"AMA listens at {HOST}:{doors.osc_port} (OSC over UDP); the log is {log}")
        if doors.page_url:
            terminal.out(f"AMA's page is {doors.page_url}")
        if open_page:
            _open(doors.page_url)

    try:
        bootstrap.serve(settings, on_ready=ready)
    except DeliveryError as error:
        url = _running_page(settings) if open_page and error.code == "AMA-703" else ""
        if not url:
            raise
        terminal.out(f"AMA runs already; its page is {url}")
        _open(url).join()


def _running_page(settings: Settings) -> str:
    """Return the address of the page of the service that uses this state folder; empty where none answers, or it has no page."""
    try:
        standing = _asked(settings.osc_port)
        same = settings.state_dir.samefile(standing.state_folder)
    except (AmaError, OSError):
        return ""
    return standing.page_url if same else ""


def _open(url: str) -> Thread:
    import threading
    import webbrowser

    # a browser may take a while to come up, and the service is not to wait for it
    opening = threading.Thread(target=webbrowser.open, args=(url,), daemon=True)
    opening.start()
    return opening


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How the service that answers stands; `page_url` is empty where it has no page."""

    version: str
    sessions: int
    plans: int
    jobs: int
    running: str
    state_folder: str
    page_url: str


def _asked(port: int) -> Answered:
    """Return how the service at a port stands; `DeliveryError` (AMA-702) where none answers."""
    from ama_bridge.config import HOST
    from ama_bridge.osc_client import OscClient

    with OscClient(port, name="ama-status") as client:
        client.ask("/hello", "ama status", timeout_s=STATUS_TIMEOUT_S)
        answer = client.ask("/status", timeout_s=STATUS_TIMEOUT_S)
    _, version, sessions, plans, jobs, job, fraction, stage, folder, *more = answer.arguments
    http_port = more[0] if more else 0  # a service of an earlier version has none
    return Answered(
        version=str(version),
        sessions=int(str(sessions)),
        plans=int(str(plans)),
        jobs=int(str(jobs)),
        running=f"{job}: {float(str(fraction)):.0%}, {stage}" if job else "none running",
        state_folder=str(folder),
        page_url=f"http://{HOST}:{http_port}/" if http_port else "",
    )


def status(osc_port: OscPort = None) -> None:
    """Ask the running service how it stands."""
    from ama_bridge.config import HOST, read_settings

    port = read_settings(osc_port=osc_port).osc_port
    if port == 0:
        message = "At port 0 nobody answers: it lets a service choose one."
        raise OptionError(message, hint="Name the port that the service said when it began.")
    it = _asked(port)
    terminal.out(f"AMA {it.version} answers at {HOST}:{port}")
    terminal.out(f"page: {it.page_url or 'none'}")
    terminal.out(f"state folder {it.state_folder}: {it.sessions} sessions, {it.plans} plans")
    terminal.out(f"jobs: {it.jobs} ({it.running})")


def doctor(osc_port: OscPort = None, http_port: HttpPort = None, state: State = None) -> None:
    """Look whether this machine has what AMA needs.

    It says too where things are kept and how much that is, and changes nothing.
    """
    from ama_bridge.commands import doctor as looks
    from ama_bridge.config import read_settings

    problems = 0
    settings = read_settings(osc_port=osc_port, http_port=http_port, state_dir=state)
    for finding in looks.findings(settings):
        problems += finding.verdict == "PROBLEM"
        terminal.out(f"{finding.verdict:8}{finding.what}: {finding.detail}")
    if problems:
        message = "This machine lacks something that AMA needs."
        raise WorkError(message, hint="See the lines marked PROBLEM.", code="AMA-901")
