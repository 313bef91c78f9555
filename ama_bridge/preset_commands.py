"""The commands `ama presets ...`: targets and chains listed, shown, rendered through, and targets made of references."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ama_bridge import terminal

presets_app = typer.Typer(
    help="Targets and chains: those that ship with AMA, and targets of your own.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@presets_app.command("list")
def presets_list() -> None:
    """List targets and chains."""
    from ama_bridge import shelf
    from ama_bridge.config import read_settings

    for preset in shelf.presets(read_settings().presets_dir):
        terminal.out(f"{preset.what:8}{preset.name:24}{preset.title}")


@presets_app.command("show")
def presets_show(name: Annotated[str, typer.Argument(help="A target or chain.")]) -> None:
    """Print a target or chain as it is written."""
    from ama_bridge import shelf
    from ama_bridge.config import read_settings

    terminal.out(shelf.preset_text(name, read_settings().presets_dir).rstrip())


@presets_app.command("save")
def presets_save(
    name: Annotated[str, typer.Argument(help="The new target's name.")],
    reference: Annotated[
        list[str],
        typer.Option(
            "--reference",
            "-r",
            metavar="FILE[@1:02-1:34]",
            help="A finished track to measure, or a section of one.",
        ),
    ],
    target: Annotated[
        str | None, typer.Option(help="Whose roles and ceiling it has, see `ama presets list`.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A .toml file or a folder [AMA_PRESETS, your own]."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over the target that has that name.")
    ] = False,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Measure anew, and keep no measurements.")
    ] = False,
) -> None:
    """Measure references and keep what they ask of a mix as a target of your own."""
    from ama_bridge import offline, shelf
    from ama_bridge.cache_folder import cache_of
    from ama_bridge.config import read_settings

    settings = read_settings(caching=not no_cache)
    with terminal.progress_bar("listening") as on_progress:
        saved = shelf.save_target(
            name,
            [offline.reference_at(text) for text in reference],
            style=shelf.found_target(target, settings.presets_dir),
            out=out,
            folder=settings.presets_dir or Path(),
            overwrite=force,
            cache=cache_of(settings),
            on_progress=on_progress,
        )
    for warning in saved.target.warnings:
        terminal.note(f"Note: {warning}")
    terminal.out(
        f"Target: {saved.path} (aim at it with `ama suggest --target {saved.usable_name}`)"
    )


@presets_app.command("render")
def presets_render(
    name: Annotated[str, typer.Argument(help="A chain, or a chain's .json file.")],
    source: Annotated[Path, typer.Argument(metavar="IN", help="A sound file.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The sound file to write.")],
) -> None:
    """Render a sound file through a chain."""
    from ama_bridge import offline

    with terminal.progress_bar("rendering") as on_progress:
        written = offline.render_through_chain(name, source, out, on_progress=on_progress)
    terminal.out(terminal.written_line(written))
