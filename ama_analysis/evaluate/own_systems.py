"""AMA's own systems and the two yardsticks below them: job in, strips and moves out, the mix written where it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from ama_analysis.audio import Audio, as_stereo, read_audio, write_audio
from ama_analysis.errors import OptionError
from ama_analysis.evaluate.balance import Strip
from ama_analysis.evaluate.job import Job, Moves, Stem
from ama_analysis.evaluate.loudness import integrated_lufs, k_weighted
from ama_analysis.plan import EqBand, Gain, MasterEq, MixPlan, Pan, Suggestion
from ama_analysis.reference import Reference

Told: TypeAlias = tuple[Mapping[str, Strip] | None, Moves | None, str]
"""Strips, moves, and why the system could not be used (empty where it could)."""
EQUAL_LUFS: Final = -23.0
_LEAST_GAIN_DB: Final = 0.05
_LEAST_PAN: Final = 0.005


def unprocessed_sum(job: Job) -> Told:
    """Sum the stems at the faders and pans that they have."""
    strips = {stem.id: stem.strip for stem in job.stems}
    _write_sum(job, strips)
    return strips, Moves(count=0, mean_gain_db=0.0, mean_eq_db=0.0, eq_bands=0), ""


def equal_loudness(job: Job) -> Told:
    """Bring every stem to one integrated loudness, each panned as it is; silent ones stay."""
    strips = {}
    for stem in job.stems:
        audio = read_audio(stem.path)
        samples = as_stereo(audio.samples).astype(np.float64)
        loudness = integrated_lufs(k_weighted(samples, audio.sample_rate_hz), audio.sample_rate_hz)
        gain_db = EQUAL_LUFS - loudness if np.isfinite(loudness) else stem.strip.gain_db
        strips[stem.id] = Strip(gain_db=gain_db, pan=stem.strip.pan)
    _write_sum(job, strips)
    moved = {name: strip.gain_db for name, strip in strips.items()}
    return strips, _moves(len(moved), _without_offset(job, moved), ()), ""


def _without_offset(job: Job, faders_db: Mapping[str, float]) -> list[float]:
    """Return by how much each fader was moved, less the median of all."""
    deltas = np.array([faders_db[stem.id] - stem.strip.gain_db for stem in job.stems])
    return [float(delta) for delta in deltas - np.median(deltas)]


def _moves(count: int, gains_db: Sequence[float], bands_db: Sequence[float]) -> Moves:
    return Moves(
        count=count,
        mean_gain_db=float(np.mean(np.abs(gains_db))) if gains_db else 0.0,
        mean_eq_db=float(np.mean(np.abs(bands_db))) if bands_db else 0.0,
        eq_bands=len(bands_db),
    )


def _write_sum(job: Job, strips: Mapping[str, Strip]) -> None:
    if job.out is None:
        return
    mix, rate = np.zeros((2, 0), np.float32), 0
    for stem in job.stems:
        audio = read_audio(stem.path)
        rate = audio.sample_rate_hz
        if audio.frames > mix.shape[1]:
            mix = np.pad(mix, ((0, 0), (0, audio.frames - mix.shape[1])))
        factors = np.array(strips[stem.id].factors(), np.float32)[:, None]
        mix[:, : audio.frames] += factors * as_stereo(audio.samples)
    write_audio(job.out, Audio(mix, rate), subtype="FLOAT")


def rules(job: Job) -> Told:
    """Let AMA's rules suggest, the references as target."""
    return _advised(job, "rules")


def cnn(job: Job) -> Told:
    """Let AMA's gain predictor set the faders, and its rules all else."""
    return _advised(job, "cnn")


def reference(job: Job) -> Told:
    """Let AMA's solver match the references."""
    return _advised(job, "reference")


def _advised(job: Job, engine: str) -> Told:
    from dataclasses import replace

    from ama_analysis.advise import advise, complete_session, stems_of
    from ama_analysis.render import Mixdown
    from ama_analysis.session import track_of

    tracks = [
        replace(
            track_of(stem.path, track_id=stem.id, name=stem.name),
            fader_db=stem.strip.gain_db,
            pan=stem.strip.pan,
        )
        for stem in job.stems
    ]
    references = [Reference(path=path) for path in job.references]
    session = complete_session(job.session, tracks, references=references)
    try:
        plan = advise(session, engine=engine)
    except OptionError as error:
        if error.code != "AMA-502":
            raise
        return None, None, error.message
    if job.out is not None:
        mix = Mixdown(
            session=plan.session, suggestions=plan.suggestions, sound_of=stems_of(plan.session)
        )
        write_audio(job.out, mix, subtype="FLOAT")
    return strips_of(plan, job.stems), moves_of(plan), ""


def strips_of(plan: MixPlan, stems: Sequence[Stem]) -> dict[str, Strip]:
    """Return where a plan leaves the faders and pans of the stems."""
    strips = {stem.id: stem.strip for stem in stems}
    for track in plan.session.tracks:
        strips[track.id] = Strip(gain_db=track.fader_db, pan=track.pan)
    for suggestion in plan.suggestions:
        match suggestion.action:
            case Gain(fader_db=fader_db):
                strips[suggestion.track] = Strip(gain_db=fader_db, pan=strips[suggestion.track].pan)
            case Pan(pan=pan):
                strips[suggestion.track] = Strip(gain_db=strips[suggestion.track].gain_db, pan=pan)
            case _:
                continue
    return strips


def moves_of(plan: MixPlan) -> Moves:
    """Count the suggestions that change something."""
    moved = [s for s in plan.suggestions if not _stays(plan, s)]
    deltas = {track.id: 0.0 for track in plan.session.tracks}
    for suggestion in moved:
        if isinstance(suggestion.action, Gain):
            deltas[suggestion.track] = suggestion.action.delta_db
    gains = np.array(list(deltas.values()))
    bands = [s.action.gain_db for s in moved if isinstance(s.action, EqBand | MasterEq)]
    return _moves(len(moved), [float(g) for g in gains - np.median(gains)], bands)


def _stays(plan: MixPlan, suggestion: Suggestion) -> bool:
    match suggestion.action:
        case Gain(delta_db=delta_db):
            return abs(delta_db) < _LEAST_GAIN_DB
        case Pan(pan=pan):
            return abs(pan - plan.session.track(suggestion.track).pan) < _LEAST_PAN
        case _:
            return False


OWN: Final[Mapping[str, Callable[[Job], Told]]] = {
    "sum": unprocessed_sum,
    "equal-loudness": equal_loudness,
    "rules": rules,
    "cnn": cnn,
    "reference": reference,
}
