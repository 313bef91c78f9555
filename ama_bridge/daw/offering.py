"""A plan on its way to a DAW: which suggestions count, what its dialog offers, and what had to be skipped, each with its reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

from ama_analysis.plan import MASTER, MixPlan, Sidechain, Suggestion
from ama_bridge.daw.documents import AskedStrip, Offered
from ama_bridge.daw.labels import offer_of
from ama_bridge.daw.port import Skipped
from ama_bridge.daw.repeats import set_anew

StripT = TypeVar("StripT", bound=AskedStrip)


class Offering:
    """Of each suggestion it is told once: offered or skipped. `by_name` where the tracks' ids are not the DAW's, `daw` as people write it."""

    def __init__(self, plan: MixPlan, *, ticked: Collection[str], daw: str, by_name: bool) -> None:
        """Take the plan, and the suggestions whose boxes are ticked at first; what does not count is skipped now."""
        self.offered: list[Offered] = []
        self.skipped: list[Skipped] = []
        self.by_name = by_name
        self._session, self._ticked, self._daw = plan.session, ticked, daw
        self.suggestions = tuple(self._counting(plan))

    def _counting(self, plan: MixPlan) -> Iterator[Suggestion]:
        """Yield what is for a track of the session and is not set anew by a later suggestion."""
        anew = set_anew(plan.suggestions)
        known = {MASTER, *(track.id for track in plan.session.tracks)}
        for suggestion in plan.suggestions:
            if suggestion.track not in known:
                self.skip(suggestion, f"the session has no track {suggestion.track}")
            elif suggestion.id in anew:
                self.skip(suggestion, anew[suggestion.id])
            else:
                yield suggestion

    def skip(self, suggestion: Suggestion, reason: str) -> None:
        """Leave a suggestion out."""
        self.skipped.append(Skipped(suggestion=suggestion.id, reason=reason))

    def offer(self, suggestion: Suggestion, track_name: str, note: str) -> None:
        """Show a suggestion, with what is to be said of it in this DAW (a clause, or nothing)."""
        said = f"In {self._daw}: {note}." if note else ""
        ticked = suggestion.id in self._ticked
        self.offered.append(offer_of(suggestion, self._session, track_name, said, ticked=ticked))

    def of_track(self, track_id: str) -> list[Suggestion]:
        """Return the suggestions for a track, or the master, in the audition's order."""
        from ama_analysis.render.plugins import in_order

        mine = [s for s in self.suggestions if s.track == track_id]
        order = {id(action): nth for nth, action in enumerate(in_order(s.action for s in mine))}
        return sorted(mine, key=lambda s: order[id(s.action)])

    def heard(self) -> tuple[str, ...]:
        """Return the strips that the plan heard without AMA's plugins; of stems from anywhere nobody knows what is in them."""
        return () if self.by_name else (*(t.id for t in self._session.tracks), MASTER)

    def asked(self, strips: Iterable[StripT]) -> tuple[StripT, ...]:
        """Return the strips of which something is asked, or to which something listens."""
        actions = (s.action for s in self.suggestions)
        triggers = {action.trigger for action in actions if isinstance(action, Sidechain)}
        return tuple(s for s in strips if s.controls or s.inserts or s.track in triggers)
