"""What is refused before anything begins: what would be wrong for every session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ama_analysis.errors import DeliveryError, OptionError
from ama_analysis.reference import Reference
from ama_bridge.batch.job import Wanted
from ama_bridge.offline import reference_at


def checked(wanted: Wanted) -> tuple[Wanted, tuple[Reference, ...]]:
    """Return what is wanted with full paths, and its references; raises `InputError`s for what no session could use.

    Whether references are taken apart is settled here, so that every machine does the same.
    """
    from ama_analysis.advise import check_references
    from ama_analysis.advise.engine import engine_for

    references = tuple(reference_at(text) for text in wanted.references)
    check_references(references)
    engine_for(wanted.engine, references, wanted.target)
    separating = wanted.separating
    separating.check((), wanted.references)
    apart = bool(references) and separating.weights() is not None
    target, weights = wanted.target, wanted.gain_weights
    return replace(
        wanted,
        references=tuple(str(reference) for reference in references),
        target=str(Path(target).absolute()) if target and _is_file(target) else target,
        gain_weights=weights.absolute() if weights else None,
        separating=replace(separating, folder=separating.folder.absolute(), wanted=apart),
    ), references


def _is_file(target: str) -> bool:
    return target.endswith(".toml")


def check_out(out: Path, places: Iterable[Path], sessions: Iterable[Path]) -> None:
    """Make the folder for results; `OptionError` (AMA-501) where a session's place in it would lie among the sessions, `DeliveryError` (AMA-701) where it cannot be made."""
    taken = {session.resolve() for session in sessions}
    above = {folder for session in taken for folder in session.parents}
    for place in (place.resolve() for place in places):
        if place in taken | above or not taken.isdisjoint(place.parents):
            message = f"--out {out} would write among the sessions ({place})."
            raise OptionError(message, hint="Choose a folder of its own.")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"The folder {out} cannot be made ({error.strerror})."
        raise DeliveryError(message, hint="Choose another with --out.") from error
