"""The commands `ama presets ...`: targets and chains listed, shown, rendered through, and targets made of references."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ama_bridge.commands import terminal
from ama_bridge.commands.options import NoCache

if TYPE_CHECKING:
    from ama_bridge.daw.ardour.preset_export import Export

presets_app = typer.Typer(
    help="Targets and chains that ship, and targets of your own.",
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
def presets_show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A target or chain, or the .toml or .json file of one."
        ),
    ],
) -> None:
    """Print a target or chain as it is written."""
    from ama_bridge import shelf
    from ama_bridge.config import read_settings

    terminal.document(shelf.preset_text(name, read_settings().presets_dir))


@presets_app.command("save")
def presets_save(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new target's name.")],
    reference: Annotated[
        list[str],
        typer.Option(
            "--reference",
            "-r",
            metavar="FILE[@1:02-1:34]",
            help="A finished track to measure, or a section of one; may be given again.",
        ),
    ],
    target: Annotated[
        str | None,
        typer.Option(
            help="Whose roles and ceiling it has, see `ama presets list`; else neutral's."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A .toml file or a folder [AMA_PRESETS, your own]."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over the target that has that name.")
    ] = False,
    no_cache: NoCache = False,
) -> None:
    """Make a target of your own from references."""
    from ama_bridge import offline, shelf
    from ama_bridge.cache_folder import cache_of
    from ama_bridge.config import read_settings
    from ama_bridge.separating import Separating

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
            separation=Separating(folder=settings.weights_dir).weights(),
            on_progress=on_progress,
        )
    for warning in saved.target.warnings:
        terminal.note(f"Note: {warning}")
    terminal.out(
        f"Target: {saved.path} (aim at it with `ama suggest --target {shlex.quote(saved.usable_name)}`)"
    )


@presets_app.command("render")
def presets_render(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A chain, or a chain's .json file.")],
    source: Annotated[Path, typer.Argument(metavar="IN", help="A sound file.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The sound file to write.")],
) -> None:
    """Render a sound file through a chain."""
    from ama_bridge import offline

    with terminal.progress_bar("rendering") as on_progress:
        written = offline.render_through_chain(name, source, out, on_progress=on_progress)
    terminal.out(terminal.written_line(written))


@presets_app.command("export")
def presets_export(
    what: Annotated[
        str, typer.Argument(metavar="PLAN.json|CHAIN", help="A plan, a chain, or a chain's file.")
    ],
    to: Annotated[
        Literal["ardour", "reaper"], typer.Option("--to", help="For which DAW.")
    ] = "ardour",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="The folder to write to [~/.lv2, where Ardour looks; REAPER's FXChains/AMA].",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be written.")
    ] = False,
) -> None:
    """Write a plan or a chain as presets of a DAW's plugins.

    Equalisers and dynamics: as presets for Ardour's own plugins, or as FX chains of AMA's JSFX for REAPER.
    """
    if to == "reaper":
        _export_to_reaper(what, out, dry_run=dry_run)
    else:
        _export_to_ardour(what, out, dry_run=dry_run)


def _export_to_ardour(what: str, out: Path | None, *, dry_run: bool) -> None:
    from ama_analysis.chains import load_chain
    from ama_bridge import offline
    from ama_bridge.daw.ardour import lv2_presets, preset_export

    with terminal.progress_bar("fitting") as on_progress:
        if preset_export.is_chain(what):
            export = preset_export.export_of_chain(load_chain(what), on_progress=on_progress)
        else:
            plan = offline.read_plan(Path(what))
            export = preset_export.export_of_plan(plan, on_progress=on_progress)
    folder = out or lv2_presets.user_bundles()
    there = folder / export.bundle.folder_name
    if not dry_run:
        there = lv2_presets.write_bundle(export.bundle, folder)
    _print_export(export)
    count = len(export.bundle.presets)
    what_is_done = "Would be written" if dry_run else "Presets"
    terminal.out(f"{what_is_done}: {count} in {there} (remove that folder to take them back)")


def _export_to_reaper(what: str, out: Path | None, *, dry_run: bool) -> None:
    from ama_analysis.chains import load_chain
    from ama_bridge import bootstrap, offline
    from ama_bridge.config import read_settings
    from ama_bridge.daw.ardour.preset_export import is_chain
    from ama_bridge.daw.reaper import rfx_chain

    settings = read_settings()
    jsfx = bootstrap.jsfx_folder(settings)
    export = (
        rfx_chain.chain_of_chain(load_chain(what), jsfx=jsfx)
        if is_chain(what)
        else rfx_chain.chains_of_plan(offline.read_plan(Path(what)), jsfx=jsfx)
    )
    folders = (out,) if out else bootstrap.fx_chain_folders(settings)
    for folder in folders:
        if not dry_run:
            rfx_chain.write_chains(export, folder)
        for file in export.files:
            terminal.out(f"{' + '.join(file.effects):26}{folder / file.name}")
    for thing, reason in export.left_out:
        terminal.note(f"Not in it: {thing} ({reason}).")
    what_is_done = "Would be written" if dry_run else "FX chains"
    terminal.out(f"{what_is_done}: {len(export.files)}. They need AMA's JSFX in REAPER (`ama install reaper`).")  # fmt: skip


def _print_export(export: Export) -> None:
    from ama_bridge.daw.ardour.preset_export import PLUGIN_NAMES

    for preset in export.bundle.presets:
        terminal.out(f"{PLUGIN_NAMES[preset.uri]:26}{preset.label}")
    for note in export.notes:
        terminal.note(f"Note: {note}")
    for thing, reason in export.left_out:
        terminal.note(f"Not in it: {thing} ({reason}).")
