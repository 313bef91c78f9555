"""One session from its folder to a plan, both mixes, presets and a picture, in whichever process."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from ama_analysis.audio import SUFFIXES
from ama_analysis.codec import CodecError, Json, from_json, to_json
from ama_analysis.errors import (
    AmaError,
    AudioFileError,
    CancelledError,
    DeliveryError,
    WorkError,
)
from ama_analysis.plan import MixPlan
from ama_analysis.preferences import Preferences
from ama_analysis.progress import OnProgress, part_of
from ama_analysis.reference import parse_reference
from ama_bridge import json_text, offline, wire
from ama_bridge.atomic import write_atomically
from ama_bridge.batch.job import Job, code
from ama_bridge.batch.outcome import Figures, Levels, Outcome, failed
from ama_bridge.cache_folder import cache_of
from ama_bridge.config import read_settings

if TYPE_CHECKING:
    from ama_analysis.advise import Rendered, Written

RESULT: Final = "result.json"
PLAN: Final = "plan.json"
AFTER: Final = "after.wav"
BEFORE: Final = "before.wav"
PICTURE: Final = "tonal_balance.png"
_READ: Final = (*SUFFIXES, ".ardour", ".rpp", ".json")
"""What a session's folder is read for; other files there may change as they like."""
_SUGGESTING_SHARE: Final = 0.8
"""Of the progress, where the mixes are rendered too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a session's result was made of (`stamp` tells it, and of which files beside those that are always looked at), and the outcome."""

    schema: Literal["ama.batch.result/1"] = "ama.batch.result/1"
    stamp: str
    read: tuple[Path, ...]
    outcome: Outcome


def done(job: Job, on_progress: OnProgress) -> Outcome:
    """Do a session, unless it is there and unchanged, and return what became of it; only what stops the work is raised."""
    try:
        return _done(job, on_progress)
    except CancelledError:
        raise
    except AmaError as error:
        return failed(job, error)
    except OSError as error:
        message = (
            f"{error.filename or 'A file'} cannot be read or written ({error.strerror or error})."
        )
        hint = "Check permissions and the space on the disk."
        return failed(job, DeliveryError(message, hint=hint))
    except Exception as error:  # noqa: BLE001  # the other sessions go on
        message = f"AMA met an error that it did not foresee ({type(error).__name__}: {error})."
        hint = "`ama suggest` on this session alone, with AMA_LOG_LEVEL=DEBUG, says where."
        return failed(job, WorkError(message, hint=hint))


def _done(job: Job, on_progress: OnProgress) -> Outcome:
    _check_here(job)
    before = _stamps(_looked_at(job))
    last = _last(job)
    if last is not None and not job.fresh and _is_current(job, last):
        return replace(last.outcome, state="kept", folder=job.folder, out=job.out)
    with _scratch(job.out) as scratch:
        plan = _planned(job, part_of(on_progress, 0.0, _SUGGESTING_SHARE))
        outcome = _made(job, plan, scratch, part_of(on_progress, _SUGGESTING_SHARE, 1.0))
        read = _files_of(_inputs(plan))
        stamp = _stamp_of(job, {**_stamps(read), **before})
        result = Result(stamp=stamp, read=tuple(sorted(read)), outcome=outcome)
        _put_in_place(job, scratch, result, last)
    return outcome


def _check_here(job: Job) -> None:
    """Refuse what a process of another machine or version cannot do as whoever asked would."""
    if job.code != code():
        message = f"AMA {code()} was asked for what AMA {job.code} shall do."
        raise WorkError(message, hint="Install the same version of AMA and of its libraries.")
    for path in (job.folder, job.out.parent):
        if not path.is_dir():
            message = f"{path} is not there."
            hint = "Every machine that works on it must see it under this name."
            raise AudioFileError(message, hint=hint, code="AMA-101")


def _planned(job: Job, on_progress: OnProgress) -> MixPlan:
    wanted = job.wanted
    return offline.suggest_for_files(
        [job.folder],
        references=wanted.references,
        mix=None,
        locked=wanted.locked,
        lock_where_there=True,
        engine=wanted.engine,
        target=wanted.target,
        out=None,
        stems_dir=job.out / "stems",
        separating=wanted.separating,
        cache=cache_of(read_settings(caching=wanted.caching)),
        preferences=wanted.preferences,
        gain_weights=wanted.gain_weights,
        on_progress=on_progress,
    )


def _made(job: Job, plan: MixPlan, scratch: Path, on_progress: OnProgress) -> Outcome:
    """Write everything of a plan into a folder."""
    from ama_analysis import advise

    wanted, rendered = job.wanted, None
    if wanted.rendering:
        rendered = advise.render_plan(
            plan,
            scratch / AFTER,
            before=scratch / BEFORE,
            loudness_match=wanted.loudness_match,
            on_progress=on_progress,
        )
    on_progress(1.0, "writing presets")
    wanted.daw.apply(plan, plan_id=job.name, folder=scratch)
    write_atomically(scratch / PLAN, wire.plan_bytes(plan))  # all of it, as `ama suggest` writes it
    if plan.verification is not None:
        advise.picture_of_plan(plan, scratch / PICTURE)
    files = sorted(path for path in scratch.rglob("*") if path.is_file())
    return Outcome(
        session=job.name,
        folder=job.folder,
        out=job.out,
        state="done",
        figures=_figures(plan, rendered),
        warnings=plan.warnings,
        files=tuple(path.relative_to(scratch).as_posix() for path in files),
    )


