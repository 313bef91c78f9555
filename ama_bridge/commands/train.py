"""The command `ama train`: the gain predictor, or the classifier of roles, learned from multitracks."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from ama_bridge.commands import terminal
from ama_bridge.commands.options import AsJson

if TYPE_CHECKING:
    from ama_analysis.models.training import Recipe, Training
    from ama_analysis.progress import OnProgress


def train(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="FOLDER...",
            help="Multitracks: sessions with session.json, MUSDB18, MUSDB18-HQ, MedleyDB or Slakh. Every folder is drawn from equally often.",
        ),
    ] = None,
    what: Annotated[
        Literal["gain", "roles"],
        typer.Option(
            help="The gain predictor, or roles from sound (which take --out, --work, --steps, --members, --seed, --folds, --held-out, --never and --json)."
        ),
    ] = "gain",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="The weight file to write, else gain or roles.safetensors."
        ),
    ] = None,
    work: Annotated[
        Path, typer.Option(help="The folder that keeps what was heard, the log and the state.")
    ] = Path("ama-training"),
    begin: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Start from these weights.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of each member [gain: 600].")
    ] = None,
    members: Annotated[
        int | None, typer.Option(min=1, max=16, help="Networks that answer together [gain: 3].")
    ] = None,
    rate: Annotated[float | None, typer.Option(help="The highest learning rate [0.002].")] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Same seed, data and settings: same weights [0].")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="Threads that torch may use.")] = 1,
    calibrate: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="A few sessions of the kind that you mix: calibrate on them in the end.",
        ),
    ] = None,
    folds: Annotated[
        int,
        typer.Option(
            min=0,
            help="Hold songs out in so many turns and tell the errors on them: of the folder to calibrate on, else of the first.",
        ),
    ] = 0,
    held_out: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Roles: hold out songs of the FOLDER of this name only (may be given again).",
        ),
    ] = None,
    never: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SESSION",
            help="Roles: score this session, but do not let the weights learn from it (may be given again).",
        ),
    ] = None,
    search: Annotated[
        int,
        typer.Option(metavar="TRIALS", min=0, help="Try so many settings first (needs optuna)."),
    ] = 0,
    solver: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="SONG",
            help="Learn where AMA's engine for references would put the faders, with this finished track as reference (may be given again), not where humans did.",
        ),
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"], typer.Option(help="Where torch computes.")
    ] = "auto",
    smoke: Annotated[
        bool,
        typer.Option("--smoke", help="Train for seconds on made material, to see that it works."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train the gain predictor, or roles from sound.

    It learns from multitracks whose human balance, or the roles of whose stems, are known. It needs the extra "ml"; docs/models.md tells how.
    """
    from ama_analysis.advise import refuse_to_overwrite
    from ama_analysis.errors import OptionError
    from ama_analysis.models.training import Training

    recipe = _recipe(steps, members, rate, seed, threads)
    with terminal.progress_bar("training") as on_progress:
        if smoke:
            _refused({"FOLDER": folders, "--out": out, "--json": as_json}, "--smoke")
            if what == "roles":
                message = "--smoke is for the gain predictor."
                raise OptionError(message, hint="Leave out --what roles.")
            _smoke(recipe, device, on_progress)
            return
        if not folders:
            message = "There is nothing to learn from."
            raise OptionError(message, hint="Name a folder of multitracks, or use --smoke.")
        out = out or Path(f"{what}.safetensors")
        refuse_to_overwrite([out], folders)
        if what == "roles":
            only_gain = {
                "--from": begin,
                "--rate": rate,
                "--calibrate": calibrate,
                "--search": search,
                "--solver": solver,
                "--device": device != "auto",
                "--threads": threads != 1,
            }
            _refused(only_gain, "--what roles", "It belongs to --what gain.")
            roles = _RolesWanted(
                folders=tuple(folders),
                out=out,
                work=work,
                steps=steps,
                members=members,
                seed=seed,
                folds=folds,
                held_out=tuple(held_out) if held_out else None,
                never=tuple(never or ()),
            )
            _train_roles(roles, on_progress, as_json=as_json)
            return
        only_roles = {"--held-out": held_out, "--never": never}
        _refused(only_roles, "--what gain", "It belongs to --what roles.")
        wanted = Training(
            folders=tuple(folders),
            out=out,
            work=work,
            recipe=recipe,
            begin=begin,
            calibrate=calibrate,
            folds=folds,
            solver=tuple(solver or ()),
            device=device,
        )
        _train(wanted, search, on_progress, as_json=as_json)


