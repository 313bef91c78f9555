"""What needs no service: files in, files and documents out. One function for each thing that a user can want of the command line."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ama_analysis.cache import NO_CACHE, Cache, Contents
from ama_analysis.chains import load_chain
from ama_analysis.errors import (
    AudioFileError,
    InputError,
    OptionError,
    PlanError,
)
from ama_analysis.plan import SCHEMA, MixPlan
from ama_analysis.preferences import NO_PREFERENCES, Preferences
from ama_analysis.progress import OnProgress, part_of
from ama_analysis.reference import Reference, parse_reference
from ama_bridge import wire
from ama_bridge.atomic import write_atomically
from ama_bridge.measure_document import Measured, Unreadable
from ama_bridge.separating import SEPARATING_SHARE, Separating
from ama_bridge.service.handover import Applied, Delivery, hand_over
from ama_bridge.stem_folders import note_plan
from ama_bridge.store import Decision, file_name

if TYPE_CHECKING:
    from ama_analysis.advise import Rendered, Written
    from ama_analysis.session import Session


def suggest_for_files(
    stems: Sequence[Path],
    *,
    references: Sequence[str],
    mix: Path | None,
    locked: Collection[str] = (),
    lock_where_there: bool = False,
    engine: str,
    target: str | None,
    out: Path | None,
    stems_dir: Path,
    separating: Separating,
    cache: Cache = NO_CACHE,
    preferences: Preferences = NO_PREFERENCES,
    gain_weights: Path | None = None,
    standing: Callable[[Session], Session] | None = None,
    on_progress: OnProgress,
) -> MixPlan:
    """Return the plan for stems, one folder of them or a DAW's session, and write it to `out` if given; references as `parse_reference` reads them.

    What is `locked`, by id or name, stays as it is (`Session.with_locked`). `stems_dir` keeps what says of which files the stems of a DAW's session are made (`session_files`), and the parts of a finished mix.
    `separating` says whether such a mix, and references, are taken apart; `standing` brings faders and pans up to date with an open DAW's.
    """
    from ama_analysis import advise

    separating.check(stems, references)
    weights = separating.weights() if references or separating.wanted else None
    session = _session_of(
        [_there(path).absolute() for path in stems],
        references=[reference_at(text) for text in references],
        mix=_there(mix).absolute() if mix else None,
        stems_dir=stems_dir,
        apart=partial(separating.session_of, weights=weights, on_progress=on_progress),
    )
    if standing is not None:
        session = standing(session)
    session = session.with_locked(locked, where_there=lock_where_there)
    if out:
        advise.refuse_to_overwrite([out], advise.inputs_of(session), schema=SCHEMA)
    plan = advise.advise(
        session,
        engine=engine,
        target=target,
        cache=cache,
        preferences=preferences,
        gain_weights=gain_weights,
        separation=weights,
        on_progress=part_of(on_progress, SEPARATING_SHARE if session.separated_from else 0.0, 1.0),
    )
    if out:
        write_atomically(out, wire.plan_bytes(plan))
        note_plan(out, (track.path for track in plan.session.tracks))
    return plan


def _session_of(
    paths: Sequence[Path],
    *,
    references: Sequence[Reference],
    mix: Path | None,
    stems_dir: Path,
    apart: Callable[..., Session | None],
) -> Session:
    from ama_analysis import advise
    from ama_bridge.daw.session_files import session_in

    if len(paths) == 1:
        found = session_in(paths[0], stems_dir=stems_dir, references=references, mix=mix)
        if found is not None:
            return found
    song = apart(paths, references=references, mix=mix, parts_dir=stems_dir / "separated")
    return song or advise.session_from_paths(paths, references=references, mix=mix)


def read_plan(path: Path) -> MixPlan:
    """Return the plan in a file; `PlanError` (AMA-401) where there is none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        message = f"The plan {path} cannot be read ({error.strerror})."
        raise PlanError(message, hint="Make one with `ama suggest STEMS --out FILE`.") from error
    plan = wire.plan_from_bytes(data, name=str(path), folder=path.absolute().parent)
    note_plan(path, (track.path for track in plan.session.tracks))
    return plan


def render_plan_file(
    path: Path,
    out: Path,
    *,
    before: Path | None,
    stems: Path | None,
    only: Collection[str],
    track: str | None,
    loudness_match: bool,
    on_progress: OnProgress,
) -> Rendered:
    """Write the mix (or one track) that a plan file describes, with all its suggestions or with those of the ids in `only`."""
    plan = read_plan(path)
    _check_only(plan, only)
    from ama_analysis import advise

    advise.refuse_to_overwrite((out, before), [path])
    if stems is not None:
        plan = advise.relocated(plan, stems)
    if only:
        plan = plan.only(frozenset(only))
    return advise.render_plan(
        plan,
        out,
        before=before,
        track=track,
        loudness_match=loudness_match,
        on_progress=on_progress,
    )


def _check_only(plan: MixPlan, only: Collection[str]) -> None:
    unknown = sorted(set(only) - {s.id for s in plan.suggestions})
    if unknown:
        message = f"The plan has no suggestion {unknown[0]!r}."
        known = ", ".join(s.id for s in plan.suggestions)
        raise PlanError(message, hint=f"It has: {known}.", code="AMA-402")


