"""Plan to files: the mix with its suggestions, the mix as it was, and both sides of one track, at equal loudness if asked; and a reference to hear beside them.

A mix is written twice: first as it comes (32-bit float, to a file of its own that nobody else sees) while it is measured, then scaled to
its final level. So the true peak is known before the file gets its name, and it never lies above the ceiling.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ama_analysis.advise.inputs import inputs_of, refuse_to_overwrite
from ama_analysis.advise.kept_sums import KeptSums
from ama_analysis.advise.listening import Reported
from ama_analysis.advise.sessions import stems_of
from ama_analysis.advise.targets import counted_sound
from ama_analysis.audio import (
    AudioFile,
    AudioWriter,
    Sound,
    audio_writer,
    open_audio,
    refuse_audio_name,
)
from ama_analysis.errors import PlanError
from ama_analysis.measure import LoudnessMeter, TruePeakMeter
from ama_analysis.pictures import tonal_balance_png
from ama_analysis.plan import Limiter, MixPlan
from ama_analysis.progress import OnProgress, part_of, silent
from ama_analysis.reference import Reference
from ama_analysis.render import (
    Mixdown,
    Scaled,
    bus_sound,
    loudness_match_gains,
    track_sound,
    trim_for,
)
from ama_analysis.session import Session

CEILING_DBTP: Final = -1.0
"""Where a plan has no limiter (AES TD1008 and the streaming services ask for -1 dBTP)."""
_ROOM_DB: Final = 0.02
"""Kept below the ceiling, since writing 24-bit integers and measuring again may move the true peak by a hair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that was written: its levels as they are in the file, and the gain that ceiling and loudness matching took off."""

    path: Path
    integrated_lufs: float | None
    true_peak_dbtp: float | None
    gain_db: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The mix with its suggestions, and the mix without them where that was asked for."""

    after: Written
    before: Written | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Take:
    """One rendering in its spool file, measured."""

    spool: AudioFile
    integrated_lufs: float | None
    true_peak_dbtp: float | None

    def loudness_at(self, gain_db: float) -> float | None:
        return None if self.integrated_lufs is None else self.integrated_lufs + gain_db

    def written(
        self, path: Path, writer: AudioWriter, gain_db: float, on_progress: OnProgress
    ) -> Written:
        """Write the spool file at its final level to the file that `writer` has open."""
        scaled = Scaled(self.spool, gain_db)
        for block in Reported(scaled, f"writing {path.name}", on_progress).blocks():
            writer.write(block)
        peak = self.true_peak_dbtp
        return Written(
            path=path,
            integrated_lufs=self.loudness_at(gain_db),
            true_peak_dbtp=None if peak is None else peak + gain_db,
            gain_db=gain_db,
        )