@dataclass(frozen=True, slots=True, kw_only=True)
class _RolesWanted:
    folders: tuple[Path, ...]
    out: Path
    work: Path
    steps: int | None
    members: int | None
    seed: int | None
    folds: int
    held_out: tuple[str, ...] | None
    never: tuple[str, ...]


def _refused(options: Mapping[str, object], to: str, hint: str = "Leave it out.") -> None:
    """Raise `OptionError` (AMA-501) where one of the options is given."""
    from ama_analysis.errors import OptionError

    given = [option for option, value in options.items() if value]
    if given:
        message = f"{given[0]} says nothing to {to}."
        raise OptionError(message, hint=hint)


def _train_roles(wanted: _RolesWanted, on_progress: OnProgress, *, as_json: bool) -> None:
    from ama_analysis.models.training.role_learning import RoleRecipe
    from ama_analysis.models.training.roles import FOLDS, train_roles
    from ama_bridge import json_text
    from ama_bridge.atomic import write_atomically

    usual = RoleRecipe()
    recipe = replace(
        usual,
        steps=usual.steps if wanted.steps is None else wanted.steps,
        yamnet_steps=min(usual.yamnet_steps, wanted.steps or usual.yamnet_steps),
        networks=usual.networks if wanted.members is None else wanted.members,
        seed=usual.seed if wanted.seed is None else wanted.seed,
    )
    trained = train_roles(
        wanted.folders,
        recipe=recipe,
        held_out_sources=wanted.held_out,
        folds=wanted.folds or FOLDS,
        never=wanted.never,
        kept=wanted.work / "roles",
        on_progress=on_progress,
    )
    write_atomically(wanted.out, trained.to_bytes())
    scores = {source: asdict(one) for source, one in trained.scores.items()}
    if as_json:
        document: dict[str, Any] = {"weights": str(wanted.out), "held_out": scores}
        terminal.document(json_text.to_text(document))
        return
    for source, one in trained.scores.items():
        terminal.out(
            f"{source}: macro F1 {one.macro_f1:.3f}, {one.accuracy:.0%} of {one.tracks} held-out stems right,"
            f" calibration error {one.ece:.3f}"
        )
    terminal.out(f"{wanted.out}: learned from {trained.about['tracks']} stems")


def _recipe(
    steps: int | None, members: int | None, rate: float | None, seed: int | None, threads: int
) -> Recipe:
    from ama_analysis.models.training import Recipe

    usual = Recipe()
    return Recipe(
        steps=usual.steps if steps is None else steps,
        members=usual.members if members is None else members,
        rate=usual.rate if rate is None else rate,
        seed=usual.seed if seed is None else seed,
        threads=threads,
    )


def _smoke(recipe: Recipe, device: str, on_progress: OnProgress) -> None:
    from ama_analysis.models.training import tried_out

    with tempfile.TemporaryDirectory(prefix="ama-") as folder:
        tried = tried_out(Path(folder), recipe, device=device, on_progress=on_progress)
    terminal.out(f"loss {tried.first_loss:.3f} at first, {tried.last_loss:.3f} at last")


def _train(wanted: Training, trials: int, on_progress: OnProgress, *, as_json: bool) -> None:
    from ama_analysis.models import training
    from ama_bridge import json_text
    from ama_bridge.atomic import write_atomically

    if trials:
        found = training.search(wanted, trials, on_progress=on_progress)
        recipe = replace(found.recipe, members=wanted.recipe.members)
        wanted = replace(wanted, recipe=recipe)
        terminal.note(f"Best of {found.trials} trials: {found.fader_error_db:.2f} dB with {recipe}")
    trained = training.train(wanted, on_progress=on_progress)
    write_atomically(wanted.out, trained.weights)
    for line in trained.skipped:
        terminal.note(f"Note: {line}")
    if as_json:
        document: dict[str, Any] = {
            "weights": str(wanted.out),
            "sessions": trained.sessions,
            "stems": trained.stems,
            "held_out": trained.scores(),
            "by_session": [asdict(row) for row in trained.held_out],
        }
        terminal.document(json_text.to_text(document))
        return
    for row in trained.held_out:
        terminal.out(
            f"{row.session}: {row.cnn_db:.2f} dB (ridge {row.ridge_db:.2f}, rules {row.rules_db:.2f}, equal loudness {row.equal_db:.2f})"
        )
    for name, score in trained.scores().items():
        terminal.out(f"{name}: {score['mean']:.2f} +- {score['sd']:.2f} over held-out sessions")
    terminal.out(f"{wanted.out}: learned from {trained.sessions} sessions, {trained.stems} stems")
