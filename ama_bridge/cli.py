"""The command `ama`: options in, one call of `offline`, `bootstrap` or the OSC client, text out.

Exit codes: 0 done, 1 the work failed, 2 wrong usage or bad input, 130 stopped by Ctrl-C, 143 or 129 by SIGTERM or SIGHUP. Errors are one sentence on stderr. Nothing
heavy is imported before a command needs it.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from ama_analysis.errors import AmaError, DeliveryError, InputError, WorkError
from ama_bridge import own_process
from ama_bridge.commands import daws as daw_commands
from ama_bridge.commands import service as service_commands
from ama_bridge.commands import terminal
from ama_bridge.commands.batch import EXAMPLES as BATCH_EXAMPLES
from ama_bridge.commands.batch import batch
from ama_bridge.commands.evaluating import evaluate
from ama_bridge.commands.measuring import measure
from ama_bridge.commands.mixing import mix, render
from ama_bridge.commands.options import (
    AsJson,
    Engine,
    NoCache,
    NoPreferences,
    References,
    Target,
    WeightsFolder,
)
from ama_bridge.commands.preferences import preferences_app
from ama_bridge.commands.presets import presets_app
from ama_bridge.commands.separate import separate as separate_command
from ama_bridge.commands.train import train

if TYPE_CHECKING:
    from ama_analysis.plan import MixPlan
    from ama_bridge.config import Settings

EXIT_FAILED: Final = 1
EXIT_INTERRUPTED: Final = 130
_BY_SIGNAL: Final = 128
"""Shells add it to the number of the signal that ended a program."""
_USAGE_ERROR: Final[type[Exception]] = typer.BadParameter.__mro__[2]
"""Click's ClickException, the parent of all usage errors, wherever this version of typer keeps it."""

app = typer.Typer(
    name="ama",
    help="A mixing assistant beside your DAW: measures stems, suggests settings with reasons, renders them, hands them back. `ama COMMAND --help` says more.",
    epilog=terminal.examples(
        "ama demo                                          all of it, on an example that ships",
        "ama suggest stems/ -r song.flac --out plan.json   suggestions that bring stems near a song",
        "ama render plan.json --out mix.wav                how they sound",
        "ama serve --open                                  the same in your browser",
    )
    + "\n\nExit codes: 0 done, 1 the work failed, 2 wrong usage or bad input.",
    context_settings={"max_content_width": 100},
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(presets_app, name="presets")
app.add_typer(preferences_app, name="preferences")


def _show_version(value: bool) -> None:
    if value:
        from ama_bridge.version import version

        terminal.out(f"ama {version()}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


@app.command(
    epilog=terminal.examples(
        "ama suggest stems/ --target rock --out plan.json",
        "ama suggest stems/ --reference song.flac --reference other.flac@1:02-1:34 --out plan.json",
        "ama suggest kick.wav bass.wav vox.wav --mix rough.wav",
    )
)
def suggest(
    stems: Annotated[
        list[Path],
        typer.Argument(
            metavar="STEM...|FOLDER|SESSION",
            help="Stems; or one folder: what its session.json says, else every sound file in it that is not named mix.*; or an Ardour session or a REAPER project, its folder or its .ardour or .rpp file.",
        ),
    ],
    reference: References = None,
    mix: Annotated[
        Path | None,
        typer.Option(help="A bounce of the mix as it is now: faders and pans are read from it."),
    ] = None,
    engine: Engine = "auto",
    target: Target = None,
    lock: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TRACK",
            help="Leave this track as it is, by its name or id; the balance of the others comes to it.",
        ),
    ] = None,
    daw: Annotated[
        Literal["ardour"] | None,
        typer.Option(
            help="Take faders, pans and mutes from the mixer of the Ardour that is open, over OSC, track by track of the same name."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Write the plan here, a .json file; else it is only shown."
        ),
    ] = None,
    separate: Annotated[
        bool | None,
        typer.Option(
            help="Take a single finished mix, and references, apart; unless said, where that is installed and the mix is named like no instrument."
        ),
    ] = None,
    weights: WeightsFolder = None,
    no_cache: NoCache = False,
    no_preferences: NoPreferences = False,
    as_json: AsJson = False,
) -> None:
    """Measure stems and suggest settings, each with its reason."""
    from ama_bridge import json_text, offline, shelf, wire
    from ama_bridge.cache_folder import cache_of
    from ama_bridge.commands import plan_text
    from ama_bridge.config import read_settings
    from ama_bridge.separating import Separating
    from ama_bridge.service.learning import learner_of

    settings = read_settings(caching=not no_cache, preferences=not no_preferences)
    standing = None
    if daw is not None:
        from ama_bridge import bootstrap

        standing = bootstrap.ardour_for(settings).standing
    with terminal.progress_bar("suggesting") as on_progress:
        plan = offline.suggest_for_files(
            stems,
            references=reference or [],
            mix=mix,
            locked=lock or [],
            engine=engine,
            target=shelf.found_target(target, settings.presets_dir),
            out=out,
            stems_dir=settings.state_dir / "stems",
            separating=Separating(folder=weights or settings.weights_dir, wanted=separate),
            cache=cache_of(settings),
            preferences=learner_of(settings).preferences(),
            gain_weights=settings.gain_weights,
            standing=standing,
            on_progress=on_progress,
        )
    _tidy_after(plan, settings)
    if as_json:
        terminal.document(json_text.to_text(wire.plan_to_json(plan)))
        return
    for line, style in plan_text.plan_lines(plan, terminal.columns()):
        terminal.out(line, style=style)
    if out:
        terminal.out(f"Plan: {out} (hear it with `ama render {out} --out mix.wav`)")
    else:
        terminal.out("Nothing was written; --out plan.json keeps the plan.")


