"""The commands that reach into a DAW: `ama install`, `ama apply`, `ama revert`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from ama_analysis.errors import OptionError
from ama_bridge.commands import terminal
from ama_bridge.commands.options import Only, State

Daw: TypeAlias = Annotated[
    Literal["ardour", "reaper", "folder"],
    typer.Option(help="The DAW that is open, or a folder of files to load by hand."),
]
NoPreferences: TypeAlias = Annotated[
    bool, typer.Option("--no-preferences", help="Learn nothing from what you tick.")
]
NoAsk: TypeAlias = Annotated[
    bool, typer.Option("--no-ask", help="Do it at once, without a dialog in the DAW.")
]


def install(
    daw: Annotated[str, typer.Argument(metavar="ardour|reaper", help="The DAW.")],
    uninstall: Annotated[
        bool, typer.Option("--uninstall", help="Take out what was installed, and nothing else.")
    ] = False,
    into: Annotated[
        Path | None,
        typer.Option(
            "--into", metavar="FOLDER", help="The folder of a portable REAPER, with its reaper.ini."
        ),
    ] = None,
    enable_osc: Annotated[
        bool, typer.Option("--enable-osc", help="Ardour: switch OSC on in its settings too.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    osc_port: Annotated[
        int | None,
        typer.Option("--osc-port", help="AMA's UDP port for the scripts [AMA_OSC_PORT, 9720]."),
    ] = None,
    state: State = None,
) -> None:
    """Install AMA's scripts into a DAW, beside your own."""
    from ama_bridge import bootstrap
    from ama_bridge.config import read_settings

    lines = bootstrap.install_into(
        daw,
        read_settings(osc_port=osc_port, state_dir=state),
        into=into,
        remove=uninstall,
        dry_run=dry_run,
        enable_osc=enable_osc,
    )
    for line in lines:
        terminal.out(line)
    if dry_run:
        terminal.out("Nothing was changed.")


def apply(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help="A plan of `ama suggest`.")],
    daw: Daw,
    only: Only = None,
    no_ask: NoAsk = False,
    copy: Annotated[
        Path | None,
        typer.Option(
            metavar="COPY.rpp",
            help="No open DAW: write a copy of the REAPER project beside it, with faders, pans and polarity.",
        ),
    ] = None,
    project: Annotated[
        Path | None,
        typer.Option(metavar="SONG.rpp", help="With --copy: of which project [the plan's]."),
    ] = None,
    with_jsfx: Annotated[
        bool,
        typer.Option(
            "--with-jsfx", help="With --copy: gates, filters, EQ and compressors as AMA's JSFX."
        ),
    ] = False,
    no_preferences: NoPreferences = False,
    state: State = None,
) -> None:
    """Hand a plan to a DAW: it shows, you tick, it sets."""
    from ama_bridge import bootstrap, offline
    from ama_bridge.config import read_settings

    settings = read_settings(state_dir=state, preferences=not no_preferences)
    if copy is not None:
        to = bootstrap.delivery_to_copy(daw, copy, settings, project=project, with_jsfx=with_jsfx)
    elif project is not None or with_jsfx:
        message = "--project and --with-jsfx say something of a copy."
        raise OptionError(message, hint="Name the copy with --copy.")
    else:
        to = bootstrap.delivery_to(daw, settings)
    with _stoppable(daw), terminal.progress_bar("applying") as on_progress:
        applied = offline.apply_plan_file(
            plan, to, only=only or [], ask=not no_ask, on_progress=on_progress
        )
    for line in terminal.receipt_lines(applied.receipt):
        terminal.out(line)
    terminal.out(f"Receipt: {applied.path}")


def revert(
    daw: Annotated[Literal["ardour", "reaper"], typer.Option(help="The DAW that is open.")],
    no_ask: NoAsk = False,
    state: State = None,
) -> None:
    """Take back what the last `ama apply` set.

    What somebody has changed since is left as it is, and told.
    """
    from ama_bridge import bootstrap
    from ama_bridge.config import read_settings
    from ama_bridge.service import handover

    of = bootstrap.delivery_to(daw, read_settings(state_dir=state))
    with _stoppable(daw), terminal.progress_bar("taking back") as on_progress:
        back = handover.take_back(of, ask=not no_ask, on_progress=on_progress)
    for line in terminal.reverted_lines(back.reverted):
        terminal.out(line)


@contextmanager
def _stoppable(daw: str) -> Iterator[None]:
    """Say at Ctrl-C and the like what becomes of a dialog that is open in the DAW."""
    try:
        yield
    except KeyboardInterrupt:
        if daw != "folder":
            terminal.note("A dialog of AMA's that is open in the DAW does nothing any more.")
        raise
