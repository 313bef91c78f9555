"""Plan to files: the mix with its suggestions, the mix as it was, and both sides of one track, at equal loudness if asked.

A mix is written twice: first as it comes (32-bit float, to a file of its own that nobody else sees) while it is measured, then scaled to
its final level. So the true peak is known before the file gets its name, and it never lies above the ceiling.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ama_analysis.advise.listening import Reported
from ama_analysis.advise.sessions import stems_of
from ama_analysis.audio import AudioFile, AudioWriter, Sound, open_audio, write_audio
from ama_analysis.errors import OptionError, PlanError
from ama_analysis.measure import LoudnessMeter, TruePeakMeter
from ama_analysis.pictures import tonal_balance_png
from ama_analysis.plan import Limiter, MixPlan
from ama_analysis.progress import OnProgress, part_of, silent
from ama_analysis.render import Mixdown, Scaled, track_sound
from ama_analysis.session import Session

CEILING_DBTP: Final = -1.0
"""Where a plan has no limiter (AES TD1008 and the streaming services ask for -1 dBTP)."""
_ROOM_DB: Final = 0.02
"""Kept below the ceiling, since writing 24-bit integers and measuring again may move the true peak by a hair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What was written: files, levels as they are in the files, and the gain that ceiling and loudness matching took off."""

    path: Path
    integrated_lufs: float | None
    true_peak_dbtp: float | None
    gain_db: float
    before_path: Path | None = None
    before_integrated_lufs: float | None = None
    before_true_peak_dbtp: float | None = None
    before_gain_db: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Take:
    """One rendering in its spool file, measured."""

    spool: AudioFile
    integrated_lufs: float | None
    true_peak_dbtp: float | None

    def ceiling_gain_db(self, ceiling_dbtp: float) -> float:
        """Return the gain, 0 or less, that brings the true peak to the ceiling."""
        if self.true_peak_dbtp is None:
            return 0.0
        return min(0.0, ceiling_dbtp - _ROOM_DB - self.true_peak_dbtp)


def _take(sound: Sound, spool: Path) -> _Take:
    loudness = LoudnessMeter(sample_rate_hz=sound.sample_rate_hz, channels=sound.channels)
    peak = TruePeakMeter(sample_rate_hz=sound.sample_rate_hz, channels=sound.channels)
    with AudioWriter(
        spool, sample_rate_hz=sound.sample_rate_hz, channels=sound.channels, subtype="FLOAT"
    ) as writer:
        for block in sound.blocks():
            loudness.add(block)
            peak.add(block)
            writer.write(block)
    return _Take(
        spool=open_audio(spool),
        integrated_lufs=loudness.result().integrated_lufs,
        true_peak_dbtp=peak.true_peak_dbtp,
    )


def _gains_db(takes: Sequence[_Take], ceiling_dbtp: float, *, loudness_match: bool) -> list[float]:
    """Return a gain for each take: below the ceiling, and at the loudness of the quietest where asked (turned down, never up)."""
    gains = [take.ceiling_gain_db(ceiling_dbtp) for take in takes]
    levels = [
        take.integrated_lufs + gain
        for take, gain in zip(takes, gains, strict=True)
        if take.integrated_lufs is not None
    ]
    if not loudness_match or len(levels) < len(takes):
        return gains
    quietest = min(levels)
    return [gain - (level - quietest) for gain, level in zip(gains, levels, strict=True)]


def _level(level_db: float | None, gain_db: float) -> float | None:
    return None if level_db is None else level_db + gain_db


def render_plan(
    plan: MixPlan,
    out: Path,
    *,
    before: Path | None = None,
    loudness_match: bool = False,
    on_progress: OnProgress = silent,
) -> Rendered:
    """Write the mix with the plan's suggestions to `out`, and the mix without them to `before` if given.

    Both stay at or below the plan's ceiling (true peak); with `loudness_match` both have the loudness of the quieter one. `OptionError`
    when a file to be written is one that the session reads, `PlanError` (AMA-403) when a stem is gone.
    """
    session = plan.session
    _refuse_to_overwrite(session, (out, before))
    _stems_are_there(session)
    sound_of = stems_of(session)
    jobs = [("mixing with the suggestions", plan.suggestions)]
    if before is not None:
        jobs.append(("mixing without them", ()))
    with tempfile.TemporaryDirectory(prefix="ama-") as folder:
        takes = []
        for at, (stage, suggestions) in enumerate(jobs):
            share = part_of(on_progress, 0.8 * at / len(jobs), 0.8 * (at + 1) / len(jobs))
            mix = Mixdown(session=session, suggestions=suggestions, sound_of=sound_of)
            reported = Reported(sound=mix, stage=stage, on_progress=share)
            takes.append(_take(reported, Path(folder) / f"{at}.w64"))
        gains = _gains_db(takes, ceiling_of(plan), loudness_match=loudness_match)
        paths = [out] if before is None else [out, before]
        for at, path in enumerate(paths):
            share = part_of(
                on_progress, 0.8 + 0.2 * at / len(paths), 0.8 + 0.2 * (at + 1) / len(paths)
            )
            scaled = Scaled(takes[at].spool, gains[at])
            write_audio(
                path, Reported(sound=scaled, stage=f"writing {path.name}", on_progress=share)
            )
    first, last = takes[0], takes[-1]
    rendered = Rendered(
        path=out,
        integrated_lufs=_level(first.integrated_lufs, gains[0]),
        true_peak_dbtp=_level(first.true_peak_dbtp, gains[0]),
        gain_db=gains[0],
    )
    if before is None:
        return rendered
    return Rendered(
        path=out,
        integrated_lufs=rendered.integrated_lufs,
        true_peak_dbtp=rendered.true_peak_dbtp,
        gain_db=gains[0],
        before_path=before,
        before_integrated_lufs=_level(last.integrated_lufs, gains[1]),
        before_true_peak_dbtp=_level(last.true_peak_dbtp, gains[1]),
        before_gain_db=gains[1],
    )


def ceiling_of(plan: MixPlan) -> float:
    """Return the ceiling that the plan's limiter holds, else `CEILING_DBTP`."""
    for suggestion in plan.suggestions:
        if isinstance(suggestion.action, Limiter):
            return suggestion.action.ceiling_dbtp
    return CEILING_DBTP


