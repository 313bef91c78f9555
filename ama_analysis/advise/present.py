"""What a given mix says about the present state of its tracks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ama_analysis.advise.sessions import stems_of
from ama_analysis.audio import open_audio
from ama_analysis.errors import AudioFileError
from ama_analysis.measurements import RecoveredFader, RecoveredFaders
from ama_analysis.progress import OnProgress, silent
from ama_analysis.session import Session, Track


def with_faders_of_mix(session: Session, *, on_progress: OnProgress = silent) -> Session:
    """Return the session with the faders and pans that its mix holds, read exactly from a plain sum, to a known error from a lossy or mastered one.

    What was done stands in one more warning; where the mix is none of these stems they stay as they are. A session without a mix comes
    back as it is.
    """
    if session.mix is None:
        return session
    from ama_analysis.measure.recover import recover_faders

    mix = session.mix.name
    try:
        found = recover_faders(
            session,
            stems_of(session),
            open_audio(session.mix, sample_rate_hz=session.sample_rate_hz),
            on_progress=on_progress,
        )
    except AudioFileError as error:
        told = f"The faders could not be read from {mix}: {error.sentence()}"
        return replace(session, warnings=(*session.warnings, told))
    if not found.linear and found.kinship <= 0.0:
        told = (
            f"{mix} differs from the sum of the stems at any faders (residual {found.residual_db:.0f} dB): "
            "it is no mix of them alone; the suggestions start from the faders as they are."
        )
        return replace(session, warnings=(*session.warnings, told))
    tracks = tuple(
        _moved(track, fader) for track, fader in zip(session.tracks, found.faders, strict=True)
    )
    return replace(session, tracks=tracks, warnings=(*session.warnings, _told(mix, found)))


def _moved(track: Track, fader: RecoveredFader) -> Track:
    if not fader.certain:
        return track
    return replace(track, fader_db=fader.fader_db, pan=fader.pan, muted=fader.absent)


def _told(mix: str, found: RecoveredFaders) -> str:
    certain = [fader for fader in found.faders if fader.certain]
    late = f", mix {found.offset_ms:+.1f} ms" if found.offset_ms else ""
    told = (
        f"The faders were read from {mix}: {len(certain)} of {len(found.faders)} tracks, "
        f"residual {found.residual_db:.0f} dB{late}."
    )
    told += _more_than_faders(certain) if not found.linear else ""
    told += _named("Not in the mix, taken as muted", [f.track for f in certain if f.absent])
    told += _named("Upside down in the mix", [f.track for f in certain if f.inverted])
    slipped = [f"{f.track} {f.slip_ms:+.1f} ms" for f in certain if f.slip_ms]
    told += _named("Not in time with the others", slipped)
    doubts = [f"{f.track} ({f.doubt})" for f in found.faders if not f.certain]
    return told + _named("Left as they were", doubts)


def _more_than_faders(certain: Sequence[RecoveredFader]) -> str:
    """Return what is said of a mix that holds a master or was coded with losses."""
    errors = [fader.error_db for fader in certain if fader.error_db is not None]
    if not errors:
        return ""
    return (
        f" It holds more than faders and pans (a master, or a lossy copy): read to {max(errors):.1f} dB or better, "
        "a gain common to all left out."
    )


def _named(what: str, names: Sequence[str]) -> str:
    return f" {what}: {', '.join(names)}." if names else ""
