"""The command `ama batch`: a folder of sessions with the options of `ama suggest` and `ama render`, and what it prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ama_analysis.errors import OptionError
from ama_bridge.commands import terminal
from ama_bridge.commands.options import (
    AsJson,
    Engine,
    LoudnessMatch,
    NoCache,
    NoPreferences,
    References,
    Target,
    WeightsFolder,
)

if TYPE_CHECKING:
    from ama_bridge.batch import Outcome, Wanted
    from ama_bridge.config import Settings

EXAMPLES: Final = terminal.examples(
    "ama batch sessions/ --out mixes/ --target rock",
    "ama batch sessions/ --out mixes/ --reference song.flac --loudness-match",
    "ama batch sessions/ --out mixes/ --scheduler tcp://10.0.0.5:8786",
)
_EXIT_FAILED: Final = 1
_WIDEST_NAME: Final = 40


def batch(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER",
            help="A folder of sessions: each folder in it that has stems, or is an Ardour session or a REAPER project. Or one session.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="DIR", help="The folder for results, one for each session."
        ),
    ],
    reference: References = None,
    engine: Engine = "auto",
    target: Target = None,
    lock: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TRACK",
            help="Leave this track as it is, by its name or id, in every session that has it.",
        ),
    ] = None,
    no_render: Annotated[
        bool, typer.Option("--no-render", help="Plans and presets alone, no mixes.")
    ] = False,
    loudness_match: LoudnessMatch = False,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="So many sessions at a time on this machine; one of them uses every core [1].",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help='Hand the sessions to the Dask cluster at this address, a session a worker; workers have the same version of AMA, and see FOLDER, DIR, references, target and weights under the same names. It needs the extra "batch".',
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Make anew what is there and unchanged.")
    ] = False,
    separate: Annotated[
        bool | None,
        typer.Option(help="Take references apart; unless said, where that is installed."),
    ] = None,
    weights: WeightsFolder = None,
    no_cache: NoCache = False,
    no_preferences: NoPreferences = False,
    as_json: AsJson = False,
) -> None:
    """Suggest and render for many sessions, with one summary.

    DIR gets a folder for each session: the plan, the mix before and after, presets, a picture; and summary.csv, summary.json and summary.png of all. A session that fails does not
    stop the others. Run again, it leaves alone what is there and unchanged: files by size and time, options, AMA's version.
    """
    from ama_bridge import batch as work
    from ama_bridge import json_text
    from ama_bridge.config import read_settings

    if jobs is not None and scheduler is not None:
        message = "--jobs says nothing to --scheduler."
        raise OptionError(message, hint="Each worker of a cluster does one session at a time.")
    settings = read_settings(caching=not no_cache, preferences=not no_preferences)
    wanted, references = work.checked(
        _wanted(
            settings,
            references=tuple(reference or ()),
            engine=engine,
            target=target,
            locked=tuple(lock or ()),
            separate=separate,
            weights=weights,
            rendering=not no_render,
            loudness_match=loudness_match,
        )
    )
    folder, out = folder.absolute(), out.absolute()
    found = work.sessions_in(folder, out=out, references=references)
    todo = [
        work.Job(
            folder=path,
            out=out / work.name_of(path),
            wanted=wanted,
            code=work.code(),
            fresh=fresh,
        )
        for path in found.sessions
    ]
    work.check_out(out, [job.out for job in todo], found.sessions)
    if found.passed_over:
        terminal.note(f"Note: no sessions, and passed over: {', '.join(found.passed_over)}.")
    tally = work.Tally(todo, _telling(len(todo)))
    try:
        with terminal.progress_bar("batch") as on_progress:
            work.run(todo, tally, processes=jobs or 1, scheduler=scheduler, on_progress=on_progress)
    except KeyboardInterrupt:
        work.Summary(outcomes=tally.outcomes(), passed_over=found.passed_over).write(out)
        raise
    summary = work.Summary(outcomes=tally.outcomes(), passed_over=found.passed_over)
    summary.write(out)
    if as_json:
        terminal.document(json_text.to_text(summary.document()))
    else:
        _print(summary.outcomes, out)
    if summary.failures:
        raise typer.Exit(_EXIT_FAILED)


def _wanted(
    settings: Settings,
    *,
    references: tuple[str, ...],
    engine: str,
    target: str | None,
    locked: tuple[str, ...],
    separate: bool | None,
    weights: Path | None,
    rendering: bool,
    loudness_match: bool,
) -> Wanted:
    from ama_bridge import batch as work
    from ama_bridge import bootstrap, shelf
    from ama_bridge.separating import Separating
    from ama_bridge.service.learning import learner_of

    return work.Wanted(
        references=references,
        engine=engine,
        target=shelf.found_target(target, settings.presets_dir),
        locked=locked,
        separating=Separating(folder=weights or settings.weights_dir, wanted=separate),
        preferences=learner_of(settings).preferences(),
        gain_weights=settings.gain_weights,
        caching=settings.cache_dir is not None,
        rendering=rendering,
        loudness_match=loudness_match,
        daw=bootstrap.daws_for(settings)["folder"],
    )


def _telling(total: int) -> Callable[[Outcome, int], None]:
    """Return what says on stderr how each session ended."""

    def tell(outcome: Outcome, count: int) -> None:
        if outcome.state == "failed":
            terminal.note(f"ama: {outcome.session}: {outcome.error} [{outcome.code}]")
        else:
            terminal.note(f"{count} of {total}: {outcome.session}, {_brief(outcome)}")

    return tell


def _brief(outcome: Outcome) -> str:
    if outcome.figures is None:
        return outcome.state
    distance = f"{outcome.figures.distance_before:.3f} to {outcome.figures.distance_after:.3f}"
    return f"{distance} (as it was)" if outcome.state == "kept" else distance


def _print(outcomes: Sequence[Outcome], out: Path) -> None:
    """Print a line a session: its distance to the target and its loudness, before and after."""
    width = min(max(len(one.session) for one in outcomes), _WIDEST_NAME)
    terminal.out(
        f"{'session':<{width}}  AF* before   after  LUFS before   after  suggestions", style="bold"
    )
    for one in outcomes:
        terminal.out(f"{one.session:<{width}}  {_cells(one)}")
    counts = dict.fromkeys(("done", "kept", "failed", "stopped"), 0)
    for one in outcomes:
        counts[one.state] += 1
    said = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    terminal.out(f"{said}: a folder each in {out}, with summary.csv, summary.json and summary.png.")


def _cells(outcome: Outcome) -> str:
    figures = outcome.figures
    if figures is None:
        return outcome.state
    loud = [
        "-" if one is None or one.integrated_lufs is None else f"{one.integrated_lufs:.1f}"
        for one in (figures.before, figures.after)
    ]
    return (
        f"{figures.distance_before:10.3f}  {figures.distance_after:6.3f}"
        f"  {loud[0]:>11}  {loud[1]:>6}  {figures.suggestions:>11}"
    )
