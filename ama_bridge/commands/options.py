"""Options and arguments that mean the same in several commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

Engine: TypeAlias = Annotated[
    Literal["auto", "rules", "cnn", "reference"],
    typer.Option(
        help="Who suggests: the rules; cnn, the gain predictor for faders and the rules for the rest; the solver that matches references. auto: the solver where there are references, else the rules."
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
Target: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="A style or a target of yours, see `ama presets list`; or a .toml file. Without one, neutral."
    ),
]
LoudnessMatch: TypeAlias = Annotated[
    bool, typer.Option("--loudness-match", help="Bring before and after to one loudness.")
]
AsJson: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")
]
NoCache: TypeAlias = Annotated[
    bool, typer.Option("--no-cache", help="Measure anew, and keep no measurements.")
]
Only: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ID",
        help="Only the suggestion of this id, as `ama suggest` shows it; may be given again.",
    ),
]
NoPreferences: TypeAlias = Annotated[
    bool,
    typer.Option("--no-preferences", help="Leave aside what was learned of you [AMA_PREFERENCES]."),
]
WeightsFolder: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--weights", metavar="DIR", help="Open-Unmix weights in a folder of yours [AMA_WEIGHTS]."
    ),
]
OscPort: TypeAlias = Annotated[
    int | None, typer.Option("--osc-port", help="UDP port [AMA_OSC_PORT, 9720].")
]
State: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--state", help="The folder that keeps everything [AMA_STATE; `ama doctor` names it]."
    ),
]
