"""The command `ama measure`: files to figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ama_bridge.commands import terminal
from ama_bridge.commands.options import AsJson, NoCache


def measure(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Sound files.")],
    no_cache: NoCache = False,
    as_json: AsJson = False,
) -> None:
    """Measure loudness, peaks, dynamics, spectrum and stereo image."""
    from ama_bridge import json_text, offline
    from ama_bridge.cache_folder import cache_of
    from ama_bridge.config import read_settings
    from ama_bridge.measure_document import measure_document

    cache = cache_of(read_settings(caching=not no_cache))
    with terminal.progress_bar("measuring") as on_progress:
        measured = offline.measure_files(files, cache=cache, on_progress=on_progress)
    if as_json:
        terminal.document(json_text.to_text(measure_document(measured.files, measured.errors)))
    elif measured.files:
        terminal.print_figures([(str(path), figures) for path, figures in measured.files])
    for _, error in measured.errors:
        terminal.complain(error)
    if measured.errors:
        raise typer.Exit(terminal.EXIT_BAD_INPUT)