def _tidy_after(plan: MixPlan, settings: Settings) -> None:
    """Where a plan has added to the stems in the state folder, remove there what nothing refers to any more."""
    stems = settings.state_dir.absolute() / "stems"
    if not any(stems in track.path.absolute().parents for track in plan.session.tracks):
        return
    from ama_bridge import bootstrap

    removed = bootstrap.tidy_state(settings)
    if removed.count:
        terminal.note(removed.sentence())


app.command(
    epilog=terminal.examples(
        "ama render plan.json --out after.wav --before before.wav --loudness-match",
        "ama render plan.json --out try.wav --only level:vox --only high_pass:vox",
    )
)(render)
app.command(
    epilog=terminal.examples(
        "ama mix stems/ --out mix.wav --gain kick=-3 --pan synth=0.3 --high-pass vocals=80",
        "ama mix stems/ --out mix.wav --auto-gain rules --gain vocals=1.5 --normalize",
        "ama mix stems/ --out mix.wav --auto-gain reference --reference song.flac",
    )
)(mix)
app.command(epilog=terminal.examples("ama measure *.wav", "ama measure song.flac --json"))(measure)
app.command()(service_commands.serve)
app.command()(service_commands.status)
app.command()(service_commands.doctor)
app.command(epilog=BATCH_EXAMPLES)(batch)
app.command()(evaluate)
app.command()(daw_commands.install)
app.command()(daw_commands.apply)
app.command()(daw_commands.revert)
app.command()(separate_command)
app.command()(train)


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to.")] = Path(
        "ama-demo"
    ),
) -> None:
    """Run the main job on an example that ships."""
    from ama_bridge.commands.demo import run_demo

    run_demo(out)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `ama` and return its exit code."""
    own_process.settle()
    logging.lastResort = terminal.LoggedNotes(logging.WARNING)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who started this
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123  for the whole run
    with own_process.stopped_by_signals() as came:
        code = _run(arguments)
    if code == EXIT_INTERRUPTED:
        terminal.note("ama: stopped.")
        return _BY_SIGNAL + came[0] if came else code
    return code


def _run(arguments: Sequence[str] | None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # file names may hold what is not Unicode
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(args=arguments, prog_name="ama", standalone_mode=False)
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except _USAGE_ERROR as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            terminal.usage(str(error))
        else:
            terminal.note(_usage_sentence(error))
        return terminal.EXIT_BAD_INPUT
    except BrokenPipeError:  # the reader of stdout has gone, as in `ama ... | head`
        sys.stderr.close()
        return EXIT_FAILED
    except Exception as error:  # noqa: BLE001  # the last line of defence: a sentence, and an exit code
        told = _told(error)
        terminal.complain(told)
        return terminal.EXIT_BAD_INPUT if isinstance(told, InputError) else EXIT_FAILED
    return code if isinstance(code, int) else 0


def _told(error: Exception) -> AmaError:
    """Return what to say of an error."""
    match error:
        case AmaError():
            return error
        case OSError():
            return _refused_by_system(error)
        case _:
            return _unforeseen(error)


def _refused_by_system(error: OSError) -> AmaError:
    """Return what to say where the system does not let a file be read or written, and no part of AMA knows more about it."""
    if error.filename is None:  # it may be stdout, which must not be flushed at the end then
        with suppress(OSError):
            sys.stdout.close()
    what = error.filename if error.filename is not None else "A file, or the output,"
    message = f"{what} cannot be read or written ({error.strerror or error})."
    return DeliveryError(message, hint="Check permissions and the space on the disk.")


def _unforeseen(error: Exception) -> AmaError:
    """Return what to say of an error of ours; with AMA_LOG_LEVEL=DEBUG print where it happened."""
    from ama_bridge.config import read_settings

    debugging = False
    with suppress(AmaError):  # what is wrong with the settings is not what went wrong
        debugging = read_settings().log_level == "DEBUG"
    if debugging:
        import traceback

        traceback.print_exception(error)
    message = f"AMA met an error that it did not foresee ({type(error).__name__}: {error})."
    return WorkError(message, hint="With AMA_LOG_LEVEL=DEBUG it says where.")


def _usage_sentence(error: BaseException) -> str:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "ama"
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    sentence = " ".join(message.split()).rstrip(".")
    return f"ama: {sentence}. Try `{command} --help`."
