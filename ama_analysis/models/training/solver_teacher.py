"""The engine that matches references as teacher: where it would put the faders of a session that nobody mixed.

A student of it learns the habits of the rules and of the references, not those of humans; it is for stems without a balance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ama_analysis.audio import Sound, in_memory, open_audio, resampled
from ama_analysis.errors import AudioFileError
from ama_analysis.measure import measure_mix, measure_session, reference_target
from ama_analysis.measure.together import TogetherMeter
from ama_analysis.measurements import SessionMeasurements
from ama_analysis.models.training.material import Multitrack
from ama_analysis.models.training.sounds import sound_of
from ama_analysis.plan import Gain
from ama_analysis.presets import load_target
from ama_analysis.render import Mixdown
from ama_analysis.session import Session, Track
from ama_analysis.suggest import scene_of
from ama_analysis.suggest.match import Matcher
from ama_analysis.target import Target

BASE_STYLE: Final = "neutral"
START_LUFS: Final = -23.0
"""All stems begin equally loud, so that their files' levels say nothing."""
LEAST: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SolverTeacher:
    """Multitracks to gains that bring them near to a target."""

    target: Target
    name: str

    def gains(self, multitrack: Multitrack) -> tuple[float | None, ...] | None:
        """Return a gain (dB) a track, None for one that is silent; None where fewer than two can be heard."""
        sounds = _at_one_rate(multitrack)
        session = _session_of(multitrack, sounds)
        measured = measure_session(session, lambda track: sounds[int(track.id)])
        session = _equally_loud(session, measured)
        if len(session.tracks) < LEAST:
            return None
        meter = TogetherMeter(
            [track.id for track in session.tracks],
            sample_rate_hz=session.sample_rate_hz,
            frames=max(sounds[int(track.id)].frames for track in session.tracks),
        )
        mixdown = Mixdown(
            session=session,
            sound_of=lambda track: sounds[int(track.id)],
            master=False,
            on_stems=meter.add,
        )
        before = measure_mix(mixdown)
        if before is None:
            return None
        scene = scene_of(session, measured, self.target)
        found = Matcher(scene, meter.result(), before).tracks(())
        faders = {s.track: s.action.fader_db for s in found if isinstance(s.action, Gain)}
        return tuple(faders.get(str(at)) for at in range(len(multitrack.tracks)))


def solver_teacher(references: Sequence[Path]) -> SolverTeacher:
    """Return the teacher that aims at these finished tracks; `AudioFileError` for one that cannot be used."""
    profiles, content = [], hashlib.sha256()
    for path in references:
        profile = measure_mix(open_audio(path))
        if profile is None:
            message = f"{path} is silent."
            raise AudioFileError(message, hint="Name finished tracks.", code="AMA-103")
        profiles.append((path.stem, profile))
        content.update(repr(profile).encode())
    target = reference_target(profiles, load_target(BASE_STYLE))
    return SolverTeacher(target=target, name=f"solver {content.hexdigest()[:16]}")


def _at_one_rate(multitrack: Multitrack) -> tuple[Sound, ...]:
    sounds = [sound_of(track) for track in multitrack.tracks]
    rate = max(sound.sample_rate_hz for sound in sounds)
    return tuple(
        sound if sound.sample_rate_hz == rate else resampled(in_memory(sound), rate)
        for sound in sounds
    )


def _session_of(multitrack: Multitrack, sounds: Sequence[Sound]) -> Session:
    rate = sounds[0].sample_rate_hz
    tracks = tuple(
        Track(
            id=str(at),
            name=track.name,
            path=track.path,
            role=track.role,
            role_confidence=track.role_confidence,
        )
        for at, track in enumerate(multitrack.tracks)
    )
    longest = max(sound.frames for sound in sounds)
    return Session(
        name=multitrack.name, tracks=tracks, sample_rate_hz=rate, duration_s=longest / rate
    )


def _equally_loud(session: Session, measured: SessionMeasurements) -> Session:
    tracks = []
    for track in session.tracks:
        heard = measured.tracks.get(track.id)
        level = None if heard is None else heard.loudness.integrated_lufs
        if level is not None:
            tracks.append(replace(track, fader_db=START_LUFS - level))
    return replace(session, tracks=tuple(tracks))
