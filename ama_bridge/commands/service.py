"""The commands of the service: run it, ask how it stands, look whether this machine has what it needs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer

from ama_analysis.errors import OptionError, WorkError
from ama_bridge.commands import terminal
from ama_bridge.commands.preferences import NoPreferences

if TYPE_CHECKING:
    from ama_bridge.bootstrap import Doors

STATUS_TIMEOUT_S: Final = 1.5
OscPort: TypeAlias = Annotated[
    int | None, typer.Option("--osc-port", help="UDP port [AMA_OSC_PORT, 9720].")
]
HttpPort: TypeAlias = Annotated[
    int | None, typer.Option("--http-port", help="TCP port of the page [AMA_HTTP_PORT, 9721].")
]
State: TypeAlias = Annotated[
    Path | None, typer.Option("--state", help="The folder that keeps everything [AMA_STATE].")
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
    """Run the service, OSC and the page in a browser, until Ctrl-C or SIGTERM."""
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

    bootstrap.serve(settings, on_ready=ready)


def _open(url: str) -> None:
    import threading
    import webbrowser

    # a browser may take a while to come up, and the service is not to wait for it
    threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()


def status(osc_port: OscPort = None) -> None:
    """Ask the running service how it stands."""
    from ama_bridge.config import HOST, read_settings
    from ama_bridge.osc_client import OscClient

    port = read_settings(osc_port=osc_port).osc_port
    with OscClient(port, name="ama-status") as client:
        client.ask("/hello", "ama status", timeout_s=STATUS_TIMEOUT_S)
        answer = client.ask("/status", timeout_s=STATUS_TIMEOUT_S)
    _, version, sessions, plans, jobs, job, fraction, stage, folder, *more = answer.arguments
    terminal.out(f"AMA {version} answers at {HOST}:{port}")
    http_port = more[0] if more else 0  # a service of an earlier version has none
    terminal.out(f"page: http://{HOST}:{http_port}/" if http_port else "page: none")
    terminal.out(f"state folder {folder}: {sessions} sessions, {plans} plans")
    running = f"{job}: {float(str(fraction)):.0%}, {stage}" if job else "none running"
    terminal.out(f"jobs: {jobs} ({running})")


def doctor(osc_port: OscPort = None, http_port: HttpPort = None, state: State = None) -> None:
    """Look whether this machine has what AMA needs."""
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
