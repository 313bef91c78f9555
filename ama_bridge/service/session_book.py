"""The sessions of a service: told track by track, or opened from a folder, then committed.

Whatever changes one takes its commitment away, so that nothing is suggested for half a session.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from ama_analysis.errors import OptionError, SessionError
from ama_analysis.reference import Reference
from ama_analysis.session import Session, Track
from ama_bridge.intake import check_file, check_name, check_session
from ama_bridge.store import Draft, Store


class SessionBook:
    """Sessions by name; any thread may call it."""

    def __init__(self, store: Store, on_change: Callable[[str], None]) -> None:
        """Take up what the store has kept; `on_change` hears the name of whichever session changes."""
        self._store = store
        self._on_change = on_change
        self._drafts = store.drafts()
        self._lock = threading.Lock()

    def begin(self, draft: Draft) -> None:
        """Begin a session, or begin it anew; `OptionError` where it cannot be."""
        check_session(
            draft.name, sample_rate_hz=draft.sample_rate_hz, track_count=draft.track_count
        )
        with self._changing(draft.name):
            self._drafts[draft.name] = draft

    def add_track(self, session: str, index: int, track: Track) -> None:
        """Take the track at an index (from 0); one that is there already is replaced."""
        with self._changing(session):
            draft = self._found(session)
            if not 0 <= index < draft.track_count:
                message = f"Session {session!r} has no index {index}."
                raise OptionError(message, hint=f"It was begun with 0 to {draft.track_count - 1}.")
            check_name("track id", track.id)
            for at, other in draft.tracks.items():
                if other.id == track.id and at != str(index):
                    message = f"Tracks {at} and {index} have the same id {track.id!r}."
                    raise SessionError(message, hint="Give each its own.", code="AMA-202")
            check_file(track.path)
            tracks = draft.tracks | {str(index): track}
            self._drafts[session] = replace(draft, tracks=tracks, committed=False)

    def add_reference(self, session: str, reference: Reference) -> None:
        """Take a reference track, or a section of one; naming it twice counts once."""
        with self._changing(session):
            draft = self._found(session)
            check_file(reference.path, or_folder=True)
            references = tuple(dict.fromkeys((*draft.references, reference)))
            self._drafts[session] = replace(draft, references=references, committed=False)

    def drop_reference(self, session: str, reference: Reference) -> None:
        """Take a reference out again; `OptionError` where the session has none of that path and section."""
        with self._changing(session):
            draft = self._found(session)
            if reference not in draft.references:
                message = f"{reference} is no reference of session {session!r}."
                known = ", ".join(map(str, draft.references)) or "none"
                raise OptionError(message, hint=f"It has: {known}.")
            references = tuple(each for each in draft.references if each != reference)
            self._drafts[session] = replace(draft, references=references, committed=False)

    def set_mix(self, session: str, path: Path | None) -> None:
        """Take the mix as it is now, or with None take it out."""
        with self._changing(session):
            draft = self._found(session)
            if path is not None:
                check_file(path)
            self._drafts[session] = replace(draft, mix=path, committed=False)

    def lock(self, session: str, track_id: str, *, locked: bool) -> None:
        """Leave a track as it is from now on, or free it; `SessionError` (AMA-203) where the session has none of that id."""
        with self._changing(session):
            draft = self._found(session)
            known = [track.id for track in draft.in_order()]
            if track_id not in known:
                message = f"There is no track {track_id!r} in session {session!r}."
                raise SessionError(message, hint=f"It has: {', '.join(known)}.", code="AMA-203")
            others = tuple(each for each in draft.locked if each != track_id)
            draft = replace(draft, locked=(*others, track_id) if locked else others)
            if draft.committed:
                self._keep(draft)
            else:
                self._drafts[session] = draft

    def commit(self, session: str) -> Draft:
        """Keep a session and return it; `SessionError` (AMA-204) names the missing indices."""
        with self._changing(session):
            draft = self._found(session)
            missing = draft.missing()
            if missing:
                message = f"Session {session!r} misses the tracks {', '.join(map(str, missing))}."
                hint = "Send them, then commit again."
                raise SessionError(message, hint=hint, code="AMA-204")
            return self._keep(replace(draft, committed=True))

    def open(self, draft: Draft) -> None:
        """Keep a session that was opened from a folder, in place of one of the same name."""
        check_session(
            draft.name, sample_rate_hz=draft.sample_rate_hz, track_count=draft.track_count
        )
        with self._changing(draft.name):
            self._keep(draft)

    def remove(self, session: str) -> Draft:
        """Forget a session and return what it was; `SessionError` (AMA-205) where there is none of that name."""
        with self._changing(session):
            draft = self._found(session)
            self._store.remove_draft(session)
            del self._drafts[session]
        return draft

    def take_export(self, draft: Draft) -> Draft:
        """Keep what a DAW exported, in place of the session of the same name, whose references and locked tracks stay; return it."""
        with self._lock:
            before = self._drafts.get(draft.name)
        if before:
            draft = replace(draft, references=before.references, locked=before.locked)
        self.open(draft)
        return draft

    def renew(self, draft: Draft, session: Session) -> None:
        """Take what was found when an opened session was read anew, unless it was changed meanwhile."""
        with self._lock:
            if self._drafts.get(draft.name) != draft or draft.in_order() == session.tracks:
                return
            self._keep(with_tracks(draft, session))
        self._on_change(draft.name)

    def draft(self, session: str) -> Draft:
        """Return a session as far as it has come; `SessionError` (AMA-205) where there is none of that name."""
        with self._lock:
            return self._found(session)

    def committed(self, session: str) -> Draft:
        """Return a session that is whole; `SessionError` (AMA-204) where it is not committed."""
        draft = self.draft(session)
        if draft.committed:
            return draft
        message = f"Session {session!r} is not committed."
        raise SessionError(message, hint="Send session/commit first.", code="AMA-204")

    def drafts(self) -> tuple[Draft, ...]:
        """Return all sessions."""
        with self._lock:
            return tuple(self._drafts.values())

    @contextmanager
    def _changing(self, session: str) -> Iterator[None]:
        with self._lock:
            yield
        self._on_change(session)

    def _found(self, session: str) -> Draft:
        if session in self._drafts:
            return self._drafts[session]
        message = f"There is no session {session!r}."
        raise SessionError(message, hint="Send session/begin first.", code="AMA-205")

    def _keep(self, draft: Draft) -> Draft:
        self._store.keep_draft(draft)
        self._drafts[draft.name] = draft
        return draft


def with_tracks(draft: Draft, session: Session) -> Draft:
    """Return a draft with the tracks that a look into its folder has found."""
    return replace(
        draft,
        sample_rate_hz=session.sample_rate_hz,
        track_count=len(session.tracks),
        tracks={str(at): track for at, track in enumerate(session.tracks)},
    )
