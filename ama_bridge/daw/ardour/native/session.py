"""What Ardour's mixer says of a session that AMA knows already: faders, pans, mutes and plugins of its tracks, told by name.

OSC tells neither ids nor where the audio lies, so it makes no session; it brings one up to date. Ardour's values are converted to those that
sound the same under AMA's pan law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ama_analysis.errors import SessionError
from ama_analysis.session import Session, Track
from ama_bridge.daw.ardour import pan_law
from ama_bridge.daw.ardour.native.reading import the_one
from ama_bridge.daw.ardour.native.values import MixerStrip


def refreshed(session: Session, strips: Sequence[MixerStrip]) -> Session:
    """Return the session with what Ardour's strips show now; a track that no strip, or more than one, is called stays and gets a warning.

    Opens the stems of the tracks to see which are mono; lets through what opening raises (`AudioFileError`).
    """
    found, warnings = [], []
    for track in session.tracks:
        try:
            found.append(shown(track, the_one(strips, track.name)))
        except SessionError as error:
            warnings.append(f"{track.name} is left as it was: {error.message}")
    heard = {t.id: t for t in pan_law.heard(replace(session, tracks=tuple(found))).tracks}
    return replace(
        session,
        tracks=tuple(heard.get(track.id, track) for track in session.tracks),
        warnings=(*session.warnings, *warnings),
    )


def shown(track: Track, strip: MixerStrip) -> Track:
    """Return a track with what a strip shows, as Ardour shows it."""
    return replace(
        track,
        fader_db=strip.gain_db,
        pan=strip.pan or 0.0,
        muted=strip.muted,
        plugins=tuple(plugin.name for plugin in strip.plugins),
    )