def _figures(plan: MixPlan, rendered: Rendered | None) -> Figures | None:
    verified = plan.verification
    if verified is None:
        return None
    aims = plan.target.references if plan.target.kind == "reference" else (plan.target.name,)
    return Figures(
        engine=plan.engine,
        target=", ".join(aims),
        tracks=len(plan.session.tracks),
        duration_s=plan.session.duration_s,
        suggestions=len(plan.suggestions),
        distance_before=verified.before,
        distance_after=verified.after,
        parts=verified.parts,
        before=_levels(rendered.before if rendered else None),
        after=_levels(rendered.after if rendered else None),
    )


def _levels(written: Written | None) -> Levels | None:
    if written is None:
        return None
    return Levels(integrated_lufs=written.integrated_lufs, true_peak_dbtp=written.true_peak_dbtp)


@contextmanager
def _scratch(out: Path) -> Iterator[Path]:
    """Give a folder that nobody else sees, which is gone in the end."""
    folder = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put_in_place(job: Job, scratch: Path, result: Result, last: Result | None) -> None:
    """Move whole files to where they belong; what an earlier time left and this one has not goes, and only with the last file does all of it count."""
    from ama_analysis.advise import inputs_of, refuse_to_overwrite

    files = result.outcome.files
    plan = wire.plan_from_bytes((scratch / PLAN).read_bytes(), name=PLAN, folder=job.folder)
    refuse_to_overwrite([job.out / name for name in files], inputs_of(plan.session))
    (job.out / RESULT).unlink(missing_ok=True)
    for name in set(last.outcome.files if last else ()) - set(files):
        (job.out / name).unlink(missing_ok=True)
    for name in files:
        there = job.out / name
        there.parent.mkdir(parents=True, exist_ok=True)
        (scratch / name).replace(there)
    write_atomically(job.out / RESULT, json_text.to_bytes(to_json(result, Result)))


def _last(job: Job) -> Result | None:
    """Return what an earlier time left, None where it left nothing whole."""
    try:
        document = json_text.from_bytes((job.out / RESULT).read_bytes())
        result: Result = from_json(document, Result)
    except (OSError, ValueError, CodecError):
        return None
    names = [Path(name) for name in result.outcome.files]
    if any(name.is_absolute() or ".." in name.parts for name in names):
        return None
    return result


def _is_current(job: Job, last: Result) -> bool:
    whole = all((job.out / name).is_file() for name in last.outcome.files)
    return whole and last.stamp == _stamp_of(job, _stamps({*_looked_at(job), *last.read}))


def _looked_at(job: Job) -> set[Path]:
    """Return the files that are looked at before a session is opened: those in its folder, references, the target, the weights."""
    wanted = job.wanted
    named = [parse_reference(text).path for text in wanted.references]
    named += [Path(wanted.target)] if wanted.target and wanted.target.endswith(".toml") else []
    named += [wanted.gain_weights] if wanted.gain_weights else []
    return _files_of((job.folder, *named))


def _inputs(plan: MixPlan) -> Iterable[Path]:
    from ama_analysis.advise import inputs_of

    return inputs_of(plan.session)


def _files_of(paths: Iterable[Path]) -> set[Path]:
    """Return the files among paths, and those in the folders among them that a session or a reference could be made of."""
    files: set[Path] = set()
    for path in paths:
        inside = path.iterdir() if path.is_dir() else [path]
        files |= {one for one in inside if one.suffix.lower() in _READ or one == path}
    return {path for path in files if path.is_file()}


def _stamps(files: Iterable[Path]) -> dict[str, Json]:
    """Return size and time of files, None for one that has gone."""
    found: dict[str, Json] = {}
    for path in files:
        found[str(path)] = None
        with suppress(FileNotFoundError):
            told = path.stat()
            found[str(path)] = [told.st_size, told.st_mtime_ns]
    return found


def _stamp_of(job: Job, files: dict[str, Json]) -> str:
    wanted = job.wanted
    options: dict[str, Any] = {
        "code": job.code,
        "references": wanted.references,
        "engine": wanted.engine,
        "target": wanted.target,
        "locked": sorted(wanted.locked),
        "separating": [str(wanted.separating.folder), wanted.separating.wanted],
        "preferences": to_json(wanted.preferences, Preferences),
        "rendering": [wanted.rendering, wanted.loudness_match],
        "daw": wanted.daw.name,
        "files": files,
    }
    return hashlib.sha256(json.dumps(options, sort_keys=True).encode()).hexdigest()
