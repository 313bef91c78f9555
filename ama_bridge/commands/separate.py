"""The command `ama separate`: a finished mix to its parts, and the weights that it takes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from ama_analysis.errors import OptionError
from ama_bridge.commands import terminal
from ama_bridge.commands.options import WeightsFolder

_QUESTION: Final = (
    "The weights of Open-Unmix are not here. Fetch {size} MB from {url} (MIT licence)?"
)


def separate(
    mix: Annotated[
        Path | None, typer.Argument(metavar="MIX", help="A finished mix.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help="The folder for the parts.")
    ] = None,
    weights: WeightsFolder = None,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch the weights where they are not here yet.")
    ] = False,
) -> None:
    """Take a finished mix apart: voice, drums, bass and other.

    What these leave of the mix is written too. It needs the extra "separation" and the weights of Open-Unmix (docs/models.md).
    """
    from ama_bridge import separating
    from ama_bridge.config import read_settings

    folder = weights or read_settings().weights_dir
    if (mix is None) != (out is None) or (mix is None and not download):
        message = "`ama separate` takes a mix and a folder for its parts."
        raise OptionError(message, hint="Write: ama separate MIX --out DIR.")
    if mix is not None:
        separating.check_separable(mix)
    if download or (mix is not None and _agreed_to_fetch(folder)):
        _fetch(folder)
    if mix is None or out is None:
        return
    with terminal.progress_bar("separating") as on_progress:
        done = separating.separate_mix(mix, out, folder, on_progress=on_progress)
    for name in done.parts.values():
        terminal.out(f"{out / name}")
    terminal.out(
        f"Together they are the mix to {done.sum_error_db:.0f} dB;"
        f" what the model's parts leave of it is {done.residual_db:.0f} dB against it."
    )


def _agreed_to_fetch(folder: Path) -> bool:
    """Ask on a terminal whether to fetch weights that are not there; elsewhere nobody is asked and nothing is fetched."""
    from ama_analysis.models.umx_weights import RECORD_URL
    from ama_bridge.separation_weights import DOWNLOAD_MB

    there = folder.is_dir() and any(folder.glob("*.pth"))
    if there or not _on_a_terminal():
        return False
    return typer.confirm(_QUESTION.format(size=DOWNLOAD_MB, url=RECORD_URL), err=True)


def _on_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def _fetch(folder: Path) -> None:
    from ama_bridge.separation_weights import download

    with terminal.progress_bar("fetching") as on_progress:
        download(folder, on_progress)
    terminal.note(f"The weights are in {folder}.")
