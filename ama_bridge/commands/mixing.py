"""The commands that write a mix: `ama render` from a plan, `ama mix` by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from ama_bridge.commands import terminal
from ama_bridge.commands.options import LoudnessMatch, NoCache, Only, References

Out: TypeAlias = Annotated[Path, typer.Option("--out", "-o", help="The sound file to write.")]


def render(
    plan: Annotated[Path, typer.Argument(metavar="PLAN.json", help="A plan of `ama suggest`.")],
    out: Out,
    before: Annotated[
        Path | None, typer.Option(help="Write the mix without the plan too, to this file.")
    ] = None,
    stems: Annotated[
        Path | None, typer.Option(help="Take the stems from this folder, where they have moved.")
    ] = None,
    only: Only = None,
    track: Annotated[
        str | None, typer.Option(metavar="ID", help="Only this track, not the mix.")
    ] = None,
    loudness_match: LoudnessMatch = False,
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


def mix(
    stems: Annotated[
        list[Path],
        typer.Argument(
            metavar="STEM...|FOLDER",
            help="Stems, or one folder: every sound file in it that is not named mix.*. A stem's name is its file's, without the ending.",
        ),
    ],
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
