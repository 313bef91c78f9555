"""From what a service was told of a session to the session itself: after a look into its files, with faders and pans as they stand in its DAW now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ama_analysis.session import Session
from ama_bridge.daw.port import Daw
from ama_bridge.daw.session_files import session_beside, told_beside
from ama_bridge.service.analyst import Analyst
from ama_bridge.service.live import LiveMoves
from ama_bridge.service.opening import read_again
from ama_bridge.service.session_book import SessionBook
from ama_bridge.store import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Completing:
    """Looks into sessions; any thread may call it."""

    analyst: Analyst
    sessions: SessionBook
    daws: Mapping[str, Daw]
    live: LiveMoves
    stems_dir: Path

    def follow(self, draft: Draft) -> None:
        """Hear from now on what is moved in the DAW that a session was told from; one that was opened from disk is read from there."""
        daw = self.daws.get(draft.daw)
        if daw is not None and daw.asks and not draft.with_faders and draft.folder is None:
            self.live.follow(daw)

    def standing(self, draft: Draft) -> Draft:
        """Return what is known of a session with its faders where they stand in its DAW, as far as that has told; waits for nothing."""
        if draft.with_faders:
            return draft
        found = self.live.known_over(draft.daw, draft.name, draft.in_order())
        return replace(draft, tracks=dict(zip(sorted(draft.tracks, key=int), found, strict=True)))

    def session(self, draft: Draft) -> Session:
        """Return the session, with what is locked in it; errors as `opened_session` and `complete_session`."""
        session = self._found(draft)
        return session.with_locked([t.id for t in session.tracks if t.id in draft.locked])

    def _found(self, draft: Draft) -> Session:
        if draft.folder is not None:
            session = read_again(draft, draft.folder, stems_dir=self.stems_dir)
            self.sessions.renew(draft, session)
            return session
        tracks = draft.in_order()
        if draft.with_faders:
            found = session_beside(
                tracks, self.stems_dir, references=draft.references, mix=draft.mix
            )
            if found is not None:
                return replace(found, name=draft.name)
        session = self.analyst.complete_session(
            draft.name,
            tracks if draft.with_faders else self.live.over(draft.daw, draft.name, tracks),
            sample_rate_hz=draft.sample_rate_hz,
            references=draft.references,
            mix=draft.mix,
        )
        session = replace(session, warnings=(*told_beside(tracks), *session.warnings))
        daw = self.daws.get(draft.daw)
        return session if daw is None else daw.heard(session)