def apply_plan_file(
    path: Path, to: Delivery, *, only: Collection[str], ask: bool, on_progress: OnProgress
) -> Applied:
    """Hand over what a plan file suggests, or the suggestions of the ids in `only`; whoever says so has agreed to all of these."""
    plan = read_plan(path)
    _check_only(plan, only)
    if only:
        plan = plan.only(frozenset(only))
    agreed = {s.id: Decision(verdict="accept", kind=s.action.kind) for s in plan.suggestions}
    plan_id = file_name(path.stem)
    return hand_over(to, plan_id, plan, agreed, ask=ask, on_progress=on_progress)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredFiles:
    """Figures of the files that could be measured, and why the others could not."""

    files: tuple[Measured, ...]
    errors: tuple[Unreadable, ...]


def measure_files(
    paths: Sequence[Path], *, cache: Cache = NO_CACHE, on_progress: OnProgress
) -> MeasuredFiles:
    """Measure each file by itself; one that cannot be read does not keep the others from being measured."""
    from ama_analysis.measure import measure_file

    contents = Contents(cache)
    files: list[Measured] = []
    errors: list[Unreadable] = []
    for at, path in enumerate(paths):
        share = part_of(on_progress, at / len(paths), (at + 1) / len(paths))
        try:
            figures = measure_file(
                _there(path), content=contents(path), cache=cache, on_progress=share
            )
            files.append((path, figures))
        except InputError as error:
            errors.append((path, error))
    return MeasuredFiles(files=tuple(files), errors=tuple(errors))


def render_through_chain(name: str, source: Path, out: Path, *, on_progress: OnProgress) -> Written:
    """Write a file as a chain (one that ships, or a chain file) leaves it, turned down where it would pass -1 dBTP."""
    chain = load_chain(name)
    from ama_analysis.advise import refuse_to_overwrite, write_limited
    from ama_analysis.audio import open_audio
    from ama_analysis.render import Chained

    refuse_to_overwrite([out], [source])
    sound = Chained(open_audio(_there(source)), chain.plugins)
    return write_limited(sound, out, on_progress=on_progress)


_EXAMPLES: Final = {
    "--gain": "kick=-3",
    "--pan": "synth=0.3",
    "--high-pass": "vocals=80",
    "--low-pass": "vocals=12000",
}


def named_numbers(option: str, pairs: Sequence[str]) -> dict[str, float]:
    """Return {"kick": -3.0} of ["kick=-3"]; `OptionError` (AMA-501) where one is not NAME=NUMBER or names a track twice."""
    found: dict[str, float] = {}
    for pair in pairs:
        name, equals, text = pair.rpartition("=")
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not equals or not name or not math.isfinite(number):
            message = f"{option} {pair} is not NAME=NUMBER."
            raise OptionError(message, hint=f"Write for instance {option} {_EXAMPLES[option]}.")
        if name in found:
            message = f"{option} names {name!r} twice."
            raise OptionError(message, hint="Give one number a track.")
        found[name] = number
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class HandSettings:
    """What `ama mix` sets by hand, by a track's id or name."""

    gains: Mapping[str, float]
    pans: Mapping[str, float]
    high_pass_cutoffs: Mapping[str, float]
    low_pass_cutoffs: Mapping[str, float]

    def by_id(self, session: Session) -> dict[str, dict[str, float]]:
        """Return the same by track id, each under its name here; names that the session does not have stay."""
        ids = {t.name: t.id for t in session.tracks} | {t.id: t.id for t in session.tracks}
        return {
            f.name: {ids.get(name, name): value for name, value in getattr(self, f.name).items()}
            for f in fields(self)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixed:
    """A mix that was written, and what was left out or changed on the way."""

    path: Path
    tracks: int
    warnings: tuple[str, ...]
    lowered_db: float
    """By how much the sum was turned down since it would clip."""


def mix_files(
    stems: Sequence[Path],
    out: Path,
    *,
    auto_gain: str | None,
    references: Sequence[str] = (),
    by_hand: HandSettings,
    normalize: bool,
    gain_weights: Path | None = None,
    cache: Cache = NO_CACHE,
    on_progress: OnProgress,
) -> Mixed:
    """Write the sum of stems, or of one folder of them as its session.json has it, with the faders, pans and filters given; references as `parse_reference` reads them."""
    from ama_analysis import advise
    from ama_analysis.audio import refuse_audio_name
    from ama_analysis.stem_mixer import StemMixer

    session = advise.session_from_paths(
        [_there(path) for path in stems], references=[reference_at(text) for text in references]
    )
    advise.refuse_to_overwrite([out], advise.inputs_of(session))
    refuse_audio_name(out)
    mixer = StemMixer(gain_weights=gain_weights, cache=cache)
    sound = mixer.mixdown(
        session,
        auto_gain=auto_gain,
        references=session.references,
        **by_hand.by_id(session),
        normalize=normalize,
        on_progress=part_of(on_progress, 0.0, 0.8),
    )
    on_progress(0.8, f"writing {out.name}")
    mixer.save_audio(sound, out)
    return Mixed(
        path=out,
        tracks=sum(not track.muted for track in sound.session.tracks),
        warnings=sound.session.warnings,
        lowered_db=0.0 if normalize else -sound.trim_db,
    )


def reference_at(text: str) -> Reference:
    """Return the reference that a text of the command line means, with its full path; `AudioFileError` where the file is not there."""
    reference = parse_reference(text)
    return replace(reference, path=_there(reference.path).absolute())


def _there(path: Path) -> Path:
    try:
        missing = "" if path.exists() else "is not there"
    except OSError as error:
        missing = f"cannot be used ({error.strerror})"
    if missing:
        message = f"{path} {missing}."
        raise AudioFileError(message, hint="Check the name.", code="AMA-101")
    return path
