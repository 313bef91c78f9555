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
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeAlias

import typer

from ama_analysis.errors import AmaError, DeliveryError, InputError, WorkError
from ama_bridge import own_process
from ama_bridge.commands import daws as daw_commands
from ama_bridge.commands import separate as separate_commands
from ama_bridge.commands import service as service_commands
from ama_bridge.commands import terminal
from ama_bridge.commands.evaluating import evaluate
from ama_bridge.commands.preferences import NoPreferences, preferences_app
from ama_bridge.commands.presets import presets_app
from ama_bridge.commands.train import train

if TYPE_CHECKING:
    from ama_analysis.plan import MixPlan
    from ama_bridge.config import Settings

EXIT_FAILED: Final = 1
EXIT_BAD_INPUT: Final = 2
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

Engine: TypeAlias = Literal["auto", "rules", "cnn", "reference"]
Stems: TypeAlias = Annotated[
    list[Path],
    typer.Argument(
        metavar="STEM...|FOLDER",
        help="Stems, or one folder: every sound file in it that is not named mix.*. A stem's name is its file's, without the ending.",
    ),
]
References: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--reference",
        "-r",
        metavar="FILE[@1:02-1:34]",
        help="A finished track to come near to, a section of one, or a folder of such tracks or of one song's stems; of a long one without a section, the loudest part counts. May be given again.",
    ),
]
Out: TypeAlias = Annotated[Path, typer.Option("--out", "-o", help="The sound file to write.")]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")
]
NoCache: TypeAlias = Annotated[
    bool, typer.Option("--no-cache", help="Measure anew, and keep no measurements.")
]


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
    engine: Annotated[
        Engine,
        typer.Option(
            help="Who suggests: the rules; cnn, the gain predictor for faders and the rules for the rest; the solver that matches references. auto: the solver where there are references, else the rules."
        ),
    ] = "auto",
    target: Annotated[
        str | None,
        typer.Option(
            help="A style or a target of yours, see `ama presets list`; or a .toml file. Without one, neutral."
        ),
    ] = None,
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
    weights: separate_commands.WeightsFolder = None,
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


@app.command(
    epilog=terminal.examples(
        "ama render plan.json --out after.wav --before before.wav --loudness-match",
        "ama render plan.json --out try.wav --only level:vox --only high_pass:vox",
    )
)
def render(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help="A plan of `ama suggest`.")],
    out: Out,
    before: Annotated[
        Path | None, typer.Option(help="Write the mix without the plan too, to this file.")
    ] = None,
    stems: Annotated[
        Path | None, typer.Option(help="Take the stems from this folder, where they have moved.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID",
            help="Only the suggestion of this id, as `ama suggest` shows it; may be given again.",
        ),
    ] = None,
    track: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this track, not the mix.")
    ] = None,
    loudness_match: Annotated[
        bool, typer.Option("--loudness-match", help="Bring before and after to one loudness.")
    ] = False,
) -> None:
    """Render a plan of `ama suggest` to a sound file."""
    from ama_bridge import offline

    with terminal.progress_bar("rendering") as on_progress:
        rendered = offline.render_plan_file(
            plan,
            out,
            before=before,
            stems=stems,
            only=only or [],
            track=track,
            loudness_match=loudness_match,
            on_progress=on_progress,
        )
    for line in terminal.rendered_lines(rendered):
        terminal.out(line)


@app.command(
    epilog=terminal.examples(
        "ama mix stems/ --out mix.wav --gain kick=-3 --pan synth=0.3 --high-pass vocals=80",
        "ama mix stems/ --out mix.wav --auto-gain rules --gain vocals=1.5 --normalize",
        "ama mix stems/ --out mix.wav --auto-gain reference --reference song.flac",
    )
)
def mix(
    stems: Stems,
    out: Out,
    auto_gain: Annotated[
        Literal["rules", "cnn", "reference"] | None,
        typer.Option(
            help="Who sets the faders first: AMA's rules, the gain predictor, or the solver that matches references (it sets pans too). Nobody, unless said."
        ),
    ] = None,
    reference: References = None,
    gain: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=DB",
            help="A stem's gain in dB, on top of --auto-gain or the fader in a session.json; like the next three for any number of stems.",
        ),
    ] = None,
    pan: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=P",
            help="A stem's pan, -1 left to +1 right; that of the session.json, else 0, the middle, unless said.",
        ),
    ] = None,
    high_pass: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=HZ", help="A stem's high-pass in Hz, 10 to 20000; 24 dB/oct."),
    ] = None,
    low_pass: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=HZ", help="A stem's low-pass in Hz, 20 to 40000; 24 dB/oct."),
    ] = None,
    normalize: Annotated[
        bool,
        typer.Option(
            "--normalize",
            help="Bring the true peak to -1 dBTP; else a mix is turned down only where it would clip.",
        ),
    ] = False,
    no_cache: NoCache = False,
) -> None:
    """Mix stems by hand, or with faders that AMA sets."""
    from ama_bridge import offline
    from ama_bridge.cache_folder import cache_of
    from ama_bridge.config import read_settings

    settings = read_settings(caching=not no_cache)
    by_hand = offline.HandSettings(
        gains=offline.named_numbers("--gain", gain or []),
        pans=offline.named_numbers("--pan", pan or []),
        high_pass_cutoffs=offline.named_numbers("--high-pass", high_pass or []),
        low_pass_cutoffs=offline.named_numbers("--low-pass", low_pass or []),
    )
    with terminal.progress_bar("mixing") as on_progress:
        mixed = offline.mix_files(
            stems,
            out,
            auto_gain=auto_gain,
            references=reference or [],
            by_hand=by_hand,
            normalize=normalize,
            gain_weights=settings.gain_weights,
            cache=cache_of(settings),
            on_progress=on_progress,
        )
    for warning in mixed.warnings:
        terminal.note(f"Note: {warning}")
    said = f"{mixed.path}: {mixed.tracks} {'stem' if mixed.tracks == 1 else 'stems'}"
    if mixed.lowered_db >= 0.05:
        said += f", turned down by {mixed.lowered_db:.1f} dB so that it does not clip"
    terminal.out(said)


@app.command(epilog=terminal.examples("ama measure *.wav", "ama measure song.flac --json"))
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
        raise typer.Exit(EXIT_BAD_INPUT)


app.command()(service_commands.serve)
app.command()(service_commands.status)
app.command()(service_commands.doctor)
app.command()(evaluate)
app.command()(daw_commands.install)
app.command()(daw_commands.apply)
app.command()(daw_commands.revert)
app.command()(separate_commands.separate)
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
        return EXIT_BAD_INPUT
    except BrokenPipeError:  # the reader of stdout has gone, as in `ama ... | head`
        sys.stderr.close()
        return EXIT_FAILED
    except Exception as error:  # noqa: BLE001  # the last line of defence: a sentence, and an exit code
        told = _told(error)
        terminal.complain(told)
        return EXIT_BAD_INPUT if isinstance(told, InputError) else EXIT_FAILED
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
