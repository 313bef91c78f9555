"""The command `ama evaluate`: the benchmark with its options, and what it prints and writes."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ama_bridge.commands import terminal
from ama_bridge.commands.options import AsJson

if TYPE_CHECKING:
    from ama_analysis.evaluate import Circumstances


def evaluate(
    suite: Annotated[
        Path, typer.Option(help="A folder of sessions (docs/evaluate.md tells the format).")
    ],
    references: Annotated[
        list[Path],
        typer.Option(help="Finished tracks, or a folder of them; may be given again."),
    ],
    task: Annotated[
        Literal["faders", "match", "all"],
        typer.Option(help="Scrambled faders, other songs as reference, or both."),
    ] = "all",
    system: Annotated[
        list[str] | None,
        typer.Option(help="Only these systems beside the unprocessed sum; may be given again."),
    ] = None,
    session: Annotated[
        list[str] | None, typer.Option(help="Only these sessions; may be given again.")
    ] = None,
    seeds: Annotated[int, typer.Option(help="How many scrambles a session gets.")] = 2,
    scramble: Annotated[
        Literal["audio", "faders"],
        typer.Option(help="Print the scramble into the stems, or tell it as faders and pans."),
    ] = "audio",
    peers_python: Annotated[
        Path | None,
        typer.Option(help="A Python that has `pip install matchering libsonare`."),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder for runs and results.")
    ] = Path("ama-evaluation"),
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget the runs that the folder holds.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare AMA with other systems where the human mix is known."""
    from ama_analysis import evaluate as benchmark
    from ama_bridge import json_text
    from ama_bridge.atomic import write_atomically

    wanted = benchmark.Wanted(
        suite=suite,
        references=tuple(references),
        task=task,
        systems=tuple(system or ()),
        sessions=tuple(session or ()),
        seeds=seeds,
        scrambled=scramble,
        peers_python=peers_python,
        out=out,
        fresh=fresh,
    )
    with terminal.progress_bar("comparing") as on_progress:
        result = benchmark.evaluate(wanted, _circumstances(), on_progress=on_progress)
    document = result.to_json()
    write_atomically(out / "results.json", json_text.to_bytes(document))
    write_atomically(out / "results.md", result.markdown().encode("utf-8"))
    if as_json:
        terminal.document(json_text.to_text(document))
        return
    for part in result.tables():
        terminal.document(part)
        terminal.out()
    for note in result.notes:
        terminal.note(f"Note: {note}")
    terminal.out(f"{out / 'results.md'} has the tables by reference and session.")


def _circumstances() -> Circumstances:
    from ama_analysis.evaluate import Circumstances
    from ama_bridge.version import version

    cores = os.cpu_count() or 1
    machine = f"{cores} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    return Circumstances(
        date=date.today().isoformat(),  # noqa: DTZ011  # the day as the user's calendar has it
        machine=machine,
        command=shlex.join(["ama", *sys.argv[1:]]),
        versions={"ama": version()},
    )
