"""The commands `ama preferences ...`: what was learned of the user shown, exported, imported and forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ama_analysis.errors import OptionError
from ama_bridge.commands import terminal
from ama_bridge.commands.options import AsJson, State

if TYPE_CHECKING:
    from ama_analysis.preferences import Taste
    from ama_bridge.store import Store

preferences_app = typer.Typer(
    help="What AMA has learned from what you accept, edit and reject.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
_NOT_YET: Final = "not used: not sure, or too small"


@preferences_app.command("show")
def preferences_show(
    as_json: AsJson = False,
    state: State = None,
) -> None:
    """Print what was learned, style by style.

    How loud you usually have each role, and which rules' suggestions you keep.
    """
    from ama_bridge import json_text
    from ama_bridge.config import read_settings
    from ama_bridge.preference_file import preferences_document, tastes

    store = _store(state)
    learned = store.preferences()
    if as_json:
        terminal.document(json_text.to_text(preferences_document(learned)))
        return
    if not read_settings().preferences:
        terminal.out("Switched off (AMA_PREFERENCES=off): nothing is learned, nothing is used.")
    if not learned.lessons:
        terminal.out("Nothing was learned yet: decide on suggestions, and come back.")
        return
    for style, taste in tastes(learned).items():
        for line in _taste_lines(style, taste):
            terminal.out(line)
    terminal.out(f"{len(learned.lessons)} lessons in {store.preferences_path}")


@preferences_app.command("export")
def preferences_export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The .json file to write.")],
    state: State = None,
) -> None:
    """Write what was learned to a file."""
    from ama_analysis.advise import refuse_to_overwrite
    from ama_bridge.atomic import write_atomically
    from ama_bridge.preference_file import SCHEMA, preferences_bytes

    store = _store(state)
    refuse_to_overwrite([file], [store.preferences_path], schema=SCHEMA)
    learned = store.preferences()
    write_atomically(file, preferences_bytes(learned))
    terminal.out(f"{file}: {len(learned.lessons)} lessons")


@preferences_app.command("import")
def preferences_import(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `export` wrote.")],
    state: State = None,
) -> None:
    """Put what a file says in place of what was learned."""
    from ama_bridge.preference_file import preferences_from_bytes

    try:
        data = file.read_bytes()
    except OSError as error:
        message = f"{file} cannot be read ({error.strerror})."
        raise OptionError(message, hint="Check the name.", code="AMA-101") from error
    learned = preferences_from_bytes(data, name=str(file))
    store = _store(state)
    store.change_preferences(lambda _: learned)
    terminal.out(f"{store.preferences_path}: {len(learned.lessons)} lessons")


@preferences_app.command("reset")
def preferences_reset(state: State = None) -> None:
    """Forget all that was learned."""
    from ama_analysis.preferences import NO_PREFERENCES

    store = _store(state)
    there = store.preferences_path.exists()
    store.change_preferences(lambda _: NO_PREFERENCES)
    terminal.out("All that was learned is forgotten." if there else "There was nothing learned.")


def _store(state: Path | None) -> Store:
    from ama_bridge.config import read_settings
    from ama_bridge.store import Store

    return Store(read_settings(state_dir=state).state_dir)


def _taste_lines(style: str, taste: Taste) -> list[str]:
    lines = [f"{style}:"]
    for role, liking in taste.faders.items():
        used = f"used: {liking.applied_db:+.1f} dB" if liking.applied_db else _NOT_YET
        lines.append(
            f"  {role:18}{liking.offset_db:+5.1f} dB +-{liking.spread_db:.1f}, edited in {liking.sessions} sessions ({used})"
        )
    for rule, habit in taste.rules.items():
        doubt = f", confidence x {habit.sure:.2f}" if habit.sure < 1.0 else ""
        lines.append(
            f"  {rule:18}kept {habit.kept:.0%}, left out in {habit.refused} of {habit.sessions} sessions{doubt}"
        )
    return lines
