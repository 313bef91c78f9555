"""What the cache keys of a session's figures are made of."""

from __future__ import annotations

from ama_analysis.cache import Contents
from ama_analysis.session import Session


def contents_of(session: Session, contents: Contents) -> list[str] | None:
    """Return the hash of each stem's file, None where one of them is not known."""
    hashes = [contents(track.path) for track in session.tracks]
    known = [one for one in hashes if one is not None]
    return known if len(known) == len(hashes) else None


def strips_of(session: Session) -> list[str | float]:
    """Return every track's id, fader, pan and mute, in order."""
    return [
        value
        for track in session.tracks
        for value in (track.id, track.fader_db, track.pan, float(track.muted))
    ]