def _take(sound: Sound, spool: Path, *, dual_mono: bool) -> _Take:
    loudness = LoudnessMeter(
        sample_rate_hz=sound.sample_rate_hz, channels=sound.channels, dual_mono=dual_mono
    )
    peak = TruePeakMeter(sample_rate_hz=sound.sample_rate_hz, channels=sound.channels)
    with audio_writer(
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


def _write_all(
    sounds: Sequence[tuple[Sound, Path, str]],
    *,
    ceiling_dbtp: float,
    loudness_match: bool,
    dual_mono: bool = False,
    on_progress: OnProgress,
) -> list[Written]:
    """Render one sound, or two that are compared (after, before), and write each below the ceiling, at equal loudness if asked; both or none."""
    count = len(sounds)
    for _, path, _ in sounds:
        refuse_audio_name(path)
    with tempfile.TemporaryDirectory(prefix="ama-") as folder, ExitStack() as files:
        takes = []
        for at, (sound, _, stage) in enumerate(sounds):
            share = part_of(on_progress, 0.8 * at / count, 0.8 * (at + 1) / count)
            spool = Path(folder) / f"{at}.w64"
            takes.append(_take(Reported(sound, stage, share), spool, dual_mono=dual_mono))
        gains = [trim_for(take.true_peak_dbtp, ceiling_dbtp - _ROOM_DB) for take in takes]
        if loudness_match and count == 2:
            levels = [take.loudness_at(gain) for take, gain in zip(takes, gains, strict=True)]
            matched = loudness_match_gains(before_lufs=levels[1], after_lufs=levels[0])
            gains = [gains[0] + matched.after_db, gains[1] + matched.before_db]
        written = []
        for at, (sound, path, _) in enumerate(sounds):
            share = part_of(on_progress, 0.8 + 0.2 * at / count, 0.8 + 0.2 * (at + 1) / count)
            writer = files.enter_context(
                audio_writer(path, sample_rate_hz=sound.sample_rate_hz, channels=sound.channels)
            )
            written.append(takes[at].written(path, writer, gains[at], share))
    return written


def render_plan(
    plan: MixPlan,
    out: Path,
    *,
    before: Path | None = None,
    track: str | None = None,
    loudness_match: bool = False,
    sums: KeptSums | None = None,
    on_progress: OnProgress = silent,
) -> Rendered:
    """Write the mix with the plan's suggestions to `out`, and the mix without them to `before` if given; or just one track of it.

    Both stay at or below the plan's ceiling (true peak); with `loudness_match` both have the loudness of the quieter one. With `sums`
    what was rendered before is used again where that spares work. `OptionError`
    when a file to be written is one that the session reads, `SessionError` (AMA-203) for a track that is not there, `PlanError` (AMA-403)
    when a stem is gone.
    """
    session = plan.session
    refuse_to_overwrite((out, before), inputs_of(session))
    _stems_are_there(session)
    sounds = [(_sound_of(plan, track, sums), out, "rendering with the suggestions")]
    if before is not None:
        as_it_was = replace(plan, suggestions=())
        sounds.append((_sound_of(as_it_was, track, sums), before, "rendering without them"))
    written = _write_all(
        sounds,
        ceiling_dbtp=ceiling_of(plan),
        loudness_match=loudness_match,
        on_progress=on_progress,
    )
    return Rendered(after=written[0], before=written[1] if before is not None else None)


def write_limited(sound: Sound, out: Path, *, on_progress: OnProgress) -> Written:
    """Write a sound, turned down where its true peak would pass `CEILING_DBTP`."""
    return _write_all(
        [(sound, out, "rendering")],
        ceiling_dbtp=CEILING_DBTP,
        loudness_match=False,
        on_progress=on_progress,
    )[0]


def render_reference(
    reference: Reference, out: Path, *, on_progress: OnProgress = silent
) -> Rendered:
    """Write what counts of a reference to be heard beside a mix, as loud as it is but for `CEILING_DBTP`; a mono one is measured as it sounds, from both sides.

    Raises as `open_reference` does, `OptionError` where `out` is the reference itself.
    """
    refuse_to_overwrite((out,), (reference.path,))
    sound = counted_sound(reference, part_of(on_progress, 0.0, 0.5))
    written = _write_all(
        [(sound, out, f"writing {reference.name}")],
        ceiling_dbtp=CEILING_DBTP,
        loudness_match=False,
        dual_mono=True,
        on_progress=part_of(on_progress, 0.5, 1.0),
    )
    return Rendered(after=written[0])


def _sound_of(plan: MixPlan, track: str | None, sums: KeptSums | None) -> Sound:
    session, sound_of = plan.session, stems_of(plan.session)
    if track is not None:
        return track_sound(session, session.track(track), plan.suggestions, sound_of)
    if sums is not None:
        return bus_sound(sums.sum_of(session, plan.suggestions), plan.suggestions)
    return Mixdown(session=session, suggestions=plan.suggestions, sound_of=sound_of)


def ceiling_of(plan: MixPlan) -> float:
    """Return the ceiling that the plan's limiter holds, else `CEILING_DBTP`."""
    for suggestion in plan.suggestions:
        if isinstance(suggestion.action, Limiter):
            return suggestion.action.ceiling_dbtp
    return CEILING_DBTP


def _stems_are_there(session: Session) -> None:
    for track in session.tracks:
        if not track.path.is_file():
            message = f"The stem of track {track.name!r} is not at {track.path}."
            hint = "Put it back, or open the session where its files are now."
            raise PlanError(message, hint=hint, code="AMA-403")


def picture_of_plan(plan: MixPlan, path: Path) -> None:
    """Draw the tonal balance before, after and of the target as a PNG; `PlanError` where the plan was not verified."""
    verified = plan.verification
    if verified is None:
        message = "The plan has no verified before and after to draw."
        raise PlanError(message, hint="Ask for suggestions anew.")
    what = f"target {plan.target.name!r}"
    if plan.target.kind == "reference":
        what = "reference" if len(plan.target.references) == 1 else "references"
    tonal_balance_png(path, verified, title=f"{plan.session.name}: tonal balance", aim=what)