def _refuse_to_overwrite(session: Session, outputs: Sequence[Path | None]) -> None:
    inputs = {track.path.resolve() for track in session.tracks}
    inputs |= {path.resolve() for path in session.references}
    inputs |= {session.mix.resolve()} if session.mix else set()
    seen: set[Path] = set()
    for path in outputs:
        if path is None:
            continue
        if path.resolve() in inputs:
            message = f"{path} is one of the session's own files."
            raise OptionError(message, hint="AMA never writes over them: choose another name.")
        if path.resolve() in seen:
            message = f"{path} is named twice."
            raise OptionError(message, hint="Give the mix before another name.")
        seen.add(path.resolve())


def _stems_are_there(session: Session) -> None:
    for track in session.tracks:
        if not track.path.is_file():
            message = f"The stem of track {track.id!r} is not at {track.path}."
            raise PlanError(message, hint="Name its folder with --stems.", code="AMA-403")


def write_limited(
    sound: Sound,
    out: Path,
    *,
    ceiling_dbtp: float = CEILING_DBTP,
    normalize: bool = False,
    on_progress: OnProgress = silent,
) -> Rendered:
    """Write a mix turned down so that its true peak is at most the ceiling, or with `normalize` up or down to just there."""
    with tempfile.TemporaryDirectory(prefix="ama-") as folder:
        share = part_of(on_progress, 0.0, 0.8)
        take = _take(
            Reported(sound=sound, stage="mixing", on_progress=share), Path(folder) / "0.w64"
        )
        gain_db = take.ceiling_gain_db(ceiling_dbtp)
        if normalize and take.true_peak_dbtp is not None:
            gain_db = ceiling_dbtp - _ROOM_DB - take.true_peak_dbtp
        share = part_of(on_progress, 0.8, 1.0)
        scaled = Scaled(take.spool, gain_db)
        write_audio(out, Reported(sound=scaled, stage=f"writing {out.name}", on_progress=share))
    return Rendered(
        path=out,
        integrated_lufs=_level(take.integrated_lufs, gain_db),
        true_peak_dbtp=_level(take.true_peak_dbtp, gain_db),
        gain_db=gain_db,
    )


def render_track_ab(
    plan: MixPlan, track_id: str, folder: Path, *, on_progress: OnProgress = silent
) -> tuple[Path, Path]:
    """Write one track with and without its suggestions into `folder`, at equal loudness; return both paths (after, before)."""
    session = plan.session
    track = session.track(track_id)
    sound_of = stems_of(session)
    paths = (folder / f"{track_id}.after.wav", folder / f"{track_id}.before.wav")
    with tempfile.TemporaryDirectory(prefix="ama-") as spools:
        takes = []
        for at, suggestions in enumerate((plan.suggestions, ())):
            share = part_of(on_progress, at / 2, (at + 1) / 2)
            sound = track_sound(session, track, suggestions, sound_of)
            reported = Reported(sound=sound, stage=f"rendering {track_id}", on_progress=share)
            takes.append(_take(reported, Path(spools) / f"{at}.w64"))
        gains = _gains_db(takes, CEILING_DBTP, loudness_match=True)
        for take, gain_db, path in zip(takes, gains, paths, strict=True):
            write_audio(path, Scaled(take.spool, gain_db))
    return paths


def picture_of_plan(plan: MixPlan, path: Path) -> None:
    """Draw the tonal balance before, after and of the target as a PNG; `PlanError` where the plan was not verified."""
    verified = plan.verification
    if verified is None:
        message = "The plan has no verified before and after to draw."
        raise PlanError(message, hint="Make it anew with `ama suggest`.")
    what = "reference" if plan.target.kind == "reference" else f"target {plan.target.name!r}"
    tonal_balance_png(path, verified, title=f"{plan.session.name}: tonal balance", aim=what)
